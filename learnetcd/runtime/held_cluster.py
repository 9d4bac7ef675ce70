"""A held cluster: several servers in one process, and somebody's hand on all that comes to them.

    cluster = HeldCluster(settings_of_all, seed=7)
    await cluster.run()                                  # in a nursery, until cancelled
    await cluster.start(1)                               # its ports are open, its files are there
    cluster.place(1).clock.set(1100)                     # time passes only so
    await cluster.let_timer_through(1)                   # S1 stands; its vote requests leave
    await cluster.let_message_through(2, vote_request)   # ... and wait at S2 until they may come in

The sockets, the files, the HTTP and the members are those of `learnetcd serve`. Only five gates of
each member are held: nothing that happens reaches a member (a message, a request, the end of a
sync, its timer, its turn to apply) unless it is let through. What a member does then, it does at
once: its messages travel, its bytes are written, its answers leave. So between two calls nothing
about any member changes, however long that is.

A proxy before the members is held by nobody: it is a program of the clients, and not of the
cluster. What it passes on waits where all waits that comes to members.

Left out: when to let through what. Whoever holds the gates decides that.

Next page: `reins`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from itertools import count

import trio
import trio.testing

from learnetcd.api.http import HttpRequest
from learnetcd.disk.directory import (
    Directory,
    SegmentName,
    SnapshotName,
    segments,
    snapshots,
)
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import is_new, recover
from learnetcd.disk.scan import SEGMENT_BYTES
from learnetcd.errors import UserError
from learnetcd.member import bootstrap, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.command import Command, decode_command
from learnetcd.member.inputs import (
    Input,
    PeerUnreachable,
    RequestCancelled,
    RequestSubmitted,
    SnapshotReported,
)
from learnetcd.member.request import Answer, Request
from learnetcd.peer import messages
from learnetcd.raft.entry import Stored
from learnetcd.raft.messages import InstallSnapshot, Message
from learnetcd.runtime import proxy as proxies
from learnetcd.runtime import server as servers
from learnetcd.runtime.clock import Clock
from learnetcd.runtime.data import is_first_start
from learnetcd.runtime.gates import Gate, Gates, Waiting
from learnetcd.runtime.held_tasks import TaskAtWork, tasks_below
from learnetcd.runtime.joining import Cluster
from learnetcd.runtime.log_tail import LogTail
from learnetcd.runtime.overhearing import Ear, Overheard
from learnetcd.runtime.proxy import Proxy
from learnetcd.runtime.recording import Start
from learnetcd.runtime.server import Birth, Server
from learnetcd.runtime.settings import Settings
from learnetcd.store.event import Event

PATIENCE_S = 10
"""What a disk or a socket of this machine may take at most."""
LOST_S = 2
"""A message that has not come after so long will not come."""
UNREACHABLE_S = 0.1
"""... and when its sender has heard that something could not be delivered there, or has died."""

Observer = Callable[[int, Input], None]
"""Told of each input: the member, and what it is about to be told."""


class HeldClock(Clock):
    """A clock that shows what somebody sets."""

    def __init__(self, wall_ms: int) -> None:
        """Begin at 0, which is this time of day."""
        super().__init__()
        self._now_ms = 0
        self._wall_at_0 = wall_ms
        self._moved = trio.Event()

    @property
    def now_ms(self) -> int:
        """What was set."""
        return self._now_ms

    @property
    def wall_ms(self) -> int:
        """It stands still with the other."""
        return self._wall_at_0 + self._now_ms

    def set(self, now_ms: int) -> None:
        """Let time pass until then."""
        if now_ms > self._now_ms:
            self._now_ms = now_ms
            self._moved.set()
            self._moved = trio.Event()

    async def sleep(self, ms: int) -> None:
        """Wait for a move of the clock: after each, whoever waits looks what time it is."""
        await self._moved.wait()


class Place:
    """Where one member lives: its files and ports, and the member itself while it runs."""

    def __init__(self, member_id: int, settings: Settings, wall_ms: int) -> None:
        """Nobody lives here yet."""
        self.member_id = member_id
        self.settings = settings
        self.clock = HeldClock(wall_ms)
        self.lives = 0
        """How often it was started."""
        self.gates = Gates()
        self.server: Server | None = None
        """None while it is dead."""
        self.failure: BaseException | None = None
        """Why it has ended, if it ended by itself."""
        self.is_ready = False
        """Whether it lets clients in: it has told the others where they find it."""
        self.log = LogTail()
        """What of its log was looked at."""
        self.task: trio.lowlevel.Task | None = None
        """The task above all its others, while it runs."""
        self.scope = trio.CancelScope()
        self.ended = trio.Event()

    @property
    def held_gates(self) -> tuple[Gate, ...]:
        """Those at which everything waits that comes to the member."""
        gates = self.gates
        return gates.due, gates.received, gates.synced, gates.delivered, gates.committed


class HeldCluster:
    """All members, and what waits at their gates."""

    def __init__(self, settings: Iterable[Settings], *, seed: int, wall_ms: int) -> None:
        """The members are called S1, S2 ..., and these numbers are their ids, too."""
        self.places = {
            number: Place(number, one, wall_ms) for number, one in enumerate(settings, start=1)
        }
        self.request_ids = count(1)
        self.observer: Observer = lambda member, input: None
        self.ear = Ear()
        """What clients said and were told."""
        self.proxy: Proxy | None = None
        """What stands before the members, if something does."""
        self._seed = seed
        self._files = RealFiles()
        self._nursery: trio.Nursery

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Let members live here, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    def count_requests_after(self, found: Iterable[Stored]) -> None:
        """Give no request a number that one in a log has: its answer would be for another."""
        used = [
            command.request_id
            for stored in found
            for entry in stored.entries
            if isinstance(entry.payload, bytes) and entry.payload
            for command in [decode_command(entry.payload)]
            if isinstance(command, Command)
        ]
        self.request_ids = count(max(used, default=0) + 1)

    # -- life and death -----------------------------------------------------------------------

    def stored(self, member: int) -> Stored:
        """What the files of a member hold, or would hold at its first start."""
        settings = self.places[member].settings
        directory = Directory(settings.data_dir, settings.wal_dir)
        if is_new(self._files, directory):
            return bootstrap.first_stored(self._cluster_of(member).members)
        return recover(self._files, directory, SEGMENT_BYTES).stored

    def _cluster_of(self, member: int) -> Cluster:
        """Who the members are. Differs: ids are hashes, so that members can make them up alone."""
        members = tuple(
            ClusterMember(one.member_id, one.settings.name, one.settings.listen_peer_urls)
            for one in self.places.values()
        )
        return Cluster(identity.cluster_id(self.places), members, member)

    async def start(self, member: int) -> None:
        """Start a member from its files; when this returns, it waits for its first input."""
        place = self.places[member]
        place.scope, place.ended, place.failure = trio.CancelScope(), trio.Event(), None
        place.gates, place.is_ready, place.log = Gates(), False, LogTail()
        for gate in place.held_gates:
            gate.hold()
        begun = trio.Event()
        self._nursery.start_soon(self._live, place, begun)
        await begun.wait()
        if place.failure is not None:
            raise UserError(f"S{member} can't be started: {place.failure}")

    async def _live(self, place: Place, begun: trio.Event) -> None:
        """One life of a member. However it ends, the others go on."""
        place.task = trio.lowlevel.current_task()
        try:
            with place.scope, ExitStack() as opened:
                server = place.server = self._assemble(place, opened)
                await servers.run_parts(server, lambda _: self._is_ready(place), begun)
                place.failure = server.driver.failure
        except* Exception as errors:
            place.failure = errors.exceptions[0]
        finally:
            place.server = place.task = None
            place.ended.set()
            begun.set()  # if it could not: whoever waits finds the failure

    def _assemble(self, place: Place, opened: ExitStack) -> Server:
        settings = place.settings
        ports = servers.open_ports(settings, opened)
        is_first = is_first_start(self._files, settings)
        cluster = self._cluster_of(place.member_id) if is_first else None
        data = servers.data_of(self._files, settings, cluster)
        opened.callback(data.storage.close)
        birth = Birth(
            place.clock,
            self._seed,
            self.request_ids,
            started_at=place.clock.now_ms,
            first_draw=place.lives << 32,
        )
        place.lives += 1

        def record(start: Start) -> Callable[[Input], None]:
            return lambda input: self.observer(place.member_id, input)

        server = servers.assemble(settings, data, ports, place.gates, record, birth)
        server.clients_server.connect = partial(Overheard, self.ear)
        return server

    def _is_ready(self, place: Place) -> None:
        place.is_ready = True

    async def crash(self, member: int) -> Stored:
        """Take a member's memory; what it had handed to the disk stays, and is given back."""
        place = self.places[member]
        if place.server is not None:
            place.server.driver.forget_everything()
            place.scope.cancel()
            await place.ended.wait()
        return self.stored(member)

    async def start_proxy(self, settings: Settings) -> None:
        """Start a proxy; when this returns, it knows the members and lets clients in."""
        self.proxy = await self._nursery.start(self._stand_before_members, settings)

    async def _stand_before_members(
        self, settings: Settings, task_status: trio.TaskStatus[Proxy]
    ) -> None:
        async with proxies.running(settings) as proxy:
            task_status.started(proxy)
            await trio.sleep_forever()

    # -- letting through ------------------------------------------------------------------------

    async def let_timer_through(self, member: int) -> None:
        """Tell a member that its timer has run out; its clock must show that."""
        await self._let_through(self.places[member].gates.due, lambda about: True, PATIENCE_S)

    async def let_sync_through(self, member: int, is_told: Callable[[], bool]) -> None:
        """Tell a member that its disk has what it wrote; a sync may have nothing new to tell."""
        gate = self.places[member].gates.synced
        while not is_told() and await self._let_through(gate, lambda about: True, PATIENCE_S):
            pass

    async def let_apply_through(self, member: int) -> None:
        """Let a member apply what is committed."""
        gate = self.places[member].gates.committed
        while await self._let_through(gate, lambda about: True, PATIENCE_S) and gate.waiting:
            pass

    async def let_message_through(
        self, member: int, message: Message, sender_has_died: bool = False
    ) -> bool:
        """Let a message come in; False if it was lost on its way."""
        gate = self.places[member].gates.delivered
        sender = self.places.get(message.sender)
        could_not = sender is not None and any(
            isinstance(one.about, PeerUnreachable) and one.about.member == member
            for one in sender.gates.delivered.waiting
        )
        patience_s = UNREACHABLE_S if could_not or sender_has_died else LOST_S
        return await self._let_through(gate, lambda about: is_same(about, message), patience_s)

    async def let_report_through(self, member: int, peer: int) -> bool:
        """Tell a member what became of the snapshot that it sent."""

        def is_it(about: object) -> bool:
            return isinstance(about, SnapshotReported) and about.member == peer

        return await self._let_through(self.places[member].gates.delivered, is_it, PATIENCE_S)

    def let_in(self, member: int, request_id: int) -> bool:
        """Let a request come in that waits at the door; False if it does not."""
        for waiting in tuple(self.places[member].gates.received.waiting):
            about = waiting.about
            if isinstance(about, RequestSubmitted) and about.request_id == request_id:
                self.places[member].gates.received.let_through(waiting)
                return True
        return False

    async def lose_message(self, member: int, message: Message) -> None:
        """Take a message away that has come to a member's gate, or will."""
        gate = self.places[member].gates.delivered
        waiting = await self._await_at(gate, lambda about: is_same(about, message), LOST_S)
        if waiting is not None:
            gate.waiting.remove(waiting)

    async def double_message(self, member: int, message: Message) -> None:
        """Have a message come twice."""
        gate = self.places[member].gates.delivered
        waiting = await self._await_at(gate, lambda about: is_same(about, message), LOST_S)
        if waiting is not None:
            gate.waiting.append(Waiting(waiting.action, waiting.about))

    async def _let_through(
        self, gate: Gate, is_it: Callable[[object], bool], patience_s: float
    ) -> bool:
        waiting = await self._await_at(gate, is_it, patience_s)
        if waiting is not None:
            gate.let_through(waiting)
        return waiting is not None

    async def _await_at(
        self, gate: Gate, is_it: Callable[[object], bool], patience_s: float
    ) -> Waiting | None:
        """Wait until it has come: sockets, disks and tasks take their time."""
        with trio.move_on_after(patience_s):
            pause = 0.0
            while True:
                for waiting in gate.waiting:
                    if is_it(waiting.about):
                        return waiting
                await trio.sleep(pause)
                pause = min(0.01, pause + 0.0005)
        return None

    # -- asking -------------------------------------------------------------------------------

    def feed(self, member: int, input: Input) -> None:
        """Tell a member something that nobody but a teacher tells it."""
        server = self.places[member].server
        if server is not None:
            server.driver.feed(input)

    def submit(self, member: int, request_id: int, request: Request) -> None:
        """Ask a member, as a client of our own that is let in at once."""
        server = self.places[member].server
        if server is not None:
            server.driver.submit(request_id, request, NobodyInParticular())
            self.let_in(member, request_id)

    async def settle(self) -> None:
        """Let the tasks of the members do what they can do without a socket."""
        await trio.testing.wait_all_tasks_blocked()

    # -- looking ------------------------------------------------------------------------------

    async def at_the_door(self) -> list[tuple[int, RequestSubmitted]]:
        """Clients who wait to be let in, in the order in which they came; who has gone is not."""
        found = []
        for place in self.places.values():
            for waiting in tuple(place.gates.received.waiting):
                about = waiting.about
                if place.server is None or not isinstance(about, RequestSubmitted):
                    continue
                if place.server.driver.waits(about.request_id):
                    found.append((place.member_id, about))
                else:
                    place.gates.received.let_through(waiting)  # the driver knows, and does nothing
        return sorted(found, key=lambda one: one[1].request_id)

    async def log_of(self, member: int) -> LogTail:
        """The newest records of a member's log, as they lie in its files."""
        place = self.places[member]
        if place.server is not None:
            place.log.read_on(place.server.data.storage.wal.held)
            return place.log
        directory = Directory(place.settings.data_dir, place.settings.wal_dir)
        with ExitStack() as opened:
            files = []
            for segment in segments(self._files, directory):
                file = self._files.open(f"{directory.wal}/{segment}")
                opened.callback(file.close)
                files.append((segment, file))
            place.log.read_on(files)
        return place.log

    async def files_of(self, member: int) -> tuple[list[SegmentName], list[SnapshotName]]:
        """The files of a member's log, and its snapshots; the oldest first."""
        settings = self.places[member].settings
        directory = Directory(settings.data_dir, settings.wal_dir)
        return segments(self._files, directory), snapshots(self._files, directory)

    async def tasks_of(self, member: int) -> list[TaskAtWork]:
        """Who works for a member; nobody while it is dead."""
        task = self.places[member].task
        return [] if task is None else tasks_below(task)

    async def waiting_of(self, member: int) -> list[tuple[str, list[object]]]:
        """What waits at each gate of a member."""
        gates = self.places[member].held_gates
        return [(gate.name, [one.about for one in gate.waiting]) for gate in gates]

    async def passages(self) -> tuple[list[str], dict[str, str], list[tuple[HttpRequest, str]]]:
        """Whom the proxy would ask; whom it avoids and why; what it asks just now, and whom."""
        assert self.proxy is not None, "there is a proxy"
        under_way = [(one.request, one.asked) for one in self.proxy.under_way]
        return self.proxy.director.endpoints(), self.proxy.director.avoided(), under_way

    async def by_themselves(self) -> list[tuple[int, PeerUnreachable | RequestCancelled]]:
        """What has happened to members without being asked for, and waits to be told to them."""
        return [
            (place.member_id, waiting.about)
            for place in self.places.values()
            if place.server is not None
            for gate in (place.gates.delivered, place.gates.received)
            for waiting in gate.waiting
            if isinstance(waiting.about, PeerUnreachable | RequestCancelled)
        ]

    async def cancel(self, member: int, request_id: int) -> None:
        """Let a client go, who wants to or does not; the member is told."""
        server = self.places[member].server
        if server is not None:
            server.driver.cancel(request_id)
            await self.tell(member, RequestCancelled, request_id)

    async def forget(self, member: int, about: Input) -> None:
        """Tell nobody of what waits at a gate."""
        place = self.places[member]
        for gate in (place.gates.delivered, place.gates.received):
            for waiting in tuple(gate.waiting):
                if waiting.about is about:
                    gate.waiting.remove(waiting)

    async def tell(self, member: int, kind: type[Input], number: int) -> None:
        """Tell a member such a thing; `number`: about which member, or which request."""
        place = self.places[member]
        for gate in (place.gates.delivered, place.gates.received):
            for waiting in tuple(gate.waiting):
                match waiting.about:
                    case PeerUnreachable(_, found) | RequestCancelled(_, found):
                        if isinstance(waiting.about, kind) and found == number:
                            gate.let_through(waiting)
                            return


class NobodyInParticular:
    """A client whose answers are seen in the picture of the run."""

    def replied(self, answer: Answer) -> None:
        """It is known already."""

    def notified(self, event: Event | None, done: bool) -> None:
        """It is known already."""


def is_same(about: object, message: Message) -> bool:
    """Whether what came in is what was sent."""
    if about == message:
        return True
    if type(about) is not type(message):
        return False
    if isinstance(about, InstallSnapshot) and isinstance(message, InstallSnapshot):
        one, other = about.snapshot, message.snapshot
        return (about.sender, one.index, one.term) == (message.sender, other.index, other.term)
    # What etcd's bytes can't say is not said: who passed on the wish for another leader.
    return messages.encode(about) == messages.encode(message)
