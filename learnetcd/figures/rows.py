"""The rows of a space-time diagram: the steps in which there is something to see, and what it is.

     step   ms    S1   S2   S3
        1 1100    │    C    │    S2: C t1; sends vote request to S1, S3
        3 1110    F◀───╎    │    S2→S1 vote request t1 log ends 0@0; S1: F t1

A step without anything to see (a sync, the timer of a heartbeat) gets no row. A message is told
where it ends; the row in which it was sent says only to whom. So each row is a line of text, which
can be read aloud, with a small drawing in front of it.

Next page: `space_time`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from learnetcd.session.views import MessageView, SignView, SpanView
from learnetcd.tracing import member_name

CELLS = {
    "leader": "┃",
    "candidate": "╎",
    "pre-candidate": "╎",
    "follower": "│",
    "paused": "‖",
    "down": " ",
}
"""The line of a member that is so, in one letter."""


class Rows:
    """What a reader sees of a span, step by step."""

    def __init__(self, span: SpanView) -> None:
        """Sort what happened by the steps in which it did."""
        self.span = span
        self.signs: dict[int, list[SignView]] = defaultdict(list)
        for sign in span.signs:
            self.signs[sign.step].append(sign)
        self.sent: dict[int, list[MessageView]] = defaultdict(list)
        self.ended: dict[int, list[MessageView]] = defaultdict(list)
        """By step; what is on its way still, at 0."""
        for message in span.messages:
            self.sent[message.sent_step].append(message)
            self.ended[message.ended_step].append(message)
        shown = self.signs.keys() | self.sent.keys() | self.ended.keys()
        self.steps = [step for step in span.steps if step.step in shown]

    def title(self) -> str:
        """What it shows."""
        return f"{self.span.title}, steps {self.span.first} to {self.span.last}"

    def text_lines(self) -> Iterable[str]:
        """A heading, a line for each row, and what is on its way at the end."""
        yield self.title()
        names = "".join(f"{member_name(member):^5}" for member in self.span.members)
        yield f"{'step':>6} {'ms':>7}  {names}".rstrip()
        for step in self.steps:
            told = "; ".join(self._told(step.step))
            yield f"{step.step:>6} {step.at_ms:>7}  {self._cells(step.step)}  {told}"
        for message in self.ended[0]:
            yield f"{'':>16}on its way: {ways(message)} {message.text}"

    def _told(self, step: int) -> Iterable[str]:
        for message in self.ended[step]:
            yield f"{ways(message)} {message.text}{', lost' * (message.fate == 'lost')}"
        for sign in self.signs[step]:
            yield f"{member_name(sign.member)}: {sign.text}" if sign.member else sign.text
        for label, messages in groupby(self.sent[step], key=lambda message: message.label):
            to = ", ".join(member_name(message.link[1]) for message in messages)
            yield f"sends {label} to {to}"

    def _cells(self, step: int) -> str:
        """The lines of all members, as they are after a step, with the arrow that ends there."""
        members = self.span.members
        row = [" "] * 5 * len(members)
        now = {one.member: one for one in self.span.stretches if one.first_step <= step}
        changed = {one.member for one in self.span.stretches if one.first_step == step}
        for place, member in enumerate(members):
            role = now[member].role if member in now else "down"
            row[5 * place + 2] = role[0].upper() if member in changed else CELLS[role]
        for message in self.ended[step]:
            sender, receiver = (5 * members.index(end) + 2 for end in message.link)
            low, high = sorted((sender, receiver))
            for place in range(low + 1, high):
                row[place] = "─"
            head = "✕" if message.fate == "lost" else "▶" if sender < receiver else "◀"
            row[receiver + (-1 if sender < receiver else 1)] = head
        return "".join(row).rstrip().ljust(5 * len(members))


def ways(message: MessageView) -> str:
    """From whom to whom."""
    return "→".join(map(member_name, message.link))
