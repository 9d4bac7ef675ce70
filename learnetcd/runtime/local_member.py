"""A local member: one of a cluster on this machine, to be started as a process of its own.

    LocalMember("m1", "http://127.0.0.1:2379", ("learnetcd", "serve", "--name=m1", ...))

All that makes it this member is in its command line, and all that it must not forget in its folder:
so whoever types the same command gets the same member back. A real etcd takes the same flags, so it
is started the same way.

Next page: `article`.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import randrange
from urllib.parse import urlsplit

from learnetcd.errors import UserError

OURS = (sys.executable, "-m", "learnetcd", "serve")
ETCD = ("etcd", "--enable-v2")

LOOPBACK = "127.0.0.1"
OURS_TO_TAKE = (15_000, 32_000)


@dataclass(frozen=True, slots=True)
class LocalMember:
    """What starts it, and where it will be."""

    name: str
    """What people call it."""
    client_url: str
    """Where clients find it."""
    command: tuple[str, ...]
    """What starts it, each time again."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a member is to be found."""

    client_url: str
    """Where clients find it."""
    peer_url: str
    """Where it listens for other members."""
    advertised_url: str = ""
    """Where other members find it, if that is not where it listens."""

    @property
    def told_url(self) -> str:
        """What other members are told."""
        return self.advertised_url or self.peer_url


def url_of(port: int, scheme: str = "http") -> str:
    """The address of a port of this machine."""
    return f"{scheme}://{LOOPBACK}:{port}"


def addresses_from(first_port: int, count: int, scheme: str = "http") -> list[Address]:
    """The port for clients of the first member, then that for other members, then the next two."""
    starts = range(first_port, first_port + 2 * count, 2)
    return [Address(url_of(port, scheme), url_of(port + 1, scheme)) for port in starts]


def free_addresses(count: int, scheme: str = "http") -> list[Address]:
    """The same on ports that nobody listens on now."""
    ports = free_ports(2 * count)
    pairs = zip(*[iter(ports)] * 2, strict=True)
    return [Address(url_of(one, scheme), url_of(two, scheme)) for one, two in pairs]


def local_members(
    folder: Path,
    addresses: Sequence[Address],
    program: Sequence[str] = OURS,
    options: Sequence[str] = (),
) -> list[LocalMember]:
    """The members m1, m2 ... of a new cluster, each with its data in a folder of its name."""
    named = {f"m{number}": address for number, address in enumerate(addresses, 1)}
    everybody = ",".join(f"{name}={address.told_url}" for name, address in named.items())

    def member(name: str, address: Address) -> LocalMember:
        flags = (
            f"--name={name}",
            f"--data-dir={folder / name}",
            f"--listen-client-urls={address.client_url}",
            f"--advertise-client-urls={address.client_url}",
            f"--listen-peer-urls={address.peer_url}",
            f"--initial-advertise-peer-urls={address.told_url}",
            f"--initial-cluster={everybody}",
        )
        return LocalMember(name, address.client_url, (*program, *flags, *options))

    return [member(name, address) for name, address in named.items()]


# --- what a process needs -----------------------------------------------------------------------


def environment() -> dict[str, str]:
    """Ours, without what would be a setting of the member, too."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, in rising order.

    Not of those that the system gives to whoever connects: while a member is away, somebody's
    connection could have its port.
    """
    free: set[int] = set()
    while len(free) < count:
        port = randrange(*OURS_TO_TAKE)
        with suppress(OSError), socket.create_server((LOOPBACK, port)):
            free.add(port)
    return sorted(free)


def refuse_unless_etcd_is_here() -> None:
    """Real etcds can be had where they are installed."""
    if shutil.which(ETCD[0]) is None:
        raise UserError(
            "--etcd runs the real etcd, and there is no program `etcd` here. Install it (on "
            "Debian: apt-get install etcd-server), or leave --etcd out."
        )


def refuse_unless_free(urls: Sequence[str], advice: str) -> None:
    """Better one sentence now than three journals that say it each in its own way."""
    for url in urls:
        parts = urlsplit(url)
        try:
            socket.create_server((parts.hostname or "", parts.port or 0)).close()
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            raise UserError(f"Nobody can listen on {url}: {why}. {advice}") from error
