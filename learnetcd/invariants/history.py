"""What the cluster as a whole has written and committed: the history that no member knows.

    index        1     2     3     4     5
    ever seen   1@1   2@1   3@1   4@3         every entry that any log ever held,
                            3@2               each with the term of the one before it
    committed   1@1   2@1   3@2               the one history: it only grows
                                              ^ end = 3

A member knows its own log and its own commit index. That two members never commit different things
is a sentence about both together, and about members that are dead by now; so somebody outside has
to write down what was committed *first*. This is the ghost with which that is done, and the reason
why a checker finds in the very step what users would find a week later.

Everything here is added to and never rewritten, in `Chunks`, so that a frame of a long run costs
next to nothing. What no member can bring back any more is forgotten from the front.

Next page: `elections`.
"""

from __future__ import annotations

from contextlib import suppress

from learnetcd.raft.chunks import Chunks
from learnetcd.raft.configuration import (
    ConfigChange,
    ConfigChangeRefused,
    Configuration,
    changed,
)
from learnetcd.raft.entry import Entry
from learnetcd.raft.log import RaftLog

Named = tuple[Entry, int]
"""An entry, and the term of the entry before it in the log in which it was seen."""


class History:
    """The log of the cluster, as seen from outside."""

    __slots__ = ("_configurations", "_terms", "committed", "end", "seen")

    def __init__(self, base: int, configuration: Configuration) -> None:
        """Begin after the entry `base`: what lies before it was committed before we looked."""
        self.committed: Chunks[Entry] = Chunks(start=base + 1)
        """By index: the entry that was committed there first."""
        self.end = base
        """The last committed index."""
        self.seen: Chunks[tuple[Named, ...]] = Chunks(start=base + 1)
        """By index: every entry that some log held there, one of each term."""
        self._terms: Chunks[tuple[int, int]] = Chunks(((0, base + 1),))
        """(term, first index): from that index on, entries were committed in that term."""
        self._configurations: Chunks[tuple[int, Configuration]] = Chunks(((base, configuration),))
        """(index, configuration): who the members are from that committed change on."""

    def see(self, entry: Entry, previous_term: int) -> Named | None:
        """Note an entry of some log; gives the other entry of the same name if there is one."""
        seen, index = self.seen, entry.index
        if index < seen.start:
            return None
        if index < seen.end:
            named = seen[index]
            for other in named:
                if other[0].term == entry.term:
                    is_same = other[1] == previous_term and other[0] == entry
                    return None if is_same else other
            seen[index] = (*named, (entry, previous_term))
            return None
        while seen.end < index:
            seen.append(())
        seen.append(((entry, previous_term),))
        return None

    def commit(self, log: RaftLog) -> None:
        """Note what a member's log says to be committed, beyond what is known."""
        commit_index = log.commit_index
        if commit_index <= self.end:
            return
        if log.snapshot_index > self.end:
            self._leap(log.snapshot_index)
        for entry in log.entries(self.end + 1, min(commit_index, log.last_index)):
            self.committed.append(entry)
            if isinstance(entry.payload, ConfigChange):
                self._change(entry.index, entry.payload)
        # The last entry of what a leader commits at a time is of the term that it leads (L1).
        last_term = self.committed[self.committed.end - 1].term if len(self.committed) else 0
        if last_term > self._terms[self._terms.end - 1][0]:
            self._terms.append((last_term, self.end + 1))
        self.end = commit_index

    def _leap(self, index: int) -> None:
        # Entries that we never saw: their places stay unknown.
        self.committed = Chunks(start=index + 1)
        self.end = index

    def _change(self, index: int, change: ConfigChange) -> None:
        before = self._configurations[self._configurations.end - 1][1]
        # Members skip an illegal change, too: it changes nothing.
        with suppress(ConfigChangeRefused):
            self._configurations.append((index, changed(before, change)))

    def term_at(self, index: int) -> int | None:
        """The term of a committed entry; None if it is not known."""
        committed = self.committed
        return committed[index].term if committed.start <= index < committed.end else None

    def committed_before(self, term: int) -> int:
        """The last index that was committed in a term before `term`."""
        end, terms = self.end, self._terms
        # Nearly always the first look suffices: candidates win newer terms than those of commits.
        for position in range(terms.end - 1, terms.start - 1, -1):
            committed_in, first = terms[position]
            if committed_in < term:
                return end
            end = first - 1
        return end

    def configuration_at(self, index: int) -> Configuration | None:
        """Who the members are once everything up to `index` is applied; None if not known."""
        changes = self._configurations
        for position in range(changes.end - 1, changes.start - 1, -1):
            since, configuration = changes[position]
            if since <= index:
                return configuration
        return None

    def forget_before(self, index: int) -> None:
        """Let go of entries before `index`: no member can bring them back."""
        self.committed.drop_before(min(index, self.end + 1))
        self.seen.drop_before(min(index, self.seen.end))

    def fork(self) -> History:
        """A copy that goes its own way from here."""
        copy = History.__new__(History)
        copy.end = self.end
        copy.committed = self.committed.fork()
        copy.seen = self.seen.fork()
        copy._terms = self._terms.fork()
        copy._configurations = self._configurations.fork()
        return copy
