"""Hand-made pictures: a cluster of three in the middle of a cut, and one of five with long logs.

They hold one of everything that a pane can draw, so that the panes can be looked at without a run.
"""

from __future__ import annotations

from dataclasses import replace

from learnetcd.desk.sight import Answer, Source
from learnetcd.session.views import (
    BranchView,
    Choice,
    ClientView,
    ClusterView,
    EntryView,
    InvariantView,
    KeyspaceView,
    LandmarkView,
    Mark,
    MemberView,
    Narration,
    PacketView,
    PeerView,
    ProxyView,
    RecordView,
    TimerView,
)
from learnetcd_tui.picture import Picture

MARKS = {"s": Mark.STORED, "d": Mark.DURABLE, "c": Mark.COMMITTED, "a": Mark.APPLIED}


def entries(words: str) -> tuple[EntryView, ...]:
    """`x=1@1a y=2@2d*`: text, term, mark, and a star or an exclamation mark."""
    made = []
    for index, word in enumerate(words.split(), start=1):
        text, rest = word.split("@")
        term = rest.rstrip("sdca*!")
        mark = rest[len(term)]
        made.append(EntryView(index, int(term), text, MARKS[mark], "!" in rest, "*" in rest))
    return tuple(made)


def member(
    number: int,
    role: str,
    term: int,
    vote: int,
    log: str,
    *,
    commit: int = 0,
    timer: TimerView | None = None,
    peers: tuple[PeerView, ...] = (),
    votes: tuple[tuple[int, bool | None], ...] = (),
    leader: int = 0,
    changed: frozenset[str] = frozenset(),
    alive: bool = True,
) -> MemberView:
    log_entries = entries(log)
    records = tuple(
        RecordView(f"entry {e.index}@{e.term} {e.text}", e.mark is not Mark.STORED)
        for e in log_entries
    )

    def between(first: int, last: int) -> tuple[EntryView, ...]:
        return log_entries[max(0, first - 1) : max(0, last)]

    return MemberView(
        id=number,
        name=f"S{number}",
        alive=alive,
        paused=False,
        role=role,
        term=term,
        vote=vote,
        leader=leader,
        timer=timer,
        votes=votes,
        votes_needed=2,
        peers=peers,
        first_index=1,
        last_index=len(log_entries),
        last_term=log_entries[-1].term if log_entries else 0,
        durable_index=sum(1 for e in log_entries if e.mark is not Mark.STORED),
        commit_index=commit,
        applied_index=sum(1 for e in log_entries if e.mark is Mark.APPLIED),
        snapshot_index=0,
        configuration="S1 S2 S3",
        learner=False,
        unsynced_records=sum(1 for e in log_entries if e.mark is Mark.STORED),
        changed=changed,
        clock_rate=1000,
        own_parts=(),
        entries=between,
        records=lambda n: records[-n:],
        keyspace=lambda count: KeyspaceView(0, (), (), ()),
        after_crash=lambda: f"term {term}, vote S{vote}, " + " ".join(e.text for e in log_entries),
    )


def cut_leader() -> ClusterView:
    """S1 led in term 1 and is cut off; S2 leads in term 2; S3 hears S2."""
    return ClusterView(
        scene="cut-leader",
        profile="paper",
        seed=7,
        now_ms=1240,
        step=37,
        length=52,
        branch="main",
        members=(
            member(
                1,
                "leader",
                1,
                1,
                "x=1@1a x=A@1d!",
                commit=1,
                timer=TimerView("heartbeat", 40, 100, 4),
                peers=(
                    PeerView(2, 2, 1, "replicate", False, 1),
                    PeerView(3, 2, 1, "probe", True, 0),
                ),
                leader=1,
            ),
            member(
                2,
                "leader",
                2,
                2,
                "x=1@1a x=B@2c* y=hello@2d z=4@2s*",
                commit=2,
                timer=TimerView("heartbeat", 80, 100, 8),
                peers=(
                    PeerView(1, 2, 0, "probe", True, 0),
                    PeerView(3, 4, 2, "replicate", False, 1),
                ),
                leader=2,
                changed=frozenset({"commit_index"}),
            ),
            member(
                3,
                "follower",
                2,
                2,
                "x=1@1a x=B@2d",
                commit=1,
                timer=TimerView("election", 164, 190, 16),
                leader=2,
            ),
        ),
        packets=(
            PacketView(
                (1, 2),
                9,
                "append",
                "append t1 after 1@1 [x=A] commit 1",
                (("term", "1"), ("previous", "1@1")),
                12,
                8,
                False,
                True,
                False,
                False,
            ),
            PacketView(
                (2, 3),
                4,
                "append",
                "append t2 after 2@2 [y=hello] commit 1",
                (("term", "2"), ("previous", "2@2")),
                3,
                17,
                False,
                False,
                False,
                True,
            ),
            PacketView(
                (3, 2),
                5,
                "append answer",
                "append answer t2 matched 2",
                (("term", "2"), ("matched", "2")),
                14,
                6,
                True,
                False,
                True,
                False,
            ),
        ),
        clients=(
            ClientView(1, "put x=A -> S1", "unknown", "", "stored on 1 of 3"),
            ClientView(2, "put x=B -> S2", "done", "index 2", "committed at 2"),
            ClientView(3, "get x -> S1", "done", "1", "old: x=B since 2"),
            ClientView(4, "put z=4 -> S2", "pending", "", "stored on 1 of 3"),
        ),
        cuts=((1, 2), (2, 1), (1, 3), (3, 1)),
        walls="1|23",
        broken_rules=(),
        safe=18,
        invariants=18,
        violated=(),
    )


