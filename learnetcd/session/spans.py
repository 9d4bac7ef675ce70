"""A span: some steps in a row, each message with both its ends, each member with what became of it.

    steps 1 to 9      S2: follower, from step 1 candidate in term 1, from step 8 leader
                      vote request S2→S1: sent in step 2, delivered in step 4
                      vote yes     S1→S2: sent in step 6, delivered in step 8

A picture of one moment shows a message on its way; it can't show where it came from and where it
will end. For that, somebody has to walk along the steps and hold on to both ends.

The walk goes over a copy of the world: the reader stays where they are.

Next page: `histories`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from learnetcd.errors import UserError
from learnetcd.raft.messages import AppendEntries, AppendEntriesReply, Message, RequestVoteReply
from learnetcd.raft.messages import RequestPreVoteReply as PreVoteReply
from learnetcd.session.narration import FAULTS, Story
from learnetcd.session.views import MessageView, SignView, SpanView, StepView, StretchView
from learnetcd.simulator import moment
from learnetcd.simulator.decisions import Cut, Decision, Deliver
from learnetcd.simulator.network import Packet, PacketKey, describe_cut
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.words import log_text, message_kind, message_text, request_text
from learnetcd.simulator.world import World

NEWEST = 16
"""A step asks or answers no more clients than this."""


def span(timeline: Timeline, story: Story, title: str, first: int, last: int) -> SpanView:
    """Walk along the steps first to last of the current branch."""
    if not 1 <= first <= last <= timeline.length:
        raise UserError(
            f"There are no steps {first} to {last}: {timeline.branch} has the steps "
            f"1 to {timeline.length}."
            if timeline.length
            else "Nothing has happened yet, so there is nothing to draw: go a step forward first."
        )
    world = timeline.world_at(first - 1)
    began_ms, walk = world.now, Walk(world)
    for step in range(first, last + 1):
        walk.take(timeline.decision(step))
    return SpanView(
        title=title,
        members=tuple(sorted({*world.member_ids, *walk.others})),
        began_ms=began_ms,
        steps=tuple(walk.steps),
        stretches=tuple(walk.stretches),
        messages=tuple(walk.messages.values()),
        signs=tuple(walk.signs),
        sentences=story.narration(first, last),
    )


class Facts(NamedTuple):
    """What is compared of a member before and after a step."""

    role: str
    term: int
    commit_index: int


class Walk:
    """Somebody who walks along the steps, and writes down what ends and begins."""

    def __init__(self, world: World) -> None:
        """Start here; the world is moved along."""
        self.world = world
        self.steps: list[StepView] = []
        self.stretches: list[StretchView] = []
        self.signs: list[SignView] = []
        self.messages: dict[PacketKey, MessageView] = {}
        self.others: set[int] = set()
        """Whom messages go to or come from: of a real member's recording, not all are here."""
        self._on_their_way: set[PacketKey] = set()
        self._facts: dict[int, Facts] = {}
        self._note_members()
        for packet in sorted(world.network.packets.values(), key=lambda one: one.order):
            self._begin(packet)

    def take(self, decision: Decision) -> None:
        """Take one step."""
        world = self.world
        arriving = self._arriving(decision)
        pending, violated = set(world.clients.pending), self._violated()
        world.decide(decision)
        member = moment.member_of(decision)
        self.steps.append(StepView(world.step, world.now, member, world.cause))
        self._end_messages(arriving)
        for packet in world.network.packets.values():
            if packet.sent_in == world.step:
                self._begin(packet)
        self._note_fault(decision, member)
        self._note_members()
        self._note_clients(pending)
        for name in self._violated()[len(violated) :]:
            self._sign(0, "violation", f"VIOLATED: {name}")

    # -- messages -------------------------------------------------------------------------------

    def _arriving(self, decision: Decision) -> PacketKey | None:
        """The message that this decision will bring to a member who can take it."""
        if not isinstance(decision, Deliver):
            return None
        key = (decision.sender, decision.receiver, decision.number, decision.copy)
        packet = self.world.packet(key)
        is_lost = self.world.network.blocked(packet) or not self.world.alive(packet.receiver)
        return None if is_lost else key

    def _begin(self, packet: Packet) -> None:
        if packet.key in self._on_their_way:
            return
        self._on_their_way.add(packet.key)
        self.others |= set(packet.link)
        self.messages[packet.key] = MessageView(
            link=packet.link,
            number=packet.number,
            copy_number=packet.copy,
            label=label_of(packet.message),
            text=message_text(packet.message),
            sent_step=packet.sent_in,
            sent_ms=packet.sent_at,
            ended_step=0,
            ended_ms=0,
            fate="on its way",
        )

    def _end_messages(self, arriving: PacketKey | None) -> None:
        world = self.world
        for key in sorted(self._on_their_way - world.network.packets.keys()):
            self._on_their_way.discard(key)
            fate = "delivered" if key == arriving else "lost"
            ended = replace(
                self.messages[key], ended_step=world.step, ended_ms=world.now, fate=fate
            )
            self.messages[key] = ended

    # -- members, clients, faults ---------------------------------------------------------------

    def _sign(self, member: int, kind: str, text: str) -> None:
        self.signs.append(SignView(self.world.step, member, kind, text))

    def _note_members(self) -> None:
        """Write down who is another than before."""
        for member in self.world.member_ids:
            before, now = self._facts.get(member), self._facts_of(member)
            self._facts[member] = now
            if before is None or before[:2] != now[:2]:
                stretch = StretchView(member, self.world.step, now.role, now.term)
                self.stretches.append(stretch)
                if before is not None and now.role not in {"down", "paused"}:
                    self._sign(member, "role", f"{now.role[0].upper()} t{now.term}")
            if before is not None and now.commit_index > before.commit_index:
                self._sign(member, "commit", f"commit {now.commit_index}")

    def _facts_of(self, member: int) -> Facts:
        world = self.world
        role = "paused" if world.paused(member) else moment.role_name(world, member)
        return Facts(role, moment.term(world, member), moment.commit_index(world, member))

    def _note_fault(self, decision: Decision, member: int) -> None:
        if isinstance(decision, Cut):
            self._sign(0, "fault", f"cut {describe_cut(decision.links, self.world.member_ids)}")
        elif isinstance(decision, FAULTS):
            words = decision.text().split()
            self._sign(member, "fault", words[0] if member else " ".join(words))

    def _note_clients(self, pending: set[int]) -> None:
        """Write down who asks and who is answered."""
        step = self.world.step
        for record in self.world.clients.latest(NEWEST):
            if record.asked_in == step:
                request = request_text(record.request)
                self._sign(record.member, "client", f"c{record.request_id} {request}")
        for number in sorted(pending - set(self.world.clients.pending)):
            record = self.world.clients[number]
            self._sign(record.member, "client", f"c{number} {record.outcome}")

    def _violated(self) -> list[str]:
        judge = self.world.judge
        return [broken.name for broken in judge.violations] if judge else []


def label_of(message: Message) -> str:
    """A message in a word or two, for where there is little room."""
    kind = message_kind(message)
    match message:
        case AppendEntries(entries=entries) if entries:
            return f"{kind} {log_text(entries)}"
        case RequestVoteReply(granted=granted) | PreVoteReply(granted=granted):
            return f"{kind} {'yes' if granted else 'no'}"
        case AppendEntriesReply(rejected=rejected):
            return f"no match at {message.index}" if rejected else f"match {message.index}"
        case _:
            return kind
