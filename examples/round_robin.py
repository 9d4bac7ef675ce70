"""Round robin: one front door, and behind it backends that come and go.

    python examples/round_robin.py                                   starts a member of ours
    python examples/round_robin.py --against http://127.0.0.1:2379   uses any etcd with the v2 API
    python examples/round_robin.py --naive                           reads the list once

    client -> front door -> a      each backend is a process with an HTTP port, and says in etcd
                         -> b      where it is (`recipes.discovery`); the front door chooses
                         -> c      among those who are listed (`recipes.balance`)

While a client asks ten times a second, b is killed, d is started, and c is told to leave. No
request may fail.

The list alone can't promise that: b is listed until its time to live is over. So a backend that
fails is set aside, and the request goes to the next one. That may do it twice: it is right for a
GET, which harms nobody. And whoever leaves in order takes its name off the list first, and answers
a little longer, for some may not have heard of it.

Left out: bodies of requests, and connections that are kept. HAProxy has all that; a program that
follows the same list could tell it its backends.

Next page: `timeline`.
"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import trio
from timeline import Run, drawn

from learnetcd.client import Client, ClientError, Mirror
from learnetcd.demo.performance import own_cluster
from learnetcd.errors import UserError
from learnetcd.recipes import coordinate, discovery
from learnetcd.recipes.balance import Balancer

HOST, SERVICE = "127.0.0.1", "round-robin"
TTL_S = 2
"""For how long the dead stay listed; somewhat more, for keys expire every half second."""
LINGER_S = 0.5
"""For how long one answers who is not listed any more."""
BACKEND_S, CLIENT_S = 2.0, 10.0
"""For how long the door waits for a backend; and the client, while the door tries several."""
REQUEST = b"GET / HTTP/1.1\r\nHost: any\r\n\r\n"
FAILURES = (OSError, trio.BrokenResourceError, trio.TooSlowError)
Serve = Callable[[trio.SocketStream], Awaitable[None]]

# --- HTTP, as little of it as will do ------------------------------------------------------------


async def asked(address: str, request: bytes, patience_s: float) -> bytes:
    """Ask whoever listens there, and read the whole answer."""
    host, _, port = address.partition(":")
    with trio.fail_after(patience_s):
        async with await trio.open_tcp_stream(host, int(port)) as stream:
            await stream.send_all(request)
            answer = b"".join([piece async for piece in stream])
    if not answer:
        raise OSError("it hung up without an answer")
    return answer


async def request_from(stream: trio.SocketStream) -> bytes:
    """Read a request without a body."""
    request = b""
    while b"\r\n\r\n" not in request and (piece := await stream.receive_some()):
        request += piece
    return request


def answer(status: str, body: str = "") -> bytes:
    """Say something, and that it is all."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return f"{head}{body}".encode()


# --- a backend -----------------------------------------------------------------------------------


async def be_backend(name: str, url: str) -> None:
    """Answer with one's name, and be listed, until told to leave."""

    async def serve(stream: trio.SocketStream) -> None:
        if await request_from(stream):
            await stream.send_all(answer("200 OK", f"{name}\n"))

    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with Client([url]) as etcd, trio.open_nursery() as nursery:
            address = await listening(nursery, serve)
            async with discovery.registered(etcd, SERVICE, name, address, TTL_S):
                await anext(signals)
            await trio.sleep(LINGER_S)
            nursery.cancel_scope.cancel()


async def listening(nursery: trio.Nursery, serve: Serve) -> str:
    """Serve whoever connects, and say where."""

    async def served(stream: trio.SocketStream) -> None:
        with suppress(*FAILURES):  # whoever hangs up amid an answer harms only themselves
            await serve(stream)

    (listener,) = await nursery.start(partial(trio.serve_tcp, served, 0, host=HOST))
    return f"{HOST}:{listener.socket.getsockname()[1]}"


# --- the front door ------------------------------------------------------------------------------


class FrontDoor:
    """Passes each request on to the one whose turn it is."""

    def __init__(self, mirror: Mirror, run: Run, *, naive: bool) -> None:
        """Choose among those who are in the mirror."""
        self._mirror = mirror
        self._balancer = Balancer(mirror)
        self._run = run
        self._naive = naive

    async def serve(self, stream: trio.SocketStream) -> None:
        """Serve one connection."""
        if request := await request_from(stream):
            await stream.send_all(await self._passed_on(request))

    async def _passed_on(self, request: bytes) -> bytes:
        while chosen := self._balancer.choose():
            files = self._mirror.files.values()
            name = next(file.name for file in files if file.value == chosen.address)
            try:
                return await asked(chosen.address, request, BACKEND_S)
            except FAILURES:
                self._run.failures.append((self._run.now(), name))
            if self._naive:
                return answer("502 Bad Gateway")
            self._balancer.failed(chosen)
        return answer("503 Service Unavailable")

    async def note_who_is_listed(self) -> None:
        """Write it down at each change."""
        while True:
            names = [file.name for file in self._mirror.files.values()]
            self._run.listed.append((self._run.now(), names))
            await self._mirror.changed()


