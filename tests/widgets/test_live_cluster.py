"""Real members in a notebook: who asks them waits for a step, and no port is left."""

import socket

from learnetcd.widgets import LiveCluster
from learnetcd.widgets import live as page
from tests.session.live import Curl, choose_ports, go_until, wait_for


def is_open(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as trial:
        return trial.connect_ex((host, int(port))) == 0


def test_a_request_waits_at_the_door_until_somebody_steps(tmp_path):
    choose_ports(tmp_path / "x", 3)
    live = LiveCluster(folder=tmp_path / "x", seed=1)
    assert live.urls[0] in next(one["body"] for one in live.shown["panes"])
    curl = Curl(f"{live.urls[0]}/v2/keys/msg", "PUT", b"value=hello")
    wait_for(lambda: live.seat.pulse())
    live.show()
    assert curl.status is None
    assert "it waits at the door of S1" in str(live.shown)
    go_until(live, lambda: curl.status is not None, "message")
    assert curl.status == 201
    urls = live.urls
    live.close()
    assert not any(map(is_open, urls))


def test_a_cell_that_is_run_again_leaves_no_port(tmp_path, monkeypatch):
    cell = ("cell-1", "run-1")
    monkeypatch.setattr(page, "this_cell", lambda: cell)
    choose_ports(tmp_path / "a", 1)
    choose_ports(tmp_path / "b", 1)
    first = LiveCluster(folder=tmp_path / "a", seed=1)
    assert is_open(first.urls[0])
    cell = ("cell-1", "run-2")
    second = LiveCluster(folder=tmp_path / "b", seed=1)
    assert not is_open(first.urls[0])
    assert is_open(second.urls[0])
    page.end_all()
    assert not is_open(second.urls[0])
