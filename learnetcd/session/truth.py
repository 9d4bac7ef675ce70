"""What really became of a client's request: the client can't see that.

    the client was told     the truth
    unknown (timed out)     "committed at 4"               it happened all the same
    unknown (timed out)     "overwritten"                  it never will
    pending                 "stored on 1 of 3"             it may happen yet
    done: 1                 "old: c3 had put x=B before"   a read that told yesterday's news

Three answers are all that a client ever gets (done, refused, unknown), and *unknown* is the honest
one: the logs, which are shown here, are what the client would have to look into to know more.

Left out: requests of long ago. Only the last entries and records are searched, so that a picture
of a long run costs no more than one of a short one.

Next page: `anatomy`.
"""

from __future__ import annotations

from functools import cached_property

from learnetcd.member.command import Command, decode_command
from learnetcd.member.request import (
    KeyRequest,
    Method,
    Outcome,
    ReadKind,
    WatchRequest,
    request_id_of,
)
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry
from learnetcd.simulator import moment
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.words import request_text
from learnetcd.simulator.world import World
from learnetcd.store.path import is_below

SEARCHED = 200
"""So many of the last entries, and of the last records of a disk, are looked at."""


class Truths:
    """What became of the requests of one world."""

    def __init__(self, world: World) -> None:
        """Look through the logs once, for all requests."""
        self.world = world
        self._holders = _holders(world)

    def of(self, record: ClientRecord) -> str:
        """Say what became of a request, in a few words."""
        if isinstance(record.request, WatchRequest):
            return ""  # it is in no log, and what it was told is all there is
        if _is_read(record) and not _goes_through_the_log(record):
            return self._of_read(record)
        if record.answer is not None and record.answer.outcome is Outcome.REFUSED:
            return "refused: nothing was changed"
        holders = self._holders.get(record.request_id, [])
        for index, holder in holders:
            if index <= moment.commit_index(self.world, holder):
                return f"committed at {index}"
        if record.answer is not None and record.answer.outcome is Outcome.DONE:
            return "committed"  # long ago: its entry is behind what was searched
        if holders:
            index, holder = holders[0]
            if self._is_replaced(index, holder):
                return f"overwritten: entry {index} is another one"
            count = len(moment.members(self.world))
            return f"stored on {len(holders)} of {count}, not committed"
        return "overwritten" if record.request_id in self._written else "in no log"

    @cached_property
    def _written(self) -> set[int]:
        """The requests of which some disk has a record: what was replaced stays for a while."""
        disks = [self.world.disk(member) for member in moment.members(self.world)]
        records = [record for disk in disks for _, record in disk.last_records(SEARCHED)]
        return {_request_id(record) for record in records if isinstance(record, Entry)}

    def waiting_entry(self, record: ClientRecord) -> tuple[int, int] | None:
        """Where a request's entry waits to be committed: (index, member); None if nowhere."""
        for index, member in self._holders.get(record.request_id, []):
            if self.world.alive(member) and index > moment.commit_index(self.world, member):
                return index, member
        return None

    def _of_read(self, record: ClientRecord) -> str:
        """An answer is old if a write of the key was confirmed to somebody before the question."""
        answer, read = record.answer, record.request
        if answer is None or answer.outcome is Outcome.UNKNOWN or not isinstance(read, KeyRequest):
            return ""
        for other in self.world.clients.latest(SEARCHED):
            write, told = other.request, other.answer
            if told is None or told.event is None or not isinstance(write, KeyRequest):
                continue
            node = told.event.node
            is_newer = write.method is not Method.GET and node.modified_index > answer.etcd_index
            if is_newer and _concerns(node.key, read.key) and other.answered_in < record.asked_in:
                return f"old: c{other.request_id} had {request_text(write)} before"
        return "fresh"

    def _is_replaced(self, index: int, holder: int) -> bool:
        """Whether another entry is committed where the holder has this one."""
        if not self.world.alive(holder):
            return False
        own_term = self.world.member(holder).raft.log.term_at(index)
        logs = [member.raft.log for member in moment.living(self.world)]
        return any(log.commit_index >= index and log.term_at(index) != own_term for log in logs)


def _concerns(written: str, read: str) -> bool:
    """Whether a write of one key is seen by who reads another: in or above its directory."""
    return written == read or is_below(written, read) or is_below(read, written)


def _is_read(record: ClientRecord) -> bool:
    request = record.request
    return isinstance(request, KeyRequest) and request.method is Method.GET


def _goes_through_the_log(record: ClientRecord) -> bool:
    request = record.request
    return isinstance(request, KeyRequest) and request.read is ReadKind.QUORUM


def _holders(world: World) -> dict[int, list[tuple[int, int]]]:
    """For each request, where its entry stands: (index, member); dead members by their disks."""
    found: dict[int, list[tuple[int, int]]] = {}
    for member in moment.members(world):
        if world.alive(member):
            log = world.member(member).raft.log
            entries = log.entries(max(log.first_index, log.last_index - SEARCHED), log.last_index)
        else:
            entries = moment.on_disk(world, member).entries[-SEARCHED:]
        for entry in entries:
            found.setdefault(_request_id(entry), []).append((entry.index, member))
    return found


def _request_id(entry: Entry) -> int:
    """The client request that an entry carries; 0 for none."""
    if isinstance(entry.payload, ConfigChange):
        return request_id_of(entry.payload)
    command = decode_command(entry.payload) if entry.payload else None
    return command.request_id if isinstance(command, Command) else 0
