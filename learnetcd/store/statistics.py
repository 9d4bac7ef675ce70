"""Statistics: how often the store was asked for what, with and without success.

    GET /v2/stats/store      {"getsSuccess":7,"getsFail":2,"setsSuccess":3, ... "watchers":1}

They count for one member since its data directory was made: a snapshot holds them, so they survive
a restart. Reads from a member's own tree count at that member alone. So they are no part of what
members agree on, and of no digest.

What is counted is not always what happened. In etcd 3.4 some refusals leave the function before the
error is noted, and are counted as success; a create that finds a file where it needs a directory is
counted as a failed set as well. We count as etcd does, for our snapshots and its own to be alike,
and list those cases here.

Source: etcd 2.3 store/stats.go; the deferred counting in store/store.go.

Next page: `store`.
"""

from __future__ import annotations

from learnetcd.store.errors import (
    COMPARE_FAILED,
    NOT_A_DIRECTORY,
    NOT_A_FILE,
    ROOT_READ_ONLY,
    EtcdError,
)
from learnetcd.store.event import Action

PREFIXES: dict[Action, str] = {
    "get": "gets",
    "set": "sets",
    "delete": "delete",
    "update": "update",
    "create": "create",
    "compareAndSwap": "compareAndSwap",
    "compareAndDelete": "compareAndDelete",
}
"""How the counters of an action begin; they end in `Success` or `Fail`."""

EXPIRED, WATCHERS = "expireCount", "watchers"

DONE: dict[Action, str] = {action: f"{prefix}Success" for action, prefix in PREFIXES.items()}
DONE["expire"] = EXPIRED
"""The counter of what was done, by action."""

NAMES = (
    *(f"{prefix}{end}" for prefix in PREFIXES.values() for end in ("Success", "Fail")),
    EXPIRED,
    WATCHERS,
)
"""All counters, in etcd's order."""

COUNTED_AS_SUCCESS: set[tuple[Action, int]] = {
    ("update", ROOT_READ_ONLY),
    ("update", NOT_A_FILE),
    ("compareAndSwap", ROOT_READ_ONLY),
    ("delete", ROOT_READ_ONLY),
    ("compareAndDelete", NOT_A_FILE),
    ("compareAndDelete", COMPARE_FAILED),
}
"""What etcd refuses and counts as done."""


class Statistics:
    """The counters, by the names that etcd gives them."""

    __slots__ = ("counters",)

    def __init__(self) -> None:
        """Begin at 0."""
        self.counters = dict.fromkeys(NAMES, 0)

    def succeeded(self, action: Action) -> None:
        """Count what was done."""
        self.counters[DONE[action]] += 1

    def failed(self, action: Action, error: EtcdError) -> None:
        """Count what was refused, in the way that etcd does."""
        if (action, error.code) in COUNTED_AS_SUCCESS:
            self.succeeded(action)
            return
        self.counters[f"{PREFIXES[action]}Fail"] += 1
        if action == "create" and error.code == NOT_A_DIRECTORY:
            self.counters["setsFail"] += 1

    def fork(self) -> Statistics:
        """Copy them."""
        copy = Statistics.__new__(Statistics)
        copy.counters = self.counters.copy()
        return copy
