"""A client: how a program uses a cluster, wherever it runs and whatever becomes of its members.

    async with Client(["http://127.0.0.1:2379", "http://127.0.0.1:22379"]) as etcd:
        await etcd.set("/config/colour", "green")
        async for change in etcd.watch("/config", after=await etcd.now()):
            ...

    Client(["https://..."], shown=Credentials(ca_file="ca.pem", username="alice", password="..."))

It speaks etcd's v2 API, to learnetcd or to a real etcd. `answer` says what can come back, `asking`
how one member after the other is asked, `client` what can be asked for, `watch` how to miss
nothing, and `mirror` keeps what is in a directory.

Next page: `answer`.
"""

from learnetcd.client.answer import (
    Change,
    Changed,
    ClientError,
    KeyMissing,
    KeyTaken,
    NobodyAnswered,
    Node,
    NotAllowed,
    Refused,
    TooLate,
    Unknown,
)
from learnetcd.client.client import Client
from learnetcd.client.mirror import Mirror
from learnetcd.client.watch import Watch
from learnetcd.runtime.credentials import Credentials

__all__ = [
    "Change",
    "Changed",
    "Client",
    "ClientError",
    "Credentials",
    "KeyMissing",
    "KeyTaken",
    "Mirror",
    "NobodyAnswered",
    "Node",
    "NotAllowed",
    "Refused",
    "TooLate",
    "Unknown",
    "Watch",
]
