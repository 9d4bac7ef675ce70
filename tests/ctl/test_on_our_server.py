"""Our ctl against our server: the recorded command lines, and the article's."""

import shutil

import pytest

from tests.certificates import SecureCluster
from tests.conformance.clusters import Cluster
from tests.ctl import accounts, article
from tests.ctl.player import (
    CASES,
    ONE_MEMBER,
    THREE_MEMBERS,
    WITH_ACCOUNTS,
    WITH_CERTIFICATES,
    Player,
)
from tests.ctl.running import CTL, in_this_process
from tests.processes import OURS


@pytest.mark.parametrize("name", ONE_MEMBER)
def test_a_command_line_prints_what_was_recorded(ours, name, tmp_path):
    Player(CTL, ours, CASES[name], tmp_path, in_this_process).play()


@pytest.mark.parametrize("name", WITH_ACCOUNTS)
def test_a_command_line_about_accounts_prints_what_was_recorded(name, tmp_path):
    with_accounts(CTL, tmp_path, [CASES[name]], in_this_process)


@pytest.mark.parametrize("name", WITH_CERTIFICATES)
def test_a_command_line_with_certificates_prints_what_was_recorded(name, tmp_path):
    cluster = SecureCluster(tmp_path, [OURS], peers="http")
    try:
        cluster.wait_until_they_serve()
        Player(CTL, cluster, CASES[name], tmp_path, in_this_process).play()
    finally:
        cluster.end()
        shutil.rmtree(tmp_path)


def test_accounts_from_the_command_line(tmp_path):
    with_accounts(CTL, tmp_path, [accounts.CASE], in_this_process)


def with_accounts(program, folder, cases, runner):
    cluster = Cluster(folder, [OURS])
    try:
        cluster.wait_until_they_serve()
        for case in cases:
            Player(program, cluster, case, folder, runner).play()
    finally:
        cluster.kill_all()
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", THREE_MEMBERS)
def test_a_command_line_prints_what_was_recorded_of_three_members(name, tmp_path):
    cluster = Cluster(tmp_path, [OURS] * 3)
    try:
        cluster.wait_until_they_serve()
        cluster.wait_until_changes_are_allowed()
        Player(CTL, cluster, CASES[name], tmp_path, in_this_process).play()
    finally:
        cluster.kill_all()
        shutil.rmtree(tmp_path)


@pytest.mark.parametrize("steps", [article.LINES, article.SESSION], ids=["lines", "session"])
def test_the_command_lines_of_the_article_print_what_3_4_23_prints(steps, tmp_path):
    cluster = Cluster(tmp_path, [OURS])
    try:
        cluster.wait_until_they_serve()
        case = {"name": "article", "steps": steps}
        Player(CTL, cluster, case, tmp_path, in_this_process).play()
    finally:
        cluster.kill_all()
        shutil.rmtree(tmp_path)
