"""Our ctl against our server: the recorded command lines, and the article's."""

import shutil

import pytest

from tests.ctl import article
from tests.ctl.our_cluster import OurCluster
from tests.ctl.player import CASES, ONE_MEMBER, THREE_MEMBERS, Player
from tests.ctl.running import CTL, in_this_process


@pytest.mark.parametrize("name", ONE_MEMBER)
def test_a_command_line_prints_what_was_recorded(ours, name, tmp_path):
    Player(CTL, ours, CASES[name], tmp_path, in_this_process).play()


@pytest.mark.parametrize("name", THREE_MEMBERS)
def test_a_command_line_prints_what_was_recorded_of_three_members(name, tmp_path):
    cluster = OurCluster(tmp_path, 3)
    try:
        cluster.wait_until_ready()
        Player(CTL, cluster, CASES[name], tmp_path, in_this_process).play()
    finally:
        cluster.end()
        shutil.rmtree(tmp_path)


@pytest.mark.parametrize("steps", [article.LINES, article.SESSION], ids=["lines", "session"])
def test_the_command_lines_of_the_article_print_what_3_4_23_prints(steps, tmp_path):
    cluster = OurCluster(tmp_path)
    try:
        cluster.wait_until_ready()
        case = {"name": "article", "steps": steps}
        Player(CTL, cluster, case, tmp_path, in_this_process).play()
    finally:
        cluster.end()
        shutil.rmtree(tmp_path)
