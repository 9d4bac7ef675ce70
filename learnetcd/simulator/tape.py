"""A tape: a live run, written down while it runs.

    what the driver tells a member               what is written
    WallClockRead(at=0, wall_ms=...)             wall-clock S1 1784793600000
    CampaignAsked(at=0)                          campaign S1
    WalSynced(at=3, batch=2)                     until 3
                                                 sync S1 2
    ApplyDue(at=3, through=4)                    apply S1 4
    RequestSubmitted(at=812, 75..., PUT /x 1)    until 812
                                                 put S1 c7587... /x 1

A member is a function of its inputs. So whoever writes down what it began with and every input, in
order and with its time, has the whole run; and as each input is also a decision of the simulator,
the tape is a recording like any other: played again it gives the same log and the same store. One
can step back in it, ask why, and go on otherwise than it went.

Check lines come every 250 decisions, and cost the same however long the run is. A server that is
killed writes no last one; what was written until then can be played all the same.

**Of several members**, each records its own part:

    MessageReceived(at=905, AppendEntries ...)   receive S1027... 0803108da4...   in etcd's bytes
    SnapshotReported(at=990, peer, True)         delivered S1027... S3338... on

So nothing is missing of what this member was told, and its log, its commit index and its store come
out again. What it said is gone, for nobody is there to hear it; and no invariant of the cluster is
judged, for it takes all members to do that.

Next page: `moment`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import assert_never

from learnetcd.errors import UserError
from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    ElectionTimerSet,
    Input,
    LeaderForgotten,
    MessageReceived,
    PeerUnreachable,
    RequestCancelled,
    RequestSubmitted,
    RulesChanged,
    SnapshotReported,
    SnapshotSaved,
    TimerFired,
    TransferAsked,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.peer import messages
from learnetcd.raft.config import PROFILES, UNLIMITED, Config, ReadOption
from learnetcd.raft.entry import Stored
from learnetcd.simulator.beginning import Beginning
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Cancel,
    Decision,
    FireTimer,
    ForgetLeader,
    KeepSnapshot,
    PassTime,
    Receive,
    Report,
    SetTimer,
    SetWallClock,
    Submit,
    Sync,
    TellDelivered,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.digest import RECENT, mark_of_members
from learnetcd.simulator.recording import Mark, Pen
from learnetcd.simulator.setup import Knob, Setup
from learnetcd.simulator.timeline import FRAME


class Tape:
    """Writes down what happens to one member."""

    def __init__(
        self,
        member: Member,
        stored: Stored,
        *,
        seed: int,
        wall_ms: int,
        profile: str,
        write: Callable[[str], object],
        title: str = "",
        others: bool = False,
    ) -> None:
        """Begin with a member that was just made of `stored`; `write` takes line after line.

        `others`: whether it is one of several.
        """
        assert member.started_at == 0, "a tape begins when the member's clock does"
        self._member = member
        self._decision_of = decision_in_part if others else decision_of
        self._now = 0
        self._pen = Pen(
            Setup(
                members=(member.id,),
                seed=seed,
                profile=profile,
                knobs=knobs_of(member.config, profile),
                # Nothing takes time by itself: what happened happened when it did.
                network_ms=(0, 0),
                disk_ms=(0, 0),
                apply_ms=(0, 0),
                wall_ms=wall_ms,
                beginnings=(Beginning.of(member.id, stored),),
                others_outside=others,
            ),
            title,
            write,
        )
        self._next_check = FRAME

    def note(self, input: Input) -> None:
        """Write down what the member is going to be told."""
        if self._pen.steps >= self._next_check:
            self._check(last=False)
            self._next_check = self._pen.steps + FRAME
        if input.at > self._now:
            self._now = input.at
            self._pen.write(PassTime(input.at))
        self._pen.write(self._decision_of(self._member.id, input))

    def end(self) -> None:
        """Say what it all has led to."""
        self._check(last=True)

    def _check(self, *, last: bool) -> None:
        digest = mark_of_members([self._member], None if last else RECENT)
        self._pen.check(Mark(self._pen.steps, self._now, digest, is_last=last))


def knobs_of(config: Config, profile: str) -> tuple[tuple[str, Knob], ...]:
    """Where a member's knobs differ from its profile's."""
    usual = PROFILES[profile]
    names = [field.name for field in fields(Config) if field.name != "rules"]
    return tuple(
        (name, _knob(getattr(config, name)))
        for name in names
        if getattr(config, name) != getattr(usual, name)
    )


def _knob(value: Knob | ReadOption) -> Knob:
    if isinstance(value, ReadOption):
        return value.value
    return "unlimited" if value == UNLIMITED else value


def decision_in_part(member: int, input: Input) -> Decision:
    """The same for a member of several, of whom the others are not there."""
    match input:
        case MessageReceived(_, message):
            return Receive(member, messages.encode(message).hex())
        case SnapshotReported(_, peer, delivered):
            return TellDelivered(member, peer, delivered)
        case _:
            return decision_of(member, input)


def decision_of(member: int, input: Input) -> Decision:
    """The decision by which a simulated member is told the same."""
    match input:
        case RequestSubmitted(_, request_id, request):
            return Submit(member, request_id, request)
        case RequestCancelled(_, request_id):
            return Cancel(member, request_id)
        case WalSynced(_, batch):
            return Sync(member, batch)
        case ApplyDue(_, through):
            return ApplyCommitted(member, through)
        case TimerFired():
            return FireTimer(member)
        case WallClockRead(_, wall_ms):
            return SetWallClock(member, wall_ms)
        case SnapshotSaved():
            return KeepSnapshot(member)
        case CampaignAsked():
            return Campaign(member)
        case ElectionTimerSet(_, ticks):
            return SetTimer(member, ticks)
        case TransferAsked(_, target):
            return Transfer(member, target)
        case LeaderForgotten():
            return ForgetLeader(member)
        case PeerUnreachable(_, peer):
            return TellUnreachable(member, peer)
        case SnapshotReported(_, peer, _):
            return Report(member, peer)
        case MessageReceived() | RulesChanged():
            raise UserError(
                "the tape of a member that is alone has no words for what others say: to record it"
                " as one of several, start it again"
            )
        case _:
            assert_never(input)
