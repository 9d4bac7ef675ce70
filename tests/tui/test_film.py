"""A film of the screen: an asciicast that shows the run, and a key that writes it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd.desk.desk import Desk
from learnetcd.desk.lists import LISTS
from learnetcd.desk.target import Target
from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.simulator.recording import Recording
from learnetcd_tui.app import Application
from learnetcd_tui.film import MOST_STEPS, SIZE, film
from learnetcd_tui.narrate import narrate
from learnetcd_tui.overlays.opening import list_of
from learnetcd_tui.overlays.reading import Reading


def shared() -> Session:
    session = Session.open("first-leader")
    for act in session.script():
        session.act(act)
    return session


def shown(cast: str) -> list[str]:
    """What stands on the terminal at the end, row by row."""
    rows = [""] * SIZE[1]
    for line in cast.splitlines()[1:]:
        _, kind, told = json.loads(line)
        assert kind == "o"
        for y, row in re.findall(r"\x1b\[(\d+);1H(.*?)(?=\x1b\[\d+;1H|$)", told, re.DOTALL):
            rows[int(y) - 1] = re.sub(r"\x1b\[[\d;]*m", "", row)
    return rows


def test_a_film_is_a_valid_asciicast():
    """asciicast v2: a header, then [seconds, "o", text], in the order of time."""
    header, *events = map(json.loads, film(shared(), 1, 25).splitlines())
    assert header == {"version": 2, "width": 120, "height": 40, "title": "learnetcd: first-leader"}
    times = [at for at, _, _ in events]
    assert times[0] == 0
    assert times == sorted(times)
    assert {kind for _, kind, _ in events} == {"o"}
    assert len(events) > 10


def test_a_film_ends_where_it_was_told_to_and_shows_what_the_screen_would():
    rows = shown(film(shared(), 1, 19))
    assert {len(row) for row in rows} == {SIZE[0]}
    screen = "\n".join(rows)
    assert re.search(r"step 19\b", screen)
    assert "S1 L ◆*leader     term 2" in screen


def test_two_films_of_one_run_are_equal():
    assert film(shared(), 1, 25) == film(shared(), 1, 25)


def test_a_film_that_nobody_would_watch_is_refused():
    with pytest.raises(UserError, match="too long to watch"):
        film(shared(), 1, MOST_STEPS + 1)


DRAWABLE = [
    row.name
    for row in LISTS["exports"].rows(Desk(shared()))
    if not row.name.startswith("operations")  # nobody asks for anything in this scene
]


@pytest.mark.parametrize("name", DRAWABLE)
def test_the_key_writes_each_of_them_and_says_where(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    desk = Desk(shared())
    before = desk.session.digest()
    desk.do("export", name)
    assert desk.notice == f"Written: first-leader-25-{name}"
    assert (tmp_path / f"first-leader-25-{name}").stat().st_size > 60
    assert desk.session.digest() == before


def test_a_screen_offers_a_film_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    desk = Desk(shared())
    assert "run.cast" not in [row.name for row in LISTS["exports"].rows(desk)]
    Application(desk, light=False)
    assert "run.cast" in [row.name for row in LISTS["exports"].rows(desk)]
    desk.do("export", "run.cast")
    assert desk.notice == "Written: first-leader-25-run.cast"
    cast = (tmp_path / "first-leader-25-run.cast").read_text(encoding="utf-8")
    assert "step 25" in "\n".join(shown(cast))


def test_of_a_long_run_the_screen_films_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("learnetcd_tui.app.LATEST_FILMED", 10)
    app = Application(Desk(shared()), light=False)
    cast = app.filmed(app.desk.session, 25)
    assert cast == film(Session.load(shared().share_code()), 16, 25)


def test_what_is_shared_opens_as_the_same_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    desk = Desk(shared())
    desk.do("export", "share.code")
    code = (tmp_path / "first-leader-25-share.code").read_text(encoding="utf-8")
    assert Session.load(code.strip()).state_lines() == desk.session.state_lines()


def test_an_export_never_writes_over_somebody_elses_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first-leader-25-now.txt").write_text("mine")
    desk = Desk(shared())
    desk.do("export", "now.txt")
    assert desk.notice == "Written: 2-first-leader-25-now.txt"
    assert (tmp_path / "first-leader-25-now.txt").read_text() == "mine"


def test_whatever_a_run_is_called_its_files_have_plain_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    session = shared()
    session.save("it.recording")
    recording = replace(Recording.read(Path("it.recording")), title="seed 5: a/b, ../c")
    desk = Desk(Session.of(recording))
    desk.do("export", "now.txt")
    assert desk.notice == "Written: seed-5-a-b-..-c-25-now.txt"


def test_before_the_first_step_there_is_nothing_to_draw():
    desk = Desk(Session.open())
    desk.do("export", "now.svg")
    assert desk.notice.startswith("Nothing has happened yet")
    desk.do("export", "nov.svg")
    assert desk.notice.startswith("There is no export 'nov.svg'. Did you mean 'now.svg'?")


def test_lines_can_ask_for_the_list_and_take_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    narrate(Desk(shared()), ["x", "x now.txt"], said.append)
    assert "now.svg: members, messages and logs as they are here" in "\n".join(said)
    assert said[-1].startswith("Written: ") or "Written: first-leader-25-now.txt" in said


def test_a_text_is_looked_at_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    desk = Desk(shared())
    picking = list_of(LISTS["exports"], desk)
    reading = picking.follow("space-time.txt")
    assert isinstance(reading, Reading)
    seen = "\n".join(line.text for line in reading.draw(100, 30))
    assert "S2→S1 vote request t1" in seen
    assert list(tmp_path.iterdir()) == []
    reading.follow("")
    assert desk.notice == "Written: first-leader-25-space-time.txt"


def test_of_a_chosen_sentence_the_causes_are_those_that_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    desk = Desk(shared())
    heard = next(one for one in desk.session.narration(1, 25) if "S3 votes for S2" in one.text)
    desk.choose(Target("event", index=heard.step, event=heard.event_id))
    desk.do("export", "causes.txt")
    (path,) = tmp_path.iterdir()
    assert path.read_text(encoding="utf-8").startswith(f"What led to step {heard.step}\n")


def test_on_a_narrow_screen_no_word_of_a_text_is_lost():
    reading = list_of(LISTS["exports"], Desk(shared())).follow("causes.txt")
    assert isinstance(reading, Reading)
    seen = " ".join(line.text for line in reading.text(60))
    assert "…" not in seen
    assert "S1 leads term 2: it has the votes of S1, S3." in " ".join(seen.split())


def test_a_text_that_there_is_not_is_said_in_the_status_line():
    desk = Desk(shared())
    assert list_of(LISTS["exports"], desk).follow("operations.txt") is None
    assert desk.notice == "No client has asked for anything that could be judged."
