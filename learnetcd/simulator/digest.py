"""Naming a state: two worlds have one digest exactly if they are equal.

    digest(world) -> "9b1c20a4f5de77c1"

A replay must end where the run ended, on every machine and with every version of Python. To hold
that, a state is written out in one canonical way and hashed: fields in the order in which their
class declares them, dictionaries and sets sorted, floats nowhere. `hash()` and `repr()` of an
object would not do: they may differ from one process to the next.

Nothing is left out but what only watches (a tracer), what a class says can be computed from the
rest (`NOT_STATE`), and what a store or a set of rules names itself. An attribute that is added to a
member tomorrow takes part without a change here.

Next page: `schedule`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b

from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import Entry
from learnetcd.raft.rules import Rules
from learnetcd.store import Store

SIZE = 8
"""Bytes of a digest: these are compared with one another, not defended against anybody."""


def digest(*values: object, recent: int | None = None) -> str:
    """Name some values; with `recent`, of what grows with a run look at so many last items only."""
    hasher = blake2b(digest_size=SIZE)
    for value in values:
        for word in words(value, recent):
            hasher.update(word.encode())
            hasher.update(b"\n")
    return hasher.hexdigest()


def words(value: object, recent: int | None = None) -> Iterator[str]:
    """Write a value out."""
    if value is None or isinstance(value, bool | int | str | bytes):
        yield ascii(value)  # not repr: what it escapes differs between versions of Unicode
    elif isinstance(value, Entry):  # first of the rest, for there are many
        yield f"{value.index}@{value.term}"
        yield from words(value.payload, recent)
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif isinstance(value, Chunks):
        first = value.start if recent is None else max(value.start, value.end - recent)
        yield f"{value.start} {value.end}"
        yield from words(value.slice(first, value.end), recent)
    elif isinstance(value, tuple | list | deque):
        yield "["
        for item in value:
            yield from words(item, recent)
        yield "]"
    elif isinstance(value, dict | set | frozenset):
        yield "{"
        items = value.items() if isinstance(value, dict) else value
        yield from sorted("\n".join(words(item, recent)) for item in items)
        yield "}"
    elif isinstance(value, Store):
        yield value.digest()
    elif isinstance(value, Rules):
        yield from value.broken
    elif not isinstance(value, Callable):  # type: ignore[arg-type]  # a tracer only watches
        yield type(value).__name__
        for name in attributes(type(value)):
            yield from words(getattr(value, name), recent)


_ATTRIBUTES: dict[type, tuple[str, ...]] = {}


def attributes(kind: type) -> tuple[str, ...]:
    """The names of what objects of a class hold, in the order in which they are declared."""
    names = _ATTRIBUTES.get(kind)
    if names is None:
        names = _ATTRIBUTES[kind] = tuple(_declared(kind))
    return names


def _declared(kind: type) -> list[str]:
    if is_dataclass(kind):
        return [field.name for field in fields(kind)]
    left_out = getattr(kind, "NOT_STATE", ())
    parents = reversed(kind.__mro__)
    slots = [name for parent in parents for name in getattr(parent, "__slots__", ())]
    assert slots, f"{kind.__name__} declares no slots: its attributes can't be listed"
    return [name for name in slots if name not in left_out]
