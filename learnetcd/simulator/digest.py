"""Naming a state: two worlds have one digest exactly if they are equal.

    world.digest()     everything, down to the last counter: is this fork the same world?
    world.mark()       what can be seen from outside: is this the run that was recorded?

A replay must end where the run ended, on every machine and with every version of Python. To hold
that, a state is written out in one canonical way and hashed: fields in the order in which their
class declares them, dictionaries and sets sorted, floats nowhere. `hash()` and `repr()` of an
object would not do: they may differ from one process to the next.

A digest leaves nothing out but what only watches (a tracer), what a class says can be computed from
the rest (`NOT_STATE`), and what a store or a set of rules names itself. An attribute that is added
to a member tomorrow takes part without a change here. For the same reason it is no use in a file
that shall be read by tomorrow's learnetcd; a mark is: it speaks of terms, logs and messages only.

Next page: `schedule`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING

from learnetcd.member.member import Member
from learnetcd.raft.chunks import Chunks
from learnetcd.raft.entry import Entry
from learnetcd.raft.parts import Parts
from learnetcd.raft.rules import Rules
from learnetcd.simulator.disk import Disk, DiskRefused, Row
from learnetcd.store import Store
from learnetcd.store.errors import EtcdError

if TYPE_CHECKING:
    from learnetcd.simulator.world import World

RECENT = 32
"""How many entries at the end of a log a mark looks at that is not for the whole."""

SIZE = 8
"""Bytes of a digest: these are compared with one another, not defended against anybody."""


def digest(*values: object) -> str:
    """Name some values."""
    hasher = blake2b(digest_size=SIZE)
    for value in values:
        for word in words(value):
            hasher.update(word.encode())
            hasher.update(b"\n")
    return hasher.hexdigest()


def mark(world: World, recent: int | None) -> str:
    """Name what can be seen of a world; with `recent`, look at so many last entries only."""
    if world.setup.beginnings:
        return mark_of_members([world.member(member) for member in world.alive_ids], recent)
    seen: list[object] = [world.now, world.step, sorted(world.cuts)]
    for member in world.member_ids:
        disk, paused = world.disk(member), world.paused(member)
        seen += [member, paused, world.clock(member), disk.written, disk.synced]
        if world.alive(member):
            seen += seen_of(world.member(member), recent)
    for packet in world.packets():
        seen += [*packet.key, packet.arrives_at, packet.held, type(packet.message).__name__]
    for client in world.clients.latest(len(world.clients) if recent is None else recent):
        seen += [client.request_id, client.answered_at, client.answer and client.answer.outcome]
    return digest(seen)


def mark_of_members(members: Iterable[Member], recent: int | None) -> str:
    """Name what can be seen of members alone: of a live run, there is no more to be seen."""
    return digest([[member.id, *seen_of(member, recent)] for member in members])


def seen_of(member: Member, recent: int | None) -> list[object]:
    """What can be seen of a member: its Raft state, its log, and the name of its store."""
    raft, log = member.raft, member.raft.log
    first = log.first_index if recent is None else max(log.first_index, log.last_index - recent)
    return [
        *(raft.term, raft.vote, raft.leader, type(raft.role).__name__),
        *(log.first_index, log.last_index, log.durable_index),
        *(log.commit_index, log.applied_index, str(raft.configuration), member.store.digest()),
        log.entries(first, log.last_index),
    ]


def words(value: object) -> Iterator[str]:
    """Write a value out."""
    if value is None or isinstance(value, bool | int | str | bytes):
        yield ascii(value)  # not repr: what it escapes differs between versions of Unicode
    elif isinstance(value, Entry):  # first of the rest, for there are many
        yield f"{value.index}@{value.term}"
        yield from words(value.payload)
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif isinstance(value, tuple | list | deque | Chunks):
        yield "["
        for item in value:
            yield from words(item)
        yield "]"
    elif isinstance(value, dict | set | frozenset):
        yield "{"
        items = value.items() if isinstance(value, dict) else value
        yield from sorted("\n".join(words(item)) for item in items)
        yield "}"
    elif isinstance(value, Store):
        yield value.digest()
    elif isinstance(value, Row):
        yield from words(content(value))  # type: ignore[arg-type]  # a row of records is a disk
    elif isinstance(value, EtcdError):
        yield type(value).__name__
        yield from words(value.args)
    elif isinstance(value, Rules):
        yield from value.broken
    elif not isinstance(value, Callable | Parts):  # type: ignore[arg-type]
        # A tracer only watches; and whoever does something in a member, what he did is what counts.
        yield type(value).__name__
        for name in attributes(type(value)):
            yield from words(getattr(value, name))


def content(disk: Disk) -> tuple[object, ...]:
    """What a disk holds, in whichever form: both name one state by one digest."""
    try:
        safe: object = disk.recovered()
    except DiskRefused:
        safe = "refused"  # each form has its own words for it
    return disk.synced, safe, disk.last_records(disk.written - disk.synced)


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
