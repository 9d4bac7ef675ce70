"""`learnetcd cluster`: a cluster on this machine, each member a process, until somebody stops it.

    m1 | process 4711
    m1 | 2026-11-22 18:52:08.438 I | starting a new member (member id: 8e9e05c52164694d, ...)
    m3 | 2026-11-22 18:52:08.441 I | starting a new member (member id: 91bc3c398fb3c146, ...)
       | ready: curl http://127.0.0.1:2379/v2/keys/greeting ...

The members share nothing but the terminal. Kill one of them (`kill -9`, and the number of its
process), and the others go on; the line that tells its end also says what starts it again.

The members run in process groups of their own, so that Ctrl+C reaches us alone, and each of them is
asked to end in the same way, however we were. A second signal ends those that are still there.

Left out: starting a member again by itself. Whoever breaks something should see it broken.

Next page: `command`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trio

from learnetcd.errors import UserError, unknown_name
from learnetcd.raft.config import PROFILES
from learnetcd.runtime import article, certificates
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.local_member import (
    ETCD,
    LocalMember,
    addresses_from,
    environment,
    local_members,
    refuse_unless_etcd_is_here,
    refuse_unless_free,
)
from learnetcd.runtime.server import end_by
from learnetcd.runtime.tls import Tls

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEFAULT_SIZE = 3
FIRST_PORT = 2379
PKI = "pki"
"""The folder of certificates, among those of the members."""
ANSWER_S = 5
PAUSE_S = 0.1
COLOURS = (36, 33, 35, 32, 34, 31)
"""Of names: cyan, yellow, magenta ... Each name is written out, too."""


def run(args: Namespace) -> int:
    """Run a cluster until a signal comes; end as that signal ends programs."""
    with data_folder(args.data_dir) as folder:
        members = members_of(args, folder)
        terminal = Terminal([member.name for member in members])
        terminal.say("", f"data of the members: {folder}")
        pki = folder / PKI if args.tls else None
        ended_by = trio.run(run_until_stopped, members, terminal, pki)
    if terminal.failure is not None:
        raise terminal.failure
    if ended_by:
        end_by(ended_by)
    return 1  # all members have ended, and nobody wanted that


@contextmanager
def data_folder(named: str | None) -> Iterator[Path]:
    """The folder that was asked for; otherwise one that goes when the cluster does."""
    if named is not None:
        Path(named).mkdir(parents=True, exist_ok=True)
        yield Path(named).absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="learnetcd-cluster-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def members_of(args: Namespace, folder: Path) -> list[LocalMember]:
    """The members that were asked for."""
    if args.what == "article":
        return article_of(args, folder)
    if args.profile is not None and args.profile not in PROFILES:
        raise unknown_name("profile", args.profile, list(PROFILES))
    scheme = "https" if args.tls else "http"
    addresses = addresses_from(args.first_port or FIRST_PORT, args.size or DEFAULT_SIZE, scheme)
    urls = [url for one in addresses for url in (one.client_url, one.peer_url)]
    refuse_unless_free(urls, "--first-port=N takes the ports from N on.")
    options = tls_flags(folder / PKI) if args.tls else ()
    if args.etcd:
        refuse_unless_etcd_is_here()
        refuse_what_etcd_can_not(args)
        return local_members(folder, addresses, ETCD, options)
    options += () if args.profile is None else (f"--profile={args.profile}",)
    options += ("--trace-stream", "--allow-hold") if args.trace_stream else ()
    return local_members(folder, addresses, options=options)


def tls_flags(pki: Path) -> tuple[str, ...]:
    """What members are told about certificates, which are made unless they are there."""
    if not pki.exists():
        certificates.make(pki)
    return certificates.server_flags(pki)


def refuse_what_etcd_can_not(args: Namespace) -> None:
    """Real etcds can be had as they are."""
    if args.profile is not None:
        raise UserError("--profile is for our members: a real etcd has its own, so leave it out.")
    if args.trace_stream:
        raise UserError(
            "--trace-stream is for our members: a real etcd tells no more than it does."
        )


def article_of(args: Namespace, folder: Path) -> list[LocalMember]:
    """The cluster of the article, which is what it is."""
    for flag, value in (
        ("--size", args.size),
        ("--profile", args.profile),
        ("--first-port", args.first_port),
        ("--etcd", args.etcd),
        ("--tls", args.tls),
        ("--trace-stream", args.trace_stream),
    ):
        if value:
            raise UserError(
                f"The cluster of the article is the article's, so {flag} can't be had with it."
            )
    refuse_unless_free(
        list(article.urls()),
        "The article's cluster needs port 2379 of 127.0.0.1, and 127.16.0.8, .14 and .17 (on "
        "macOS: `sudo ifconfig lo0 alias 127.16.0.8`, and so on).",
    )
    return article.article_members(folder)


# --- from the start to the end ------------------------------------------------------------------


async def run_until_stopped(
    members: Sequence[LocalMember], terminal: Terminal, pki: Path | None = None
) -> int:
    """Run all members; give the signal that ended us, or 0 if all of them ended by themselves."""
    with trio.open_signal_receiver(*ENDINGS) as signals:
        async with trio.open_nursery() as nursery:
            running = Running(nursery, terminal)
            for member in members:
                await running.start(member)
            nursery.start_soon(running.listen, signals)
            nursery.start_soon(tell_when_ready, members, terminal, pki)
    return running.ended_by


class Running:
    """The members that run."""

    def __init__(self, nursery: trio.Nursery, terminal: Terminal) -> None:
        """Nobody runs yet."""
        self.ended_by = 0
        self._nursery = nursery
        self._terminal = terminal
        self._processes: dict[str, trio.Process] = {}

    async def start(self, member: LocalMember) -> None:
        """Start a member, and look after it."""
        process = await trio.lowlevel.open_process(
            member.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            process_group=0,
        )
        self._processes[member.name] = process
        self._terminal.say(member.name, f"process {process.pid}")
        self._nursery.start_soon(self._keep, member, process)

    async def _keep(self, member: LocalMember, process: trio.Process) -> None:
        """Pass on what a member says, until it ends."""
        try:
            assert process.stdout is not None, "its output was asked for"
            async for line in lines(process.stdout):
                self._terminal.say(member.name, line)
                if self._terminal.failure is not None:
                    self.stop(signal.SIGTERM)
            returncode = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        del self._processes[member.name]
        if not self.ended_by:
            self._terminal.say(
                member.name,
                f"has ended ({ending(returncode)}). This starts it again: "
                f"{shlex.join(member.command)}",
            )
        if not self._processes:
            self._nursery.cancel_scope.cancel()

    async def listen(self, signals: AsyncIterator[int]) -> None:
        """Pass on that we are to end: gently at first."""
        async for number in signals:
            self.stop(signal.SIGKILL if self.ended_by else signal.SIGTERM)
            self.ended_by = self.ended_by or number

    def stop(self, number: int) -> None:
        """Send each member that runs a signal."""
        for process in self._processes.values():
            process.send_signal(number)


async def lines(stream: trio.abc.ReceiveStream) -> AsyncIterator[str]:
    """What comes, line by line."""
    rest = b""
    async for piece in stream:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="backslashreplace")
    if rest:
        yield rest.decode(errors="backslashreplace")


def ending(returncode: int) -> str:
    """How a process ended."""
    if returncode < 0:
        return f"by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"


async def tell_when_ready(
    members: Sequence[LocalMember], terminal: Terminal, pki: Path | None
) -> None:
    """Wait until all members answer, and say how they can be asked."""
    tls = Tls(certificates.client_files(pki)) if pki else None
    async with HttpClient(ANSWER_S, tls=tls) as client:
        for member in members:
            await until_it_answers(client, member)
    urls = [member.client_url for member in members]
    flags = f" {shlex.join(certificates.client_flags(pki))}" if pki else ""
    in_curl = f" {shlex.join(certificates.curl_flags(pki))}" if pki else ""
    terminal.say(
        "",
        f"ready: curl{in_curl} {urls[0]}/v2/keys/greeting -XPUT -d value=hello, "
        f"or ETCDCTL_API=2 etcdctl{flags} --endpoints={','.join(urls)} member list",
    )
    if "--trace-stream" in members[0].command:
        terminal.say("", f"watch: learnetcd tui{flags} --attach {' '.join(urls)}")


async def until_it_answers(client: HttpClient, member: LocalMember) -> None:
    """A member answers clients as soon as it knows that its cluster can decide."""
    while True:
        try:
            await client.request(member.client_url, "GET", "/version")
        except NoAnswer:
            await trio.sleep(PAUSE_S)
        else:
            return


# --- what is seen -------------------------------------------------------------------------------


class Terminal:
    """Where all members' lines go, each behind the name of who says it."""

    def __init__(self, names: Sequence[str]) -> None:
        """Colours are for people who look: not for files, and not where NO_COLOR is set."""
        self.failure: OSError | None = None
        """Why nothing can be written any more."""
        self._width = max(map(len, names))
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._colours = dict(zip(names, COLOURS * len(names), strict=False)) if coloured else {}

    def say(self, name: str, line: str) -> None:
        """Write a line."""
        label = f"{name:<{self._width}} |"
        if name in self._colours:
            label = f"\x1b[{self._colours[name]}m{label}\x1b[m"
        try:
            print(label, line, flush=True)
        except OSError as error:  # nobody reads us any more, or the disk is full
            self.failure = self.failure or error
