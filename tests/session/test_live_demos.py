"""Classroom demos 3 and 4 in front of real members: the same keys, the same state lines."""

import shutil

import pytest

from tests.session.demos import (
    A_READ_THAT_ASKS_A_MAJORITY,
    A_TIME_OUT,
    A_WRITE_IS_ANSWERED,
    ETCD_3_3,
    HEAL,
    IS_NOT_A_NO,
    NOBODY_NOTICES_ONE_MEMBER,
    TWO_LEADERS,
    Live,
)
from tests.session.live import QUESTIONS, Curl

pytestmark = pytest.mark.outside


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)


def curl(url, key, value, read="local"):
    if value is None:
        return Curl(f"{url}/v2/keys/{key}{QUESTIONS[read]}")
    return Curl(f"{url}/v2/keys/{key}", "PUT", f"value={value}".encode())


def test_demo_3_live_a_time_out_is_not_a_no(folder):
    with Live("one-write", folder, curl) as demo:
        demo.play(A_WRITE_IS_ANSWERED)
        assert demo.clients["P 1 x=1"].outcome() == 201
        demo.play(NOBODY_NOTICES_ONE_MEMBER)
        assert demo.clients["P 2 x=2"].outcome() == 200
        demo.play(A_TIME_OUT)
        asked = demo.clients["P 2 x=3"]
        assert asked.outcome() == 500
        assert asked.said["errorCode"] == 300
        assert asked.said["cause"].startswith("etcdserver: request timed out")
        client = demo.client("put x=3 → S2")
        assert (client.outcome, client.truth) == ("unknown", "stored on 1 of 3, not committed")
        demo.play(IS_NOT_A_NO)
        client = demo.client("put x=3 → S2")
        assert (client.outcome, client.truth) == ("unknown", f"committed at {3 + demo.entries}")
        assert demo.session.live_mark() == demo.session.past()._world.mark()


def test_demo_4_live_two_leaders_an_old_answer_and_the_repair(folder):
    with Live("cut-leader", folder, curl) as demo:
        demo.play(TWO_LEADERS)
        reads = [demo.clients[f"G {member} x"] for member in (1, 2, 3)]
        assert [read.outcome() for read in reads] == [200, 200, 200]
        assert [read.said["node"]["value"] for read in reads] == ["1", "B", "B"]
        assert demo.client("get x → S1").truth.startswith("old: c")
        assert demo.clients["P 1 x=A"].hangs
        demo.play(A_READ_THAT_ASKS_A_MAJORITY)
        assert demo.clients["G 1 x quorum"].outcome() == 500, "no majority, no answer"
        demo.play(HEAL)
        assert demo.client("get x (quorum) → S1").truth == "overwritten"
        assert demo.client("put x=A → S1").truth == "overwritten"
        assert demo.clients["P 1 x=A"].outcome() == 500, "unknown for ever"
        assert demo.session.view().violated == ()
        assert demo.session.live_mark() == demo.session.past()._world.mark()


def test_demo_4_live_in_etcd_the_leader_steps_down_by_itself_and_still_gives_the_old_answer(folder):
    with Live("cut-leader", folder, curl, profile="etcd-3.3") as demo:
        demo.play(ETCD_3_3)
        reads = [demo.clients[f"G {member} x"] for member in (1, 2)]
        assert [read.outcome() for read in reads] == [200, 200]
        assert [read.said["node"]["value"] for read in reads] == ["1", "B"]
        watcher = demo.clients["G 1 x watch"]
        assert watcher.hangs, "it was told nothing"
        demo.play("H; until S1 applied x=B")
        assert watcher.outcome() == 200
        assert watcher.said["node"]["value"] == "B"
