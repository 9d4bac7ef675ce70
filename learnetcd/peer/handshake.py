"""The handshake: how members make sure, at every request, that they belong together.

    X-Server-From            23c0dcfaee251701      who asks
    X-Raft-To                541c5a6eabd4d647      whom it believes to ask (streams only)
    X-Etcd-Cluster-ID        47dc6eb88d49713a      which cluster it is in
    X-Server-Version         3.4.23                what it speaks
    X-Min-Cluster-Version    3.0.0                 ... and what it still understands
    X-PeerURLs               http://127.0.0.1:24415

A wrong address in one configuration file is enough to let two clusters talk to each other. Their
logs have nothing in common, and a vote or an acknowledgement from a stranger would be counted like
one of ours. So whoever is asked checks first and refuses by a status that says what is wrong; the
checks are a table, in etcd's order.

Two refusals are for good: 410 says "you were removed", and whoever hears it must stop. All others
may be cured by time: the asker tries again.

Source: etcd 3.4 etcdserver/api/rafthttp/http.go, util.go.

Next page: `endpoints`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from learnetcd.member.cluster import name_of
from learnetcd.member.version import SERVER_VERSION, release
from learnetcd.value import dataclass

MIN_CLUSTER_VERSION = "3.0.0"
OLDEST = "2.0.0"
"""What a member is taken for that doesn't say."""

FROM = "X-Server-From"
TO = "X-Raft-To"
CLUSTER = "X-Etcd-Cluster-ID"
VERSION = "X-Server-Version"
MIN_VERSION = "X-Min-Cluster-Version"
PEER_URLS = "X-PeerURLs"


def id_of(text: str) -> int | None:
    """Read an id; None if it is none."""
    digits = text.lower()
    if not digits or len(digits) > 16 or any(one not in "0123456789abcdef" for one in digits):
        return None
    return int(digits, 16)


@dataclass(frozen=True, slots=True)
class Local:
    """Who we are, to those whom we ask and who ask us."""

    member_id: int
    cluster_id: int
    peer_urls: tuple[str, ...]

    def headers(self, receiver: int | None = None) -> dict[str, str]:
        """What every request of ours carries; `receiver` for those that open a stream."""
        said = {
            FROM: name_of(self.member_id),
            VERSION: SERVER_VERSION,
            MIN_VERSION: MIN_CLUSTER_VERSION,
            CLUSTER: name_of(self.cluster_id),
            PEER_URLS: ",".join(self.peer_urls),
        }
        if receiver is not None:
            said[TO] = name_of(receiver)
        return said

    @property
    def answer_headers(self) -> dict[str, str]:
        """What every answer of ours carries."""
        return {CLUSTER: name_of(self.cluster_id)}

    @property
    def stream_headers(self) -> dict[str, str]:
        """What an answer carries that opens a stream: without a version it would be none."""
        # It must be three numbers: at anything else, etcd panics.
        return {**self.answer_headers, VERSION: SERVER_VERSION}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no."""

    status: int
    reason: str

    @property
    def body(self) -> bytes:
        """The text, as Go's http.Error writes it."""
        return f"{self.reason}\n".encode()


# --- what is checked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of whoever asks, and against what it is checked."""

    headers: Mapping[str, str]
    """By lower-case name."""
    local: Local
    sender: int | None = None
    """The id in the path of a stream's request; None if that is no id."""
    members: Collection[int] = ()
    removed: Collection[int] = ()

    def said(self, name: str, default: str = "") -> str:
        """What it says under a name."""
        return self.headers.get(name.lower(), default)


Check = tuple[Callable[[Caller], bool], Refusal]
"""Whether the caller is refused, and by what."""


def speaks_another_version(caller: Caller) -> bool:
    """Whether one of the two is too old for the other."""
    theirs = release(caller.said(VERSION, OLDEST))
    their_oldest = release(caller.said(MIN_VERSION, OLDEST))
    too_old = theirs is None or theirs < release_of_ours(MIN_CLUSTER_VERSION)
    return too_old or their_oldest is None or their_oldest > release_of_ours(SERVER_VERSION)


def is_of_another_cluster(caller: Caller) -> bool:
    """Whether it names another cluster than ours."""
    return caller.said(CLUSTER) != name_of(caller.local.cluster_id)


def means_another_member(caller: Caller) -> bool:
    """Whether it believes to speak with somebody else."""
    return caller.said(TO) != name_of(caller.local.member_id)


REQUEST_CHECKS: tuple[Check, ...] = (
    (speaks_another_version, Refusal(412, "incompatible version")),
    (is_of_another_cluster, Refusal(412, "cluster ID mismatch")),
)
"""For every request that carries a message."""

STREAM_CHECKS: tuple[Check, ...] = (
    *REQUEST_CHECKS,
    (lambda caller: caller.sender is None, Refusal(404, "invalid from")),
    (lambda caller: caller.sender in caller.removed, Refusal(410, "removed member")),
    (lambda caller: caller.sender not in caller.members, Refusal(404, "error sender not found")),
    (means_another_member, Refusal(412, "to field mismatch")),
)
"""For a request that opens a stream, too."""


def refusal(checks: tuple[Check, ...], caller: Caller) -> Refusal | None:
    """Give the first that applies; None if the caller may go on."""
    for applies, said in checks:
        if applies(caller):
            return said
    return None


def release_of_ours(version: str) -> tuple[int, int]:
    """Read one that we wrote."""
    found = release(version)
    assert found is not None, f"{version!r} is no version"
    return found
