"""Space-time diagrams: every message once, roles and faults marked, the text says the same."""

from collections import Counter
from pathlib import Path

import pytest

from learnetcd import streams
from learnetcd.errors import UserError
from learnetcd.figures.space_time import AXES, space_time
from tests.figures.drawings import opened, played, said

FIRST_ELECTION = """\
first-leader, steps 1 to 9
  step      ms   S1   S2   S3
     1    1100    │    C    │    S2: C t1; sends vote request to S1, S3
     3    1110    F◀───╎    │    S2→S1 vote request t1 log ends 0@0; S1: F t1
     4    1112    │    ╎    │    sends vote yes to S2
     5    1122    │───▶L    │    S1→S2 vote t1 yes; S2: L t1; sends append to S1, S3
     6    1125    │    ┃───▶F    S2→S3 vote request t1 log ends 0@0; S3: F t1
     7    1127    │    ┃    │    sends vote yes to S2
     8    1132    │◀───┃    │    S2→S1 append t1 after 0@0 commit 0; sends match 0 to S2
     9    1137    │    ┃◀───│    S3→S2 vote t1 yes
                on its way: S2→S3 append t1 after 0@0 commit 0
                on its way: S1→S2 append reply t1 match 0
"""


def test_the_text_tells_the_first_election_row_by_row():
    assert space_time(played("first-leader").span(1, 9)).text == FIRST_ELECTION


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(
    "scene", ["first-leader", "one-way-cut", "duplicate-vote", "paused-leader"]
)
def test_every_message_of_the_span_is_drawn_once(scene: str, axis: str):
    session = played(scene)
    span = session.span(1, session.view().length)
    root = opened(space_time(span, axis).svg)
    drawn = Counter(group.get("data-message") for group in root.iter() if group.get("data-message"))
    assert len(drawn) == len(span.messages) > 3
    assert set(drawn.values()) == {1}


def test_elections_faults_and_commits_are_marked_in_words():
    words = said(space_time(played("cut-leader").span(1, 110)).svg)
    assert {"L t1", "commit 1", "cut 1|23", "L t2", "heal", "c1 done"} <= set(words)


def test_whoever_can_not_see_it_is_told_who_led():
    root = opened(space_time(played("first-leader").span(1, 9)).svg)
    assert root[0].text == "first-leader, steps 1 to 9"
    assert "S2 leads term 1" in (root[1].text or "")


def test_on_a_real_axis_a_long_silence_takes_more_room_and_says_that_it_was_cut_short():
    span = played("first-leader").span(1, 19)
    logical, real = (opened(space_time(span, axis).svg) for axis in AXES)
    assert float(real.get("height", 0)) > float(logical.get("height", 0))
    assert "⋮" in said(space_time(span, "real").svg)
    assert "⋮" not in said(space_time(span).svg)


def test_nothing_is_drawn_outside_of_the_picture():
    for scene in ("cut-leader", "fig8"):
        session = played(scene)
        span = session.span(1, min(110, session.view().length))
        root = opened(space_time(span).svg)
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        for one in root.iter():
            for x in ("x", "x1", "x2", "cx"):
                assert 0 <= float(one.get(x, 0)) <= width
            for y in ("y", "y1", "y2", "cy"):
                assert 0 <= float(one.get(y, 0)) <= height


def test_an_axis_that_is_not_there_is_refused():
    with pytest.raises(UserError, match=r"There is no axis 'rael'. Did you mean 'real'"):
        space_time(played("first-leader").span(1, 9), "rael")


def test_a_picture_that_nobody_could_read_is_refused():
    session = played("cut-leader")
    session.advance(20_000)
    with pytest.raises(UserError, match=r"rows can't be read in one picture: choose fewer steps"):
        space_time(session.span(1, session.view().length))


def test_the_election_in_the_readme_is_the_one_that_happens():
    """`make picture` draws it anew."""
    picture = Path(__file__).parents[2] / "tui" / "election.svg"
    drawn = space_time(played("first-leader").span(1, 9)).svg
    assert picture.read_text(encoding="utf-8") == drawn + "\n"


def test_where_only_ascii_can_be_written_the_lanes_are_still_there():
    streams.make_usable()
    text = space_time(played("first-leader").span(1, 25)).text.encode("ascii", "in-ascii").decode()
    assert "     3    1110    F<---:    |    S2->S1 vote request" in text
    assert "?" not in text
