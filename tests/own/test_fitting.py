"""A reader's code in a whole cluster: in a session, in the search, in the swarm."""

from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import run
from learnetcd.errors import UserError
from learnetcd.own import loaded
from learnetcd.own.fitting import with_own
from learnetcd.session.session import Session
from learnetcd.simulator.setup import Setup
from learnetcd_tui.main import members_named

from . import files

MINE = Path("mine.py")


def own_of(text: str):
    return loaded(MINE, text)


def test_a_run_of_chance_with_a_right_file_is_the_same_run():
    """All of our own parts, asked of somebody else: not one step differs."""
    plan, theirs = plan_of(11), plan_of(11)
    plan.steps = theirs.steps = 600
    theirs.own = own_of(files.RIGHT)
    ours, yours = run(plan), run(theirs)
    assert yours.finding is None
    assert yours.decisions == ours.decisions
    assert yours.world.digest() == ours.world.digest()


def test_a_wrong_file_breaks_an_invariant_in_a_run_of_chance():
    plan = plan_of(1)
    plan.own = own_of(files.A_MINORITY_COMMITS)
    found = run(plan).finding
    assert found is not None
    assert found.what == "G6 committed is durable"


def test_a_mistake_stops_the_member_and_is_a_violation_with_its_sentence():
    own = own_of("def grant_vote(voter, request):\n    return request.nothing\n")
    session = Session.open("first-leader", own=own)
    for _ in range(30):
        session.forward()
    assert session.view().violated == ("possible states",)
    told = " ".join(one.text for one in session.narration(1, 40))
    assert "grant_vote, line 2 of mine.py: AttributeError" in told


def test_a_file_of_yours_can_run_in_some_members_only_and_is_shown_there():
    session = Session.open(own=own_of(files.ANY_LOG_WINS), own_at=[2])
    shown = [member.own_parts for member in session.view().members]
    assert shown == [(), ("grant_vote",), ()]


def test_a_recording_is_played_with_your_file_as_far_as_it_goes(tmp_path):
    from learnetcd.own.divergence import first_divergence

    own = own_of(files.ANY_LOG_WINS)
    found = first_divergence(own)
    path = tmp_path / "run.recording"
    path.write_text(found.recording().text(), encoding="utf-8")
    yours, ours = Session.load(path, own), Session.load(path)
    assert [m.vote for m in yours.view().members] != [m.vote for m in ours.view().members]


def test_a_part_that_is_no_part_of_a_cluster_is_refused_there():
    wal = own_of("def write_record(a, b):\n    return b''\ndef read_log(a, b=0):\n    return a\n")
    with pytest.raises(UserError, match="has only wal, which is tried by itself"):
        with_own(Setup(), wal)


def test_own_parts_are_not_written_into_a_setup():
    setup = with_own(Setup(), own_of(files.ANY_LOG_WINS))
    assert Setup.parse(setup.lines()) == replace(setup, parts=())


def test_the_search_finds_what_a_wrong_file_breaks_and_tells_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(files.ANY_TERM_COMMITS, encoding="utf-8")
    assert cli.main(["check", "search", "--own", "mine.py", "--minutes", "1"]) == 1
    said = capsys.readouterr().out
    assert "was broken, by" in said
    assert "With the reference in place of yours, the same decisions break nothing." in said
    assert "learnetcd tui --recording search-own.recording --step" in said
    assert "--own mine.py" in said


def test_the_swarm_runs_a_file_of_yours(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(files.CUTS_WHAT_FOLLOWS, encoding="utf-8")
    assert cli.main(["check", "swarm", "--own", "mine.py", "--seed", "1"]) == 1
    said = capsys.readouterr().out
    assert "Seed 1 broke" in said
    assert "learnetcd check swarm --seed 1 --own mine.py" in said


@pytest.mark.parametrize(("words", "members"), [(None, []), ("S2", [2]), ("S1,s3", [1, 3])])
def test_members_are_named_by_commas(words, members):
    assert members_named(words) == members


def test_a_member_that_is_none_is_refused():
    with pytest.raises(UserError, match="--own-at names members"):
        members_named("S1,leader")
