"""The recorded command lines: our ctl on a real etcd, the real etcdctl on it, and on our server."""

import shutil

import pytest

from tests.certificates import SecureCluster
from tests.conformance.clusters import Cluster
from tests.ctl import accounts, article
from tests.ctl.player import (
    CASES,
    LATER,
    ONE_MEMBER,
    THREE_MEMBERS,
    WITH_ACCOUNTS,
    WITH_CERTIFICATES,
    Player,
    in_a_process,
)
from tests.ctl.running import CTL, in_this_process
from tests.processes import OURS, REAL

THEIRS = ["etcdctl"]
PROGRAMS = pytest.mark.parametrize("program", [CTL, THEIRS], ids=["ours", "theirs"])


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    yield from cluster(tmp_path_factory.mktemp("one"), REAL)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    yield from cluster(tmp_path_factory.mktemp("ours"), OURS)


@pytest.fixture
def three(tmp_path):
    yield from cluster(tmp_path, REAL, 3)


@pytest.fixture
def alone(tmp_path):
    yield from cluster(tmp_path, REAL)


def cluster(folder, command, size=1):
    started = Cluster(folder, [command] * size)
    try:
        started.wait_until_they_serve()
        if size > 1:
            started.wait_until_changes_are_allowed()
        yield started
    finally:
        started.kill_all()
        shutil.rmtree(folder)


def test_every_case_is_played_or_waits_for_something_that_is_named():
    assert sorted(
        [*ONE_MEMBER, *THREE_MEMBERS, *WITH_ACCOUNTS, *WITH_CERTIFICATES, *LATER]
    ) == sorted(CASES)


# The real program shows that it is the player who is right.
@PROGRAMS
@pytest.mark.parametrize("name", ONE_MEMBER)
def test_a_command_line_prints_what_was_recorded(one, program, name, tmp_path):
    Player(program, one, CASES[name], tmp_path).play()


@pytest.mark.parametrize("name", ONE_MEMBER)
def test_the_real_etcdctl_prints_what_was_recorded_on_our_server(ours, name, tmp_path):
    Player(THEIRS, ours, CASES[name], tmp_path).play()


ON_BOTH = pytest.mark.parametrize("server", [OURS, REAL], ids=["on ours", "on theirs"])


@PROGRAMS
@ON_BOTH
@pytest.mark.parametrize("name", [*WITH_ACCOUNTS, "more"])
def test_a_command_line_about_accounts_prints_what_was_recorded(program, server, name, tmp_path):
    alone = Cluster(tmp_path, [server])
    try:
        alone.wait_until_they_serve()
        case = CASES.get(name, accounts.CASE)
        if program is THEIRS:
            case = {**case, "steps": [step for step in case["steps"] if "stdin" not in step]}
        runner = in_this_process if program is CTL else in_a_process
        Player(program, alone, case, tmp_path, runner).play()
    finally:
        alone.kill_all()
        shutil.rmtree(tmp_path)


@PROGRAMS
@ON_BOTH
@pytest.mark.parametrize("name", WITH_CERTIFICATES)
def test_a_command_line_with_certificates_prints_what_was_recorded(program, server, name, tmp_path):
    secure = SecureCluster(tmp_path, [server], peers="http")
    try:
        secure.wait_until_they_serve()
        Player(program, secure, CASES[name], tmp_path).play()
    finally:
        secure.end()
        shutil.rmtree(tmp_path)


@PROGRAMS
@pytest.mark.parametrize("name", THREE_MEMBERS)
def test_a_command_line_prints_what_was_recorded_of_three_members(three, program, name, tmp_path):
    Player(program, three, CASES[name], tmp_path).play()


@PROGRAMS
@pytest.mark.parametrize("steps", [article.LINES, article.SESSION], ids=["lines", "session"])
def test_the_command_lines_of_the_article_print_what_3_4_23_prints(alone, program, steps, tmp_path):
    Player(program, alone, {"name": "article", "steps": steps}, tmp_path).play()
