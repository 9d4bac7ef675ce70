"""The store: the keys and values that the cluster agrees on, as one member has them.

The store is the state machine of the paper (Raft Figure 1). It knows nothing of Raft: it is given
one command after the other, and being deterministic, it gets from the same commands to the same
content, on every member.

    command             etcd_index    content                       event
    (at first)               0        (empty)
    set /x 1                 1        /x=1 (created 1, modified 1)  set, no previous node
    set /x 2                 2        /x=2 (created 2, modified 2)  set, previous /x=1
    delete /y                2        the same                      error 100: Key not found
    delete /x                3        (empty)                       delete, previous /x=2

The `etcd_index` counts successful writes. It is not the Raft index: the log also holds commands
that failed, reads through the log, changes of members and empty entries.

Source: etcd 2.3 store/store.go.

Left out: the rest of v2. Directories, times to live, compare-and-swap, in-order keys and
watchers are not here, and neither are the statistics.

Differs: in etcd a new cluster's own records (members, version) live in the same store and count in
the same index, so a fresh member of etcd starts users at 4. Ours starts them at 1.

Next page: `learnetcd/raft/`, how members agree on the order of the commands.
"""

from __future__ import annotations

from hashlib import blake2b

from learnetcd.store.errors import KEY_NOT_FOUND, EtcdError
from learnetcd.store.event import Event
from learnetcd.store.node import Node
from learnetcd.store.path import key_of
from learnetcd.store.trie import HashTrie


class Store:
    """Keys with their nodes, and the index that counts their writes.

    Invariants: no node was modified after `etcd_index` or before it was created; no two nodes were
    modified at the same index; a write that fails changes nothing.
    """

    __slots__ = ("_checksum", "_nodes", "etcd_index")

    def __init__(self) -> None:
        """Begin empty."""
        self.etcd_index = 0
        """How many writes succeeded so far."""
        self._nodes: HashTrie[Node] = HashTrie()
        self._checksum = 0

    # -- what clients ask ---------------------------------------------------------------------

    def get(self, path: str) -> Event:
        """Read one key."""
        return Event("get", self._node_at(key_of(path)))

    def set(self, path: str, value: str) -> Event:
        """Write one key, whether it is there or not."""
        key = key_of(path)
        previous = self._nodes.get(key)
        self.etcd_index += 1
        # etcd 2.3 store/store.go, Set: it replaces the node, so the created index is new as well.
        node = Node(key, value, created_index=self.etcd_index, modified_index=self.etcd_index)
        self._nodes = self._nodes.with_item(key, node)
        self._checksum += checksum_of(node) - (checksum_of(previous) if previous else 0)
        return Event("set", node, previous)

    def delete(self, path: str) -> Event:
        """Remove one key, which must be there."""
        key = key_of(path)
        previous = self._node_at(key)
        self.etcd_index += 1
        self._nodes = self._nodes.without(key)
        self._checksum -= checksum_of(previous)
        # The delete is a change of the node, its last one: it counts as modified, and has no value.
        node = Node(key, None, previous.created_index, modified_index=self.etcd_index)
        return Event("delete", node, previous)

    def _node_at(self, key: str) -> Node:
        node = self._nodes.get(key)
        if node is None:
            raise EtcdError(KEY_NOT_FOUND, cause=key, index=self.etcd_index)
        return node

    # -- what watches over it -----------------------------------------------------------------

    def nodes(self) -> tuple[Node, ...]:
        """All nodes, sorted by key."""
        return tuple(node for _, node in self._nodes.items())

    def __len__(self) -> int:
        return self._nodes.count

    def __repr__(self) -> str:
        return f"Store({len(self)} keys, etcd_index={self.etcd_index})"

    def digest(self) -> str:
        """Name this content: equal for equal content, on every machine.

        Each node has a checksum of 128 bits, and the digest is made of their sum. A sum does not
        depend on the order of its parts, so a write updates it by taking the old node's part out
        and putting the new one's in, and no digest ever goes through all keys. (Bellare and
        Micciancio, "A New Paradigm for Collision-free Hashing", 1997. 128 bits do for accidents,
        which is what we look for; to stop a forger, the sum would have to be much longer.)
        """
        content = f"{self.etcd_index} {self._checksum % (1 << 128)}"
        return blake2b(content.encode(), digest_size=16).hexdigest()

    def fork(self) -> Store:
        """Copy it, at the same small price for any number of keys: nodes and trie never change."""
        copy = Store.__new__(Store)
        copy.etcd_index = self.etcd_index
        copy._nodes = self._nodes
        copy._checksum = self._checksum
        return copy


def checksum_of(node: Node) -> int:
    """Sum up one node in 128 bits."""
    # The length says where the key ends, so that no two nodes give the same text.
    text = f"{node.created_index} {node.modified_index} {len(node.key)} {node.key}{node.value}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
