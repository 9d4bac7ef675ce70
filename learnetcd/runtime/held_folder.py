"""The folder of a held cluster: where its members keep their data, and where they can be reached.

    DIR/addresses      S1 http://127.0.0.1:2379 http://127.0.0.1:2380
                       S2 http://127.0.0.1:22379 http://127.0.0.1:22380
    DIR/S1/member/...  a data directory like any other

A cluster knows its members by their peer URLs, and these are in its log. So who opens the folder
again must find the same ports, and the same number of members.

The first choice of ports is that of etcd's own examples, so that `curl 127.0.0.1:2379` and etcdctl
without any flags find the first member; if one of them is taken, all are any that are free.

Next page: `lent_folder`.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.runtime.settings import InitialMember, Settings

ADDRESSES = "addresses"
MOST_MEMBERS = 7
"""More fit on no screen."""

USUAL_PROXY_PORT = 23790
"""That of the proxy in etcd's Procfile."""

Address = tuple[str, str, str]
"""Name, client URL, peer URL."""


def settings_in(folder: Path, size: int | None, profile: str) -> list[Settings]:
    """The settings of all members: those of the folder, or those that it has from now on."""
    addresses = read_addresses(folder) or new_addresses(folder, 3 if size is None else size)
    if size is not None and size != len(addresses):
        raise UserError(
            f"The cluster in {folder} has {len(addresses)} members, not {size}. "
            "Leave --size out, or give another folder."
        )
    first = tuple(InitialMember(name, (peer,)) for name, _, peer in addresses)
    return [
        Settings(
            name=name,
            data_dir=str(folder / name),
            listen_client_urls=(client,),
            advertise_client_urls=(client,),
            listen_peer_urls=(peer,),
            initial_advertise_peer_urls=(peer,),
            initial_cluster=first,
            profile=profile,
        )
        for name, client, peer in addresses
    ]


def proxy_settings(folder: Path, members: Sequence[Settings]) -> Settings:
    """The settings of a proxy before these members. Nobody needs to find its port again."""
    (port,) = free_ports([USUAL_PROXY_PORT])
    return Settings(
        data_dir=str(folder / "P"),
        listen_client_urls=(f"http://127.0.0.1:{port}",),
        initial_cluster=members[0].initial_cluster,
        proxy="on",
    )


def read_addresses(folder: Path) -> list[Address]:
    """Those of a cluster that was here before; none if there was none."""
    path = folder / ADDRESSES
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [(name, client, peer) for name, client, peer in map(str.split, lines)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise UserError(f"{path} can't be read: {error}.") from None


def new_addresses(folder: Path, size: int) -> list[Address]:
    """Choose ports for a new cluster, and write them down."""
    if not 1 <= size <= MOST_MEMBERS:
        raise UserError(f"A cluster has 1 to {MOST_MEMBERS} members, not {size}.")
    usual = [port for place in range(size) for port in (2379 + 10_000 * _nth(place), 0)]
    ports = free_ports([port or usual[place - 1] + 1 for place, port in enumerate(usual)])
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    addresses = [(f"S{place + 1}", urls[2 * place], urls[2 * place + 1]) for place in range(size)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{' '.join(address)}\n" for address in addresses)
        (folder / ADDRESSES).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"Nothing can be kept in {folder}: {error.strerror}.") from None
    return addresses


def _nth(place: int) -> int:
    """Etcd's Procfile has 2379, 22379, 32379: there is no 12379."""
    return place + 1 if place else 0


def free_ports(wished: list[int]) -> list[int]:
    """These, if all of them are free; else as many others."""
    with ExitStack() as opened, suppress(OSError, OverflowError):
        for port in wished:
            opened.enter_context(socket.create_server(("127.0.0.1", port)))
        return wished
    with ExitStack() as opened:
        servers = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in wished]
        return [server.getsockname()[1] for server in servers]
