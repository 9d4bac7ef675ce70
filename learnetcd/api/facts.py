"""Facts: what is known about this server, beyond what its member knows.

A member knows the log and the keys. What it is called, since when it runs and who may call it is
known to whoever started it, and written down here, for the pages that tell it to clients.

Next page: `access`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

EVERYBODY = frozenset({"*"})


@dataclass(slots=True)
class Facts:
    """One server, as whoever started it knows it."""

    name: str
    """What people call the member."""
    cluster_id: int
    """Of the cluster that it belongs to."""

    enable_v2: bool = True
    """Whether anything below `/v2` is answered."""
    origins: frozenset[str] = EVERYBODY
    """The web sites whose pages may read our answers; `*` stands for all."""
    hosts: frozenset[str] = EVERYBODY
    """The names by which clients may call us; `*` stands for all."""

    cluster_header: tuple[str, str] = field(init=False)
    """The header that says whose answer it is."""

    def __post_init__(self) -> None:
        """Write the header down: nearly every answer has it."""
        self.cluster_header = ("X-Etcd-Cluster-Id", f"{self.cluster_id:x}")
