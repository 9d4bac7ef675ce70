"""Crashes: the power fails at every single call of a life, and no promise is broken.

    point   the call that was not made any more     what the disk kept of the unsynced
      812   write wal/0...3-0...1f.wal               nothing
      813       "                                    everything
      814       "                                    every sector with a chance of 30 %, of names
                                                     the first so many changes

At each point another machine gets what the disk would hold. It must start from it, find one of the
moments that the ledger allows, and be able to go on: one more entry, one more power cut, and all
is there. A start that repairs something can be cut off as well.

A disk may also be full, or break, and a process may be killed while its machine goes on. So lives
are lived again in which one call is the end: a storage that has failed must refuse everything from
then on, and what it had promised must be found, after a power cut or by the next process on the
same machine, which also sees bytes that the disk never got.

Not one of the files must be refused after a mere crash, and `db` must be good enough for etcd.

All follows from the seed of the life: a seed and the number of a point are a bug report.

Source: Zheng and others, Torturing Databases for Fun and Profit (OSDI 2014); Pillai and others, All
File Systems Are Not Created Equal (OSDI 2014), for what a disk may keep.
Next page: `beginnings`, of the search.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from learnetcd.checking.ledger import NOTHING, is_same
from learnetcd.checking.lives import ME, ROOT, Life
from learnetcd.checking.plans import Chance
from learnetcd.disk import backend
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import DiskFailed
from learnetcd.disk.memory_files import Fault, Keeps, MemoryFiles, PowerFailed
from learnetcd.disk.recovery import is_new, recover
from learnetcd.disk.storage import Storage, create, open_storage
from learnetcd.errors import UserError
from learnetcd.raft.entry import Entry, HardState, Stored

CRASHING = 904
"""Where the draws begin."""

SHARES = (10, 30, 50, 70, 90, 97)
"""Per cent of the unsynced sectors that a disk may have kept."""

WAYS_BY_CHANCE = 3
"""So many ways of the disk at each call, besides all and nothing."""

LIVES = 20
"""So often a life is lived again, up to a call that goes wrong."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A crash after which something is wrong."""

    seed: int
    point: int
    call: str
    """What was not done any more."""
    sentence: str


class Lost(Exception):
    """The sentence of a loss."""


@dataclass(slots=True)
class Crashes:
    """All crashes of one life."""

    seed: int
    points: int = 0
    """How many were tried."""
    call: str = ""
    """The call at which the last one was."""
    loss: Loss | None = None

    def try_all(self) -> None:
        """Until one of them is a loss."""
        chance = Chance(self.seed, CRASHING)
        life = Life(self.seed)
        life.on_call = lambda words: self._crash(life, words, chance)
        try:
            life.go()
            for _ in range(LIVES):
                number = chance.below(len(life.files.calls))
                fault = chance.pick(list(Fault))
                self.call = f"{life.files.calls[number]} ({fault.value})"
                self._end(number, fault, chance)
        except Lost as lost:
            self.loss = Loss(self.seed, self.points, self.call, str(lost))
        except (UserError, AssertionError) as error:
            sentence = f"{type(error).__name__}: {error}"
            self.loss = Loss(self.seed, self.points, self.call, sentence)

    # --- a power cut -----------------------------------------------------------------------------

    def _crash(self, life: Life, call: str, chance: Chance) -> None:
        """The power fails now, in several ways."""
        self.call = call
        ways: list[Keeps] = [lambda: False, lambda: True]
        ways += [_by_chance(chance) for _ in range(WAYS_BY_CHANCE)]
        for keeps in ways:
            self.points += 1
            self._judge(life, life.files.after_power_cut(keeps), chance)

    def _judge(self, life: Life, left: MemoryFiles, chance: Chance) -> None:
        """Start from what is left, and from what a crash during that start leaves."""
        image = left.after_power_cut(lambda: True) if chance.one_in(10) else None
        calls = _start(life, left)
        if image is not None and calls:
            self.points += 1
            image.faults = {chance.below(calls): Fault.POWER}
            with suppress(PowerFailed):
                _opened(life, image)
            _start(life, image.after_power_cut(_by_chance(chance)))

    # --- an end at one call ----------------------------------------------------------------------

    def _end(self, number: int, fault: Fault, chance: Chance) -> None:
        """Live again, but one call goes wrong, and the process ends."""
        self.points += 1
        life = Life(self.seed)
        life.files.faults = {number: fault}
        try:
            life.go()
        except PowerFailed:
            pass
        except DiskFailed:
            if life.storage is not None:
                _refuses_everything(life)
        is_power_cut = chance.one_in(2)
        left = life.files.after_power_cut(_by_chance(chance)) if is_power_cut else life.files
        _start(life, left.process_killed())


def _by_chance(chance: Chance) -> Keeps:
    share = chance.pick(SHARES)
    return lambda: chance.below(100) < share


def _opened(life: Life, left: MemoryFiles) -> tuple[Storage, Stored]:
    """Open what a crash left; if that is nothing yet, begin anew."""
    if not is_new(left, Directory(ROOT)):
        return open_storage(left, ROOT, life.segment_bytes)
    if life.is_born:
        raise Lost("everything is gone")
    return create(left, ROOT, ME, life.segment_bytes), Stored(NOTHING)


def _start(life: Life, left: MemoryFiles) -> int:
    """Open it, compare, and see that one can go on with it. How many calls did the opening take?"""
    before, left.before_call = len(left.calls), lambda words: None
    path = Directory(ROOT).db
    db = left.read(path) if left.exists(path) else b""
    opened, stored = _opened(life, left)
    calls = len(left.calls) - before
    if not life.ledger.allows(stored):
        allowed = life.ledger.moments[life.ledger.acknowledged].stored()
        raise Lost(f"found is {_told(stored)}; acknowledged was {_told(allowed)}")
    reached = backend.index_of(db)
    if stored.snapshot.index and (reached is None or reached < stored.snapshot.index):
        raise Lost(f"etcd wants a `db` that is at {stored.snapshot.index}, and not at {reached}")
    index = stored.snapshot.index + len(stored.entries) + 1
    term = max([stored.hard_state.term, *(entry.term for entry in stored.entries)]) + 1
    more, state = Entry(index, term, b"more"), HardState(term, 1, stored.hard_state.commit_index)
    opened.write([more], state)
    opened.sync()
    opened.close()
    found = recover(left.after_power_cut(lambda: False), Directory(ROOT), life.segment_bytes).stored
    meant = Stored(stored.snapshot, state, (*stored.entries, more))
    if not is_same(found, meant):
        raise Lost(f"what came after the crash is gone: {_told(found)} and not {_told(meant)}")
    return calls


def _refuses_everything(life: Life) -> None:
    """After a failure nothing is written any more, whoever asks for it."""
    storage, calls = life.storage, len(life.files.calls)
    assert storage is not None, "it was opened"
    asked: tuple[Callable[[], None], ...] = (
        lambda: storage.write([Entry(1, 1)]),
        storage.sync,
    )
    for ask in asked:
        try:
            ask()
        except DiskFailed:
            continue
        raise Lost("a storage that has failed goes on")
    if len(life.files.calls) != calls:
        raise Lost(f"a storage that has failed still asks for: {life.files.calls[calls:]}")


def _told(stored: Stored) -> str:
    last = stored.entries[-1] if stored.entries else "no entry"
    return f"snapshot {stored.snapshot.index}, then up to {last}, {stored.hard_state}"
