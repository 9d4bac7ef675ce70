"""Values may be anything, come from anywhere, and go to a reader who leaves."""

import subprocess

import pytest

from tests.ctl.running import CTL, environment, run, run_alone


@pytest.fixture
def url(ours):
    return ours.clients[0]


@pytest.mark.parametrize("value", [b"-", b"two\nlines\n", b" ", b"0", b"h\xc3\xa9 \xe4\xbd\xa0"])
def test_a_value_is_kept_to_the_letter(url, value):
    shown = value.decode() + "\n"
    assert run("--endpoints", url, "set", "/v", value.decode()) == (0, shown, "")
    assert run("--endpoints", url, "set", "/v", stdin=value) == (0, shown, "")
    assert run("--endpoints", url, "get", "/v") == (0, shown, "")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_letters_are_utf_8_whatever_the_terminal_is_set_to(url, locale):
    key, value = "/schlüssel".encode(), "wért".encode()
    assert run_alone("--endpoints", url, "set", key, value, LC_ALL=locale) == (0, "wért\n", "")
    found = run_alone("--endpoints", url, "get", key, LC_ALL=locale, PYTHONUTF8="0")
    assert found.out == "wért\n"


def test_bytes_that_are_no_utf_8_come_back_as_etcds_sign_for_them(url):
    """JSON has no place for them: etcd puts U+FFFD there."""
    assert run_alone("--endpoints", url, "set", "/v", b"a\xff\xfeb") == (0, "a\ufffd\ufffdb\n", "")


def test_an_empty_value_on_the_command_line_is_one_and_on_stdin_is_none(url):
    assert run("--endpoints", url, "set", "/v", "") == (0, "\n", "")
    assert run("--endpoints", url, "set", "/v") == (1, "", "Error:  value required\n")


def test_a_reader_who_leaves_ends_the_command_quietly(url):
    for number in range(30):
        assert run("--endpoints", url, "mk", f"/many/{number}", "x" * 4000).code == 0
    ended = subprocess.run(
        [
            *("bash", "-c", '"$@" | head -c 1; exit ${PIPESTATUS[0]}', "bash", *CTL),
            *("--endpoints", url, "-o", "json", "ls", "-r", "/many"),
        ],
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (141, b"{", b"")
