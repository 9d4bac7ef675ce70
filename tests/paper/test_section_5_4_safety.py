"""Raft §5.4, safety: the election restriction, entries of earlier terms, and the argument."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from learnetcd.raft import ProposalRefused
from learnetcd.raft.messages import AppendEntries, RequestVote, RequestVoteReply
from tests.raft.network import (
    ETCD,
    PAPER,
    Host,
    Network,
    accepts,
    all_of,
    append,
    ask_vote,
    begin,
    only,
)

# -- §5.4.1 election restriction ----------------------------------------------------------------


def test_a_candidate_that_lags_behind_a_quorum_cannot_win():
    """§5.4.1: voting prevents a candidate from winning unless it has all committed entries."""
    network = Network(logs={1: (1,), 2: (1, 1), 3: (1, 1)}, terms={1: 1})
    network[1].campaigns()
    network.settle()
    assert network[1].follows
    network.elect(2)


def test_log_entries_only_flow_from_leaders_to_followers():
    """§5.4.1: leaders never overwrite existing entries in their logs; they get none either."""
    network = Network(logs={1: (1, 2), 2: (1, 1, 1, 1), 3: (1, 2)}, terms={2: 2})
    network.elect(1)
    assert network[1].log == "1@1 2@2 3@3"
    assert network[2].log == "1@1 2@2 3@3"


def test_a_vote_request_tells_about_the_candidates_log():
    """§5.4.1: the RPC includes information about the candidate's log."""
    host = Host(1, begin(log=(1, 3)), PAPER)
    assert {(m.last_index, m.last_term) for m in all_of(RequestVote, host.campaigns())} == {(2, 3)}


def test_a_voter_denies_its_vote_if_its_own_log_is_more_up_to_date():
    """§5.4.1."""
    host = Host(1, begin(log=(1, 3)), PAPER)
    assert not only(RequestVoteReply, host.hears(ask_vote(4, (1, 1)))).granted


def test_of_logs_with_different_last_terms_the_later_term_is_more_up_to_date():
    """§5.4.1: however short it is."""
    host = Host(1, begin(log=(1, 1, 1, 1)), PAPER)
    assert only(RequestVoteReply, host.hears(ask_vote(3, (1, 2)))).granted


def test_of_logs_with_the_same_last_term_the_longer_is_more_up_to_date():
    """§5.4.1."""
    host = Host(1, begin(log=(1, 2, 2)), PAPER)
    assert not only(RequestVoteReply, host.hears(ask_vote(3, (2, 2), sender=2))).granted
    assert only(RequestVoteReply, host.hears(ask_vote(4, (4, 2), sender=2))).granted


def test_equal_logs_are_up_to_date_enough():
    """§5.4.1: *at least* as up-to-date. Else nobody could ever be elected twice."""
    host = Host(1, begin(log=(1, 2)), PAPER)
    assert only(RequestVoteReply, host.hears(ask_vote(3, (2, 2)))).granted


# -- §5.4.2 committing entries from previous terms ----------------------------------------------


def test_a_new_leader_tries_to_finish_replicating_what_an_earlier_one_left():
    """§5.4.2: future leaders will attempt to finish replicating the entry."""
    network = Network(logs={1: (1, 1), 2: (1,), 3: (1,)}, terms={2: 1, 3: 1})
    network.elect(1)
    assert network[2].log.startswith("1@1 2@1")


def test_entries_of_earlier_terms_are_never_committed_by_counting():
    """§5.4.2."""
    network = Network((1, 2, 3, 4, 5), PAPER, logs=dict.fromkeys(range(1, 6), (1, 2)))
    leader = network.elect(1)
    assert all(leader.progress(member).match_index == 2 for member in range(2, 6))
    assert leader.commit == 0


def test_entries_of_earlier_terms_commit_with_the_first_of_the_own_term():
    """§5.4.2: all prior entries are committed indirectly because of Log Matching."""
    network = Network(config=PAPER, logs=dict.fromkeys((1, 2, 3), (1, 2)))
    leader = network.elect(1)
    leader.propose(b"x")
    network.settle()
    assert leader.commit == 3
    assert leader.applied == [b"1@1", b"2@2", b"x"]


def test_entries_keep_their_original_term_when_a_later_leader_replicates_them():
    """§5.4.2: log entries retain their original term numbers."""
    network = Network(logs={1: (1, 2, 2), 2: (1,), 3: (1,)}, terms={2: 2, 3: 2})
    network.elect(1)
    assert network[2].log == "1@1 2@2 3@2 4@3"


