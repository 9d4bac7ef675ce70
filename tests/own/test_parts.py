"""The parts that can be yours: the reference of each, and a file that is wrong."""

import re
from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.own import (
    PARTS,
    AppendAnswer,
    AppendRequest,
    Command,
    Entry,
    Follower,
    Key,
    Leader,
    OwnFault,
    Record,
    Refuse,
    Remove,
    Voter,
    VoteRequest,
    Write,
    crc32c,
    loaded,
    stub,
)
from learnetcd.own import reference as ours

MINE = Path("mine.py")
LOG = (Entry(1, 1), Entry(2, 1), Entry(3, 2))


@pytest.mark.parametrize(
    ("voter", "request_", "granted"),
    [
        (Voter(2, 0, 3, 2), VoteRequest(2, 1, 3, 2), True),
        (Voter(2, 1, 3, 2), VoteRequest(2, 1, 3, 2), True),
        (Voter(2, 3, 3, 2), VoteRequest(2, 1, 3, 2), False),
        (Voter(2, 0, 3, 2), VoteRequest(1, 1, 3, 2), False),
        (Voter(2, 0, 3, 2), VoteRequest(2, 1, 9, 1), False),
        (Voter(2, 0, 3, 2), VoteRequest(2, 1, 2, 2), False),
        (Voter(2, 0, 0, 0), VoteRequest(2, 1, 0, 0), True),
    ],
)
def test_the_reference_votes_as_figure_2_says(voter, request_, granted):
    assert ours.grant_vote(voter, request_) is granted


def test_the_reference_appends_as_figure_2_says():
    follower = Follower(2, LOG, 1)
    new = Entry(4, 2)
    assert ours.append_entries(follower, AppendRequest(2, 3, 2, (new,), 4)) == AppendAnswer(
        True, (*LOG, new), 4, 4
    )
    assert not ours.append_entries(follower, AppendRequest(2, 3, 1, (new,), 4)).success
    assert not ours.append_entries(follower, AppendRequest(2, 4, 2, (), 4)).success
    assert not ours.append_entries(follower, AppendRequest(1, 3, 2, (), 4)).success
    late = ours.append_entries(follower, AppendRequest(2, 1, 1, (Entry(2, 1),), 3))
    assert late == AppendAnswer(True, LOG, 2, 2)
    conflict = ours.append_entries(follower, AppendRequest(2, 1, 1, (Entry(2, 2),), 0))
    assert conflict == AppendAnswer(True, (LOG[0], Entry(2, 2)), 1, 2)


def test_the_reference_commits_only_entries_of_its_own_term():
    assert ours.advance_commit(Leader(2, LOG, 0, {1: 3, 2: 3, 3: 0})) == 3
    assert ours.advance_commit(Leader(2, LOG, 0, {1: 3, 2: 2, 3: 0})) == 0
    assert ours.advance_commit(Leader(3, LOG, 1, {1: 3, 2: 3, 3: 3})) == 1


@pytest.mark.parametrize(
    ("there", "command", "outcome"),
    [
        (None, Command("set", "/x", "1"), Write("1")),
        (Key("1", 7), Command("create", "/x", "2"), Refuse(105)),
        (None, Command("update", "/x", "2"), Refuse(100)),
        (Key("1", 7), Command("compareAndSwap", "/x", "2", "1", 7), Write("2")),
        (Key("1", 7), Command("compareAndSwap", "/x", "2", "1", 8), Refuse(101)),
        (Key("1", 7), Command("compareAndDelete", "/x", "", "", 7), Remove()),
        (None, Command("delete", "/x/y"), Refuse(100)),
    ],
)
def test_the_reference_applies_as_the_store_does(there, command, outcome):
    assert ours.apply(there, command) == outcome


def test_the_reference_reads_what_it_wrote_and_stops_at_a_torn_record():
    first, second = Record(2, b"x" * 20), Record(3, b"y")
    log = ours.write_record(first, 0)
    second_follows = ours.write_record(second, crc32c.extend(0, first.data))
    both = ours.read_log(log + second_follows)
    assert both.records == (first, second)
    assert (both.end, both.broken) == (len(log + second_follows), False)
    torn = ours.read_log(log + ours.write_record(second, 0))  # its checksum does not run on
    assert torn.records == (first,)
    assert (torn.end, torn.broken) == (len(log), True)


def test_a_stub_names_the_fields_of_what_it_is_given_and_of_what_these_hold():
    text = stub(PARTS["append_entries"])
    assert "# Follower:\n#   current_term: int    The latest term that it has seen" in text
    assert "# Entry:\n#   index: int    Its place, counted from 1." in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", PARTS)
def test_a_stub_can_be_loaded_and_says_that_nothing_is_written_yet(name):
    own = loaded(MINE, stub(PARTS[name]))
    assert own.parts == (name,)
    question = (None,) * len(own.functions[PARTS[name].functions[0].name].__annotations__)
    with pytest.raises(OwnFault, match=r"line \d+ of mine.py: NotImplementedError$"):
        own.ask(PARTS[name].functions[0].name, *question[:-1])


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("return 1 / 0", "grant_vote, line 2 of mine.py: ZeroDivisionError: division by zero"),
        ("return None", "line 2 of mine.py: it gave None, and True or False was expected"),
        ("while True: pass", "line 2 of mine.py: it has not come to an end after 500,000 steps"),
        ("return grant_vote(a, b)", "line 2 of mine.py: it calls itself too often"),
        ("raise SystemExit", "line 2 of mine.py: SystemExit"),
        ("a.voted_for = 3", "line 2 of mine.py: FrozenInstanceError"),
    ],
)
def test_a_fault_in_your_function_is_one_sentence_with_the_line(body, fault):
    own = loaded(MINE, f"def grant_vote(a, b):\n    {body}\n")
    with pytest.raises(OwnFault) as caught:
        own.ask("grant_vote", Voter(2, 0, 3, 2), VoteRequest(2, 1, 3, 2))
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def grant_vote(", "mine.py, line 1: this is not Python"),
        ("x = 1\nraise ValueError('no')", "mine.py, line 2: ValueError: no, while the file was"),
        ("x = 1\nwhile x: pass", "mine.py, line 2: it has not come to an end after 500,000 steps"),
        ("x = 1", "mine.py replaces nothing"),
        ("grant_vote = 3", "grant_vote must be a function"),
        ("def grant_vote(a): pass", r"mine.py, line 1: grant_vote must take (voter, request)."),
        (
            "def write_record(a, b): pass",
            "wal needs write_record, must_sync and read_log; must_sync is not there",
        ),
    ],
)
def test_a_file_that_is_no_part_is_refused_with_a_sentence(text, complaint):
    with pytest.raises(UserError) as caught:
        loaded(MINE, text)
    assert complaint in str(caught.value)


def test_the_steps_of_other_files_do_not_count():
    own = loaded(MINE, "def grant_vote(a, b):\n    return bool(sorted(range(10**6)))\n")
    assert own.ask("grant_vote", None, None) is True


def test_a_tracer_that_was_there_is_there_again():
    import sys

    before = sys.gettrace()
    loaded(MINE, "def grant_vote(a, b):\n    return True\n").ask("grant_vote", None, None)
    assert sys.gettrace() is before


def test_the_bytes_in_the_docstring_of_write_record_are_those_that_it_writes():
    rows = [line.strip() for line in (ours.write_record.__doc__ or "").splitlines()[2:5]]
    said = "".join(re.findall(r"(?:[0-9a-f]{2} *)+(?= |$)", "\n".join(rows), re.M))
    assert bytes.fromhex(said) == ours.write_record(Record(2, b"entry 1"), 0)
