r"""The article's cluster: three hosts of somebody else's network, on this machine.

    etcd-0-8     172.16.0.8      here 127.16.0.8
    etcd-0-17    172.16.0.17     here 127.16.0.17
    etcd-0-14    172.16.0.14     here 127.16.0.14

A member's id is a hash of the peer URLs that it advertises and of the token, so the ids that the
article shows (2d2e457c6a1a76cb, d2d2e9fc758e6790, 56e0b6dad4c53d42) belong to 172.16.0.x alone. The
members here advertise those very URLs. They listen on the loopback addresses beside them, and a
route tells each of them where the URL of another one leads:

    ETCD_PEER_ROUTES="http://172.16.0.17:2380=http://127.16.0.17:2380,..."

`Differs:` from the files of the article: the places of the data, the loopback addresses, and that
line. Clients are told the loopback addresses, too, for nobody is at 172.16.0.x here. Only the first
host, at whose prompt the article types, listens on 127.0.0.1 as well: there is one of it here.

Next page: `local_cluster`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from learnetcd.runtime.local_member import OURS, LocalMember

HOSTS = {"etcd-0-8": "16.0.8", "etcd-0-17": "16.0.17", "etcd-0-14": "16.0.14"}
"""Each host, and its address without the first number."""
PROMPT = "etcd-0-8"
"""The host at which the article types."""
TYPED_AT = "http://127.0.0.1:2379"
"""Where etcdctl asks when nobody tells it where."""

CONFIGURATION = """\
[Member]
ETCD_CORS=""
ETCD_DATA_DIR="{data}"
ETCD_WAL_DIR=""
ETCD_LISTEN_PEER_URLS="{peer}"
ETCD_LISTEN_CLIENT_URLS="{listens}"
ETCD_MAX_SNAPSHOTS="5"
#ETCD_MAX_WALS="5"
ETCD_NAME="{name}"
#ETCD_SNAPSHOT_COUNT="100000"
#ETCD_HEARTBEAT_INTERVAL="100"
#ETCD_ELECTION_TIMEOUT="1000"

[Clustering]
ETCD_INITIAL_ADVERTISE_PEER_URLS="{advertised}"
ETCD_ADVERTISE_CLIENT_URLS="{client}"
ETCD_INITIAL_CLUSTER="{cluster}"
ETCD_INITIAL_CLUSTER_TOKEN="etcd-token"
ETCD_INITIAL_CLUSTER_STATE="new"
ETCD_STRICT_RECONFIG_CHECK="true"
#ETCD_ENABLE_V2="true"

# Not in the article: where the addresses of the other hosts lead on this machine.
ETCD_PEER_ROUTES="{routes}"
"""


def advertised(name: str) -> str:
    """The peer URL of a host, as all members know it: ids are made of it."""
    return f"http://172.{HOSTS[name]}:2380"


def here(name: str, port: int) -> str:
    """Where a host is on this machine."""
    return f"http://127.{HOSTS[name]}:{port}"


def urls() -> Iterator[str]:
    """All addresses that the cluster takes."""
    yield TYPED_AT
    for name in HOSTS:
        yield from (here(name, 2379), here(name, 2380))


def configuration(name: str, folder: Path) -> str:
    """The file /etc/etcd/etcd.conf of a host."""
    client = here(name, 2379)
    return CONFIGURATION.format(
        name=name,
        data=folder / name,
        peer=here(name, 2380),
        listens=f"{TYPED_AT},{client}" if name == PROMPT else client,
        client=client,
        advertised=advertised(name),
        cluster=",".join(f"{one}={advertised(one)}" for one in HOSTS),
        routes=",".join(f"{advertised(one)}={here(one, 2380)}" for one in HOSTS),
    )


def article_members(folder: Path) -> list[LocalMember]:
    """Write the files, and say what starts the members that read them."""
    members = []
    for name in HOSTS:
        path = folder / f"{name}.conf"
        path.write_text(configuration(name, folder), encoding="utf-8")
        command = (*OURS, f"--environment-file={path}")
        members.append(LocalMember(name, here(name, 2379), command))
    return members
