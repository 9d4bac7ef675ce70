"""What a server's recording comes to when it is played, held against what the server left."""

from pathlib import Path

from learnetcd.disk.directory import Directory
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import recover
from learnetcd.invariants import Judge
from learnetcd.member.member import Member
from learnetcd.simulator.recording import Recording


def played(path: Path) -> Member:
    """The member at the end; `play` compares term, vote, log, commit index and store on the way."""
    judge = Judge()
    world = Recording.read(path).play(judge).world
    assert judge.violations == ()
    [member_id] = world.alive_ids
    return world.member(member_id)


def assert_same_log(member: Member, data: Path) -> None:
    """Snapshot, log and promises are those that are on the disk."""
    log, stored = member.raft.log, recover(RealFiles(), Directory(str(data))).stored
    assert stored.snapshot.index == member.snapshot_index > 0
    first = max(log.first_index, stored.snapshot.index + 1)
    on_disk = [entry for entry in stored.entries if entry.index >= first]
    assert on_disk == list(log.entries(first, log.last_index))
    assert (stored.hard_state.term, stored.hard_state.vote) == (member.raft.term, member.raft.vote)
    assert stored.hard_state.commit_index <= log.commit_index <= log.last_index


def keys_of(member: Member) -> list[str]:
    """All keys of clients, sorted."""
    nodes = member.store.nodes()
    return sorted(node.key.removeprefix("/1") for node in nodes if node.key.startswith("/1/"))
