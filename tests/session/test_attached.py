"""Servers in processes of their own, watched and held from here; and nothing of it is left."""

import http.server
import io
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from learnetcd.cli import main
from learnetcd.desk.desk import ACTS, Desk
from learnetcd.errors import UserError
from learnetcd.runtime import certificates
from learnetcd.runtime.credentials import Credentials, credentials_in
from learnetcd.session.attached import AttachedSession
from learnetcd.session.session import Grain, Subject
from learnetcd.session.views import Mark
from tests.certificates import pki
from tests.ctl.running import run
from tests.processes import OURS, PATIENCE_S, Process, environment, free_ports, url_of

pytestmark = pytest.mark.outside

FLAGS = ("--trace-stream", "--allow-hold")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("attached")
    server = Process(OURS, folder / "data", *FLAGS).wait_until_ready()
    yield server
    server.end()
    shutil.rmtree(folder)  # a log is a file of 64 MB


@contextmanager
def attached(*urls: str, shown: Credentials | None = None) -> Iterator[AttachedSession]:
    session = AttachedSession(urls, shown)
    try:
        yield session
    finally:
        session.close()


def wait(session: AttachedSession, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, [one.text for one in session.narration(1, 10_000)]
        time.sleep(0.02)
        session.has_news()


def said(session: AttachedSession) -> str:
    return "\n".join(one.text for one in session.narration(1, 10_000))


def write_in_another_thread(server: Process, key: str) -> threading.Thread:
    thread = threading.Thread(target=server.put, args=(key, "1"))
    thread.start()
    return thread


def test_a_write_is_seen_on_its_way_and_in_the_log_and_the_keys(server: Process):
    with attached(server.url) as session:
        server.put("/x", "1")
        wait(session, lambda: "answers client c1 (put x=1)" in said(session))
        wait(session, lambda: session.view().members[0].keyspace(9).keys != ())
        (member,) = session.view().members
        (entry,) = member.entries(member.last_index, member.last_index)
        assert (member.role, entry.text, entry.mark) == ("leader", "x=1", Mark.APPLIED)
        assert session.view().clients[-1].outcome == "done"
        told = session.narration(1, 10_000)
        assert any(one.citation.startswith("Raft") for one in told)
        assert {one.step for one in told} == set(range(1, session.view().length + 1))
        assert "leader t2" in session.state_lines()[0]


def test_what_was_told_and_seen_can_be_gone_through_again(server: Process):
    with attached(server.url) as session:
        for value in ("v-one", "v-two"):
            server.put("/past", value)
            wait(session, lambda value=value: value in kept(session))
        desk = Desk(session)
        desk.do("back")
        assert "v opens what they told so far" in desk.notice
        desk.do("past")
        assert "What was told and seen so far" in desk.notice
        past, end = desk.session, session.view().length
        assert (past.view().step, kept(past)) == (end, kept(session))
        while "v-two" in kept(past):
            desk.do("back")
        assert "v-one" in kept(past)
        assert past.view().step < end
        desk.do("past")
        assert desk.session is session


def kept(session: AttachedSession) -> str:
    """The keys, with their values."""
    return str(session.view().members[0].keyspace(9).keys)


def test_a_held_write_is_let_through_by_steps(server: Process):
    with attached(server.url) as session:
        member = session.view().members[0].id
        session.hold_gate(member, "synced")
        writing = write_in_another_thread(server, "/held")
        wait(session, lambda: any("first WalSynced" in c.text for c in session.choices()))
        assert writing.is_alive()
        session.forward(Grain.MESSAGE)
        writing.join(PATIENCE_S)
        assert not writing.is_alive()
        session.open_gate(member, "synced")
        wait(session, lambda: not any("held" in choice.text for choice in session.choices()))


def test_when_the_session_is_closed_whatever_was_held_goes_on(server: Process):
    with attached(server.url) as session:
        session.hold_gate(session.view().members[0].id, "committed")
        writing = write_in_another_thread(server, "/closed")
        wait(session, lambda: "committed: 1 wait" in str(session.choices()))
    writing.join(PATIENCE_S)
    assert server.value("/closed") == "1"


def test_an_application_that_is_killed_leaves_nothing_held(server: Process):
    command = [sys.executable, "-m", "learnetcd", "tui", "--narrate", "--attach", server.url]
    watching = subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert watching.stdin is not None
    assert watching.stdout is not None
    watching.stdin.write("Z hold synced\nZ hold nosuch\n")
    while "nosuch" not in watching.stdout.readline():
        pass  # the first line was carried out when the second is refused
    writing = write_in_another_thread(server, "/killed")
    time.sleep(0.3)
    assert writing.is_alive()
    watching.send_signal(signal.SIGKILL)
    watching.wait()
    watching.stdin.close()
    watching.stdout.close()
    writing.join(PATIENCE_S)
    assert server.value("/killed") == "1"


def test_they_can_be_watched_and_not_stepped_rewound_or_asked(server: Process):
    with attached(server.url) as session:
        member = session.view().members[0].id
        for act in (
            session.forward,
            session.back,
            session.undo,
            lambda: session.seek(1),
            lambda: session.put(member, "x", "1"),
            lambda: session.crash(member),
            lambda: session.cut("1|23"),
            lambda: session.act("elect S1"),
            lambda: session.run_until("leader"),
            lambda: session.why(Subject.role(member)),
            lambda: session.save("/nowhere/at/all"),
            lambda: session.choose(session.choices()[0]),
            lambda: session.set_profile("paper"),
            lambda: session.switch("main"),
            lambda: session.compare("a", "b"),
            lambda: session.span(1, 2),
            lambda: session.transfer(member, 2),
            lambda: session.set_rule("own-term", False),
            lambda: session.cancel(1),
            lambda: session.remove_member(member),
            session.redo,
            session.digest,
        ):
            with pytest.raises(UserError, match="run by themselves"):
                act()
        with pytest.raises(UserError, match="gate"):
            session.hold_gate(member, "nosuch")
        session.advance(1000)
        assert session.rules() == session.invariants() == session.script() == ()


def test_a_server_that_dies_is_shown_as_down_and_found_again(server: Process, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dying")
    dying = Process(OURS, folder / "data", *FLAGS).wait_until_ready()
    with attached(server.url, dying.url) as session:
        wait(session, lambda: [one.role for one in session.view().members] == ["leader", "leader"])
        dying.end(signal.SIGKILL)
        wait(session, lambda: [one.role for one in session.view().members] == ["leader", "down"])
        assert "can't be seen at" in said(session)
        ports = (dying.port, dying.peer_port)
        again = Process(OURS, folder / "data", *FLAGS, ports=ports).wait_until_ready()
        wait(session, lambda: [one.role for one in session.view().members] == ["leader", "leader"])
        again.end()
    shutil.rmtree(folder)


def test_a_server_that_wants_a_certificate_is_shown_etcdctls(tmp_path: Path):
    url = url_of(free_ports(1)[0]).replace("http:", "https:")
    tls = certificates.server_flags(pki())
    at = (f"--listen-client-urls={url}", f"--advertise-client-urls={url}")
    server = Process(OURS, tmp_path / "data", *FLAGS, *tls, *at).wait_until_ready()
    variables = {
        "ETCDCTL_CA_FILE": str(pki() / "ca.pem"),
        "ETCDCTL_CERT_FILE": str(pki() / "client.pem"),
        "ETCDCTL_KEY_FILE": str(pki() / "client-key.pem"),
    }
    try:
        with pytest.raises(UserError, match="no handshake"):
            AttachedSession([url])
        with attached(url, shown=credentials_in(variables)) as session:
            assert session.view().members[0].role == "leader"
    finally:
        server.end()
        shutil.rmtree(server.data)


def test_a_server_with_accounts_is_shown_etcdctls_name_and_password(tmp_path: Path):
    server = Process(OURS, tmp_path / "data", *FLAGS).wait_until_ready()
    try:
        for line in ("user add root:secret", "auth enable"):
            assert run("--endpoints", server.url, *line.split()).code == 0
        for username in ("", "root:wrong"):
            with pytest.raises(UserError, match="it answers 401 at /debug/member"):
                AttachedSession([server.url], credentials_in({"ETCDCTL_USERNAME": username}))
        root = credentials_in({"ETCDCTL_USERNAME": "root:secret"})
        with attached(server.url, shown=root) as session:
            session.hold_gate(session.view().members[0].id, "synced")
            assert session.view().members[0].role == "leader"
    finally:
        server.end()
        shutil.rmtree(server.data)


def test_etcdctls_flags_do_as_well_and_a_password_is_asked_for(tmp_path: Path, seen_by_flags):
    url = url_of(free_ports(1)[0]).replace("http:", "https:")
    ours = certificates.client_flags(pki())
    at = (f"--listen-client-urls={url}", f"--advertise-client-urls={url}")
    tls = certificates.server_flags(pki())
    server = Process(OURS, tmp_path / "data", *FLAGS, *tls, *at).wait_until_ready()
    try:
        for line in ("user add root:secret", "auth enable"):
            assert run("--endpoints", url, *ours, *line.split()).code == 0
        root = ("-u", "root")
        assert "it answers 401" in seen_by_flags("wrong\n", url, *ours, *root)
        assert f"Attached to {url}." in seen_by_flags("secret\nq\n", url, *ours, *root)
        assert f"Attached to {url}." in seen_by_flags("q\n", url, *ours, "--username=root:secret")
    finally:
        server.end()
        shutil.rmtree(server.data)


@pytest.fixture
def seen_by_flags(monkeypatch, capsys) -> Callable[..., str]:
    """What is said by `learnetcd tui --attach URL` with these flags and lines."""

    def tell(lines: str, url: str, *flags: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        main(["tui", "--narrate", "--attach", url, *flags])
        told = capsys.readouterr()
        return told.out + told.err

    return tell


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--ca-file=/no.pem",), "open /no.pem: no such file or directory."),
        (("--cert-file=/a.pem",), "KeyFile and CertFile must both be present"),
    ],
)
def test_a_file_that_is_of_no_use_is_one_sentence(seen_by_flags, flags, sentence):
    assert sentence in seen_by_flags("", "https://127.0.0.1:1", *flags)


def test_a_name_without_a_password_is_one_sentence():
    with pytest.raises(UserError, match="NAME:PASSWORD is wanted"):
        credentials_in({"ETCDCTL_USERNAME": "root"})


def test_no_key_of_the_screen_is_a_mistake(server: Process, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with attached(server.url) as session:
        desk = Desk(session)
        for words in ("", "x=1", "1|23", "skew 900", "hold synced", "open synced", "leader", "1"):
            for act in ACTS:
                desk.do(act, words)
                desk.sight()
                desk.begin(session)
        assert list(tmp_path.iterdir()) == []


def test_who_is_not_there_can_not_be_watched():
    url = url_of(free_ports(1)[0])
    with pytest.raises(UserError, match=f"{url} can't be watched"):
        AttachedSession([url])


class Stranger(http.server.BaseHTTPRequestHandler):
    """Serves HTTP, and is no etcd."""

    body = b"<html>"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"{}", b'{"role": 7}', b"\xff"])
def test_a_server_that_is_no_etcd_is_one_sentence(body: bytes):
    handler = type("Answering", (Stranger,), {"body": body})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as stranger:
        thread = threading.Thread(target=stranger.serve_forever, args=(0.02,))
        thread.start()
        try:
            with pytest.raises(UserError, match="can't be watched"):
                AttachedSession([f"http://127.0.0.1:{stranger.server_address[1]}"])
        finally:
            stranger.shutdown()
            thread.join()
