"""A chapter beside the stepper: what is read, answered and made to happen on the screen."""

import sys
from pathlib import Path

import pytest

from learnetcd.desk.desk import Desk
from learnetcd.session.session import Session
from learnetcd_lessons.chapter import chapter_by_number, chapters
from learnetcd_lessons.guiding import guide
from learnetcd_lessons.judging import judge
from learnetcd_lessons.progress import Progress
from learnetcd_tui.app import Application
from learnetcd_tui.guide import Guide

sys.path.append(str(Path(__file__).parent.parent / "tui"))
from looks import play

VOTES = chapter_by_number(3)
NEXT = "right_parenthesis"


def at(title: str, here: Path | None = None) -> Application:
    """The screen at the first page of this title."""
    pages = guide(VOTES, here).pages
    place = next(place for place, page in enumerate(pages) if page.title == title)
    opens = pages[place].opens
    session = Session.open() if opens is None else opens()
    return Application(Desk(session), guide=Guide(pages, place))


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.slug)
def test_every_page_of_every_chapter_opens(chapter):
    for page in guide(chapter, None).pages:
        assert page.text
        if page.opens is not None:
            page.opens()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_text_stands_beside_the_cluster_and_pages_turn(size: tuple[int, int]):
    app = Application(Desk(Session.open()), guide=guide(VOTES, None))
    text = play(app, NEXT, size=size)
    assert "A cluster wants one member that decides" in text
    assert "voted for" in text
    assert "2 of" in text
    assert "Three machines start." in play(at("The problem"), "left_parenthesis", size=size)


def test_a_scene_page_has_its_run_ahead():
    app = at("A first try: whoever wakes first")
    session = app.guide.page.opens()
    app.desk.begin(session)
    play(app, "end")
    assert app.desk.session.view().violated == ("steady vote", "one vote a term", "election safety")


def test_a_prediction_is_asked_before_the_run_and_written_to_the_sheet(begun: Path):
    app = at("3.1 Who leads?: question 1", begun)
    before = play(app)
    assert "S2 leads" not in before
    assert app.desk.session.view().length == app.desk.session.view().step
    app = at("3.1 Who leads?: question 1", begun)
    assert "It is: S2." in play(app, "a", "a", "enter", "end")
    assert judge(begun, "3.1").sentence.startswith("Question 1: not so.")


def test_a_wrong_answer_of_a_quiz_opens_the_run_that_refutes_it():
    app = at("A question")
    texts = [option for option in app.guide.page.text.split("\n") if "S1 and S3" in option]
    text = play(app, "a", texts[0].strip()[0].lower(), "enter")
    assert "Many believe this" in text
    assert app.desk.session.view().scene == "first-leader"


def test_what_is_made_to_happen_on_the_screen_is_kept_and_counts(begun: Path):
    app = at("3.2 A vote that nobody wins", begun)
    assert "Done in 3 acts." in play(app, "1", "T", "2", "T", "3", "T")
    assert Progress.read(begun).of("3.2").acts == 3
    assert judge(begun, "3.2").passed


def test_a_run_of_something_else_is_not_judged():
    app = at("3.2 A vote that nobody wins")
    app.desk.begin(Session.open("split"))
    assert "Done" not in play(app, "n", "n", "n")
