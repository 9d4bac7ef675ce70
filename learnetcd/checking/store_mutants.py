"""The bugs of the store: S13 to S20, S30 to S33.

The store must be the same on all members, whatever clock each of them has and whatever snapshot it
came from; and who waits for a key must be told of each change of it, once.

One of the known bugs can't be made here as it was elsewhere: S14, a leader's fast clock that lets
keys go early. No code prevents that, here or in etcd: the deadline and the end are told by two
clocks. The mutant tells a time that no clock shows.

Source: the issues named at each mutant.

Next page: `server_mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import (
    NO_RUN,
    SERVICE,
    STATE_MACHINE_SAFETY,
    WATCHES,
    Edit,
    Mutant,
)

OF_THE_STORE = ("tests/store", "tests/member")

STORE_MUTANTS = (
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
