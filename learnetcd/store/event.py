"""An event: what one request did to the store, as told to the client who asked.

    PUT value=b over a     Event("set",    node=<b, modified 5>,     prev_node=<a, modified 4>)
    DELETE                 Event("delete", node=<gone, modified 6>,  prev_node=<b, modified 5>)
    GET                    Event("get",    node=<b, modified 5>,     prev_node=None)
    a deadline passes      Event("expire", node=<gone, modified 7>,  prev_node=<b, modified 5>)

In etcd's v2 interface the answer to a request and the notice to a watcher are the same thing: an
event. (An observation about a run is something else, and is called a *trace event*.)

A *refresh* gives a key a new deadline and nothing else. Who renews a lease every second does not
want to wake everybody who watches it, so such an event is marked, and watchers never hear of it.

Source: etcd 2.3 store/event.go.

Next page: `errors`.
"""

from __future__ import annotations

from typing import Literal, get_args

from learnetcd.store.node import Node
from learnetcd.value import dataclass

Action = Literal[
    "get", "set", "create", "update", "compareAndSwap", "delete", "compareAndDelete", "expire"
]
"""What was done, in the words of etcd's answers."""

ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class Event:
    """What was done, and to what."""

    action: Action

    node: Node
    """The node after it was done; without a value if it is gone."""

    prev_node: Node | None = None
    """The node that a write replaced or removed; None when there was none."""

    is_refresh: bool = False
    """A new deadline and nothing else: watchers are not told."""

    @property
    def created(self) -> bool:
        """Whether it made a key that was not there: the difference between 201 and 200."""
        # etcd 2.3 store/event.go, IsCreated
        return self.action == "create" or (self.action == "set" and self.prev_node is None)

    @property
    def is_removal(self) -> bool:
        """Whether the node is gone."""
        return self.action in {"delete", "compareAndDelete", "expire"}

    @property
    def removed_directory(self) -> bool:
        """Whether a directory went away, and with it all that was in it."""
        return self.is_removal and self.node.is_dir
