"""The glossary: the words of the field, one meaning each, as the chapters and the article use them.

A word that is marked in a text ({term}`quorum`) must be here; the lint says if it is not.

Next page: `exercise`.
"""

from __future__ import annotations

GLOSSARY = {
    "acknowledge": "To tell the leader that an entry is on the own disk, durably.",
    "append": (
        "The leader's message with entries for a follower's log; without entries it asks "
        "whether the logs agree."
    ),
    "apply": "To carry out a committed entry on the store. Clients see what is applied.",
    "candidate": (
        "A member that asks for votes, because it has heard no leader for an election timeout."
    ),
    "check-quorum": (
        "A leader that has heard no majority for an election timeout steps down. Not in "
        "the paper; on in etcd since 3.0."
    ),
    "client": "Whoever sends requests to the cluster over HTTP: curl, etcdctl, a program.",
    "cluster": "Several members that work as one: they agree on one log, and so on one store.",
    "commit": (
        "To decide an entry. The leader does it when a majority has it durably and it is "
        "of the leader's own term (earlier entries come along). What is committed is "
        "never removed."
    ),
    "commit index": "Up to this index a member knows the log to be committed.",
    "durable": "On disk for sure: it survives a crash. Written is not yet durable; synced is.",
    "election": "The try to win a term: a candidate asks all members for their votes.",
    "election timeout": (
        "How long a member waits for a leader before it stands. Drawn anew each time: in "
        "etcd from 10 to 19 ticks, by default."
    ),
    "entry": "One place of the log: an index, the term in which it was proposed, and a command.",
    "etcd index": (
        "How many changes the v2 store has seen. The header X-Etcd-Index. Not the Raft "
        "index: entries that change no key do not count."
    ),
    "event": "What the v2 store says about one change: the action, the key now, the key before.",
    "follower": (
        "A member that takes entries from a leader, and votes. All members begin as "
        "followers; most have never lost an election."
    ),
    "forward": "A follower that is asked for a write hands it to its leader.",
    "hard state": (
        "Term, vote and commit index: what a member must find on its disk after a crash."
    ),
    "heartbeat": (
        "The leader's message that it is there. It holds elections off, and carries the "
        "commit index."
    ),
    "index": (
        "The place of an entry in the log, from 1. In the store's answers it means the "
        "etcd index, which is another number."
    ),
    "invariant": (
        "A sentence that must be true after every step of a run. A judge checks them all."
    ),
    "leader": (
        "The one member of a term that decides the order of entries. It was elected by a majority."
    ),
    "linearizable": (
        "As if there were one machine that does one thing at a time: each request takes "
        "effect at one moment between its beginning and its end."
    ),
    "log": "The list of all entries, the same at all members as far as it is committed.",
    "majority": "More than half of the voting members. Two majorities share at least one member.",
    "match index": "What a leader knows of a follower: up to here their logs agree, durably.",
    "member": "One etcd: a Raft node, a store, a disk, and ports for clients and peers.",
    "next index": (
        "Where a leader will go on sending to a follower. A guess; a wrong one costs time."
    ),
    "node": (
        "For the article: one state machine of Raft. In the v2 store: a file or a "
        "directory of the key space. Here it always means the second."
    ),
    "peer": "Another member of the same cluster, as one member sees it.",
    "pre-vote": (
        "To ask first whether an election could be won, without raising the term. An "
        "option of etcd 3.4, the default from 3.5."
    ),
    "proposal": "A command on its way into the log. It may be lost before it is an entry.",
    "proxy": "A mode of etcd 2 and 3 that passes requests on and holds no data. Removed in 3.6.",
    "quorum": "As many members as must agree: a majority of the voters.",
    "Raft": "The algorithm by which members agree on one log (Ongaro and Ousterhout, 2014).",
    "raft index": (
        "The index of the last committed entry that a member knows of. The header X-Raft-Index."
    ),
    "revision": "The number of changes of the v3 store. It has nothing to do with the v2 store.",
    "snapshot": "The whole store at one index, in place of the log that led to it.",
    "split vote": (
        "A term in which all votes are given and nobody has a majority. The next term follows."
    ),
    "store": (
        "The tree of keys that clients read and write. All members reach the same one, by "
        "applying the same entries."
    ),
    "term": (
        "A number that each try to become leader raises. A term has one leader or none, never two."
    ),
    "tick": "The unit of a member's timers: the heartbeat interval, 100 ms by default.",
    "timer": "What lets a member stand for election, or a leader send heartbeats.",
    "TTL": (
        "Time to live: after so many seconds a key goes, when the leader says so through the log."
    ),
    "up to date": (
        "Of two logs that one whose last entry has the later term; of equal terms the longer one."
    ),
    "vote": "A member's yes to a candidate. One in each term, on the disk before it is sent.",
    "WAL": (
        "The write-ahead log: the file to which entries and hard state go before anything "
        "rests on them."
    ),
    "watch": "A client's wish to be told of changes of a key.",
}
"""In the order in which the book shows them: by the alphabet."""
