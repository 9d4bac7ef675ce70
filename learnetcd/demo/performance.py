"""`learnetcd demo NAME`: a recipe at work on a cluster, with a trouble of your choice.

    learnetcd demo queue --naive --fault killed
    learnetcd demo queue --fault killed
    learnetcd demo lock --fault paused --against http://127.0.0.1:2379     any etcd
    learnetcd demo lock --against https://10.0.0.1:2379 --ca-file ca.pem --username alice

Without `--against` three members of ours are started for it, and ended behind it. At somebody's
cluster the play uses keys below `/services`, `/topics`, `/config`, `/locks`, `/queues` and
`/elections`, and removes them at the end; where there are such keys already, it does not begin.

The exit code is 0 if the promise was kept, and 1 if not. If the cluster is gone in the middle,
nothing was shown, neither the one nor the other: that is said, and the exit code is 2. Whoever
breaks a play off (Ctrl+C, a terminal that is closed) ends the members, too, and finds no keys of
it.

Next page: `learnetcd/ctl/`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import trio

from learnetcd.client.client import ANSWER_S
from learnetcd.ctl import credentials
from learnetcd.demo.guest import as_guest
from learnetcd.demo.plays import PLAYS, Play, Verdict
from learnetcd.demo.stage import Stage
from learnetcd.errors import UserError, unknown_name
from learnetcd.runtime.credentials import Credentials, credentials_in
from learnetcd.runtime.http_client import NOTHING_SHOWN, HttpClient, NoAnswer
from learnetcd.runtime.local_cluster import ENDINGS, Terminal, until_it_answers
from learnetcd.runtime.local_member import (
    LocalMember,
    environment,
    free_addresses,
    local_members,
)
from learnetcd.runtime.server import end_by
from learnetcd.runtime.values import BadValue, read_url

SIZE = 3
NAMES = ("", "caller", "paper", "reader", "starter", "worker", "boss", "w1", "w2", *"abc")
"""Who may say something, in the order of their colours."""


def run(args: Namespace) -> int:
    """Play, and say how it ended."""
    if args.name not in PLAYS:
        raise unknown_name("demo", args.name, PLAYS)
    play = PLAYS[args.name]
    if args.fault is not None and args.fault not in play.faults:
        raise unknown_name(f"fault of {args.name}", args.fault, play.faults)
    if args.against and args.fault == "leader":
        raise UserError(
            "--fault leader kills a member, which can't be done to somebody's cluster: leave out "
            "--against, and it is played on a cluster of our own."
        )
    if args.against is not None:
        args.against = address(args.against)
    elif wrong := [name for name in credentials.FLAGS if getattr(args, name)]:
        name = wrong[0].replace("_", "-")
        raise UserError(f"--{name} is for somebody's cluster: give --against, too.")
    verdict = trio.run(perform, args)
    if isinstance(verdict, signal.Signals):
        end_by(verdict)
        return 128 + verdict
    print(f"{'KEPT' if verdict.kept else 'BROKEN'}: {verdict.promise}. {verdict.seen}.")
    if args.naive and args.fault not in play.breaks_naive:
        print(what_breaks_it(play, args.fault))
    return 0 if verdict.kept else 1


def what_breaks_it(play: Play, fault: str | None) -> str:
    """Tell whoever has seen the naive form hold where its trap is."""
    other = next(other for other in play.breaks_naive if other)
    seen = "This fault does not break the naive form" if fault else "The naive form needs trouble"
    return f"{seen}; try --fault {other}."


def address(text: str) -> str:
    """Where a cluster is, if one could be there."""
    try:
        return read_url(text.rstrip("/"))
    except BadValue as error:
        raise UserError(f"--against: {error}.") from None


async def perform(args: Namespace) -> Verdict | signal.Signals:
    """Play to the end, or until a signal comes: which one."""
    ended: list[Verdict | signal.Signals] = []
    with trio.open_signal_receiver(*ENDINGS) as signals:
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                ended.append(signal.Signals(await anext(signals)))
                nursery.cancel_scope.cancel()

            nursery.start_soon(listen)
            ended.append(await play(args))
            nursery.cancel_scope.cancel()
    return ended[0]


async def play(args: Namespace) -> Verdict:
    """Play on the cluster that was named, or on one of our own."""
    if args.against:
        print(f"Looking for a cluster at {args.against} ...", flush=True)
        known = credentials.variables(credentials.typed_in(args), os.environ)
        shown = credentials_in(known)
        return await as_guest(
            args.against, shown, lambda: play_at(args, [args.against], shown, no_leader_to_kill)
        )
    async with own_cluster() as (urls, kill_leader):
        return await play_at(args, urls, NOTHING_SHOWN, kill_leader)


async def play_at(
    args: Namespace,
    urls: Sequence[str],
    shown: Credentials,
    kill_leader: Callable[[], Awaitable[None]],
) -> Verdict:
    """Play to the end."""
    terminal = Terminal(NAMES)
    with ExitStack() as at_the_end:
        async with trio.open_nursery() as nursery:
            stage = Stage(
                urls,
                lambda: HttpClient(ANSWER_S, shown=shown),
                nursery,
                say=terminal.say,
                kill_leader=kill_leader,
                fault=args.fault,
            )
            at_the_end.callback(stage.close)
            verdict = await PLAYS[args.name].perform(stage, args.naive)
            nursery.cancel_scope.cancel()
    return verdict


async def no_leader_to_kill() -> None:
    """Nobody kills a member of somebody's cluster; `run` has refused to."""


@asynccontextmanager
async def own_cluster(
    size: int = SIZE,
) -> AsyncIterator[tuple[list[str], Callable[[], Awaitable[None]]]]:
    """So many members of ours while the block runs; and what kills the one that leads."""
    with tempfile.TemporaryDirectory(prefix="learnetcd-demo-") as folder:
        members = local_members(Path(folder), free_addresses(size))
        processes: dict[str, trio.Process] = {}
        try:
            for member in members:
                processes[member.client_url] = await started(member)
            async with HttpClient(ANSWER_S) as client:
                for member in members:
                    await until_it_answers(client, member)

                async def kill_leader() -> None:
                    processes[await leader_of(client, list(processes))].kill()

                yield list(processes), kill_leader
        finally:
            for process in processes.values():
                process.kill()
            with trio.CancelScope(shield=True):
                for process in processes.values():
                    await process.wait()  # or it still writes into the folder that we remove


async def started(member: LocalMember) -> trio.Process:
    """Start a member that says nothing."""
    return await trio.lowlevel.open_process(
        member.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        process_group=0,
    )


async def leader_of(client: HttpClient, urls: Sequence[str]) -> str:
    """Ask each who it is, until one says that it leads."""
    while True:
        for url in urls:
            with suppress(NoAnswer):
                said = await client.request(url, "GET", "/v2/stats/self")
                if json.loads(said.body)["state"] == "StateLeader":
                    return url
        await trio.sleep(ANSWER_S / 100)
