"""The store: the key space that the cluster agrees on, as one member has it.

The store is the state machine of the paper (Raft Figure 1). It knows nothing of Raft: it is given
one command after the other, and being deterministic, it gets from the same commands to the same
content, on every member.

    command             etcd_index    content                       event
    (at first)               0        (empty)
    set /x 1                 1        /x=1 (created 1, modified 1)  set, no previous node
    set /x 2                 2        /x=2 (created 2, modified 2)  set, previous /x=1
    update /x 3              3        /x=3 (created 2, modified 3)  update, previous /x=2
    delete /y                3        the same                      error 100: Key not found
    delete /x                4        (empty)                       delete, previous /x=3

The `etcd_index` counts successful writes. It is not the Raft index: the log also holds commands
that failed, reads through the log, changes of members and empty entries.

Every write makes a new tree, leaves one event in the history, and counts one. A write that makes a
key makes the directories on the way to it, too: they are born with the same index, and have no
event of their own.

Times are given by whoever asks, in nanoseconds since 1970: `expires_ns` is a deadline and part of
the command, the same on every member. `now_ns` is the clock of the one who answers, and only tells
how many seconds are left; the content never depends on it.

Source: etcd 2.3 store/store.go.

Differs: a key that lies deeper than 200 directories is refused (etcd takes any depth), so that
nothing that walks a tree can run out of room.

Next page: `watch`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from hashlib import blake2b
from typing import Concatenate, ParamSpec, TypeAlias

from learnetcd.store.errors import (
    COMPARE_FAILED,
    DIRECTORY_NOT_EMPTY,
    INVALID_FIELD,
    KEY_EXISTS,
    KEY_NOT_FOUND,
    NOT_A_DIRECTORY,
    NOT_A_FILE,
    ROOT_READ_ONLY,
    EtcdError,
)
from learnetcd.store.event import Action, Event
from learnetcd.store.expiry import Deadlines
from learnetcd.store.history import History
from learnetcd.store.node import Node
from learnetcd.store.path import MOST_NAMES, ROOT, child, clean, names_in
from learnetcd.store.statistics import Statistics
from learnetcd.store.tree import (
    Directory,
    Item,
    empty_directory,
    find,
    listed,
    node_of,
    nodes_in,
    with_item,
    without,
)

YEAR_2000_NS = 946_684_800_000_000_000
"""2000-01-01: a deadline before it is taken for none (etcd 2.3 store/store.go, minExpireTime)."""

Request = ParamSpec("Request")
Method: TypeAlias = "Callable[Concatenate[Store, Request], Event]"


def counted(action: Action) -> Callable[[Method[Request]], Method[Request]]:
    """Let a method of the store be counted in its statistics."""

    def count(method: Method[Request]) -> Method[Request]:
        @wraps(method)
        def counting(store: Store, /, *given: Request.args, **options: Request.kwargs) -> Event:
            try:
                event = method(store, *given, **options)
            except EtcdError as error:
                store.statistics.failed(action, error)
                raise
            store.statistics.succeeded(action)
            return event

        return counting

    return count


class Store:
    """A tree of nodes, the index that counts their writes, and the last events.

    Invariants: no node was modified after `etcd_index` or before it was created; no two files were
    modified at the same index; a write that fails changes nothing but the statistics; the deadlines
    are those of the nodes in the tree; the last event has the index `etcd_index`.
    """

    __slots__ = ("_checksum", "_count", "deadlines", "etcd_index", "history", "root", "statistics")

    def __init__(self, namespaces: Iterable[str] = ()) -> None:
        """Begin empty, but for directories that are always there and that no client can change."""
        self.etcd_index = 0
        """How many writes succeeded so far."""
        self.root = empty_directory(Node(ROOT, None, 0, 0, is_dir=True))
        """The tree: whoever keeps it has the key space of this moment for good."""
        self.deadlines = Deadlines()
        """What expires when."""
        self.history = History()
        """The last 1000 events."""
        self.statistics = Statistics()
        self._count = 0
        self._checksum = 0
        for name in namespaces:
            node = Node(child(ROOT, name), None, 0, 0, is_dir=True)
            self.root = with_item(self.root, [name], empty_directory(node))
            self._keep(node)

    @classmethod
    def of(
        cls, etcd_index: int, root: Directory, events: Iterable[Event], counters: dict[str, int]
    ) -> Store:
        """Put a store together from its parts, as they were saved."""
        store = cls()
        store.root = root
        for node in store.nodes():
            store._keep(node)
        for event in events:
            store._record(event)
        store.etcd_index = etcd_index
        store.statistics.counters = counters
        return store

    # -- reading ------------------------------------------------------------------------------

    @counted("get")
    def get(self, path: str, *, recursive: bool = False, now_ns: int = 0) -> Event:
        """Read a file, or list a directory: what is in it, or with `recursive` all below it."""
        item = self._found(clean(path))
        return Event("get", listed(item, now_ns, depth=None if recursive else 1))

    # -- writing ------------------------------------------------------------------------------

    @counted("set")
    def set(
        self,
        path: str,
        value: str = "",
        *,
        is_dir: bool = False,
        expires_ns: int | None = None,
        refresh: bool = False,
        now_ns: int = 0,
    ) -> Event:
        """Write a file or make a directory; a file that is there is replaced."""
        key = clean(path)
        # etcd 2.3 store/store.go, Set: it replaces the node, so the created index is new as well.
        # With `refresh`, too: unlike an update, it keeps the value only.
        there = self._found(key) if refresh else None
        if there is not None:
            value = node_of(there).value or ""
        return self._put("set", key, value, is_dir, expires_ns, refresh, now_ns)

    @counted("create")
    def create(
        self,
        path: str,
        value: str = "",
        *,
        is_dir: bool = False,
        in_order: bool = False,
        expires_ns: int | None = None,
        now_ns: int = 0,
    ) -> Event:
        """Make a file or a directory that must not be there.

        With `in_order`, make it in the directory `path`, named by its index in 20 digits: so the
        names are in the order of the making.
        """
        key = clean(path)
        if in_order:
            key = child(key, f"{self.etcd_index + 1:020}")
        return self._put("create", key, value, is_dir, expires_ns, False, now_ns)

    @counted("update")
    def update(
        self,
        path: str,
        value: str = "",
        *,
        expires_ns: int | None = None,
        refresh: bool = False,
        now_ns: int = 0,
    ) -> Event:
        """Write a file that must be there, or give a directory another deadline."""
        item = self._changeable(clean(path))
        if isinstance(item, Directory) and value:
            raise self._refusal(NOT_A_FILE, item.node.key)
        return self._write("update", item, value, expires_ns, refresh, now_ns)

    @counted("compareAndSwap")
    def compare_and_swap(
        self,
        path: str,
        value: str = "",
        *,
        prev_value: str = "",
        prev_index: int = 0,
        expires_ns: int | None = None,
        refresh: bool = False,
        now_ns: int = 0,
    ) -> Event:
        """Write a file if it has this value and was last modified at this index.

        Of the two conditions, one that is empty or 0 is not asked.
        """
        item = self._changeable(clean(path))
        self._compare(item, prev_value, prev_index)
        return self._write("compareAndSwap", item, value, expires_ns, refresh, now_ns)

    @counted("delete")
    def delete(
        self, path: str, *, is_dir: bool = False, recursive: bool = False, now_ns: int = 0
    ) -> Event:
        """Remove a file; with `is_dir` an empty directory, with `recursive` one with all in it."""
        item = self._changeable(clean(path))
        if isinstance(item, Directory):
            if not (is_dir or recursive):
                raise self._refusal(NOT_A_FILE, item.node.key)
            if item.children.count and not recursive:
                raise self._refusal(DIRECTORY_NOT_EMPTY, item.node.key)
        return self._remove("delete", item, now_ns)

    @counted("compareAndDelete")
    def compare_and_delete(
        self, path: str, *, prev_value: str = "", prev_index: int = 0, now_ns: int = 0
    ) -> Event:
        """Remove a file if it has this value and was last modified at this index."""
        item = self._found(clean(path))
        self._compare(item, prev_value, prev_index)
        return self._remove("compareAndDelete", item, now_ns)

    def expire_next(self, cutoff_ns: int, *, now_ns: int = 0) -> Event | None:
        """Remove the node that expires first, if it does so at `cutoff_ns` or before.

        To be called until there is none left, when the cluster has agreed that it is `cutoff_ns`.
        """
        due = self.deadlines.first()
        if due is None or due[0] > cutoff_ns:
            return None
        item = find(self.root, due[1])
        assert item is not None, f"{due[1]} has a deadline and is not there"
        self.statistics.succeeded("expire")
        return self._remove("expire", item, now_ns)

    # -- how a write is done ------------------------------------------------------------------

    def _put(
        self,
        action: Action,
        key: str,
        value: str,
        is_dir: bool,
        expires_ns: int | None,
        refresh: bool,
        now_ns: int,
    ) -> Event:
        """Put a new node at a key, and make the directories on the way to it."""
        names = names_in(key)
        there, depth = self._reach(names)
        previous = node_of(there) if depth == len(names) else None
        self._check_place(action, names, there, previous)
        index = self.etcd_index + 1
        if expires_ns is not None and expires_ns < YEAR_2000_NS:
            expires_ns = None
        node = Node(key, None if is_dir else value, index, index, is_dir, expires_ns)
        item: Item = empty_directory(node) if is_dir else node
        for missing in range(len(names) - 1, depth, -1):
            made = Node("/" + "/".join(names[:missing]), None, index, index, is_dir=True)
            item = Directory(made, empty_directory(made).children.with_item(names[missing], item))
            self._keep(made)
        self.root = with_item(self.root, names[: depth + 1], item)
        self._keep(node)
        if previous is not None:
            self._forget(previous)
            previous = previous.seen_at(now_ns)
        return self._record(Event(action, node.seen_at(now_ns), previous, refresh))

    def _check_place(
        self, action: Action, names: list[str], there: Item, previous: Node | None
    ) -> None:
        """Refuse to put a node where none can be: `there` is how far one gets on the way."""
        if previous is not None and previous.created_index == 0:
            raise self._refusal(ROOT_READ_ONLY, ROOT)
        if len(names) > MOST_NAMES:
            raise self._refusal(INVALID_FIELD, f"a key of more than {MOST_NAMES} parts")
        if previous is None and not isinstance(there, Directory):
            raise self._refusal(NOT_A_DIRECTORY, there.key)
        if previous is not None and action == "create":
            raise self._refusal(KEY_EXISTS, previous.key)
        if isinstance(there, Directory) and previous is not None:
            raise self._refusal(NOT_A_FILE, previous.key)

    def _write(
        self,
        action: Action,
        item: Item,
        value: str,
        expires_ns: int | None,
        refresh: bool,
        now_ns: int,
    ) -> Event:
        """Change a node that is there. It keeps its created index."""
        old, index = node_of(item), self.etcd_index + 1
        new_value = old.value if refresh or old.is_dir else value
        told = replace(old, value=new_value, modified_index=index, expires_ns=expires_ns)
        if isinstance(item, Directory):
            # etcd 2.3 store/node.go, Write: the index of a directory stays, though the event that
            # tells of its new deadline shows another one.
            node = replace(old, expires_ns=expires_ns)
            item = Directory(node, item.children)
        else:
            node = item = told
        self.root = with_item(self.root, names_in(old.key), item)
        self._forget(old)
        self._keep(node)
        return self._record(Event(action, told.seen_at(now_ns), old.seen_at(now_ns), refresh))

    def _remove(self, action: Action, item: Item, now_ns: int) -> Event:
        """Take a node out, with all that is in it."""
        old = node_of(item)
        self.root = without(self.root, names_in(old.key))
        for node in nodes_in(item):
            self._forget(node)
        # A removal is the last change of the node: it counts as modified, and has no value.
        index = self.etcd_index + 1
        node = Node(old.key, None, old.created_index, index, old.is_dir)
        return self._record(Event(action, node, old.seen_at(now_ns)))

    def _record(self, event: Event) -> Event:
        """Count a write, and keep its event."""
        self.etcd_index = event.node.modified_index
        self.history.add(event)
        return event

    def _keep(self, node: Node) -> None:
        """A node came into the tree."""
        self._count += 1
        self._checksum += checksum_of(node)
        if node.expires_ns is not None:
            self.deadlines = self.deadlines.with_due((node.expires_ns, node.key))

    def _forget(self, node: Node) -> None:
        """A node is gone from the tree."""
        self._count -= 1
        self._checksum -= checksum_of(node)
        if node.expires_ns is not None:
            self.deadlines = self.deadlines.without((node.expires_ns, node.key))

    # -- what is there ------------------------------------------------------------------------

    def _reach(self, names: list[str]) -> tuple[Item, int]:
        """Follow names from the root: the last item on the way, and how many names led to it."""
        item: Item = self.root
        for depth, name in enumerate(names):
            below = item.children.get(name) if isinstance(item, Directory) else None
            if below is None:
                return item, depth
            item = below
        return item, len(names)

    def _found(self, key: str) -> Item:
        """What is at a key, where something must be."""
        names = names_in(key)
        item, depth = self._reach(names)
        if depth == len(names):
            return item
        if isinstance(item, Directory):
            # The cause is the first part that is missing, not the whole key.
            raise self._refusal(KEY_NOT_FOUND, child(item.node.key, names[depth]))
        raise self._refusal(NOT_A_DIRECTORY, item.key)

    def _changeable(self, key: str) -> Item:
        """What is at a key, where something must be that a client may change."""
        item = self._found(key)
        if node_of(item).created_index == 0:  # the root and the namespaces: older than any write
            raise self._refusal(ROOT_READ_ONLY, ROOT)
        return item

    def _compare(self, item: Item, prev_value: str, prev_index: int) -> None:
        """Refuse unless a file is as the client expects it."""
        node = node_of(item)
        if isinstance(item, Directory):
            raise self._refusal(NOT_A_FILE, node.key)
        differences = []
        if prev_value and prev_value != node.value:
            differences.append(f"[{prev_value} != {node.value}]")
        if prev_index and prev_index != node.modified_index:
            differences.append(f"[{prev_index} != {node.modified_index}]")
        if differences:
            raise self._refusal(COMPARE_FAILED, " ".join(differences))

    def _refusal(self, code: int, cause: str) -> EtcdError:
        return EtcdError(code, cause, self.etcd_index)

    # -- what watches over it -----------------------------------------------------------------

    def nodes(self) -> tuple[Node, ...]:
        """All nodes but the root, each directory before what is in it, else sorted by name."""
        _, *nodes = nodes_in(self.root)
        return tuple(nodes)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"Store({len(self)} nodes, etcd_index={self.etcd_index})"

    def digest(self) -> str:
        """Name this content: equal for equal content, on every machine.

        Each node has a checksum of 128 bits, and the digest is made of their sum. A sum does not
        depend on the order of its parts, so a write updates it by taking the old node's part out
        and putting the new one's in, and no digest ever goes through all keys. (Bellare and
        Micciancio, "A New Paradigm for Collision-free Hashing", 1997. 128 bits do for accidents,
        which is what we look for; to stop a forger, the sum would have to be much longer.)

        The events take no part: the commands that led to equal content at the same index have led
        to the same events. Nor do seconds that are left, and statistics: they differ between
        healthy members.
        """
        content = f"{self.etcd_index} {self._checksum % (1 << 128)}"
        return blake2b(content.encode(), digest_size=16).hexdigest()

    def fork(self) -> Store:
        """Copy it, at the same small price for any number of keys: a tree never changes."""
        copy = Store.__new__(Store)
        copy.etcd_index = self.etcd_index
        copy.root = self.root
        copy.deadlines = self.deadlines
        copy.history = self.history.fork()
        copy.statistics = self.statistics.fork()
        copy._count = self._count
        copy._checksum = self._checksum
        return copy


def checksum_of(node: Node) -> int:
    """Sum up one node in 128 bits."""
    # The length says where the key ends, so that no two nodes give the same text.
    text = f"{node.created_index} {node.modified_index} {len(node.key)} {node.key}{node.value}"
    if node.is_dir or node.expires_ns is not None:
        text = f"{node.is_dir} {node.expires_ns} {text}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
