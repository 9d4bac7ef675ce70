"""Real members on the screen: who asks from another terminal is seen, and waits for the keys."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from urllib.parse import urlsplit

import pytest

from learnetcd.cli import main
from learnetcd.desk.desk import Desk
from learnetcd.runtime.lent_folder import LentFolder
from learnetcd.session.session import Session
from learnetcd_tui.app import Application
from tests.session.live import PATIENCE_S, Curl, choose_ports, go_until, ready, wait_for
from tests.tui.looks import play, screen_text
from tests.tui.test_terminal import COMMAND, Lecture, Tmux, is_alive


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)


async def appears(app, pilot, words):
    end = time.monotonic() + PATIENCE_S
    while words not in screen_text(app):
        assert time.monotonic() < end, screen_text(app)
        await pilot.pause(0.05)


def test_a_client_outside_appears_by_itself_and_is_answered_by_the_keys(folder):
    with ready(folder) as session:
        app = Application(Desk(session))
        curl = Curl(f"{session.client_urls[0]}/v2/keys/msg", "PUT", b"value=hello")

        async def watch(pilot):
            await appears(app, pilot, "put msg=hello → S1")
            assert "it waits at the door" in screen_text(app)
            assert curl.hangs
            app.take_key("full_stop", ".")
            assert curl.hangs, "its entry is in one log at the most"
            for _ in range(25):
                app.take_key("full_stop", ".")
                await pilot.pause()
                if not curl.hangs:
                    break
            assert curl.outcome() == 201

        seen = play(app, then=watch)
        assert "✓ done" in seen


def test_a_proxy_is_chosen_and_asked_about_like_a_member(folder):
    with ready(folder, proxy=True) as session:
        app = Application(Desk(session))
        curl = Curl(f"{session.proxy_url}/v2/keys/msg", "PUT", b"value=hello")

        async def watch(pilot):
            await appears(app, pilot, "│ PUT /v2/keys/msg → S")
            for key in ("j", "m", "down", "down", "down"):
                app.take_key(key, key if len(key) == 1 else None)
            app.take_key("question_mark", "?")
            await appears(app, pilot, "Why the proxy asks S")
            assert "/v2/keys/msg waits for" in screen_text(app)
            assert curl.hangs
            app.take_key("v", "v")
            assert "proxy :" not in screen_text(app), "its past has no proxy"
            app.take_key("v", "v")

        assert f"proxy :{session.proxy_url.rpartition(':')[2]} asks S" in play(app, then=watch)


def test_until_a_condition_holds_the_members_are_seen_to_run_and_space_stops_them(folder):
    with ready(folder) as session:
        app = Application(Desk(session))

        async def watch(pilot):
            app.desk.do("until", "nonsense")
            assert not app.desk.running
            app.desk.do("until", "S1 applied q=1")
            await appears(app, pilot, "RUNNING")
            assert "Until S1 applied q=1: space stops it." in screen_text(app)
            app.take_key("space", " ")
            step = session.view().step
            await pilot.pause(0.2)
            assert (session.view().step, app.desk.goal) == (step, "")
            app.desk.do("until", "S1 applied q=1")
            curl = Curl(f"{session.client_urls[0]}/v2/keys/q", "PUT", b"value=1")
            await appears(app, pilot, "S1 applied q=1: true at")
            assert not app.desk.running
            assert curl.outcome() == 201
            app.desk.do("until", "S1 applied q=1")
            assert "true at" in app.desk.notice, "it holds already"
            app.desk.do("until", "term 99")
            app.desk.goal_left_ms = 1
            await appears(app, pilot, "term 99: not true at")

        play(app, then=watch)


def test_the_past_opens_by_one_key_and_the_same_key_leads_back(folder):
    with ready(folder) as session:
        desk = Desk(session)
        desk.do("back")
        assert "the key v" in desk.notice
        here = session.view().step
        desk.do("past")
        assert desk.session is not session
        assert desk.session.view().step == here
        desk.do("back")
        assert desk.session.view().step < here
        desk.do("crash")
        desk.do("past")
        assert desk.session is session
        assert (session.view().step, session.view().members[0].alive) == (here, True)


def test_the_past_of_a_simulated_run_is_in_its_own_hands():
    desk = Desk(Session.open())
    desk.do("past")
    assert desk.notice == "This session is its own past: go back in it."


def test_a_member_that_fails_while_it_runs_is_told_on_the_screen(folder):
    with ready(folder) as session:
        app = Application(Desk(session))

        async def fail(pilot):
            async def failing():
                session._cluster.places[1].server.driver.fail(OSError("the disk is full"))

            session._reins.do(failing)
            await appears(app, pilot, "S1 has stopped: the disk is full")

        assert "✕ down" in play(app, "space", then=fail)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL, "the terminal is closed"])
def test_however_the_application_ends_no_port_child_or_lock_stays(folder, tmp_path, ending):
    choose_ports(folder, 3)
    urls = [line.split()[1] for line in (folder / "addresses").read_text().splitlines()]
    terminal = Tmux(
        tmp_path / "tmux",
        120,
        40,
        XDG_STATE_HOME=str(tmp_path),
        arguments=("--live", "--data", str(folder)),
    )
    try:
        terminal.wait_for("Real members, at http://127.0.0.1:")
        curl = Curl(f"{urls[1]}/v2/keys/msg", "PUT", b"value=hello")
        terminal.wait_for("put msg=hello → S2")
        assert curl.hangs
        terminal.press("Space", "+", "+", "+")
        wait_for(lambda: not curl.hangs)
        assert curl.status == 201
        process = terminal.process()
        assert children_of(process) == "", "the members are threads of ours, or tasks"
        if isinstance(ending, str):
            terminal.kill()
        else:
            os.kill(process, ending)
            terminal.wait_for("exit code")
        wait_for(lambda: not is_alive(process))
    finally:
        terminal.kill()
    for url in urls:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", urlsplit(url).port))
    with ready(folder) as again:
        read = Curl(f"{again.client_urls[0]}/v2/keys/msg?quorum=true")
        wait_for(again.at_the_door)
        go_until(again, lambda: not read.hangs)
        assert read.said["node"]["value"] == "hello"


def children_of(process):
    return subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True).stdout


@pytest.mark.parametrize("ending", [signal.SIGKILL, "the terminal is closed"])
def test_a_folder_of_our_own_goes_away_with_us_or_with_the_next_who_comes(
    tmp_path, monkeypatch, ending
):
    terminal = Tmux(tmp_path / "tmux", 80, 24, TMPDIR=str(tmp_path), arguments=("--live",))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    try:
        terminal.wait_for("Real members, at http://127.0.0.1:")
        (folder,) = tmp_path.glob("learnetcd-live-*")
        LentFolder().give_back()
        assert folder.exists(), "somebody has it"
        if ending is signal.SIGKILL:
            os.kill(terminal.process(), ending)
            terminal.wait_for("exit code")
            assert folder.exists(), "who is killed does nothing any more"
            LentFolder().give_back()
    finally:
        terminal.kill()
    wait_for(lambda: not folder.exists())


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_cluster(folder, tmp_path):
    choose_ports(folder, 3)
    url = (folder / "addresses").read_text().split()[1]
    lecture = Lecture(tmp_path, [*COMMAND, "--live", "--data", str(folder)])
    try:
        lecture.wait_for(b"Real members")
        os.write(lecture.ours, b" +++")
        lecture.wait_for(b"RUNNING")
        for _ in range(25):
            os.write(lecture.ours, b"t")  # light and dark: the whole screen, and nobody reads it
            assert Curl(f"{url}/v2/keys/q", "POST", b"value=hello").outcome() == 201
        lecture.process.send_signal(signal.SIGTERM)
        assert lecture.end() == 143
    finally:
        if lecture.process.poll() is None:
            lecture.process.kill()
            lecture.process.wait()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "3"), "--size is for real members: give --live, too."),
        (("--proxy",), "--proxy is for real members: give --live, too."),
        (("--live", "--members", "3"), "Give --size for that."),
        (("--live", "--size", "9"), "1 to 7 members, not 9."),
        (("--live", "--scene", "snapshot"), "The scene snapshot sets knobs, which no server has."),
        (("--live", "--scene", "rafty"), "rafty"),
        (("--live", "--profile", "rafty"), "rafty"),
        (("--attach", "http://127.0.0.1:1", "--live"), "--attach and --live don't go together"),
        (("--attach", "http://127.0.0.1:1", "--seed", "2"), "--attach and --seed don't go"),
        (("--live", "--ca-file", "/a.pem"), "--ca-file is for servers that run elsewhere"),
        (("--attach", "127.0.0.1:2379"), "a URL like http://127.0.0.1:2379 is wanted"),
        (("--attach", "http://[::1"), "a URL like http://127.0.0.1:2379 is wanted"),
        (("--attach", "http://127.0.0.1:1"), "http://127.0.0.1:1 can't be watched"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(capsys, monkeypatch, tmp_path, words, said):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["tui", "--narrate", *words]) == 2
    assert list(tmp_path.iterdir()) == [], "nothing is left of what did not begin"
    assert said in capsys.readouterr().err
