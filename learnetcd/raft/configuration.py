"""Configuration: who the members are, who of them votes, and how that may change.

The members cannot all switch to a new set of voters at the same instant. While some still use
the old set and others already the new one, a majority of each could act without the other:

    old (1 2 3), new (1 2 3 4 5):     {1 2} is a majority of the old,  {3 4 5} one of the new

That would be two leaders in one term. So a configuration never takes a step larger than one whose
quorums still overlap, and there are two such steps:

- **Simple**: one voter more or one voter less. Any majority before and any majority after
  share a member (Thesis §4.1).
- **Joint**: any change, in two steps. First both sets of voters rule together and each decision
  needs a majority of both; then the outgoing half is dropped (Raft §6, Figure 11; Thesis §4.3).

A learner gets the log but is never counted; a new member had best start as one, so that its empty
log does not hold up the quorum while it catches up (Thesis §4.2.1). A voter that becomes a learner
in a joint step still votes in the outgoing half, so it waits in `learners_next`:

    voters=(1 2 3)                                         4 shall replace 3
      enter joint: add voter 4, add learner 3
    voters=(1 2 4)&&(1 2 3) learners_next=(3)              3 still votes, in the outgoing half
      leave joint
    voters=(1 2 4) learners=(3)

All this is data and pure functions: `changed(configuration, change)` is the next configuration,
or raises `ConfigChangeRefused`.

Source: Raft §6; Thesis chapter 4; etcd/raft confchange/confchange.go, raftpb/confchange.go.

What goes wrong without it. Swap 3 for 4 in a simple step and {1 3} of (1 2 3) misses {2 4} of
(1 2 4): two leaders, or an acknowledged write that is lost. Let a member be voter and learner at
once and a log that may still be empty is counted. And legal steps are unsafe too when two are in
flight: "remove 1" and "remove 2" turn (1 2 3) into (3) for a member that applied both, so {3}
decides alone, while {1 2} decide for those who applied neither.

Left out: that last danger. This page knows one configuration and one change; it is the leader who
lets only one change at a time into the log.

Differs: Raft §6 and Thesis §4.1 use a configuration from the moment it is in the log. As in etcd,
ours acts when its entry is applied, so it is never rolled back with a truncated log.

Next page: `chunks`, in which logs are kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum
from typing import assert_never

from learnetcd.tracing import member_name
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Configuration:
    """Who the members are at one moment, and what each counts for.

    Each tuple is sorted. A learner is no voter in either half; who waits in `learners_next` is a
    voter of the outgoing half only; `auto_leave` is set only while joint (`check_invariants`).
    """

    voters: tuple[int, ...]
    """Members whose majority decides; while joint, the incoming half."""
    outgoing: tuple[int, ...] = ()
    """While joint, the voters of before, whose majority is needed too; otherwise empty."""
    learners: tuple[int, ...] = ()
    """Members who get the log and are never counted."""
    learners_next: tuple[int, ...] = ()
    """Outgoing voters who become learners when the joint configuration is left."""
    auto_leave: bool = False
    """While joint: the leader itself proposes to leave, as soon as entering is applied."""

    @property
    def joint(self) -> bool:
        """Whether two sets of voters rule together."""
        return bool(self.outgoing)

    @property
    def members(self) -> tuple[int, ...]:
        """Everybody who gets the log, sorted: replay must give the same order."""
        # Those in learners_next are among the outgoing voters.
        return tuple(sorted({*self.voters, *self.outgoing, *self.learners}))

    def is_voter(self, member: int) -> bool:
        """Whether a majority may need this member, in either half."""
        return member in self.voters or member in self.outgoing

    def is_learner(self, member: int) -> bool:
        """Whether this member gets the log without being counted."""
        return member in self.learners

    def __str__(self) -> str:
        """The notation of etcd's own tests and logs."""
        text = f"voters={_listed(self.voters)}"
        if self.outgoing:
            text += f"&&{_listed(self.outgoing)}"
        if self.learners:
            text += f" learners={_listed(self.learners)}"
        if self.learners_next:
            text += f" learners_next={_listed(self.learners_next)}"
        if self.auto_leave:
            text += " autoleave"
        return text


def _listed(members: tuple[int, ...]) -> str:
    return f"({' '.join(map(str, members))})"


class ChangeKind(Enum):
    """What can be done to one member."""

    ADD_VOTER = "add voter"
    """Make the member a voter: a new one, or a learner that is promoted."""
    ADD_LEARNER = "add learner"
    """Make the member a learner: a new one, or a voter that is demoted."""
    REMOVE = "remove"
    """Take the member out, whatever it is."""
    UPDATE = "update"
    """Something that Raft doesn't look at, such as the member's address, is changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done to one member."""

    kind: ChangeKind
    """What is done."""
    member: int
    """To whom. 0 is nobody: etcd nullifies a change that it decided against in that way."""


