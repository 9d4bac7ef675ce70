"""What attached servers told is gone through again, and nothing else is done with it."""

from dataclasses import replace

import pytest

from learnetcd.desk.desk import ACTS, Desk
from learnetcd.errors import UserError
from learnetcd.session import hearsay
from learnetcd.session.hearsay import Hearsay
from learnetcd.session.onlooking import Look
from learnetcd.session.portrait import nobody
from learnetcd.session.retold import RetoldSession
from learnetcd.session.session import Grain, Subject


def retold(sentences: int = 6, looks: tuple[int, ...] = (1, 3, 5)) -> RetoldSession:
    """Sentences of which each third is a landmark; each look shows its own step as the term."""
    story = Hearsay()
    for number in range(1, sentences + 1):
        said = {"kind": "LogWritten", "sentence": f"{number}", "landmark": number % 3 == 0}
        story.take({**said, "at_ms": 10 * number, "fields": {}}, "S1", 1)
    return RetoldSession(story, [Look(step, (seen(step),), ()) for step in looks])


def seen(step: int):
    return replace(nobody(1), term=step, role="leader", alive=True)


def here(session: RetoldSession) -> tuple[int, int, int]:
    """Where we stand: the sentence, its time, the look."""
    view = session.view()
    return view.step, view.now_ms, view.members[0].term


def test_at_each_sentence_one_sees_the_last_look_before_it():
    session = retold()
    assert here(session) == (6, 60, 5)
    for expected in ((5, 50, 5), (4, 40, 3), (3, 30, 3), (2, 20, 1), (1, 10, 1), (1, 10, 1)):
        session.back()
        assert here(session) == expected
    session.forward()
    assert here(session) == (2, 20, 1)
    assert session.state_lines() == ("S1 leader t1 c0 a0",)


def test_marks_and_ends_can_be_gone_to():
    session = retold()
    session.back(Grain.CHANGE)
    assert here(session)[0] == 3
    session.back(Grain.CHANGE)
    assert here(session)[0] == 1
    session.forward(Grain.CHANGE)
    assert here(session)[0] == 3
    session.forward(Grain.CHANGE)
    session.forward(Grain.CHANGE)
    assert here(session)[0] == 6
    session.seek(0)
    assert here(session)[0] == 1
    with pytest.raises(UserError, match="There is no sentence 7: 6 were told"):
        session.seek(7)


def test_it_begins_with_the_first_sentence_and_the_first_look_that_are_known(monkeypatch):
    later = retold(looks=(4, 5))
    assert here(later) == (6, 60, 5)
    later.seek(0)
    assert here(later)[0] == 4
    monkeypatch.setattr(hearsay, "MOST_STEPS", 2)
    later = retold()
    later.seek(0)
    assert here(later) == (5, 50, 5)


def test_left_alone_it_tells_ten_sentences_a_second():
    session = retold()
    session.seek(1)
    session.advance(250)
    assert here(session)[0] == 3
    session.advance(50)
    assert here(session)[0] == 4
    session.advance(10_000)
    assert here(session)[0] == 6


def test_the_one_thing_that_can_happen_next_is_the_next_sentence():
    session = retold()
    assert "no more was told" in session.choices()[0].text
    session.back()
    session.choose(session.choices()[0])
    assert here(session)[0] == 6


def test_what_goes_beyond_what_was_told_is_one_sentence():
    session = retold()
    for act in (
        lambda: session.why(Subject.role(1)),
        lambda: session.crash(1),
        lambda: session.put(1, "x", "1"),
        lambda: session.recording(),
        lambda: session.run_until("leader"),
        session.undo,
    ):
        with pytest.raises(UserError, match="what was told and seen: it can be gone through"):
            act()


def test_no_key_of_the_screen_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = Desk(session := retold())
    for words in ("", "x=1", "1|23", "hold synced", "leader", "1"):
        for act in ACTS:
            desk.do(act, words)
            desk.sight()
            desk.begin(session)
    assert list(tmp_path.iterdir()) == []
