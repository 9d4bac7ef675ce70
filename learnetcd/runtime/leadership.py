"""Leadership: a line in the journal whenever this member learns who leads, or that nobody does.

    m3 | 2026-11-22 18:52:09.001 I | elected a leader (leader: 227ea1e695d5f4e5, term: 2)
    m1 | 2026-11-22 18:53:40.270 I | lost the leader (leader: 227ea1e695d5f4e5, term: 3)

Who keeps a cluster running wants to know this before anything else. It is a member's own view: a
member that is cut off goes on believing in a leader that the others have given up long ago.

Source: etcd 3.4 raft/node.go (run), which says the same words.

Next page: `recording`.
"""

from __future__ import annotations

from learnetcd.member.member import Member
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.runtime import journal
from learnetcd.runtime.member_driver import MemberDriver


async def tell(driver: MemberDriver) -> None:
    """Say each change, from the start to the end of the member."""
    known = NO_MEMBER

    def has_changed(member: Member) -> bool:
        return member.raft.leader != known

    while True:
        await driver.until(has_changed)
        raft = driver.member.raft
        said, about = change(known, raft.leader)
        journal.say(said, leader=f"{about:x}", term=raft.term)
        known = raft.leader


def change(before: int, now: int) -> tuple[str, int]:
    """What became of the leader, and whom that is about."""
    if now == NO_MEMBER:
        return "lost the leader", before
    return ("elected a leader" if before == NO_MEMBER else "changed the leader"), now
