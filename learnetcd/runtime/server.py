"""The server: one member, its data and its clients, from the start to the end.

    take the ports  ->  open the data  ->  drive the member  ->  publish  ->  let clients in
                                                                                  |
    end by that signal  <-  close the data  <-  sync  <-  answer who waits, hand over  <-  SIGTERM

A member that starts finds everything that it ever acknowledged: that was on the disk before. How it
was ended makes no difference to that; a gentle end only spares clients an error.

Source: etcd 3.4 embed/etcd.go; pkg/osutil/interrupt_unix.go for the end by the signal itself.

Next page: `director`.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from urllib.parse import urlsplit

import trio

from learnetcd.api.api import Api
from learnetcd.api.facts import Facts
from learnetcd.disk.files import Files
from learnetcd.disk.real_files import RealFiles
from learnetcd.errors import UserError
from learnetcd.member import identity
from learnetcd.member.inputs import Input, TransferAsked
from learnetcd.member.member import Member
from learnetcd.peer.handshake import Local
from learnetcd.raft.config import PROFILES, Config
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import Leader
from learnetcd.runtime import joining, journal, leadership, publishing
from learnetcd.runtime.clock import Clock
from learnetcd.runtime.data import Data, is_first_start, make_data, open_data
from learnetcd.runtime.explaining import Explaining
from learnetcd.runtime.gates import Gates
from learnetcd.runtime.http_client import HttpClient
from learnetcd.runtime.http_server import Handle, HttpServer, listen, listen_securely
from learnetcd.runtime.joining import Cluster
from learnetcd.runtime.listening import Listening
from learnetcd.runtime.member_driver import DiskUse, MemberDriver
from learnetcd.runtime.passwords import Bcrypt
from learnetcd.runtime.peers import Peers
from learnetcd.runtime.recording import Start, nobody_records
from learnetcd.runtime.securing import clients_files, peers_files, secured
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import Tls
from learnetcd.runtime.trace_stream import TraceStream, Words
from learnetcd.runtime.usage import usage

ENDINGS = (signal.SIGTERM, signal.SIGINT)
CLIENT_PORT, PEER_PORT = 2379, 2380
PEER_ANSWER_S = 5
LARGEST_SNAPSHOT = 1 << 30
PATIENCE_MS = 5000
"""How long a write may take, beside two election timeouts (etcdserver/config.go, ReqTimeout)."""
SWITCH_S = 0.0001
"""How long a thread waits for another that runs. The one that syncs comes back from the disk, and
wants to say so; while there is much to do, Python would let it wait 5 ms, longer than the disk."""
GARBAGE = 10_000
"""Python looks for garbage that refers to itself each time that so many more objects live. We leave
hardly any, and keep much, the log and the store: to go through that after each 700, as it would,
is in vain."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The listening sockets."""

    clients: list[socket.socket]
    peers: list[socket.socket]


@dataclass(frozen=True, slots=True)
class Birth:
    """With what a member starts that nobody must know beforehand; or in a lesson, everybody."""

    clock: Clock
    seed: int
    """The timeouts of its elections are drawn from it."""
    request_ids: Iterator[int]
    started_at: int = 0
    """What the clock shows then."""
    first_draw: int = 0
    """How many draws were made before: those of one life must not repeat those of another."""


@dataclass(slots=True)
class Server:
    """A server that runs."""

    settings: Settings
    data: Data
    ports: Ports
    driver: MemberDriver
    peers: Peers
    clients_server: HttpServer
    peers_server: HttpServer


def nobody_waits(server: Server) -> None:
    """What happens when a server is ready and nobody wants to know."""


async def serve(
    settings: Settings,
    *,
    gates: Gates | None = None,
    record: Callable[[Start], Callable[[Input], None]] = nobody_records,
    started: Callable[[Server], None] = nobody_waits,
    files: Files | None = None,
    words: Words | None = None,
) -> int:
    """Serve until a signal ends it, and say which; `started` is called when clients are let in.

    `words`: those in which watchers are told of the member, if the settings let anybody watch.
    """
    allow_many_files()
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(GARBAGE, 10, 10)
    files = files or RealFiles()
    settings = secured(settings)
    # Asked before our own ports are open: members that start together would wait for each other.
    cluster = await joining.find_cluster(settings) if is_first_start(files, settings) else None
    with ExitStack() as opened:
        ports = open_ports(settings, opened)
        data = data_of(files, settings, cluster)
        opened.callback(data.storage.close)
        say_who_starts(settings, data)
        return await run(assemble(settings, data, ports, gates, record, words=words), started)