# --- a run ---------------------------------------------------------------------------------------


async def perform(url: str, args: Namespace) -> Run:
    """Open the door to a client, and let backends come and go behind it."""
    async with Client([url]) as etcd, trio.open_nursery() as nursery:
        if (await discovery.instances(etcd, SERVICE)).files:
            raise UserError("Backends of another run are listed: let it end, and try again.")

        async def start(name: str) -> trio.Process:
            command = [sys.executable, __file__, "--against", url, "--be", name]
            run_it = partial(trio.run_process, command, check=False)  # ended with the nursery
            process: trio.Process = await nursery.start(run_it)
            return process

        backends = [await start(name) for name in "abc"]
        mirror = await coordinate.until(
            etcd, discovery.service(SERVICE), lambda now: len(now.files) == len(backends)
        )
        run = Run("abcd")
        door = FrontDoor(mirror, run, naive=args.naive)
        nursery.start_soon(door.note_who_is_listed)
        if not args.naive:
            nursery.start_soon(mirror.follow)
        address = await listening(nursery, door.serve)
        print(f"The front door is at http://{address}: ask it, too.")
        nursery.start_soon(ask_again_and_again, address, run)
        nursery.start_soon(print_table, run)

        def tell(name: str, deed: str) -> None:
            run.deeds.append((run.now(), name, deed))
            print(f"          {name} {deed}")

        await trio.sleep(args.seconds / 4)
        backends[1].kill()
        tell("b", "is killed")
        await trio.sleep(args.seconds / 4)
        await start("d")
        tell("d", "is started")
        await trio.sleep(args.seconds / 4)
        backends[2].terminate()
        tell("c", "is told to leave")
        await trio.sleep(args.seconds / 4)
        nursery.cancel_scope.cancel()
    return run


async def ask_again_and_again(address: str, run: Run) -> None:
    """Be the client, ten times a second."""
    while True:
        at = run.now()
        try:
            said = (await asked(address, REQUEST, CLIENT_S)).decode()
        except FAILURES as failure:
            run.errors.append((at, str(failure)))
        else:
            head, _, body = said.partition("\r\n\r\n")
            is_well = head.startswith("HTTP/1.1 200 ")
            (run.answers if is_well else run.errors).append((at, body.strip()))
        await trio.sleep(0.1)


async def print_table(run: Run) -> None:
    """Each second: who has answered how many so far."""
    print("  second" + "".join(f"{name:>6}" for name in run.names) + "   errors")
    while True:
        await trio.sleep(1)
        counts = Counter(name for _, name in run.answers)
        row = "".join(f"{counts[name] or '-':>6}" for name in run.names)
        print(f"{run.now():8.0f}{row}{len(run.errors):9}", flush=True)


# --- the command ---------------------------------------------------------------------------------


async def main(args: Namespace) -> int:
    """Run it, draw it, and say how it went."""
    if args.be:
        await be_backend(args.be, args.against)
        return 0
    if args.against:
        run = await perform(args.against, args)
    else:
        async with own_cluster(1) as (urls, _):
            run = await perform(urls[0], args)
    if args.picture:
        args.picture.write_text(drawn(run, args.seconds) + "\n")
    print(run.verdict())
    return 1 if run.errors else 0


def arguments() -> Namespace:
    """What was asked for."""
    parser = ArgumentParser(description="Round robin over backends that come and go.")
    parser.add_argument("--against", metavar="URL", help="an etcd (otherwise one of ours)")
    parser.add_argument("--naive", action="store_true", help="read the list once, ask nobody twice")
    parser.add_argument("--seconds", type=float, default=12, help="how long it lasts (12)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw it as SVG")
    parser.add_argument("--be", metavar="NAME", help="be one backend of a run at --against")
    return parser.parse_args()


if __name__ == "__main__":
    ended: int | str = 0
    # No backend may outlive its run, whichever way somebody ends that.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        ended = trio.run(main, arguments())
    except* KeyboardInterrupt:
        ended = 130
    except* (UserError, ClientError) as troubles:
        trouble: BaseException = troubles
        while isinstance(trouble, BaseExceptionGroup):
            trouble = trouble.exceptions[0]
        ended = str(trouble)
    sys.exit(ended)
