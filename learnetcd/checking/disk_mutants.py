"""The bugs of the disk: S01 to S10.

A member may agree with all others about its log and still lose it: where a crash cuts a record in
two, where a bit flips, where a sync fails or is left out, and when it writes on behind what a crash
has left.

Source: the issues named at each mutant; Alagappan and others, Protocol-Aware Recovery (FAST 2018);
Rebello and others, Can Applications Recover from fsync Failures? (ATC 2020).

Next page: `store_mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import (
    DURABILITY,
    NO_RUN,
    PROGRESS,
    STATE_MACHINE_SAFETY,
    Edit,
    Mutant,
)

OF_THE_DISK = ("tests/disk",)

DISK_MUTANTS = (
    Mutant(
        "S01",
        "torn-is-damage",
        "does not start when a crash has cut off the last record",
        PROGRESS,
        (
            Edit(
                "disk.tail",
                "    start = damage.offset + LENGTH_BYTES\n    kinds: list[int] = []\n",
                "    return False\n    start = damage.offset + LENGTH_BYTES\n"
                "    kinds: list[int] = []\n",
            ),
        ),
        hint="files",
        known_from="etcd #5230, #6378, #6515",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S02",
        "damage-is-torn",
        "takes a damaged record in the middle for a torn one, and throws away all behind it",
        DURABILITY,
        (
            Edit(
                "disk.scan",
                "if in_head or not is_last or not tail.is_torn(data, damage):",
                "if in_head:",
            ),
        ),
        hint=NO_RUN,
        known_from="Protocol-Aware Recovery: most of the systems that were tried",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S03",
        "unchecked-sum",
        "reads records without looking at their checksums",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "disk.record",
                '    running = crc32c.extend(running, record.data or b"")\n'
                "    if running != record.crc:\n",
                '    running = crc32c.extend(running, record.data or b"")\n    if False:\n',
            ),
        ),
        hint="files",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S04",
        "leftovers",
        "writes on behind a torn record without wiping out what is left of it",
        PROGRESS,
        (
            Edit(
                "disk.wal",
                "                file.write(self._end, bytes(found.scan.remains))\n",
                "                pass\n",
            ),
        ),
        hint="files",
        known_from="a comment in etcd wal/wal.go",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S05",
        "no-sync",
        "writes its log and never syncs it: good enough for a process that is killed",
        DURABILITY,
        (
            Edit(
                "disk.wal",
                "        file.write(self._end, data)\n        file.sync()\n",
                "        file.write(self._end, data)\n",
            ),
        ),
        hint="files",
        known_from="etcd #14143",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S06",
        "failed-sync-forgotten",
        "goes on after a sync that failed, as if the next one would make up for it",
        DURABILITY,
        (
            Edit(
                "disk.wal",
                "        file.write(self._end, data)\n        file.sync()\n",
                "        file.write(self._end, data)\n"
                "        try:\n            file.sync()\n        except OSError:\n"
                "            pass  # the next one will do\n",
            ),
        ),
        hint=NO_RUN,
        known_from="PostgreSQL before version 12",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S07",
        "name-not-synced",
        "begins a new file of the log without making its name safe",
        DURABILITY,
        (
            Edit(
                "disk.wal",
                '        self._files.rename(path, f"{self._directory.wal}/{name}")\n'
                "        self._files.sync_folder(self._directory.wal)\n",
                '        self._files.rename(path, f"{self._directory.wal}/{name}")\n',
            ),
        ),
        hint="files",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S08",
        "released-too-early",
        "lets go of the log behind a snapshot before a restart would begin with that snapshot",
        f"{DURABILITY}, {PROGRESS}",
        (
            Edit(
                "disk.wal",
                "reached = [name for name in self._ahead if name.index <= self.hard_state.commit]",
                "reached = list(self._ahead)",
            ),
        ),
        hint="files",
        known_from="etcd #10219",
        tests=OF_THE_DISK,
    ),
    Mutant(
        "S09",
        "applied-twice",
        "says of a snapshot that it is of one entry earlier: that entry is applied again",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "member.snapshots",
                "    term = member.raft.log.term_at(member.applied_index)\n",
                "    member.applied_index -= 1\n"
                "    term = member.raft.log.term_at(member.applied_index)\n",
            ),
            Edit(
                "member.snapshots",
                "    member.own_snapshot = snapshot\n",
                "    member.applied_index += 1\n    member.own_snapshot = snapshot\n",
            ),
        ),
        hint="snapshots",
        known_from="etcd #13766",
    ),
    Mutant(
        "S10",
        "amnesia",
        "begins anew, under its old name, when its log is gone",
        DURABILITY,
        (
            Edit(
                "disk.recovery",
                "    if names.segments(files, directory):\n        return False\n",
                "    return not names.segments(files, directory)\n",
            ),
        ),
        hint=NO_RUN,
        known_from="etcd #13509, #20269",
        tests=OF_THE_DISK,
    ),
)
"""What survives."""
