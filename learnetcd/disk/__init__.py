"""What survives a crash: a member's log, its promises and its snapshots, in etcd's own files.

    DATA/member/
      wal/   0000000000000000-0000000000000000.wal     the write-ahead log, a row of files:
             0000000000000001-000000000000002f.wal     what was promised, in the order of promising
      snap/  0000000000000002-000000000000002c.snap    the state machine at entry 0x2c = 44

Whoever starts reads the newest snapshot and, from there on, the log:

    snapshot 44   +   entries 45, 46, 47 ...   +   the last term, vote and commit index

Everything else on this floor follows from two sentences. *A sync must come before a promise*: what
was written without one may vanish, in part and out of order. And *what reads well must have been
written*: checksums tell a record that was cut off by a crash, which is thrown away, from one that
was damaged later, which is not: then the member refuses to start, because it would vote and
acknowledge with a log that is not its own.

The bytes are those of etcd 3.4. etcd opens our directories and we open etcd's. Nothing in here
touches a real disk but `real_files`; all the rest is told to work on any `Files`.

Pages, in reading order: `errors`, `files`, `directory`; `record`, `window`, `scan`, `tail` (reading
the log); `mapping`, `replay`, `snapshots`, `backend`, `recovery` (what it means); `wal`, `purge`,
`storage` (writing it); `memory_files`, `real_files`.
"""
