"""What a server says while it runs."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.runtime import journal
from learnetcd.runtime.settings import Settings


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    journal.close_journal()


def test_a_line_says_when_how_important_and_what(capsys: pytest.CaptureFixture[str]):
    journal.open_journal(Settings())
    journal.say("ready", client_urls=("http://a:1", "http://b:2"), name="infra0")
    journal.warn("the disk is slow")
    ready, slow = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} I \| ready "
        r"\(client urls: http://a:1, http://b:2, name: infra0\)",
        ready,
    )
    assert slow.endswith(" W | the disk is slow")


def test_for_programs_each_line_is_a_json_object(capsys: pytest.CaptureFixture[str]):
    journal.open_journal(Settings(logger="zap", log_outputs=("stdout",)))
    journal.complain("failed", member_id="1f", client_urls=("http://a:1",), said="\n")
    line = capsys.readouterr().out
    fields = json.loads(line)
    assert line.count("\n") == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields.pop("ts"))
    assert fields == {
        "level": "error",
        "msg": "failed",
        "member-id": "1f",
        "client-urls": ["http://a:1"],
        "said": "\n",
    }


def test_what_is_less_important_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]):
    journal.open_journal(Settings(log_level="warn"))
    journal.say("hello")
    assert capsys.readouterr().err == ""


def test_a_client_can_not_forge_a_line(capsys: pytest.CaptureFixture[str]):
    journal.open_journal(Settings())
    journal.say("refused", key="/x\n2026-11-22 18:52:08.438 I | all is well")
    assert capsys.readouterr().err.count("\n") == 1


def test_a_journal_may_be_several_files_and_is_closed(tmp_path: Path):
    paths = [tmp_path / "a.log", tmp_path / "b.log"]
    paths[0].write_text("before\n")
    journal.open_journal(Settings(log_outputs=tuple(map(str, paths))))
    journal.say("hello")
    journal.close_journal()
    journal.say("nobody hears this")
    assert [path.read_text().count("hello") for path in paths] == [1, 1]
    assert paths[0].read_text().startswith("before\n")
    assert "nobody" not in paths[1].read_text()


def test_a_file_that_can_not_be_written_is_one_sentence(tmp_path: Path):
    with pytest.raises(UserError, match=r"--log-outputs: .* can't be written: Is a directory"):
        journal.open_journal(Settings(log_outputs=(str(tmp_path),)))


def test_a_line_that_can_not_be_written_is_lost_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stderr", Gone())
    journal.open_journal(Settings())
    journal.say("hello")
    assert capsys.readouterr().out == ""
