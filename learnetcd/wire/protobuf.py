"""Protocol Buffers as etcd writes them: a message is a table, and this page reads the tables.

A message on the wire is a row of fields. Each begins with a key, `number << 3 | wire type`. Wire
type 0 is a varint; 2 is a length and so many bytes (bytes, text, another message):

    22 05 68 65 6c 6c 6f
    |  |  h  e  l  l  o
    |  5 bytes
    key 0x22 = 4 << 3 | 2: field 4, with a length

Which number is which field, the bytes don't say. That is in a table beside each class:

    class Entry(Protobuf):
        TABLE = Table(
            Field(1, "type", enum(EntryType)),
            ...
            Field(4, "data", BYTES, OPTIONAL),
        )

`encode` and `decode` go down the table (`straight` makes of each table the Python that writes it);
`spans` tells which bytes are which field, for those who look at a file in hexadecimal.

**Presence.** etcd's Go structs hold most fields as plain values, which can't be missing; so they
are always written, also when they are 0. Only fields marked OPTIONAL may be missing, and a field
that is there and empty (`22 00`) differs from one that is not there: None and b"" are kept apart.

**One form.** A message has one sequence of bytes: fields by ascending number, each `ALWAYS` field
there, numbers in their shortest form. We refuse everything else, with the offset at which it stops
making sense. So one law holds: what decodes encodes to the same bytes again.

Differs: decoders of Protocol Buffers (etcd's too) skip unknown fields, take fields in any order and
let the last of two win. A flipped bit may then turn one field into an unknown one, or a term
into a second index, and nobody notices. All that etcd writes has the one form.

Left out: the other wire types (fixed 32 and 64 bits, groups) and packed lists. etcd uses none here.

Source: etcd raftpb/raft.pb.go, the Marshal methods (made by gogo/protobuf, `nullable = false`); the
Protocol Buffers encoding guide. Next page: `straight`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, IntEnum
from typing import Any, ClassVar, Self, TypeVar

from learnetcd.value import dataclass
from learnetcd.wire import varint
from learnetcd.wire.straight import straight_reader, straight_writer

VARINT = 0
WITH_LENGTH = 2


class Malformed(ValueError):
    """The bytes are not what etcd would have written."""

    def __init__(self, message: str, offset: int, reason: str) -> None:
        """Say which message was read, where it stopped making sense, and why."""
        super().__init__(message, offset, reason)
        self.message = message
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.message}, byte {self.offset}: {self.reason}"


# --- what a table is made of --------------------------------------------------------------------


NOTHING = b"\0"
"""The number 0, false, and the length of what is empty."""


class Presence(Enum):
    """Whether a field may be missing."""

    ALWAYS = "!"
    """Written even when it is 0, false or empty."""
    OPTIONAL = "?"
    """None if it is missing."""
    REPEATED = "*"
    """A tuple: any number of times, one after the other."""


ALWAYS, OPTIONAL, REPEATED = Presence


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field holds. The values of a table are of many types, hence `Any`."""

    name: str
    wire_type: int
    pack: Callable[[Any], Any]
    """From our value to a number (VARINT) or to bytes (WITH_LENGTH)."""
    unpack: Callable[[Any], Any] | None
    """Back again; ValueError says what is wrong. None: as it is."""
    nested: type[Protobuf] | None = None
    """The class, where the field is a message itself."""

    @property
    def has_zero(self) -> bool:
        """Whether `NOTHING` stands for one of its values. Not in every enum, nor for messages."""
        try:
            return self.nested is None and self.zero is not None
        except ValueError:
            return False

    @property
    def zero(self) -> Any:  # noqa: ANN401
        """The value that `NOTHING` stands for."""
        nothing: Any = 0 if self.wire_type == VARINT else b""
        return nothing if self.unpack is None else self.unpack(nothing)


