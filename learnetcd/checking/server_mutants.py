"""The bugs of what clients are told, and of clusters without rest: S11, S12, S21 to S29.

Clients believe what they are told; and a cluster must come to rest. Two of the known bugs can't be
made here as they were elsewhere, and stand for what comes nearest:

    S25  a leader whose disk hangs keeps its followers quiet. Ours may: they commit without its
         copy (scene commit-by-followers). The mutant sends nothing that it has not written itself.
    S28  a lock that is believed to be exclusive. No lock is; the mutant leaves out the fence.

Source: the issues named at each mutant.

Next page: `door_mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import (
    DURABILITY,
    FRESH_READS,
    NO_RUN,
    PROGRESS,
    SERVICE,
    Edit,
    Mutant,
)

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

SERVER_MUTANTS = (*CLIENTS, *CLUSTERS)
