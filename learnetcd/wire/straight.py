r"""Straight lines: a table, written out as the Python that one would write by hand.

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
way, and that tells what is wrong and where. So this page adds nothing to reading but speed: a log
of 100,000 writes is 300,000 messages. Lists and messages inside messages it leaves to the one way.

Writing has no such doubts, so it is done here, and in no other way. Most fields of most messages
are 0 or empty, and what is written for these is known beforehand:

    def write(message):
        out = bytearray()
        value = message.term
        if value:
            out += b"\x08"
            number = fitting(value)
            if number < 128: out.append(number)
            else: out += varint(number)
        else: out += b"\x08\x00"
        value = message.vote
        ...
        return bytes(out)

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
Writer: TypeAlias = Callable[[Any], bytes]
"""From a message, whose attributes have the names of the fields, to its bytes."""

# --- reading ------------------------------------------------------------------------------------


def straight_reader(fields: tuple[Field, ...]) -> Reader | None:
    """Make a function that reads a message of these fields; None if they are not simple enough."""
    if any(field.is_list or field.kind.nested is not None for field in fields):
        return None
    names: dict[str, Any] = {"varint": varint.read}
    for field in fields:
        names[f"zero{field.number}"] = field.kind.zero if field.kind.has_zero else None
    lines = ["def read(data, end):", " at = 0"]
    for place, field in enumerate(fields):
        if place and fields[place - 1].has_length and not field.has_length:
            lines += lines_for_nothing_more(fields, place)
        # What the lines of this field need is known to them under names that end in its number.
        names[f"unpack{field.number}"] = field.kind.unpack
        lines += lines_for(field)
    values = "".join(f"value{field.number}, " for field in fields)
    lines.append(f" return ({values}) if at == end else None")
    exec("\n".join(lines), names)  # our own lines, about our own tables
    reader: Reader = names["read"]
    return reader


def lines_for_nothing_more(fields: tuple[Field, ...], place: int) -> Iterator[str]:
    """Where the text of a request ends, nothing but zeros follows, nearly always: be done then."""
    rest = [field for field in fields[place:] if not field.may_miss]
    if rest and all(field.kind.has_zero for field in rest):
        zeros = b"".join(varint.write(field.key) + varint.write(0) for field in rest)
        values = [f"value{field.number}" for field in fields[:place]]
        values += ["None" if field.may_miss else f"zero{field.number}" for field in fields[place:]]
        yield f" if data[at:end] == {zeros!r}: return {', '.join(values)}"


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


# --- writing ------------------------------------------------------------------------------------


def straight_writer(fields: tuple[Field, ...]) -> Writer:
    """Make a function that writes a message of these fields."""
    names: dict[str, Any] = {f"pack{field.number}": field.kind.pack for field in fields}
    names["varint"] = varint.write
    lines = ["def write(message):", " out = bytearray()"]
    for field in fields:
        lines += lines_to_write(field)
    lines.append(" return bytes(out)")
    exec("\n".join(lines), names)  # our own lines, about our own tables
    writer: Writer = names["write"]
    return writer


def lines_to_write(field: Field) -> Iterator[str]:
    """Write one field: each item of a list, or the value if there is one, or else a zero."""
    value = f"message.{field.name}"
    if field.is_list:
        yield f" for value in {value}:"
    else:
        yield f" value = {value}"
        yield " if value is not None:" if field.may_miss else " if value:"
    yield from (f"  {line}" for line in lines_to_write_value(field))
    if not (field.is_list or field.may_miss):
        yield f" else: out += {varint.write(field.key) + varint.write(0)!r}"


def lines_to_write_value(field: Field) -> Iterator[str]:
    """Write a key and what follows it."""
    yield f"out += {varint.write(field.key)!r}"
    if field.has_length:
        yield f"data = pack{field.number}(value)"
        yield "number = len(data)"
    else:
        yield f"number = pack{field.number}(value)"
    yield "if number < 128: out.append(number)"
    yield "else: out += varint(number)"
    if field.has_length:
        yield "out += data"
