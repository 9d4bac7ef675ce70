"""What a cluster agrees on: the store, the part of etcd that clients see.

There is no network in this package, no disk, no clock and no other member. It is a tree of files
and directories that counts its writes, in the shape that etcd's v2 interface gave it. All that
follows in this project exists to give several machines the same copy of it.

    store = Store()
    store.set("/greeting", "hello")      # Event("set", Node("/greeting", "hello", 1, 1), None)
    store.get("/greeting").node.value    # "hello"
    store.delete("/nothing")             # EtcdError: 100: Key not found (/nothing) [1]

Pages, in reading order: `node`, `event`, `errors`, `path`, `trie`, `tree`, `expiry`, `history`,
`statistics`, `store`, `watch`, `timestamp`, `wording`, `saved`.
"""

from learnetcd.store.errors import EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node
from learnetcd.store.store import Store
from learnetcd.store.watch import Notice, Watcher, WatcherHub

__all__ = ["EtcdError", "Event", "Node", "Notice", "Store", "Watcher", "WatcherHub"]
