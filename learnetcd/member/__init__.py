"""One member of a cluster: what it is told, what it wants done, and what it answers.

A member holds a Raft core, a store and the clients who wait. It is one function: a fact goes in,
and effects come out. It has no thread, no socket, no file and no clock; *drivers* have those, and a
driver is little more than a `match` over seven effects:

    for effect in member.step(fact):
        match effect:
            case WriteWal(): ...        append to the log on disk
            case SyncWal(): ...         make it durable, then step(WalSynced)
            case SaveSnapshot(): ...    keep a snapshot, then step(SnapshotSaved)
            case SendMessage(): ...     send it; it may be lost
            case Apply(): ...           step(ApplyDue), when you like
            case Reply(): ...           a client has its answer
            case NotifyWatcher(): ...   a client who watches is told of an event

Between any two effects, and between any two facts, the power may fail.

Pages, in reading order: `namespace`, `request`, `command`, `inputs`, `effects`, `execution`,
`cluster`, `version`, `watching`, `clients`, `proposing`, `saving`, `snapshots`, `expiry`, `apply`,
`member`, `bootstrap`, `standalone`, `identity`.
"""
