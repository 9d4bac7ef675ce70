"""Why, and why not: the answers are those of the rules, and turn when their clauses turn."""

from dataclasses import replace

import pytest

from learnetcd.errors import UserError
from learnetcd.raft.messages import AppendEntriesReply, RequestVote
from learnetcd.raft.roles import Leader
from learnetcd.session.session import Grain, Session, Subject
from learnetcd.simulator.world import World
from learnetcd.tracing.elections import VoteGranted, VoteRefused

STATES = 200


def sentences(explanation) -> list[str]:
    return [f"{sign} {sentence}" for sign, sentence, _ in explanation.lines]


# --- entries -------------------------------------------------------------------------------


def test_an_entry_that_only_its_leader_holds_waits_for_one_more(led: Session):
    led.put(1, "z", "4")
    found = led.why_not(Subject.entry(1, 1))
    assert found.title == "z=4 is not committed."
    assert sentences(found) == [
        "- durable at S1: 1 of 2 needed",
        "+ it is of term 1, the leader's own",
        "  S2 or S3 must acknowledge it",
        "  S2: the append with it is on its way",
        "  S3: the append with it is on its way",
    ]
    assert found.needs == (2, 3)
    assert found.lines[0][2] == "Raft §5.3, §5.4.2; Figure 2, rules for leaders"


def test_the_obstacles_on_the_way_are_named(led: Session):
    led.cut("1|23")
    led.put(1, "z", "4")
    led.advance(50)
    assert "  S3: a cut lies between" in sentences(led.why_not(Subject.entry(1, 1)))
    led.heal()
    led.crash(2)
    assert "  S2: it is down" in sentences(led.why_not(Subject.entry(1, 1)))


def test_a_follower_that_has_not_heard_of_the_commit_is_told_so(led: Session):
    led.put(1, "x", "1")
    led.run_until("S1 committed 1")
    found = led.why_not(Subject.entry(2, 1))
    assert found.title == "x=1 is not committed at S2."
    assert sentences(found) == [
        "+ S1 leads and has committed it",
        "- S2 has not heard so yet",
        "  the next append or heartbeat of S1 carries commit 1",
    ]


def test_why_an_entry_is_committed(led: Session):
    led.put(1, "x", "1")
    led.run_until("all applied 1")
    assert led.why(Subject.entry(1, 1)).title == "x=1 is committed at S1: it will never be removed."
    assert sentences(led.why(Subject.entry(2, 1))) == [
        "+ S2 heard from its leader S1 that all up to 1 is committed",
        "+ it is applied: readers at S2 see it",
    ]


def test_on_a_majority_and_yet_not_committed_the_term_is_named():
    """Raft §5.4.2, Figure 8."""
    session = Session.open("fig8")
    script = "T1 n C1|23 Pb T3 n C1|2|3 Pc C12|3 n T1 n n"
    for act in script.split():
        if act[0] == "T":
            session.time_out(int(act[1]))
        elif act[0] == "C":
            session.cut(act[1:])
        elif act[0] == "P":
            session.put(1 if act[1] == "b" else 3, act[1])
        else:
            session.forward(Grain.CHANGE)
    session.set_rule("own-term", True)
    assert session.state_lines()[:2] == ("S1 L t3 v1 c0 [b@1]", "S2 F t3 v1 c0 [b@1]")
    found = session.why_not(Subject.entry(1, 1))
    assert sentences(found) == [
        "- it is of term 1 and the leader leads term 3: it commits together with the first entry "
        "of that term",
        "+ durable at S1, S2: 2 of 2 needed",
        "  put something at S1: once that is committed, this is too",
    ]
    assert session.why_not(Subject.entry(3, 1)).title == "c is not committed."


