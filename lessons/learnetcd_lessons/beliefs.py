"""Beliefs: what many who learn etcd believe and what is not so; and what the article says amiss.

A quiz names the belief behind each wrong answer. Each claim of the article is met in the text of a
chapter by `[A4]`, and there stands the run that shows how it is; the book's index lists them all.

The first eighteen beliefs have been seen: in questions and mistakes of others, in exams about Raft,
in the article itself. Those after them are what stands behind a wrong answer of our quizzes.

Next page: `glossary`.
"""

from __future__ import annotations

BELIEFS = {
    "M1": "Any member gives fresh reads.",
    "M2": "What a majority has stored is committed.",
    "M3": "There is never more than one leader.",
    "M4": "A member that restarts may forget its vote.",
    "M5": "To lose the last entries of a log in a crash is harmless.",
    "M6": "A wrong next-index endangers safety.",
    "M7": "That Raft is correct depends on its timeouts.",
    "M8": "A write that timed out did not happen; or: it did.",
    "M9": "Even or bigger clusters are safer, or faster.",
    "M10": "A split vote is a split brain.",
    "M11": "Every vote request starts the voter's timer again, or holds it up.",
    "M12": "An append always replaces the end of the follower's log.",
    "M13": "A lock in etcd excludes all others.",
    "M14": "Members can change in one jump, or two changes at once.",
    "M15": "A watch never misses an event; or: it loses data after a thousand.",
    "M16": "A snapshot is a backup, the same one for v2 and v3.",
    "M17": "Index, revision and term are one number.",
    "M18": "A crash loses everything; or: it loses nothing.",
    "M19": "All members must have answered before something is decided.",
    "M20": "Who is asked to write writes by itself; or: only the leader may be asked.",
    "M21": "What is committed is agreed on once more, in a round of its own.",
    "M22": "Each member counts for itself what is committed.",
    "M23": "An election that nobody wins needs a person's hand.",
    "M24": "What a leader has in its log is decided.",
    "M25": "An answer may leave before the disk has the write.",
}

CLAIMS = {
    "A1": "1.5: all members are strongly consistent, so read from any",
    "A2": "1.5: what a follower has and the leader has not is overwritten",
    "A3": "1.5: what becomes of a write that is sent to a follower",
    "A4": "1.6: the others answer the candidate's request with their votes",
    "A5": "1.6: timers last for random times; 4.1: an election timeout is 1000 ms",
    "A6": "1.4: a follower is a member that lost an election",
    "A7": "1.4: a term lasts from a leader's election to the next one",
    "A8": "1.7: a write succeeds once the leader has sent it to a majority",
    "A9": "2.2: members commit, then synchronise once more",
    "A10": "1.4: an index is one number",
    "A11": "not in the article: what etcd adds to the paper",
    "B1": "3.2: etcd as a message broker",
    "B2": "3.3: etcd checks the health of services, and balances load",
    "B3": "3.5: etcd gives the lock to one of the competitors",
    "B4": "3.6: etcd keeps a queue for each competitor",
    "B5": "3.7: etcd elects a leader among your processes",
    "C1": "4.1: a snapshot after 10,000 entries",
    "C2": "4.1: ids of cluster and members are random",
    "C3": "4.2.4: a member may advertise 127.0.0.1 to the others",
    "C4": "4.2.5: three lines of `cluster-health` mean three healthy members",
    "C5": "5: the verbs of etcdctl",
    "C6": "5.1: `setdir` renews the time to live of a directory that exists",
    "C7": "5.4: `get --consistent`",
    "C8": "5.5: `--after-index` watches before that index",
    "C9": "5.5: set first, then watch prints the change",
    "C10": "5.6: a backup is all that it takes",
    "C11": "5.6: a v3 snapshot of what was written by v2",
    "C12": "5.6: a snapshot of three endpoints at once",
    "C13": "5.7: remove the only member, add another under the same id",
    "C14": "6: a thousand events, so frequent updates lose data",
    "C15": "6: there is no graphical tool",
    "C16": "1.3: more than 2,000 reads a second",
    "C17": "1.3, 1.4: an HTTP API, and a proxy",
    "C18": "4.2.4: a configuration file with headings and comments after values",
}
"""By id: where the article says it, and what it says."""
