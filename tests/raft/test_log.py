"""The log: against a model that is a plain list, and its four markers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.raft import Configuration, Entry, HardState, RaftLog, Snapshot, Stored
from learnetcd.raft.log import count_within
from tests.raft.network import begin, history

MEMBERS = Configuration((1, 2, 3))


def log_of(*terms: int, commit: int = 0, snapshot: tuple[int, int] = (0, 0)) -> RaftLog:
    return RaftLog(begin(log=terms, commit=commit, snapshot=Snapshot(*snapshot, MEMBERS)))


steps = st.lists(
    st.tuples(
        st.sampled_from(["append", "append", "overwrite", "commit", "save", "apply", "compact"])
        | st.just("restore"),
        st.integers(0, 20),
        st.integers(1, 5),
    ),
    max_size=40,
)


@settings(max_examples=2 * settings.default.max_examples)
@given(steps)
def test_the_log_equals_a_plain_list_with_markers(script):
    log = log_of()
    terms: dict[int, int] = {0: 0}  # index -> term, from the snapshot's index on
    base = commit = applied = durable = 0
    for step, number, count in script:
        last = max(terms)
        match step:
            case "append":
                term = terms[last] + number % 2
                log.append(history(*[term] * count, first=last + 1))
                terms |= dict.fromkeys(range(last + 1, last + count + 1), term)
            case "overwrite" if commit < last:
                first = commit + 1 + number % (last - commit)
                term = terms[last] + 1
                log.append(history(*[term] * count, first=first))
                terms = {i: t for i, t in terms.items() if i < first}
                terms |= dict.fromkeys(range(first, first + count), term)
                durable = min(durable, first - 1)
            case "commit":
                commit = max(commit, min(number, last))
                log.commit_to(commit)
            case "save":
                index = base + number % (last - base + 1)
                log.saved_to(index, terms[index])
                durable = max(durable, index)
            case "apply":
                applied = max(applied, min(commit, durable))
                log.applied_index = log.applying_index = applied
            case "compact":
                log.compact(number)
                base = max(base, min(number, applied, durable))
                terms = {i: t for i, t in terms.items() if i >= base}
            case "restore":
                index = max(commit, last) + count
                snapshot = Snapshot(index, terms[last] + 1, MEMBERS)
                log.restore(snapshot)
                assert log.durable_index == 0
                assert log.to_apply(1 << 30) == ()
                log.snapshot_saved(snapshot)
                terms = {index: snapshot.term}
                base = commit = applied = durable = index
        _compare(log, terms, base, (commit, applied, durable), number)


def _compare(
    log: RaftLog, terms: dict[int, int], base: int, markers: tuple[int, int, int], number: int
) -> None:
    last = max(terms)
    assert (log.snapshot_index, log.first_index, log.last_index) == (base, base + 1, last)
    assert log.last_term == terms[last]
    assert [log.term_at(i) for i in range(base, last + 1)] == [terms[i] for i in sorted(terms)]
    assert log.term_at(base - 1) is None
    assert log.term_at(last + 1) is None
    assert (log.commit_index, log.applied_index, log.durable_index) == markers
    assert [e.index for e in log.entries(log.first_index, last)] == list(range(base + 1, last + 1))
    # The last index, up to some place, whose term is not after some term.
    place, term = last, number % (terms[last] + 1)
    known = [i for i in range(base, place + 1) if terms[i] <= term]
    expected = (known[-1], terms[known[-1]]) if known else (base - 1, 0)
    assert log.last_index_not_after(place, term) == expected


@pytest.mark.parametrize(
    ("index", "term", "found"),
    [
        (4, 2, (4, 2)),  # it fits as it is
        (6, 2, (4, 2)),  # all of term 3 is skipped
        (6, 1, (2, 1)),
        (6, 0, (0, 0)),  # nothing fits: before the log
        (9, 2, (9, 0)),  # beyond the end: unknown, so it may match
    ],
)
def test_the_search_for_agreement_skips_whole_terms(index, term, found):
    """Raft §5.3, the remark; etcd/raft findConflictByTerm."""
    assert log_of(1, 1, 2, 2, 3, 3).last_index_not_after(index, term) == found


@pytest.mark.parametrize(
    ("index", "term", "found"),
    [
        (7, 3, (5, 3)),  # the snapshot's own entry is known
        (7, 2, (4, 0)),  # and it is too new: what lies below it may match, nobody knows
        (3, 2, (3, 0)),  # below it nothing is known
    ],
)
def test_the_search_for_agreement_at_a_snapshot(index, term, found):
    log = log_of(4, 4, snapshot=(5, 3))
    assert log.last_index_not_after(index, term) == found


def test_a_committed_entry_is_never_replaced():
    log = log_of(1, 1, 1, commit=2)
    with pytest.raises(AssertionError, match="would replace a committed one"):
        log.append(history(2, first=2))
    log.append(history(2, first=3))


def test_a_log_has_no_gaps():
    with pytest.raises(AssertionError, match="leave a gap"):
        log_of(1).append(history(1, first=3))


def test_what_is_not_there_cannot_be_committed():
    with pytest.raises(AssertionError, match="can't be committed"):
        log_of(1).commit_to(2)


def test_a_disk_that_lost_committed_entries_is_noticed_at_the_start():
    """etcd #13509: a member that comes back with less than it promised."""
    stored = Stored(Snapshot(0, 0, MEMBERS), HardState(1, 0, 5), history(1))
    with pytest.raises(AssertionError, match="the log ends at 1"):
        RaftLog(stored)


def test_truncation_moves_back_what_speaks_of_the_disk():
    log = log_of(1, 1, 1, 1)
    assert (log.saving_index, log.durable_index) == (4, 4)
    log.append(history(2, first=2))
    assert (log.saving_index, log.durable_index) == (1, 1)
    assert [str(entry) for entry in log.unsaved()] == ["2@2"]


def test_a_write_is_confirmed_for_the_entry_that_is_still_there():
    log = log_of(1, 1)
    log.append(history(2, first=2))
    log.saved_to(2, 1)
    assert log.durable_index == 1
    log.saved_to(2, 2)
    assert log.durable_index == 2


def test_compaction_stops_at_what_is_applied_and_durable():
    log = log_of(1, 1, 1, 1, commit=3)
    log.applied_index = 2
    log.compact(4)
    assert (log.snapshot_index, log.snapshot_term, log.first_index) == (2, 1, 3)


def test_entries_of_one_message_fit_or_are_one():
    entries = history(1, 1, 1)
    size = entries[0].wire_size
    assert [count_within(entries, size * n) for n in (0, 1, 2, 3, 9)] == [1, 1, 2, 3, 3]
    assert count_within((), 0) == 0


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        (Entry(1, 1), 6),  # type, term and index: a tag and a byte each
        (Entry(1, 1, b"x"), 9),
        (Entry(300, 1, b"x" * 200), 7 + 3 + 200),  # 300 and 200 take two bytes
    ],
)
def test_the_size_of_an_entry_is_that_of_etcds_protobuf(entry, size):
    assert entry.wire_size == size


def test_a_fork_of_a_log_goes_its_own_way():
    log = log_of(1, 1)
    fork = log.fork()
    fork.append(history(2, 2, first=2))
    fork.commit_to(3)
    assert (log.last_index, log.last_term, log.commit_index) == (2, 1, 0)
    assert (fork.last_index, fork.last_term, fork.commit_index) == (3, 2, 3)
