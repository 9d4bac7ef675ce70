"""Configuration: who may vote, and that no step leads to two quorums that share nobody."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from learnetcd.raft.configuration import (
    Change,
    ChangeKind,
    ConfigChange,
    ConfigChangeRefused,
    Configuration,
    Transition,
    changed,
    check_invariants,
    describe,
    enter_joint,
    leave_joint,
    members_in_words,
    simple,
)
from learnetcd.raft.quorum import INFINITE, VoteResult, joint_committed_index, joint_vote_result

LEAVE = ConfigChange(())


def add(member: int) -> Change:
    return Change(ChangeKind.ADD_VOTER, member)


def learn(member: int) -> Change:
    return Change(ChangeKind.ADD_LEARNER, member)


def remove(member: int) -> Change:
    return Change(ChangeKind.REMOVE, member)


def update(member: int) -> Change:
    return Change(ChangeKind.UPDATE, member)


member_changes = st.builds(Change, st.sampled_from(ChangeKind), st.integers(0, 5))
change_lists = st.lists(member_changes, max_size=5)
config_changes = st.builds(
    ConfigChange,
    st.one_of(st.just(()), st.lists(member_changes, max_size=4).map(tuple)),
    st.sampled_from(Transition),
)


@st.composite
def plain_configurations(draw: st.DrawFn, smallest: int = 1) -> Configuration:
    """Voters and learners among five members, not joint."""
    voters = draw(st.sets(st.integers(1, 5), min_size=smallest, max_size=5))
    learners = draw(st.sets(st.integers(1, 5))) - voters
    return Configuration(tuple(sorted(voters)), learners=tuple(sorted(learners)))


thoroughly = settings(max_examples=2 * settings.default.max_examples)


# A model of its own: a member has one wish, the last one that was uttered about it.


def wishes(configuration: Configuration, changes: Iterable[Change]) -> dict[int, str]:
    """What each member shall be in the end."""
    roles = dict.fromkeys(configuration.voters, "voter")
    roles |= dict.fromkeys(configuration.learners, "learner")
    for change in changes:
        if change.member == 0 or change.kind is ChangeKind.UPDATE:
            continue
        roles.pop(change.member, None)
        if change.kind is ChangeKind.ADD_VOTER:
            roles[change.member] = "voter"
        elif change.kind is ChangeKind.ADD_LEARNER:
            roles[change.member] = "learner"
    return roles


def having(roles: dict[int, str], role: str) -> set[int]:
    return {member for member, wished in roles.items() if wished == role}


def is_quorum(configuration: Configuration, group: Iterable[int]) -> bool:
    """Decided by the quorum page: these vote yes and nobody else answers."""
    votes = dict.fromkeys(group, True)
    result = joint_vote_result(configuration.voters, configuration.outgoing, votes)
    return result is VoteResult.WON


def subsets(members: Sequence[int]) -> Iterable[tuple[int, ...]]:
    sizes = range(len(members) + 1)
    return chain.from_iterable(combinations(members, size) for size in sizes)


def share_a_member_in_any_two_quorums(one: Configuration, other: Configuration) -> bool:
    """No group is a quorum of the one while all the rest are a quorum of the other."""
    everybody = sorted({*one.members, *other.members})
    return not any(
        is_quorum(one, group) and is_quorum(other, set(everybody) - set(group))
        for group in subsets(everybody)
    )


# What a configuration says of itself


def test_a_plain_configuration_in_words() -> None:
    assert str(Configuration((1, 2, 3))) == "voters=(1 2 3)"
    assert str(Configuration(())) == "voters=()"
    assert str(Configuration((1,), learners=(2, 3))) == "voters=(1) learners=(2 3)"


def test_a_joint_configuration_in_words() -> None:
    configuration = Configuration((1, 2), (1, 2, 3), (4,), (3,), True)
    text = "voters=(1 2)&&(1 2 3) learners=(4) learners_next=(3) autoleave"
    assert str(configuration) == text


def test_members_are_everybody_once_and_sorted() -> None:
    configuration = Configuration((2, 9), (1, 2, 4), (3,), (4,))
    assert configuration.members == (1, 2, 3, 4, 9)
    assert configuration.joint
    assert not Configuration((1,)).joint


def test_a_voter_that_waits_to_become_a_learner_is_still_a_voter() -> None:
    configuration = Configuration((1, 2), (1, 2, 3), (4,), (3,))
    assert [configuration.is_voter(member) for member in range(6)] == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    assert [configuration.is_learner(member) for member in range(6)] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


# Which step a change takes (etcd/raft ConfChangeV2.EnterJoint, LeaveJoint)


@pytest.mark.parametrize(
    ("change", "enters", "by_itself", "leaves"),
    [
        (ConfigChange(()), False, False, True),
        (ConfigChange((), context=b"why"), False, False, True),
        (ConfigChange((add(4),)), False, False, False),
        (ConfigChange((add(4),), legacy=True), False, False, False),
        (ConfigChange((add(4), remove(1))), True, True, False),
        (ConfigChange((add(4),), Transition.JOINT_IMPLICIT), True, True, False),
        (ConfigChange((add(4),), Transition.JOINT_EXPLICIT), True, False, False),
        (ConfigChange((add(4), remove(1)), Transition.JOINT_EXPLICIT), True, False, False),
        (ConfigChange((), Transition.JOINT_IMPLICIT), True, True, False),
        (ConfigChange((), Transition.JOINT_EXPLICIT), True, False, False),
    ],
)
def test_a_change_enters_joint_if_it_is_asked_to_or_holds_several(
    change: ConfigChange, enters: bool, by_itself: bool, leaves: bool
) -> None:
    assert change.enters_joint is enters
    assert change.leaves_automatically is by_itself
    assert change.leaves_joint is leaves


def test_a_legacy_change_cannot_hold_what_its_bytes_cannot_say() -> None:
    with pytest.raises(AssertionError, match="holds one, not 2"):
        ConfigChange((add(4), add(5)), legacy=True)
    with pytest.raises(AssertionError, match="joint explicit"):
        ConfigChange((add(4),), Transition.JOINT_EXPLICIT, legacy=True)


def test_changed_takes_the_step_that_the_change_asks_for() -> None:
    start = Configuration((1, 2, 3))
    assert changed(start, ConfigChange((add(4),))) == Configuration((1, 2, 3, 4))
    swap = (add(4), remove(1))
    joint = changed(start, ConfigChange(swap))
    assert joint == Configuration((2, 3, 4), (1, 2, 3), auto_leave=True)
    explicit = changed(start, ConfigChange(swap, Transition.JOINT_EXPLICIT))
    assert explicit == Configuration((2, 3, 4), (1, 2, 3))
    assert changed(joint, LEAVE) == changed(explicit, LEAVE) == Configuration((2, 3, 4))


# The simple step


def test_the_first_voter_comes_into_an_empty_configuration() -> None:
    assert simple(Configuration(()), [add(1)]) == Configuration((1,))


def test_a_learner_is_promoted_and_a_voter_demoted_in_one_simple_step() -> None:
    """Not joint: there is no outgoing half that would make the voter wait."""
    assert simple(Configuration((1, 2), learners=(3,)), [add(3)]) == Configuration((1, 2, 3))
    demoted = Configuration((1, 2), learners=(3,))
    assert simple(Configuration((1, 2, 3)), [learn(3)]) == demoted


def test_any_number_of_learners_may_change_in_a_simple_step() -> None:
    start = Configuration((1,), learners=(2, 3))
    result = simple(start, [remove(2), learn(4), learn(5), add(6)])
    assert result == Configuration((1, 6), learners=(3, 4, 5))


def test_what_changes_nobody_changes_nothing() -> None:
    """Member 0 was nullified; an update is none of Raft's business; a stranger can't be removed."""
    start = Configuration((1, 2), learners=(3,))
    assert simple(start, [remove(0), learn(0), add(0), update(2), remove(9)]) == start
    assert simple(start, [add(1), learn(3)]) == start


def test_changes_are_done_in_their_order() -> None:
    start = Configuration((1,))
    assert simple(start, [add(2), remove(2)]) == start
    assert simple(start, [remove(2), add(2)]) == Configuration((1, 2))
    assert simple(start, [remove(1), add(1)]) == start


def test_a_simple_step_swaps_no_voters() -> None:
    """Thesis §4.1: {1 3} of (1 2 3) and {2 4} of (1 2 4) would share nobody."""
    for changes in ([remove(3), add(4)], [add(4), add(5)], [remove(3), learn(2)]):
        with pytest.raises(ConfigChangeRefused, match="more than one voter changed"):
            simple(Configuration((1, 2, 3)), changes)


def test_a_simple_step_is_refused_while_joint() -> None:
    with pytest.raises(ConfigChangeRefused, match="simple config change in joint config"):
        simple(Configuration((1, 2), (1,)), [learn(3)])


def test_the_last_voter_cannot_go() -> None:
    for changes in ([remove(1)], [learn(1)]):
        with pytest.raises(ConfigChangeRefused, match="removed all voters"):
            simple(Configuration((1,)), changes)
        with pytest.raises(ConfigChangeRefused, match="removed all voters"):
            enter_joint(Configuration((1,)), True, changes)
    with pytest.raises(ConfigChangeRefused, match="removed all voters"):
        simple(Configuration(()), [learn(1)])


# The joint step


def test_a_demoted_voter_waits_until_the_joint_configuration_is_left() -> None:
    """The example of the page."""
    joint = enter_joint(Configuration((1, 2, 3)), False, [add(4), learn(3)])
    assert joint == Configuration((1, 2, 4), (1, 2, 3), learners_next=(3,))
    assert leave_joint(joint) == Configuration((1, 2, 4), learners=(3,))


def test_a_removed_voter_that_comes_back_as_learner_in_the_same_change_waits_too() -> None:
    joint = enter_joint(Configuration((1, 2, 3)), False, [remove(3), learn(3)])
    assert joint == Configuration((1, 2), (1, 2, 3), learners_next=(3,))


def test_a_waiting_member_may_be_promoted_back_or_removed() -> None:
    start = Configuration((1, 2, 3))
    assert enter_joint(start, False, [learn(3), add(3)]) == Configuration((1, 2, 3), (1, 2, 3))
    assert enter_joint(start, False, [learn(3), remove(3)]) == Configuration((1, 2), (1, 2, 3))


def test_a_new_member_becomes_a_learner_at_once_though_joint() -> None:
    joint = enter_joint(Configuration((1, 2)), True, [learn(3), remove(2)])
    assert joint == Configuration((1,), (1, 2), (3,), auto_leave=True)


def test_a_removed_voter_is_a_member_until_the_joint_configuration_is_left() -> None:
    joint = enter_joint(Configuration((1, 2, 3)), True, [remove(1), add(4)])
    assert joint.members == (1, 2, 3, 4)
    assert leave_joint(joint).members == (2, 3, 4)


def test_joint_may_be_entered_without_a_change() -> None:
    assert enter_joint(Configuration((1, 2)), False, []) == Configuration((1, 2), (1, 2))


def test_joint_is_not_entered_twice() -> None:
    with pytest.raises(ConfigChangeRefused, match="config is already joint"):
        enter_joint(Configuration((1, 2), (1,)), True, [add(3)])


def test_nobody_cannot_go_joint() -> None:
    with pytest.raises(ConfigChangeRefused, match="can't make a zero-voter config joint"):
        enter_joint(Configuration(()), True, [add(1)])


def test_only_a_joint_configuration_is_left() -> None:
    with pytest.raises(ConfigChangeRefused, match="can't leave a non-joint config"):
        changed(Configuration((1,)), LEAVE)


def test_a_refusal_says_what_was_found_and_what_was_expected() -> None:
    with pytest.raises(ConfigChangeRefused) as refused:
        simple(Configuration((1, 2, 3)), [remove(1), add(4)])
    assert refused.value.reason == "more than one voter changed without entering joint config"
    assert str(refused.value).endswith(
        "found changes of the voters (1 4) at once, expected one at most, or a joint change"
    )


# What holds in each configuration


@pytest.mark.parametrize(
    "broken",
    [
        Configuration((2, 1)),
        Configuration((1, 1)),
        Configuration((0, 1)),
        Configuration((1,), (3, 2)),
        Configuration((1,), learners=(3, 2)),
        Configuration((1,), (1, 2, 3), learners_next=(3, 2)),
        Configuration((1, 2), learners=(2,)),
        Configuration((1,), (1, 2), learners=(2,)),
        Configuration((1, 2), learners_next=(3,)),
        Configuration((1, 2), (1,), learners_next=(3,)),
        Configuration((1, 2), (1, 2), learners_next=(2,)),
        Configuration((1, 2), auto_leave=True),
    ],
    ids=str,
)
def test_a_configuration_that_no_change_leads_to_is_refused(broken: Configuration) -> None:
    with pytest.raises(ConfigChangeRefused):
        check_invariants(broken)
    steps: list[Callable[[], Configuration]] = [
        lambda: simple(broken, [add(9)]),
        lambda: enter_joint(broken, True, [add(9)]),
        lambda: leave_joint(broken),
    ]
    for step in steps:
        with pytest.raises(ConfigChangeRefused) as refused:
            step()
        assert not refused.value.reason.startswith(("can't", "config is already"))


@thoroughly
@given(st.lists(config_changes, max_size=12))
def test_no_sequence_of_changes_breaks_the_invariants_or_parts_two_quorums(
    sequence: list[ConfigChange],
) -> None:
    """Raft §6, Thesis §4.1: any quorum before and any quorum after have a member in common."""
    configuration = Configuration((1,))
    for change in sequence:
        try:
            following = changed(configuration, change)
        except ConfigChangeRefused:
            continue
        check_invariants(following)
        assert following.voters
        assert share_a_member_in_any_two_quorums(configuration, following)
        configuration = following


def test_the_overlap_check_sees_quorums_that_miss_each_other() -> None:
    """The check above is no empty one: what a simple step refuses, it refuses too."""
    old, new = Configuration((1, 2, 3)), Configuration((1, 2, 4))
    assert not share_a_member_in_any_two_quorums(old, new)
    both = Configuration((1, 2, 4), (1, 2, 3))
    assert share_a_member_in_any_two_quorums(old, both)
    assert share_a_member_in_any_two_quorums(both, new)


def test_two_changes_in_flight_part_the_quorums() -> None:
    """Each step alone is legal; who skips one may find itself with a quorum of its own."""
    start = Configuration((1, 2, 3))
    once = simple(start, [remove(1)])
    twice = simple(once, [remove(2)])
    assert share_a_member_in_any_two_quorums(start, once)
    assert share_a_member_in_any_two_quorums(once, twice)
    assert not share_a_member_in_any_two_quorums(start, twice)


@thoroughly
@given(plain_configurations(smallest=0), change_lists)
def test_a_simple_step_equals_the_last_wish_of_each_member(
    start: Configuration, changes: list[Change]
) -> None:
    roles = wishes(start, changes)
    voters = having(roles, "voter")
    legal = bool(voters) and len(voters ^ set(start.voters)) <= 1
    if not legal:
        with pytest.raises(ConfigChangeRefused):
            simple(start, changes)
        return
    result = simple(start, changes)
    assert result.voters == tuple(sorted(voters))
    assert result.learners == tuple(sorted(having(roles, "learner")))
    assert (result.outgoing, result.learners_next, result.auto_leave) == ((), (), False)


@thoroughly
@given(plain_configurations(), change_lists)
def test_whatever_a_simple_step_accepts_keeps_the_quorums_together(
    start: Configuration, changes: list[Change]
) -> None:
    """Thesis §4.1, also for lists of changes that `changed` would send through joint."""
    try:
        result = simple(start, changes)
    except ConfigChangeRefused:
        return
    assert share_a_member_in_any_two_quorums(start, result)


@thoroughly
@given(plain_configurations(), change_lists, st.booleans())
def test_entering_and_leaving_joint_equals_the_last_wish_of_each_member(
    start: Configuration, changes: list[Change], auto_leave: bool
) -> None:
    roles = wishes(start, changes)
    voters, learners = having(roles, "voter"), having(roles, "learner")
    assume(voters)
    joint = enter_joint(start, auto_leave, changes)
    assert joint.auto_leave is auto_leave
    assert joint.outgoing == start.voters
    assert joint.voters == tuple(sorted(voters))
    assert joint.learners == tuple(sorted(learners - set(start.voters)))
    assert joint.learners_next == tuple(sorted(learners & set(start.voters)))
    left = leave_joint(joint)
    assert left == Configuration(tuple(sorted(voters)), learners=tuple(sorted(learners)))
    assert share_a_member_in_any_two_quorums(start, joint)
    assert share_a_member_in_any_two_quorums(joint, left)


@thoroughly
@given(plain_configurations(), change_lists)
def test_learners_alone_neither_win_an_election_nor_commit(
    start: Configuration, changes: list[Change]
) -> None:
    assume(having(wishes(start, changes), "voter"))
    joint = enter_joint(start, True, changes)
    for configuration in (start, joint, leave_joint(joint)):
        votes = dict.fromkeys(configuration.learners, True)
        acknowledged = dict.fromkeys(configuration.learners, INFINITE)
        both = (configuration.voters, configuration.outgoing)
        assert joint_vote_result(*both, votes) is VoteResult.PENDING
        assert joint_committed_index(*both, acknowledged) == 0


# Narration


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ConfigChange((add(4), remove(1))), "add voter S4, remove S1"),
        (ConfigChange((learn(4),)), "add learner S4"),
        (ConfigChange((update(4),), legacy=True), "update S4"),
        (ConfigChange((add(0),)), "change no member"),
        (LEAVE, "leave the joint configuration"),
        (ConfigChange((add(4),), Transition.JOINT_IMPLICIT),
         "add voter S4, by a joint configuration"),
        (ConfigChange((), Transition.JOINT_EXPLICIT),
         "change no member, by a joint configuration that stays until told to leave"),
    ],
)  # fmt: skip
def test_a_change_in_words(change: ConfigChange, words: str) -> None:
    assert describe(change) == words


def test_the_narrator_may_name_members_otherwise() -> None:
    change = ConfigChange((add(10),))
    assert describe(change, name=lambda member: f"{member:x}") == "add voter a"


def test_members_are_said_in_words():
    assert members_in_words(Configuration((1, 2, 3))) == "S1 S2 S3"
    assert members_in_words(Configuration(())) == "nobody"
    joint = Configuration((1, 2), (1, 2, 3), (4,), (3,))
    assert members_in_words(joint) == "S1 S2 jointly with S1 S2 S3, learner S4, then learner S3"
