"""Recordings: read back as they were written, and refused as soon as a line was touched."""

from dataclasses import replace

import pytest

from learnetcd.errors import UserError
from learnetcd.simulator.decisions import Campaign, Crash
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import FRAME, Timeline

STEPS = 2 * FRAME + 40


@pytest.fixture(scope="module")
def recorded():
    timeline = Timeline(Setup(seed=5, profile="etcd-3.3", network_ms=(1, 9)))
    timeline.decide(Campaign(2))
    while timeline.step < STEPS:
        timeline.decide(timeline.world.next_decision())
    return Recording.of(timeline, "Who leads?")


@pytest.fixture(scope="module")
def text(recorded):
    return recorded.text()


def lines_of(text):
    return text.removesuffix("\n").split("\n")


def text_of(lines):
    return "".join(f"{line}\n" for line in lines)


def refusal(text):
    with pytest.raises(UserError) as refused:
        Recording.parse(text)
    return str(refused.value)


def test_a_recording_is_read_back_from_its_text(recorded, text):
    assert Recording.parse(text) == recorded
    assert Recording.parse(text).text() == text


def test_a_recording_reads_well(text):
    lines = lines_of(text)
    assert lines[:4] == ["learnetcd recording 2", "title Who leads?", "members S1 S2 S3", "seed 5"]
    assert lines[lines.index("run") + 1] == "campaign S2"
    assert sum(line.startswith("check ") for line in lines) == 2
    assert lines[-1].startswith(f"end {STEPS} at ")


def test_a_recording_is_played_again_to_the_same_end(recorded):
    timeline = recorded.play()
    assert timeline.length == STEPS
    assert Recording.of(timeline, "Who leads?") == recorded


def test_a_run_in_which_nothing_happened_can_be_recorded():
    empty = Recording.of(Timeline(Setup()))
    assert Recording.parse(empty.text()) == empty
    assert empty.play().length == 0


def test_a_branch_is_recorded_from_the_beginning():
    timeline = Timeline(Setup())
    for member in (1, 2, 3):
        timeline.decide(Campaign(member))
    timeline.seek(1)
    timeline.decide(Crash(3, 0))
    assert Recording.of(timeline).decisions == (Campaign(1), Crash(3, 0))


def test_recording_does_not_move_the_timeline(recorded):
    timeline = recorded.play()
    timeline.seek(12)
    Recording.of(timeline)
    assert timeline.step == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1 .* no recording"),
        ("\n", "Line 1 .* no recording"),
        ("hello\nworld\n", "Line 1 .* 'hello', so this is no recording"),
        ("\x00\x01\x02", "Line 1 .* no recording"),
        ("learnetcd recording 1\nrun\n", "Line 1 .* version '1'; this learnetcd reads 2"),
        ("learnetcd recording 2\n", "Line 1 .* breaks off"),
        ("learnetcd recording 2", "Line 1 .* breaks off in the middle"),
    ],
)
def test_foreign_texts_and_other_versions_are_refused(text, said):
    with pytest.raises(UserError, match=said):
        Recording.parse(text)


@pytest.mark.parametrize("place", [1, 5, 12, 20, 270, 400, STEPS, STEPS + 12])
def test_a_recording_that_was_cut_off_is_refused_with_the_line(text, place):
    assert refusal(text_of(lines_of(text)[:place])).startswith(f"Line {place} of the recording:")


def test_a_recording_that_was_cut_off_at_any_byte_is_refused(text):
    for end in range(0, len(text), 97):
        assert refusal(text[:end]).startswith("Line ")


def test_a_line_that_was_damaged_is_named(text):
    lines = lines_of(text)
    place = lines.index("run") + 30
    lines[place] = lines[place][:-1] + "\x07"
    assert refusal(text_of(lines)).startswith(f"Line {place + 1} of the recording: it was damaged")


@pytest.mark.parametrize("place", [1, 3, 9, 30, 300, 500])
def test_a_line_that_was_edited_is_found_by_the_check_after_it(text, place):
    lines = lines_of(text)
    check = next(i for i in range(place, len(lines)) if lines[i].startswith(("check", "end")))
    lines[place] = "seed 6" if place < 10 else "timer S3"
    assert f"Line {check + 1} of" in refusal(text_of(lines))


@pytest.mark.parametrize("place", [0, 1, 2, 8, 30, 300, -1])
def test_a_line_that_is_missing_doubled_or_moved_is_found(text, place):
    lines = lines_of(text)
    without = lines.copy()
    line = without.pop(place)
    assert refusal(text_of(without)).startswith("Line ")
    moved = without.copy()
    moved.insert(len(moved) // 2 + 3, line)
    assert refusal(text_of(moved)).startswith("Line ")
    doubled = lines.copy()
    doubled.insert(place, line)
    assert refusal(text_of(doubled)).startswith("Line ")


def test_every_single_changed_character_is_found(text):
    for place in range(0, len(text), 101):
        changed = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        assert refusal(changed).startswith("Line ")


def test_other_line_ends_are_refused(text):
    assert refusal(text.replace("\n", "\r\n")).startswith("Line 1 ")


def test_nothing_may_follow_the_end(text):
    lines = lines_of(text)
    assert refusal(text + "timer S1\n").startswith(f"Line {len(lines) + 1} of the recording")


def test_a_title_of_two_lines_is_refused():
    with pytest.raises(UserError, match="one line"):
        Recording.of(Timeline(Setup()), "a\nb")


def test_a_run_that_comes_out_differently_is_not_shown(recorded):
    """The text is whole, but this program no longer does what that one did."""
    other = replace(recorded, setup=Setup(seed=5, profile="etcd-3.3", disk_ms=(3, 3)))
    with pytest.raises(UserError, match=r"step \d+|Step \d+"):
        Recording.parse(other.text()).play()
