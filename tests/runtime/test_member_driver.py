"""The driver: what it promises, in which order it does things, and when it gives up."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import trio
import trio.testing

from learnetcd.disk import storage
from learnetcd.disk.errors import DiskFailed
from learnetcd.disk.memory_files import Fault, MemoryFiles
from learnetcd.member import bootstrap
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.effects import Effect, SaveSnapshot, WriteWal
from learnetcd.member.inputs import (
    ApplyDue,
    Input,
    RequestCancelled,
    RequestSubmitted,
    SnapshotSaved,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Answer, KeyRequest, Method, Outcome, WatchRequest
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import NO_MEMBER, Snapshot
from learnetcd.runtime.gates import Gates
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.wire.etcdserverpb import Metadata

ALONE = ClusterMember(7, "infra0", ("http://127.0.0.1:2380",))
CONFIG = replace(PROFILES["etcd-3.3"], tick_ms=10, request_timeout_ms=10_000)
PUT = KeyRequest(Method.PUT, "/x", "1")
GET = KeyRequest(Method.GET, "/x")


class Witness:
    """A client who remembers what it was told."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.events: list[Any] = []

    def replied(self, answer: Answer) -> None:
        self.answers.append(answer)

    def notified(self, event: Any, done: bool) -> None:
        self.events.append((event, done))


class Driven:
    """A member alone, on files in memory."""

    def __init__(self, files: MemoryFiles, **knobs: Any) -> None:
        self.files = files
        self.inputs: list[Input] = []
        self.gates = Gates()
        if files.exists("data/member/wal"):
            self.storage, stored = storage.open_storage(files, "data", 1 << 16)
        else:
            stored = bootstrap.first_stored([ALONE])
            self.storage = storage.create(files, "data", Metadata(ALONE.id, 1), 1 << 16)
            self.storage.write(stored.entries, stored.hard_state)
            self.storage.sync()
        member = Member(ALONE.id, replace(CONFIG, **knobs), stored, seed=1)
        self.driver = MemberDriver(
            member,
            self.storage,
            request_ids=count(1),
            gates=self.gates,
            observer=self.inputs.append,
        )

    def submit(self, request: Any) -> Witness:
        witness = Witness()
        self.driver.submit(self.driver.next_request_id(), request, witness)
        return witness

    def kinds(self) -> list[type]:
        return [type(one) for one in self.inputs]


def knows_a_leader(member: Member) -> bool:
    return member.raft.leader != NO_MEMBER


async def settled() -> None:
    """Let threads and tasks do what they can do."""
    for _ in range(3):
        await trio.sleep(0.02)


async def answered(witness: Witness) -> Answer:
    with trio.fail_after(10):
        while True:
            if witness.answers:
                return witness.answers[0]
            await trio.sleep(0.002)


def run(
    test: Callable[[Driven], Awaitable[None]], files: MemoryFiles | None = None, **knobs: Any
) -> Driven:
    """Run a test beside a member that leads."""

    async def beside() -> Driven:
        driven = Driven(files or MemoryFiles(), **knobs)
        async with trio.open_nursery() as nursery:
            begun = trio.Event()
            nursery.start_soon(driven.driver.run, begun)
            await begun.wait()
            await driven.driver.until(knows_a_leader)
            await answered(driven.submit(replace(PUT, path="/first")))
            await test(driven)
            nursery.cancel_scope.cancel()
        driven.storage.close()
        return driven

    return trio.run(beside)


@contextmanager
def held(gate: Any) -> Iterator[None]:
    gate.hold()
    yield
    gate.release()


# -- what is promised --------------------------------------------------------------------------


def test_a_member_alone_leads_before_anybody_has_time_to_ask():
    async def test(driven: Driven) -> None:
        assert driven.driver.member.raft.leader == ALONE.id
        assert TimerFired not in driven.kinds()[: driven.kinds().index(RequestSubmitted)]

    run(test)


def test_the_wall_clock_is_the_first_thing_that_a_member_is_told():
    async def test(driven: Driven) -> None:
        assert driven.kinds()[0] is WallClockRead
        assert driven.kinds().count(WallClockRead) == 1

    run(test)