# -- §5.4.3 the argument ------------------------------------------------------------------------


def test_one_voter_both_accepted_the_entry_and_is_asked_for_its_vote():
    """§5.4.3: at least one server ("the voter") both accepted the entry and votes."""
    network = Network((1, 2, 3, 4, 5))
    network.cut = {4, 5}
    network.elect(1)
    network[1].propose(b"x")
    network.settle()
    assert network[1].commit == 2
    network.cut = {1}
    network[4].raft.step(append(term=1, sender=1, to=4))  # S4 knows of the term, not of the entry
    network[4].work()
    network[4].campaigns()
    network.settle()
    assert not network[4].leads
    network.elect(3)
    assert network[4].log == network[3].log
    assert "2@1" in network[4].log


def test_no_member_applies_another_entry_for_an_index_that_one_has_applied():
    """§5.4.3, State Machine Safety, where it is most in danger: a leader's last entries."""
    network = Network()
    leader = network.elect(1)
    leader.propose(b"x")
    network.lose(AppendEntries)
    network.cut = {1}
    network.elect(2)
    network[2].propose(b"y")
    network.settle()
    network.cut = set()
    network[2].times_out()
    network.settle()
    assert leader.follows
    assert leader.log == network[2].log
    network[2].times_out()
    network.settle()
    stores = [host.applied for host in network.hosts.values()]
    assert stores == [[b"y"]] * 3


USUAL = ["deliver", "save"] * 4 + ["apply", "propose"] * 2
ACCIDENTS = ["lose", "twice", "campaign", "crash", "beat"]
actions = st.sampled_from(USUAL + ACCIDENTS)


# Not shrunk: that takes minutes here, and the simulator does it better.
@settings(max_examples=60, phases=[Phase.reuse, Phase.generate])
@given(st.lists(st.tuples(actions, st.integers(0, 60)), min_size=30, max_size=150))
def test_whatever_the_network_and_the_disks_do_the_five_properties_hold(script):
    """Figure 3: Election Safety, Append-Only, Log Matching, Completeness, Machine Safety."""
    network = Network(config=ETCD)
    for host in network.hosts.values():
        host.slow_disk = host.slow_store = True
    leaders: dict[int, int] = {}
    committed: dict[int, tuple[int, object]] = {}
    for action, number in [*script, *[("deliver", n) for n in range(5)]]:
        host = network[number % 3 + 1]
        was_leading = (host.term, host.log) if host.leads else None
        _act(network, host, action, number)
        if was_leading and host.leads and host.term == was_leading[0]:
            assert host.log.startswith(was_leading[1])
        for each in network.hosts.values():
            _check(each, leaders, committed)


def _act(network: Network, host: Host, action: str, number: int) -> None:
    wire = network.collect()
    message = wire[number % len(wire)] if wire else None
    match action:
        case "deliver" | "twice" | "lose" if message:
            if action != "twice":
                wire.remove(message)
            if action != "lose":
                network[message.receiver].hears(message)
        case "campaign":
            host.campaigns()
        case "propose" if host.leads:
            host.propose(b"%d" % number)
        case "save" if host.unsaved:
            host.save()
        case "apply" if host.unapplied:
            host.apply()
        case "crash" if number % 4 == 0:
            host.crash()
        case "beat" if host.leads:
            host.times_out()


def _check(host: Host, leaders: dict[int, int], committed: dict[int, tuple[int, object]]) -> None:
    if host.leads:
        assert leaders.setdefault(host.term, host.id) == host.id, "one leader a term"
        for index, (term, _) in committed.items():
            held = host.raft.log.term_at(index)
            assert host.term < max(leaders) or held == term, "a leader has what is committed"
    log = host.raft.log
    for entry in log.entries(log.first_index, log.commit_index):
        fixed = committed.setdefault(entry.index, (entry.term, entry.payload))
        assert fixed == (entry.term, entry.payload), "a committed entry never changes"


def test_the_core_refuses_proposals_while_it_does_not_lead():
    """The clients' side of §5.4: what was refused can't be half done."""
    host = Host(1, begin(log=(1,)), PAPER)
    with pytest.raises(ProposalRefused):
        host.propose(b"x")
    assert host.log == "1@1"


def test_a_leader_counts_each_follower_once():
    """§5.4.3 rests on majorities of members, not of messages."""
    leader = Network((1, 2, 3, 4, 5)).elect(1)
    leader.propose(b"x")
    for _ in range(3):
        leader.hears(accepts(2, 1, 1, 2))
    assert leader.commit == 1
