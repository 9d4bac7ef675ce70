"""Stores: one content at one index, and nobody who waits for what has happened.

    S1   applied 7   etcd index 4   /x=1
    S2   applied 7   etcd index 3   (empty)           /x expired here by S2's own clock: different

That all members apply the same entries (G4) makes their stores equal only if what an entry does
depends on the content and the entry alone: on no clock, no order of a set, nothing that a snapshot
left out. Here the contents themselves are compared, by their digests, each time an entry was
applied or a snapshot took a store's place.

Those who watch are no part of the content. But each of them waits for the first event, and when it
has happened must not wait any longer.

Source: Raft Figure 3, State Machine Safety; etcd #2802 for keys that expired by a member's own
clock.

Left out: a member that is more than 200 applied entries behind all others; the end of a run
compares everybody. Of watches, what happens below a key, and who asked for events of the past.

Next page: `judge`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import APPLIED, DURABLE, STARTED, Step
from learnetcd.member.effects import NotifyWatcher
from learnetcd.member.namespace import outside
from learnetcd.store.event import Event
from learnetcd.store.watch import Watcher
from learnetcd.tracing import member_name

KEPT = 200
"""So many of the last contents are remembered."""


class SameContent(Invariant):
    """Ghost: the digest of the store that was seen first at an index, and whose it was."""

    id = "G9"
    name = "same content"
    sentence = "Two stores that have applied the same entries have the same content."
    citation = "Raft Figure 3, State Machine Safety; §2: deterministic state machines"
    wakes = APPLIED | STARTED

    def __init__(self) -> None:
        """No store was seen."""
        super().__init__()
        self.contents: dict[int, tuple[str, int]] = {}

    def check(self, step: Step) -> str:
        """Compare a store with what others were at this index."""
        self.checked += 1
        index, content = step.member.applied_index, step.member.store.digest()
        expected, other = self.contents.setdefault(index, (content, step.id))
        if len(self.contents) > KEPT:
            del self.contents[next(iter(self.contents))]
        if content == expected:
            return ""
        whose = "it had itself then" if other == step.id else f"{member_name(other)} had then"
        return f"its store at entry {index} is not the one that {whose}"


class CompleteWatches(Invariant):
    """Ghost: up to which etcd index the watchers of each member were looked at."""

    id = "L11"
    name = "complete watches"
    sentence = "Who watches a key is told of the next event there, in the step that applies it."
    citation = "etcd v2: wait=true"
    wakes = APPLIED | STARTED | DURABLE
    """A store also moves on when a snapshot has got to the disk and takes its place."""

    def __init__(self) -> None:
        """Nobody watches."""
        super().__init__()
        self.seen: dict[int, int] = {}

    def check(self, step: Step) -> str:
        """Look for watchers who should have been told of what happened in this step."""
        store, watchers = step.member.store, step.member.watchers
        seen = self.seen.get(step.id, store.etcd_index)
        self.seen[step.id] = store.etcd_index
        if not len(watchers) or step.input is None:
            return ""
        history = store.history
        for index in range(max(seen + 1, history.start_index), store.etcd_index + 1):
            self.checked += 1
            event = history.event(index)
            for watcher in watchers:
                if concerns(watcher, event) and not was_told(step.notices, watcher, index):
                    key = outside(watcher.key)
                    return f"request {watcher.id} watches {key}, and was not told of event {index}"
        return ""

    def crashed(self, member: int) -> None:
        """Its watchers are gone."""
        self.seen.pop(member, None)


def concerns(watcher: Watcher, event: Event) -> bool:
    """Whether a watcher must hear of an event."""
    index = event.node.modified_index
    at_the_key = watcher.key == event.node.key and not event.is_refresh
    return at_the_key and index >= watcher.since_index


def was_told(notices: tuple[NotifyWatcher, ...], watcher: Watcher, index: int) -> bool:
    """Whether a watcher who stays was told; one who doesn't stay must not be here any more."""
    told = [notice.event for notice in notices if notice.request_id == watcher.id]
    return watcher.stream and any(one and one.node.modified_index == index for one in told)
