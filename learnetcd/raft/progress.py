"""What a leader knows of one other member, and how fast it may send to it.

                  an accepted append                         entries needed are gone
        PROBE ------------------------> REPLICATE     PROBE -------------------------> SNAPSHOT
          ^                                 |           ^                                 |
          +---------------------------------+           +---------------------------------+
              a refusal, or unreachable                        reported as done or failed

PROBE sends one append and waits: the leader does not know yet where the logs agree. REPLICATE is
optimistic: `next_index` moves on as entries are sent, not as they are acknowledged, with a window
of appends in flight. SNAPSHOT sends nothing until the snapshot has arrived; an acknowledgement that
reaches the leader's log again tells that as well, and leads straight to REPLICATE.

`match_index` is what the member has acknowledged, durably: it only ever grows (Raft Figure 2), and
it alone counts for commit. `next_index` is a guess; a wrong one costs messages, never safety.

Invariant: match_index < next_index.

Source: Raft §5.3 and Figure 2; etcd/raft design.md, "Progress". Next page: `roles`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum

from learnetcd.raft.entry import Entry


class Mode(Enum):
    """How a leader sends to a member."""

    PROBE = "probe"
    REPLICATE = "replicate"
    SNAPSHOT = "snapshot"


class Inflight:
    """A window of appends that were sent and not acknowledged, as (last index, bytes) each."""

    __slots__ = ("_appends", "_bytes", "_max_appends", "_max_bytes")

    def __init__(self, max_appends: int, max_bytes: int) -> None:
        """Allow so many appends, and no new one when so many bytes are under way."""
        self._appends: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self._max_appends = max_appends
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        """Count the appends in flight."""
        return len(self._appends)

    @property
    def full(self) -> bool:
        """Whether the leader has to wait."""
        return len(self._appends) >= self._max_appends or self._bytes >= self._max_bytes

    def add(self, last_index: int, size: int) -> None:
        """An append was sent."""
        self._appends.append((last_index, size))
        self._bytes += size

    def free_to(self, index: int) -> None:
        """Everything up to `index` was acknowledged."""
        while self._appends and self._appends[0][0] <= index:
            self._bytes -= self._appends.popleft()[1]

    def clear(self) -> None:
        """Forget what is under way."""
        self._appends.clear()
        self._bytes = 0

    def fork(self) -> Inflight:
        """Copy it."""
        copy = Inflight(self._max_appends, self._max_bytes)
        copy._appends = self._appends.copy()
        copy._bytes = self._bytes
        return copy


class Progress:
    """A leader's view of one member."""

    __slots__ = (
        "inflight",
        "match_index",
        "mode",
        "next_index",
        "pending_snapshot",
        "recent_active",
        "sent_commit",
        "waiting",
    )

    def __init__(self, next_index: int, inflight: Inflight, recent_active: bool = False) -> None:
        """Begin by probing at `next_index`, knowing nothing."""
        self.match_index = 0
        self.next_index = next_index
        self.mode = Mode.PROBE
        self.waiting = False
        """A probe is on its way, or the window is full: send nothing before an answer."""
        self.pending_snapshot = 0
        """The index of the snapshot that was sent last, while in SNAPSHOT."""
        self.recent_active = recent_active
        """It answered since the leader last counted its quorum."""
        self.sent_commit = 0
        """The commit index that it was told last."""
        self.inflight = inflight

    @property
    def paused(self) -> bool:
        """Whether nothing may be sent to it now."""
        return self.waiting or self.mode is Mode.SNAPSHOT

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self.waiting = False
        self.pending_snapshot = 0
        self.inflight.clear()

    def become_probe(self) -> None:
        """Go back to one append at a time, from the first entry that is not acknowledged."""
        after_snapshot = self.pending_snapshot + 1 if self.mode is Mode.SNAPSHOT else 0
        self._enter(Mode.PROBE)
        self.next_index = max(self.match_index + 1, after_snapshot)
        self.sent_commit = min(self.sent_commit, self.next_index - 1)

    def become_replicate(self) -> None:
        """Send without waiting: the member has acknowledged where the logs agree."""
        self._enter(Mode.REPLICATE)
        self.next_index = self.match_index + 1

    def become_snapshot(self, snapshot_index: int) -> None:
        """Wait until the snapshot has arrived."""
        self._enter(Mode.SNAPSHOT)
        self.pending_snapshot = snapshot_index
        self.next_index = snapshot_index + 1
        self.sent_commit = snapshot_index

    def sent(self, entries: Sequence[Entry], commit_index: int) -> None:
        """Note an append that was just sent."""
        if self.mode is Mode.REPLICATE:
            if entries:
                self.next_index += len(entries)
                self.inflight.add(self.next_index - 1, sum(entry.size for entry in entries))
            # Once the window is full, an append is a probe: one at a time until an answer comes.
            self.waiting = self.inflight.full
        elif entries:
            self.waiting = True
        self.sent_commit = commit_index

    def acknowledge(self, index: int) -> bool:
        """Move match_index up to `index`; False for an old acknowledgement, which is idle."""
        if index <= self.match_index:
            return False
        self.match_index = index
        self.next_index = max(self.next_index, index + 1)
        self.waiting = False
        return True

    def refuse(self, previous_index: int, hint_index: int) -> bool:
        """Move next_index back after a refusal; False if the refusal is an old one.

        It was a guess in PROBE: only the refusal of that very guess counts. In any mode, all up to
        match_index is known to match, so a refusal of that is an old message.

        Differs: etcd asks so only in REPLICATE. In PROBE it can but happen when a member has lost
        what it acknowledged (a broken twin); then asking again would go on for ever, without pause.
        """
        if previous_index <= self.match_index:
            return False
        if self.mode is Mode.REPLICATE:
            self.next_index = self.match_index + 1
        else:
            if previous_index != self.next_index - 1:
                return False
            self.next_index = max(min(previous_index, hint_index + 1), self.match_index + 1)
            self.waiting = False
        self.sent_commit = min(self.sent_commit, self.next_index - 1)
        return True

    def fork(self) -> Progress:
        """Copy it."""
        copy = Progress.__new__(Progress)
        copy.match_index = self.match_index
        copy.next_index = self.next_index
        copy.mode = self.mode
        copy.waiting = self.waiting
        copy.pending_snapshot = self.pending_snapshot
        copy.recent_active = self.recent_active
        copy.sent_commit = self.sent_commit
        copy.inflight = self.inflight.fork()
        return copy
