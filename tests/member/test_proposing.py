"""While nobody leads, or the disk is busy, a proposal waits; what was proposed never is again."""

import pytest

from learnetcd.member.inputs import CampaignAsked, RequestCancelled, TimerFired, TransferAsked
from learnetcd.member.request import Outcome
from learnetcd.raft.messages import AppendEntries, ForwardProposal
from learnetcd.tracing.clients import ProposalHeld

LEADER_FAILED = "etcdserver: request timed out, possibly due to previous leader failure"


def wait_in_vain(three, member, request):
    while request not in three.answers:
        three.fire_timer(member)


def test_a_write_that_comes_while_nobody_leads_is_done_when_somebody_does(cluster):
    """etcd/raft node.go: no proposals are taken as long as there is no leader."""
    three = cluster(hold_proposals=True)
    at_a_follower, at_the_leader = three.put(2, "/a", "1"), three.put(1, "/b", "1")
    three.settle()
    assert three.answers == {}
    three.elect(1)
    three.settle()
    three.beat()
    assert three.answers[at_a_follower].outcome is Outcome.DONE
    assert three.answers[at_the_leader].outcome is Outcome.DONE
    assert three.members[1].held == three.members[2].held == {}


def test_a_core_alone_drops_what_comes_while_nobody_leads(cluster):
    three = cluster(hold_proposals=False)
    request = three.put(2, "/a", "1")
    three.elect(1)
    three.settle()
    three.beat()
    assert request not in three.answers


def test_nothing_is_proposed_for_a_client_who_has_gone_or_given_up(cluster):
    three = cluster(hold_proposals=True, request_timeout_ms=50)
    gone, impatient = three.put(2, "/a", "1"), three.put(2, "/b", "1")
    three.step(2, RequestCancelled(three.now, gone))
    three.now = 50
    three.step(2, TimerFired(three.now))
    assert three.answers[impatient].outcome is Outcome.UNKNOWN
    assert three.members[2].held == {}
    three.elect(1)
    three.settle()
    assert three.members[1].node_at("/a") is three.members[1].node_at("/b") is None


def test_what_was_sent_to_a_leader_that_died_is_not_sent_to_the_next(cluster):
    three = cluster(hold_proposals=True, request_timeout_ms=9_000)
    three.elect(1)
    three.beat()
    three.cut = {1}
    lost = three.put(2, "/a", "1")
    three.settle()
    three.elect(3)
    three.settle()
    wait_in_vain(three, 2, lost)
    assert three.members[3].node_at("/a") is None


@pytest.mark.parametrize("steps_down_first", [False, True])
def test_what_others_send_to_a_leader_that_hands_over_is_passed_on_to_the_next(
    cluster, steps_down_first
):
    """Members learn of a new leader one after the other; and etcd drops what comes in between."""
    three = cluster(hold_proposals=True)
    three.elect(1)
    three.beat()
    if steps_down_first:
        request = three.put(3, "/a", "1")
        (forwarded,) = three.messages
        three.messages.clear()
        three.step(1, TransferAsked(three.now, 2))
        while three.members[1].raft.leader == 1:
            three.deliver()
        three.messages.append(forwarded)
    else:
        three.step(1, TransferAsked(three.now, 2))
        request = three.put(3, "/a", "1")
    three.settle()
    three.beat()
    assert three.leader is three.members[2]
    assert three.answers[request].outcome is Outcome.DONE
    assert three.members[2].node_at("/a").value == "1"
    assert three.members[1].held_for_others == []


@pytest.mark.parametrize(
    ("elected_after_ms", "said"),
    [(1_000, LEADER_FAILED), (1_999, LEADER_FAILED), (2_001, "etcdserver: request timed out")],
)
def test_who_asked_shortly_before_a_new_leader_is_told_so(cluster, elected_after_ms, said):
    """etcdserver/server.go, parseProposeCtxErr: within two election timeouts."""
    three = cluster(request_timeout_ms=7_000)
    three.elect(1)
    three.beat()
    three.cut = {1}
    three.now += 1
    lost = three.put(2, "/a", "1")
    three.settle()
    three.now += elected_after_ms
    three.step(2, CampaignAsked(three.now))
    three.settle()
    wait_in_vain(three, 2, lost)
    assert three.answers[lost].error.cause == said


