"""A link: the way to one other member and back.

                 message stream    <- it has opened it, we write: all but appends and snapshots
    us           append stream     <- it has opened it, we write: appends
     |    -----  POST /raft        what finds no stream, four at a time            ---->  it
     |    -----  POST /raft/snapshot   one at a time                               ---->
     +    <====  message stream    we have opened it, it writes
          <====  append stream     we have opened it, it writes

Nothing here waits for anybody. A message is handed to a stream or a queue, and if there is no room
it is lost, and the member is told that it could not be delivered: Raft sends again what matters.
So one member that is slow, or gone, never holds up what is said to the others.

A stream that says nothing for five seconds is dead, whatever the operating system believes; so each
of them carries a heartbeat of its own, three times as often.

Source: etcd 3.4 etcdserver/api/rafthttp/peer.go, stream.go, pipeline.go, snapshot_sender.go.

Next page: `peers`.
"""

from __future__ import annotations

from typing import Protocol

import trio

from learnetcd.api.http import HttpResponse
from learnetcd.disk import backend
from learnetcd.member.cluster import name_of
from learnetcd.peer import delivery, messages
from learnetcd.peer.handshake import CLUSTER, Local
from learnetcd.peer.streams import (
    AppendDecoder,
    AppendEncoder,
    Decoder,
    Kind,
    MessageDecoder,
    MessageEncoder,
)
from learnetcd.raft.messages import AppendEntries, InstallSnapshot, Message
from learnetcd.runtime import journal
from learnetcd.runtime.http_client import ClientConnection, HttpClient, NoAnswer, NotBelieved
from learnetcd.wire.protobuf import Malformed

POSTS_AT_A_TIME = 4
MOST_WAITING_POSTS = 64
MOST_UNSENT_PIECES = 4096

SILENCE_S = 5
"""A stream that says nothing for so long is dead."""
HEARTBEAT_S = SILENCE_S / 3
REDIAL_S = 0.1

REMOVED = (403, 410)
"""What a member is told that was removed from the cluster."""


class Sink(Protocol):
    """A stream that another member has opened: what is written here goes there."""

    @property
    def unsent(self) -> int:
        """How many pieces the other end has not taken yet."""
        ...

    def write(self, data: bytes) -> None:
        """Send, now or as soon as the other end takes it."""
        ...

    def close(self) -> None:
        """Say no more."""
        ...


class Host(Protocol):
    """What a link tells the member on this side."""

    def received(self, message: Message) -> None:
        """A message came."""
        ...

    def unreachable(self, member_id: int) -> None:
        """A message could not be delivered."""
        ...

    def snapshot_reported(self, member_id: int, delivered: bool) -> None:
        """A snapshot was delivered, or could not be."""
        ...

    def was_removed(self) -> None:
        """The other side says that we don't belong to the cluster any more."""
        ...


