"""Straight-line readers: a table, written out as the Python that one would write by hand.

The one way to read a message is told in `protobuf`: look at the key, find the row, check that it
comes in its place. Nearly every message is as it should be, though, and then each of these answers
is known beforehand: the first key is that of the first row, and so on. So from a table a function
is made, once, that expects just this. For `HardState` with its fields 1, 2 and 3 it is

    def read(data, end):
        if data[0] != 0x08: return None
        number = data[1]; at = 2
        if number > 127: number, at = varint(data, 1, end)
        term = number
        if data[at] != 0x10: return None
        ...
        return term, vote, commit

None, or an error, says "not what I expected", no more. Then `protobuf` reads it again in the one
way, and that tells what is wrong and where. So this page decides nothing: without it, all would be
read as it is, only more slowly (a log of 100,000 writes is 300,000 messages).

Left out: lists, and messages inside messages. They are read in the one way.

Source: the method is that of `dataclasses` and of Go's protobuf compiler: programs write programs.

Next page: `raftpb`, the first tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from learnetcd.wire import varint

if TYPE_CHECKING:
    from learnetcd.wire.protobuf import Field

Reader: TypeAlias = Callable[[bytes, int], "tuple[Any, ...] | None"]
"""From a message and its length to the values of its fields."""


def straight_reader(fields: tuple[Field, ...]) -> Reader | None:
    """Make a function that reads a message of these fields; None if they are not simple enough."""
    if any(field.is_list or field.kind.nested is not None for field in fields):
        return None
    names: dict[str, Any] = {"varint": varint.read}
    lines = ["def read(data, end):", " at = 0"]
    for field in fields:
        # What the lines of this field need is known to them under names that end in its number.
        names[f"unpack{field.number}"] = field.kind.unpack
        names[f"zero{field.number}"] = field.kind.zero if field.kind.has_zero else None
        lines += lines_for(field)
    values = "".join(f"value{field.number}, " for field in fields)
    lines.append(f" return ({values}) if at == end else None")
    exec("\n".join(lines), names)  # our own lines, about our own tables
    reader: Reader = names["read"]
    return reader


def lines_for(field: Field) -> Iterator[str]:
    """Read one field, if it is there; if it must be and is not, give up."""
    key = varint.write(field.key)
    found = f"data[at] == {key[0]}" if len(key) == 1 else f"data[at:at+{len(key)}] == {key!r}"
    if field.may_miss:
        yield f" value{field.number} = None"
        yield f" if at < end and {found}:"
        yield from (f"  {line}" for line in lines_for_value(field, len(key)))
    else:
        yield f" if not {found}: return None"
        yield from (f" {line}" for line in lines_for_value(field, len(key)))


def lines_for_value(field: Field, key_size: int) -> Iterator[str]:
    """Read what follows a key."""
    yield f"number = data[at+{key_size}]"
    yield f"at += {key_size + 1}"
    yield "if number > 127: number, at = varint(data, at - 1, end)"
    content = "number"
    if field.has_length:
        yield "start = at"
        yield "at += number"
        yield "if at > end: return None"
        content = "data[start:at]"
    if field.kind.unpack is not None:
        content = f"unpack{field.number}({content})"
        if field.kind.has_zero:
            content = f"{content} if number else zero{field.number}"
    yield f"value{field.number} = {content}"
