"""The words after a key: `x=1` after P, `x quorum` after G, `skew 900` after Z.

Next page: `answers`.
"""

from __future__ import annotations

from learnetcd.errors import UserError, unknown_name
from learnetcd.session.views import PacketView

READS = ("local", "quorum", "index", "watch", "stream")
SIDE_ACTS = (
    *("pause", "resume", "hold", "open", "skew", "timer", "transfer", "delete"),
    *("add", "learner", "remove"),
)


def key_and_value(words: str) -> tuple[str, str, int | None]:
    """`x=1` is key x, value 1; a key alone gets an empty value. `x=1 ttl:5` lives for 5 seconds."""
    said, _, seconds = words.strip().partition(" ttl:")
    key, _, value = said.partition("=")
    if not key.strip():
        raise UserError("Type a key and a value, as in x=1.")
    ttl = number(seconds, "A time to live, in seconds,") if seconds else None
    return key.strip(), value.strip(), ttl


def key_and_read(words: str, last_key: str) -> tuple[str, str]:
    """`x quorum` is key x, read through a quorum, `x watch` waits for it to change; else local."""
    parts = words.split() or [last_key]
    read = parts[1] if len(parts) > 1 else "local"
    if read not in READS:
        raise unknown_name("way to read", read, READS)
    return parts[0], read


def side_act(words: str) -> tuple[str, str]:
    """`skew 900` is the act and what it needs."""
    act, _, rest = words.strip().partition(" ")
    if act not in SIDE_ACTS:
        raise unknown_name("act", act, SIDE_ACTS)
    return act, rest.strip()


def number(words: str, what: str) -> int:
    """A whole number, or a sentence that says what was expected."""
    try:
        return int(words.strip().lstrip("S"))
    except ValueError:
        raise UserError(f"{what} is a number; {words.strip()!r} is none.") from None


def delivers(decision: object, packet: PacketView) -> bool:
    """Does the decision deliver this message?"""
    link = (getattr(decision, "sender", 0), getattr(decision, "receiver", 0))
    return link == packet.link and getattr(decision, "number", 0) == packet.number