def _uint(bits: int) -> Kind:
    def fitting(number: int) -> int:
        if number >> bits:
            raise ValueError(f"{number} does not fit into {bits} bits")
        return number

    return Kind(f"uint{bits}", VARINT, fitting, None if bits == 64 else fitting)


def _flag(number: int) -> bool:
    if number > 1:
        raise ValueError(f"{number} is neither true (1) nor false (0)")
    return bool(number)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


UINT64 = _uint(64)
UINT32 = _uint(32)
BOOL = Kind("bool", VARINT, int, _flag)
# A negative number is written as its two's complement, so it takes all ten bytes.
INT64 = Kind("int64", VARINT, lambda number: number & ((1 << 64) - 1), _signed)
BYTES = Kind("bytes", WITH_LENGTH, bytes, None)
# surrogateescape: Go's strings are any bytes, and so is what a client may send. It must come back.
STRING = Kind(
    "string",
    WITH_LENGTH,
    lambda text: text.encode("utf-8", "surrogateescape"),
    lambda data: data.decode("utf-8", "surrogateescape"),
)


def enum(names: type[IntEnum]) -> Kind:
    """A number that has a name."""
    by_number = {int(name): name for name in names}  # looking up is faster than asking the enum

    def known(number: int) -> IntEnum:
        if number not in by_number:
            raise ValueError(f"{number} is not a valid {names.__name__}")
        return by_number[number]

    return Kind(names.__name__, VARINT, int, known)


def nested(message: type[Protobuf]) -> Kind:
    """A message inside the message."""
    return Kind(message.__name__, WITH_LENGTH, message.TABLE.write, None, message)


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table."""

    number: int
    name: str
    """The name of the attribute that holds it."""
    kind: Kind
    presence: Presence = ALWAYS

    @property
    def key(self) -> int:
        """What stands before it on the wire."""
        return self.number << 3 | self.kind.wire_type

    @property
    def has_length(self) -> bool:
        """Whether a length goes before its bytes."""
        return self.kind.wire_type == WITH_LENGTH

    @property
    def may_miss(self) -> bool:
        """Whether it may be missing."""
        return self.presence is OPTIONAL

    @property
    def is_list(self) -> bool:
        """Whether it may come many times."""
        return self.presence is REPEATED


class Table:
    """The fields of one message, by ascending number."""

    __slots__ = ("by_key", "fields", "lists", "may_miss", "read_straight", "write", "zeros")

    def __init__(self, *fields: Field) -> None:
        """Take the rows in the order in which they are written."""
        numbers = [field.number for field in fields]
        assert numbers == sorted(set(numbers)), f"the numbers do not ascend: {numbers}"
        self.fields = fields
        self.by_key = {field.key: field for field in fields}
        self.zeros = {field.key: field.kind.zero for field in fields if field.kind.has_zero}
        self.may_miss = [field.name for field in fields if field.may_miss]
        self.lists = [field.name for field in fields if field.is_list]
        self.read_straight = straight_reader(fields)
        self.write = straight_writer(fields)

    def __iter__(self) -> Iterator[Field]:
        """The rows."""
        return iter(self.fields)


class Protobuf:
    """A frozen dataclass with a table. An attribute for each row, of the same name."""

    __slots__ = ()
    TABLE: ClassVar[Table]

    def encode(self) -> bytes:
        """The bytes that etcd would write."""
        return self.TABLE.write(self)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read such bytes; or `Malformed`."""
        if cls.TABLE.read_straight is not None:
            try:
                values = cls.TABLE.read_straight(data, len(data))
            except (IndexError, ValueError):
                values = None
            if values is not None:
                return cls(*values)
        return _Reader(data).message(cls, 0, len(data), "")


Some = TypeVar("Some", bound=Protobuf)

# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a message, and what they are. Together the spans cover every byte once."""

    name: str
    """Which field: `term`, or `entries[0].data` inside another message."""
    offset: int
    length: int
    value: object
    """What it holds; None where the bytes are the head of a message whose fields follow."""


