"""The live cluster: the same widget over members with real sockets and real files.

    live = LiveCluster(3)
    live.urls                                        ["http://127.0.0.1:41379", ...]

    ! curl {live.urls[0]}/v2/keys/msg -XPUT -d value=hello      this cell waits ...
                                                     ... until the picture above is stepped

Members stand still until somebody steps, so whoever asks them waits. What they were told is a run
like any other: the key v opens it, and there one can go back.

A cell that is run again makes other members; the ones that it had made before are ended, so that no
port is left. All are ended with the kernel.

Next page: `learnetcd/survival/`.
"""

from __future__ import annotations

import atexit
import time
from pathlib import Path

from learnetcd.session.live import LiveSession
from learnetcd.session.session import Session
from learnetcd.widgets.cluster import Cluster
from learnetcd.widgets.expressions import refuse_unless_whole


class LiveCluster(Cluster):
    """Real members, to be stepped."""

    def __init__(
        self,
        members: int | None = None,
        *,
        folder: str | Path | None = None,
        seed: int | None = None,
        profile: str = "etcd-3.3",
    ) -> None:
        """Start members in a folder, or in one that goes away at the end; wait for a leader."""
        refuse_unless_whole(members, seed)
        end_those_of_this_cell()
        wall_ms = time.time_ns() // 1_000_000
        seed = wall_ms if seed is None else seed
        self._live = LiveSession(members, folder, seed=seed, profile=profile, wall_ms=wall_ms)
        try:
            self._live.make_ready()
            super().__init__(session=self._live)
        except BaseException:
            self._live.close()
            raise
        LIVE.setdefault(this_cell(), []).append(self)

    @property
    def urls(self) -> list[str]:
        """Where the members can be asked."""
        return list(self._live.client_urls)

    def past(self) -> Session:
        """What has happened so far, as a simulated run."""
        return self._live.past()

    def close(self) -> None:
        """End the members and close their ports."""
        if hasattr(self, "_live"):
            self._live.close()
            super().close()


# --- which of them belong to a cell ---------------------------------------------------------------

LIVE: dict[tuple[str, str], list[LiveCluster]] = {}
"""Those that run, by the cell that made them and the number of its run."""


def this_cell() -> tuple[str, str]:
    """The cell that runs now, and this run of it; outside of a notebook there is none."""
    try:
        from IPython import get_ipython
    except ImportError:
        return ("", "")
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return (cell, parent.get("header", {}).get("msg_id", ""))


def end_those_of_this_cell() -> None:
    """End what an earlier run of this cell has made."""
    cell, run = this_cell()
    for key in [key for key in LIVE if cell and key[0] == cell and key[1] != run]:
        for one in LIVE.pop(key):
            one.close()


@atexit.register
def end_all() -> None:
    """No port is left when the kernel ends."""
    for made in LIVE.values():
        for one in made:
            one._live.close()
