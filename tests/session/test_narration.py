"""The story of a run: the same steps, the same sentences."""

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session
from learnetcd.tracing import TraceEvent


def test_each_step_is_told_in_at_least_one_sentence(play):
    for seed in range(4):
        session = play(seed, 15)
        told = session.narration(1, session.view().length)
        assert {one.step for one in told} == set(range(1, session.view().length + 1))
        assert all(one.text.endswith(".") for one in told)
        assert len({one.event_id for one in told}) == len(told)


def test_the_same_steps_are_told_in_the_same_words_whenever_they_are_asked_for(play):
    session = play(3, 25)
    length = session.view().length
    whole = session.narration(1, length)
    pieces = [one for first in range(1, length + 1) for one in session.narration(first, first)]
    assert list(whole) == pieces
    session.seek(0)
    assert session.narration(1, length) == whole
    assert session.narration(length - 3, length) == tuple(
        one for one in whole if one.step > length - 4
    )


def test_a_branch_has_its_own_story_from_where_it_parts(led: Session):
    led.run_until("time 1 s")
    main = led.narration(1, led.view().length)
    marks = led.landmarks()
    led.seek(10)
    led.crash(2)
    assert led.narration(1, 10) == tuple(one for one in main if one.step <= 10)
    assert led.narration(11, 11)[0].text == (
        "S2 crashes: all is lost but what its disk had synced."
    )
    assert led.landmarks()[-1].kind == "fault"
    led.switch("main")
    assert led.narration(1, led.view().length) == main
    assert led.landmarks() == marks


def test_a_run_is_told_with_reason_and_source():
    session = Session.open("first-leader")
    session.run_until("S2 leads")
    step = session.view().step
    leads = next(one for one in session.narration(step, step) if one.landmark)
    assert leads.text == "S2 leads term 1: it has the votes of S1, S2."
    assert leads.citation.startswith("Raft §5.2")
    path, first_line, lines = session.source(leads.source)
    assert path == "learnetcd/raft/election.py"
    assert first_line > 1
    assert lines[0].startswith("def become_leader")


def test_faults_elections_leaders_and_commits_are_marked(led: Session):
    led.put(1, "x", "1")
    led.run_until("all applied 1")
    led.cut("1|23")
    led.run_until("S2 leads or S3 leads")
    kinds = [mark.kind for mark in led.landmarks()]
    assert kinds[:2] == ["election", "leader"]
    assert {"commit", "fault"} <= set(kinds)
    steps = [mark.step for mark in led.landmarks()]
    assert steps == sorted(steps)


def test_marks_ahead_stay_when_the_reader_goes_back(led: Session):
    led.crash(1)
    led.run_until("leader")
    marks = led.landmarks()
    led.seek(0)
    assert led.landmarks() == marks


def every_kind_of_event() -> list[type[TraceEvent]]:
    found, kinds = [], list(TraceEvent.__subclasses__())
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found.append(kind)
    return found


@pytest.mark.parametrize("kind", every_kind_of_event(), ids=lambda kind: kind.__name__)
def test_the_source_of_every_kind_of_event_exists(kind: type[TraceEvent]):
    path, first_line, lines = Session.source(kind.source)
    assert path.startswith("learnetcd/")
    assert first_line >= 1
    assert lines


def test_what_is_not_ours_is_not_shown():
    for symbol in ("os:system", "learnetcd.raft.log:Nothing", "learnetcd.nothing:x"):
        with pytest.raises(UserError):
            Session.source(symbol)


def test_going_on_in_small_steps_tells_only_what_is_new(led: Session):
    for _ in range(30):
        before = led.view().step
        led.forward(Grain.EFFECT)
        assert {one.step for one in led.narration(before + 1, led.view().step)} == {before + 1}


def test_what_breaks_is_told_where_it_breaks_and_by_whom():
    session = Session.open("fig8")
    for act in session.script():
        session.act(act)
    told = session.narration(1, session.view().length)
    broken = [one for one in told if one.text.startswith("VIOLATED: ")]
    assert [one.text.split(": ")[1] for one in broken] == list(session.view().violated)
    assert "VIOLATED: own-term commit: S1 leads term 3, and moved its commit index to 1@1." in {
        one.text for one in broken
    }
    marks = [mark.step for mark in session.landmarks() if mark.kind == "violation"]
    assert [one.step for one in broken] == marks


def test_a_candidate_says_why_it_stands():
    session = Session.open()
    session.time_out(1)
    told = [one.text for one in session.narration(1, session.view().step)]
    assert "S1 is a candidate now, in term 1." in told
    assert "S1 votes for itself and stands in term 1: it was told to. It needs 2 votes." in told
