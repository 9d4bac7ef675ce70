"""Exports: every form and picture, the same bytes each time, and one sentence for what can't be."""

import json
import re
from pathlib import Path

import pytest

from learnetcd.cli import main
from learnetcd.errors import UserError
from learnetcd.figures import exports
from learnetcd.figures.exports import FORMS, PICTURES, Wish, export
from learnetcd.figures.figure import Figure
from learnetcd.figures.shiviz import PARSER, clocks, shiviz
from learnetcd.session.session import Session
from tests.figures.drawings import opened, played

pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("runs") / "run.recording"
    played("first-leader").save(path)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["export", *words]) == 0
    return capsys.readouterr().out


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", sorted(PICTURES.keys() - {"operations"}))
def test_every_picture_comes_as_svg_and_as_text(
    picture: str, recording: str, capsys: pytest.CaptureFixture[str]
):
    words = (recording, "--picture", picture, "--to", "12")
    opened(printed(capsys, *words, "--as", "svg"))
    assert len(printed(capsys, *words, "--as", "text").splitlines()) >= 4


def test_the_same_run_gives_the_same_bytes(recording: str, capsys: pytest.CaptureFixture[str]):
    for form in (*FORMS, "cast"):
        words = (recording, "--as", form)
        assert printed(capsys, *words) == printed(capsys, *words)


def test_a_share_code_is_as_good_as_a_file(recording: str, capsys: pytest.CaptureFixture[str]):
    code = Session.load(recording).share_code()
    by_code, by_file = (
        printed(capsys, what, "--as", "text", "--to", "9") for what in (code, recording)
    )
    assert by_code.splitlines()[1:] == by_file.splitlines()[1:], "but for the title"


def test_the_picture_of_now_shows_the_last_of_the_steps(
    recording: str, capsys: pytest.CaptureFixture[str]
):
    text = printed(capsys, recording, "--picture", "now", "--as", "text", "--to", "4")
    assert "step 4" in text
    assert "S2 ◈ candidate, term 1" in text


@pytest.mark.parametrize(("of", "step"), [("leads term 1", 5), ("LEADS", 19), ("3", 3), ("", 22)])
def test_causes_are_asked_by_step_by_words_or_of_the_last_mark(
    of: str, step: int, recording: str, capsys: pytest.CaptureFixture[str]
):
    text = printed(capsys, recording, "--picture", "causes", "--as", "text", "--of", of)
    assert text.startswith(f"What led to step {step}\n")


def test_what_was_drawn_is_written_where_it_was_wished_for(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "election.svg"
    said = printed(capsys, recording, "--to", "9", "-o", str(path))
    assert said == f"written: {path} (svg)\n"
    opened(path.read_text(encoding="utf-8"))
    assert main(["export", recording, "-o", str(path)]) == 2, "not over what is there"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--as", "swg"], "There is no format 'swg'. Did you mean 'svg'?"),
        (["--picture", "nov"], "There is no picture 'nov'. Did you mean 'now'?"),
        (["--axis", "rael"], "There is no axis 'rael'. Did you mean 'real'?"),
        (["--from", "3", "--to", "99"], "There are no steps 3 to 99: this run has the steps 1 to"),
        (["--from", "0"], "There are no steps 0 to"),
        (["--as", "cast", "--to", "99"], "There are no steps 1 to 99"),
        (["--as", "dot", "--picture", "now"], "The picture now is not made by dot."),
        (["--as", "shiviz", "--picture", "now"], "shiviz is a log of all events"),
        (["--as", "cast", "--picture", "now"], "A cast is a film of the screen"),
        (
            ["--picture", "causes", "--of", "x"],
            "Nothing that was told in these steps is called 'x'",
        ),
    ],
)
def test_what_can_not_be_is_refused_in_one_sentence(
    words: list[str], sentence: str, recording: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["export", recording, *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"learnetcd: {sentence}")
    assert said.err.count("\n") == 1


def test_without_graphviz_a_graph_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch):
    no_svg = Figure(svg="", text="words", dot="digraph {}")
    monkeypatch.setattr(exports, "cause_graph", lambda causes: no_svg)
    session = played("first-leader")
    with pytest.raises(UserError, match=r"Install graphviz, or `pip install 'learnetcd\[lab\]'`"):
        export(session, Wish("svg", "causes"))
    assert export(session, Wish("text", "causes")) == "words\n"
    assert export(session, Wish("dot")) == "digraph {}"


def test_a_run_without_a_step_has_only_a_now(tmp_path: Path):
    session = Session.open()
    for wish in (Wish("svg"), Wish("shiviz"), Wish("text", "causes")):
        with pytest.raises(UserError, match="Nothing has happened yet"):
            export(session, wish)
    opened(export(session, Wish("svg", "now")))


# --- ShiViz ---------------------------------------------------------------------------------------


def parsed(log: str) -> list[tuple[str, dict[str, int], str]]:
    """Host, clock and event, read as ShiViz does: by the expression in the first line."""
    expression = log.splitlines()[0].replace("(?<", "(?P<").replace("{.*}", r"\{.*\}")
    return [
        (found["host"], json.loads(found["clock"]), found["event"])
        for found in re.finditer(expression, log)
    ]


@pytest.mark.parametrize("scene", ["first-leader", "one-way-cut", "duplicate-vote"])
def test_shiviz_reads_every_step_with_a_clock_that_it_accepts(scene: str):
    """Each host counts its own events one by one, and knows of no event that is not there."""
    session = played(scene)
    span = session.span(1, session.view().length)
    events = parsed(shiviz(span))
    assert len(events) == len(span.steps)
    counted: dict[str, int] = {}
    for host, clock, _ in events:
        counted[host] = counted.get(host, 0) + 1
        assert clock[host] == counted[host]
        assert all(count <= counted.get(other, 0) for other, count in clock.items())


def test_a_message_carries_the_clock_of_its_sender():
    span = played("first-leader").span(1, 25)
    after = {step.step: clock for step, _, clock in clocks(span)}
    delivered = [one for one in span.messages if one.fate == "delivered"]
    assert len(delivered) > 5
    for message in delivered:
        sent, arrived = after[message.sent_step], after[message.ended_step]
        assert all(arrived[host] >= count for host, count in sent.items())
        assert arrived != sent


def test_who_heard_nothing_of_an_event_has_it_not_in_its_clock():
    events = parsed(shiviz(played("first-leader").span(1, 6)))
    assert [(host, clock) for host, clock, _ in events] == [
        ("S2", {"S2": 1}),
        ("S2", {"S2": 2}),
        ("S1", {"S1": 1, "S2": 1}),
        ("S1", {"S1": 2, "S2": 1}),
        ("S2", {"S1": 2, "S2": 3}),
        ("S3", {"S2": 1, "S3": 1}),
    ]


def test_the_first_line_tells_shiviz_how_to_read_the_rest():
    assert shiviz(played("first-leader").span(1, 1)).splitlines()[:2] == [PARSER, ""]