class Transition(Enum):
    """Which of the two steps a change takes, and who ends a joint one."""

    AUTO = "auto"
    """Simple for a single change; several go through a joint configuration that leaves itself."""
    JOINT_IMPLICIT = "joint implicit"
    """Joint even for a single change; the leader leaves it by itself."""
    JOINT_EXPLICIT = "joint explicit"
    """Joint even for a single change, until somebody proposes to leave: time to look around."""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """The content of a log entry that changes the configuration."""

    changes: tuple[Change, ...]
    """What is done, in this order. Empty, with the transition left at AUTO: leave joint."""
    transition: Transition = Transition.AUTO
    """How to get there."""
    context: bytes = b""
    """Words of the proposer to those who apply the entry, say a peer URL. Raft never reads them."""
    legacy: bool = False
    """The entry is of etcd's older kind, which holds exactly one change and is always simple."""

    def __post_init__(self) -> None:
        """Hold the older kind to what its bytes can say."""
        if self.legacy:
            assert len(self.changes) == 1, f"a legacy change holds one, not {len(self.changes)}"
            assert self.transition is Transition.AUTO, f"legacy cannot say {self.transition.value}"

    @property
    def leaves_joint(self) -> bool:
        """Whether this is the second step of a joint change (etcd/raft ConfChangeV2.LeaveJoint)."""
        # Nothing to change but a joint transition asked for is no leaving: it enters.
        return not self.changes and self.transition is Transition.AUTO

    @property
    def enters_joint(self) -> bool:
        """Whether this is the first step of a joint change (etcd/raft ConfChangeV2.EnterJoint)."""
        # Two changes might still be one simple step (two new learners, say), but whether they are
        # depends on the configuration that they meet. As etcd, we spend a joint step instead.
        return self.transition is not Transition.AUTO or len(self.changes) > 1

    @property
    def leaves_automatically(self) -> bool:
        """Whether the joint configuration that this change enters ends by itself."""
        return self.enters_joint and self.transition is not Transition.JOINT_EXPLICIT


class ConfigChangeRefused(ValueError):
    """The change is illegal in this configuration; the configuration stays as it was."""

    def __init__(self, reason: str, found: object, expected: str) -> None:
        """Keep the three parts apart: `reason` is what etcd calls it."""
        super().__init__(reason, found, expected)
        self.reason = reason
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.reason}: found {self.found}, expected {self.expected}"


def changed(configuration: Configuration, change: ConfigChange) -> Configuration:
    """The configuration after the entry with this change is applied."""
    if change.leaves_joint:
        return leave_joint(configuration)
    if change.enters_joint:
        return enter_joint(configuration, change.leaves_automatically, change.changes)
    return simple(configuration, change.changes)


def simple(configuration: Configuration, changes: Iterable[Change]) -> Configuration:
    """Change at most one voter, in one step."""
    check_invariants(configuration)
    if configuration.joint:
        raise ConfigChangeRefused(
            "can't apply simple config change in joint config",
            configuration,
            "a configuration without an outgoing half; leave the joint one first",
        )
    result = _with_changes(configuration, changes)
    # Thesis §4.1: majorities of n and of n + 1 voters overlap. Two voters changed, or one swapped
    # for another, is already too much. Learners are free: no majority counts them.
    moved = sorted(set(configuration.voters) ^ set(result.voters))
    if len(moved) > 1:
        raise ConfigChangeRefused(
            "more than one voter changed without entering joint config",
            f"changes of the voters {_listed(tuple(moved))} at once",
            "one at most, or a joint change",
        )
    check_invariants(result)
    return result


def enter_joint(
    configuration: Configuration, auto_leave: bool, changes: Iterable[Change]
) -> Configuration:
    """Let the voters of now and of after the changes rule together."""
    check_invariants(configuration)
    if configuration.joint:
        # A third set of voters would need a third majority: finish one change first.
        raise ConfigChangeRefused(
            "config is already joint",
            configuration,
            "a configuration without an outgoing half; leave the joint one first",
        )
    if not configuration.voters:
        raise ConfigChangeRefused(
            "can't make a zero-voter config joint", configuration, "at least one voter"
        )
    both_halves = replace(configuration, outgoing=configuration.voters, auto_leave=auto_leave)
    result = _with_changes(both_halves, changes)
    check_invariants(result)
    return result


def leave_joint(configuration: Configuration) -> Configuration:
    """Drop the outgoing half; who waited to become a learner is one now."""
    check_invariants(configuration)
    if not configuration.joint:
        raise ConfigChangeRefused(
            "can't leave a non-joint config", configuration, "a configuration with an outgoing half"
        )
    result = Configuration(
        voters=configuration.voters,
        learners=tuple(sorted({*configuration.learners, *configuration.learners_next})),
    )
    check_invariants(result)
    return result


