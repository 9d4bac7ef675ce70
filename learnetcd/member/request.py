"""What clients ask of a member, and what they are told.

A request is a value; how it came in (HTTP, a key of the TUI, a scenario) is the driver's business.
Writes travel through the log as bytes (`command`), so that every member applies the very same one.

    GET  local      from this member's own tree, at once: may be old
    GET  quorum     through the log, like a write
    GET  index      by a read index: no log entry, one round of heartbeats

A write may say under which conditions it is to be done: whether the key must be there, which value
it must have, at which index it must have been modified last. They travel along, and are checked
when the write is applied, on every member alike.

Who watches a key is answered twice: with `WAITING` at once, and with the event when there is one
(`NotifyWatcher`).

Next page: `command`.
"""

from __future__ import annotations

from dataclasses import field, replace
from enum import Enum

from learnetcd.errors import UserError
from learnetcd.member.namespace import AUTH, inside
from learnetcd.raft.configuration import ConfigChange, describe
from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.path import clean
from learnetcd.value import dataclass


class Method(Enum):
    """The verbs of the v2 API."""

    GET = "GET"
    PUT = "PUT"
    POST = "POST"
    """Make a key in a directory, named by its index: an in-order key."""
    DELETE = "DELETE"


class ReadKind(Enum):
    """How a GET is answered."""

    LOCAL = "local"
    QUORUM = "quorum"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A request about one key. What comes after `read` is left at its default by most."""

    method: Method
    path: str
    value: str = ""
    read: ReadKind = ReadKind.LOCAL

    is_dir: bool = False
    """It is about a directory: make one, or remove one that is empty."""
    recursive: bool = False
    """With all that is below: list it, or remove it."""
    prev_exist: bool | None = None
    """Whether the key must be there (True) or must not be (False); None if either will do."""
    prev_value: str = ""
    """The value that the key must have; "" if any will do."""
    prev_index: int = 0
    """The index at which the key must have been modified last; 0 if any will do."""
    ttl: int | None = None
    """Seconds to live, from when the member takes the request; None for ever, 0 for not at all."""
    refresh: bool = False
    """Only a new deadline: the value stays, and nobody who watches is told."""

    def __post_init__(self) -> None:
        """Refuse what can't be asked, by a `UserError`."""
        refuse_nothing(self.path)
        refuse_what_is_no_text(self.path, self.value, self.prev_value)
        if not 0 <= self.prev_index < 1 << 64:
            raise UserError(f"An index is a number of up to 64 bits, and {self.prev_index} is not.")

    @property
    def key(self) -> str:
        """The key that it is about, as clients write it: `/x`."""
        return clean(self.path)

    @property
    def options(self) -> dict[str, bool | str | int]:
        """What is not at its default, by name: for whoever writes a request down."""
        named = {name: getattr(self, name) for name in OPTIONS}
        return {name: value for name, value in named.items() if value != OPTIONS[name]}

    @property
    def answered_locally(self) -> bool:
        """Whether this member's own store is enough: a plain GET, which may be old."""
        return self.method is Method.GET and self.read is ReadKind.LOCAL

    def __str__(self) -> str:
        """Say it in words: `put /x=1`, `get /x (quorum)`, `put /x=2 (prev_value 1)`."""
        said = ", ".join(f"{name} {value}" for name, value in self.options.items())
        return f"{self._plainly()} ({said})" if said else self._plainly()

    def _plainly(self) -> str:
        match self.method:
            case Method.PUT | Method.POST:
                return f"{self.method.value.lower()} {self.key}={self.value}"
            case Method.DELETE:
                return f"delete {self.key}"
            case Method.GET:
                return f"get {self.key} ({self.read.value})"


