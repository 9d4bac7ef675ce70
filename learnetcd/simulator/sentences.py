"""Sentences: how what happens is told, by members and about the world around them.

    event   S2 leads term 1: it has the votes of S1, S2.         a member told it itself
    act     Cut: S1 no longer reaches S3.                        nobody was there to tell it
    silence S3 heard the heartbeat reply of S1: nothing new.     it happened, and changed nothing

A member that is watched says what it does (`learnetcd.tracing`). What is done *to* it, or to the
network, has no member to speak for it; the words for that are here. All who tell a run, on a screen
or as plain text, take their sentences from this page, so a reader meets the same ones everywhere.

Next page: `acts`.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.member.command import Expiry
from learnetcd.member.request import KeyRequest
from learnetcd.simulator import moment
from learnetcd.simulator.decisions import (
    Cancel,
    Crash,
    Cut,
    Decision,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Heal,
    Hold,
    HoldGate,
    OpenGate,
    PassTime,
    Pause,
    Receive,
    Release,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    SetTimer,
    SetWallClock,
    SetWeather,
    Skew,
    StartMember,
    Submit,
)
from learnetcd.simulator.interventions import message_of
from learnetcd.simulator.machine import EXACT, GATES
from learnetcd.simulator.network import describe_cut
from learnetcd.simulator.words import (
    KINDS,
    answer_text,
    message_kind,
    message_text,
    moment_text,
    request_text,
)
from learnetcd.simulator.world import World
from learnetcd.tracing import TraceEvent, member_name
from learnetcd.tracing.clients import (
    RequestAnswered,
    RequestForgotten,
    RequestReceived,
    RequestTimedOut,
    WatchBegan,
    WatcherTold,
    WatchLost,
)
from learnetcd.tracing.elections import OldTermIgnored
from learnetcd.tracing.storage import DeadlineSet, EntryApplied, KeysExpired

KINDS_BY_NAME = {kind.__name__: words for kind, words in KINDS.items()}
"""What each kind of message is called, by the name of its class."""


def event_sentence(event: TraceEvent, member: int) -> str:
    """Say a trace event; requests in the words of this screen, not as they are held in memory."""
    me = member_name(member)
    match event:
        case RequestReceived(request_id=number, request=request):
            return f"{me} is asked by client c{number}: {request_text(request)}."  # type: ignore[arg-type]  # tracing knows no requests
        case RequestAnswered(request_id=number, request=request, answer=answer):
            return f"{me} answers client {asked(number, request)}: {answer_text(request, answer)}."  # type: ignore[arg-type]  # see above
        case RequestTimedOut(request_id=number, request=request, waited_ms=waited):
            return (
                f"{me} gives up on client {asked(number, request)} after {waited} ms: "
                "it may have happened, and it may still happen."
            )
        case WatchBegan(request_id=number, request=request):
            return f"{me} lets client {asked(number, request)} wait for an event."
        case WatcherTold(request_id=number, action=action, key=key, etcd_index=index):
            what = f"{action} {key.lstrip('/')} at etcd index {index}"
            return f"{me} tells client c{number}, who watches: {what}."
        case WatchLost():
            return event.sentence(me).replace("request ", "client c", 1)
        case RequestForgotten(request_id=number):
            return f"{me} forgets client c{number}, who went away."
        case EntryApplied(command=Expiry(cutoff_ns=cutoff_ns)):
            when = moment_text(cutoff_ns)
            return f"{me} applies entry {event.index}: it is {when} by the leader's clock."
        case EntryApplied(command=KeyRequest() as command):
            return replace(event, command=request_text(command)).sentence(me)
        case DeadlineSet(key=key):
            return replace(event, key=key.lstrip("/")).sentence(me)
        case KeysExpired(keys=keys):
            return replace(event, keys=tuple(key.lstrip("/") for key in keys)).sentence(me)
        case OldTermIgnored(what=what):
            return replace(event, what=KINDS_BY_NAME.get(what, what)).sentence(me)
        case _:
            return event.sentence(me)


def asked(number: int, request: object) -> str:
    """Who asked for what: `c3 (put x=B)`."""
    return f"c{number} ({request_text(request)})"  # type: ignore[arg-type]  # see above


# --- what happens to the world ------------------------------------------------------------------


def act_sentence(world: World, decision: Decision) -> str:
    """Say what a person, or the weather, did to the world; empty for the members' own doings."""
    match decision:
        case Cut(links=links):
            return _cut_sentence(describe_cut(links, world.member_ids))
        case Heal():
            return "All links are whole again."
        case Crash(member=member, kept=kept, torn=torn):
            also = f" and {kept} record{'s' * (kept > 1)} more" if kept else ""
            also += ", and maybe parts of what was being written" if torn else ""
            return f"{member_name(member)} crashes: all is lost but what its disk had synced{also}."
        case Restart(member=member):
            return f"{member_name(member)} starts again from its disk."
        case StartMember(member=member):
            return f"{member_name(member)} starts, with an empty disk."
        case Pause(member=member):
            return f"{member_name(member)} is paused: its clock goes on, its process does not."
        case HoldGate(member=member, gate=gate):
            return f"The gate {gate} of {member_name(member)} is held: {GATES[gate]}."
        case OpenGate(member=member, gate=gate):
            return f"The gate {gate} of {member_name(member)} is open again."
        case Resume(member=member):
            return f"{member_name(member)} goes on."
        case Skew(member=member, rate=rate):
            return f"{member_name(member)}'s clock runs {rate / EXACT:g} times as fast from now on."
        case SetWallClock(member=member, wall_ms=wall_ms):
            return f"{member_name(member)} looks at a wall clock: {moment_text(wall_ms * 10**6)}."
        case Cancel(member=member, request_id=number):
            return f"Client c{number} of {member_name(member)} goes away."
        case SetTimer(member=member, ticks=ticks):
            return f"{member_name(member)}'s election timer is set to fire in {ticks} ticks."
        case SetRule(rule=rule, on=on, member=member):
            whose = f" at {member_name(member)}" if member else ""
            return f"The rule {rule} is {'on' if on else 'off'} from now on{whose}."
        case SetProfile(profile=profile, member=member):
            whose = member_name(member) if member else "each member"
            return f"The profile {profile} holds from the next start of {whose}."
        case Delay(sender=sender, receiver=receiver, low=low, high=high):
            link = f"from {member_name(sender)} to {member_name(receiver)}"
            return f"Messages {link} take {low} to {high} ms from now on."
        case SetWeather():
            return "The weather on the network changes."
        case PassTime():
            return "Time passes."
        case Drop() | Hold() | Release() | Duplicate():
            return _message_sentence(world, decision)
        case _:
            return ""


