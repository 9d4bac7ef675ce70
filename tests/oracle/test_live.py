"""The real etcdctl and curl at members that stand still."""

import json
import os
import shutil
import subprocess
import time

import pytest

from learnetcd.session.session import Grain
from tests.processes import environment
from tests.session.demos import (
    A_READ_THAT_ASKS_A_MAJORITY,
    A_TIME_OUT,
    A_WRITE_IS_ANSWERED,
    HEAL,
    IS_NOT_A_NO,
    NOBODY_NOTICES_ONE_MEMBER,
    TWO_LEADERS,
    Live,
)
from tests.session.live import (
    PATIENCE_S,
    QUESTIONS,
    choose_ports,
    go_until,
    ready,
    wait_for,
)
from tests.tui.test_terminal import Tmux


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)


def etcdctl(url, *words):
    # Left to itself it gives up after two seconds.
    patience = ("--timeout", "60s", "--total-timeout", "60s")
    return subprocess.Popen(
        ["etcdctl", "--endpoints", url, *patience, *words],
        env={**environment(), "ETCDCTL_API": "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("member", [1, 2, 3])
def test_etcdctl_set_returns_at_the_very_step_at_which_its_entry_is_applied(folder, member):
    with ready(folder) as session:
        client = etcdctl(session.client_urls[member - 1], "set", "/msg", "hello")
        # It asks for the members first, which takes no step.
        wait_for(session.at_the_door)
        number = session.at_the_door()[0].request_id

        def outcome():
            return next(one.outcome for one in session.view().clients if one.id == number)

        while outcome() == "pending":
            assert client.poll() is None
            session.forward(Grain.EFFECT)
        assert outcome() == "done"
        assert client.communicate(timeout=PATIENCE_S)[0] == b"hello\n"
        assert client.returncode == 0
        assert session.live_mark() == session.past()._world.mark()


def test_etcdctl_watch_and_curl_are_clients_like_any_other(folder):
    with ready(folder) as session:
        watcher = etcdctl(session.client_urls[0], "watch", "/msg")
        wait_for(session.at_the_door)
        session.forward()
        curl = subprocess.Popen(
            ["curl", "-sS", "-XPUT", "-d", "value=1", f"{session.client_urls[1]}/v2/keys/msg"],
            stdout=subprocess.PIPE,
        )
        wait_for(session.at_the_door)
        go_until(session, lambda: curl.poll() is not None)
        go_until(session, lambda: watcher.poll() is not None)
        assert b'"action":"set"' in curl.communicate()[0]
        assert watcher.communicate()[0] == b"1\n"


class RealClient:
    """A program in another terminal."""

    process: subprocess.Popen[bytes]

    @property
    def hangs(self):
        return self.process.poll() is None

    def said(self):
        return self.process.communicate(timeout=PATIENCE_S)[0]


class RealEtcdctl(RealClient):
    def __init__(self, url, key, value, read="local"):
        quorum = ("--quorum",) if read == "quorum" else ()
        verb = ("get", *quorum, key) if value is None else ("set", key, value)
        self.process = etcdctl(url, "--no-sync", *verb)

    def answer(self):
        """The value; None if it was refused."""
        said = self.said()
        if self.process.returncode == 0:
            return said.decode().strip()
        assert b"has no leader" in said, "etcdctl takes every 500 for this"
        return None


class RealCurl(RealClient):
    def __init__(self, url, key, value, read="local"):
        form = () if value is None else ("-XPUT", "-d", f"value={value}")
        self.process = subprocess.Popen(
            ["curl", "-sS", *form, f"{url}/v2/keys/{key}{QUESTIONS[read]}"], stdout=subprocess.PIPE
        )

    def answer(self):
        """The value; None if it was refused."""
        said = json.loads(self.said())
        if "errorCode" not in said:
            return said["node"]["value"]
        assert said["cause"].startswith("etcdserver: request timed out")
        return None


both = pytest.mark.parametrize("client", [RealEtcdctl, RealCurl])


@both
def test_demo_3_with_real_clients(folder, client):
    with Live("one-write", folder, client) as demo:
        demo.play(A_WRITE_IS_ANSWERED)
        assert demo.clients["P 1 x=1"].answer() == "1"
        demo.play(NOBODY_NOTICES_ONE_MEMBER)
        assert demo.clients["P 2 x=2"].answer() == "2"
        demo.play(A_TIME_OUT)
        assert demo.clients["P 2 x=3"].answer() is None
        demo.play(IS_NOT_A_NO)
        seen = demo.client("put x=3 → S2")
        assert (seen.outcome, seen.truth) == ("unknown", f"committed at {3 + demo.entries}")


@both
def test_demo_4_with_real_clients(folder, client):
    with Live("cut-leader", folder, client) as demo:
        demo.play(TWO_LEADERS)
        assert demo.clients["P 2 x=B"].answer() == "B"
        assert [demo.clients[f"G {member} x"].answer() for member in (1, 2, 3)] == ["1", "B", "B"]
        assert demo.clients["P 1 x=A"].hangs
        demo.play(A_READ_THAT_ASKS_A_MAJORITY)
        assert demo.clients["G 1 x quorum"].answer() is None
        demo.play(HEAL)
        assert demo.clients["P 1 x=A"].answer() is None, "unknown for ever"
        for asked in ("put x=A → S1", "get x (quorum) → S1"):
            assert demo.client(asked).truth == "overwritten"


def test_the_line_on_the_screen_can_be_copied_and_hangs_until_its_commit_is_stepped(
    folder, tmp_path
):
    """At 80x24 it is too long for a line, and a shell takes it all the same."""
    choose_ports(folder, 3)
    terminal = Tmux(tmp_path / "tmux", 80, 24, arguments=("--live", "--data", str(folder)))
    try:
        assert "h for how to ask" in terminal.wait_for("Real members").replace("\n", "")
        terminal.press("h")
        screen = terminal.wait_for("set /msg hello")
        begin, end = screen.index("ETCDCTL_API"), screen.index("set /msg hello")
        line = f"{screen[begin:end]}set /msg hello"
        client = subprocess.Popen(
            line, shell=True, stdout=subprocess.PIPE, env={**os.environ, "ETCDCTL_API": "3"}
        )
        terminal.wait_for("put msg=hello → S1")
        terminal.press(".")
        terminal.wait_for("S1 … pending")
        assert client.poll() is None
        for _ in range(60):
            terminal.press(".")
            if client.poll() is not None:
                break
            time.sleep(0.1)
        assert client.communicate(timeout=PATIENCE_S)[0] == b"hello\n"
        terminal.wait_for("✓ done")
    finally:
        terminal.kill()


def test_the_lines_that_the_screen_offers_work_as_they_stand(folder):
    with ready(folder) as session:
        for line in session.invitation:
            client = subprocess.Popen(line, shell=True, stdout=subprocess.PIPE, env=environment())
            wait_for(session.at_the_door)
            go_until(session, lambda client=client: client.poll() is not None)
            assert b"hello" in client.communicate()[0]
            assert client.returncode == 0
