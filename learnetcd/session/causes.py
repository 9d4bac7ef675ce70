"""What caused what: a walk back from a sentence to the act with which it began.

    S3 leads term 2: it has the votes of S1, S3.
      step 41   S3 took vote t2 yes from S1, sent in step 39
      step 39   S1 has term 2 and its vote on disk
      step 37   S1 votes for S3 in term 2 ...
      step 35   S3 votes for itself and stands in term 2, its election timer fired

No message and no event carries its cause. But every decision follows from a step: a delivery from
the one in which the message was sent, a sync from the one that wrote, a timer from the one that set
it. The world knows that number for its last decision, and that is all that a walk needs.

A walk is one line, but some steps have more causes than one: those are on the next page.

Next page: `origins`.
"""

from __future__ import annotations

from learnetcd.errors import UserError
from learnetcd.member.request import KeyRequest, Method, Outcome, ReadKind
from learnetcd.peer import messages
from learnetcd.raft.messages import InstallSnapshot, Message
from learnetcd.raft.roles import Leader
from learnetcd.session.entries import why_not_entry
from learnetcd.session.narration import Listener, Story
from learnetcd.session.pictures import result_text
from learnetcd.session.subjects import Explanation, Line
from learnetcd.session.truth import Truths
from learnetcd.session.views import Narration
from learnetcd.simulator import moment
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.decisions import Deliver
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.words import message_kind, message_text, request_text
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name
from learnetcd.tracing.elections import ElectionTimerDrawn
from learnetcd.tracing.replication import HeartbeatHeard
from learnetcd.tracing.storage import LogWritten

LONGEST_WALK = 16
"""So many sentences are told; a run has thousands."""

NEAR = 100
"""Most causes lie no more steps back than this."""

SHOWN_BYTES = 32
"""So many of a message's bytes are shown."""

PacketKey = tuple[int, int, int, int]


# --- sentences ------------------------------------------------------------------------------------


def why_event(timeline: Timeline, story: Story, event_id: tuple[int, int, int]) -> Explanation:
    """Walk back from a sentence of the story."""
    step = find_step(timeline, story, event_id)
    story.narration(step - NEAR, step)  # played once, remembered: most causes are among these
    told = story.narration(step, step)
    sentence = next((one for one in told if one.event_id == event_id), told[0])
    lines: list[Line] = [_line(one) for one in told if one is not sentence]
    cause = story.cause(step)
    while cause and len(lines) < LONGEST_WALK:
        lines += [_line(one) for one in telling(story.narration(cause, cause))]
        cause = story.cause(cause)
    return Explanation(sentence.text, tuple(lines[:LONGEST_WALK]))


def _line(narration: Narration) -> Line:
    return (" ", f"step {narration.step}: {narration.text}", narration.citation)


HOUSEKEEPING = {event.source for event in (ElectionTimerDrawn, LogWritten, HeartbeatHeard)}
"""What goes with many steps and explains few."""


def telling(told: tuple[Narration, ...]) -> tuple[Narration, ...]:
    """Of a step that was a cause, the sentences that say what it did."""
    return tuple(one for one in told if one.source not in HOUSEKEEPING) or told[:1]


def find_step(timeline: Timeline, story: Story, event_id: tuple[int, int, int]) -> int:
    """The step in which an event happened: the one that fed its member that input.

    A member's inputs are counted, so that is the first step after which it was fed so many.
    """
    member, number, _ = event_id

    def fed(world: World) -> bool:
        return member in world.member_ids and world.machine(member).inputs >= number

    step = number if member == 0 else story.step_of(event_id) or timeline.first_step(fed) or 0
    if not 1 <= step <= timeline.length:
        raise UserError("That did not happen on this branch.")
    return step


# --- messages -------------------------------------------------------------------------------------


def why_message(world: World, story: Story, key: PacketKey) -> Explanation:
    """Who sent it and why, where it is, and what it will do when it arrives."""
    sender, receiver, number, copy = key
    packet = world.network.packets.get(key)
    if packet is None:
        raise UserError(f"Message {number} from S{sender} to S{receiver} is not on its way.")
    lines: list[Line] = []
    if packet.sent_in:
        told = story.narration(packet.sent_in, packet.sent_in)
        lines += [_line(one) for one in told if not one.aside][:3]
    if copy:
        lines.append((" ", f"it is copy {copy} of message {number}", ""))
    if not isinstance(packet.message, InstallSnapshot):  # that one is as long as the store
        lines.append(_on_the_wire(packet.message))
    lines += _what_it_will_do(world, key)
    link = f"{member_name(sender)}→{member_name(receiver)}"
    title = f"{message_text(packet.message)}, {link}"
    return Explanation(f"{title}, sent {world.now - packet.sent_at} ms ago.", tuple(lines))


def _on_the_wire(message: Message) -> Line:
    """How it travels between real members."""
    data = messages.encode(message)
    more = " ..." if len(data) > SHOWN_BYTES else ""
    return (" ", f"{len(data)} bytes: {data[:SHOWN_BYTES].hex(' ')}{more}", "etcd raft/raftpb")


