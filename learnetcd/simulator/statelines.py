"""A member in one line, a cluster in three: what a lecturer writes on the board.

    S1 F t2 v2 c1 [x=1@1]
    S2 L t2 v2 c2 [x=1@1 y=2@2]
    S3 - t1 v3 c0 [x=1@1]

From left to right: name; role (F follower, P pre-candidate, C candidate, L leader, - down); term;
vote (`.` for none); commit index; the log, each entry as value@term. Of a member that is down, the
line shows what its disk holds. Two clusters whose lines are equal look the same to a reader, so
scenes and tests compare these lines.

Left out: timers, messages, disks. Each has a place of its own on the screen.

Next page: `sentences`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.raft.entry import NO_MEMBER, Entry
from learnetcd.simulator import moment
from learnetcd.simulator.words import entry_text
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name

ROLE_LETTERS = {
    "follower": "F",
    "pre-candidate": "P",
    "candidate": "C",
    "leader": "L",
    "down": "-",
}


def state_lines(world: World, last: int | None = None) -> tuple[str, ...]:
    """One line for each member, in order; with all entries, or with so many from the end."""
    return tuple(state_line(world, member, last) for member in moment.members(world))


def state_line(world: World, member: int, last: int | None = None) -> str:
    """A member in one line."""
    if world.alive(member):
        raft = world.member(member).raft
        log = raft.log
        entries = log.entries(log.first_index, log.last_index)
        term, vote, commit_index, begins_after = (
            raft.term,
            raft.vote,
            log.commit_index,
            log.snapshot_index,
        )
    else:
        stored = moment.on_disk(world, member)
        state = stored.hard_state
        entries = stored.entries
        term, vote, commit_index = state.term, state.vote, state.commit_index
        begins_after = stored.snapshot.index
    role = ROLE_LETTERS[moment.role_name(world, member)]
    whom = "." if vote == NO_MEMBER else str(vote)
    head = f"{member_name(member)} {role} t{term} v{whom} c{commit_index}"
    return f"{head} {_log(entries, begins_after, last)}"


def _log(entries: Sequence[Entry], begins_after: int, last: int | None) -> str:
    """The entries in a row; what a snapshot replaced is counted: `[..100 x=1@2]`."""
    if last is not None and len(entries) > last:
        begins_after += len(entries) - last
        entries = entries[-last:]
    words = [f"..{begins_after}"] if begins_after else []
    return f"[{' '.join(words + [entry_text(entry) for entry in entries])}]"
