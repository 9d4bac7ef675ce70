"""The chapters' commands, typed: what they print is what the text says, with ours and with etcd."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from learnetcd.bench.servers import Server, rate
from learnetcd_lessons import lesson
from learnetcd_lessons.chapter import Chapter, chapters
from tests.conformance.clusters import Cluster
from tests.processes import OURS, PATIENCE_S, REAL, Process, environment

AGAIN = "# Ctrl+C in the first terminal, and the same command again."
FOLLOWERS_AGAIN = "# In two more terminals: the followers again, as the first terminal says."
LEADER_AGAIN = "# In a third one: the old leader again."

END = "\x1e"
"""Printed after each command."""


@dataclass(frozen=True)
class FirstTerminal:
    """Members at work: where they listen, which processes they are, what is done with them."""

    ports: dict[str, int]
    processes: Callable[[], dict[str, str]]
    """Under the names that the chapters give to their numbers."""
    remarks: dict[str, Callable[[], None]]


@contextmanager
def alone(command: tuple[str, ...], folder: Path) -> Iterator[FirstTerminal]:
    """One member with the defaults, but for the ports on which it listens."""
    # Its id is computed from the address that it names, not from the one on which it listens.
    named = "http://localhost:2380"
    flags = f"--initial-advertise-peer-urls={named}", f"--initial-cluster=default={named}"
    started = [Process(command, folder / "default.etcd", *flags).wait_until_ready()]

    def again() -> None:
        last = started[-1]
        last.end()
        ports = last.port, last.peer_port
        started.append(Process(command, last.data, *flags, ports=ports).wait_until_ready())

    try:
        yield FirstTerminal({"2379": started[0].port}, dict, {AGAIN: again})
    finally:
        started[-1].kill()


@contextmanager
def three(command: tuple[str, ...], folder: Path) -> Iterator[FirstTerminal]:
    """Three of them, as `learnetcd cluster` starts them."""
    cluster = Cluster(folder, [command] * 3)
    led: list[int] = []

    def processes() -> dict[str, str]:
        pids = {number: str(one.process.pid) for number, one in cluster.processes.items()}
        named = {f"m{number}": pid for number, pid in pids.items()}
        if (leader := cluster.leader()) is not None:
            led.append(leader)
            followers = [pid for number, pid in pids.items() if number != leader]
            named |= {"leader": pids[leader], "followers": f'"{" ".join(followers)}"'}
        return named

    def start(which: Callable[[int], bool]) -> None:
        for number in filter(which, cluster.numbers):
            cluster.kill(number)  # it is dead, and forgotten here
            cluster.start(number)

    remarks = {
        FOLLOWERS_AGAIN: lambda: start(lambda number: number != led[0]),
        LEADER_AGAIN: lambda: start(lambda number: number == led[0]),
    }

    try:
        cluster.wait_until_they_serve()
        cluster.elected()
        ports = [place.ports[0] for place in cluster.places]
        yield FirstTerminal(
            dict(zip(("2379", "2381", "2383"), ports, strict=True)), processes, remarks
        )
    finally:
        cluster.kill_all()


BESIDE = {"alone": alone, "three": three}


@dataclass(frozen=True)
class Line:
    """A command, and what the chapter says that it prints."""

    typed: str
    printed: str


def lines_of(text: str) -> list[Line]:
    """A block, command by command."""
    parts = re.split(r"^(?=[$#] )", text, flags=re.M)[1:]
    return [Line(*part.rstrip("\n").partition("\n")[::2]) for part in parts]


def play(block: lesson.Typed, terminal: FirstTerminal, folder: Path) -> list[str]:
    """Type a block, and say where something else is printed than the chapter says."""
    wrong: list[str] = []
    waiting: list[Line] = []
    for line in lines_of(block.text):
        if line.typed.startswith("$ "):
            waiting.append(line)
            continue
        wrong += typed(waiting, terminal, folder)
        waiting.clear()
        terminal.remarks[line.typed]()
    return wrong + typed(waiting, terminal, folder)


def typed(lines: list[Line], terminal: FirstTerminal, folder: Path) -> list[str]:
    """Commands that follow each other, in one shell."""
    commands = "".join(f"{line.typed[2:]}\nprintf '\\x1e'\n" for line in lines)
    pids = "".join(f"{name}={pid}\n" for name, pid in terminal.processes().items())
    # What was defined in a block before is still there, as in a terminal that was left open.
    script = f"touch .shell; . ./.shell\n{pids}{commands}{{ declare -f; export -p; }} > .shell\n"
    for documented, port in terminal.ports.items():
        script = re.sub(rf"\b{documented}\b", str(port), script)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment() | {"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    printed = done.stdout.replace("\r", "").split(END)
    for documented, port in terminal.ports.items():
        printed = [re.sub(rf"\b{port}\b", documented, one) for one in printed]
    return [
        f"{line.typed}\nit says:\n{line.printed}\nit printed:\n{found}{done.stderr}"
        for line, found in zip(lines, printed, strict=False)
        if not is_as_told(line.printed, found)
    ]


def is_as_told(told: str, printed: str) -> bool:
    pattern = ".*".join(map(re.escape, told.strip("\n").split("…")))
    return re.fullmatch(pattern, printed.strip("\n")) is not None


Found = Future[list[str]]


def blocks_of(chapter: Chapter) -> list[lesson.Typed]:
    parts = lesson.parse(chapter.text("lesson.md"))
    return [part for part in parts if isinstance(part, lesson.Typed)]


TYPED = {chapter: blocks for chapter in chapters() if (blocks := blocks_of(chapter))}


def play_all(chapter: Chapter, command: tuple[str, ...], folder: Path) -> list[str]:
    """All blocks of a chapter, one after the other, each beside the members that it wants."""
    wrong = []
    for beside in dict.fromkeys(block.beside for block in TYPED[chapter]):
        place = folder / beside
        place.mkdir(parents=True)
        with BESIDE[beside](command, place) as terminal:
            for block in TYPED[chapter]:
                if block.beside == beside:
                    wrong += play(block, terminal, place)
    return wrong


KINDS = {"ours": OURS, "etcd": REAL}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Found]]:
    """All chapters with both, some at a time: most of a play is waiting."""
    folder = tmp_path_factory.mktemp("typed")
    with ThreadPoolExecutor(4) as side_by_side:
        yield {
            (chapter.slug, name): side_by_side.submit(
                play_all, chapter, command, folder / chapter.slug / name
            )
            for chapter in TYPED
            for name, command in KINDS.items()
        }
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("slug", [chapter.slug for chapter in TYPED])
def test_the_commands_of_a_chapter_print_what_it_says(
    slug: str, name: str, played: dict[tuple[str, str], Found]
):
    assert "\n\n".join(played[slug, name].result()) == ""


def test_other_output_than_the_chapter_says_is_noticed(folder: Path):
    block = lesson.Typed("alone", "$ echo one\none\n$ echo two\nthree\n$ echo 2024\n…2…")
    terminal = FirstTerminal({}, dict, {})
    (found,) = play(block, terminal, folder)
    assert "it says:\nthree\nit printed:\ntwo" in found


# --- what no command shows in one line -----------------------------------------------------------


def test_the_rate_of_one_client_who_waits_is_not_the_rate_of_the_server(
    folder: Path, start_etcd: Callable[..., Process]
):
    """The article's 2,000 reads a second (C16): asked one by one, and asked by many."""
    etcd = start_etcd(folder / "etcd")
    etcd.put("/bench", "hello")
    server = Server("etcd", etcd.port, etcd.process, 0.0)
    one, many = (rate(server, "GET", 1.0, clients).per_second for clients in (1, 32))
    assert many > 1.5 * one


def test_etcd_computes_the_ids_that_the_article_prints(folder: Path):
    """C2: nobody of the three can be reached, and still each knows who they are."""
    hosts = {"etcd-0-8": "172.16.0.8", "etcd-0-14": "172.16.0.14", "etcd-0-17": "172.16.0.17"}
    peers = ",".join(f"{name}=http://{host}:2380" for name, host in hosts.items())
    etcd = Process(
        REAL,
        folder / "etcd",
        "--name=etcd-0-8",
        f"--initial-cluster={peers}",
        "--initial-advertise-peer-urls=http://172.16.0.8:2380",
        "--initial-cluster-token=etcd-token",
    )
    try:
        for id_ in ("2d2e457c6a1a76cb", "56e0b6dad4c53d42", "d2d2e9fc758e6790"):
            etcd.wait_until_it_says(f"added member {id_}")
    finally:
        etcd.kill()
