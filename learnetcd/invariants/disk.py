"""What the judge must know of a disk: what would be read after a power cut.

    written     1@1 2@1 3@2 4@2
    durable     1@1 2@1 | 3@2 4@2 wait for a sync        last_index is 2

The simulated disk and the real one both can say this. Only what is *certain* to survive counts:
records that are written and not synced may survive too, and no promise may rest on that.

Next page: `step`.
"""

from __future__ import annotations

from typing import Protocol

from learnetcd.raft.entry import HardState


class DurableView(Protocol):
    """What a member's disk holds for sure."""

    @property
    def hard_state(self) -> HardState:
        """Term, vote and commit index, as they would be read."""

    @property
    def snapshot_index(self) -> int:
        """The last entry that a snapshot replaces; 0 without one."""

    @property
    def last_index(self) -> int:
        """The last entry that would be read; the snapshot's index if there is none after it."""

    def term_at(self, index: int) -> int | None:
        """The term of an entry or of the snapshot at its index; None for all others."""
