"""Each key does its act at the real session: lines with keys in, state lines out.

The same lines as `--narrate` reads; no screen is needed for them. `test_keys` presses some on one.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from learnetcd.desk.desk import Desk
from learnetcd.session.session import Session
from learnetcd.session.views import ClusterView, PacketView
from learnetcd_tui.narrate import carry_out


class Class:
    """A class that listens, one line after the other."""

    def __init__(self, *lines: str, scene: str | None = None) -> None:
        self.desk = Desk(Session.open(scene))
        self.heard: list[str] = []
        self.do(*lines)

    def do(self, *lines: str) -> "Class":
        for line in lines:
            carry_out(self.desk, line, self.heard.append)
        return self

    @property
    def view(self) -> ClusterView:
        return self.desk.session.view()

    @property
    def states(self) -> list[str]:
        return list(self.desk.session.state_lines())

    @property
    def notice(self) -> str:
        return self.desk.notice


# --- going on, going back ------------------------------------------------------------------------


def test_three_keys_lead_to_the_first_leader():
    assert " L t1 " in " ".join(Class("n", "n", "n").states)


@pytest.mark.parametrize("key", [".", "e", "m", "n", "enter", "space"])
def test_each_way_on_is_taken_back_by_undo(key: str):
    assert Class(key, "space", "z", "z").view.step == 0
    assert Class(key, "space").view.step > 0


def test_back_leads_back_and_on_leads_the_same_way_again():
    assert Class(".", ".", ",", ",").view.step == 0
    assert Class(". . . , , . .").states == Class(". . .").states


def test_redo_brings_back_what_undo_took():
    assert Class("n n z y").states == Class("n n").states


def test_the_ends_and_the_marks_of_the_timeline_can_be_gone_to():
    told = Class("n", "n", "home")
    assert told.view.step == 0
    assert told.do("end").view.step == told.view.length > 0
    assert 0 < told.do("home", "]").view.step < told.view.length
    assert told.do("[", "[").view.step == 0


def test_run_until_takes_a_typed_condition():
    told = Class("u leader")
    assert " L t1 " in " ".join(told.states)
    assert "true at" in told.notice


def test_a_condition_that_is_none_is_said_in_a_sentence():
    assert "nonsense" in Class("u nonsense").notice


def test_going_on_stops_a_free_run():
    desk = Desk(Session.open())
    desk.do("run")
    desk.pass_time(1.0)
    assert desk.running
    desk.do("step")
    assert not desk.running


def test_a_free_run_keeps_its_speed_however_it_is_cut_into_frames():
    desks = [Desk(Session.open()), Desk(Session.open())]
    for desk, frames in zip(desks, (10, 400), strict=True):
        desk.do("faster")
        for _ in range(frames):
            desk.pass_time(20 / frames)
    assert [desk.session.view().now_ms for desk in desks] == [2000, 2000]


# --- breaking and mending ------------------------------------------------------------------------


def test_a_member_is_killed_and_started_again():
    assert " - " in Class("2 K").states[1]
    assert " F " in Class("2 K U").states[1]


def test_a_member_stands_when_told_to():
    assert Class("3 T").states[2] == "S3 C t1 v3 c0 []"


def test_a_cut_is_typed_and_healed():
    told = Class("C 1|23")
    assert told.view.walls == "1|23"
    assert told.do("H").view.cuts == ()
    assert told.do("C 1>3").view.cuts == ((1, 3),)


def test_a_cut_that_is_none_says_what_to_type():
    assert "1|23" in Class("C 1|9").notice


@pytest.mark.parametrize(
    ("keys", "is_so"),
    [
        ("X", lambda packets: len(packets) == 1),
        ("L", lambda packets: [p.held for p in packets].count(True) == 1),
        ("L L", lambda packets: not any(p.held for p in packets)),
        ("D", lambda packets: [p.copy for p in packets].count(True) == 1),
    ],
)
def test_a_message_is_dropped_held_released_doubled(
    keys: str, is_so: Callable[[tuple[PacketView, ...]], bool]
):
    told = Class("1 T")
    assert len(told.view.packets) == 2
    assert is_so(told.do(keys).view.packets)


def test_without_a_message_the_keys_for_messages_say_so():
    assert Class("X").notice == "No message is in flight."


def test_more_acts_are_typed_by_name():
    assert Class("2", "Z pause").view.members[1].paused
    assert not Class("2", "Z pause", "Z resume").view.members[1].paused
    assert Class("2", "Z skew 900").view.members[1].clock_rate == 900
    timer = Class("2", "Z timer 3").view.members[1].timer
    assert timer is not None
    assert timer.fires_in_ticks == 3
    assert "Did you mean 'pause'?" in Class("Z puase").notice
    assert "is a number" in Class("Z skew fast").notice


def test_a_leader_hands_over_and_members_come_and_go():
    assert Class("u S2 leads", "2", "Z transfer 1", "u S1 leads").notice.startswith(
        "S1 leads: true"
    )
    assert len(Class("u leader", "Z add 4").view.members) == 4
    assert Class("u leader", "Z remove 3").view.clients


# --- asking --------------------------------------------------------------------------------------


def test_a_client_puts_and_gets():
    told = Class("u leader", "n", "n", "2", "P x=1", "n", "n")
    assert any("[x=1@1]" in line for line in told.states)
    assert told.do("G x").view.clients[-1].text.startswith("get x")
    assert told.do("G x quorum").view.clients[-1].text != told.view.clients[-2].text
    assert "There is no way to read" in told.do("G x soon").notice


def test_why_is_answered_in_sentences_with_signs():
    told = Class("n", "2", "?")
    assert any(line.startswith(("+ ", "- ")) for line in told.heard)


def test_the_answer_follows_the_run():
    desk = Class("2", "?").desk
    before = desk.answer
    for _ in range(3):
        desk.do("next_change")
    assert desk.answer != before


def test_a_member_that_is_not_there_is_said_in_a_sentence():
    assert Class("7").notice == "There is no member S7."


# --- lists and files -----------------------------------------------------------------------------


def test_a_scene_begins_with_its_claim():
    told = Class("S cut-leader")
    assert told.view.scene == "cut-leader"
    assert told.notice.startswith("A leader that is cut off")


def test_a_rule_is_switched_off_and_on_again():
    told = Class("O vote-memory")
    assert told.view.broken_rules == ("vote-memory",)
    assert told.do("O vote-memory").view.broken_rules == ()
    assert "Did you mean" in told.do("O vote-memry").notice


def test_another_profile_begins_the_same_scene_again():
    assert Class("n", "F etcd-3.3").view.profile == "etcd-3.3"


def test_an_act_in_the_past_opens_a_branch_and_the_old_future_stays():
    told = Class("n", "n", "home", "1", "T")
    assert len(told.desk.session.branches()) == 2
    assert told.do("B main").view.branch == "main"


def test_the_script_of_a_scene_lies_ahead_after_it_was_played():
    told = Class("r", scene="first-leader")
    assert told.view.length > told.view.step
    assert " L t2 " in " ".join(told.do("end").states)
    assert "no script" in Class("r").notice


def test_a_saved_run_is_opened_again(tmp_path: Path):
    saved = Class("n", "n", f"w {tmp_path}/my.recording")
    assert not saved.desk.session.unsaved
    assert Class(f"o {tmp_path}/my.recording").states == saved.states
    assert "cannot be read" in Class(f"o {tmp_path}/nothing").notice
    assert "cannot be written" in Class(f"w {tmp_path}/no/folder").notice
    assert "cannot be written: File name too long" in Class(f"w {'long' * 100}").notice


def test_a_cluster_in_which_nothing_can_happen_does_not_run():
    desk = Desk(Session.open(members=1))
    desk.do("crash")
    desk.do("run")
    assert desk.running
    desk.pass_time(0.05)
    assert not desk.running
    assert "Nothing can happen by itself" in desk.notice


def test_a_file_that_is_there_is_written_over_only_on_purpose(tmp_path: Path):
    file = tmp_path / "notes"
    file.write_text("mine")
    desk = Desk(Session.open())
    desk.do("save", str(file))
    assert "is there already" in desk.notice
    assert file.read_text() == "mine"
    desk.do("save", f"{file}!")
    assert desk.notice == f"Saved: {file}"
    desk.do("step")
    desk.do("save", str(file))  # it is ours now
    assert desk.notice == f"Saved: {file}"
    assert Desk(Session.load(file)).session.digest() == desk.session.digest()