def test_who_asked_a_leader_that_stays_is_told_no_reason(cluster):
    three = cluster(request_timeout_ms=300)
    three.elect(1)
    three.now += 1
    three.slow_disks = {1, 2, 3}
    request = three.put(1, "/a", "1")
    wait_in_vain(three, 1, request)
    assert three.answers[request].error.cause == "etcdserver: request timed out"


# -- together ---------------------------------------------------------------------------------


def busy(cluster, member, tracer=None, **knobs):
    """Three members; one of them has begun to write, and its disk takes its time."""
    options = {"tracer": tracer} if tracer is not None else {}
    three = cluster(hold_proposals=True, **options, **knobs)
    three.elect(1)
    three.beat()
    three.slow_disks = {member}
    first = three.put(1, "/first", "1")
    three.settle()
    return three, first


def test_what_comes_while_the_disk_is_busy_is_one_append(cluster):
    """Thesis §10.2.2: a leader collects commands, and appends them by one AppendEntries."""
    three, first = busy(cluster, 1)
    requests = [three.put(1, f"/{number}", "1") for number in range(5)]
    assert not three.messages
    assert three.members[1].held.keys() == set(requests)
    three.sync(1)
    appends = [one for one in three.messages if isinstance(one, AppendEntries) and one.entries]
    assert {append.receiver: len(append.entries) for append in appends} == {2: 5, 3: 5}
    three.slow_disks = set()
    three.settle()
    assert all(three.answers[one].outcome is Outcome.DONE for one in (first, *requests))


def test_a_follower_passes_on_what_came_while_its_disk_was_busy_by_one_message(cluster):
    three, _ = busy(cluster, 2)
    requests = [three.put(2, f"/{number}", "1") for number in range(3)]
    assert not three.messages
    three.slow_disks = set()
    three.sync(2)
    (forwarded,) = [one for one in three.messages if isinstance(one, ForwardProposal)]
    assert len(forwarded.payloads) == 3
    three.settle()
    three.beat()
    assert all(three.answers[one].outcome is Outcome.DONE for one in requests)


def test_who_asks_alone_does_not_wait(cluster):
    three = cluster(hold_proposals=True)
    three.elect(1)
    three.put(1, "/a", "1")
    assert [one.receiver for one in three.messages if isinstance(one, AppendEntries)] == [2, 3]


def test_who_went_away_while_the_disk_was_busy_is_not_proposed(cluster):
    three, _ = busy(cluster, 1)
    gone, stays = three.put(1, "/gone", "1"), three.put(1, "/stays", "1")
    three.step(1, RequestCancelled(three.now, gone))
    three.slow_disks = set()
    three.settle()
    assert three.answers[stays].outcome is Outcome.DONE
    assert three.members[1].node_at("/gone") is None


def test_it_says_why_a_request_is_not_proposed_yet(cluster):
    events = []
    three, _ = busy(cluster, 1, tracer=lambda _, event: events.append(event))
    request = three.put(1, "/a", "1")
    assert [one for one in events if isinstance(one, ProposalHeld)] == [
        ProposalHeld(request, "its disk is busy")
    ]


def test_a_core_alone_proposes_each_at_once(cluster):
    three = cluster(hold_proposals=False)
    three.elect(1)
    three.slow_disks = {1}
    for number in range(3):
        three.put(1, f"/{number}", "1")
    appends = [one for one in three.messages if isinstance(one, AppendEntries)]
    assert [len(one.entries) for one in appends if one.receiver == 2] == [1, 1, 1]
