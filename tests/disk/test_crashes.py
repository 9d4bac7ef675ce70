"""The power fails at every call of a workload, and the disk keeps what it likes."""

import random
from contextlib import suppress

import pytest

from learnetcd.checking.ledger import NOTHING, is_same
from learnetcd.disk import storage
from learnetcd.disk.directory import Directory
from learnetcd.disk.errors import DiskFailed
from learnetcd.disk.memory_files import Fault, MemoryFiles, PowerFailed
from learnetcd.disk.recovery import is_new
from learnetcd.raft.entry import HardState, Stored
from tests.disk.workload import ME, ROOT, SEGMENT_BYTES, Play, add, life_of_a_member, text


def played(faults):
    """Play the workload up to a fault."""
    files = MemoryFiles()
    files.faults = faults
    play = Play(files)
    with suppress(PowerFailed, DiskFailed, OSError):
        life_of_a_member(play)
    return play


CALLS = len(played({}).files.calls)


def ways_of_the_disk(number):
    """Keep nothing, keep all, and what chance likes, more or less of it."""
    chance = random.Random(number)
    yield "nothing is kept", lambda: False
    yield "all is kept", lambda: True
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.97) * 3:
        yield f"{share} is kept", lambda share=share: chance.random() < share


def leftovers(files, ways):
    """What a power cut leaves in these ways. Where little is unsynced, most of them are one."""
    seen = set()
    for way, keeps in ways:
        kept = []

        def keeps_and_tells(keeps=keeps, kept=kept):
            kept.append(keeps())
            return kept[-1]

        left = files.after_power_cut(keeps_and_tells)
        if tuple(kept) not in seen:
            seen.add(tuple(kept))
            yield way, left


def check(play, files, words):
    """Open what is left, compare, and see that one can go on with it."""
    if is_new(files, Directory(ROOT)):
        assert not play.is_created, f"{words}: everything is gone"
        return
    opened, stored = storage.open_storage(files, ROOT, SEGMENT_BYTES)
    assert play.ledger.allows(stored), f"{words}: found {stored}"
    index = stored.snapshot.index + len(stored.entries) + 1
    term = stored.hard_state.term + 9
    more, state = text(index, term, 100), HardState(term, 1, stored.hard_state.commit_index)
    opened.write([more], state)
    opened.sync()
    opened.close()
    again = files.after_power_cut(lambda: False)
    _, found = storage.open_storage(again, ROOT, SEGMENT_BYTES)
    assert found.entries == (*stored.entries, more), f"{words}: what came later is gone"
    assert found.hard_state == state


@pytest.mark.parametrize("part", range(8))
def test_whatever_a_crash_leaves_is_a_moment_since_the_last_sync(part):
    for number in range(part, CALLS + 1, 8):
        play = played({number: Fault.POWER})
        for way, left in leftovers(play.files, ways_of_the_disk(number)):
            check(play, left, f"call {number}, {play.files.calls[-1]}, {way}")


def torn_logs():
    """What crashes leave that has to be repaired."""
    chance = random.Random(1)
    for number in range(CALLS):
        play = played({number: Fault.POWER})
        for _ in range(8):
            left = play.files.after_power_cut(lambda: chance.random() < 0.6)
            image = left.after_power_cut(lambda: True)
            if is_new(left, Directory(ROOT)):
                continue
            storage.open_storage(left, ROOT, SEGMENT_BYTES)
            if any("broken" in call for call in left.calls):
                yield play, image, len(left.calls)


def test_a_crash_during_the_repair_is_as_good_as_any():
    chance = random.Random(2)
    images = list(torn_logs())
    assert len(images) > 20, "the test has lost its subject"
    for play, image, calls in images:
        for number in range(calls):
            left = image.after_power_cut(lambda: True)
            left.faults = {number: Fault.POWER}
            with pytest.raises(PowerFailed):
                storage.open_storage(left, ROOT, SEGMENT_BYTES)
            words = f"{play.files.calls[-1]}, then {left.calls[-1]}"
            check(play, left.after_power_cut(lambda: chance.random() < 0.5), words)


@pytest.mark.parametrize("fault", [Fault.NO_SPACE, Fault.FAILS])
def test_after_an_error_nothing_more_is_promised_and_nothing_is_lost(fault):
    """PostgreSQL's "fsyncgate": a second sync would succeed, and the bytes are lost."""
    chance = random.Random(2)
    for number in range(CALLS):
        play = played({number: fault})
        if len(play.files.calls) == CALLS:
            continue  # a call that needs no space
        if play.is_created and not play.is_purging:
            calls = len(play.files.calls)
            with pytest.raises(DiskFailed):
                play.storage.write([text(99, 9)])
            with pytest.raises(DiskFailed):
                play.storage.sync()
            assert len(play.files.calls) == calls
        if play.storage:
            play.storage.close()
        ways = [(share, lambda share=share: chance.random() < share) for share in (0.0, 0.5, 1.0)]
        for share, left in leftovers(play.files, ways):
            check(play, left, f"call {number}, {play.files.calls[number]}, {share} is kept")


@pytest.mark.parametrize("fault", [Fault.POWER, Fault.FAILS])
def test_what_a_new_process_has_read_survives_a_power_cut(fault):
    """It acknowledges what it has read, so that must not be in the memory of the machine alone."""
    for number in range(20, CALLS):
        play = played({number: fault})
        files = play.files.process_killed()
        words = f"call {number}, {files.calls[number]}"
        opened, stored = storage.open_storage(files, ROOT, SEGMENT_BYTES)
        left = files.after_power_cut(lambda: False)
        assert is_same(storage.open_storage(left, ROOT, SEGMENT_BYTES)[1], stored), words
        opened.close()
        check(play, files, words)


def test_a_member_that_is_made_knows_its_cluster_or_is_not_there():
    """Else it would come back as a member of nothing, and wait for ever."""
    members = Stored(NOTHING, HardState(1, 0, 2), (add(1, 1), add(2, 2)))
    files = MemoryFiles()
    storage.create(files, ROOT, ME, SEGMENT_BYTES, stored=members)
    for number in range(len(files.calls) + 1):
        half = MemoryFiles()
        half.faults = {number: Fault.POWER}
        with suppress(PowerFailed):
            storage.create(half, ROOT, ME, SEGMENT_BYTES, stored=members)
        for way, left in leftovers(half, ways_of_the_disk(number)):
            if not is_new(left, Directory(ROOT)):
                assert storage.open_storage(left, ROOT, SEGMENT_BYTES)[1] == members, way


def test_batches_that_wait_share_one_write_and_one_sync():
    play = Play(MemoryFiles())
    play.create()
    calls = len(play.files.calls)
    play.write(text(1, 1), state=HardState(1))
    play.write(state=HardState(1, 0, 1))
    play.write(text(2, 1), state=HardState(2, 0, 1))
    assert play.files.calls[calls:] == []
    play.sync()
    assert [call.split()[0] for call in play.files.calls[calls:]] == ["write", "sync"]
    assert play.ledger.last.stored() == Stored(
        NOTHING, HardState(2, 0, 1), (text(1, 1), text(2, 1))
    )


def test_the_workload_does_what_its_name_says():
    calls = played({}).files.calls
    renamed = [call for call in calls if call.startswith("rename")]
    removed = [call for call in calls if call.startswith("remove")]
    assert len(renamed) >= 4, "the first file and some cuts"
    assert len(removed) >= 3, "segments and snapshots"
