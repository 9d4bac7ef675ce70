"""`learnetcd simulate` and `learnetcd replay`, as a person meets them."""

import pytest

from learnetcd import cli
from learnetcd.simulator.library import scene_text


@pytest.fixture
def learnetcd(capsys):
    """Run a command: its exit code, what it says, and what it complains about."""

    def run(*words):
        code = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_scene_is_told_by_what_changes(learnetcd):
    code, said, _ = learnetcd("simulate", "first-leader")
    assert code == 0
    assert "first-leader: A leader needs the votes of a majority, not of everybody." in said
    assert "  1122 ms  step\n           S2 L t1 v2 c0 []\n" in said
    assert "The scene shows its claim" in said


def test_with_narrate_each_thing_that_happens_is_a_sentence(learnetcd):
    _, said, _ = learnetcd("simulate", "cut-leader", "--narrate")
    assert "| Cut 1|23: no message passes between S1 and S2 S3." in said
    assert "| S2 answers client c3 (put x=B): done at etcd index 2." in said
    assert "| S2 refuses the heartbeat of S1: it is of term 1, S2 is in term 2." in said
    assert "| S2 heard the heartbeat reply of S3: nothing new." in said
    assert "| S1 removes entry 2: entry 2 is of term 1 here, of term 2 at the leader." in said
    assert not any("\u2500" <= sign <= "\u259f" for sign in said), "no boxes are drawn"


def test_with_narrate_the_times_never_run_backwards(learnetcd):
    for scene in ("cut-leader", "fig8", "first-leader"):
        _, said, _ = learnetcd("simulate", scene, "--narrate")
        times = [int(line.split(" ms  ")[0]) for line in said.splitlines() if " ms  " in line]
        assert times == sorted(times)
        assert len(times) > 10


def test_members_are_named_as_everywhere(learnetcd):
    _, said, _ = learnetcd("simulate", "promote-learner", "--narrate")
    assert "| S1 now goes by the members S1 S2 S3 S4; before: S1 S2 S3, learner S4." in said
    assert "voters=" not in said


def test_a_wrong_sentence_is_answered_with_the_few_that_are_most_like_it(learnetcd, tmp_path):
    mine = tmp_path / "mine.txt"
    text = scene_text("no-check-quorum").replace("| S1 gives up on", "| S1 lets go of")
    mine.write_text(text, encoding="utf-8")
    code, said, _ = learnetcd("simulate", mine)
    assert code == 1
    assert "found: S1 gives up on client c2 (put x=2) after 5000 ms" in said
    assert said.count("    found: ") == 5
    assert "    and " in said


def test_a_recording_without_a_name_is_refused(learnetcd):
    code, _, complaint = learnetcd("simulate", "split", "--record", "")
    assert code == 2
    assert "Is a directory" in complaint


def test_the_same_words_print_the_same_bytes(learnetcd):
    assert learnetcd("simulate", "split", "--narrate") == learnetcd(
        "simulate", "split", "--narrate"
    )


def test_a_violation_that_a_scene_is_about_is_shown_and_is_no_failure(learnetcd):
    code, said, _ = learnetcd("simulate", "fig8")
    assert code == 0
    assert "VIOLATED: state machine safety" in said


@pytest.mark.parametrize(
    "words",
    [("--members", 5), ("--members", 1), ("--seed", 77), ("--profile", "etcd-3.5")],
)
def test_a_scene_may_be_played_otherwise(learnetcd, words):
    code, said, _ = learnetcd("simulate", "first-leader", *words)
    assert code == 0
    assert "Played otherwise than it was written" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cut-leadr",), "Did you mean 'cut-leader'?"),
        (("split", "--profile", "papr"), "Did you mean 'paper'?"),
        (("split", "--members", 9), "A cluster has 1 to 7 members, not 9."),
        (("nowhere.txt",), "No such file"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(learnetcd, words, sentence):
    code, _, complaint = learnetcd("simulate", *words)
    assert code == 2
    assert sentence in complaint


def test_a_scene_of_ones_own_that_is_wrong_says_where(learnetcd, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text(scene_text("split").replace("? not leader", "? leader"), encoding="utf-8")
    code, said, _ = learnetcd("simulate", mine)
    assert code == 1
    assert "The scene does not show its claim:" in said
    assert "? leader\n    found: it does not hold" in said


def test_a_run_is_recorded_and_replayed(learnetcd, tmp_path):
    recorded = tmp_path / "run.recording"
    _, said, _ = learnetcd("simulate", "fig8", "--record", recorded)
    assert f"recorded: {recorded}" in said
    code, said, _ = learnetcd("replay", recorded)
    assert code == 0
    assert "S2 F t4 v3 c1 [c@2]" in said
    code, said, _ = learnetcd("replay", recorded, "--narrate")
    assert "| S2 removes entry 1: entry 1 is of term 1 here, of term 2 at the leader." in said


def test_a_file_that_is_there_is_not_written_over(learnetcd, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    code, said, complaint = learnetcd("simulate", "fig8", "--record", mine)
    assert (code, said) == (2, "")
    assert "mine is there already" in complaint
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda text: text.replace("campaign S3", "campaign S2"), "Line"),
        (lambda text: text.replace("campaign S3", "champagne S3"), "Did you mean 'campaign'?"),
        (lambda text: text[: len(text) // 2], "breaks off"),
        (lambda text: "Dear diary,\n", "no recording of learnetcd"),
        (lambda text: "", "no recording of learnetcd"),
    ],
)
def test_a_damaged_recording_is_refused_with_its_line(learnetcd, tmp_path, damage, sentence):
    recorded = tmp_path / "run.recording"
    learnetcd("simulate", "fig8", "--record", recorded)
    recorded.write_text(damage(recorded.read_text(encoding="utf-8")), encoding="utf-8")
    code, _, complaint = learnetcd("replay", recorded)
    assert code == 2
    assert sentence in complaint


def test_a_file_that_is_no_text_is_no_recording(learnetcd, tmp_path):
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff\xfe")
    code, _, complaint = learnetcd("replay", tmp_path / "picture")
    assert code == 2
    assert "is no recording" in complaint