def say_who_starts(settings: Settings, data: Data) -> None:
    """A line of the journal."""
    journal.say(
        "starting a new member" if data.is_new else "starting a member again",
        member_id=f"{data.member_id:x}",
        cluster_id=f"{data.cluster_id:x}",
        commit_index=data.stored.hard_state.commit_index,
        advertised=settings.advertise_client_urls,
    )


def serve_until_ended(
    settings: Settings,
    started: Callable[[Server], None],
    record: Callable[[Start], Callable[[Input], None]] = nobody_records,
    files: Files | None = None,
    words: Words | None = None,
) -> int:
    """The same, for whoever has no event loop."""
    return trio.run(
        partial(serve, settings, started=started, record=record, files=files, words=words)
    )


def open_ports(settings: Settings, opened: ExitStack) -> Ports:
    """Take all ports, for as long as `opened` lasts."""

    def listening(urls: tuple[str, ...], default_port: int) -> list[socket.socket]:
        return [opened.enter_context(listen_at(url, default_port)) for url in urls]

    return Ports(
        clients=listening(settings.listen_client_urls, CLIENT_PORT),
        peers=listening(settings.listen_peer_urls, PEER_PORT),
    )


def data_of(files: Files, settings: Settings, cluster: Cluster | None) -> Data:
    """Open the data of this member, or make it, for its first start in a cluster."""
    if cluster is None:
        return open_data(files, settings)
    return make_data(files, settings, cluster)


def assemble(
    settings: Settings,
    data: Data,
    ports: Ports,
    gates: Gates | None,
    record: Callable[[Start], Callable[[Input], None]],
    birth: Birth | None = None,
    words: Words | None = None,
) -> Server:
    """Put the parts together."""
    now_ns = time.time_ns()
    birth = birth or birth_at(now_ns, data.member_id)
    member = Member(
        data.member_id,
        config_of(settings),
        data.stored,
        seed=birth.seed,
        first_draw=birth.first_draw,
        started_at=birth.started_at,
    )
    start = Start(member, data.stored, birth.seed, birth.clock.wall_ms, settings.profile)
    facts = Facts(
        name=settings.name,
        cluster_id=data.cluster_id,
        started_ns=now_ns,
        command_line=tuple(sys.argv),
        enable_v2=settings.enable_v2,
        strict_changes=settings.strict_reconfig_check,
        origins=frozenset(settings.cors),
        hosts=frozenset(settings.host_whitelist),
        clock=time.perf_counter,
        usage=usage,
        passwords=Bcrypt(),
        client_certificates_count=settings.client_cert_auth,
        set_log_level=journal.set_level,
    )
    driver = MemberDriver(
        member,
        data.storage,
        request_ids=birth.request_ids,
        gates=gates,
        clock=birth.clock,
        observer=record(start),
        disk_use=DiskUse(settings.max_wals, settings.max_snapshots),
        meters=facts.meters,
    )
    local = Local(data.member_id, data.cluster_id, settings.initial_advertise_peer_urls)
    clients_tls, peers_tls = Tls(clients_files(settings)), Tls(peers_files(settings))
    client = HttpClient(PEER_ANSWER_S, settings.peer_routes, peers_tls)
    peers = Peers(driver, local, client, data.told, facts.meters)
    driver.send = peers.send
    facts.connected_for_s = peers.connected_for_s
    listening = Listening(driver)
    explaining = Explaining(Api(member, facts).handle, listening)
    handle: Handle = explaining.handle
    if settings.trace_stream:
        assert words is not None, "watchers are told in words"
        handle = TraceStream(explaining.handle, driver, listening, words, settings, facts).handle
    clients_server = HttpServer(handle, driver, tls=clients_tls)
    driver.in_a_round = clients_server.poller.in_a_round
    return Server(
        settings,
        data,
        ports,
        driver,
        peers,
        clients_server,
        peers_server=HttpServer(peers.handle, driver, LARGEST_SNAPSHOT, peers_tls),
    )


