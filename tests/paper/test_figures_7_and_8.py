"""Raft Figures 7 and 8: the two pictures that everybody remembers."""

from dataclasses import replace

import pytest

from learnetcd.raft import SOUND, Config
from learnetcd.raft.messages import AppendEntries, RequestVoteReply
from tests.raft.network import PAPER, Host, Network, all_of, begin

LEADER = (1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
FOLLOWERS = {
    "a: misses the last entry": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b: misses many": (1, 1, 1, 4),
    "c: has one too many": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d: led term 7, which nobody else saw": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e: misses some, has others": (1, 1, 1, 4, 4, 4, 4),
    "f: led terms 2 and 3 and crashed twice": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}


@pytest.mark.parametrize("log", FOLLOWERS.values(), ids=FOLLOWERS)
def test_figure_7_any_follower_ends_with_the_log_of_the_leader_of_term_8(log):
    """Figure 7: a follower may miss entries, have extra ones, or both."""
    network = Network(logs={1: LEADER, 2: log, 3: ()}, terms=dict.fromkeys((1, 2, 3), 7))
    leader = network.elect(1)
    assert leader.term == 8
    assert network[2].log == network[3].log == leader.log


def test_figure_7_the_leader_can_win_with_the_votes_of_a_b_e_and_f():
    """Figure 7 with §5.4.1: c and d refuse; with itself it has five of seven."""
    logs = {1: LEADER} | dict(enumerate(FOLLOWERS.values(), start=2))
    network = Network(tuple(range(1, 8)), PAPER, logs=logs, terms=dict.fromkeys(range(1, 8), 7))
    network[1].campaigns()
    network.deliver()
    votes = {m.sender: m.granted for m in network.find(RequestVoteReply)}
    assert votes == {2: True, 3: True, 4: False, 5: False, 6: True, 7: True}
    network.settle()
    assert network[1].leads
    network[1].propose(b"x")
    network.settle()
    assert network.logs() == {network[1].log}


def figure_8_c(config: Config = PAPER) -> Network:
    """S1 leads term 4; the old entry 2@2 is on S1, S2, S3, and there is none of term 4."""
    network = Network(
        (1, 2, 3, 4, 5),
        config,
        logs={1: (1, 2), 2: (1, 2), 3: (1,), 4: (1,), 5: (1, 3)},
        terms={1: 3, 2: 3, 3: 3, 4: 3, 5: 3},
    )
    network.cut = {4, 5}
    network.elect(1)
    assert network[3].log == "1@1 2@2"
    return network


def test_figure_8_an_old_entry_on_a_majority_is_not_committed():
    """Figure 8 (c): 2@2 is on S1, S2, S3, but it is not committed."""
    network = figure_8_c()
    assert network[1].commit == 0
    assert network[1].progress(3).match_index == 2


def test_figure_8_such_an_entry_may_still_be_overwritten():
    """Figure 8 (d): S5 wins with votes of S2, S3 and S4, and overwrites it with 2@3."""
    network = figure_8_c()
    network.cut = {1}
    network[5].campaigns()  # in term 4, in which S2 and S3 voted for S1
    network.settle()
    network.elect(5)
    assert {network[member].log for member in (2, 3, 4, 5)} == {"1@1 2@3"}


def test_figure_8_with_an_entry_of_its_own_term_it_is_safe():
    """Figure 8 (e): 3@4 on a majority commits 2@2 too, and S5 can't win any more."""
    network = figure_8_c()
    network[1].propose(b"x")
    network.settle()
    assert network[1].commit == 3
    network.cut = {1}
    network[5].campaigns()
    network.settle()
    assert not network[5].leads


def test_figure_8_without_the_rule_a_committed_entry_is_overwritten():
    """Figure 8: the broken twin shows why. S1 applies 2@2, then S5 removes it."""
    network = figure_8_c(replace(PAPER, rules=SOUND.without("own-term")))
    assert network[1].applied == network[2].applied == [b"1@1", b"2@2"]
    network.cut = {1}
    network[5].campaigns()
    network.settle()
    network[3].crash()  # the paper's commit index is volatile: S3 forgets that it applied 2@2
    network.elect(5)
    network[5].propose(b"x")
    network.settle()
    assert network[5].applied == network[3].applied == [b"1@1", b"2@3", b"x"]


def test_a_lone_leader_of_an_old_term_sends_what_it_has():
    """Figure 7: consistency is restored by ordinary appends."""
    host = Host(1, begin(log=LEADER, term=7), PAPER)
    host.campaigns()
    sent = all_of(AppendEntries, host.hears(RequestVoteReply(2, 1, 8, True)))
    assert {(m.previous_index, m.previous_term) for m in sent} == {(10, 6)}
