"""Tab in zsh and fish: the shells themselves, and keys of a server of ours. (bash: tests/ctl.)"""

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.ctl.running import CTL, environment
from tests.processes import OURS, Process

PATIENCE_S = 20
LEARNETCD = " ".join(CTL[:-1])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("shells")
    server = Process(OURS, folder / "data").wait_until_ready()
    server.put("/msg", "hello")
    server.put("/maps/one", "1")
    yield server.url
    server.end()
    shutil.rmtree(folder)  # a log is a file of 64 MB


class Zsh:
    """A zsh that somebody types into."""

    def __init__(self) -> None:
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment(TERM="dumb", COLUMNS="200"))

    def press(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def wait_for(self, words: str) -> str:
        """What it writes, as soon as these words are in it."""
        shown, deadline = "", time.monotonic() + PATIENCE_S
        while words not in shown:
            assert time.monotonic() < deadline, f"{words!r} is not in {shown!r}"
            if select.select([self.terminal], [], [], 0.1)[0]:
                shown += os.read(self.terminal, 1 << 16).decode(errors="replace")
        return shown

    def end(self) -> None:
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


@pytest.fixture
def zsh() -> Iterator[Zsh]:
    shell = Zsh()
    shell.press(
        "PS1='> '; unsetopt beep; autoload -Uz compinit; compinit -u -D; "
        f'learnetcd() {{ {LEARNETCD} "$@" }}; '
        'source <(learnetcd ctl completion zsh); echo sour""ced\n'
    )
    shell.wait_for("sourced")
    yield shell
    shell.end()


def test_zsh_completes_verbs_and_keys(zsh: Zsh, url: str):
    zsh.press("learnetcd ctl member re\t")
    zsh.wait_for("member remove")
    zsh.press(f"\x15learnetcd ctl --endpoints {url} get /m\t\t")
    shown = zsh.wait_for("/msg")
    assert "/maps/" in shown
    zsh.press(f"\x15learnetcd ctl --endpoints {url} ls /maps/\t")
    zsh.wait_for("/maps/one")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("learnetcd ctl --endpoints {url} get /m", ["/maps/", "/msg"]),
        ("learnetcd ctl --endpoints {url} ls /maps/", ["/maps/one"]),
        ("learnetcd ctl member re", ["remove"]),
        ("learnetcd ctl get --", ["--quorum", "--sort"]),
    ],
)
def test_fish_completes_verbs_flags_and_keys(url: str, line: str, found: list[str]):
    script = (
        f"function learnetcd; {LEARNETCD} $argv; end; learnetcd ctl completion fish | source; "
        f"complete -C '{line.format(url=url)}'"
    )
    ended = subprocess.run(
        ["fish", "--no-config", "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert ended.stdout.split() == found
