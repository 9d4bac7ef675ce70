"""The signs: which shape, letter or mark stands for what, on every screen and in every figure.

    ◆ L leader    ● F follower    ◈ C candidate    ✕ - down
    x=1· stored   x=1▪ durable    x=1▣ committed   x=1█ applied

A reader who has learned a sign in the terminal meets it again in the notebook and in the book.
Colour is never the only sign: each of these can be told from the others in black and white.

Next page: `truth`.
"""

from __future__ import annotations

import re

from learnetcd.session.views import ClientView, Mark, MemberView, Narration, PacketView, ProxyView
from learnetcd.tracing import member_name

MARKS = {Mark.STORED: "·", Mark.DURABLE: "▪", Mark.COMMITTED: "▣", Mark.APPLIED: "█"}
"""How far an entry has got."""

ROLES = {
    "follower": ("F", "●"),
    "pre-candidate": ("P", "◇"),
    "candidate": ("C", "◈"),
    "leader": ("L", "◆"),
    "down": ("-", "✕"),
}
"""Each role's letter and shape."""

OUTCOMES = {
    "pending": "…",
    "done": "✓",
    "refused": "✗",
    "unknown": "?",
    "watching": "◉",
    "told": "✓",
    "ended": "✗",
}
"""What became of a client's request."""

LANDMARKS = {"commit": "c", "election": "e", "leader": "L", "fault": "f", "violation": "!"}
"""On a timeline, from the weakest to the strongest: where two meet, the later one is shown."""

SHAPES = "".join([*MARKS.values(), *(shape for _, shape in ROLES.values())])

SPOKEN = (
    (re.compile(f" [{SHAPES}]"), ","),
    (re.compile("→"), "to"),
    (re.compile("⇏"), " not to "),
    (re.compile(r"\b0@0\b"), "nothing"),
    (re.compile(r"\b(\d+)@(\d+)\b"), r"entry \1 of term \2"),
    (re.compile(r"\bt(\d+)\b"), r"term \1"),
)
"""What is short for the eye, and what the ear is told instead."""

CRASHED = "crashed: its memory is lost"
PAUSED = "PAUSED: it hears and says nothing"

VOTES = {True: "yes", False: "no", None: "–"}
"""Granted, refused, not yet."""


def aloud(text: str) -> str:
    """`S1 → S2 append t2 after 3@2` is heard `S1 to S2 append term 2 after entry 3 of term 2`."""
    for short, said in SPOKEN:
        text = short.sub(said, text)
    return text


def role_word(member: MemberView) -> str:
    """The role in words; a learner says so."""
    if member.role == "follower" and member.learner:
        return "learner"
    return "pre-vote" if member.role == "pre-candidate" else member.role


def timer_words(member: MemberView, *, short: bool = False) -> str:
    """What fires next and when: `election fires in 820 ms`."""
    if not member.alive:
        return CRASHED
    if member.paused:
        return PAUSED
    if member.timer is None:
        return "no timer"
    left = milliseconds(member.timer.fires_in_ms)
    return left if short else f"{member.timer.kind} fires in {left}"


def knowledge(member: MemberView) -> str:
    """What it knows: a candidate its votes, a leader its followers, a follower who leads."""
    if not member.alive:
        return ""
    if member.votes:
        said = " ".join(f"{member_name(voter)} {VOTES[vote]}" for voter, vote in member.votes)
        granted = sum(1 for _, vote in member.votes if vote)
        return f"votes {granted} of {member.votes_needed}: {said}"
    if member.peers:
        matches = (f"{member_name(one.member)}:{one.match_index}" for one in member.peers)
        return f"match {' '.join(matches)}"
    return f"follows {member_name(member.leader)}" if member.leader else "knows no leader"


def told(client: ClientView) -> str:
    """What a client was told: `✓ done set at 4`."""
    words = f"{OUTCOMES.get(client.outcome, '•')} {client.outcome}"
    return f"{words} {client.result}" if client.result else words


def cited(narration: Narration) -> str:
    """`S2 voted for S1 in term 1. [Raft §5.2]`."""
    return narration.text + (f" [{narration.citation}]" if narration.citation else "")


def fate(packet: PacketView) -> str:
    """When a message arrives, or why it does not."""
    if packet.blocked:
        return "✕ cut"
    if packet.held:
        return "‖ held"
    return f"in {milliseconds(packet.arrives_in_ms)}" if packet.arrives_in_ms else "now"


def milliseconds(amount: int) -> str:
    """`1 240 ms`: thousands stand apart."""
    return f"{amount:,} ms".replace(",", " ")


def proxy_words(proxy: ProxyView) -> str:
    """The proxy in one line, like each member."""
    asks = f"asks {' '.join(proxy.endpoints)}" if proxy.endpoints else "knows nobody to ask"
    avoids = "".join(f", avoids {name}" for name, _ in proxy.avoided)
    waits = "".join(f", {words} waits for {name}" for words, name in proxy.under_way)
    return f"P :{proxy.url.rpartition(':')[2]} {asks}{avoids}{waits}"
