"""An event: what one request did to the store, as told to the client who asked.

    PUT value=b over a     Event("set",    node=<b, modified 5>,     prev_node=<a, modified 4>)
    DELETE                 Event("delete", node=<gone, modified 6>,  prev_node=<b, modified 5>)
    GET                    Event("get",    node=<b, modified 5>,     prev_node=None)

In etcd's v2 interface the answer to a request and the notice to a watcher are the same thing: an
event. (An observation about a run is something else, and is called a *trace event*.)

Source: etcd 2.3 store/event.go.

Left out: the actions that come with compare-and-swap, times to live and directories.

Next page: `errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from learnetcd.store.node import Node

Action = Literal["get", "set", "delete"]
"""What was done, in the words of etcd's answers."""


@dataclass(frozen=True, slots=True)
class Event:
    """What was done, and to what."""

    action: Action

    node: Node
    """The node after it was done; without a value after a delete."""

    prev_node: Node | None = None
    """The node that a write replaced or removed; None when there was none."""

    @property
    def created(self) -> bool:
        """Whether a set made a key that was not there: the difference between 201 and 200."""
        # etcd 2.3 store/event.go, IsCreated
        return self.action == "set" and self.prev_node is None
