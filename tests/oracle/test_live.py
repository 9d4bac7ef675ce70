"""The real etcdctl and curl at members that stand still."""

import shutil
import subprocess

import pytest

from learnetcd.session.session import Grain
from tests.processes import environment
from tests.session.live import PATIENCE_S, go_until, ready, wait_for


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
