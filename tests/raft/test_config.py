"""Every knob of `Config` that the core looks at does what its line says."""

from dataclasses import fields, replace

import pytest

from learnetcd.raft import (
    PROFILES,
    Change,
    ChangeKind,
    Config,
    ConfigChange,
    Configuration,
    Mode,
    ProposalRefused,
    Snapshot,
)
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    RequestVoteReply,
)
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    add,
    all_of,
    append,
    begin,
    history,
    only,
    remove,
)

KNOBS_OF_THE_CORE = {
    "election_ticks",
    "heartbeat_ticks",
    "max_append_bytes",
    "max_apply_bytes",
    "max_uncommitted_bytes",
    "max_inflight_appends",
    "max_inflight_bytes",
    "pre_vote",
    "check_quorum",
    "read_option",
    "forward_proposals",
    "check_changes",
    "step_down_on_removal",
    "empty_entry",
    "answer_old_terms",
    "remember_commit_index",
    "parts",  # what they do is shown in tests/own
    "rules",
}
KNOBS_OF_THE_HOST = {
    "tick_ms",
    "snapshot_entries",
    "keep_entries",
    "request_timeout_ms",
    "expiry_ms",
    "hold_proposals",
}


def leading(config: Config, voters: tuple[int, ...] = (1, 2, 3)) -> Host:
    """S1 leads term 1 and every other voter has acknowledged all that it has."""
    network = Network(voters, config)
    network.elect(1)
    if config.empty_entry:
        assert network[1].commit == 1
    return network[1]


def test_no_knob_is_forgotten_here():
    assert {field.name for field in fields(Config)} == KNOBS_OF_THE_CORE | KNOBS_OF_THE_HOST


def test_election_ticks_bound_the_timeout():
    for ticks in (3, 10, 50):
        host = Host(1, begin(), replace(ETCD, election_ticks=ticks))
        assert ticks <= host.raft.election_timeout < 2 * ticks


def test_heartbeat_ticks_space_the_heartbeats():
    leader = leading(replace(ETCD, heartbeat_ticks=4))
    assert leader.waits(3) == []
    assert len(leader.waits(1)) == 2


def test_max_append_bytes_bounds_a_message():
    size = history(1)[0].wire_size
    config = replace(ETCD, max_append_bytes=2 * size)
    host = Host(1, begin(log=(1,) * 6), config)
    host.campaigns()
    host.hears(RequestVoteReply(2, 1, 2, True))
    sent = host.hears(AppendEntriesReply(2, 1, 2, 6, True, 0, 0))
    assert len(only(AppendEntries, sent).entries) == 2
    sent = host.hears(accepts(2, 1, 2, 2))
    assert [len(m.entries) for m in all_of(AppendEntries, sent)] == [2, 2, 1]


def test_max_apply_bytes_bounds_what_is_applied_at_one_time():
    size = history(1)[0].wire_size
    host = Host(1, begin(), replace(ETCD, max_apply_bytes=2 * size), slow_store=True)
    host.hears(append((0, 0), *[1] * 5, commit=5))
    assert [len(entries) for entries in host.unapplied] == [2]  # the rest waits for these
    for more in (2, 1):
        host.apply()
        assert [len(entries) for entries in host.unapplied] == [more]


def test_max_uncommitted_bytes_makes_a_leader_drop_proposals():
    """etcd/raft MaxUncommittedEntriesSize: an unlimited tail would eat all memory."""
    leader = leading(replace(ETCD, max_uncommitted_bytes=10))
    leader.propose(b"x" * 8)
    with pytest.raises(ProposalRefused, match="uncommitted"):
        leader.propose(b"y" * 3)
    leader.propose(b"")  # what is empty always fits: a leader must be able to begin
    leader.hears(accepts(2, 1, 1, 3))
    leader.propose(b"y" * 3)


def test_the_first_proposal_fits_however_large_it_is():
    """etcd/raft: else a large one could never be made."""
    leading(replace(ETCD, max_uncommitted_bytes=10)).propose(b"x" * 100)


def test_the_quota_is_given_back_when_entries_are_applied():
    leader = leading(replace(ETCD, max_uncommitted_bytes=10))
    leader.slow_store = True
    leader.propose(b"x" * 10)
    leader.hears(accepts(2, 1, 1, 2))
    with pytest.raises(ProposalRefused):
        leader.propose(b"y")
    leader.apply()
    assert leader.leadership.uncommitted_bytes == 0
    leader.propose(b"y")


def test_max_inflight_appends_makes_the_leader_wait_for_an_answer():
    leader = leading(replace(ETCD, max_inflight_appends=2))
    for command in (b"a", b"b", b"c"):
        leader.propose(command)
    sent = [m for m in leader.sent if isinstance(m, AppendEntries) and m.receiver == 2]
    assert [m.previous_index for m in sent if m.entries][-2:] == [1, 2]
    assert leader.progress(2).paused
    freed = leader.hears(accepts(2, 1, 1, 2))
    assert [m.entries[0].payload for m in all_of(AppendEntries, freed) if m.entries] == [b"c"]