def test_a_write_is_answered_after_its_sync_and_survives_a_power_cut():
    async def test(driven: Driven) -> None:
        driven.gates.synced.hold()
        witness = driven.submit(PUT)
        await settled()
        assert witness.answers == []
        driven.gates.synced.release()
        assert (await answered(witness)).outcome is Outcome.DONE

    files = run(test).files.after_power_cut(lambda: False)

    async def read(driven: Driven) -> None:
        answer = await driven.driver.ask(GET)
        assert answer.event is not None
        assert answer.event.node.value == "1"

    run(read, files)


def test_writes_that_come_together_share_a_sync():
    async def test(driven: Driven) -> None:
        before = len([call for call in driven.files.calls if call.startswith("sync")])
        witnesses = [driven.submit(PUT) for _ in range(50)]
        for witness in witnesses:
            await answered(witness)
        after = len([call for call in driven.files.calls if call.startswith("sync")])
        assert 1 <= after - before <= 3

    run(test)


def test_who_shared_a_sync_is_answered_in_one_round():
    """One by one, each answer would wake its client, and the processor that it sleeps on."""

    async def test(driven: Driven) -> None:
        told: list[int] = []
        witnesses: list[Witness] = []

        def in_a_round(action: Callable[[], None]) -> None:
            before = sum(len(one.answers) for one in witnesses)
            action()
            told.append(sum(len(one.answers) for one in witnesses) - before)

        driven.driver.in_a_round = in_a_round
        driven.gates.synced.hold()
        witnesses += [driven.submit(PUT)]
        await settled()
        witnesses += [driven.submit(PUT) for _ in range(3)]
        driven.gates.synced.release()
        await answered(witnesses[-1])
        assert [number for number in told if number] == [1, 3]

    run(test)


def test_a_local_read_is_answered_before_submit_returns():
    async def test(driven: Driven) -> None:
        assert driven.submit(GET).answers

    run(test)


def test_a_watcher_is_told_and_then_forgotten():
    async def test(driven: Driven) -> None:
        watcher = driven.submit(WatchRequest("/x"))
        assert [answer.outcome for answer in watcher.answers] == [Outcome.WAITING]
        await answered(driven.submit(PUT))
        await answered(driven.submit(PUT))
        assert [(event.node.value, done) for event, done in watcher.events] == [("1", True)]

    run(test)


def test_who_went_away_is_not_told():
    async def test(driven: Driven) -> None:
        driver, watcher = driven.driver, Witness()
        request_id = driver.next_request_id()
        driver.submit(request_id, WatchRequest("/x"), watcher)
        driver.cancel(request_id)
        await answered(driven.submit(PUT))
        assert watcher.events == []
        assert driven.inputs.count(RequestCancelled(driven.inputs[-1].at, request_id)) <= 1
        assert RequestCancelled in driven.kinds()

    run(test)


def test_who_has_less_patience_than_the_member_is_told_that_nobody_knows():
    async def test(driven: Driven) -> None:
        with held(driven.gates.synced):
            witness = Witness()
            driven.driver.submit(driven.driver.next_request_id(), PUT, witness, patience_ms=20)
            answer = await answered(witness)
            assert answer.outcome is Outcome.UNKNOWN
        await settled()
        assert len(witness.answers) == 1

    run(test)


def test_a_snapshot_counts_when_it_is_on_the_disk():
    async def test(driven: Driven) -> None:
        for _ in range(12):
            await answered(driven.submit(PUT))
        with trio.fail_after(10):
            while True:
                if SnapshotSaved in driven.kinds():
                    break
                await trio.sleep(0.01)
        assert driven.storage.newest_snapshot.index > 10

    run(test, snapshot_entries=10, keep_entries=2)


