"""Who acts in the past opens a branch; nothing is ever lost."""

from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session
from learnetcd.simulator import stage
from learnetcd.simulator.library import load_scene


def test_an_act_on_the_past_opens_a_branch_named_by_the_act(led: Session):
    led.put(1, "x", "1")
    end = led.digest()
    led.run_until("committed 1")
    length = led.view().length
    led.seek(led.view().step - 3)
    here = led.view().step
    led.cut("1|23")
    assert led.view().branch == f"cut at {here}"
    led.switch("main")
    assert led.view().length == length
    led.seek(led._history.stop_before(length, Grain.CHANGE))
    assert led.digest() == end


def test_two_branches_by_the_same_act_have_two_names(led: Session):
    led.run_until("time 1 s")
    led.seek(10)
    led.crash(2)
    led.switch("main")
    led.seek(10)
    led.crash(3)
    assert [branch.name for branch in led.branches()] == ["main", "crash at 10", "crash at 10 (2)"]
    assert [branch.current for branch in led.branches()] == [False, False, True]


def test_going_forward_in_the_past_follows_the_way_taken(led: Session):
    led.crash(3)
    led.forward(Grain.CHANGE)
    end, length = led.digest(), led.view().length
    led.seek(2)
    while led.view().step < length:
        led.forward(Grain.MESSAGE)
    assert led.digest() == end
    assert len(led.branches()) == 1


def test_a_branch_can_be_renamed_and_undo_still_finds_it(led: Session):
    led.forward()
    before = led.digest()
    led.forward()
    led.rename_branch("main", "the lecture")
    led.undo()
    assert led.digest() == before
    assert led.view().branch == "the lecture"
    with pytest.raises(UserError, match="taken or empty"):
        led.rename_branch("the lecture", " ")


def test_branches_are_compared_from_their_first_difference():
    session = Session.open("lost-vote")
    session.time_out(1)
    session.forward()
    session.forward()
    session.crash(2)
    session.restart(2)
    session.undo()
    session.undo()
    parts_at = session.view().step
    session.set_rule("vote-memory", False)
    found = session.compare("main", session.view().branch)
    assert found.first_difference == parts_at + 1
    different = next(step for step in found.steps if not step.same)
    assert different.step == parts_at + 1
    assert different.left.startswith("S2 crashes")
    assert different.right.startswith("The rule vote-memory is off")
    assert all(step.same for step in found.steps if step.step <= parts_at)
    assert found.ends[0][0].startswith("S1 L t1")


def test_comparing_does_not_move_the_reader(led: Session):
    led.forward()
    led.back()
    led.crash(2)
    here, branch = led.digest(), led.view().branch
    led.compare("main", branch)
    assert (led.digest(), led.view().branch) == (here, branch)


def test_another_profile_begins_the_same_scene_again_and_keeps_the_old():
    session = Session.open("first-leader")
    session.run_until("S2 leads")
    session.set_profile("etcd-3.3")
    assert (session.view().profile, session.view().step) == ("etcd-3.3", 0)
    session.run_until("S2 leads")
    assert session.state_lines()[1].endswith("[(empty)@1]")
    assert [branch.name for branch in session.branches()] == ["main", "etcd-3.3"]
    session.switch("main")
    assert session.view().profile == "paper"


def test_a_recording_that_is_opened_is_judged(tmp_path: Path):
    session = Session.open("lost-vote")
    for line in session.script():
        session.act(line)
    assert session.view().violated
    session.save(tmp_path / "run.recording")
    loaded = Session.load(tmp_path / "run.recording").view()
    assert loaded.violated == session.view().violated
    assert (loaded.safe, loaded.invariants) == (session.view().safe, session.view().invariants)


def test_the_marks_of_a_long_recording_are_told_though_its_sentences_are_not(tmp_path: Path):
    session = Session.open()
    session.run_until("leader")
    session.cut("1|23")
    session.put(1, "x", "1")
    session.run_until("time 60 s")
    assert session.view().length > 1000
    session.save(tmp_path / "run.recording")
    loaded = Session.load(tmp_path / "run.recording")
    assert loaded.landmarks() == session.landmarks()
    assert loaded.narration(1, 30) == session.narration(1, 30)


def test_a_saved_session_is_loaded_as_it_was(tmp_path: Path, led: Session):
    assert led.unsaved
    path = tmp_path / "run.recording"
    led.put(1, "x", "1")
    led.run_until("quiet")
    led.save(path)
    assert not led.unsaved
    loaded = Session.load(path)
    assert loaded.digest() == led.digest()
    assert loaded.state_lines() == led.state_lines()
    assert loaded.landmarks() == led.landmarks()
    assert not loaded.unsaved
    for _ in range(5):
        loaded.back()
    loaded.crash(1)
    assert loaded.unsaved


def test_a_scene_that_does_not_exist_names_those_that_do():
    with pytest.raises(UserError, match="first-leader"):
        Session.open("frist-leader")
    with pytest.raises(UserError, match="paper"):
        Session.open(profile="papr")
    with pytest.raises(UserError, match="1 to 7"):
        Session.open(members=9)


def test_scenes_can_be_opened_and_drawn():
    for name, claim in Session.scenes()[::3]:
        session = Session.open(name)
        assert claim
        assert session.view().scene == name
        assert not session.unsaved


def test_the_script_of_a_scene_can_be_played_and_gives_the_same_run():
    for name, _ in Session.scenes()[::5]:
        session = Session.open(name)
        for line in session.script():
            session.act(line)
        assert session._timeline.decisions() == stage.play(load_scene(name)).decisions


def test_without_a_scene_there_is_no_script():
    assert Session.open().script() == ()
