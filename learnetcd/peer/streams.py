"""Streams: many messages in one endless response, and how they are told apart.

**The message stream** is a row of lengths and messages. A link that has nothing to say sends a
heartbeat of its own now and then, which is from nobody to nobody:

    00 00 00 00 00 00 00 1e   08 08 10 00 18 00 ...      30 bytes of Message follow
    00 00 00 00 00 00 00 2e   08 04 10 c7 ac d3 ...

**The append stream** leaves out what both ends know already. A busy leader sends one append after
the other, and each begins where the last one ended; so a type byte says what follows:

    00                                                   the link's heartbeat
    02   length, Message                                 an append, in full
    01   count, count x (length, Entry), commit index    an append that goes on from the last one

Both ends keep where the last append ended, as (term, index). An append of the short kind is from
the same leader, its previous entry is that one, and its entries count up from there. A new commit
index alone takes 17 bytes. All numbers are eight bytes, the highest first.

The borders of the chunks in which HTTP delivers a stream mean nothing; a reader is fed whatever
came, and gives the messages that are complete by then.

Source: etcd 3.4 etcdserver/api/rafthttp/message_codec.go, msgappv2_codec.go.

Left out: version 1 of the append stream, which etcd 2.0 spoke. Next page: `delivery`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import Enum, IntEnum

from learnetcd.disk.mapping import from_entry, to_entry
from learnetcd.peer import messages
from learnetcd.peer.messages import NUMBER_BYTES, to_number
from learnetcd.raft.messages import AppendEntries, Message
from learnetcd.value import dataclass
from learnetcd.wire import raftpb
from learnetcd.wire.raftpb import MessageType

MOST_BYTES = 512 * 1024 * 1024
"""A frame that claims to be longer is none. (etcd's limit.)"""

LINK_HEARTBEAT = raftpb.Message(type=MessageType.HEARTBEAT).encode()


class Kind(Enum):
    """The two kinds of stream, by their names in the path of the request."""

    MESSAGE = "message"
    APPEND = "msgapp"


def framed(data: bytes) -> bytes:
    """Put its length before it."""
    return to_number(len(data)) + data


class Incoming:
    """What came in and was not read yet."""

    __slots__ = ("_at", "_data")

    def __init__(self) -> None:
        """Nothing came."""
        self._data = b""
        self._at = 0

    def feed(self, data: bytes) -> None:
        """More came."""
        self._data = self._data[self._at :] + data
        self._at = 0

    def mark(self) -> int:
        """Where we are, to come back to if what follows is not complete."""
        return self._at

    def back_to(self, mark: int) -> None:
        """Come back."""
        self._at = mark

    def take(self, count: int) -> bytes:
        """Take so many bytes; `Incomplete` if they did not come yet."""
        end = self._at + count
        if end > len(self._data):
            raise Incomplete
        taken, self._at = self._data[self._at : end], end
        return taken

    def take_number(self) -> int:
        """Take a number."""
        return int.from_bytes(self.take(NUMBER_BYTES), "big")

    def take_framed(self) -> bytes:
        """Take what has its length before it."""
        length = self.take_number()
        if length > MOST_BYTES:
            raise messages.malformed(f"it claims to be {length} bytes long")
        return self.take(length)


class Incomplete(Exception):
    """More bytes are needed."""


class Decoder(ABC):
    """Reads one stream, for as long as its connection lasts."""

    def __init__(self) -> None:
        """Begin with a new connection."""
        self._incoming = Incoming()

    def feed(self, data: bytes) -> Iterator[Message | None]:
        """Take bytes, give the messages complete by now; None for each heartbeat of the link."""
        incoming = self._incoming
        incoming.feed(data)
        while True:
            mark = incoming.mark()
            try:
                message = self._next()
            except Incomplete:
                incoming.back_to(mark)
                return
            yield message

    @abstractmethod
    def _next(self) -> Message | None:
        """Read the next message; `Incomplete` if it did not come whole yet."""


# --- the message stream ---------------------------------------------------------------------------


class MessageEncoder:
    """Writes a message stream."""

    heartbeat = framed(LINK_HEARTBEAT)

    def encode(self, message: Message) -> bytes:
        """Write a message."""
        return framed(messages.encode(message))


class MessageDecoder(Decoder):
    """Reads a message stream."""

    def _next(self) -> Message | None:
        return messages.decode(self._incoming.take_framed())


# --- the append stream ----------------------------------------------------------------------------


class AppendFrame(IntEnum):
    """The type byte."""

    LINK_HEARTBEAT = 0
    CONTINUED = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class End:
    """Where the last append of a stream ended."""

    term: int = 0
    index: int = 0

    @classmethod
    def of(cls, append: AppendEntries) -> End:
        """Where an append ends."""
        return cls(append.term, append.previous_index + len(append.entries))

    def is_continued_by(self, append: AppendEntries) -> bool:
        """Whether the short kind can say this append."""
        # An append of an older term's entries has another previous term: it can't.
        return (self.term, self.term, self.index) == (
            append.term,
            append.previous_term,
            append.previous_index,
        )


class AppendEncoder:
    """Writes an append stream."""

    heartbeat = bytes([AppendFrame.LINK_HEARTBEAT])

    def __init__(self) -> None:
        """Begin with a new connection."""
        self._end = End()

    def encode(self, append: AppendEntries) -> bytes:
        """Write an append, the short way if it goes on from the last one."""
        continued = self._end.is_continued_by(append)
        self._end = End.of(append)
        if not continued:
            return bytes([AppendFrame.FULL]) + framed(messages.encode(append))
        entries = b"".join(framed(to_entry(entry).encode()) for entry in append.entries)
        count, commit_index = to_number(len(append.entries)), to_number(append.commit_index)
        return bytes([AppendFrame.CONTINUED]) + count + entries + commit_index


class AppendDecoder(Decoder):
    """Reads an append stream."""

    def __init__(self, sender: int, receiver: int) -> None:
        """Begin with a new connection: an append of the short kind names neither end."""
        super().__init__()
        self._sender = sender
        self._receiver = receiver
        self._end = End()

    def _next(self) -> AppendEntries | None:
        append = self._frame()
        if append is not None:
            self._end = End.of(append)
        return append

    def _frame(self) -> AppendEntries | None:
        incoming = self._incoming
        (kind,) = incoming.take(1)
        match kind:
            case AppendFrame.LINK_HEARTBEAT:
                return None
            case AppendFrame.FULL:
                message = messages.decode(incoming.take_framed())
                if not isinstance(message, AppendEntries):
                    raise messages.malformed(f"an append was expected, not {message}")
                return message
            case AppendFrame.CONTINUED:
                return self._continued()
            case _:
                raise messages.malformed(f"a frame of type {kind}; 0, 1 and 2 are known")

    def _continued(self) -> AppendEntries:
        incoming, end = self._incoming, self._end
        entries = []
        for place in range(1, incoming.take_number() + 1):
            entry = from_entry(raftpb.Entry.decode(incoming.take_framed()))
            if entry.index != end.index + place:
                raise messages.malformed(f"entry {entry} came, entry {end.index + place} was due")
            entries.append(entry)
        commit_index = incoming.take_number()
        return AppendEntries(
            self._sender,
            self._receiver,
            end.term,
            end.index,
            end.term,
            tuple(entries),
            commit_index,
        )
