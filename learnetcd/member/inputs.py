"""What can happen to a member: one class for each kind of input.

An input is a fact that a driver reports: a timer came due, a message arrived, the disk finished.
Each carries `at`, the member's own clock in milliseconds; nothing else in a member knows the time.
The list of a member's inputs is its whole history: fed again, they give the same effects.

Next page: `effects`.
"""

from __future__ import annotations

from learnetcd.member.request import Request
from learnetcd.raft.messages import Message
from learnetcd.raft.rules import Rules
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """What all inputs have."""

    at: int
    """The member's clock when it happened, in milliseconds; it never falls."""


@dataclass(frozen=True, slots=True)
class TimerFired(Timed):
    """The member's next deadline has come: `Member.deadline()` said when that would be."""


@dataclass(frozen=True, slots=True)
class MessageReceived(Timed):
    """A message from another member arrived."""

    message: Message


@dataclass(frozen=True, slots=True)
class RequestSubmitted(Timed):
    """A client asks for something, and waits."""

    request_id: int
    """Chosen by the driver, unique in the whole run."""
    request: Request


@dataclass(frozen=True, slots=True)
class RequestCancelled(Timed):
    """A client went away: whatever it waited for, nobody is to be told of it."""

    request_id: int


@dataclass(frozen=True, slots=True)
class WallClockRead(Timed):
    """A wall clock was looked at: times to live, and nothing else, depend on it.

    From then on it runs with the member's own clock. A driver feeds one first of all, and again
    when it finds the two more than 100 ms apart.
    """

    wall_ms: int
    """Milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class WalSynced(Timed):
    """Everything written up to and including `batch` survives a power cut now."""

    batch: int


@dataclass(frozen=True, slots=True)
class SnapshotSaved(Timed):
    """The member's own snapshot at `index` is on disk."""

    index: int


@dataclass(frozen=True, slots=True)
class ApplyDue(Timed):
    """The driver lets committed entries through to the store, up to and including `through`."""

    through: int


@dataclass(frozen=True, slots=True)
class PeerUnreachable(Timed):
    """The transport could not deliver to `member`."""

    member: int


@dataclass(frozen=True, slots=True)
class SnapshotReported(Timed):
    """The transport is done with sending a snapshot to `member`."""

    member: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class CampaignAsked(Timed):
    """Stand for election now: what an election timer would do, without waiting for it."""


@dataclass(frozen=True, slots=True)
class TransferAsked(Timed):
    """Hand leadership to `target`."""

    target: int


@dataclass(frozen=True, slots=True)
class LeaderForgotten(Timed):
    """Forget who leads in this term, so that a vote may be given."""


@dataclass(frozen=True, slots=True)
class ElectionTimerSet(Timed):
    """A teacher sets the election timer: it fires after `ticks` ticks from now."""

    ticks: int


@dataclass(frozen=True, slots=True)
class RulesChanged(Timed):
    """A teacher switches safety rules off or on again."""

    rules: Rules


Input = (
    TimerFired
    | MessageReceived
    | RequestSubmitted
    | RequestCancelled
    | WallClockRead
    | WalSynced
    | SnapshotSaved
    | ApplyDue
    | PeerUnreachable
    | SnapshotReported
    | CampaignAsked
    | TransferAsked
    | LeaderForgotten
    | ElectionTimerSet
    | RulesChanged
)
"""Any of them: a `match` over an input can be checked to forget none."""
