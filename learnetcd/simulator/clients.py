"""The clients: what was asked, and what each of them was told.

    c1   put /x 1 at S2     asked at 100 ms     done      at 142 ms
    c2   put /x 2 at S2     asked at 180 ms     unknown   at 210 ms: S2 died
    c3   get /x   at S1     asked at 250 ms     pending
    c4   watch /x at S1     asked at 260 ms     waiting   told: set /x 3

A client that is told "unknown" is told the truth: the connection broke, or time ran out, and what
it asked for may have happened, may still happen, or never will. Only who finds nobody listening
knows that nothing happened.

Records are kept in the order of asking, and request ids grow (but for a live run): so a record is
found by halving, and a fork shares all but the last few.

Left out: a client's own opinion, such as asking again. Whoever drives the world decides that.

Next page: `world`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from learnetcd.member.request import Answer, Outcome, Request, WatchRequest
from learnetcd.raft.chunks import Chunks
from learnetcd.store.event import Event
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A request of a client and what became of it."""

    request_id: int
    member: int
    request: Request
    asked_at: int
    asked_in: int
    """The step."""
    answer: Answer | None = None
    """None while it is pending; UNKNOWN when the member died or gave up."""
    answered_at: int = 0
    answered_in: int = 0
    notices: tuple[Event, ...] = ()
    """What a watcher was told, in this order, after it was answered that it has to wait."""
    watches: bool = False
    """Whether it may be told of more."""

    @property
    def outcome(self) -> str:
        """How it stands with it, in a word; for who watches there are three more than for others.

        `watching`: it may be told of something yet. `told`: it was told what it wanted to know.
        `ended`: its watch ended before that; a stream never has enough.
        """
        if self.answer is None:
            return "pending"
        if self.answer.outcome is not Outcome.WAITING:
            told: str = self.answer.outcome.value
            return told
        if self.watches:
            return "watching"
        is_stream = isinstance(self.request, WatchRequest) and self.request.stream
        return "told" if self.notices and not is_stream else "ended"


class Clients(Mapping[int, ClientRecord]):
    """All requests of a run, by request id, in the order in which they were asked."""

    __slots__ = ("_pending", "_records", "_watching")

    def __init__(self) -> None:
        """Nobody has asked for anything."""
        self._records: Chunks[ClientRecord] = Chunks()
        self._pending: dict[int, int] = {}  # where the pending ones are, by request id
        self._watching: dict[int, int] = {}  # and where those who watch

    def __getitem__(self, request_id: int) -> ClientRecord:
        low, high = self._records.start, self._records.end
        while low < high:
            middle = (low + high) // 2
            record = self._records[middle]
            if record.request_id == request_id:
                return record
            low, high = (middle + 1, high) if record.request_id < request_id else (low, middle)
        # Who waits at the door of a live member may be let in after others who came later.
        for record in self._records:
            if record.request_id == request_id:
                return record
        raise KeyError(request_id)

    def __iter__(self) -> Iterator[int]:
        return (record.request_id for record in self._records)

    def __len__(self) -> int:
        return len(self._records)

    @property
    def last_id(self) -> int:
        """The request id of who asked last: in a simulated run the next one must be above."""
        records = self._records
        return records[records.end - 1].request_id if len(records) else 0

    @property
    def pending(self) -> tuple[int, ...]:
        """The ids of those who wait for an answer, in the order in which they asked."""
        return tuple(self._pending)

    @property
    def watching(self) -> tuple[int, ...]:
        """The ids of those who watch a key and may be told of more."""
        return tuple(self._watching)

    def latest(self, count: int) -> list[ClientRecord]:
        """List the last requests, the oldest of them first."""
        records = self._records
        return records.slice(max(records.start, records.end - count), records.end)

    def ask(self, record: ClientRecord) -> None:
        """Add a request."""
        self._pending[record.request_id] = self._records.end
        self._records.append(record)

    def answer(self, request_id: int, answer: Answer, now: int, step: int) -> None:
        """Tell a client; one who has been told hears nothing more."""
        place = self._pending.pop(request_id, None)
        if place is not None:
            watches = answer.outcome is Outcome.WAITING
            self._records[place] = replace(
                self._records[place],
                answer=answer,
                answered_at=now,
                answered_in=step,
                watches=watches,
            )
            if watches:
                self._watching[request_id] = place

    def notify(self, request_id: int, event: Event | None, *, done: bool) -> None:
        """Tell a watcher; one whose connection is gone hears nothing."""
        place = self._watching.get(request_id)
        if place is None:
            return
        record = self._records[place]
        told = record.notices if event is None else (*record.notices, event)
        self._records[place] = replace(record, notices=told, watches=not done)
        if done:
            del self._watching[request_id]

    def leave(self, request_id: int, now: int, step: int) -> None:
        """A client does not wait any longer: what it asked for may still happen."""
        self.answer(request_id, Answer(Outcome.UNKNOWN), now, step)
        self.notify(request_id, None, done=True)

    def disconnect(self, member: int, now: int, step: int) -> None:
        """Break the connections to a member that died: what was asked there may have happened."""
        for request_id, place in [*self._pending.items(), *self._watching.items()]:
            if self._records[place].member == member:
                self.leave(request_id, now, step)

    def fork(self) -> Clients:
        """Copy it for next to nothing."""
        copy = Clients.__new__(Clients)
        copy._records = self._records.fork()
        copy._pending = self._pending.copy()
        copy._watching = self._watching.copy()
        return copy
