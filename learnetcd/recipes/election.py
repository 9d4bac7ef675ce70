"""An election: one of a group leads, and all know who.

    /elections/web   a     created at 41: a leads, in term 41, while it refreshes the key
                           b and c wait until the key is gone
    /elections/web   c     created at 57: c leads, in term 57

This is your programs' leader, not the cluster's. Raft elects one of the *cluster's* members; nobody
outside has a say in that, or a use for it.

**Naive**: whoever created the key leads until it is told otherwise. A leader that is cut off from
the cluster is told nothing: it leads on, and so does the one that was elected after it.

**The recipe**: a leader leads only while it is sure (`presence`): by its own clock it stops before
the key can expire. And what it orders carries its term, so that whoever obeys can refuse an old
one, as a storage does (`lock`): for a clock is no proof.

Who else is there? That is `discovery`: a group whose members are registered is monitored by whoever
keeps a mirror of them.

Next page: `learnetcd/demo/`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from learnetcd.client import Client
from learnetcd.recipes.lock import acquire
from learnetcd.recipes.presence import Presence, only_one

TTL_S = 6


@asynccontextmanager
async def leading(
    client: Client, group: str, name: str, ttl_s: int = TTL_S
) -> AsyncIterator[Presence]:
    """Wait until we lead, and lead while the block runs; its `index` is the term.

    The block must look whether it still `is_sure` before whatever only a leader may do.
    """
    leadership = Presence(client, f"/elections/{group}", only_one(name), ttl_s)
    await acquire(client, leadership)
    async with leadership.beside(leadership.keep):
        yield leadership