def spans(message: type[Protobuf], data: bytes) -> list[Span]:
    """Which bytes are which field, in the order of the bytes.

    >>> from learnetcd.wire.raftpb import HardState
    >>> [(span.name, span.offset, span.length) for span in spans(HardState, HardState(1).encode())]
    [('term', 0, 2), ('vote', 2, 2), ('commit', 4, 2)]
    """
    found: list[Span] = []
    _Reader(data, found).message(message, 0, len(data), "")
    return found


class _Reader:
    """Reads messages out of one run of bytes; offsets count from its beginning, nested or not.

    Decoding and `spans` are the same walk, so that a picture can't differ from what was decoded.
    """

    __slots__ = ("_data", "_found")

    def __init__(self, data: bytes, found: list[Span] | None = None) -> None:
        self._data = data
        self._found = found

    def message(self, message: type[Some], start: int, end: int, path: str) -> Some:
        """Read the message that lies between two offsets."""
        data, by_key, zeros = self._data, message.TABLE.by_key, message.TABLE.zeros
        values: dict[str, Any] = {}
        number = 0  # of the last field
        at = start
        try:
            while at < end:
                key_at = at
                if (key := data[at]) < 0x80:  # one byte: nearly always
                    value_at = at + 1
                else:
                    key, value_at = varint.read(data, at, end)
                field = by_key.get(key)
                if field is None:
                    raise ValueError(f"there is no field {key >> 3} of wire type {key & 7}")
                is_list = field.is_list
                if field.number <= number and not (is_list and field.number == number):
                    raise ValueError(f"{field.name} comes too late, or twice")
                number, at = field.number, value_at
                if is_list:
                    items = values.setdefault(field.name, [])
                    name = f"{path}{field.name}[{len(items)}]"
                    value, at = self._value(field, key_at, value_at, end, name)
                    items.append(value)
                elif self._found is None and at < end and data[at] == 0 and key in zeros:
                    values[field.name], at = zeros[key], at + 1
                else:
                    name = path + field.name
                    values[field.name], at = self._value(field, key_at, value_at, end, name)
        except Malformed:
            raise  # of a message inside this one
        except ValueError as error:
            raise Malformed(message.__name__, at, str(error)) from None
        return message(**_complete(message, values, end))

    def _value(
        self, field: Field, key_at: int, value_at: int, end: int, name: str
    ) -> tuple[Any, int]:
        """Read what follows a key, and say where it ends."""
        kind = field.kind
        content: Any  # a number, or after the next lines bytes
        content, after = varint.read(self._data, value_at, end)
        if kind.wire_type == WITH_LENGTH:
            content_at, after = after, after + content
            if after > end:
                reason = f"{field.name} has {content} bytes, but {end - content_at} are left"
                raise ValueError(reason)
            if kind.nested is not None:
                self._show(name, key_at, content_at, None)
                return self.message(kind.nested, content_at, after, f"{name}."), after
            content = self._data[content_at:after]
        if kind.unpack is not None:
            try:
                content = kind.unpack(content)
            except ValueError as error:
                raise ValueError(f"{field.name}: {error}") from None
        if self._found is not None:
            self._show(name, key_at, after, content)
        return content, after

    def _show(self, name: str, start: int, end: int, value: object) -> None:
        if self._found is not None:
            self._found.append(Span(name, start, end - start, value))


def _complete(message: type[Protobuf], values: dict[str, Any], end: int) -> dict[str, Any]:
    """Add what may be missing; refuse if something else is."""
    table = message.TABLE
    for name in table.may_miss:
        values.setdefault(name, None)
    for name in table.lists:
        values[name] = tuple(values.get(name, ()))
    if len(values) < len(table.fields):
        missing = next(field.name for field in table if field.name not in values)
        raise Malformed(message.__name__, end, f"{missing} is missing")
    return values
