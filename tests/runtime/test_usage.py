"""What a server tells of itself while it runs."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request

import pytest

from learnetcd.runtime import usage
from tests.processes import OPENER, OURS, PATIENCE_S, Process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    started = Process(OURS, tmp_path / "data").wait_until_ready()
    yield started
    started.end(signal.SIGKILL)


def text(server: Process, path: str) -> str:
    with OPENER.open(f"{server.url}{path}", timeout=PATIENCE_S) as answer:
        said: str = answer.read().decode()
        return said


def test_this_process_uses_something():
    used = usage.usage()
    assert used.cpu_seconds > 0
    assert used.most_open_files > 3


def test_where_there_is_no_proc_the_rest_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(usage, "PROC", tmp_path)
    used = usage.usage()
    assert (used.resident_bytes, used.virtual_bytes, used.open_files) == (0, 0, 0)
    assert used.cpu_seconds > 0


def test_a_server_measures_its_disk_its_requests_and_itself(server: Process):
    server.put("/x", "1")
    lines = [line for line in text(server, "/metrics").splitlines() if line[0] != "#"]
    seen = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    assert seen["etcd_disk_wal_fsync_duration_seconds_count"] >= 1
    assert seen["etcd_disk_wal_fsync_duration_seconds_sum"] > 0
    assert seen['etcd_http_successful_duration_seconds_sum{method="PUT"}'] > 0
    assert seen["etcd_server_leader_changes_seen_total"] == 1
    assert abs(seen["process_start_time_seconds"] - time.time()) < 60


def test_a_server_can_be_told_to_log_more(server: Process):
    body = json.dumps({"Level": "ERROR"}).encode()
    request = Request(f"{server.url}/config/local/log", body, method="PUT")
    with OPENER.open(request, timeout=PATIENCE_S) as answer:
        assert answer.status == 204
    server.end(signal.SIGTERM)
    assert "stopping" not in server.said()
