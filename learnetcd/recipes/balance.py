"""Load balancing: each request goes to one of those who are there, in turn.

    /services/web/a   10.0.0.1:80 weight=2        a b a   a b a   a b a ...
    /services/web/b   10.0.0.2:80                 c comes: a b a c   ...  b dies: a c a   ...

**Naive**: read the list when the program starts. Whoever dies later is asked for ever.

**The recipe**: a mirror of the list (`discovery`), so that a dead instance leaves within its time
to live; and one that fails is set aside at once, for the while until the list knows.

Who checks the health? Not etcd. An instance that refreshes its key is able to refresh its key, and
may fail at its work all the same. So it must take the key away when it does, and callers must look.

Weights are spread evenly: a a b would keep a busy twice in a row (nginx calls this smooth weighted
round robin).

At work, with sockets and processes: `examples/round_robin.py`.

Next page: `coordinate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import trio

from learnetcd.client import Mirror, Node

SET_ASIDE_S = 10.0
"""For how long an instance that failed is not asked: longer than the list needs to know."""


@dataclass(frozen=True, slots=True)
class Backend:
    """An instance that can be asked."""

    address: str
    weight: int = 1
    """How many times as often it is asked as one of weight 1."""


def backend(node: Node) -> Backend:
    """Read what an instance says of itself: `10.0.0.1:80`, or `10.0.0.1:80 weight=2`."""
    address, _, weight = (node.value or "").partition(" weight=")
    return Backend(address, int(weight) if weight.isdecimal() else 1)


class Balancer:
    """Says whom to ask next."""

    def __init__(self, instances: Mirror) -> None:
        """Choose among those who are there; whoever calls keeps the mirror up to date."""
        self._instances = instances
        self._credit: dict[str, int] = {}
        self._failed_at: dict[str, float] = {}

    def backends(self) -> list[Backend]:
        """List those who are there and have not failed just now."""
        now = trio.current_time()
        known = [backend(node) for _, node in sorted(self._instances.files.items())]
        return [one for one in known if now >= self._failed_at.get(one.address, -1e9) + SET_ASIDE_S]

    def choose(self) -> Backend | None:
        """Whose turn it is; None if nobody is there."""
        backends = self.backends()
        if not backends:
            return None
        credit = {one.address: self._credit.get(one.address, 0) + one.weight for one in backends}
        chosen = max(backends, key=lambda one: credit[one.address])
        credit[chosen.address] -= sum(one.weight for one in backends)
        self._credit = credit
        return chosen

    def failed(self, backend: Backend) -> None:
        """Do not ask this one for a while."""
        self._failed_at[backend.address] = trio.current_time()