def test_an_entry_that_conflicts_will_be_removed():
    session = Session.open("cut-leader")
    session.cut("1|23")
    session.put(1, "x", "A")
    session.run_until("S2 leads or S3 leads")
    leader = 2 if session.view().members[1].role == "leader" else 3
    session.put(leader, "x", "B")
    session.run_until(f"S{leader} committed 2")
    assert "  S1 can't know yet that" in "".join(sentences(session.why_not(Subject.entry(1, 2))))
    session.heal()
    session.run_until("S1 is follower")
    session.crash(1)
    assert session.why_not(Subject.entry(1, 2)).title == ("S1 is down; its disk holds x=A@1 at 2.")
    session.restart(1)
    assert sentences(session.why_not(Subject.entry(1, 2))) == [
        f"- S{leader} leads and has x=B@2 there: this one will be removed"
    ]


def test_an_entry_that_is_not_there(led: Session):
    assert led.why_not(Subject.entry(1, 5)).title == "S1 has no entry 5: its log ends at 0."
    led.put(1, "x", "1")
    assert sentences(led.why_not(Subject.entry(3, 1))) == ["  S3: the append with it is on its way"]


# --- the clauses are the decision ------------------------------------------------------------

MAKE_TRUE = {
    "a quorum holds it": lambda facts: replace(facts, quorum_index=facts.index),
    "entry is of the leader's own term": lambda f: replace(f, entry_term=f.current_term),
    "one vote a term": lambda facts: replace(facts, vote=0, leader=0),
    "candidate's log is up to date": lambda facts: replace(
        facts, candidate_last_index=facts.last_index, candidate_last_term=facts.last_term
    ),
}


def holds_when_all_but(verdict, left_out: str | None) -> bool:
    """Make all unmet clauses true but one, and ask again."""
    facts = verdict.facts
    for clause in verdict.unmet:
        if clause.name != left_out:
            facts = MAKE_TRUE[clause.name](facts)
    return verdict.rule.allows(facts)


def test_making_true_what_a_why_not_names_turns_the_outcome_and_nothing_less_does(play):
    """On 200 random states: entries that wait, and votes that are not given."""
    asked = {"entry": 0, "vote": 0}
    for seed in range(STATES):
        session = play(seed, 8 + seed % 16)
        world = session._world
        for member in world.alive_ids:
            raft = world.member(member).raft
            for index in range(raft.log.commit_index + 1, raft.log.last_index + 1):
                check_an_entry(session, world, member, index)
                asked["entry"] += 1
            for candidate in world.alive_ids:
                if candidate != member:
                    check_a_vote(session, world, member, candidate)
                    asked["vote"] += 1
    assert asked["entry"] > 50
    assert asked["vote"] > 300


def check_an_entry(session: Session, world: World, member: int, index: int) -> None:
    found = session.why_not(Subject.entry(member, index))
    assert found.title
    if found.verdict is None:
        return
    assert not found.verdict.allowed
    assert holds_when_all_but(found.verdict, None)
    for clause in found.verdict.unmet:
        assert not holds_when_all_but(found.verdict, clause.name)
    if isinstance(world.member(member).raft.role, Leader):
        check_that_the_named_members_commit_it(world, member, index, found)


def check_that_the_named_members_commit_it(world: World, member: int, index: int, found) -> None:
    """Let those members acknowledge it, and it is committed, unless its term is in the way."""
    leader = world.member(member).fork(lambda member, event: None).raft
    facts = found.verdict.facts
    enough = found.needs[: max(0, facts.needed - len(facts.copies))]
    for voter in enough:
        assert leader.log.commit_index < index
        leader.step(AppendEntriesReply(voter, member, leader.term, index))
    old_term = facts.entry_term != facts.current_term
    assert (leader.log.commit_index >= index) != old_term
    if old_term:
        leader.propose(b"")
        for voter in leader.configuration.voters:
            leader.step(AppendEntriesReply(voter, member, leader.term, leader.log.last_index))
        assert leader.log.commit_index >= index


