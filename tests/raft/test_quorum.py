"""Quorum: each claim of the page against a model that counts by brute force."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.raft.quorum import (
    INFINITE,
    VoteResult,
    committed_index,
    joint_committed_index,
    joint_vote_result,
    majority,
    tolerance,
    vote_result,
)

WON, LOST, PENDING = VoteResult.WON, VoteResult.LOST, VoteResult.PENDING

halves = st.sets(st.integers(1, 9), max_size=7).map(lambda members: tuple(sorted(members)))
acknowledgements = st.dictionaries(st.integers(1, 12), st.integers(0, 20))
ballots = st.dictionaries(st.integers(1, 12), st.booleans())
thoroughly = settings(max_examples=2 * settings.default.max_examples)


def highest_index_held_by_more_than_half(
    voters: tuple[int, ...], acknowledged: Mapping[int, int]
) -> int:
    """For every candidate index, count the voters who acknowledged it."""
    held = [
        index
        for index in range(21)
        if 2 * sum(acknowledged.get(voter, 0) >= index for voter in voters) > len(voters)
    ]
    return max(held)


def every_way_it_may_end(
    voters: tuple[int, ...], votes: Mapping[int, bool]
) -> Iterator[dict[int, bool]]:
    """The silent voters answer yes or no, in all combinations."""
    silent = [voter for voter in voters if voter not in votes]
    for answers in product((True, False), repeat=len(silent)):
        yield {**votes, **dict(zip(silent, answers, strict=True))}


def more_than_half_said_yes(voters: tuple[int, ...], votes: Mapping[int, bool]) -> bool:
    """The plain count; an empty half agrees to everything."""
    return not voters or 2 * sum(votes[voter] for voter in voters) > len(voters)


def outcome(both: tuple[tuple[int, ...], tuple[int, ...]], votes: Mapping[int, bool]) -> VoteResult:
    """Won or lost if each way of going on ends so, otherwise pending."""
    everybody = tuple(sorted({*both[0], *both[1]}))
    ends = {
        all(more_than_half_said_yes(half, end) for half in both)
        for end in every_way_it_may_end(everybody, votes)
    }
    return PENDING if len(ends) == 2 else WON if ends.pop() else LOST


@pytest.mark.parametrize(
    ("size", "needed", "may_fail"),
    [(1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 3, 2), (6, 4, 2), (7, 4, 3)],
)
def test_a_majority_and_what_it_tolerates(size: int, needed: int, may_fail: int) -> None:
    assert majority(size) == needed
    assert tolerance(size) == may_fail


@pytest.mark.parametrize("size", range(1, 12))
def test_a_majority_is_the_smallest_group_that_outnumbers_the_rest(size: int) -> None:
    assert majority(size) > size - majority(size)
    assert majority(size) - 1 <= size - (majority(size) - 1)


def test_nobody_tolerates_no_failure() -> None:
    assert tolerance(0) == 0


def test_the_example_of_the_page_commits_what_three_of_five_hold() -> None:
    assert committed_index((1, 2, 3, 4, 5), {1: 7, 2: 9, 3: 4, 4: 9, 5: 6}) == 7


def test_two_of_four_acknowledgements_commit_nothing() -> None:
    """Raft §5.3: replicated on a majority; half of the voters is none."""
    assert committed_index((1, 2, 3, 4), {1: 8, 2: 8}) == 0
    assert committed_index((1, 2, 3, 4), {1: 8, 2: 8, 3: 5}) == 5


def test_a_voter_that_never_answered_counts_as_zero() -> None:
    assert committed_index((1, 2, 3), {1: 8}) == 0
    assert committed_index((1, 2, 3), {}) == 0


def test_the_only_voter_commits_alone() -> None:
    assert committed_index((1,), {1: 8}) == 8


def test_learners_and_removed_members_do_not_help_to_commit() -> None:
    """A leader 1 that was removed, and a learner 4: only 2 and 3 count."""
    assert committed_index((2, 3), {1: 9, 2: 5, 3: 2, 4: 9}) == 2


@thoroughly
@given(halves.filter(bool), acknowledgements)
def test_the_committed_index_is_the_highest_that_more_than_half_hold(
    voters: tuple[int, ...], acknowledged: dict[int, int]
) -> None:
    expected = highest_index_held_by_more_than_half(voters, acknowledged)
    assert committed_index(voters, acknowledged) == expected


@thoroughly
@given(halves.filter(bool), acknowledgements, st.integers(1, 9), st.integers(0, 20))
def test_an_acknowledgement_never_lowers_the_committed_index(
    voters: tuple[int, ...], acknowledged: dict[int, int], member: int, index: int
) -> None:
    more = {**acknowledged, member: max(index, acknowledged.get(member, 0))}
    assert committed_index(voters, more) >= committed_index(voters, acknowledged)


def test_no_voters_bound_nothing() -> None:
    assert committed_index((), {1: 8}) == INFINITE
    assert joint_committed_index((), (), {1: 8}) == INFINITE
    assert INFINITE > 2**63


def test_an_empty_half_leaves_the_other_to_decide() -> None:
    acknowledged = {1: 8, 2: 6, 3: 1}
    assert joint_committed_index((1, 2, 3), (), acknowledged) == 6
    assert joint_committed_index((), (1, 2, 3), acknowledged) == 6


def test_a_joint_configuration_does_not_commit_with_the_new_half_alone() -> None:
    """Raft §6: separate majorities of both; 4 and 5 acknowledged, none of 1, 2, 3 did."""
    assert committed_index((4, 5, 6), {4: 9, 5: 9}) == 9
    assert joint_committed_index((4, 5, 6), (1, 2, 3), {4: 9, 5: 9}) == 0
    assert joint_committed_index((1, 2, 3), (4, 5, 6), {4: 9, 5: 9}) == 0
    assert joint_committed_index((4, 5, 6), (1, 2, 3), {4: 9, 5: 9, 1: 7, 3: 8}) == 7


@thoroughly
@given(halves.filter(bool), halves.filter(bool), acknowledgements)
def test_the_joint_committed_index_is_held_by_more_than_half_of_both(
    voters: tuple[int, ...], outgoing: tuple[int, ...], acknowledged: dict[int, int]
) -> None:
    expected = min(
        highest_index_held_by_more_than_half(voters, acknowledged),
        highest_index_held_by_more_than_half(outgoing, acknowledged),
    )
    assert joint_committed_index(voters, outgoing, acknowledged) == expected


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({}, PENDING),
        ({1: True}, PENDING),
        ({1: True, 2: True}, WON),
        ({1: True, 2: False}, PENDING),
        ({1: True, 2: False, 3: False}, LOST),
        ({2: False, 3: False}, LOST),
        ({1: True, 7: True, 8: True}, PENDING),  # 7 and 8 are no voters
    ],
)
def test_an_election_among_three(votes: dict[int, bool], expected: VoteResult) -> None:
    assert vote_result((1, 2, 3), votes) is expected


def test_two_of_four_votes_win_nothing_and_two_refusals_lose() -> None:
    assert vote_result((1, 2, 3, 4), {1: True, 2: True}) is PENDING
    assert vote_result((1, 2, 3, 4), {1: True, 2: True, 3: False, 4: False}) is LOST
    assert vote_result((1, 2, 3, 4), {3: False, 4: False}) is LOST


def test_an_election_among_nobody_is_won() -> None:
    """So that the empty outgoing half of a plain configuration does not stand in the way."""
    assert vote_result((), {}) is WON
    assert joint_vote_result((1,), (), {1: True}) is WON
    assert joint_vote_result((), (1,), {1: True}) is WON


def test_a_joint_configuration_does_not_elect_with_the_new_half_alone() -> None:
    """Raft §6; 2 and 3 are a majority of (1 2 3) and nothing in (1 4 5)."""
    votes = {2: True, 3: True}
    assert vote_result((1, 2, 3), votes) is WON
    assert joint_vote_result((1, 2, 3), (1, 4, 5), votes) is PENDING
    assert joint_vote_result((1, 4, 5), (1, 2, 3), votes) is PENDING
    assert joint_vote_result((1, 2, 3), (1, 4, 5), {**votes, 4: False, 5: False}) is LOST
    assert joint_vote_result((1, 2, 3), (1, 4, 5), {**votes, 4: True, 1: True}) is WON


def test_one_lost_half_loses_while_the_other_is_still_pending() -> None:
    assert joint_vote_result((1, 2, 3), (4, 5, 6), {1: False, 2: False}) is LOST
    assert joint_vote_result((4, 5, 6), (1, 2, 3), {1: False, 2: False}) is LOST


@thoroughly
@given(halves, ballots)
def test_a_result_is_final_exactly_if_the_silent_voters_cannot_change_it(
    voters: tuple[int, ...], votes: dict[int, bool]
) -> None:
    assert vote_result(voters, votes) is outcome((voters, ()), votes)


small_halves = st.sets(st.integers(1, 6), max_size=4).map(lambda members: tuple(sorted(members)))


@thoroughly
@given(small_halves, small_halves, ballots)
def test_a_joint_result_is_final_exactly_if_the_silent_voters_cannot_change_it(
    voters: tuple[int, ...], outgoing: tuple[int, ...], votes: dict[int, bool]
) -> None:
    assert joint_vote_result(voters, outgoing, votes) is outcome((voters, outgoing), votes)
