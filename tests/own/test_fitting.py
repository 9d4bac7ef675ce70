"""A reader's code in a whole cluster: in a session, in the search, in the swarm."""

from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import run
from learnetcd.errors import UserError
from learnetcd.own import FUNCTIONS, Entry, loaded
from learnetcd.own.disk import OwnDisk
from learnetcd.own.fitting import with_own
from learnetcd.session.session import Session
from learnetcd.simulator.file_disk import SEGMENT_BYTES
from learnetcd.simulator.setup import VALUES, Setup
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


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_a_run_on_disks_that_a_right_file_writes_is_the_same_run(seed):
    """Snapshots, crashes with records kept, changes of members: what is found again is the same."""
    plan, theirs = plan_of(seed), plan_of(seed)
    plan.steps = theirs.steps = 600
    plan.disks = theirs.disks = VALUES
    theirs.own = own_of(files.WAL)
    ours, yours = run(plan), run(theirs)
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


@pytest.mark.parametrize("seed", [1, 6, 12])
def test_a_run_on_disks_that_tear_finds_nothing_wrong_with_a_right_log(seed):
    """Which bytes are torn differs from our own disks; that nothing is lost does not."""
    plan = torn_plan(seed, files.WAL)
    plan.steps = 1_500
    assert run(plan).finding is None


@pytest.mark.parametrize("name", files.BROKEN_WALS)
def test_a_log_that_is_wrong_in_one_thing_breaks_an_invariant(name):
    invariant, text = files.BROKEN_WALS[name]
    findings = (run(torn_plan(seed, text)).finding for seed in (1, 6, 12))
    first = next(finding for finding in findings if finding is not None)
    assert first.what == invariant


def torn_plan(seed, text):
    plan = plan_of(seed)
    plan.own = own_of(text)
    return plan


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise EOFError('no end')", "read_log, line 18 of mine.py: EOFError: no end"),
        ("return ReadLog((), 10**12, False)", "a log of 24 bytes ends at byte 1000000000000"),
        ("return ReadLog((Record(9, b''),), 0, False)", "found a record of type 9"),
        ("return ReadLog((Record(2, b'?'),), 0, False)", "of type 2 whose data make no sense"),
        ("return ReadLog((Record(5, b'\\x08\\x07'),), 0, False)", "of type 5 whose data make no"),
    ],
)
def test_a_log_that_can_not_be_read_is_a_violation_told_in_a_sentence(body, said):
    session = Session.open(own=own_of(files.wal_that_reads(body)))
    session.act("elect S1")
    session.act("crash S1")
    session.act("restart S1")
    assert session.view().violated == ("possible states",)
    assert said in " ".join(one.text for one in session.narration(1, 99))


def test_a_log_that_can_not_be_written_stops_its_member_in_a_sentence():
    text = files.wal_with("    checksum = crc32c", "    record.nothing\n    checksum = crc32c")
    session = Session.open("first-leader", own=own_of(text))
    for _ in range(5):
        session.forward()
    assert session.view().violated == ("possible states",)
    told = " ".join(one.text for one in session.narration(1, 40))
    assert "write_record, line 6 of mine.py: AttributeError" in told


def test_a_long_log_is_read_file_by_file():
    asked = []

    def ask(name, *question):
        asked.append((name, question))
        return FUNCTIONS[name].reference(*question)

    disk = OwnDisk(Setup().stored(1), ask)
    for index in range(1, 200):
        disk.write((Entry(index, 1, b"x" * 100),))
        disk.sync(index)
    assert len(disk.after_crash().entries) == 199
    reads = [question for name, question in asked if name == "read_log"]
    assert len(reads) > 3
    assert max(len(log) for log, _ in reads) < 2 * SEGMENT_BYTES
    assert len({running for _, running in reads}) == len(reads)


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
