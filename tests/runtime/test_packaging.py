"""The unit file and its settings: what they say is what the server can do."""

import re
import socket
from configparser import ConfigParser
from pathlib import Path

import pytest

from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.notify import tell_systemd_ready
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.sources import from_environment_file

PACKAGING = Path(__file__).parents[2] / "packaging"


def unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way
    parser.read(PACKAGING / "learnetcd.service", encoding="utf-8")
    return parser


def no_file(path: str) -> str:
    raise AssertionError(f"{path} is asked for")


def test_the_unit_starts_a_server_with_flags_that_exist():
    words = unit()["Service"]["ExecStart"].split()
    assert words[:2] == ["/usr/local/bin/learnetcd", "serve"]
    assert read_settings(words[2:], {}, no_file) == (Settings(), [])


@pytest.mark.parametrize("is_all_on", [False, True])
def test_the_settings_beside_the_unit_are_all_honoured(is_all_on: bool):
    text = (PACKAGING / "learnetcd.conf").read_text(encoding="utf-8")
    if is_all_on:
        text = re.sub("(?m)^#(?=ETCD_)", "", text)
    settings, warnings = read_settings([], from_environment_file("learnetcd.conf", text), no_file)
    assert warnings == []
    folder = unit()["Service"]["StateDirectory"]
    assert settings.data_dir.startswith(f"/var/lib/{folder}/")  # the only place it may write to


def test_systemd_is_told_when_the_server_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert unit()["Service"]["Type"] == "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        tell_systemd_ready()
        assert systemd.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nobody/listens", "@nobody listens"])
def test_without_systemd_nobody_is_told(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    tell_systemd_ready()
