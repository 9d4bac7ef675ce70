"""`learnetcd lesson check --watch`: check again when a file is saved."""

import os
import threading
from pathlib import Path

import pytest

from learnetcd.cli import main
from learnetcd_lessons import folder, watching

SOLVED = "\ntime out S1\ntime out S2\ntime out S3\n"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """Standard input is a pipe, into which this writes."""
    reading, writing = os.pipe()
    with open(reading) as stdin, open(writing, "w", buffering=1) as keys:
        monkeypatch.setattr("sys.stdin", stdin)
        yield keys


def test_a_saved_file_is_noticed_and_so_is_a_recording_beside_it(tmp_path: Path, typed):
    path = tmp_path / "2_split_vote.txt"
    path.write_text("one")
    for saved in (path, path.with_suffix(".recording")):
        timer = threading.Timer(0.1, saved.write_text, ["another"])
        timer.start()
        assert watching.wait(path) == "saved"
        timer.join()


def test_a_typed_line_comes_through_and_the_end_of_input_ends(tmp_path: Path, typed):
    typed.write("H\n")
    assert watching.wait(tmp_path / "x.txt") == "h"
    typed.close()
    assert watching.wait(tmp_path / "x.txt") == "q"


def test_a_success_stays_until_a_key_and_then_the_next_exercise_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    main(["lesson", "start", str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    main(["lesson", "skip", "3.1"])
    capsys.readouterr()
    path = folder.path_of(tmp_path, "3.2")
    seen = []

    def wait(watched: Path) -> str:
        seen.append((watched.name, capsys.readouterr().out))
        if len(seen) == 1:
            path.write_text(path.read_text() + SOLVED)
        return ["saved", "saved", "h", "", "q"][len(seen) - 1]

    monkeypatch.setattr(watching, "wait", wait)
    assert main(["lesson", "check", "3.2", "--watch"]) == 0
    names = [name for name, _ in seen]
    assert names == [*["2_split_vote.txt"] * 4, "3_grant_vote.py"]
    assert "Not yet: 3.2" in seen[0][1]
    assert "Done: 3.2" in seen[1][1]
    assert "[Enter] next" in seen[2][1]
    assert "Hint 1 of 3" in seen[3][1]
    assert "Not yet: 3.3" in seen[4][1]
