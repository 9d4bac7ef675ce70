"""The faults: what happens to the cluster, one thing after the other.

Each is a function that breaks something, waits, and mends it. Afterwards all members run and answer
again, before the next one comes. Every second one is the end of a leader by SIGKILL, because that
is what a cluster is for.

This is not what a power cut does: who is killed loses nothing that it has written, synced or not;
so a torn end is put behind the log by hand. The power is cut in `learnetcd check crashes`.

Next page: `order`.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import trio

from learnetcd.disk.directory import Directory, segments
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.record import RecordType, packed, sealed, unpacked
from learnetcd.disk.tail import SECTOR
from learnetcd.survival.faulty_files import DiskFault
from learnetcd.survival.members import ELECTION_MS, PATIENCE_S, Finding, Members, Survivor, until
from learnetcd.survival.network import Network

ELECTION_S = ELECTION_MS / 1000
LASTING_S = 3.0
"""How long a fault lasts that is not over by itself."""
CALM_S = 1.5
"""How long all is well between two faults: clients need something to lose."""


@dataclass(slots=True)
class Trial:
    """What can be broken, and how often it was."""

    members: Members
    network: Network
    chance: Random
    writes: Callable[[], int]
    """How many writes were acknowledged so far."""
    leader_kills: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """How often each fault happened."""
    _waiting: list[Fault] = field(default_factory=list)

    def next_fault(self) -> Fault:
        """One of the others: each of them once, before any of them comes again."""
        if not self._waiting:
            self._waiting = [*OTHERS]
            self.chance.shuffle(self._waiting)
        return self._waiting.pop()

    def anybody(self) -> Survivor:
        """One of the members."""
        return self.chance.choice(self.members.all)

    def one_of_ours(self) -> Survivor:
        """One whose disk we can break."""
        return self.chance.choice([one for one in self.members.all if one.faults is not None])

    async def until_somebody_writes(self) -> None:
        """Wait until the cluster acknowledges a write again."""
        before = self.writes()
        if not await until(lambda: self.writes() > before):
            raise Finding(f"no write was acknowledged for {PATIENCE_S} s, with a majority there")


Fault = Callable[[Trial], Awaitable[None]]


async def break_and_mend(trial: Trial, fault: Fault) -> None:
    """One fault, from its begin until all is well again."""
    name = fault.__name__.replace("_", " ")
    trial.counts[name] = trial.counts.get(name, 0) + 1
    await fault(trial)
    trial.network.heal()
    for one in trial.members.all:
        one.cure()
    await trial.members.start()
    await trial.until_somebody_writes()
    await trio.sleep(CALM_S)


# --- processes ----------------------------------------------------------------------------------


async def kill_the_leader(trial: Trial) -> None:
    """SIGKILL, and the others must go on without it."""
    leader = await trial.members.leader()
    await leader.end()
    trial.leader_kills += 1
    await trial.until_somebody_writes()


async def kill_anybody(trial: Trial) -> None:
    """SIGKILL, and back at once."""
    await trial.anybody().end()


async def kill_all(trial: Trial) -> None:
    """Nobody is left who could remember: only the disks."""
    for one in trial.members.all:
        one.send(signal.SIGKILL)
    for one in trial.members.all:
        await one.end()


async def restart_gently(trial: Trial) -> None:
    """SIGTERM: a leader hands over first."""
    await trial.anybody().end(signal.SIGTERM)


async def freeze_the_leader(trial: Trial) -> None:
    """When it goes on, it believes to lead, until somebody tells it."""
    await freeze(trial, await trial.members.leader())


async def freeze_anybody(trial: Trial) -> None:
    """It takes nothing off its connections, and that must hold up nobody else."""
    await freeze(trial, trial.anybody())


async def freeze(trial: Trial, one: Survivor) -> None:
    """SIGSTOP for longer than anybody waits for a leader."""
    one.send(signal.SIGSTOP)
    await trio.sleep(trial.chance.uniform(2, 3) * ELECTION_S)
    one.send(signal.SIGCONT)


# --- the network --------------------------------------------------------------------------------


async def cut_off_the_leader(trial: Trial) -> None:
    """It is alone; the others are enough."""
    leader = await trial.members.leader()
    for one in trial.members.all:
        if one is not leader:
            trial.network.cut_between(leader.name, one.name)
    await trial.until_somebody_writes()
    await trio.sleep(2 * ELECTION_S)


async def cut_one_way(trial: Trial) -> None:
    """The leader is heard by nobody, or hears nobody; or one member does not hear one other."""
    leader = await trial.members.leader()
    others = [one for one in trial.members.all if one is not leader]
    for other in others if trial.chance.random() < 0.7 else others[:1]:
        ends = [leader.name, other.name]
        trial.chance.shuffle(ends)
        trial.network.ways[ends[0], ends[1]].cut()
    await trio.sleep(trial.chance.uniform(1, 3) * ELECTION_S)


async def slow_network(trial: Trial) -> None:
    """Heartbeats come late, some of them too late."""
    for way in trial.network.ways.values():
        way.delay_s = trial.chance.uniform(0.0, 0.15)
    await trio.sleep(LASTING_S)


async def lossy_network(trial: Trial) -> None:
    """Connections break, and what was on them is gone."""
    for way in trial.network.ways.values():
        way.loss = 0.05
    await trio.sleep(LASTING_S)


# --- disks --------------------------------------------------------------------------------------


async def full_disk(trial: Trial) -> None:
    """A member that can't write must not go on as if it had."""
    await a_disk_that_fails(trial, DiskFault.FULL)


async def failing_sync(trial: Trial) -> None:
    """After a failed sync nobody knows what is on the disk."""
    await a_disk_that_fails(trial, DiskFault.FAILING_SYNC)


async def a_disk_that_fails(trial: Trial, fault: DiskFault) -> None:
    """The member ends with a sentence, and starts again when the disk is well."""
    one = trial.one_of_ours()
    one.give(fault)
    await one.ended_by_its_disk()


async def slow_disk(trial: Trial) -> None:
    """Nothing is wrong, but it takes its time."""
    trial.one_of_ours().give(DiskFault.SLOW)
    await trio.sleep(LASTING_S)


async def torn_end(trial: Trial) -> None:
    """A crash has cut off the last record in the middle: nobody was promised anything about it."""
    one = trial.one_of_ours()
    await one.end()
    tear(one)


def tear(one: Survivor) -> None:
    """Put the first sectors of a record behind the log of a member that does not run."""
    files = RealFiles()
    directory = Directory(str(one.data), "")
    path = segments(files, directory)[-1]
    log = files.open(f"{directory.wal}/{path}")
    try:
        end = end_of_records(log.read(0, log.size()))
        record = packed(sealed(RecordType.ENTRY, b"x" * (4 * SECTOR), 0))
        log.write(end, record[: SECTOR - end % SECTOR + SECTOR])
    finally:
        log.close()


def end_of_records(data: bytes) -> int:
    """Where the next record would be written."""
    end = 0
    while (found := unpacked(data, end)) is not None:
        end = found.end
    return end


OTHERS: tuple[Fault, ...] = (
    kill_anybody,
    kill_all,
    restart_gently,
    freeze_the_leader,
    freeze_anybody,
    cut_off_the_leader,
    cut_one_way,
    slow_network,
    lossy_network,
    full_disk,
    failing_sync,
    slow_disk,
    torn_end,
)
"""What happens between two ends of a leader."""
