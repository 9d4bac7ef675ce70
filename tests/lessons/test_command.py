"""`learnetcd lesson`, as it is typed."""

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from learnetcd.cli import main
from learnetcd.session.session import Session
from learnetcd_lessons import command, folder
from learnetcd_lessons.chapter import Chapter, chapter_by_number, chapters
from learnetcd_lessons.progress import Progress
from learnetcd_lessons.run import Run
from learnetcd_lessons.verdict import Verdict

STREAMS = ("stdin", "stdout", "stderr")
SOLVED = "\ntime out S1\ntime out S2\ntime out S3\n"


@pytest.fixture
def here(begun: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of lessons, in which we stand."""
    monkeypatch.chdir(begun)
    return begun


def solve(here: Path) -> None:
    path = folder.path_of(here, "3.2")
    path.write_text(path.read_text() + SOLVED)


def test_without_a_folder_the_list_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(["lesson"]) == 0
    out = capsys.readouterr().out
    assert "3  Timers and votes" in out
    assert "learnetcd lesson start DIR" in out
    assert main(["lesson", "check"]) == 2
    assert "There is no folder of lessons here." in capsys.readouterr().err


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.slug)
def test_a_chapter_opens_on_its_own_first_scene(chapter: Chapter, monkeypatch: pytest.MonkeyPatch):
    opened: list[Session] = []
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(command, "sys", SimpleNamespace(**dict.fromkeys(STREAMS, terminal)))
    monkeypatch.setattr("learnetcd_tui.main.run_on_screen", lambda *one, **_: opened.extend(one))
    command.read(chapter.number, [])
    assert [one.view().scene for one in opened] == [chapter.scenes_played()[0]]


def test_start_writes_a_file_for_each_exercise_and_keeps_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["lesson", "start", str(tmp_path)]) == 0
    chapter = chapter_by_number(3)
    home = folder.home(tmp_path, chapter)
    assert {chapter.file_of(one) for one in chapter.exercises} <= {f.name for f in home.iterdir()}
    (home / "3_grant_vote.py").write_text("mine")
    assert main(["lesson", "start", str(tmp_path)]) == 0
    assert (home / "3_grant_vote.py").read_text() == "mine"
    assert "Everything is there already." in capsys.readouterr().out


def test_a_success_is_remembered_with_its_acts_and_the_fewest_stay(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["lesson", "check", "3.2"]) == 1
    solve(here)
    assert main(["lesson", "check", "3.2"]) == 0
    assert "Done in 3 acts." in capsys.readouterr().out
    path = folder.path_of(here, "3.2")
    path.write_text(path.read_text().replace(SOLVED, f"\ntimer S1 5{SOLVED}"))
    assert main(["lesson", "check", "3.2"]) == 0
    capsys.readouterr()
    assert main(["lesson"]) == 0
    assert "x 3.2     make it happen  A vote that nobody wins  (3 acts)" in capsys.readouterr().out


def test_hints_come_one_by_one_and_the_last_stays(here: Path, capsys: pytest.CaptureFixture[str]):
    hints = chapter_by_number(3).exercise("split_vote").hints.levels
    capsys.readouterr()
    for level in (*hints, hints[-1]):
        assert main(["lesson", "hint", "3.2"]) == 0
        assert level in capsys.readouterr().out


def test_the_solution_is_shown_after_success_only_with_a_diff_and_a_second_way(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["lesson", "solution", "3.2"]) == 2
    captured = capsys.readouterr()
    assert "shown when you have one" in captured.err
    assert "time out S3" not in captured.out + captured.err
    solve(here)
    main(["lesson", "check", "3.2"])
    assert main(["lesson", "solution", "3.2"]) == 0
    out = capsys.readouterr().out
    assert "+# Each stands before it has heard of another" in out
    assert "A second way:" in out


def test_skip_goes_on_to_the_next_and_reset_comes_back(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    first = ["lesson", "skip", "3.1"]
    assert main(first) == 0
    solve(here)
    assert main(["lesson", "check", "3.2"]) == 0
    path = folder.path_of(here, "3.2")
    Run.read(path).save(path.with_suffix(".recording"), "mine")
    assert main(["lesson", "reset", "3.2"]) == 0
    assert main(["lesson", "check", "3.2"]) == 1, "a recording beside the file is set aside, too"
    assert SOLVED not in path.read_text()
    assert SOLVED in path.with_name(f"{path.name}.before").read_text()
    assert main(["lesson", "reset"]) == 2
    assert main(["lesson", "reset", "--all"]) == 0
    capsys.readouterr()
    main(["lesson"])
    assert "x 3" not in capsys.readouterr().out


def test_an_exercise_that_does_not_exist_is_refused(here: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["lesson", "check", "3.9"]) == 2
    assert "There is no exercise '3.9'." in capsys.readouterr().err
    assert main(["lesson", "99"]) == 2
    assert "There is no chapter 99 yet." in capsys.readouterr().err


def test_results_are_judged_anew_whatever_the_folder_remembers(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    solve(here)
    memory = here / folder.MEMORY
    memory.write_text('{"3.1": {"done": true}, "3.2": {"hints": 2}}')
    capsys.readouterr()
    assert main(["lesson", "results", "."]) == 0
    rows = {row["exercise"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["3.1"]["folder"] == here.name
    assert (rows["3.1"]["done"], rows["3.2"]["done"]) == ("no", "yes")
    assert (rows["3.2"]["acts"], rows["3.2"]["hints"]) == ("3", "2")
    assert main(["lesson", "results", "/"]) == 2


def test_a_damaged_memory_is_told_in_a_sentence(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / folder.MEMORY).write_text("{")
    assert main(["lesson"]) == 2
    assert "can't be read" in capsys.readouterr().err


def test_a_chapter_can_be_read_in_the_terminal(capsys: pytest.CaptureFixture[str]):
    assert main(["lesson", "3"]) == 0
    out = capsys.readouterr().out
    assert "GRANT_VOTE: Rule[VoteFacts] = Rule(" in out
    assert "{term}" not in out


def test_what_was_done_in_another_terminal_meanwhile_is_not_forgotten(
    here: Path, monkeypatch: pytest.MonkeyPatch
):
    def judge_slowly(folder: Path, id_: str) -> Verdict:
        assert main(["lesson", "hint", "3.3"]) == 0  # typed while the check is at work
        return Verdict(True, "Done.")

    monkeypatch.setattr(command, "judge", judge_slowly)
    assert main(["lesson", "check", "3.2"]) == 0
    progress = Progress.read(here)
    assert progress.of("3.2").done
    assert progress.of("3.3").hints == 1
    assert [path.name for path in here.glob("*.json*")] == [folder.MEMORY]


@pytest.mark.parametrize(
    "written", ['{"3.2": {"hints": "x"}}', '{"3.2": {"tries": []}}', '{"3.2": 1}', "[]", "{"]
)
def test_a_memory_that_somebody_spoilt_is_told_with_the_way_out(
    here: Path, written: str, capsys: pytest.CaptureFixture[str]
):
    (here / folder.MEMORY).write_text(written)
    assert main(["lesson", "hint", "3.2"]) == 2
    assert "your files stay" in capsys.readouterr().err