def check_a_vote(session: Session, world: World, voter: int, candidate: int) -> None:
    """The answer about a vote is the one that the voter gives when it is asked."""
    found = session.why_not(Subject.vote(voter, candidate))
    asker, told = world.member(candidate).raft, []
    stands = type(asker.role).__name__ == "Candidate"
    term = asker.term if stands else asker.term + 1
    log = asker.log
    asked = world.member(voter).fork(lambda member, event: told.append(event)).raft
    asked.step(RequestVote(candidate, voter, term, log.last_index, log.last_term))
    granted = any(isinstance(event, VoteGranted) for event in told)
    refused = any(isinstance(event, VoteRefused) for event in told)
    if found.verdict is None:
        assert not granted
        assert not refused
        return
    assert found.verdict.allowed == granted
    assert found.title.startswith(f"S{voter} would vote" if granted else f"S{voter} does not vote")
    if refused:
        assert holds_when_all_but(found.verdict, None)
        for clause in found.verdict.unmet:
            assert not holds_when_all_but(found.verdict, clause.name)


# --- votes, roles, terms -----------------------------------------------------------------------


def test_why_somebody_leads():
    session = Session.open("first-leader")
    session.run_until("S2 leads")
    found = session.why(Subject.role(2))
    assert found.title == "S2 leads term 1."
    assert sentences(found) == ["+ votes of S1, S2 in term 1; the quorum is 2"]


def test_why_a_candidate_does_not_lead_yet():
    session = Session.open("split")
    session.forward(Grain.CHANGE)
    found = session.why_not(Subject.role(1))
    assert found.title == "S1 does not lead yet: it has 1 of 2 votes in term 1."
    assert sentences(found) == [
        "  S2 has not answered yet",
        "  S3 has not answered yet",
        "+ its own: yes",
    ]


def test_why_a_vote_was_refused():
    session = Session.open("lost-vote")
    session.time_out(1)
    session.run_until("S1 leads")
    session.time_out(3)
    found = session.why_not(Subject.vote(2, 3))
    assert found.title == "S2 does not vote for S3 in term 1."
    assert sentences(found)[0] == "- it already voted for S1 in term 1"
    assert session.why_not(Subject.vote(2)).title == found.title
    assert session.why(Subject.vote(2)).title == "S2 voted for S1 in term 1."


def test_why_nobody_led_a_term():
    session = Session.open("split")
    session.run_until("leader")
    found = session.why_not(Subject.term(1))
    assert found.title == "Nobody led term 1: no candidate had 2 votes."
    assert sentences(found) == [f"- S{n} had 1 vote: its own" for n in (1, 2, 3)]
    assert session.why(Subject.term(2)).title == "S3 led term 2."
    assert session.why(Subject.term(9)).title == "There is no term 9 yet: the highest is 2."


def test_a_follower_says_whom_it_follows_and_a_dead_member_that_it_is_down(led: Session):
    assert led.why(Subject.role(2)).title == "S2 follows S1, the leader of term 1."
    led.crash(2)
    assert led.why(Subject.role(2)).title.startswith("S2 is down")
    assert led.why_not(Subject.vote(2, 3)).title.startswith("S2 is down; its disk says: voted for")


def test_with_check_quorum_a_member_that_hears_a_leader_ignores_candidates():
    session = Session.open(profile="etcd-3.3")
    session.time_out(1)
    session.run_until("S1 leads and quiet")
    session.run_until("all committed 1")
    found = session.why_not(Subject.vote(2, 3))
    assert "it ignores candidates" in sentences(found)[0]


# --- causes ------------------------------------------------------------------------------------


def test_a_sentence_is_traced_back_to_the_timer_with_which_it_began():
    session = Session.open("first-leader")
    session.run_until("S2 leads")
    step = session.view().step
    event = next(one for one in session.narration(step, step) if one.landmark)
    found = session.why(Subject.event(event.event_id))
    assert found.title == event.text
    told = "\n".join(sentences(found))
    assert "S1's disk has synced" in told
    assert "S1 votes for S2 in term 1" in told
    assert "its election timer fired" in told


