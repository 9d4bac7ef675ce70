"""Run until: typed conditions, and what is said about them."""

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.simulator import conditions


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("leader", True),
        ("S1 leads", True),
        ("S1 is leader", True),
        ("S1 is the leader", True),
        ("S2 leads", False),
        ("S2 is follower", True),
        ("S2 follower", True),
        ("S2 is candidate", False),
        ("S2 is down", False),
        ("election", False),
        ("term 1", True),
        ("term 2", False),
        ("S2 term 1", True),
        ("all term 1", True),
        ("all term 2", False),
        ("committed 1", True),
        ("S1 committed 1", True),
        ("S3 committed 2", False),
        ("stored 2", True),
        ("all stored 2", False),
        ("applied 1", True),
        ("S3 applied 1", True),
        ("S3 applied x=1", True),
        ("S3 applied x=2", False),
        ("S3 applied y=1", False),
        ("answered c1", True),
        ("answered 1", True),
        ("answered c2", False),
        ("answered c99", False),
        ("quiet", False),
        ("conflict", False),
        ("violation", False),
        ("time 10 ms", True),
        ("time 99.5 s", False),
        ("not quiet and leader", True),
        ("quiet or leader", True),
        ("quiet or leader and election", False),
        ("(quiet or leader) and not (election or conflict)", True),
        ("not not leader", True),
        ("  LEADER  ", True),
    ],
)
def test_what_can_be_asked(led: Session, text: str, holds: bool):
    led.put(1, "x", "1")
    led.run_until("all applied 1 and quiet")
    led.put(1, "y", "2")
    assert conditions.parse(text, (1, 2, 3)).holds(led._world) is holds


def test_every_form_is_read_from_its_own_example():
    for form in conditions.FORMS:
        assert conditions.parse(form.example, (1, 2, 3)).text == form.example
        assert form.meaning
    assert len(Session.conditions()) == len(conditions.FORMS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a condition is missing"),
        ("leder", "Did you mean 'leader'"),
        ("leader and", "a condition is missing"),
        ("and leader", "a condition is missing"),
        ("(leader", "a bracket is not closed"),
        ("leader)", "comes too late"),
        ("S2 is king", "You may ask for"),
        ("committed five", "'committed five' is no condition"),
        ("S9 leads", "There is no member S9. There are: S1, S2, S3."),
        ("not", "a condition is missing"),
    ],
)
def test_what_means_nothing_is_answered_with_examples(led: Session, text: str, words: str):
    with pytest.raises(UserError) as refused:
        led.run_until(text)
    assert words in str(refused.value)
    assert "No such" not in str(refused.value)


def test_run_until_says_whether_it_came_true(led: Session):
    led.put(2, "x", "1")
    reached = led.run_until("S3 applied x=1")
    assert reached.came_true
    assert reached.sentence.startswith("S3 applied x=1: true at ")
    reached = led.run_until("S3 leads", limit_ms=500)
    assert not reached.came_true
    assert "the time is up" in reached.sentence


def test_run_until_stops_at_the_first_moment_at_which_it_holds(led: Session):
    led.crash(1)
    led.run_until("S2 leads or S3 leads")
    step = led.view().step
    led.seek(step - 1)
    assert not conditions.parse("leader").holds(led._world)


def test_a_conflict_is_seen_when_two_logs_differ():
    session = Session.open("cut-leader")
    session.cut("1|23")
    session.put(1, "x", "A")
    session.run_until("S2 leads or S3 leads")
    leader = 2 if session.view().members[1].role == "leader" else 3
    session.put(leader, "x", "B")
    assert session.run_until("conflict").came_true
    session.heal()
    assert session.run_until("not conflict").came_true


def test_a_violation_is_seen():
    session = Session.open("lost-vote")
    session.set_rule("vote-memory", False)
    for act in ("T1", "", "", "K2", "U2", "T3"):
        if not act:
            session.forward()
        else:
            {"T": session.time_out, "K": session.crash, "U": session.restart}[act[0]](int(act[1]))
    session.forward()
    session.forward()
    assert conditions.parse("violation").holds(session._world)
    assert "election safety" in session.view().violated
    found = {one.name: one for one in session.invariants()}["election safety"]
    assert found.violation
    assert found.violated_at == session.view().step