def test_a_full_window_is_probed_by_an_empty_append_after_a_heartbeat():
    """etcd/raft: if all that fills the window was lost, nothing else would ever tell."""
    leader = leading(replace(ETCD, max_inflight_appends=1))
    leader.propose(b"a")
    leader.propose(b"b")
    probes = all_of(AppendEntries, leader.hears(HeartbeatReply(2, 1, 1)))
    assert [(m.entries, m.previous_index) for m in probes] == [((), 2)]
    assert leader.progress(2).paused
    resent = leader.hears(AppendEntriesReply(2, 1, 1, 2, True, 1, 1))
    assert leader.progress(2).mode is Mode.PROBE
    assert only(AppendEntries, resent).entries[0].payload == b"a"


def test_max_inflight_bytes_makes_the_leader_wait_too():
    leader = leading(replace(ETCD, max_inflight_bytes=10))
    leader.propose(b"x" * 9)
    assert not leader.progress(2).paused
    leader.propose(b"x")
    assert leader.progress(2).paused


@pytest.mark.parametrize("on", [False, True])
def test_pre_vote_asks_first(on):
    host = Host(1, begin(), replace(ETCD, pre_vote=on))
    host.times_out()
    assert (host.asks, host.term) == ((True, 0) if on else (False, 1))


@pytest.mark.parametrize("on", [False, True])
def test_check_quorum_ends_a_leadership_that_nobody_answers(on):
    leader = leading(replace(ETCD, check_quorum=on))
    leader.waits(2 * ETCD.election_ticks)
    assert leader.leads is not on


@pytest.mark.parametrize("on", [False, True])
def test_forward_proposals_lets_a_follower_pass_them_on(on):
    network = Network(config=replace(ETCD, forward_proposals=on))
    network.elect(1)
    if on:
        assert all_of(ForwardProposal, network[2].propose(b"x"))
    else:
        with pytest.raises(ProposalRefused, match="does not lead"):
            network[2].propose(b"x")


@pytest.mark.parametrize("on", [False, True])
def test_check_changes_refuses_a_second_change_under_way(on):
    leader = leading(replace(ETCD, check_changes=on))
    leader.propose(add(4), add(5))
    assert (leader.raft.log.entry(3).payload == add(5)) is not on


@pytest.mark.parametrize("on", [False, True])
def test_step_down_on_removal(on):
    network = Network(config=replace(ETCD, step_down_on_removal=on))
    network.elect(1).propose(remove(1))
    network.settle()
    assert network[1].leads is not on


@pytest.mark.parametrize("on", [False, True])
def test_step_down_on_removal_is_for_leaders_that_become_learners_too(on):
    network = Network(config=replace(ETCD, step_down_on_removal=on))
    network.elect(1).propose(ConfigChange((Change(ChangeKind.ADD_LEARNER, 1),)))
    network.settle()
    assert network[1].raft.configuration.learners == (1,)
    assert network[1].leads is not on


@pytest.mark.parametrize("on", [False, True])
def test_empty_entry_begins_a_term(on):
    host = Host(1, begin((1,), log=(1,)), replace(ETCD, empty_entry=on))
    host.campaigns()
    assert host.log == ("1@1 2@2" if on else "1@1")
    assert host.commit == (2 if on else 0)


@pytest.mark.parametrize("on", [False, True])
def test_answer_old_terms_refuses_aloud(on):
    host = Host(1, begin(term=5), replace(ETCD, answer_old_terms=on))
    answers = host.hears(append(term=3))
    assert [m.term for m in answers] == ([5] if on else [])


@pytest.mark.parametrize("knob", ["check_quorum", "pre_vote"])
def test_with_check_quorum_or_pre_vote_a_leader_of_an_older_term_is_answered(knob):
    """etcd/raft Step: it frees a member that is stuck in a higher term."""
    host = Host(1, begin(term=5), replace(ETCD, **{knob: True}))
    for message in (append(term=3), Heartbeat(2, 1, 3, 0)):
        assert only(AppendEntriesReply, host.hears(message)).term == 5


@pytest.mark.parametrize("on", [False, True])
def test_remember_commit_index(on):
    host = Host(1, begin(), replace(ETCD, remember_commit_index=on))
    host.hears(append((0, 0), 1, 1, commit=2))
    assert host.disk.hard_state.commit_index == (2 if on else 0)


@pytest.mark.parametrize("config", [PAPER, ETCD], ids=["paper", "etcd"])
def test_a_committed_change_of_members_is_remembered_in_any_profile(config):
    """It acts when applied; whoever forgot it could win by the majority of members long gone."""
    network = Network(config=config)
    network.elect(1).propose(remove(3))
    network.settle()
    network[1].propose(b"x")
    network.settle()
    network[2].crash()
    assert network[2].raft.configuration.voters == (1, 2)


@pytest.mark.parametrize("config", [PAPER, ETCD], ids=["paper", "etcd"])
def test_the_index_of_a_snapshot_is_remembered_in_any_profile(config):
    """By the commit index a restart tells which snapshots count (disk/recovery)."""
    host = Host(1, begin(), config)
    host.hears(InstallSnapshot(2, 1, 1, Snapshot(7, 1, Configuration((1, 2, 3)))))
    assert host.disk.hard_state.commit_index == 7


def test_the_profiles_differ_in_the_knobs_that_their_names_promise():
    paper, older, newer = (PROFILES[name] for name in ("paper", "etcd-3.3", "etcd-3.5"))
    assert (paper.empty_entry, paper.check_quorum, paper.pre_vote) == (False, False, False)
    assert replace(older, pre_vote=True) == newer
    assert older.check_quorum
