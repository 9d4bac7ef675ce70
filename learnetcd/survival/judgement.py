"""The judgement: did the cluster keep its word?

    acknowledged   put /trial/3/a=c1-9 at index 57
    watched        ... 55, 57 set /trial/3/a=c1-9, 58 ...       it is there, once, and nothing else
    stores         m1 = m2 = m3                                 and the end of what was watched

The events that a chain of watchers saw are the whole history of the cluster, in its order. Every
acknowledged write must be among them as it was acknowledged, and every value at most once. All
chains must have seen the same, and the stores must hold what is left in the end. What clients were
told must be in `order`, must keep to `deadlines`, and must be linearizable, key by key.

A search that gives up is counted as unknown, and said so: it is no good news.

Next page: `ordeal`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from learnetcd.checking.history import Judged, judged
from learnetcd.checking.linearizability import Finding as Found
from learnetcd.survival.book import Book, Json, Seen, leaves
from learnetcd.survival.deadlines import broken_deadlines
from learnetcd.survival.order import Contents, disorder

STEPS_A_KEY = 300_000


class Judgement(NamedTuple):
    """What there is to say."""

    findings: tuple[str, ...]
    """All that is not as it must be, a sentence each."""
    wrong: tuple[Judged, ...]
    """The histories that are not linearizable, to be drawn."""
    unknown: int
    """How many histories could not be judged."""


def judge(book: Book, stores: dict[str, Json]) -> Judgement:
    """Look at everything."""
    histories = list(judged(dict(sorted(book.operations.items())), STEPS_A_KEY))
    wrong = tuple(one for one in histories if one.verdict.stuck is not None)
    sentences = (
        f"{key} is not linearizable: nothing explains {verdict.stuck}" for key, _, verdict in wrong
    )
    unknown = sum(one.verdict.finding is Found.UNKNOWN for one in histories)
    return Judgement((*findings(book, stores), *sentences), wrong, unknown)


def findings(book: Book, stores: dict[str, Json]) -> Iterator[str]:
    """What does not fit together."""
    chains = list(book.watched.items())
    for name, seen in chains:
        yield from wrong_order(name, seen)
    (first_name, history), *others = chains
    for name, seen in others:
        yield from differences(first_name, history, name, seen)
    for number, seen in enumerate(book.streams, 1):
        yield from gaps(f"stream {number}", seen, history)
    yield from lost(book.acknowledged, history)
    yield from doubled(history)
    yield from disorder(book.heard, history)
    yield from broken_deadlines(book, stores)
    yield from differing_stores(stores)
    yield from forgotten(history, next(iter(stores.values()))["tree"])


def wrong_order(name: str, seen: Sequence[Seen]) -> Iterator[str]:
    """A chain only goes forwards."""
    for one, following in pairwise(seen):
        if following.index <= one.index:
            yield f"{name} saw {following} after {one}"


def differences(name: str, seen: Sequence[Seen], other: str, others: Sequence[Seen]) -> list[str]:
    """Two chains over the same events must have seen the same."""
    this, that = set(seen), set(others)
    return [
        *(f"{other} missed {one}, which {name} saw" for one in seen if one not in that),
        *(f"{name} missed {one}, which {other} saw" for one in others if one not in this),
    ]


def gaps(name: str, seen: Sequence[Seen], history: Sequence[Seen]) -> Iterator[str]:
    """A stream is a piece of the history, without gaps."""
    if seen:
        piece = [one for one in history if seen[0].index <= one.index <= seen[-1].index]
        if piece != list(seen):
            odd = next(
                (pair for pair in zip(seen, piece, strict=False) if pair[0] != pair[1]), seen[-1:]
            )
            yield f"{name} saw {len(seen)} events where {len(piece)} happened, first odd: {odd}"


def lost(acknowledged: Sequence[Seen], history: Sequence[Seen]) -> Iterator[str]:
    """What was acknowledged has happened, just so."""
    happened = set(history)
    for one in acknowledged:
        if one not in happened:
            yield f"acknowledged, and lost: {one}"


def doubled(history: Sequence[Seen]) -> Iterator[str]:
    """Each value belongs to one request, which was done at most once."""
    counts = Counter(one.value for one in history if one.value is not None)
    for value, count in counts.items():
        if count > 1:
            yield f"the one request that writes {value} was done {count} times"


def differing_stores(stores: dict[str, Json]) -> Iterator[str]:
    """All members hold the same, indexes and all."""
    (first, tree), *others = stores.items()
    for name, other in others:
        if other != tree:
            yield f"the stores of {first} and {name} differ"


def forgotten(history: Sequence[Seen], tree: Json) -> Iterator[str]:
    """What is left of the history is what the stores hold."""
    contents = Contents()
    for one in history:
        contents.follow(one)
    left = contents.all()
    held = {node["key"]: (node["modifiedIndex"], node["value"]) for node in leaves(tree)}
    for key in sorted(left.keys() | held.keys()):
        if left.get(key) != held.get(key):
            yield f"{key}: the history leaves {left.get(key)}, the stores hold {held.get(key)}"
