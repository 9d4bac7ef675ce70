"""Histories as pictures: every bar once, each moment inside its bar, what does not fit crossed."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.checking.command import draw_history, report_finding
from learnetcd.checking.history import Operation, Told, after
from learnetcd.checking.linearizability import Finding, Verdict, check
from learnetcd.errors import UserError
from learnetcd.figures.exports import Wish, export
from learnetcd.figures.operations import MOST_BARS, Chart, chosen, operations
from learnetcd.member.request import KeyRequest, Method
from learnetcd.session.session import Session
from learnetcd.simulator.recording import Recording
from tests.figures.drawings import SVG, opened, played, said


def put(client: str, called: float, returned: float | None, value: str) -> Operation:
    """A put that found nothing there."""
    told = None if returned is None else Told(True, None)
    return Operation(client, called, returned, KeyRequest(Method.PUT, "/x", value), told)


def get(client: str, called: float, returned: float, value: str | None) -> Operation:
    request = KeyRequest(Method.GET, "/x")
    return Operation(client, called, returned, request, Told(value is not None, value))


STALE_READ = """\
The history of /x: not linearizable
  calls and returns in their order, from left to right
    1  c1 put x=1, from 52 to 80; then it holds 1
    2  c3 put x=B, from 1222 to 1245; then it holds B
    3  c5 get x: B, from 1264 to 1264; then it holds B
    ✕  c4 get x: 1, from 1264 to 1264: it can't be placed
✕ c4 get x: 1: it can't be placed. After the others the key holds B, and no \
other order explains more of the answers.
"""


def test_an_old_read_of_a_leader_that_was_cut_off_can_not_be_placed():
    session = played("cut-leader")
    assert export(session, Wish("text", "operations")) == STALE_READ
    words = said(export(session, Wish("svg", "operations")))
    assert {"✕", "1", "2", "3", "c4 get x: 1"} <= set(words)


def test_where_all_fits_each_answer_is_right_along_the_numbers():
    history = [put("c1", 0, 10, "1"), get("c2", 1, 5, None), get("c3", 6, 9, "1")]
    figure = operations("/x", history, check(history, after, None))
    assert re.findall(r"^ +\d  (c\d)", figure.text, re.MULTILINE) == ["c2", "c1", "c3"]
    assert figure.text.endswith("Read along the numbers, and every answer is right.\n")
    assert "✕" not in figure.text


def test_what_was_never_answered_is_open():
    history = [put("c1", 0, None, "1"), get("c2", 1, 5, "1")]
    figure = operations("/x", history, check(history, after, None))
    assert "c1 put x=1: no answer, from 0 to ?" in figure.text
    assert any(one.get("stroke-dasharray") for one in opened(figure.svg).iter(f"{SVG}line"))


def test_a_search_that_gave_up_says_so():
    history = [put("c1", 0, 10, "1"), get("c2", 1, 5, "1")]
    figure = operations("/x", history, check(history, after, None, steps=1))
    assert "The search gave up" in figure.text
    opened(figure.svg)


times = st.tuples(st.integers(0, 9), st.integers(1, 6))
some_operations = st.lists(
    st.one_of(
        times.map(lambda at: put("c", at[0], at[0] + at[1], "a")),
        times.map(lambda at: put("c", at[0], None, "b")),
        st.tuples(times, st.sampled_from(["a", "b", None])).map(
            lambda one: get("c", one[0][0], one[0][0] + one[0][1], one[1])
        ),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=2 * settings.default.max_examples)
@given(some_operations)
def test_every_moment_lies_inside_its_bar_and_in_the_order(history: list[Operation]):
    verdict = check(history, after, None)
    chart = Chart("/x", history, verdict)
    moments = [chart.taken[id(one)] for one in chart.order]
    assert moments == sorted(moments)
    for one in chart.order:
        assert chart.call(one) < chart.taken[id(one)] < max(chart.end(one), chart.last_slot)
        if one.returned is not None:
            assert chart.taken[id(one)] < chart.end(one)
    groups = [one for one in opened(chart.svg()).iter() if one.get("data-operation")]
    assert len(groups) == len(chart.shown)
    if verdict.finding is Finding.LINEARIZABLE:
        assert verdict.stuck is None
    else:
        assert verdict.stuck in chart.shown


def test_of_a_long_history_the_end_is_shown_and_the_rest_is_said():
    told = [
        Operation(
            "c1",
            called=2 * number,
            returned=2 * number + 1,
            asked=KeyRequest(Method.PUT, "/x", str(number)),
            told=Told(True, str(number - 1) if number else None),
        )
        for number in range(60)
    ]
    stale = get("c9", 200, 201, "7")
    verdict = check([*told, stale, put("c1", 300, 301, "late")], after, None)
    shown = chosen([*told, stale], verdict)
    assert verdict.stuck is stale
    assert stale in shown
    assert len(shown) <= MOST_BARS
    text = operations("/x", [*told, stale], verdict).text
    assert "52 more are not shown; before these the key holds 51" in text


def test_nothing_asked_is_no_picture():
    with pytest.raises(UserError, match="No client has asked"):
        operations("/x", (), Verdict(Finding.LINEARIZABLE, (), None, 0))
    with pytest.raises(UserError, match="No client has asked"):
        export(played("first-leader"), Wish("text", "operations"))


def test_the_key_can_be_named():
    session = played("cut-leader")
    assert export(session, Wish("text", "operations", of="x")) == STALE_READ
    with pytest.raises(UserError, match=r"There is no history of the key 'y'\..* There are: /x"):
        export(session, Wish("text", "operations", of="y"))


def test_up_to_an_earlier_step_all_was_well():
    early = Wish("text", "operations", last=88)
    assert "The history of /x: linearizable" in export(played("cut-leader"), early)


# --- in a session ---------------------------------------------------------------------------------


def test_what_is_wrong_by_itself_is_judged_without_plain_reads():
    """In `lease-pause` a read that promises to be fresh is old: that is worse than a plain one."""
    session = played("lease-pause")
    first = session.histories(session.view().length)[0]
    assert first.verdict.stuck is not None
    assert not any(one.asked.answered_locally for one in first.operations)


def test_who_asked_a_member_that_was_down_has_learned_nothing():
    session = Session.open()
    session.time_out(1)
    session.run_until("quiet")
    session.put(1, "x", "1")
    session.run_until("quiet")
    session.crash(2)
    session.put(2, "x", "2")
    session.get(1, "x")
    (history,) = session.histories(session.view().length)
    assert [one.client for one in history.operations] == ["c1", "c3"]
    assert history.verdict.finding is Finding.LINEARIZABLE


# --- beside a finding -----------------------------------------------------------------------------


def test_a_finding_of_the_swarm_leaves_a_picture_beside_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    played("lease-pause").save("it.recording")
    text = Path("it.recording").read_text(encoding="utf-8")
    found = {"found": "linearizability", "sentence": "...", "recording": text, "code": "LE1-..."}
    report_finding({**found, "seed": 7, "steps": 9})
    assert "swarm-7.svg     shows which answer does not fit" in capsys.readouterr().out
    assert "✕" in said(Path("swarm-7.svg").read_text(encoding="utf-8"))


def test_where_all_fits_no_picture_is_left(tmp_path: Path):
    played("one-write").save(tmp_path / "it.recording")
    draw_history(Recording.read(tmp_path / "it.recording"), tmp_path / "it.svg")
    assert not (tmp_path / "it.svg").exists()
