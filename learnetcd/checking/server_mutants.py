"""The bugs of everything around consensus: S01 to S33.

A server may agree with all others about its log and still lose it: on the disk, where a crash cuts
a record in two and a sync fails; in the store, which must be the same on all members; and where
clients are answered, who believe what they are told.

Some of the known bugs can't be made here as they were elsewhere, and stand for what comes nearest:

    S14  a leader's fast clock lets keys go early. No code prevents that, here or in etcd: the
         deadline and the end are told by two clocks. The mutant tells a time that no clock shows.
    S25  a leader whose disk hangs keeps its followers quiet. Ours may: they commit without its
         copy (scene commit-by-followers). The mutant sends nothing that it has not written itself.
    S28  a lock that is believed to be exclusive. No lock is; the mutant leaves out the fence.

Source: the issues named at each mutant; Alagappan and others, Protocol-Aware Recovery (FAST 2018);
Rebello and others, Can Applications Recover from fsync Failures? (ATC 2020).

Next page: `mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import (
    DURABILITY,
    FRESH_READS,
    NO_RUN,
    PROGRESS,
    SERVICE,
    STATE_MACHINE_SAFETY,
    WATCHES,
    Edit,
    Mutant,
)

OF_THE_DISK = ("tests/disk",)
OF_THE_STORE = ("tests/store", "tests/member")

DISK = (
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

STORES = (
    Mutant(
        "S13",
        "own-clock",
        "lets keys expire by its own clock instead of the leader's",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "member.expiry",
                "store.expire_next(expiry.cutoff_ns, now_ns=member.wall_ns)",
                "store.expire_next(member.wall_ns)",
            ),
        ),
        hint="keys",
        known_from="etcd #2802",
    ),
    Mutant(
        "S14",
        "early-expiry",
        "as leader, tells a time that is ahead of its clock: keys go early",
        SERVICE,
        (
            Edit(
                "member.expiry",
                "member.raft.propose(Expiry(member.wall_ns).encode())",
                "member.raft.propose(Expiry(member.wall_ns + 10**9).encode())",
            ),
        ),
        hint=NO_RUN,
        known_from="etcd #2508, #2927",
    ),
    Mutant(
        "S30",
        "applies-twice",
        "applies the last entry of a batch once more with the next one",
        STATE_MACHINE_SAFETY,
        (Edit("member.apply", "queue.drop_before(end)", "queue.drop_before(end - 1)"),),
        known_from="etcd #13766",
    ),
    Mutant(
        "S16",
        "snapshot-without-deadlines",
        "forgets what expires when, if it starts from a snapshot",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "member.snapshots",
                "return snapshot.state.fork()",
                "store = snapshot.state.fork()\n"
                "    store.deadlines = type(store.deadlines)()\n"
                "    return store",
            ),
        ),
        hint="snapshots",
    ),
    Mutant(
        "S31",
        "watch-gap",
        "does not tell those who watch what a snapshot of the leader brought",
        WATCHES,
        (
            Edit(
                "member.snapshots",
                "    watching.catch_up(member, etcd_index, effects)\n",
                "",
            ),
        ),
        hint="snapshots",
        known_from="etcd 3.4 itself",
    ),
    Mutant(
        "S32",
        "refresh-wakes",
        "tells those who watch that a key got a new deadline",
        WATCHES,
        (
            Edit(
                "store.watch",
                "if event.is_refresh or not self._keys:",
                "if not self._keys:",
            ),
        ),
        hint="keys",
    ),
    Mutant(
        "S33",
        "told-again",
        "tells a watcher and keeps it: it is told again",
        WATCHES,
        (
            Edit(
                "store.watch",
                "            if not watcher.stream:\n"
                "                self.cancel(watcher.id)\n"
                "        return [",
                "            pass\n        return [",
            ),
        ),
        hint="keys",
    ),
    Mutant(
        "S15",
        "clock-in-the-store",
        "counts a time to live from when the entry is applied, on each member anew",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "member.apply",
                "expires_ns=command.expires_ns, now_ns=now_ns",
                "expires_ns=command.expires_ns and now_ns + 10**9, now_ns=now_ns",
            ),
        ),
        hint="keys",
    ),
    Mutant(
        "S17",
        "blind-to-the-past",
        "lets a watcher wait from now on, from whatever index it asked",
        WATCHES,
        (
            Edit(
                "store.watch",
                "event = store.history.scan(key, since_index, recursive=recursive)",
                "event = None",
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_STORE,
    ),
    Mutant(
        "S18",
        "silent-gap",
        "does not tell a watcher who comes too late that it has missed events",
        WATCHES,
        (
            Edit(
                "store.history",
                "        if since_index < self.start_index:\n",
                "        since_index = max(since_index, self.start_index)\n        if False:\n",
            ),
        ),
        known_from="etcd #925, #8877",
        hint=NO_RUN,
        tests=OF_THE_STORE,
    ),
    Mutant(
        "S19",
        "dropped-stream",
        "tells a stream of one event, and never of another",
        WATCHES,
        (Edit("store.watch", "            if not watcher.stream:\n", "            if True:\n"),),
        known_from="etcd #17529",
        hint=NO_RUN,
        tests=OF_THE_STORE,
    ),
    Mutant(
        "S20",
        "told-of-the-past",
        "tells a new watcher of the event that came just before it",
        WATCHES,
        (
            Edit(
                "store.watch",
                "since_index = since_index or store.etcd_index + 1",
                "since_index = since_index or max(store.etcd_index, 1)",
            ),
        ),
        known_from="etcd #15271",
        hint=NO_RUN,
        tests=OF_THE_STORE,
    ),
)
"""What all members must have alike, and who is told of it."""

CLIENTS = (
    Mutant(
        "S11",
        "all-reads-local",
        "answers every read from its own store, also one that asks for more",
        FRESH_READS,
        (
            Edit(
                "member.request",
                "return self.method is Method.GET and self.read is ReadKind.LOCAL",
                "return self.method is Method.GET",
            ),
        ),
        hint="reads",
        known_from="Jepsen 2014; etcd #741",
    ),
    Mutant(
        "S12",
        "one-round-for-all",
        "takes the answers to an earlier read's heartbeats for those to a later one's",
        FRESH_READS,
        (Edit("raft.reads", "leader.read_round += 1", "leader.read_round = 1"),),
        hint="reads",
        known_from="etcd #20418",
    ),
    Mutant(
        "S22",
        "timeout-is-no",
        "says that nothing happened when nobody knows",
        SERVICE,
        (
            Edit(
                "member.clients",
                "Answer(Outcome.UNKNOWN, error=timed_out)",
                "Answer(Outcome.REFUSED, error=timed_out)",
            ),
        ),
        hint="cuts",
    ),
    Mutant(
        "S23",
        "answered-too-early",
        "answers a write when it is proposed, by what it would do just then",
        f"{DURABILITY}, {SERVICE}",
        (
            Edit(
                "member.clients",
                "            wait(member, request_id, request)\n"
                "            payload = command_of(member, request_id, request).encode()\n",
                "            payload = command_of(member, request_id, request).encode()\n"
                "            result = result_of(\n"
                "                member.store.fork(), request, now_ns=member.wall_ns\n"
                "            )\n"
                "            reply(member, request_id, request, for_client(result), effects)\n",
            ),
        ),
    ),
    Mutant(
        "S29",
        "reads-wait-for-nothing",
        "answers a read when the leader has given its index, however far its own store has got",
        FRESH_READS,
        (
            Edit(
                "member.clients",
                "        if read_index <= applied_index:\n",
                "        if True:\n",
            ),
        ),
        hint="slow apply",
    ),
    Mutant(
        "S27",
        "transfer-for-ever",
        "refuses writes for ever after a transfer of leadership that came to nothing",
        PROGRESS,
        (
            Edit(
                "raft.transfer",
                "        raft.role.transfer_target = NO_MEMBER\n",
                "        pass\n",
            ),
        ),
        hint="transfers",
        known_from="hashicorp/raft #696",
    ),
    Mutant(
        "S21",
        "asks-again",
        "sends a write to the next member when it got no answer: it may be done twice",
        SERVICE,
        (
            Edit(
                "client.asking",
                '                    if isinstance(error, Unknown) and method != "GET":\n'
                "                        raise\n",
                "",
            ),
        ),
        hint=NO_RUN,
        known_from="etcd #18424, #14890",
        tests=("tests/client",),
    ),
    Mutant(
        "S28",
        "unfenced",
        "looks at no fence: who had the lock and wakes up late writes over what came after him",
        SERVICE,
        (Edit("recipes.lock", "        if fence < self.fence:\n", "        if False:\n"),),
        hint=NO_RUN,
        known_from="Jepsen: etcd 3.4.3",
        tests=("tests/recipes",),
    ),
)
"""What clients are told, and what they make of it."""

CLUSTERS = (
    Mutant(
        "S24",
        "forgets-the-change",
        "as a new leader, starts a change of members while an older one may be under way",
        "one change at a time",
        (
            Edit(
                "raft.election",
                "Leader({}, pending_change_index=last_index, elected_by=elected_by)",
                "Leader({}, pending_change_index=0, elected_by=elected_by)",
            ),
        ),
        hint="members",
        known_from="Ongaro, raft-dev, July 2015",
    ),
    Mutant(
        "S25",
        "hung-disk",
        "as leader, sends only what is on its own disk: if that hangs, nothing is ever done",
        PROGRESS,
        (
            Edit(
                "raft.replication",
                "last_index, max_bytes = raft.log.last_index,",
                "last_index, max_bytes = raft.log.durable_index,",
            ),
        ),
        hint=NO_RUN,
        known_from="hashicorp/raft #503, #612",
    ),
    Mutant(
        "S26",
        "easily-deposed",
        "listens to candidates while it hears its leader: if a link is cut, leaders come and go",
        PROGRESS,
        (
            Edit(
                "raft.raft",
                "return self.config.check_quorum and self.leader != NO_MEMBER and heard_lately",
                "return False",
            ),
        ),
        hint=NO_RUN,
        known_from="Cloudflare, November 2020",
    ),
)
"""Clusters that do not come to rest."""

SERVER_MUTANTS = (*DISK, *STORES, *CLIENTS, *CLUSTERS)
