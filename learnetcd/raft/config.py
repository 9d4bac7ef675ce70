"""Every knob of a core, and the profiles: named sets of knobs.

A profile is data. No code asks for a profile's name; it asks for the knob, so that each difference
between the paper and etcd is one line here and one lesson.

    paper      the extended paper, to the letter where it speaks
    etcd-3.3   an empty entry at each new term, check-quorum, commit index remembered
    etcd-3.5   adds pre-vote

Next page: `log`.
"""

from __future__ import annotations

from enum import Enum

from learnetcd.raft.parts import OURS, Parts
from learnetcd.raft.rules import SOUND, Rules
from learnetcd.value import dataclass

UNLIMITED = 1 << 62
"""A limit that nothing reaches."""


class ReadOption(Enum):
    """How a leader makes sure that it still leads before it gives out a read index."""

    SAFE = "safe"
    """By a round of heartbeats."""
    LEASE = "lease"
    """By its clock: rests on check-quorum and on clocks that run at nearly one speed."""


@dataclass(frozen=True, slots=True)
class Config:
    """The knobs of one member."""

    election_ticks: int = 10
    """A follower waits from this many ticks to just under twice as many, drawn anew each time."""
    heartbeat_ticks: int = 1
    """A leader sends heartbeats this often."""
    tick_ms: int = 100
    """The length of a tick."""

    max_append_bytes: int = 1 << 20
    """Entries in one message: together no more bytes than this, but at least one entry."""
    max_apply_bytes: int = UNLIMITED
    """Committed entries that are being applied at one time: together no more bytes than this."""
    max_uncommitted_bytes: int = UNLIMITED
    """Payloads that a leader holds uncommitted before it drops proposals."""
    max_inflight_appends: int = 256
    """Appends on the way to one follower before the leader waits for an answer."""
    max_inflight_bytes: int = UNLIMITED

    pre_vote: bool = False
    """Ask whether an election could be won before raising the term (Thesis §9.6)."""
    check_quorum: bool = False
    """A leader that hears no quorum for an election timeout steps down; members that hear a leader
    ignore candidates (Raft §6, Thesis §6.2)."""
    read_option: ReadOption = ReadOption.SAFE
    forward_proposals: bool = True
    """A follower passes proposals to its leader instead of dropping them."""
    check_changes: bool = True
    """Changes of members are checked by `START_CHANGE` before they enter the log."""
    step_down_on_removal: bool = False
    """A leader that removed itself steps down when the change is applied."""

    empty_entry: bool = True
    """A new leader begins its term with an empty entry, and so commits what is older (Raft §8)."""
    answer_old_terms: bool = False
    """Requests of an older term are refused aloud (Raft Figure 2), not in silence as in etcd."""
    remember_commit_index: bool = True
    """The commit index is part of the hard state, as in etcd; in the paper it is volatile.
    (Up to the last committed change of members, and up to the last snapshot, it is remembered in
    any case.)"""

    snapshot_entries: int = UNLIMITED
    """The member takes a snapshot when more entries than this were applied since the last one."""
    keep_entries: int = 5_000
    """Entries kept before a snapshot, for followers that are only a little behind."""
    request_timeout_ms: int = 5_000
    """A client is told "unknown" when its request has waited this long."""
    hold_proposals: bool = False
    """A member keeps what is proposed while nobody leads until somebody does, as etcd's servers do;
    otherwise it is dropped, as by etcd's Raft core. And what comes while its disk is busy is
    proposed as one, as soon as it is not; otherwise each for itself, at once."""
    expiry_ms: int = 500
    """A leader tells the cluster the time this often, while a key may expire."""

    rules: Rules = SOUND
    """The safety rules; a broken twin is for lessons only."""
    parts: Parts = OURS
    """What a learner's code does in place of ours; for lessons only, too."""

    def __post_init__(self) -> None:
        """Refuse knobs that can't work together."""
        if self.heartbeat_ticks <= 0:
            raise ValueError(f"heartbeat_ticks is {self.heartbeat_ticks}, expected at least 1")
        if self.election_ticks <= self.heartbeat_ticks:
            raise ValueError(
                f"election_ticks is {self.election_ticks}, expected more than "
                f"heartbeat_ticks ({self.heartbeat_ticks}): followers must not give up between"
            )
        if self.read_option is ReadOption.LEASE and not self.check_quorum:
            raise ValueError("lease reads need check_quorum: without it a lease never ends")


PROFILES = {
    "paper": Config(empty_entry=False, answer_old_terms=True, remember_commit_index=False),
    "etcd-3.3": Config(check_quorum=True),
    "etcd-3.5": Config(check_quorum=True, pre_vote=True),
}