def _what_it_will_do(world: World, key: PacketKey) -> list[Line]:
    """Try it out: the future of one message is one fork away."""
    packet = world.network.packets[key]
    if packet.held:
        return [("-", "it is held: it goes on when it is released", "")]
    if world.network.blocked(packet):
        return [("-", "a cut lies in its way: it will be lost", "")]
    if not world.alive(packet.receiver):
        return [("-", f"{member_name(packet.receiver)} is down: it will be lost", "")]
    if world.paused(packet.receiver):
        return [("-", f"{member_name(packet.receiver)} is paused: it waits", "")]
    if world.hears_nothing(packet.receiver):
        return [("-", f"a gate of {member_name(packet.receiver)} is held: it waits there", "")]
    told = Listener(world).tell(Deliver(*key))
    # Whatever says nothing of itself is left out, unless it is all that happens.
    worth = [one for one in told.sentences if not one.aside] or told.sentences
    return [("+", f"if it arrives now: {one.text}", one.citation) for one in worth]


# --- timers ---------------------------------------------------------------------------------------


def why_timer(world: World, story: Story, member: int) -> Explanation:
    """When it fires, since when it runs, and what sets it back."""
    raft, me = moment.core(world, member), member_name(member)
    timer = world.machine(member).timer
    if timer is None:
        return Explanation(f"{me} has no timer running: it never stands for election.")
    left = max(0, timer.due - world.now)
    lines: list[Line] = []
    if timer.asked_in:
        lines += [_line(one) for one in telling(story.narration(timer.asked_in, timer.asked_in))]
    config = raft.config
    if isinstance(raft.role, Leader):
        each = config.heartbeat_ticks * config.tick_ms
        lines.append((" ", f"a leader sends heartbeats every {each} ms", "Raft §5.2"))
        return Explanation(f"{me} sends heartbeats in {left} ms.", tuple(lines))
    ticks = config.election_ticks
    span = f"{ticks} to {2 * ticks - 1} ticks of {config.tick_ms} ms"
    drawn = f"drawn from {span}: {raft.election_timeout}"
    lines.append((" ", drawn, "Raft §5.2: randomised election timeouts"))
    lines.append(
        (" ", "hearing from a leader sets it back, and so does giving a vote", "Raft §5.2")
    )
    title = f"{me} stands for election in {left} ms, unless it hears from a leader."
    return Explanation(title, tuple(lines))


# --- clients --------------------------------------------------------------------------------------


def why_client(world: World, request_id: int) -> Explanation:
    """What a client was told, and what it can't see."""
    record = world.clients.get(request_id)
    if record is None:
        raise UserError(f"There is no request c{request_id}.")
    what = f"c{request_id} asked {member_name(record.member)}: {request_text(record.request)}"
    truths = Truths(world)
    truth = truths.of(record)
    reality: list[Line] = [(" ", f"in truth: {truth}", "")] if truth else []
    if record.answer is None:
        lines = _why_it_waits(world, record)
        if (entry := truths.waiting_entry(record)) is not None:
            index, member = entry
            lines += why_not_entry(world, member, index).lines
        return Explanation(f"{what}. It waits.", (*lines, *reality))
    if record.answer.outcome is Outcome.WAITING:
        return _why_a_watcher_was_told(record, what)
    told = f"{what}. It was told: {record.answer.outcome.value}, {result_text(record)}."
    return Explanation(told, (*_how_it_was_answered(record), *reality))


def _why_a_watcher_was_told(record: ClientRecord, what: str) -> Explanation:
    me = member_name(record.member)
    lines: list[Line] = [
        ("+" if record.notices else "-", f"{me} tells of an event when it applies it itself", ""),
        (" ", f"a watch is in no log: when {me} dies, nobody remembers it", "etcd v2: wait=true"),
    ]
    heard = f"It was told: {result_text(record)}." if record.notices else "It was told nothing."
    return Explanation(f"{what}. {heard} Now: {record.outcome}.", tuple(lines))


def _why_it_waits(world: World, record: ClientRecord) -> list[Line]:
    leader, me = moment.leader_of_latest_term(world), member_name(record.member)
    lines: list[Line] = [
        ("-", f"{me} answers when it has applied the entry itself", "Raft §5.3"),
    ]
    if isinstance(record.request, KeyRequest) and record.request.read is ReadKind.INDEX:
        lines = [("-", "no quorum has confirmed yet that the leader still leads", "Thesis §6.4")]
    if not leader:
        lines.append(("-", "nobody leads: nothing can be committed", "Raft §5.2"))
    for packet in world.packets():
        if record.member in packet.link and "proposal" in message_kind(packet.message):
            lines.append((" ", f"{message_text(packet.message)} is on its way", "Raft §8"))
    return lines


def _how_it_was_answered(record: ClientRecord) -> list[Line]:
    answer, request, me = record.answer, record.request, member_name(record.member)
    assert answer is not None, "asked only about requests that were answered"
    if answer.outcome is Outcome.UNKNOWN:
        text = "a time-out is not a no: the entry may be committed, or may be yet, or never"
        return [("-", text, "etcd: error 300, request timed out")]
    if isinstance(request, KeyRequest) and request.method is Method.GET:
        match request.read:
            case ReadKind.LOCAL:
                own = f"answered from {me}'s own tree at store index {answer.etcd_index}"
                return [
                    ("+", own, "etcd: a plain GET"),
                    ("-", f"{me} can't know whether it is behind", "Raft §8; Thesis §6.4"),
                    ("~", "all members are consistent, so read from any", "not so: article 1.5"),
                ]
            case ReadKind.INDEX:
                text = "a quorum confirmed the leader, and everything up to its commit was applied"
                return [("+", text, "Thesis §6.4")]
            case ReadKind.QUORUM:
                return [("+", "it went through the log like a write", "Raft §8")]
    if answer.outcome is Outcome.REFUSED:
        return [("-", "it was refused: nothing was changed", "")]
    return [("+", f"its entry is committed, and {me} has applied it", "Raft §5.3")]
