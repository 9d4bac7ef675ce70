"""What only a live run can show: real files, real bytes on real sockets, real tasks.

    a picture of the twin     members, logs, messages, clients         `pictures`
    + records                 as they lie in the member's files        `runtime.log_tail`
    + exchanges               as they were heard at its socket         `runtime.overhearing`
    + tasks                   who works for it, and waits for what     `runtime.held_tasks`

A real disk is faster than the story: what a member wrote is on it, synced, before somebody steps on
and the member is told. So of a live member nothing lies below the line of fsync, and a crash now
would leave all; the twin, and the member, know of less.

All of it is asked for when somebody looks, in the thread of the members.

Next page: `real_scene`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from learnetcd.disk import mapping
from learnetcd.disk.record import RecordType
from learnetcd.disk.scan import Placed
from learnetcd.errors import UserError
from learnetcd.member.effects import Apply
from learnetcd.member.inputs import (
    PeerUnreachable,
    RequestCancelled,
    RequestSubmitted,
    SnapshotReported,
    WalSynced,
)
from learnetcd.member.request import KeyRequest, Method, Request
from learnetcd.raft.messages import Message
from learnetcd.runtime.held_cluster import HeldCluster
from learnetcd.runtime.reins import Reins
from learnetcd.session import anatomy, marks
from learnetcd.session.exchange import exchange_view, view_of
from learnetcd.session.views import (
    ClientView,
    ExchangeView,
    FileView,
    MemberView,
    ProxyView,
    RecordView,
    TaskView,
    WorkView,
)
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.disk import Disk
from learnetcd.simulator.words import hard_state_text, message_text, payload_text, request_text
from learnetcd.tracing import member_name
from learnetcd.wire import etcdserverpb, raftpb, walpb

PATIENT = ("--timeout", "10m", "--total-timeout", "10m")
"""Left to itself, etcdctl gives up after a second or two: too soon for who steps by hand."""


class Lookout:
    """Looks at real members, whenever a view is drawn."""

    def __init__(
        self, reins: Reins, cluster: HeldCluster, urls: tuple[str, ...], first_url: str
    ) -> None:
        """Look at these; `urls` is where clients find each, `first_url` whom to ask first."""
        self._reins = reins
        self._cluster = cluster
        self._urls = urls
        self._first_url = first_url

    @property
    def invitation(self) -> tuple[str, ...]:
        """A write, as curl and as etcdctl ask for it."""
        asked = KeyRequest(Method.PUT, "/msg", "hello")
        record = ClientRecord(0, 1, asked, 0, 0)
        shown = exchange_view(record, self._first_url, PATIENT)
        return shown.curl, shown.etcdctl

    def proxy(self, url: str) -> ProxyView:
        """The proxy at a URL, and what it is doing."""
        endpoints, avoided, under_way = self._reins.do(self._cluster.passages)
        return ProxyView(
            url,
            tuple(map(self._name_at, endpoints)),
            tuple((self._name_at(url), why) for url, why in avoided.items()),
            tuple(
                (f"{request.method} {request.path}", self._name_at(asked))
                for request, asked in under_way
            ),
        )

    def _name_at(self, url: str) -> str:
        return member_name(self._urls.index(url) + 1) if url in self._urls else url

    def member(self, view: MemberView, disk: Disk, awaits_sync: bool) -> MemberView:
        """A member with its real files and tasks.

        Its real disk syncs all that it is given; so what nobody waits for is synced long since.
        """
        everything = disk.written - disk.synced
        return replace(
            view,
            unsynced_records=everything if awaits_sync else 0,
            records=partial(self._records, view.id),
            after_crash=marks.after_crash_of(disk, everything),
            files=partial(self._files, view.id),
            work=partial(self._work, view.id),
        )

    def client(self, view: ClientView, record: ClientRecord) -> ClientView:
        """A client with what was heard of it."""
        return replace(view, exchange=partial(self._exchange, record))

    def at_the_door(self, member: int, asked: RequestSubmitted) -> ClientView:
        """A client whom nobody has let in yet."""
        return ClientView(
            asked.request_id,
            f"{request_text(asked.request)} → {member_name(member)}",
            outcome="pending",
            result="",
            truth=f"it waits at the door of {member_name(member)}",
            exchange=partial(self._heard, member, asked.request_id, asked.request),
        )

    # -- disks --------------------------------------------------------------------------------

    def _records(self, member: int, count: int) -> tuple[RecordView, ...]:
        try:
            found = self._reins.do(self._cluster.log_of, member).records
        except (UserError, OSError):
            return ()
        return tuple(
            RecordView(
                record_text(placed),
                synced=True,
                number=number,
                data=data,
                pieces=partial(anatomy.pieces_of_record, data),
                offset=placed.at.offset,
            )
            for number, placed, data in list(found)[-count:]
        )

    def _files(self, member: int) -> tuple[FileView, ...]:
        try:
            segments, snapshots = self._reins.do(self._cluster.files_of, member)
            end = self._reins.do(self._cluster.log_of, member).end
        except (UserError, OSError):
            return ()
        folder = self._cluster.places[member].settings.data_dir
        log = [FileView(f"wal/{one}", "full") for one in segments[:-1]]
        log += [FileView(f"wal/{one}", f"{end} bytes are written") for one in segments[-1:]]
        snap = [marks.snapshot_file(one.term, one.index) for one in snapshots]
        return FileView(f"{folder}/member/", ""), *log, *snap

    # -- clients ------------------------------------------------------------------------------

    def _exchange(self, record: ClientRecord) -> ExchangeView:
        number, member = record.request_id, record.member
        return self._heard(member, number, record.request, record)

    def _heard(
        self, member: int, number: int, request: Request, record: ClientRecord | None = None
    ) -> ExchangeView:
        url, heard = self._urls[member - 1], self._cluster.ear.heard.get(number)
        if heard is not None:
            return view_of(request, url, PATIENT, heard.asked, heard.told, record)
        asked = record or ClientRecord(number, member, request, 0, 0)
        return exchange_view(asked, url, PATIENT)  # it was asked by a key, not through a socket

    # -- tasks --------------------------------------------------------------------------------

    def _work(self, member: int) -> WorkView:
        try:
            tasks = self._reins.do(self._cluster.tasks_of, member)
            gates = self._reins.do(self._cluster.waiting_of, member)
        except UserError:
            return WorkView((), ())
        return WorkView(
            tuple(
                TaskView(
                    f"{one.name} ×{one.count}" if one.count > 1 else one.name,
                    *(one.depth, one.waits_for, one.where, one.line),
                )
                for one in tasks
            ),
            tuple((name, about_text(about)) for name, waiting in gates for about in waiting),
        )


def record_text(placed: Placed) -> str:
    """A record of a real log in one line."""
    match placed.type:
        case RecordType.ENTRY:
            entry = mapping.from_entry(raftpb.Entry.decode(placed.data))
            return f"entry {entry} {payload_text(entry.payload)}"
        case RecordType.STATE:
            return hard_state_text(mapping.from_hard_state(raftpb.HardState.decode(placed.data)))
        case RecordType.SNAPSHOT:
            marker = walpb.Snapshot.decode(placed.data)
            return f"snapshot {marker.index}@{marker.term}"
        case RecordType.METADATA:
            owner = etcdserverpb.Metadata.decode(placed.data)
            return f"the log of {member_name(owner.node_id)}, cluster {owner.cluster_id:x}"
        case RecordType.CRC:
            return f"checksum so far: {placed.at.record.crc:08x}"


def about_text(about: object) -> str:
    """What waits at a gate, in words."""
    match about:
        case Message():
            return f"{message_text(about)} from {member_name(about.sender)}"
        case RequestSubmitted(request_id=number, request=request):
            return f"c{number} {request_text(request)}"
        case RequestCancelled(request_id=number):
            return f"c{number} has gone"
        case WalSynced(batch=batch):
            return f"the disk has batch {batch}"
        case Apply(through=index):
            return f"entries up to {index} are committed"
        case PeerUnreachable(member=member):
            return f"{member_name(member)} could not be reached"
        case SnapshotReported(member=member):
            return f"what became of the snapshot for {member_name(member)}"
        case _:
            return "its timer has run out"