def _with_changes(configuration: Configuration, changes: Iterable[Change]) -> Configuration:
    """Do one change after the other; a voter must be left at the end, not at each step."""
    result = configuration
    for change in changes:
        if change.member != 0:  # a nullified change is skipped
            result = _with_change(result, change)
    # An empty configuration may be started from (that is how the first voter comes in), never
    # arrived at: nobody could ever decide anything again, not even to add a voter.
    if not result.voters:
        raise ConfigChangeRefused("removed all voters", result, "at least one voter to be left")
    return result


def _with_change(configuration: Configuration, change: Change) -> Configuration:
    match change.kind:
        case ChangeKind.ADD_VOTER:
            return _with_voter(configuration, change.member)
        case ChangeKind.ADD_LEARNER:
            return _with_learner(configuration, change.member)
        case ChangeKind.REMOVE:
            return _without(configuration, change.member)
        case ChangeKind.UPDATE:
            return configuration
        case _:
            assert_never(change.kind)


def _with_voter(configuration: Configuration, member: int) -> Configuration:
    rest = _without(configuration, member)
    return replace(rest, voters=_inserted(rest.voters, member))


def _with_learner(configuration: Configuration, member: int) -> Configuration:
    rest = _without(configuration, member)
    if member in rest.outgoing:
        # Its vote still counts in the outgoing half, and one who votes is no learner: wait.
        return replace(rest, learners_next=_inserted(rest.learners_next, member))
    return replace(rest, learners=_inserted(rest.learners, member))


def _without(configuration: Configuration, member: int) -> Configuration:
    # The outgoing half is history and stays as it is: its majority is still asked.
    return replace(
        configuration,
        voters=_dropped(configuration.voters, member),
        learners=_dropped(configuration.learners, member),
        learners_next=_dropped(configuration.learners_next, member),
    )


def _inserted(members: tuple[int, ...], member: int) -> tuple[int, ...]:
    return tuple(sorted({*members, member}))


def _dropped(members: tuple[int, ...], member: int) -> tuple[int, ...]:
    return tuple(other for other in members if other != member)


def check_invariants(configuration: Configuration) -> None:
    """Refuse a configuration that no legal changes lead to (etcd/raft confchange checkInvariants).

    Checked before and after each change: one that came from a snapshot may be anything.
    """
    for members in (
        configuration.voters,
        configuration.outgoing,
        configuration.learners,
        configuration.learners_next,
    ):
        if 0 in members or list(members) != sorted(set(members)):
            raise ConfigChangeRefused(
                "members out of order", _listed(members), "each id once, above 0, ascending"
            )
    voters = {*configuration.voters, *configuration.outgoing}
    if voters.intersection(configuration.learners):
        raise ConfigChangeRefused(
            "a learner votes", configuration, "learners to be in neither half of the voters"
        )
    # Each one waits because its vote in the outgoing half keeps it from being a learner at once.
    if not set(configuration.learners_next).issubset(configuration.outgoing):
        raise ConfigChangeRefused(
            "a learner waits for nothing", configuration, "learners_next to be outgoing voters"
        )
    if set(configuration.learners_next).intersection(configuration.voters):
        raise ConfigChangeRefused(
            "a demoted voter stays a voter",
            configuration,
            "learners_next to be no voters of the incoming half",
        )
    if configuration.auto_leave and not configuration.joint:
        raise ConfigChangeRefused(
            "auto_leave must be false when not joint", configuration, "an outgoing half to leave"
        )


def short_name(member: int) -> str:
    """The name of a member in lessons: S4."""
    return member_name(member)


def members_in_words(configuration: Configuration, name: Callable[[int], str] = short_name) -> str:
    """The members in words: "S1 S2 S3", "S1 S2, learner S3", "S1 S2 S4 jointly with S1 S2 S3"."""

    def listed(members: tuple[int, ...]) -> str:
        return " ".join(name(member) for member in members)

    words = listed(configuration.voters) or "nobody"
    if configuration.outgoing:
        words += f" jointly with {listed(configuration.outgoing)}"
    if configuration.learners:
        words += f", learner {listed(configuration.learners)}"
    if configuration.learners_next:
        words += f", then learner {listed(configuration.learners_next)}"
    return words


def describe(change: ConfigChange, name: Callable[[int], str] = short_name) -> str:
    """The change in words: "add voter S4, remove S1"."""
    if change.leaves_joint:
        return "leave the joint configuration"
    parts = [f"{one.kind.value} {name(one.member)}" for one in change.changes if one.member != 0]
    words = ", ".join(parts) or "change no member"
    if change.transition is Transition.JOINT_IMPLICIT:
        return f"{words}, by a joint configuration"
    if change.transition is Transition.JOINT_EXPLICIT:
        return f"{words}, by a joint configuration that stays until told to leave"
    return words
