"""`learnetcd cluster`: members as processes, in one terminal."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import trio

from learnetcd.cli import main
from learnetcd.member import identity
from learnetcd.runtime import article
from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.http_client import HttpClient
from learnetcd.runtime.local_member import environment, free_addresses, free_ports, local_members
from tests.processes import OPENER, free_ports_in_a_row

PATIENCE_S = 40


class Terminal:
    """A `learnetcd cluster`, and what it prints."""

    def __init__(self, folder, *words):
        self.path = folder / "terminal.txt"
        with self.path.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "learnetcd", "cluster", *words],
                stdout=output,
                stderr=output,
                env={**environment(), "TMPDIR": str(folder)},
            )

    def shows(self, pattern):
        """Wait for a line, and give what was found in it."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.path.read_text("utf-8"))):
            assert self.process.poll() is None, self.path.read_text("utf-8")
            assert time.monotonic() < deadline, self.path.read_text("utf-8")
            time.sleep(0.05)
        return found


def test_a_cluster_says_how_to_ask_it_tells_who_dies_and_ends_with_all_its_members(tmp_path):
    first = free_ports_in_a_row(6)
    terminal = Terminal(tmp_path, f"--first-port={first}", "--trace-stream")
    try:
        ready = terminal.shows(r" +\| ready: curl (\S+) -XPUT -d value=hello, .*endpoints=(\S+)")
        assert ready[2] == ",".join(f"http://127.0.0.1:{first + n}" for n in (0, 2, 4))
        watch = terminal.shows(r" +\| watch: learnetcd tui --attach (.+)\n")
        assert watch[1] == ready[2].replace(",", " ")
        with OPENER.open(ready[1].replace("keys/greeting", "members"), timeout=PATIENCE_S) as said:
            assert said.read().count(b'"clientURLs":["http') == 3
        with OPENER.open(f"http://127.0.0.1:{first}/debug/member", timeout=PATIENCE_S) as said:
            assert json.load(said)["may_hold"]
        pids = {n: int(terminal.shows(rf"m{n} \| process (\d+)")[1]) for n in (1, 2, 3)}
        os.kill(pids[2], signal.SIGKILL)
        terminal.shows(r"m2 \| has ended \(by SIGKILL\)\. This starts it again: .*--name=m2 ")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(PATIENCE_S) == -signal.SIGINT
        for pid in pids.values():
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        assert [path.name for path in tmp_path.iterdir()] == ["terminal.txt"]
    finally:
        terminal.process.terminate()
        terminal.process.wait(PATIENCE_S)


def test_an_encrypted_cluster_says_which_files_clients_need_and_users_come_as_the_readme_says(
    tmp_path,
):
    port = free_ports_in_a_row(2)
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    begin, *typed = re.search(r"```\n(learnetcd cluster --tls .*?)```", readme, re.S)[
        1
    ].splitlines()
    words = begin.partition("#")[0].replace("secured", str(tmp_path / "secured")).split()[2:]
    terminal = Terminal(tmp_path, *words, "--size=1", f"--first-port={port}")
    try:
        line = terminal.shows(r"etcdctl (--ca-file=.*) --endpoints=(https://\S+) member list")
        asked = ["ctl", *line[1].split(), f"--endpoints={line[2]}"]
        assert main([*asked, "set", "/greeting", "hello"]) == 0
        assert main([*asked[:2], f"--endpoints={line[2]}", "get", "/greeting"]) == 4
        ours = f'learnetcd() {{ "{sys.executable}" -m learnetcd "$@"; }}'
        script = "\n".join([ours, *typed]).replace("2379", str(port))
        said = subprocess.run(
            ["bash", "-ec", script], cwd=tmp_path, env=environment(), capture_output=True, text=True
        )
        assert said.returncode == 0, said.stderr
        assert said.stdout.splitlines()[-1] == "root"
    finally:
        terminal.process.terminate()
        terminal.process.wait(PATIENCE_S)


def test_certificates_for_a_class_are_made_and_said_how_to_be_used(capsys, tmp_path):
    folder = tmp_path / "pki"
    assert main(["certs", str(folder), "--hosts", "infra0.example.com,10.0.0.1"]) == 0
    said = capsys.readouterr().out
    assert "for a member, whose URLs begin with https:" in said
    assert f"  --peer-key-file={folder}/peer-key.pem" in said
    assert f"  --ca-file={folder}/ca.pem \\\n" in said
    assert main(["certs", str(folder)]) == 2
    assert "is there already: to make certificates anew" in capsys.readouterr().err


def test_ports_that_are_taken_are_one_sentence(capsys, tmp_path):
    with socket.create_server(("127.0.0.1", free_ports_in_a_row(6))) as listening:
        port = listening.getsockname()[1]
        words = ["cluster", f"--first-port={port}", f"--data-dir={tmp_path}"]
        assert main(words) == 2
    said = capsys.readouterr().err
    assert f"Nobody can listen on http://127.0.0.1:{port}: Address already in use." in said
    assert "--first-port" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["article", "--size=5"], "--size can't be had with it"),
        (["article", "--etcd"], "--etcd can't be had with it"),
        (["article", "--tls"], "--tls can't be had with it"),
        (["article", "--trace-stream"], "--trace-stream can't be had with it"),
        (["--profile=etcd-4"], "There is no profile 'etcd-4'"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys, tmp_path, words, sentence):
    assert main(["cluster", f"--data-dir={tmp_path}", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_the_members_of_the_article_have_its_ids(tmp_path):
    """The article, 4.2.5: what `etcdctl member list` shows."""
    ids = {
        "etcd-0-8": 0x2D2E457C6A1A76CB,
        "etcd-0-14": 0x56E0B6DAD4C53D42,
        "etcd-0-17": 0xD2D2E9FC758E6790,
    }
    for member in article.article_members(tmp_path):
        (flag,) = [word for word in member.command if word.startswith("--environment-file=")]
        settings, warnings = read_settings([flag], {}, lambda path: Path(path).read_text("utf-8"))
        assert warnings == []
        urls, token = settings.initial_advertise_peer_urls, settings.initial_cluster_token
        assert identity.member_id(urls, token) == ids[settings.name]
        everybody = {url for one in settings.initial_cluster for url in one.peer_urls}
        assert everybody == dict(settings.peer_routes).keys()


def test_a_route_leads_to_where_a_member_is():
    async def play():
        async def answer(stream):
            async with stream:
                await stream.receive_some(1 << 16)
                await stream.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")

        port = free_ports(1)[0]
        routes = (("http://172.16.0.8:2380", f"http://127.0.0.1:{port}"),)
        async with trio.open_nursery() as nursery:
            await nursery.start(partial(trio.serve_tcp, answer, port, host="127.0.0.1"))
            async with HttpClient(PATIENCE_S, routes) as client:
                response = await client.request("http://172.16.0.8:2380", "GET", "/version")
            nursery.cancel_scope.cancel()
        assert response.status == 204

    trio.run(play)


def test_members_know_each_other_by_what_they_advertise(tmp_path):
    members = local_members(tmp_path, free_addresses(3))
    (everybody,) = {word for one in members for word in one.command if "initial-cluster=" in word}
    for member in members:
        settings, _ = read_settings(member.command[4:], {}, lambda path: "")
        assert settings.name == member.name
        assert f"{member.name}={settings.listen_peer_urls[0]}" in everybody
