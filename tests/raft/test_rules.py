"""The rules: each clause decides something, and each broken twin really changes a decision."""

from dataclasses import replace

import pytest

from learnetcd.raft import SOUND, TWINS
from learnetcd.raft.messages import AppendEntriesReply, Heartbeat, RequestVoteReply
from learnetcd.raft.rules import (
    ACCEPT_APPEND,
    COMMIT,
    COUNT_SELF,
    GRANT_VOTE,
    LET_EXPIRE,
    PROMISE,
    READ_RECORD,
    REMEMBER_VOTE,
    SERVE_READ,
    START_CHANGE,
    TRUNCATE,
    AppendFacts,
    ChangeFacts,
    CommitFacts,
    CountSelfFacts,
    ExpiryFacts,
    MemoryFacts,
    PromiseFacts,
    ReadFacts,
    RecordFacts,
    TruncateFacts,
    VoteFacts,
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
    ask_vote,
    begin,
)

VOTE = VoteFacts(
    candidate=2,
    term=3,
    pre_vote=False,
    current_term=3,
    vote=0,
    leader=0,
    last_index=5,
    last_term=2,
    candidate_last_index=5,
    candidate_last_term=2,
)

CASES = [
    (GRANT_VOTE, VOTE, True, "it has not voted in term 3"),
    (GRANT_VOTE, replace(VOTE, vote=2), True, "it already voted for S2"),
    (GRANT_VOTE, replace(VOTE, vote=1), False, "it already voted for S1 in term 3"),
    (GRANT_VOTE, replace(VOTE, leader=1), False, "it follows S1, the leader of term 3"),
    (GRANT_VOTE, replace(VOTE, candidate_last_index=4), False, "ends with 4@2, its own with 5@2"),
    (GRANT_VOTE, replace(VOTE, candidate_last_term=1), False, "5@1, its own with 5@2"),
    (GRANT_VOTE, replace(VOTE, vote=1, pre_vote=True, term=4), True, "binds nobody"),
    (REMEMBER_VOTE, MemoryFacts(3, 2), False, "its disk says: voted for S2 in term 3"),
    (REMEMBER_VOTE, MemoryFacts(3, 0), True, "no vote of term 3"),
    (ACCEPT_APPEND, AppendFacts(2, 1, 2, 1), True, "entry 2 is of term 1 in both logs"),
    (ACCEPT_APPEND, AppendFacts(3, 1, 2, None), False, "the log ends at 2, before 3"),
    (ACCEPT_APPEND, AppendFacts(2, 3, 2, 1), False, "of term 1 here and of term 3 at the leader"),
    (TRUNCATE, TruncateFacts(4, 1, 2), True, "entry 4 is of term 1 here, of term 2"),
    (TRUNCATE, TruncateFacts(4, 2, 2), False, "entry 4 is the same in both logs"),
    (PROMISE, PromiseFacts(4, 4), True, "batch 4 of its writes is durable"),
    (PROMISE, PromiseFacts(4, 3), False, "batch 4 of its writes waits for the disk"),
    (COUNT_SELF, CountSelfFacts(4, 4), True, "entry 4 is durable at the leader"),
    (COUNT_SELF, CountSelfFacts(4, 3), False, "waits for the leader's own disk"),
    (COMMIT, CommitFacts(4, 2, 2, (1, 2), 2, 4), True, "durable at S1, S2: 2 of 2 needed"),
    (COMMIT, CommitFacts(4, 2, 2, (1,), 2, 3), False, "durable at S1: 1 of 2 needed"),
    (COMMIT, CommitFacts(4, 1, 2, (1, 2), 2, 4), False, "of term 1 and the leader leads term 2"),
    (START_CHANGE, ChangeFacts(3, 3, False, False), True, "everything up to 3 is applied"),
    (START_CHANGE, ChangeFacts(4, 3, False, False), False, "may wait at 4, applied is 3"),
    (START_CHANGE, ChangeFacts(3, 3, True, False), False, "must be left first"),
    (START_CHANGE, ChangeFacts(3, 3, True, True), True, "no joint configuration is in the way"),
    (START_CHANGE, ChangeFacts(3, 3, False, True), False, "nothing to leave"),
    (SERVE_READ, ReadFacts(2, 2, True), True, "an entry of term 2 is committed"),
    (SERVE_READ, ReadFacts(2, 1, True), False, "its last committed entry is of term 1"),
    (SERVE_READ, ReadFacts(2, 2, False), False, "no quorum has answered since the question"),
    (READ_RECORD, RecordFacts(sum_is_right=True), True, "the checksum that the record says"),
    (READ_RECORD, RecordFacts(sum_is_right=False), False, "some of its sectors are missing"),
    (LET_EXPIRE, ExpiryFacts(by_entry=True), True, "says what time it is, to all members alike"),
    (LET_EXPIRE, ExpiryFacts(by_entry=False), False, "only its own clock"),
]


@pytest.mark.parametrize(("rule", "facts", "allowed", "because"), CASES)
def test_a_rule_decides_and_says_why(rule, facts, allowed, because):
    verdict = rule.verdict(facts)
    assert rule.allows(facts) is verdict.allowed is allowed
    assert because in verdict.because()


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_lets_pass_what_its_clause_alone_forbids(twin):
    broken = getattr(SOUND.without(twin.name), twin.rule)
    sound = getattr(SOUND, twin.rule)
    refused = [facts for rule, facts, allowed, _ in CASES if rule is sound and not allowed]
    assert any(broken.allows(facts) for facts in refused)