def test_snapshots_are_saved_one_at_a_time_and_nothing_overtakes_one_that_waits():
    """The leader may send one while the member's own is on its way to the disk."""
    own, the_leaders = (Snapshot(index, 1, Configuration(())) for index in (5, 9))
    done: list[str] = []
    may_end = threading.Event()

    def save(snapshot: Snapshot) -> None:
        done.append(f"{snapshot.index} begins")
        if snapshot is own:
            assert may_end.wait(10)
        done.append(f"{snapshot.index} ends")

    async def test(driven: Driven) -> None:
        driven.storage.save_snapshot = save
        driven.storage.write = lambda entries, state: done.append("written")
        line: list[Effect] = [
            SaveSnapshot(own, True),
            SaveSnapshot(the_leaders, False),
            WriteWal((), None),
        ]
        driven.driver._line.extend(line)
        driven.driver._carry_out()
        await settled()
        assert done == ["5 begins"]
        may_end.set()
        await settled()
        assert done == ["5 begins", "5 ends", "9 begins", "9 ends", "written"]

    run(test)


# -- gates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "last_input"),
    [
        ("received", None),
        ("proposed", RequestSubmitted),
        ("written", RequestSubmitted),
        ("synced", RequestSubmitted),
        ("committed", WalSynced),
        ("applied", ApplyDue),
    ],
)
def test_a_write_waits_at_each_gate_that_is_held(gate: str, last_input: type | None):
    async def test(driven: Driven) -> None:
        seen = len(driven.inputs)
        with held(getattr(driven.gates, gate)):
            witness = driven.submit(PUT)
            await settled()
            assert witness.answers == []
            kinds = [kind for kind in driven.kinds()[seen:] if kind is not TimerFired]
            assert (kinds[-1] if kinds else None) is last_input
        assert (await answered(witness)).outcome is Outcome.DONE

    run(test)


def test_a_write_that_waited_for_the_disk_waits_at_the_gate_of_what_is_proposed():
    async def test(driven: Driven) -> None:
        with held(driven.gates.synced):
            first = driven.submit(PUT)
            await settled()
            second = driven.submit(replace(PUT, path="/second"))
            last_index = driven.driver.member.raft.log.last_index
            driven.gates.proposed.hold()
        await settled()
        assert driven.driver.member.raft.log.last_index == last_index + 1  # in memory ...
        assert driven.storage.wal.last_written == last_index  # ... and not on the disk
        assert second.answers == []
        driven.gates.proposed.release()
        assert (await answered(first)).outcome is Outcome.DONE
        assert (await answered(second)).outcome is Outcome.DONE

    run(test, hold_proposals=True)


def test_an_open_gate_makes_no_difference_to_what_a_member_is_told():
    async def test(driven: Driven) -> None:
        witness = driven.submit(PUT)
        await answered(witness)
        kinds = [kind for kind in driven.kinds() if kind is not TimerFired]
        assert kinds[-3:] == [RequestSubmitted, WalSynced, ApplyDue]

    run(test)


# -- a disk that fails -------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.NO_SPACE])
def test_a_disk_that_fails_ends_the_member_and_nobody_is_told_that_it_was_done(fault: Fault):
    async def test() -> tuple[Driven, list[Witness]]:
        driven = Driven(MemoryFiles())
        begun = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(driven.driver.run, begun)
            await driven.driver.until(knows_a_leader)
            await answered(driven.submit(PUT))
            await settled()
            for call in range(1, 4):
                driven.files.faults[len(driven.files.calls) + call - 1] = fault
            witness = driven.submit(PUT)
        late = driven.submit(GET)
        driven.storage.close()
        return driven, [witness, late]

    driven, witnesses = trio.run(test)
    assert isinstance(driven.driver.failure, DiskFailed)
    assert [witness.answers for witness in witnesses] == [[], []]


def test_a_mistake_of_the_member_ends_it_too():
    async def test() -> Driven:
        driven = Driven(MemoryFiles())
        async with trio.open_nursery() as nursery:
            begun = trio.Event()
            nursery.start_soon(driven.driver.run, begun)
            await driven.driver.until(knows_a_leader)
            await answered(driven.submit(PUT))
            driven.driver.feed("no input")  # type: ignore[arg-type]
        driven.storage.close()
        return driven

    assert isinstance(trio.run(test).driver.failure, AttributeError)
