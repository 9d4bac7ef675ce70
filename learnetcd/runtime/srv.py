"""SRV: the members of a new cluster stand in the Domain Name System.

    _etcd-server._tcp.example.com.    SRV 0 0 2380 infra0.example.com.
                                      SRV 0 0 2380 infra1.example.com.
                                      SRV 0 0 2380 infra2.example.com.

    --discovery-srv example.com   is   --initial-cluster infra0=http://infra0.example.com:2380,
                                                         0=http://infra1.example.com:2380, ...

Whoever gives machines their names can say there, too, which of them are the cluster. A record says
host and port, not what a member is called: each gives its own name to the record that leads to its
own address, and numbers to all others. That does no harm, because ids are made of URLs alone, and
every member publishes its name when it starts.

Source: RFC 2782; etcd 3.4 pkg/srv/srv.go, GetCluster. dnspython asks the servers of this machine.

`_etcd-server-ssl` is the same for https; the records of both count.

Next page: `joining`.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

import trio

from learnetcd.errors import UserError
from learnetcd.runtime.settings import InitialMember, Settings

PORTS = {"http": 80, "https": 443}
Addresses = frozenset[tuple[str, int]]


class Record(NamedTuple):
    """Where a service is found."""

    host: str
    port: int

    scheme: str = "http"

    @property
    def url(self) -> str:
        """As a peer URL."""
        return f"{self.scheme}://{self.host}:{self.port}"


async def found_by_name(settings: Settings) -> tuple[InitialMember, ...]:
    """The members, as `--initial-cluster` would have them."""
    suffix = f"-{settings.discovery_srv_name}" if settings.discovery_srv_name else ""
    question = f"_etcd-server{suffix}._tcp.{settings.discovery_srv}"
    secured = f"_etcd-server-ssl{suffix}._tcp.{settings.discovery_srv}"
    records = [one._replace(scheme="https") for one in await answers_if_any(secured)]
    records += await (answers_if_any if records else answers)(question)
    own = frozenset().union(*[await addresses(url) for url in settings.initial_advertise_peer_urls])
    members = named(settings.name, own, [(one, await addresses(one.url)) for one in records])
    if all(member.name != settings.name for member in members):
        raise UserError(
            f"--discovery-srv: none of the {len(records)} records of {question} leads to "
            f"{', '.join(settings.initial_advertise_peer_urls)}, where this member is found."
        )
    return members


def named(
    own_name: str, own: Addresses, records: list[tuple[Record, Addresses]]
) -> tuple[InitialMember, ...]:
    """Give our name to the records that lead to us, and numbers to the others."""
    own_urls = sorted(record.url for record, there in records if own & there)
    others = [record.url for record, there in records if not own & there]
    members = [InitialMember(str(number), (url,)) for number, url in enumerate(others)]
    return tuple([InitialMember(own_name, tuple(own_urls)), *members] if own_urls else members)


async def addresses(url: str) -> Addresses:
    """The addresses, with port, that a URL leads to."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    try:
        found = await trio.socket.getaddrinfo(host, port, type=trio.socket.SOCK_STREAM)
    except OSError as error:
        raise UserError(f"--discovery-srv: {host} has no address: {error.strerror}.") from error
    return frozenset((str(address[0]), int(address[1])) for *_, address in found)


async def answers_if_any(question: str) -> list[Record]:
    """Ask for SRV records that need not be there."""
    try:
        return await answers(question)
    except UserError:
        return []


async def answers(question: str) -> list[Record]:
    """Ask for SRV records."""
    from dns.asyncresolver import resolve  # takes a moment, and few need it
    from dns.exception import DNSException

    try:
        found = await resolve(question, "SRV")
    except DNSException as error:
        raise UserError(f"--discovery-srv: {question} has no records: {error}") from error
    return sorted(Record(str(one.target).rstrip("."), one.port) for one in found)