def test_every_rule_has_a_case_for_each_of_its_clauses():
    for name in SOUND.__dataclass_fields__:
        rule = getattr(SOUND, name)
        unmet = {
            clause.name
            for used, facts, _, _ in CASES
            if used is rule
            for clause in rule.verdict(facts).unmet
        }
        assert unmet == {clause.name for clause in rule.clauses}, name


def test_rules_tell_which_twins_are_in_force_and_can_be_restored():
    rules = SOUND.without("own-term").without("one-vote")
    assert rules.broken == ("one-vote", "own-term")
    assert rules.restored("own-term").broken == ("one-vote",)
    assert rules.restored("own-term").restored("one-vote") == SOUND


# -- in the core: with the twin, the member does otherwise ---------------------------------------


def broken(twin: str, config=ETCD):
    return replace(config, rules=SOUND.without(twin))


@pytest.mark.parametrize("config", [ETCD, broken("one-vote")], ids=["sound", "twin"])
def test_one_vote(config):
    host = Host(1, begin(), config)
    answers = [*host.hears(ask_vote(1, sender=2)), *host.hears(ask_vote(1, sender=3))]
    assert [m.granted for m in answers] == [True, config is not ETCD]


@pytest.mark.parametrize("config", [ETCD, broken("up-to-date")], ids=["sound", "twin"])
def test_up_to_date(config):
    host = Host(1, begin(log=(1, 1)), config)
    assert [m.granted for m in host.hears(ask_vote(2, (1, 1)))] == [config is not ETCD]


@pytest.mark.parametrize("config", [ETCD, broken("vote-memory")], ids=["sound", "twin"])
def test_vote_memory(config):
    host = Host(1, begin(), config)
    host.hears(ask_vote(1, sender=2))
    host.crash()
    assert [m.granted for m in host.hears(ask_vote(1, sender=3))] == [config is not ETCD]


@pytest.mark.parametrize("config", [ETCD, broken("previous-entry")], ids=["sound", "twin"])
def test_previous_entry(config):
    host = Host(1, begin(log=(1, 1)), config)
    host.hears(append((2, 2), 2))
    assert host.log == ("1@1 2@1" if config is ETCD else "1@1 2@1 3@2")


@pytest.mark.parametrize("config", [ETCD, broken("truncate-on-conflict")], ids=["sound", "twin"])
def test_truncate_on_conflict(config):
    host = Host(1, begin(log=(1, 1, 1)), config)
    host.hears(append((0, 0), 1, 1))
    assert host.log == ("1@1 2@1 3@1" if config is ETCD else "1@1 2@1")


@pytest.mark.parametrize("config", [ETCD, broken("sync-before-reply")], ids=["sound", "twin"])
def test_sync_before_reply(config):
    host = Host(1, begin(), config, slow_disk=True)
    assert len(all_of(RequestVoteReply, host.hears(ask_vote(1)))) == (config is not ETCD)
    acknowledged = all_of(AppendEntriesReply, host.hears(append((0, 0), 1)))
    assert len(acknowledged) == (config is not ETCD)
    assert len(host.save_all()) == (2 if config is ETCD else 0)


@pytest.mark.parametrize("config", [ETCD, broken("sync-before-counting")], ids=["sound", "twin"])
def test_sync_before_counting(config):
    host = Host(1, begin((1,)), config)
    host.campaigns()
    host.slow_disk = True
    host.propose(b"x")
    assert host.commit == (1 if config is ETCD else 2)


@pytest.mark.parametrize("config", [PAPER, broken("own-term", PAPER)], ids=["sound", "twin"])
def test_own_term(config):
    network = Network(config=config, logs=dict.fromkeys((1, 2, 3), (1,)))
    assert network.elect(1).commit == (0 if config is PAPER else 1)


@pytest.mark.parametrize("config", [ETCD, broken("one-change")], ids=["sound", "twin"])
def test_one_change(config):
    leader = Network(config=config).elect(1)
    leader.propose(add(4), add(5))
    assert (leader.raft.log.entry(3).payload == add(5)) is (config is not ETCD)


@pytest.mark.parametrize("config", [ETCD, broken("own-entry-before-read")], ids=["sound", "twin"])
def test_own_entry_before_read(config):
    network = Network(config=config, logs=dict.fromkeys((1, 2, 3), (1, 1)))
    leader = network[1]
    leader.campaigns()
    leader.hears(RequestVoteReply(2, 1, 2, True))
    leader.read()
    for heartbeat in network.find(Heartbeat, to=2):
        leader.hears(*network[2].hears(heartbeat))
    assert [read.read_index for read in leader.reads] == ([] if config is ETCD else [0])


@pytest.mark.parametrize("config", [ETCD, broken("read-quorum")], ids=["sound", "twin"])
def test_read_quorum(config):
    leader = Network(config=config).elect(1)
    leader.read()
    assert len(leader.reads) == (config is not ETCD)


def test_a_leader_lives_by_other_rules_as_soon_as_it_is_told():
    """`set_rules`: for lessons, in the middle of a run."""
    leader = Network((1, 2, 3, 4, 5)).elect(1)
    leader.raft.set_rules(SOUND.without("sync-before-counting"))
    leader.slow_disk = True
    leader.propose(b"x")
    assert leader.progress(1).match_index == 2
    leader.hears(accepts(2, 1, 1, 2), accepts(3, 1, 1, 2))
    assert leader.commit == 2
