"""Cases: questions that a part may be asked, many of them, and all small.

    grant_vote       every pair of logs with ends up to 3@2, every vote, an older term
    append_entries   every log of three entries in terms 1 and 2, and every message that fits one
    advance_commit   every way in which three members can hold three entries; some of four and five
    apply            every command, with and without conditions, on a key that is there or is not
    wal              records of all lengths modulo 8; every small batch; logs that are whole, cut
                     anywhere, or flipped

A run asks what comes up. A question that only an unlucky run in a million asks is found here, where
all small ones are asked. (Most mistakes show in small cases: the small scope hypothesis, Jackson,
"Software Abstractions", 2006.)

Next page: `divergence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from learnetcd.own import reference
from learnetcd.own.parts import Question
from learnetcd.own.values import (
    AppendRequest,
    Command,
    Entry,
    Follower,
    HardState,
    Key,
    Leader,
    Record,
    Voter,
    VoteRequest,
    crc32c,
)

TERMS = ((), (1,), (1, 1), (1, 2), (2, 2), (1, 1, 1), (1, 1, 2), (1, 2, 2), (2, 2, 2))
"""The terms of the entries of small logs."""


def log_of(terms: tuple[int, ...], first: int = 1) -> tuple[Entry, ...]:
    """Entries of these terms."""
    return tuple(Entry(first + place, term) for place, term in enumerate(terms))


def votes() -> Iterator[Question]:
    """Term 3: who voted for whom, and whose log ends where."""
    ends = [(0, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)]
    for own, theirs, voted_for in product(ends, ends, (0, 1, 2)):
        yield Voter(3, voted_for, *own), VoteRequest(3, 1, *theirs)
    yield Voter(3, 0, 0, 0), VoteRequest(2, 1, 3, 2)


def appends() -> Iterator[Question]:
    """A follower in term 2 with any small log, and messages of a leader with any small log."""
    for own, theirs in product(TERMS, TERMS):
        log, leaders = log_of(own), log_of(theirs)
        same = next((i for i, (a, b) in enumerate(zip(own, theirs, strict=False)) if a != b), 9)
        agreed = min(same, len(own), len(theirs))
        for commit, previous in product(range(agreed + 1), range(len(leaders) + 1)):
            if previous < commit:
                continue  # nothing up to the commit index is ever in question
            previous_term = leaders[previous - 1].term if previous else 0
            for end in range(previous, len(leaders) + 1):
                for leaders_commit in {commit, end, len(leaders)}:
                    request = AppendRequest(
                        2, previous, previous_term, leaders[previous:end], leaders_commit
                    )
                    yield Follower(2, log, commit), request
    yield Follower(2, log_of((1,)), 0), AppendRequest(1, 1, 1, (), 1)


def commits() -> Iterator[Question]:
    """A leader of term 2, and what each member holds."""
    for terms in ((1, 1, 2), (1, 2, 2), (2, 2, 2), (1, 1, 1)):
        log = log_of(terms)
        for held in product(range(4), repeat=3):
            for commit in {0, min(1, sorted(held)[1])}:
                yield (Leader(2, log, commit, dict(zip((1, 2, 3), held, strict=True))),)
        for held in [(3, 3, 0, 0), (3, 3, 3, 0), (3, 3, 0, 0, 0), (3, 2, 2, 1, 1), (3, 3, 3, 0, 0)]:
            yield (Leader(2, log, 0, dict(enumerate(held, 1))),)
    yield (Leader(2, log_of((2,)), 0, {1: 1}),)


def commands() -> Iterator[Question]:
    """All that can be asked of a key."""
    actions = ("set", "create", "update", "delete")
    for there in (None, Key("a", 3), Key("b", 4)):
        for action in actions:
            yield there, Command(action, "/x", "" if action == "delete" else "new")
        for prev_value, prev_index in product(("", "a", "b"), (0, 3, 4)):
            if prev_value or prev_index:
                yield there, Command("compareAndSwap", "/x", "new", prev_value, prev_index)
                yield there, Command("compareAndDelete", "/x", "", prev_value, prev_index)


def batches() -> Iterator[Question]:
    """Every change of a state, with entries and without."""
    states = [HardState(*numbers) for numbers in product((1, 2), (0, 1, 2), (0, 3))]
    for before, after in product(states, states):
        if before.term <= after.term:
            yield before, after, ()
            yield before, after, log_of((2,), first=4)


def records() -> Iterator[Question]:
    """Records of all lengths modulo 8."""
    for size in (*range(1, 18), 120, 200, 300):
        yield Record(2 if size % 2 else 3, bytes(range(1, 1 + size % 200)) or b"x" * size), 0
        yield Record(5, b"z" * size), 0x1F03314E


def logs() -> Iterator[Question]:
    """A log that is whole, that ends in zeros, that is cut anywhere, that has a wrong byte."""
    log, running = b"", 0
    data: list[int] = []
    for size in (3, 8, 13):
        record = Record(2, bytes([size]) * size)
        log += reference.write_record(record, running)
        running = crc32c.extend(running, record.data)
        last = log.rindex(record.data)
        data += range(last, last + size)
    yield (b"",)
    yield (log,)
    yield (log + bytes(64),)
    for end in range(len(log)):
        yield (log[:end],)
        yield (log[:end] + bytes(len(log) - end + 8),)
    for place in data:
        yield (log[:place] + bytes([log[place] ^ 0x40]) + log[place + 1 :],)


CASES: dict[str, Callable[[], Iterator[Question]]] = {
    "grant_vote": votes,
    "append_entries": appends,
    "advance_commit": commits,
    "apply": commands,
    "write_record": records,
    "must_sync": batches,
    "read_log": logs,
}
"""The questions for each function."""


# -- what a lesson leaves for later --------------------------------------------------------------


def has_conflict(name: str, question: Question) -> bool:
    """Whether a follower has another entry where a new one, or the previous one, is to be."""
    if name != "append_entries":
        return False
    follower, request = question
    terms = {entry.index: entry.term for entry in request.entries}
    terms[request.previous_index] = request.previous_term
    return any(terms.get(entry.index, entry.term) != entry.term for entry in follower.log)


def is_late(name: str, question: Question) -> bool:
    """Whether a message brings what is behind the end of the follower's log, or what is there."""
    if name != "append_entries":
        return False
    follower: Follower
    request: AppendRequest
    follower, request = question
    return request.previous_index != len(follower.log)


LATER: dict[str, Callable[[str, Question], bool]] = {"conflicts": has_conflict, "late": is_late}
"""Kinds of questions that a lesson may leave out, by name."""
