"""Facts: what is known about this server, beyond what its member knows.

A member knows the log and the keys. What it is called, since when it runs and who may call it is
known to whoever started it, and written down here, for the pages that tell it to clients.

Some facts change while they are looked at: the time, what the process uses, who is connected. So
they are functions that whoever started the server hands in: nothing in this package asks the
machine itself.

Next page: `access`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from learnetcd.api.meters import Meters
from learnetcd.value import dataclass

EVERYBODY = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What the process takes from the machine."""

    cpu_seconds: float = 0.0
    resident_bytes: int = 0
    """Memory that is really there."""
    virtual_bytes: int = 0
    """Addresses that it could use."""
    open_files: int = 0
    most_open_files: int = 0


def no_clock() -> float:
    """The time where nobody measures any."""
    return 0.0


def nobody_else(member_id: int) -> float:
    """For how long a member that is alone has been connected to others."""
    return 0.0


def any_level(level: str) -> None:
    """What becomes of a wish for more or less to be logged, where nothing is logged."""


class Passwords(Protocol):
    """How passwords are kept: as hashes that are slow to make, so that a thief can't try many."""

    def hashed(self, password: str) -> str:
        """A hash to keep; another one each time."""
        ...

    def matches(self, password: str, kept: str) -> bool:
        """Whether this is the password of that hash."""
        ...


class NoPasswords:
    """Where nobody can make hashes, no password is the right one."""

    def hashed(self, password: str) -> str:
        """What nothing matches."""
        return ""

    def matches(self, password: str, kept: str) -> bool:
        """No."""
        return False


@dataclass(slots=True)
class Facts:
    """One server, as whoever started it knows it."""

    name: str
    """What people call the member."""
    cluster_id: int
    """Of the cluster that it belongs to."""
    started_ns: int = 0
    """When it was started, by the wall clock."""
    command_line: tuple[str, ...] = ()
    """How."""

    enable_v2: bool = True
    """Whether anything below `/v2` is answered."""
    strict_changes: bool = True
    """Refuse a change of members after which too few might be there to decide."""
    origins: frozenset[str] = EVERYBODY
    """The web sites whose pages may read our answers; `*` stands for all."""
    hosts: frozenset[str] = EVERYBODY
    """The names by which clients may call us; `*` stands for all."""

    passwords: Passwords = field(default_factory=NoPasswords)
    client_certificates_count: bool = False
    """Whether a client's certificate says which user it is."""

    meters: Meters = field(default_factory=Meters)
    clock: Callable[[], float] = no_clock
    """Seconds since some moment, to tell how long something took."""
    connected_for_s: Callable[[int], float] = nobody_else
    """For how many seconds, without a break, another member has been connected; 0: it is not."""
    usage: Callable[[], Usage] = Usage
    """What the process uses now."""
    set_log_level: Callable[[str], None] = any_level
    """Log as much as `debug`, `info`, `warn` or `error` says."""

    cluster_header: tuple[str, str] = field(init=False)
    """The header that says whose answer it is."""

    def __post_init__(self) -> None:
        """Write the header down: nearly every answer has it."""
        self.cluster_header = ("X-Etcd-Cluster-Id", f"{self.cluster_id:x}")
