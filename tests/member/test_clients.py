"""When clients are answered, by whom, and with what."""

import pytest

from learnetcd.errors import UserError
from learnetcd.member.effects import Reply
from learnetcd.member.inputs import RequestSubmitted, TimerFired
from learnetcd.member.request import (
    KeyRequest,
    MembershipRequest,
    Method,
    Outcome,
    ReadKind,
)
from learnetcd.raft import Change, ChangeKind, ConfigChange
from learnetcd.store import EtcdError


def add_learner(member: int) -> MembershipRequest:
    return MembershipRequest(ConfigChange((Change(ChangeKind.ADD_LEARNER, member),)))


def fire_until_answered(three, member: int, request: int) -> None:
    for _ in range(200):
        if request in three.answers:
            return
        three.fire_timer(member)
    raise AssertionError(f"request {request} is never answered")


# --- writes -------------------------------------------------------------------------------------


def test_a_single_member_answers_a_write_after_sync_and_apply_and_not_before(cluster):
    alone = cluster((1,))
    alone.elect(1)
    request = alone.put(1, "/x", "1")
    assert request not in alone.answers  # written
    alone.sync(1)
    assert request not in alone.answers  # durable and committed
    alone.apply(1)
    assert alone.answers[request].outcome is Outcome.DONE
    assert alone.value(request) == "1"


def test_the_member_that_was_asked_answers_and_only_after_its_own_store_has_the_write(cluster):
    """Raft §5.3; etcd's wait list: so the client reads its own write at the same member."""
    three = cluster()
    three.elect(1)
    three.slow_stores = {2}
    request = three.put(2, "/x", "1")
    three.settle()
    three.beat()
    assert three.leader.applied_index == three.members[2].raft.log.commit_index
    assert request not in three.answers
    three.apply(2)
    assert three.value(request) == "1"
    assert three.value(three.get(2, "/x")) == "1"


def test_the_headers_of_an_answer_tell_where_the_answering_member_is(cluster):
    alone = cluster((1,))
    alone.elect(1)
    request = alone.put(1, "/x", "1")
    alone.settle()
    answer = alone.answers[request]
    assert (answer.raft_index, answer.raft_term, answer.etcd_index) == (2, 1, 1)


def test_a_write_that_the_store_refuses_is_applied_and_refused_by_all_alike(cluster):
    three = cluster()
    three.elect(1)
    request = three.submit(1, KeyRequest(Method.DELETE, "/x"))
    three.settle()
    three.beat()
    assert three.answers[request].outcome is Outcome.REFUSED
    assert three.answers[request].error == EtcdError(100, "/x", 0)
    assert {member.applied_index for member in three.members.values()} == {2}
    assert len({member.store.digest() for member in three.members.values()}) == 1


def test_an_error_that_is_kept_in_an_answer_holds_on_to_nothing_else(cluster):
    """A traceback would keep alive the store of that moment, and with it the whole member."""
    alone = cluster((1,))
    request = alone.get(1, "/x")
    error = alone.answers[request].error
    assert error is not None
    assert error.__traceback__ is None
    assert error.__context__ is None


# --- reads --------------------------------------------------------------------------------------


def test_a_local_read_is_answered_at_once_and_may_be_old(cluster):
    """Jepsen 2014, etcd issue 741: v2 reads locally unless told otherwise."""
    three = cluster()
    three.elect(1)
    three.cut = {3}
    three.put(1, "/x", "1")
    three.settle()
    assert three.value(three.get(1, "/x")) == "1"
    assert three.answers[three.get(3, "/x")].error == EtcdError(100, "/x", 0)


def test_a_quorum_read_goes_through_the_log(cluster):
    three = cluster()
    three.elect(1)
    three.put(1, "/x", "1")
    three.settle()
    last_index = three.leader.raft.log.last_index
    request = three.get(2, "/x", ReadKind.QUORUM)
    three.settle()
    three.beat()
    assert three.value(request) == "1"
    assert three.leader.raft.log.last_index == last_index + 1
    assert three.leader.store.etcd_index == 1  # a read is no write