def _cut_sentence(cut: str) -> str:
    """Say a cut: `1|23` is a wall, `1>3 3>2` are single ways."""
    if "|" in cut:
        sides = (" ".join(member_name(int(digit)) for digit in side) for side in cut.split("|"))
        return f"Cut {cut}: no message passes between {' and '.join(sides)}."
    ways = (f"S{way[0]} no longer reaches S{way[-1]}" for way in cut.split())
    return f"Cut: {', '.join(ways)}."


def _message_sentence(world: World, decision: Drop | Hold | Release | Duplicate) -> str:
    """Say what befell a message."""
    sender, receiver = decision.sender, decision.receiver
    key = (sender, receiver, decision.number, decision.copy)
    packet = world.network.packets.get(key)
    link = f"{member_name(sender)}→{member_name(receiver)}"
    what = f"{message_text(packet.message)} {link}" if packet else "A message"
    match decision:
        case Hold():
            return f"Held: {what}."
        case Release():
            return f"Released: {what}."
        case Duplicate():
            return f"Doubled: {what}."
        case Drop():
            return f"Lost{_why_lost(world, sender, receiver)}: {what}."


def _why_lost(world: World, sender: int, receiver: int) -> str:
    if not world.alive(receiver):
        return f", because {member_name(receiver)} is down"
    return " at the cut" if (sender, receiver) in world.cuts else ""


def arrival_sentence(world: World, decision: Decision) -> str:
    """Say what will happen, should nobody have anything to tell of it."""
    match decision:
        case Deliver(sender=sender, receiver=receiver, number=number, copy=copy):
            packet = world.network.packets.get((sender, receiver, number, copy))
            what = message_kind(packet.message) if packet else "message"
            return (
                f"{member_name(receiver)} heard the {what} of {member_name(sender)}: nothing new."
            )
        case Receive(member=member, data=data):
            message = message_of(data)
            what = f"{message_kind(message)} of {member_name(message.sender)}"
            return f"{member_name(member)} heard the {what}: nothing new."
        case Submit(member=member, request_id=number):
            return f"{member_name(member)} is down: client c{number} is refused."
        case _:
            name = member_name(moment.member_of(decision))
            return f"{name} went on: nothing new."