class Link:
    """The way to one other member, and back."""

    def __init__(
        self, member_id: int, urls: tuple[str, ...], local: Local, host: Host, client: HttpClient
    ) -> None:
        """Nothing is connected yet."""
        self.member_id = member_id
        self.urls = urls
        """Where it can be reached; the first is tried first."""
        self._local = local
        self._host = host
        self._client = client
        self.connected_since: float | None = None
        """Since when everything goes well, by trio's clock; None while something does not."""
        self._messages: tuple[Sink, MessageEncoder] | None = None
        self._appends: tuple[Sink, AppendEncoder] | None = None
        self._to_post, self._posts = trio.open_memory_channel[Message](MOST_WAITING_POSTS)
        self._to_install, self._installs = trio.open_memory_channel[InstallSnapshot](1)
        self.scope = trio.CancelScope()
        """Cancelled when the member is gone."""

    async def run(self) -> None:
        """Keep the way open, until cancelled."""
        with self.scope:
            async with trio.open_nursery() as nursery:
                for _ in range(POSTS_AT_A_TIME):
                    nursery.start_soon(self._keep_posting)
                nursery.start_soon(self._keep_installing)
                nursery.start_soon(self._keep_alive)
                for kind in Kind:
                    nursery.start_soon(self._keep_reading, kind)

    # -- out ----------------------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Hand a message to the best way there is; it may be lost."""
        if isinstance(message, InstallSnapshot):
            self._install_later(message)
        elif isinstance(message, AppendEntries) and self._appends is not None:
            sink, append_encoder = self._appends
            self._write(sink, append_encoder.encode(message))
        elif self._messages is not None:
            sink, encoder = self._messages
            self._write(sink, encoder.encode(message))
        else:
            self._post_later(message)

    def _write(self, sink: Sink, data: bytes) -> None:
        # What the encoder has counted as sent must be sent: a stream that lags is given up whole.
        if sink.unsent > MOST_UNSENT_PIECES:
            sink.close()
            self._host.unreachable(self.member_id)
        else:
            sink.write(data)

    # -- streams that they have opened ------------------------------------------------------------

    def attach(self, kind: Kind, sink: Sink) -> None:
        """Write to this stream from now on; one that was there before ends."""
        self._close(kind)
        if kind is Kind.MESSAGE:
            self._messages = sink, MessageEncoder()
        else:
            self._appends = sink, AppendEncoder()

    def detach(self, sink: Sink) -> None:
        """A stream has ended."""
        if self._messages is not None and self._messages[0] is sink:
            self._messages = None
        if self._appends is not None and self._appends[0] is sink:
            self._appends = None

    def _close(self, kind: Kind) -> None:
        writer = self._messages if kind is Kind.MESSAGE else self._appends
        if writer is not None:
            writer[0].close()

    def close(self) -> None:
        """The member is gone."""
        self.scope.cancel()
        for kind in Kind:
            self._close(kind)

    async def _keep_alive(self) -> None:
        while True:
            await trio.sleep(HEARTBEAT_S)
            for writer in (self._messages, self._appends):
                if writer is not None:
                    sink, encoder = writer
                    self._write(sink, encoder.heartbeat)

    # -- requests of ours -------------------------------------------------------------------------

    def _post_later(self, message: Message) -> None:
        try:
            self._to_post.send_nowait(message)
        except trio.WouldBlock:
            self._host.unreachable(self.member_id)

    async def _keep_posting(self) -> None:
        async for message in self._posts:
            if not await self._post("/raft", "application/protobuf", messages.encode(message)):
                self._host.unreachable(self.member_id)

    def _install_later(self, install: InstallSnapshot) -> None:
        try:
            self._to_install.send_nowait(install)
        except trio.WouldBlock:
            self._host.snapshot_reported(self.member_id, delivered=False)

    async def _keep_installing(self) -> None:
        async for install in self._installs:
            # Bytes are made of the store beside everything else: it may be large.
            body = await trio.to_thread.run_sync(body_of, install)
            delivered = await self._post("/raft/snapshot", "application/octet-stream", body)
            self._host.snapshot_reported(self.member_id, delivered)

    async def _post(self, path: str, content_type: str, body: bytes) -> bool:
        headers = {"Content-Type": content_type, **self._local.headers()}
        try:
            response = await self._client.request(self.urls[0], "POST", path, headers, body)
        except NoAnswer:
            self._fails()
            return False
        if response.status in REMOVED:
            self._host.was_removed()
        if response.status != 204:
            self._was_refused(response, response.body)
            return False
        self._works()
        return True

    def _was_refused(self, response: HttpResponse, reason: bytes) -> None:
        journal.warn_now_and_then(
            "another member refuses us",
            member=name_of(self.member_id),
            url=self.urls[0],
            status=response.status,
            reason=reason.decode(errors="replace").strip(),
            our_cluster=name_of(self._local.cluster_id),
            its_cluster=dict(response.headers).get(CLUSTER.lower(), "unknown"),
        )

    def _is_not_believed(self, error: NotBelieved) -> None:
        journal.warn_now_and_then(
            "another member can't be asked",
            member=name_of(self.member_id),
            url=self.urls[0],
            reason=str(error),
        )

    def _works(self) -> None:
        if self.connected_since is None:
            self.connected_since = trio.current_time()

    def _fails(self) -> None:
        self.connected_since = None
        self.urls = (*self.urls[1:], self.urls[0])  # the next one may do better

    # -- streams that we open ---------------------------------------------------------------------

    async def _keep_reading(self, kind: Kind) -> None:
        """Open a stream, read it to its end, and open it again."""
        path = f"/raft/stream/{kind.value}/{name_of(self._local.member_id)}"
        headers = self._local.headers(self.member_id)
        while True:
            try:
                async with self._client.opened(self.urls[0], path, headers) as (head, connection):
                    if head.status in REMOVED:
                        self._host.was_removed()
                    if head.status == 200:
                        self._works()
                        await self._read(kind, connection)
                    else:
                        with trio.move_on_after(SILENCE_S):
                            self._was_refused(head, await connection.whole_body())
            except NotBelieved as error:
                self._is_not_believed(error)
            except (NoAnswer, Malformed):
                pass  # what follows can't be read either: a new stream begins at a border
            self._fails()
            await trio.sleep(REDIAL_S)

    async def _read(self, kind: Kind, connection: ClientConnection) -> None:
        decoder = self._decoder(kind)
        while True:
            with trio.move_on_after(SILENCE_S) as silence:
                piece = await connection.piece()
            if silence.cancelled_caught or not piece:
                return
            for message in decoder.feed(piece):
                if message is not None:
                    self._host.received(message)

    def _decoder(self, kind: Kind) -> Decoder:
        if kind is Kind.MESSAGE:
            return MessageDecoder()
        return AppendDecoder(sender=self.member_id, receiver=self._local.member_id)


def body_of(install: InstallSnapshot) -> bytes:
    """The body of the request that carries a snapshot."""
    return delivery.packed(install, backend.database(install.snapshot.index))