def birth_at(now_ns: int, member_id: int) -> Birth:
    """What a member starts with: no two starts draw the same, and no two requests have one id."""
    first_id = identity.first_request_id(member_id, now_ns // 1_000_000)
    return Birth(Clock(), seed=now_ns, request_ids=count(first_id))


def config_of(settings: Settings) -> Config:
    """The knobs of the member."""
    profile = PROFILES[settings.profile]
    return replace(
        profile,
        tick_ms=settings.heartbeat_interval_ms,
        election_ticks=settings.election_timeout_ms // settings.heartbeat_interval_ms,
        pre_vote=settings.pre_vote or profile.pre_vote,
        check_changes=settings.strict_reconfig_check,
        snapshot_entries=settings.snapshot_count,
        hold_proposals=True,
        request_timeout_ms=PATIENCE_MS + 2 * settings.election_timeout_ms,
    )


# --- from the start to the end ------------------------------------------------------------------


async def run(server: Server, started: Callable[[Server], None]) -> int:
    """Run all parts, until a signal comes or the member fails."""
    driver = server.driver
    ended_by = 0
    with trio.open_signal_receiver(*ENDINGS) as signals:
        async with trio.open_nursery() as nursery:

            async def run_all() -> None:
                await run_parts(server, started, trio.Event())
                nursery.cancel_scope.cancel()

            nursery.start_soon(run_all)
            async for number in signals:
                ended_by = number
                break
            journal.say("stopping", signal=signal.Signals(ended_by).name)
            async with trio.open_nursery() as stopping:
                # Beside each other: clients may take their time, and no other member waits for it.
                stopping.start_soon(server.clients_server.stop, server.ports.clients)
                stopping.start_soon(hand_over, driver)
            nursery.cancel_scope.cancel()
    if driver.failure is not None:
        raise driver.failure
    server.data.storage.sync()
    return ended_by


async def run_parts(server: Server, started: Callable[[Server], None], begun: trio.Event) -> None:
    """Run all parts, until cancelled or the member fails; `begun` is set when it has its start."""
    driver = server.driver
    async with trio.open_nursery() as nursery:

        async def drive() -> None:
            await driver.run(begun)
            nursery.cancel_scope.cancel()

        nursery.start_soon(drive)
        await begun.wait()
        nursery.start_soon(server.peers_server.run, server.ports.peers)
        nursery.start_soon(server.peers.run)
        nursery.start_soon(publishing.keep_version, driver, server.peers)
        nursery.start_soon(leadership.tell, driver)
        nursery.start_soon(let_clients_in, server, started)


async def let_clients_in(server: Server, started: Callable[[Server], None]) -> None:
    """Serve clients, as soon as the member knows that it belongs to a cluster which can decide."""
    driver, settings = server.driver, server.settings
    await publishing.publish(driver, settings)
    journal.say("ready to serve client requests", urls=settings.listen_client_urls)
    started(server)
    await server.clients_server.run(server.ports.clients)


async def hand_over(driver: MemberDriver) -> None:
    """Let somebody else lead before we go, so that nobody waits for an election timeout."""
    raft = driver.member.raft
    successor = successor_of(raft)
    if successor is None:
        return
    driver.feed(TransferAsked(driver.at, successor))
    tick_s = driver.member.config.tick_ms / 1000
    with trio.move_on_after(driver.member.config.election_ticks * tick_s):
        # Not before: it may be our vote that elects the next one.
        await driver.until(lambda member: member.raft.leader not in {member.id, NO_MEMBER})
        # Others may learn of it after us. What they have sent us by then, we pass on.
        await trio.sleep(tick_s)


def successor_of(raft: Raft) -> int | None:
    """Who shall lead after us: a voter that was heard, with most of our log; None for nobody."""
    if not isinstance(raft.role, Leader):
        return None
    progress = raft.role.progress
    others = [member for member in raft.configuration.voters if member != raft.id]
    return max(
        (member for member in others if progress[member].recent_active),
        key=lambda member: (progress[member].match_index, member),
        default=None,
    )


# --- small things -------------------------------------------------------------------------------


def allow_many_files() -> None:
    """Open as many files as the machine lets us, as Go's programs do: each client is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # macOS has a limit below the limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen_at(url: str, default_port: int) -> socket.socket:
    """Take the port that a URL names."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    take = listen_securely if parts.scheme == "https" else listen
    try:
        return take("127.0.0.1" if host == "localhost" else host, parts.port or default_port)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise UserError(f"Nobody can listen on {url}: {why}.") from error


def end_by(number: int) -> None:
    """End this process by a signal, so that whoever started it sees what ended it."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