@pytest.mark.parametrize("asked", [1, 2])
def test_an_index_read_is_fresh_and_leaves_no_entry(cluster, asked: int):
    """Thesis §6.4."""
    three = cluster()
    three.elect(1)
    three.put(1, "/x", "1")
    three.settle()
    last_index = three.leader.raft.log.last_index
    request = three.get(asked, "/x", ReadKind.INDEX)
    assert request not in three.answers  # does the leader still lead?
    three.settle()
    three.beat()
    assert three.value(request) == "1"
    assert three.leader.raft.log.last_index == last_index


def test_an_index_read_waits_until_this_store_is_as_far_as_the_leader_was(cluster):
    three = cluster()
    three.elect(1)
    three.beat()
    three.slow_stores = {2}
    three.put(1, "/x", "1")
    three.settle()
    request = three.get(2, "/x", ReadKind.INDEX)
    three.settle()
    three.beat()
    assert three.members[2].fresh_reads == {request: 2}
    assert request not in three.answers
    three.apply(2)
    assert three.value(request) == "1"
    assert three.members[2].fresh_reads == {}


def test_an_index_read_at_a_leader_that_is_cut_off_is_never_answered_with_old_content(cluster):
    """Etcd issue 741: a deposed leader does not know it."""
    three = cluster()
    three.elect(1)
    three.beat()
    three.cut = {1}
    three.elect(2)
    three.put(2, "/x", "new")
    three.settle()
    request = three.get(1, "/x", ReadKind.INDEX)
    three.settle()
    assert request not in three.answers
    fire_until_answered(three, 1, request)
    assert three.answers[request].outcome is Outcome.UNKNOWN


# --- waiting in vain ----------------------------------------------------------------------------


def test_a_write_that_nobody_could_take_is_unknown_after_its_time_out(cluster):
    """As in etcd: the proposal is dropped, the client hears of it by time alone."""
    three = cluster(request_timeout_ms=700)
    assert three.members[1].deadline() > 700
    request = three.put(1, "/x", "1")
    assert request not in three.answers
    assert three.members[1].deadline() == 700
    three.now = 699
    three.step(1, TimerFired(three.now))
    assert request not in three.answers
    three.fire_timer(1)
    answer = three.answers[request]
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.error == EtcdError(300, "etcdserver: request timed out", 0)
    assert three.members[1].waiting == {}


def test_time_alone_answers_nobody_only_a_timer_does(cluster):
    """So a recording holds decisions, and no clock readings decide anything."""
    three = cluster(request_timeout_ms=700)
    request = three.put(1, "/x", "1")
    three.now = 5_000
    three.get(1, "/x")
    assert request not in three.answers


def test_an_unknown_write_may_still_happen(cluster):
    """The reason for the word: a client that is told "failed" would be told a lie."""
    three = cluster(request_timeout_ms=700)
    three.elect(1)
    three.slow_disks = {1, 2, 3}
    request = three.put(1, "/x", "1")
    fire_until_answered(three, 1, request)
    assert three.answers[request].outcome is Outcome.UNKNOWN
    three.slow_disks = set()
    three.settle()
    assert three.value(three.get(1, "/x")) == "1"


def test_those_who_wait_longest_give_up_first(cluster):
    three = cluster(request_timeout_ms=300)
    requests = []
    for three.now in (0, 50, 100):
        requests.append(three.put(1, "/x", "1"))
    three.now = 350
    effects = three.step(1, TimerFired(three.now))
    assert [e.request_id for e in effects if isinstance(e, Reply)] == requests[:2]
    assert three.members[1].deadline() == 400


def test_a_read_index_that_comes_after_the_time_out_is_of_no_use(cluster):
    three = cluster(request_timeout_ms=50)
    three.elect(1)
    three.beat()
    request = three.get(1, "/x", ReadKind.INDEX)
    three.fire_timer(1)
    three.settle()
    assert three.answers[request].outcome is Outcome.UNKNOWN
    assert three.members[1].fresh_reads == {}


def test_a_fresh_read_that_waited_too_long_for_the_store_is_forgotten(cluster):
    three = cluster(request_timeout_ms=350)
    three.elect(1)
    three.beat()
    three.slow_stores = {2}
    three.put(1, "/x", "1")
    three.settle()
    request = three.get(2, "/x", ReadKind.INDEX)
    three.settle()
    three.beat()
    assert request in three.members[2].fresh_reads
    fire_until_answered(three, 2, request)
    assert three.answers[request].outcome is Outcome.UNKNOWN
    assert three.members[2].fresh_reads == {}
    three.apply(2)