def test_any_sentence_can_be_asked_about_however_long_ago():
    session = Session.open(seed=2)
    session.run_until("time 20 s")
    early = session.narration(3, 3)[-1]
    for first in range(1, session.view().length, 300):
        session.narration(first, first + 250)
    assert session.why(Subject.event(early.event_id)).title == early.text
    with pytest.raises(UserError, match="did not happen"):
        session.why(Subject.event((1, 10**6, 1)))


def test_a_message_says_who_sent_it_and_what_it_will_do():
    session = Session.open("first-leader")
    session.forward()
    found = session.why(Subject.message(2, 1, 1))
    assert found.title == "vote request t1 log ends 0@0, S2→S1, sent 2 ms ago."
    told = sentences(found)
    assert any("if it arrives now: S1 votes for S2 in term 1" in one for one in told)
    session.cut("2>1")
    assert sentences(session.why(Subject.message(2, 1, 1)))[-1].startswith("- a cut lies")


def test_a_message_shows_the_bytes_in_which_real_members_would_send_it():
    session = Session.open("first-leader")
    session.forward()
    # raftpb.Message: type 5 (a vote request), to 1, from 2, term 1, then what its log ends with.
    told = sentences(session.why(Subject.message(2, 1, 1)))
    assert any("bytes: 08 05 10 01 18 02 20 01 28 00 30 00" in one for one in told), told


def test_a_message_at_a_held_gate_says_so():
    session = Session.open("first-leader")
    session.forward()
    session.hold_gate(1, "delivered")
    told = sentences(session.why(Subject.message(2, 1, 1)))
    assert told[-1].startswith("- a gate of S1 is held: it waits there")


def test_a_timer_says_when_it_fires_and_what_sets_it_back(led: Session):
    found = led.why(Subject.timer(2))
    assert "stands for election in" in found.title
    assert any("hearing from a leader sets it back" in one for one in sentences(found))
    assert "sends heartbeats" in led.why(Subject.timer(1)).title


def test_a_local_read_says_that_it_may_be_old():
    session = Session.open("cut-leader")
    session.cut("1|23")
    session.run_until("S2 leads or S3 leads")
    leader = 2 if session.view().members[1].role == "leader" else 3
    session.put(leader, "x", "B")
    session.run_until(f"S{leader} applied x=B")
    request = session.get(1, "x")
    found = session.why(Subject.client(request))
    assert sentences(found)[:2] == [
        "+ answered from S1's own tree at store index 1",
        "- S1 can't know whether it is behind",
    ]
    assert found.lines[2] == (
        "~",
        "all members are consistent, so read from any",
        "not so: article 1.5",
    )
    assert session.view().clients[-1].truth == "old: c2 had put x=B before"


def test_every_subject_has_an_answer_in_every_state(play):
    for seed in range(10):
        session = play(seed, 16)
        view = session.view()
        subjects = [Subject.term(n) for n in range(4)]
        subjects += [Subject.client(client.id) for client in view.clients]
        subjects += [
            Subject.message(*one.link, one.number, one.copy_number) for one in view.packets
        ]
        subjects += [
            Subject.event(one.event_id) for one in session.narration(view.step - 5, view.step)
        ]
        for member in view.members:
            subjects += [Subject.role(member.id), Subject.vote(member.id)]
            subjects += [Subject.entry(member.id, n) for n in range(1, member.last_index + 2)]
            subjects += [Subject.timer(member.id)] if member.alive else []
        for subject in subjects:
            for answer in (session.why(subject), session.why_not(subject)):
                assert answer.title.endswith((".", "!"))
                assert all(sign in "+-~ " and text for sign, text, _ in answer.lines)


def test_who_votes_for_itself_asked_itself_first():
    session = Session.open("split")
    session.run_until("S3 leads")
    assert any("it asked itself first" in line for line in sentences(session.why(Subject.vote(3))))
    assert any(
        "S1, S2, S3 voted for it; the quorum is 2" in line
        for line in sentences(session.why(Subject.term(2)))
    )
