"""The bugs of consensus: B01 to B42.

Who votes for whom, what a log may lose, who counts, and when a promise may leave. Each is a bug
that some implementation of Raft had, or that its authors feared.

Source: etcd/raft, its issues and its fixes; Ongaro's thesis; the trackers named at each mutant.

Next page: `disk_mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import (
    DURABILITY,
    ELECTION_SAFETY,
    FRESH_READS,
    LEADER_COMPLETENESS,
    LOG_MATCHING,
    PROGRESS,
    STATE_MACHINE_SAFETY,
    Edit,
    Mutant,
)

ELECTIONS = (
    Mutant(
        "B02",
        "second-vote",
        "votes for whoever asks, also twice in a term",
        ELECTION_SAFETY,
        (
            Edit(
                "raft.rules",
                "return facts.vote == NO_MEMBER and facts.leader == NO_MEMBER",
                "return True",
            ),
        ),
    ),
    Mutant(
        "B03",
        "any-log-wins",
        "votes without looking at the candidate's log",
        LEADER_COMPLETENESS,
        (
            Edit(
                "raft.rules",
                "return theirs >= (facts.last_term, facts.last_index)",
                "return True",
            ),
        ),
        hint="elections",
    ),
    Mutant(
        "B04",
        "longer-log-wins",
        "compares logs by length alone, not by their last terms first",
        LEADER_COMPLETENESS,
        (
            Edit(
                "raft.rules",
                "return theirs >= (facts.last_term, facts.last_index)",
                "return facts.candidate_last_index >= facts.last_index",
            ),
        ),
        hint="cuts",
    ),
    Mutant(
        "B05",
        "equal-log-loses",
        "votes only for logs that are strictly ahead of its own",
        PROGRESS,
        (
            Edit(
                "raft.rules",
                "return theirs >= (facts.last_term, facts.last_index)",
                "return theirs > (facts.last_term, facts.last_index)",
            ),
        ),
    ),
    Mutant(
        "B06",
        "vote-before-sync",
        "sends its vote before the vote is on disk",
        ELECTION_SAFETY,
        (
            Edit(
                "raft.election",
                "raft.send_promise(reply(raft.id, request.sender, request.term, granted=True))",
                "raft.send(reply(raft.id, request.sender, request.term, granted=True))",
            ),
        ),
    ),
    Mutant(
        "B15",
        "deaf-timer",
        "does not set its election timer back when the leader speaks",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "    raft.election_started_at = raft.now\n    return True",
                "    return True",
            ),
        ),
        hint="healthy",
    ),
    Mutant(
        "B16",
        "restless-voter",
        "does not set its election timer back when it votes",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "        raft.vote = request.sender\n"
                "        raft.election_started_at = raft.now  "
                "# Raft §5.2: granting a vote restarts the timer\n",
                "        raft.vote = request.sender\n",
            ),
        ),
    ),
    Mutant(
        "B17",
        "stubborn-leader",
        "as leader, ignores who speaks of a higher term",
        f"{ELECTION_SAFETY}, {PROGRESS}",
        (
            Edit(
                "raft.raft",
                "if self.ignores_candidate(message):",
                "if isinstance(self.role, Leader) or self.ignores_candidate(message):",
            ),
        ),
    ),
    Mutant(
        "B18",
        "stubborn-candidate",
        "as candidate, ignores the leader of its own term",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "    role = raft.role\n    if isinstance(role, Leader):\n        return False",
                "    role = raft.role\n    if isinstance(role, Leader | Candidate):\n"
                "        return False",
            ),
        ),
    ),
    Mutant(
        "B19",
        "duplicate-vote",
        "counts answers, not voters: a vote that arrives twice counts twice",
        ELECTION_SAFETY,
        (
            Edit(
                "raft.election",
                "    candidate.votes.setdefault(reply.sender, reply.granted)"
                "  # a duplicate counts once\n",
                "    silent = [voter for voter in voters(raft) if voter not in candidate.votes]\n"
                "    candidate.votes[(silent or [reply.sender])[0]] = reply.granted\n",
            ),
        ),
        hint="duplicates",
        known_from="akka-raft #45",
    ),
    Mutant(
        "B29",
        "blind-candidate",
        "stands for election before it has applied a committed change of members",
        ELECTION_SAFETY,
        (
            Edit(
                "raft.election",
                "    elif has_unapplied_change(raft):\n"
                "        # etcd #7280: whoever has not applied a committed change counts by the "
                "wrong quorum.\n"
                '        raft.trace(ElectionNotStarted("a committed change of members is not '
                'applied yet"))\n',
                "",
            ),
        ),
        hint="slow apply",
        known_from="etcd #7280",
    ),
    Mutant(
        "B30",
        "pre-vote-raises-term",
        "takes over the term of which a pre-vote only speaks",
        PROGRESS,
        (
            Edit(
                "raft.raft",
                "if not (yes or isinstance(message, RequestPreVote)):",
                "if not yes:",
            ),
        ),
        hint="pre-vote",
    ),
    Mutant(
        "B31",
        "pre-vote-binds",
        "writes a pre-vote down as if it were a vote",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "    if not pre_vote:\n        raft.vote = request.sender\n",
                "    raft.vote = request.sender\n    if not pre_vote:\n",
            ),
        ),
        hint="pre-vote",
    ),
    Mutant(
        "B35",
        "old-vote-kept",
        "keeps its vote when the term rises",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "        raft.term = term\n        raft.vote = NO_MEMBER\n",
                "        raft.term = term\n",
            ),
        ),
    ),
    Mutant(
        "B37",
        "silent-refusal",
        "says nothing to a pre-vote of a lower term",
        PROGRESS,
        (
            Edit(
                "raft.raft",
                "        elif isinstance(message, RequestPreVote):\n"
                "            self.send_promise(\n"
                "                RequestPreVoteReply(self.id, message.sender, self.term, "
                "granted=False)\n"
                "            )\n",
                "",
            ),
        ),
        hint="upgrades",
    ),
    Mutant(
        "B38",
        "stuck-candidate",
        "leaves a candidate of a higher term alone, whom everybody ignores",
        PROGRESS,
        (
            Edit(
                "raft.raft",
                "lenient = config.check_quorum or config.pre_vote or config.answer_old_terms",
                "lenient = config.answer_old_terms",
            ),
        ),
        hint="check-quorum",
    ),
    Mutant(
        "B39",
        "silent-learner",
        "gives no vote while it believes to be a learner",
        PROGRESS,
        (
            Edit(
                "raft.election",
                "    if not verdict.allowed:\n        raft.trace(VoteRefused(",
                "    if not verdict.allowed or not raft.configuration.is_voter(raft.id):\n"
                "        raft.trace(VoteRefused(",
            ),
        ),
        hint="members",
    ),
)
"""Who leads."""

REPLICATION = (
    Mutant(
        "B01",
        "figure-8",
        "commits an entry of an older term by counting its copies",
        f"{LEADER_COMPLETENESS}, {STATE_MACHINE_SAFETY}",
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.entry_term == facts.current_term,",
                "lambda facts: True,",
            ),
        ),
        hint="elections",
        known_from="Raft Figure 8; LogCabin #44, PySyncObj #169",
    ),
    Mutant(
        "B07",
        "acknowledge-before-sync",
        "acknowledges entries before they are on disk",
        f"{DURABILITY}, {LEADER_COMPLETENESS}",
        (
            Edit(
                "raft.replication",
                "raft.send_promise(AppendEntriesReply(raft.id, leader, raft.term, last_new))",
                "raft.send(AppendEntriesReply(raft.id, leader, raft.term, last_new))",
            ),
        ),
    ),
    Mutant(
        "B08",
        "always-truncate",
        "removes what follows the entries of every append, also of a late one",
        f"{LEADER_COMPLETENESS}, {DURABILITY}",
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.own_term != facts.arriving_term,",
                "lambda facts: True,",
            ),
        ),
        hint="overtaking",
    ),
    Mutant(
        "B09",
        "never-truncate",
        "keeps its own entries where they conflict with the leader's",
        LOG_MATCHING,
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.own_term != facts.arriving_term,",
                "lambda facts: False,",
            ),
        ),
    ),
    Mutant(
        "B10",
        "any-previous-entry",
        "takes entries if it has some entry before them, of whatever term",
        LOG_MATCHING,
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.term_there is None "
                "or facts.term_there == facts.previous_term,",
                "lambda facts: True,",
            ),
        ),
    ),
    Mutant(
        "B11",
        "commit-unverified-tail",
        "as follower, commits up to the end of its own log, not of what the message verified",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "raft.replication",
                "learn_commit(raft, min(append.commit_index, last_new))",
                "learn_commit(raft, min(append.commit_index, raft.log.last_index))",
            ),
        ),
        hint="small messages",
        known_from="ScyllaDB #9965",
    ),
    Mutant(
        "B12",
        "raw-heartbeat",
        "says its own commit index in a heartbeat, however far the follower is",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "raft.replication",
                "commit_index = min(progress.match_index, raft.log.commit_index)",
                "commit_index = raft.log.commit_index",
            ),
        ),
    ),
    Mutant(
        "B13",
        "commit-falls",
        "takes over a commit index that is lower than its own",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "raft.replication",
                "    if commit_index > known:\n        raft.log.commit_to(commit_index)\n",
                "    if commit_index != known:\n        raft.log.commit_index = commit_index\n",
            ),
        ),
        known_from="PySyncObj #166",
    ),
    Mutant(
        "B14",
        "match-falls",
        "as leader, believes an old acknowledgement that arrives late",
        f"{LEADER_COMPLETENESS}, {PROGRESS}",
        (
            Edit(
                "raft.progress",
                "        if index <= self.match_index:\n            return False",
                "        if index == self.match_index:\n            return False",
            ),
        ),
        hint="overtaking",
        known_from="PySyncObj #167, RaftOS #25",
    ),
    Mutant(
        "B32",
        "old-match-kept",
        "as leader again, believes what it knew of its followers when it led before",
        LEADER_COMPLETENESS,
        (
            Edit(
                "raft.raft",
                '        "id",\n        "last_batch",',
                '        "id",\n        "known_before",\n        "last_batch",',
            ),
            Edit(
                "raft.raft",
                "        self.role: Role = Follower()\n",
                "        self.role: Role = Follower()\n        self.known_before = {}\n",
            ),
            Edit(
                "raft.election",
                "    if isinstance(old_role, Leader):\n        is_voter = ",
                "    if isinstance(old_role, Leader):\n"
                "        raft.known_before = {m: p.match_index for m, p in "
                "old_role.progress.items()}\n"
                "        is_voter = ",
            ),
            Edit(
                "raft.election",
                "        leader.progress[member] = new_progress(raft, next_index=last_index + 1)\n",
                "        leader.progress[member] = new_progress(raft, next_index=last_index + 1)\n"
                "        known = min(raft.known_before.get(member, 0), last_index)\n"
                "        leader.progress[member].match_index = known\n",
            ),
        ),
        hint="elections",
        known_from="Copycat #29",
    ),
    Mutant(
        "B33",
        "never-resumed",
        "as leader, waits for the answer to a lost probe, whatever heartbeats say",
        PROGRESS,
        (
            Edit(
                "raft.replication",
                "    progress.waiting = False"
                "  # the probe, or an acknowledgement, may have been lost\n",
                "",
            ),
        ),
    ),
    Mutant(
        "B34",
        "same-guess-again",
        "as leader, does not look further back after a refusal",
        PROGRESS,
        (
            Edit(
                "raft.progress",
                "            self.next_index = max(min(previous_index, hint_index + 1), "
                "self.match_index + 1)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "B42",
        "old-tail-kept",
        "keeps its old entries behind the ones that it takes from the leader",
        LOG_MATCHING,
        (
            Edit(
                "raft.log",
                "            self.remove_from(first)\n",
                "            behind = min(entries[-1].index, self.last_index) + 1\n"
                "            entries = [*entries, *self._entries.slice(behind, "
                "self._entries.end)]\n"
                "            self.remove_from(first)\n",
            ),
        ),
        hint="small messages",
    ),
)
"""How the log spreads."""

DISKS = (
    Mutant(
        "B27",
        "stale-sync",
        "takes a finished write for whatever stands at that index by now",
        f"{LOG_MATCHING}, {DURABILITY}",
        (
            Edit(
                "raft.promises",
                "        if finished.term == raft.term:\n"
                "            log.saved_to(finished.last_index, finished.last_term)\n",
                "        log.durable_index = max(\n"
                "            log.durable_index, min(finished.last_index, log.last_index)\n"
                "        )\n",
            ),
        ),
        hint="slow disk",
    ),
    Mutant(
        "B28",
        "apply-before-sync",
        "applies entries that its own disk does not have yet",
        DURABILITY,
        (
            Edit(
                "raft.log",
                "high = min(self.commit_index, self.durable_index)",
                "high = self.commit_index",
            ),
        ),
        hint="slow disk",
    ),
    Mutant(
        "B36",
        "count-before-sync",
        "as leader, counts its own copy before it is on disk",
        DURABILITY,
        (
            Edit(
                "raft.replication",
                "raft.send_promise(own_copy)",
                "take_append_reply(raft, own_copy)",
            ),
        ),
        known_from="etcd #14370",
    ),
    Mutant(
        "B20",
        "old-snapshot",
        "lets an old snapshot take the place of newer state",
        f"{STATE_MACHINE_SAFETY}, {DURABILITY}",
        (
            Edit(
                "raft.compaction",
                "    if snapshot.index <= log.commit_index:\n"
                '        reason = f"all up to {log.commit_index} is committed here"\n'
                "    elif not snapshot",
                "    if not snapshot",
            ),
        ),
        hint="snapshots",
    ),
    Mutant(
        "B21",
        "snapshot-drops-tail",
        "throws its log away for a snapshot of the same log",
        DURABILITY,
        (
            Edit(
                "raft.compaction",
                "    elif log.matches(snapshot.index, snapshot.term):\n"
                "        # Figure 13, step 6: what follows the snapshot's last entry may be "
                "acknowledged; keep it.\n"
                "        replication.learn_commit(raft, snapshot.index)\n"
                '        reason = "the log has its last entry already"\n',
                "",
            ),
        ),
        hint="snapshots",
    ),
)
"""What survives a crash."""

QUORUMS = (
    Mutant(
        "B22",
        "two-changes",
        "as leader, starts a change of members before the last one is applied",
        f"{ELECTION_SAFETY}, {STATE_MACHINE_SAFETY}",
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.pending_index <= facts.applied_index,",
                "lambda facts: True,",
            ),
        ),
        hint="members",
    ),
    Mutant(
        "B23",
        "joint-commit-by-half",
        "commits by the new half of a joint configuration alone",
        STATE_MACHINE_SAFETY,
        (
            Edit(
                "raft.quorum",
                "return min(committed_index(voters, acknowledged), "
                "committed_index(outgoing, acknowledged))",
                "return committed_index(voters, acknowledged)",
            ),
        ),
        hint="members",
    ),
    Mutant(
        "B24",
        "joint-election-by-half",
        "wins elections by the new half of a joint configuration alone",
        ELECTION_SAFETY,
        (
            Edit(
                "raft.quorum",
                "halves = (vote_result(voters, votes), vote_result(outgoing, votes))",
                "halves = (vote_result(voters, votes),)",
            ),
        ),
        hint="members",
    ),
    Mutant(
        "B25",
        "half-is-enough",
        "takes half of an even number of voters for a majority",
        f"{ELECTION_SAFETY}, {STATE_MACHINE_SAFETY}",
        (Edit("raft.quorum", "return size // 2 + 1", "return (size + 1) // 2"),),
        hint="even",
    ),
    Mutant(
        "B26",
        "learner-counts",
        "counts the copies of learners as if they voted",
        DURABILITY,
        (
            Edit(
                "raft.replication",
                "return joint_committed_index(configuration.voters, configuration.outgoing, "
                "acknowledged)",
                "return joint_committed_index(configuration.members, configuration.outgoing, "
                "acknowledged)",
            ),
        ),
        hint="members",
    ),
)
"""Who counts."""

READS = (
    Mutant(
        "B40",
        "read-too-early",
        "as a new leader, answers reads before it has committed anything itself",
        FRESH_READS,
        (
            Edit(
                "raft.rules",
                "lambda facts: facts.commit_term == facts.current_term,",
                "lambda facts: True,",
            ),
        ),
        hint="reads",
        known_from="etcd #7331",
    ),
    Mutant(
        "B41",
        "read-without-quorum",
        "as leader, answers reads without asking whether it still leads",
        FRESH_READS,
        (Edit("raft.rules", "lambda facts: facts.confirmed,", "lambda facts: True,"),),
        hint="reads",
        known_from="etcd #741",
    ),
)
"""Reads that skip the log."""

RAFT_MUTANTS = (*ELECTIONS, *REPLICATION, *DISKS, *QUORUMS, *READS)