OPTIONS: dict[str, bool | str | int | None] = {
    "is_dir": False,
    "recursive": False,
    "prev_exist": None,
    "prev_value": "",
    "prev_index": 0,
    "ttl": None,
    "refresh": False,
}
"""What a request may say beyond the usual, with what it is when nothing is said."""


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """A request to be told when something happens to a key."""

    path: str
    recursive: bool = False
    """Also of what happens below it."""
    stream: bool = False
    """Of one event after the other, not of the first one only."""
    since_index: int = 0
    """Of events with this etcd index or a later one; 0 for what comes from now on."""

    def __post_init__(self) -> None:
        """Refuse a request that names nothing, by a `UserError`."""
        refuse_nothing(self.path)

    @property
    def key(self) -> str:
        """The key that it is about, as clients write it: `/x`."""
        return clean(self.path)

    def __str__(self) -> str:
        """Say it in words: `watch /x`, `watch /x (recursive, stream, since 7)`."""
        named = {"recursive": self.recursive, "stream": self.stream}
        said = [name for name, is_so in named.items() if is_so]
        said += [f"since {self.since_index}"] if self.since_index else []
        return f"watch {self.key} ({', '.join(said)})" if said else f"watch {self.key}"


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """A write of the cluster's own, among the keys that it keeps about itself, below `/0`.

    `/0/members/<hex id>/attributes`, with which a member says how it is called and where clients
    find it, and `/0/version`.
    """

    path: str
    value: str

    def __post_init__(self) -> None:
        """Refuse what does not belong there, by a `UserError`."""
        if not self.path.startswith("/0/"):
            raise UserError(f"The keys of the cluster lie below /0, and {self.path!r} does not.")
        refuse_what_is_no_text(self.path, self.value)

    def __str__(self) -> str:
        """Say it in words: `put /0/version=3.4.0`."""
        return f"put {self.path}={self.value}"


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """A request about who may do what: users and roles, which the cluster keeps below `/2`.

    Its answer tells only whether it was done: what is kept there holds hashes of passwords, and is
    looked up in the store by whoever needs it. So no story of a run shows them.
    """

    asked: KeyRequest = field(repr=False)
    """The same as of any key; the path is what comes after `/2`: `/users/alice`."""

    def __str__(self) -> str:
        """Say it in words, without what is written."""
        return f"{self.asked.method.value.lower()} {inside(self.asked.path, AUTH)}"


@dataclass(frozen=True, slots=True)
class MembershipRequest:
    """A request to change who is a member."""

    change: ConfigChange

    def __str__(self) -> str:
        """Say it in words: `add voter S4`."""
        return describe(self.change)


Request = KeyRequest | WatchRequest | ClusterRequest | AuthRequest | MembershipRequest


def refuse_nothing(path: str) -> None:
    """A request must name a key."""
    if not path:
        raise UserError("A key is needed, such as /x; the root is /.")


def refuse_what_is_no_text(*texts: str) -> None:
    """What is written must be able to travel, as bytes.

    Bytes that are no UTF-8 are welcome, as in etcd; they are held as Python holds them in file
    names (PEP 383). A half of a surrogate pair, which a terminal or a JSON text may give, is not.
    """
    for text in texts:
        if not text.isascii():
            try:
                text.encode("utf-8", "surrogateescape")
            except UnicodeEncodeError:
                raise UserError(f"{text!r} is no text: a half of a character is in it.") from None


class Outcome(Enum):
    """What a client can know."""

    DONE = "done"
    """It happened, and here is the result."""
    REFUSED = "refused"
    """It did not happen: the store said no."""
    UNKNOWN = "unknown"
    """Nobody can say: it may have happened, it may still happen."""
    WAITING = "waiting"
    """Nothing happened yet: a watcher, who is told by `NotifyWatcher`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told."""

    outcome: Outcome
    event: Event | None = None
    """The store's event, for requests about keys that were done."""
    error: EtcdError | None = None
    raft_index: int = 0
    """The answering member's applied index: header X-Raft-Index."""
    raft_term: int = 0
    etcd_index: int = 0
    """The store's index after the request: header X-Etcd-Index."""

    def __str__(self) -> str:
        """Say it in words."""
        if self.error is not None:
            return f"{self.outcome.value}, {self.error}"
        if self.event is None:
            return f"{self.outcome.value}"
        node = self.event.node
        if self.event.is_removal:
            now = "is gone"
        else:
            now = "is a directory" if node.is_dir else f"is {node.value!r}"
        return f"{self.outcome.value}, {node.key} {now} at etcd index {self.etcd_index}"


def stamped(change: ConfigChange, request_id: int) -> ConfigChange:
    """Write the request id before a change's context, so that it is found again when applied."""
    return replace(change, context=b"%d %b" % (request_id, change.context))


def context_of(change: ConfigChange) -> bytes:
    """The context of a change, without the request id that `stamped` may have written."""
    stamp, _, context = change.context.partition(b" ")
    return context if stamp.isdigit() else change.context


def request_id_of(change: ConfigChange) -> int:
    """The request id that `stamped` wrote; 0 for a change that no client asked for."""
    stamp, _, _ = change.context.partition(b" ")
    return int(stamp) if stamp.isdigit() else 0
