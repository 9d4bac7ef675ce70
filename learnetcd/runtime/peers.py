"""The peers: all other members, as one of them knows and reaches them.

    the store says   /0/members: 8e9e..., 2d2e..., b7f1...
    so there are     a link to 2d2e..., a link to b7f1...

Who belongs to the cluster is itself agreed upon: it is in the store, and changes there when a
change of members is applied. The tree is never changed in place, so one look at the directory of
members tells whether anything is new. A member that joins has an empty store; until the log has
reached it, it goes by what another member told it.

A member that finds itself removed stops: whatever it says from now on would only disturb.

Source: etcd 3.4 etcdserver/api/rafthttp/transport.go; etcdserver/server.go.

Next page: `discovery`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import assert_never

import trio

from learnetcd.api.http import HttpRequest, HttpResponse
from learnetcd.api.meters import Deliveries, Meters
from learnetcd.api.version import version_in
from learnetcd.errors import UserError
from learnetcd.member import cluster
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.member import Member
from learnetcd.peer.endpoints import Attachment, Delivery, Endpoints
from learnetcd.peer.handshake import CLUSTER, FROM, PEER_URLS, Local
from learnetcd.raft.messages import AppendEntries, InstallSnapshot, Message
from learnetcd.runtime import journal
from learnetcd.runtime.connection import Stream
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.link import Link, Sink
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.store.tree import Item, find

LAST_WORDS_S = 1
"""A member that removes itself stays so long, to tell the others that this is decided
(etcdserver/server.go, stopWithDelay)."""


class Removed(UserError):
    """This member does not belong to the cluster any more."""


class Peers:
    """The links to all other members; the host of each of them."""

    def __init__(
        self,
        driver: MemberDriver,
        local: Local,
        client: HttpClient,
        told: Sequence[ClusterMember],
        meters: Meters,
    ) -> None:
        """`told`: who the members are, as long as the store doesn't say."""
        self._driver = driver
        self._local = local
        self._client = client
        self._told = told
        self._meters = meters
        self._endpoints = Endpoints(driver.member, local)
        self._links: dict[int, Link] = {}
        self._seen: Item | None = None
        """The directory of members when it was last looked at."""

    async def run(self) -> None:
        """Keep the links, until cancelled."""
        async with self._client, trio.open_nursery() as nursery:
            while True:
                self._look(nursery)
                await self._driver.until(self._is_something_new)

    def send(self, message: Message) -> None:
        """Send a message; if nobody is there by that id, it is lost."""
        link = self._links.get(message.receiver)
        if link is None:
            return
        began = time.perf_counter_ns()
        link.send(message)
        if isinstance(message, AppendEntries):
            self._meters.appends_sent += 1
            self._meters.followers[message.receiver].observe(time.perf_counter_ns() - began)

    def handle(self, request: HttpRequest) -> HttpResponse | Stream:
        """Answer another member."""
        answered = self._endpoints.handle(request)
        match answered:
            case HttpResponse():
                if answered.status == 412:
                    say_who_is_refused(request, answered)
                return answered
            case Delivery():
                if answered.message is not None:
                    self.received(answered.message)
                return answered.response
            case Attachment():
                return Stream(answered.response, partial(self.attach, answered), self.detach)
            case _:
                assert_never(answered)

    def attach(self, attachment: Attachment, sink: Sink) -> None:
        """Another member has opened a stream."""
        link = self._links.get(attachment.receiver)
        if link is None:
            sink.close()  # it left a moment ago, or came a moment ago and will ask again
        else:
            link.attach(attachment.kind, sink)

    def detach(self, sink: Sink) -> None:
        """A stream has ended."""
        for link in self._links.values():
            link.detach(sink)

    # -- who is there -------------------------------------------------------------------------

    def _is_something_new(self, member: Member) -> bool:
        return find(member.store.root, cluster.MEMBERS) is not self._seen

    def _look(self, nursery: trio.Nursery) -> None:
        store = self._driver.member.store
        self._seen = find(store.root, cluster.MEMBERS)
        if self._local.member_id in cluster.removed(store):
            nursery.start_soon(self._leave)
        members = cluster.members(store) or self._told
        others = {one.id: one for one in members if self._is_other(one)}
        for gone in self._links.keys() - others.keys():
            self._links.pop(gone).close()
            del self._meters.followers[gone]
        for member_id, other in others.items():
            if member_id not in self._links:
                link = Link(member_id, other.peer_urls, self._local, self, self._client)
                self._links[member_id] = link
                self._meters.followers[member_id] = Deliveries()
                nursery.start_soon(link.run)
            elif set(self._links[member_id].urls) != set(other.peer_urls):
                self._links[member_id].urls = other.peer_urls

    async def _leave(self) -> None:
        await trio.sleep(LAST_WORDS_S)
        self.was_removed()

    def connected_for_s(self, member_id: int) -> float:
        """For how long we have been connected to a member, without a break; 0 if we aren't."""
        link = self._links.get(member_id)
        since = None if link is None else link.connected_since
        return 0.0 if since is None else trio.current_time() - since

    async def versions(self) -> list[str]:
        """What the others speak; "" for each who does not say so now."""
        others = [one for one in cluster.members(self._driver.member.store) if self._is_other(one)]
        told = [""] * len(others)

        async def ask(place: int, urls: tuple[str, ...]) -> None:
            told[place] = await self._version_at(urls)

        async with trio.open_nursery() as nursery:  # who is silent holds up nobody but us
            for place, other in enumerate(others):
                nursery.start_soon(ask, place, other.peer_urls)
        return told

    def _is_other(self, member: ClusterMember) -> bool:
        return member.id != self._local.member_id

    async def _version_at(self, urls: tuple[str, ...]) -> str:
        for url in urls:
            with suppress(NoAnswer):
                if spoken := version_in(await self._client.request(url, "GET", "/version")):
                    return spoken
        return ""

    # -- what links tell ----------------------------------------------------------------------

    def received(self, message: Message) -> None:
        """A message came."""
        if isinstance(message, InstallSnapshot):
            sender, index = f"{message.sender:x}", message.snapshot.index
            journal.say("received a snapshot", sender=sender, raft_index=index)
        elif isinstance(message, AppendEntries):
            self._meters.appends_received += 1
        self._driver.receive(message)

    def unreachable(self, member_id: int) -> None:
        """A message could not be delivered."""
        if member_id in self._meters.followers:  # it may have left by now
            self._meters.followers[member_id].failed += 1
        self._driver.unreachable(member_id)

    def snapshot_reported(self, member_id: int, delivered: bool) -> None:
        """A snapshot was delivered, or could not be."""
        said = "delivered a snapshot" if delivered else "could not deliver a snapshot"
        journal.say(said, receiver=f"{member_id:x}")
        self._driver.snapshot_reported(member_id, delivered)

    def was_removed(self) -> None:
        """We don't belong to the cluster any more."""
        self._driver.fail(
            Removed(
                f"Member {self._local.member_id:x} was removed from the cluster, so it stops. To "
                "let it join again, add it as a new member, with an empty data directory."
            )
        )


def say_who_is_refused(request: HttpRequest, answered: HttpResponse) -> None:
    """Name whoever takes us for a member of its cluster: an address is wrong somewhere."""
    journal.warn_now_and_then(
        "refused another member",
        reason=answered.body.decode().strip(),
        **{
            name: request.headers.get(header.lower(), "unknown")[:200]
            for name, header in {
                "its_id": FROM,
                "its_cluster": CLUSTER,
                "its_urls": PEER_URLS,
            }.items()
        },
    )
