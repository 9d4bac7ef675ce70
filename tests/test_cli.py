"""What a person sees who types something wrong, stops us, or looks away."""

import argparse
import os
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.commands import COMMANDS, Command
from learnetcd.errors import UserError, unknown_name


def run_learnetcd(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "learnetcd", *words], capture_output=True, text=True, check=False
    )


def let_replay(monkeypatch: pytest.MonkeyPatch, outcome: int | BaseException) -> int:
    """The exit code of `learnetcd replay FILE` where the command ends in this way."""

    def run_replay(args: argparse.Namespace) -> int:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    class FakeModule:
        pass

    FakeModule.run_replay = run_replay
    monkeypatch.setattr(cli, "import_module", lambda name: FakeModule)
    return cli.main(["replay", "some.recording"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.words)
def test_every_command_has_someone_who_does_the_work(command: Command):
    module_name, function_name = command.work.split(":")
    assert callable(getattr(import_module(module_name), function_name))


@pytest.mark.parametrize(
    "command",
    [command for command in COMMANDS if not command.reads_its_own_words],
    ids=lambda command: command.words,
)
def test_every_example_in_the_help_can_be_typed(command: Command):
    for line in command.examples.splitlines():
        # What to type stands first; what it does follows after two spaces or more.
        program, *rest = shlex.split(line.strip().split("  ")[0])
        assert program == "learnetcd"
        args, unknown_words = cli.build_parser().parse_known_args(rest)
        assert unknown_words == []
        assert "work" in args


def test_help_answers_without_importing_the_screens_or_the_core():
    program = "import sys; from learnetcd import cli; cli.build_parser(); print(*sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    modules = finished.stdout.split()
    assert "textual" not in modules
    of_ours = {name.split(".")[1] for name in modules if name.startswith("learnetcd.")}
    assert of_ours == {"streams", "errors", "commands", "cli"}


def test_learnetcd_alone_shows_the_help():
    finished = run_learnetcd()
    assert finished.returncode == 2
    assert "learnetcd tui" in finished.stdout


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["simulat", "cut-leader"], "Did you mean 'simulate'?"),
        (["check", "swrm"], "Did you mean 'swarm'?"),
        (["replay", "some.recording", "--narate"], "Did you mean '--narrate'?"),
        (["tui", "--sede=3"], "Did you mean '--seed'?"),
        (["--versoin"], "Did you mean '--version'?"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest_one(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err


def test_an_option_may_not_be_shortened():
    with pytest.raises(SystemExit):
        cli.main(["replay", "some.recording", "--narr"])


@pytest.mark.parametrize("exit_code", [0, 1])
def test_the_exit_code_is_the_command_s_own(monkeypatch: pytest.MonkeyPatch, exit_code: int):
    assert let_replay(monkeypatch, exit_code) == exit_code


def test_a_wrong_request_is_answered_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert let_replay(monkeypatch, UserError("There is no scene 'cut-leadr'.")) == 2
    assert capsys.readouterr() == ("", "learnetcd: There is no scene 'cut-leadr'.\n")


def test_a_missing_file_is_answered_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    error = FileNotFoundError(2, "No such file or directory", "some.recording")
    assert let_replay(monkeypatch, error) == 2
    assert capsys.readouterr().err == "learnetcd: some.recording: No such file or directory.\n"


def test_control_c_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert let_replay(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")


def test_control_c_among_tasks_says_nothing_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    tasks = BaseExceptionGroup("tasks", [OSError("in its wake"), KeyboardInterrupt()])
    assert let_replay(monkeypatch, BaseExceptionGroup("outer", [tasks])) == 130
    assert capsys.readouterr() == ("", "")


def test_a_sentence_out_of_a_task_is_told_as_any_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert let_replay(monkeypatch, ExceptionGroup("tasks", [UserError("Not this way.")])) == 2
    assert capsys.readouterr().err == "learnetcd: Not this way.\n"


def test_a_mistake_of_ours_shows_no_traceback_unless_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv(cli.SHOW_TRACEBACKS, raising=False)
    assert let_replay(monkeypatch, ZeroDivisionError("division by zero")) == 70
    said = capsys.readouterr().err
    assert "a mistake in learnetcd itself: ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said

    monkeypatch.setenv(cli.SHOW_TRACEBACKS, "1")
    with pytest.raises(ZeroDivisionError):
        let_replay(monkeypatch, ZeroDivisionError("division by zero"))


def test_a_command_that_reads_its_own_words_gets_them_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
):
    class FakeModule:
        @staticmethod
        def run(words: list[str]) -> int:
            assert words == ["--help", "-x=1", "--", "y"]
            return 7

    monkeypatch.setattr(cli, "import_module", lambda name: FakeModule)
    assert cli.main(["serve", "--help", "-x=1", "--", "y"]) == 7


def test_a_reader_who_goes_away_ends_us_quietly():
    """As in `learnetcd simulate ... | head -1`."""
    program = (
        "import sys, types; from learnetcd import cli;"
        "talk = lambda args: [print('word') for _ in range(100_000)] and 0;"
        "cli.import_module = lambda name: types.SimpleNamespace(run_replay=talk);"
        "sys.exit(cli.main(['replay', 'some.recording']))"
    )
    talking = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with talking:
        assert talking.stdout is not None
        assert talking.stderr is not None
        talking.stdout.readline()
        talking.stdout.close()
        assert talking.stderr.read() == b""
    assert talking.returncode == 141


def test_an_unknown_name_is_answered_with_all_that_there_are():
    error = unknown_name("profile", "papr", ["paper", "etcd-3.3"])
    assert str(error) == (
        "There is no profile 'papr'. Did you mean 'paper'? There are: etcd-3.3, paper."
    )


@pytest.mark.parametrize("amount", ["0", "-1", "nan", "inf", "soon"])
def test_a_search_that_tries_nothing_is_refused(amount: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", "swarm", "--minutes", amount])
    assert ended.value.code == 2
    assert "--minutes" in capsys.readouterr().err


def test_a_cluster_of_a_hundred_processes_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        cli.main(["cluster", "--size=99"])
    assert ended.value.code == 2
    assert "a cluster has 1 to 7 members, not 99" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("replay",), ("tui", "--narrate", "--recording")])
def test_a_recording_that_is_no_text_is_refused(words: tuple[str, ...], tmp_path: Path):
    (tmp_path / "photo").write_bytes(b"\xff\xd8\xff\xe0")
    ended = run_learnetcd(*words, str(tmp_path / "photo"))
    assert ended.returncode == 2
    assert "is no recording: a recording is a file of text." in ended.stderr


# --- streams that are closed, narrow or full -----------------------------------------------------


def run_in_shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One line of the shell, with `learnetcd` in it."""
    command = f"{sys.executable} -m learnetcd"
    return subprocess.run(
        line.replace("learnetcd", command, 1),
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **more},
    )


def test_where_only_ascii_can_be_written_a_story_is_told_in_ascii():
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    told = run_in_shell("learnetcd simulate cut-leader --narrate", **ascii_only)
    assert told.returncode == 0
    assert "(Raft sec. 5.3, sec. 5.4)" in told.stdout
    assert "commit 1 S1->S2." in told.stdout
    told = run_in_shell("echo n | learnetcd tui --narrate", **ascii_only)
    assert told.returncode == 0
    assert "S2 C t1 v2 c0 []" in told.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_no_mistake_of_ours():
    told = run_in_shell("learnetcd simulate split > /dev/full")
    assert told.returncode == 2
    assert told.stderr == "learnetcd: The output can't be written: No space left on device.\n"


def test_closed_streams_are_no_mistake_of_ours():
    assert run_in_shell("learnetcd simulate split >&-").returncode == 0
    assert run_in_shell("learnetcd simulate split 2>&-").returncode == 0
    told = run_in_shell("learnetcd tui --narrate <&-")
    assert (told.returncode, told.stderr) == (0, "")
    told = run_in_shell("learnetcd tui <&-")
    assert told.returncode == 2
    assert "this is no terminal" in told.stderr


def test_a_screen_that_is_gone_does_not_change_the_exit_code():
    """Something is left to be drawn, and the terminal on which to draw it has been closed."""
    script = """
import os, sys
from learnetcd import cli
from learnetcd.commands import COMMANDS, Command

def work(words):
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    os.close(writer), os.close(reader)
    sys.stderr.buffer.write(b"the rest of a picture")
    return 129

cli.carry_out = work
sys.exit(cli.main([]))
"""
    buffered = {name: said for name, said in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, env=buffered
    )
    assert done.returncode == 129