def cut_leader_picture() -> Picture:
    """The same, with everything else that the screen shows."""
    return Picture(
        view=cut_leader(),
        since=36,
        choices=(
            Choice("deliver append S2->S3 (4)", None, 3),
            Choice("S2 disk: sync 1 record", None, 5),
            Choice("S1 heartbeat timer", None, 40),
            Choice("S3 election timer", None, 164),
        ),
        story=(
            Narration(35, 1228, 2, "S2 appended entry 4 (z=4, term 2) for client c4.", "Raft §5.3",
                      "learnetcd.raft.replication:propose", False, (2, 30, 0)),
            Narration(36, 1234, 3, "S3 acknowledged entries up to 2: they are on its disk.",
                      "Raft §5.3, Figure 2", "learnetcd.raft.replication:answer", False,
                      (3, 30, 0)),
            Narration(37, 1240, 2, "S2 committed entry 2 (x=B): 2 of 3 members hold it, and it is"
                      " of S2's own term 2.", "Raft §5.3, §5.4.2",
                      "learnetcd.raft.rules:may_commit", True, (2, 31, 0)),
        ),
        landmarks=(
            LandmarkView(2, 150, "election", "S1 stood"),
            LandmarkView(5, 160, "leader", "S1 leads"),
            LandmarkView(12, 300, "fault", "cut 1|23"),
            LandmarkView(25, 900, "election", "S2 stood"),
            LandmarkView(28, 910, "leader", "S2 leads"),
            LandmarkView(37, 1240, "commit", "x=B"),
            LandmarkView(45, 1240, "violation", "x=B"),
        ),
        invariants=(
            InvariantView("one leader per term", "At most one member leads in a term.",
                          "Raft Figure 3", "", 0, 37),
            InvariantView("log matching", "Two logs that agree at an index and term agree below.",
                          "Raft Figure 3", "", 0, 37),
        ),
        branches=(
            BranchView("main", "", 0, 52, True),
            BranchView("main/2", "main", 20, 33, False),
        ),
        answer=Answer(
            "Why is z=4 not committed?",
            (
                ("-", "stored on 1 of 3, needed 2: S1 or S3 must acknowledge it durably", ""),
                ("+", "it is of term 2, the leader's own", "Raft §5.4.2"),
                (" ", "S2's append to S3 is under way and arrives in 3 ms", ""),
            ),
        ),
        source=Source(
            "learnetcd/raft/rules.py", 41,
            (
                "def may_commit(facts: CommitFacts) -> bool:",
                '    """A leader counts copies only for entries of its own term."""',
                "    # Raft §5.4.2: an entry of an older term may sit on a majority and yet",
                "    # be overwritten (Figure 8).",
                "    return facts.term == facts.current_term",
            ),
            "learnetcd.raft.rules:may_commit",
        ),
        speed="1 s = 50 ms",
    )  # fmt: skip


def five_members(length: int = 1000) -> ClusterView:
    """Five members with logs of a thousand entries."""
    log = " ".join(f"k{n}={n % 10}@1a" for n in range(1, length + 1))
    peers = tuple(PeerView(n, length + 1, length, "replicate", False, 0) for n in (2, 3, 4, 5))
    members = [
        member(1, "leader", 3, 1, log, commit=length, peers=peers, leader=1,
               timer=TimerView("heartbeat", 40, 100, 4)),
        *(
            member(n, "follower", 3, 1, log, commit=length, leader=1,
                   timer=TimerView("election", 120 + 20 * n, 300, 12))
            for n in (2, 3, 4, 5)
        ),
    ]  # fmt: skip
    still = cut_leader()
    return ClusterView(
        scene="", profile="etcd-3.3", seed=1, now_ms=82_450, step=9_000, length=9_000,
        branch="main", members=tuple(members), packets=still.packets, clients=still.clients,
        cuts=(), walls="", broken_rules=("vote memory",), safe=17, invariants=18,
        violated=("one leader per term: S1 and S3 in term 1",),
    )  # fmt: skip


def with_a_proxy() -> Picture:
    """The cut leader, and a proxy that has found out about it."""
    under_way = (("PUT /v2/keys/z", "S2"), ("GET /v2/keys/x", "S3"), ("GET /v2/keys/y", "S2"))
    why = "the connection was closed before the answer was complete"
    proxy = ProxyView("http://127.0.0.1:23790", ("S2", "S3"), (("S1", why),), under_way)
    picture = cut_leader_picture()
    return replace(picture, view=replace(picture.view, proxy=proxy))
