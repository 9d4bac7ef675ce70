"""`learnetcd bench http` measures real servers; here ours alone, and only for a moment."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from learnetcd.bench import http, lock, proxy, servers
from learnetcd.bench.figure import some
from learnetcd.bench.servers import Server, rate, running
from learnetcd.errors import UserError


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("learnetcd", tmp_path_factory.mktemp("bench") / "data") as server:
        yield server


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_answers_are_counted_and_so_is_what_they_cost(ours: Server, method: str):
    measured = rate(ours, method, 0.3, 4)
    assert measured.per_second > 10
    assert measured.cpu_us > 1


def test_watchers_are_counted_when_they_are_told(ours: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "WATCHERS", 50)
    memory, told = list(http.watchers(ours, ours))[:2]
    assert memory.value.endswith(" KiB")
    assert (told.value, told.missed) == ("50", "")


def test_a_lock_goes_from_hand_to_hand(ours: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "TURNS", 2)
    monkeypatch.setattr(lock, "TURN_S", 0.5)
    assert float(lock.lock(ours, ours).value.removesuffix(" x")) > 0


def test_what_passes_through_a_proxy_is_held_against_what_goes_directly(
    ours: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(proxy, "TURNS", 1)
    monkeypatch.setattr(proxy, "TURN_S", 0.2)
    figure = proxy.proxy(ours, ours, tmp_path)
    assert 0 < float(figure.value.removesuffix(" x")) < 2
    assert (tmp_path / "our-proxy" / "proxy" / "cluster").exists()


def test_tls_is_asked_for_at_a_port_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(servers.PROGRAMS, "etcd", servers.PROGRAMS["learnetcd"])
    monkeypatch.setattr(http, "TLS_TURNS", 1)
    monkeypatch.setattr(http, "TLS_TURN_S", 0.2)
    figure = http.cost_of_tls(tmp_path)
    assert figure.value.endswith(" x")
    assert "ours answers" in figure.how


def test_a_server_starts_on_the_log_that_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http, "ENTRIES", 300)
    figure = http.to_read_a_log(tmp_path)
    assert figure.name == "Start with a log of 300 writes"


def test_without_an_etcd_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "etcd_is_here", lambda: False)
    with pytest.raises(UserError, match="apt-get install etcd-server"):
        http.run(Namespace(writes=0))


def test_a_server_that_ends_by_itself_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(servers.PROGRAMS, "learnetcd", ("false",))
    with (
        pytest.raises(AssertionError, match="ended by itself"),
        running("learnetcd", tmp_path / "x"),
    ):
        pass


def test_a_machine_that_answers_nothing_is_told_so_in_a_sentence():
    assert some(3, 0.5) == 3
    with pytest.raises(UserError, match=r"Nothing was answered within 0\.5 s"):
        some(0, 0.5)
