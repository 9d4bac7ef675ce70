"""The disk that keeps bytes: the same disk as the one that keeps values, until it is torn."""

from dataclasses import replace

import pytest

from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import Run, run
from learnetcd.invariants import Judge
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.simulator.decisions import Crash, Impossible, Restart
from learnetcd.simulator.file_disk import FileDisk
from learnetcd.simulator.library import load_scene, scene_names
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import FILES, VALUES, Setup
from learnetcd.simulator.stage import play
from learnetcd.simulator.timeline import replay
from learnetcd.simulator.world import World
from learnetcd.store.store import Store

NEW = Stored(Snapshot(0, 0, Configuration((1, 2, 3))))


def on_files(setup: Setup) -> Setup:
    return replace(setup, disks=FILES)


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8, 13, 17, 21, 27])
def test_a_run_of_chance_on_files_is_the_same_as_on_values(seed: int):
    told = run(replace(plan_of(seed), disks=VALUES, steps=800))
    again = replay(on_files(told.setup), told.decisions)
    assert again.digest() == told.world.digest()


def test_each_scene_on_files_is_the_same_as_on_values():
    for name in scene_names():
        worlds: list[World] = []
        played = play(load_scene(name), lambda stage, *_, seen=worlds: seen.append(stage.world))
        files = replay(on_files(played.scene.setup), played.decisions)
        assert files.digest() == worlds[-1].digest(), name


def entries(first: int, last: int, term: int = 1, size: int = 200) -> list[Entry]:
    return [Entry(index, term, bytes([index]) * size) for index in range(first, last + 1)]


def written_disk() -> FileDisk:
    """Five entries that are safe, and five that are not."""
    disk = FileDisk(1, NEW)
    disk.write([*entries(1, 5), HardState(1, 2, 3)])
    disk.sync(disk.written)
    disk.write([*entries(6, 10), HardState(1, 2, 7)])
    return disk


def test_whatever_is_torn_a_beginning_of_it_is_left():
    whole = written_disk()
    whole.sync(whole.written)
    log = whole.recovered().entries
    lengths = set()
    for torn in range(1, 200):
        disk = written_disk()
        disk.crash(0, torn)
        found = disk.recovered()
        assert found.entries == log[: len(found.entries)]
        assert found.hard_state in (HardState(1, 2, 3), HardState(1, 2, 7))
        lengths.add(len(found.entries))
        states = 2 if found.hard_state.commit_index == 7 else 1
        assert disk.synced == disk.written == len(found.entries) + states
    assert lengths >= {5, 6, 8, 10}, "nothing, some, and all of it"


def test_a_torn_disk_goes_on_where_its_good_records_end():
    for torn in range(1, 60):
        disk = written_disk()
        disk.crash(1, torn)
        last = len(disk.recovered().entries)
        disk.write([*entries(last + 1, last + 3, term=2), HardState(2, 0, 7)])
        disk.sync(disk.written)
        disk.crash(0)
        assert disk.recovered().entries[-3:] == tuple(entries(last + 1, last + 3, term=2))


def test_a_number_tears_the_same_way_each_time():
    for torn in (3, 4, 5):
        first, second = written_disk(), written_disk()
        first.crash(0, torn)
        second.crash(0, torn)
        assert first.recovered() == second.recovered()
        assert first.last_records(9) == second.last_records(9)


def test_a_log_is_cut_and_purged_and_read_from_its_snapshot():
    disk = FileDisk(1, NEW)
    for index in range(1, 201):
        disk.write([*entries(index, index), HardState(1, 2, index - 1)])
        if index % 50 == 0:
            disk.write([Snapshot(index - 1, 1, NEW.snapshot.configuration, Store())])
        disk.sync(disk.written)
    assert disk.recovered().snapshot.index == 199
    names = disk._files.names("S1.etcd/member/wal")
    assert 1 <= len(names) <= 4
    assert not names[0].startswith("0000000000000000-"), "the oldest files are gone"


def test_values_can_not_be_torn():
    world = World(Setup(members=(1,)))
    with pytest.raises(Impossible, match="Only files can be torn"):
        world.decide(Crash(1, 0, 7))
    assert world.alive(1)


def test_a_recording_says_that_its_disks_are_files():
    one = Run(replace(plan_of(3, "files"), steps=300))
    one.go()
    text = one.recording().text()
    assert "\ndisks files\n" in text
    judge = Judge()
    assert Recording.parse(text).play(judge).world.digest() == one.world.digest()


def test_a_member_comes_back_from_a_torn_disk_and_follows():
    world = World(Setup(profile="etcd-3.3", disks=FILES))
    while world.now < 3000:
        world.decide(world.next_decision())
    world.decide(Crash(2, 0, 5))
    world.decide(Restart(2))
    while world.now < 6000:
        world.decide(world.next_decision())
    applied = {world.member(member).applied_index for member in (1, 2, 3)}
    assert len(applied) == 1
