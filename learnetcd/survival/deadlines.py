"""Deadlines: no key goes before its time, and none stays for long after it.

    set for 2 s        called 10.0   answered 10.1: until 12.05
    refresh for 2 s    called 11.2   answered 11.3: until 13.25
    expire             at index 71, told to a watcher at 13.6

The deadline in an answer must be so many seconds after some moment between call and answer. When
anybody hears of index 71, or of a later one, it must be over; and it must be the one of the last
refresh.

How long a key may stay depends on who leads: only a leader can let it go, and who is elected or
comes back needs a while. So a key that stays is held against a leader only if one and the same did
other things in each of the `ALLOWANCE_S` seconds after the deadline, and then one more.

That it was the same is known from the terms in the answers. A member in term 7 hears nobody but the
leader of term 7, and there is but one:

    member 2    |-- put: term 7 --|          |-- put: term 7 --|
                it is in term 7              so the leader of term 7 has done this

What is not known counts for nothing: a refresh without an answer may have been done or not.

Next page: `judgement`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from learnetcd.survival.book import Book, Expired, Heard, Json, leaves

ALLOWANCE_S = 3
"""A leader lets keys go twice a second. The rest is for its own beginning, and a busy machine."""
CLOCK_S = 0.05
"""How exactly the time of day can be told on two clocks of one machine."""


def broken_deadlines(book: Book, stores: dict[str, Json]) -> Iterator[str]:
    """All that went too early or too late."""
    expired = [book.expired[index] for index in sorted(book.expired)]
    yield from miscounted(book.heard)
    yield from forgotten_refreshes(book.heard, expired)
    yield from early(book.heard, expired)
    yield from late(book.heard, expired)
    yield from left_over(stores)


def miscounted(heard: Sequence[Heard]) -> Iterator[str]:
    """A deadline is as many seconds away as was asked for, from call or answer."""
    for one in heard:
        if one.deadline is not None and one.asked.ttl is not None:
            begin = one.deadline - one.asked.ttl
            if not one.called - CLOCK_S <= begin <= one.returned + CLOCK_S:
                yield (
                    f"{one.client} asked for {one.asked} between {one.called:.2f} and "
                    f"{one.returned:.2f}, and was given until {one.deadline:.2f}"
                )


def forgotten_refreshes(heard: Sequence[Heard], expired: Sequence[Expired]) -> Iterator[str]:
    """A key expires by its last deadline."""
    ends: dict[str, list[Expired]] = {}
    for one in expired:
        ends.setdefault(one.key, []).append(one)
    for given in heard:
        later = (one for one in ends.get(given.asked.key, ()) if one.index > given.index)
        if given.deadline is None or (end := next(later, None)) is None:
            continue
        if end.modified_index < given.index:
            yield (
                f"{end.key} expired at index {end.index} by its deadline of index "
                f"{end.modified_index}, though it had another one since index {given.index}"
            )


def early(heard: Sequence[Heard], expired: Sequence[Expired]) -> Iterator[str]:
    """When anybody hears of it, the deadline is over."""
    first_told = float("inf")
    later = sorted(heard, key=attrgetter("index"))
    for end in reversed(expired):
        while later and later[-1].index >= end.index:
            first_told = min(first_told, later.pop().returned)
        told = min(first_told, end.seen)
        if told < end.deadline - CLOCK_S:
            yield (
                f"{end.key} was gone at index {end.index} by {told:.2f}, and its deadline was "
                f"{end.deadline:.2f}"
            )


def late(heard: Sequence[Heard], expired: Sequence[Expired]) -> Iterator[str]:
    """A leader who lives lets go what is due."""
    led = done_by_leaders(heard)
    calls = [one.called for one in led]
    for end in expired:
        first, last = (bisect_right(calls, moment) for moment in (end.deadline, end.seen))
        seconds: dict[int, set[int]] = {}
        """In which seconds after the deadline the leader of each term did something."""
        for one in led[first:last]:
            second = int(one.called - end.deadline)
            alive = seconds.setdefault(one.term, set())
            was_always_there = alive.issuperset(range(ALLOWANCE_S))
            if second >= ALLOWANCE_S and was_always_there and one.index < end.index:
                yield (
                    f"{end.key} expired at index {end.index}. Its deadline was {end.deadline:.2f}, "
                    f"and the leader of term {one.term} did other things all the time, until this "
                    f"at {one.called:.2f}: {one.asked}"
                )
                break
            alive.add(second)


def done_by_leaders(heard: Sequence[Heard]) -> list[Heard]:
    """The writes of which it is sure that the leader of their term did them, by their calls."""
    first: dict[tuple[str, int], float] = {}
    for one in heard:
        place = (one.server, one.term)
        first[place] = min(one.returned, first.get(place, one.returned))
    writes = (one for one in heard if one.done and one.term)
    sure = (one for one in writes if first[one.server, one.term] <= one.called)
    return sorted(sure, key=attrgetter("called"))


def left_over(stores: dict[str, Json]) -> Iterator[str]:
    """In the end, when all has come to rest, nothing with a deadline is there any more."""
    for name, store in stores.items():
        for leaf in leaves(store["tree"]):
            if "expiration" in leaf:
                yield f"{name} still holds {leaf['key']}, which was due at {leaf['expiration']}"
