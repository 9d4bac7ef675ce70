"""A target: something in the picture that can be clicked, chosen and asked about.

    Target("member", member=1)      Target("entry", member=2, index=3)      Target("step", index=7)

Next page: `sight`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What a place on the screen stands for: it can be clicked, chosen and asked about."""

    kind: str
    """member, entry, vote, timer, message, client, event, term, record, proxy;
    choice, step, tab, key, row."""
    member: int = 0
    index: int = 0
    """Of an entry; or a place in a list, a step, a term, a client's number, a record's."""
    link: tuple[int, int] = (0, 0)
    name: str = ""
    event: tuple[int, int, int] = (0, 0, 0)