# --- changes of members -------------------------------------------------------------------------


def test_a_change_of_members_is_answered_when_it_acts_here(cluster):
    three = cluster()
    three.elect(1)
    three.slow_stores = {2}
    request = three.submit(2, add_learner(4))
    three.settle()
    assert 4 in three.leader.raft.configuration.members
    assert 4 not in three.members[2].raft.configuration.members
    assert request not in three.answers
    three.apply(2)
    assert three.answers[request].outcome is Outcome.DONE
    assert 4 in three.members[2].raft.configuration.members


def test_two_clients_who_ask_for_the_same_change_are_told_apart(cluster):
    three = cluster()
    three.elect(1)
    first = three.submit(1, add_learner(4))
    three.settle()
    second = three.submit(1, add_learner(4))
    assert first in three.answers
    assert second not in three.answers
    three.settle()
    assert three.answers[second].outcome is Outcome.DONE


def test_a_change_that_may_not_start_leaves_its_client_without_an_answer(cluster):
    """The leader puts an empty entry in its place, as in etcd/raft stepLeader."""
    three = cluster()
    three.elect(1)
    three.slow_stores = {1}
    first, second = three.submit(1, add_learner(4)), three.submit(1, add_learner(5))
    three.settle()
    three.apply(1)
    assert first in three.answers
    assert second not in three.answers
    assert 5 not in three.leader.raft.configuration.members


def test_an_illegal_change_is_refused_by_every_member_when_it_is_applied(cluster):
    three = cluster(check_changes=False)
    three.elect(1)
    removals = tuple(Change(ChangeKind.REMOVE, member) for member in (1, 2, 3))
    request = three.submit(1, MembershipRequest(ConfigChange(removals)))
    three.settle()
    three.beat()
    assert three.answers[request].outcome is Outcome.REFUSED
    assert "removed all voters" in str(three.answers[request].error)
    for member in three.members.values():
        assert member.raft.configuration.voters == (1, 2, 3)
        assert member.applied_index == 2


# --- conditions and directories -------------------------------------------------------------------


def test_a_condition_is_checked_when_the_write_is_applied_not_when_it_is_asked(cluster):
    """Two clients saw the same value; one of them is told that it was too late."""
    three = cluster()
    three.elect(1)
    three.put(1, "/x", "1")
    three.settle()
    first, second = (
        three.submit(1, KeyRequest(Method.PUT, "/x", value, prev_value="1")) for value in "ab"
    )
    three.settle()
    three.beat()
    assert three.answers[first].outcome is Outcome.DONE
    assert three.answers[second].outcome is Outcome.REFUSED
    assert three.answers[second].error == EtcdError(101, "[1 != a]", 2)
    assert len({member.store.digest() for member in three.members.values()}) == 1


def test_in_order_keys_are_named_alike_by_all_members(cluster):
    three = cluster()
    three.elect(1)
    three.submit(1, KeyRequest(Method.POST, "/jobs", "mow"))
    three.submit(1, KeyRequest(Method.POST, "/jobs", "rake"))
    three.settle()
    three.beat()
    names = ["/0", "/1", "/1/jobs", f"/1/jobs/{1:020}", f"/1/jobs/{2:020}"]
    for member in three.members.values():
        assert [node.key for node in member.store.nodes()] == names


def test_the_root_is_refused_by_the_store(cluster):
    three = cluster()
    three.elect(1)
    request = three.submit(1, KeyRequest(Method.PUT, "/", "1"))
    three.settle()
    three.beat()
    assert three.answers[request].error == EtcdError(107, "/", 0)


# --- what is no request -------------------------------------------------------------------------


def test_a_request_without_a_key_is_none():
    with pytest.raises(UserError, match="A key is needed"):
        KeyRequest(Method.PUT, "", "1")


def test_a_request_id_is_used_once(cluster):
    three = cluster()
    three.put(1, "/x", "1")
    with pytest.raises(AssertionError, match="submitted twice"):
        three.step(1, RequestSubmitted(0, 1, KeyRequest(Method.PUT, "/x", "2")))
