"""Consensus: how several members agree on one log, whatever crashes in between.

A cluster agrees on a *log*; every member applies the same log to its own store, so the stores are
equal. Raft (Ongaro and Ousterhout, 2014) makes one member the *leader* of a numbered *term*. The
leader appends commands to its log and copies them to the others. What a majority holds durably is
*committed*: it can't be lost any more, because every later leader needs votes of a majority, and a
voter refuses candidates whose log is behind its own. Everything here serves these sentences.

    from learnetcd.raft import PROFILES, Configuration, Raft, Snapshot, Stored

    stored = Stored(Snapshot(index=0, term=0, configuration=Configuration(voters=(1, 2, 3))))
    raft = Raft(1, PROFILES["etcd-3.3"], stored, seed=7)

**Inputs.** `tick()` (or `elapse_to(now)`, `deadline()`, `fire_timer()`), `step(message)`,
`propose(payload, ...)`, `read(context)`, `campaign()`, `transfer(target)`, `forget_leader()`,
`unreachable(member)`, `snapshot_reported(member, delivered)`; from the host's state machine
`snapshot_taken(snapshot)` and `compact(index)`. `propose` raises `ProposalRefused` when there is no
leader, a transfer runs, the leader was removed, or the quota of uncommitted bytes is used up.

**Outputs.** `poll()` returns a `Work` or None: messages to `send`, a `Save` to make durable,
entries to `apply`, `reads` that are ready. The host answers by `saved(batch)` when a batch (and all
before it) is durable, by `change_applied(change)` for each applied `ConfigChange`, which returns
the new `Configuration`, and by `applied(index)`. Messages that promise durability are kept back by
the core until `saved`; saves are carried out in order, applies too. This is etcd/raft's
asynchronous form; a host that wants the synchronous one saves, applies and confirms at once, and
polls again.

**Inspection.** `id`, `term`, `vote`, `role` (`Follower`, `Candidate` or `Leader`, each with its own
fields), `leader`, `configuration`, `log` (a `RaftLog`: `first_index`, `last_index`, `last_term`,
`term_at`, `entry`, `entries`, `durable_index`, `commit_index`, `applied_index`, `snapshot_index`),
and as a leader `role.progress[member]` (a `Progress`: `match_index`, `next_index`, `mode`,
`paused`, `inflight`, `recent_active`, `pending_snapshot`). `fork(tracer)` copies it all.

**Quorums and configurations** are pure functions: `majority`, `committed_index`,
`joint_committed_index`, `vote_result`, `joint_vote_result`; `Configuration`, `ConfigChange`,
`changed`, `simple`, `enter_joint`, `leave_joint`.

What is left out: sending a snapshot in pieces (the transport's job), priorities, witnesses.

Pages, in reading order: `quorum`, `configuration`, `chunks`, `chance`, `entry`, `twins`, `rules`,
`messages`, `work`, `parts`, `config`, `log`, `progress`, `roles`, `raft`, `promises`, `election`,
`replication`, `compaction`, `membership`, `transfer`, `reads`.
"""

from learnetcd.raft.config import PROFILES, UNLIMITED, Config, ReadOption
from learnetcd.raft.configuration import (
    Change,
    ChangeKind,
    ConfigChange,
    ConfigChangeRefused,
    Configuration,
    Transition,
    changed,
    enter_joint,
    leave_joint,
    simple,
)
from learnetcd.raft.entry import NO_MEMBER, Entry, HardState, Snapshot, Stored
from learnetcd.raft.log import RaftLog
from learnetcd.raft.progress import Mode, Progress
from learnetcd.raft.quorum import (
    VoteResult,
    committed_index,
    joint_committed_index,
    joint_vote_result,
    majority,
    vote_result,
)
from learnetcd.raft.raft import Raft
from learnetcd.raft.replication import ProposalRefused
from learnetcd.raft.roles import Candidate, Follower, Leader
from learnetcd.raft.rules import SOUND, Rules
from learnetcd.raft.twins import TWINS
from learnetcd.raft.work import ReadReady, Save, Work

__all__ = [
    "NO_MEMBER",
    "PROFILES",
    "SOUND",
    "TWINS",
    "UNLIMITED",
    "Candidate",
    "Change",
    "ChangeKind",
    "Config",
    "ConfigChange",
    "ConfigChangeRefused",
    "Configuration",
    "Entry",
    "Follower",
    "HardState",
    "Leader",
    "Mode",
    "Progress",
    "ProposalRefused",
    "Raft",
    "RaftLog",
    "ReadOption",
    "ReadReady",
    "Rules",
    "Save",
    "Snapshot",
    "Stored",
    "Transition",
    "VoteResult",
    "Work",
    "changed",
    "committed_index",
    "enter_joint",
    "joint_committed_index",
    "joint_vote_result",
    "leave_joint",
    "majority",
    "simple",
    "vote_result",
]
