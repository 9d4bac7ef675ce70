"""A client at a member of ours that does not let in everybody."""

import threading

import pytest

from learnetcd import cli
from tests.client.secured import (
    a_demo_is_played_there,
    secured,
    who_has_no_certificate_is_not_let_in,
    who_knows_the_password_uses_it,
)
from tests.processes import OURS, Process


def test_a_client_shows_its_certificate_and_its_password(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("learnetcd.demo.plays.AFTER_S", 0.5)
    with secured(OURS, tmp_path) as url:
        who_knows_the_password_uses_it(url)
        who_has_no_certificate_is_not_let_in(url)
        a_demo_is_played_there(url, capsys)


def test_a_play_whose_cluster_dies_is_not_judged(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("learnetcd.demo.guest.GONE_S", 1)
    server = Process(OURS, tmp_path / "data").wait_until_ready()
    killing = threading.Timer(2, server.kill)
    killing.start()
    try:
        assert cli.main(["demo", "discovery", "--against", server.url]) == 2
    finally:
        killing.join()
        server.kill()
    said = capsys.readouterr()
    assert said.err.startswith("learnetcd: The cluster is gone: ")
    assert "So there is nothing to judge" in said.err
    assert "BROKEN" not in said.out


def test_credentials_are_for_the_cluster_of_somebody(capsys):
    assert cli.main(["demo", "lock", "--ca-file", "ca.pem"]) == 2
    assert "--ca-file is for somebody's cluster: give --against, too." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--ca-file", "gone.pem"], ["--cert-file", "gone.pem"]])
def test_a_file_that_is_of_no_use_is_named(words, capsys):
    assert cli.main(["demo", "lock", "--against", "https://127.0.0.1:1", *words]) == 2
    assert "gone.pem" in capsys.readouterr().err
