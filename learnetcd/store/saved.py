"""A saved store: the JSON that etcd keeps in its snapshots, written and read.

    {"Root":{"Path":"/", ... "Children":{"1":{"Path":"/1", ... "Children":{ ... }}}},
     "WatcherHub":{"EventHistory":{"Queue":{"Events":[ ... 1000 ... ], "Size":25, "Front":0,
                   "Back":25,"Capacity":1000},"StartIndex":1,"LastIndex":25}},
     "CurrentIndex":25,"Stats":{ ... },"CurrentVersion":2}

It is written as etcd writes it, byte for byte, so that etcd can start from ours and we can tell by
comparing bytes that we read one of its own rightly. Names are sorted; a file has `null` for
children and a directory has an object; what does not expire has Go's zero time.

The events lie in a ring of 1000 slots. Every write is one event, so the event with index 1 lies in
slot 0, that with index 1001 again, and the places of front and back follow from the indexes alone.

What comes from a disk or from another machine may be anything, and is refused with a sentence if it
is no store: `SavedStoreRefused`.

Source: etcd 2.3 store/store.go, Save and Recovery; the bytes are those of etcd 3.4.

Differs: etcd writes a deadline in the time zone of the member, and reads any; ours writes UTC. The
seconds that were left when an event happened are kept as they were written, as etcd does.

Next page: `learnetcd/raft/`, how members agree on the order of the commands.
"""

from __future__ import annotations

import json
from typing import Any, cast  # JSON: what a document holds is found out by looking

from learnetcd.store import timestamp, wording
from learnetcd.store.event import ACTIONS, Action, Event
from learnetcd.store.history import CAPACITY, History
from learnetcd.store.node import Node
from learnetcd.store.path import MOST_NAMES, ROOT, child, clean, names_in
from learnetcd.store.statistics import NAMES
from learnetcd.store.store import Store
from learnetcd.store.tree import Directory, Item, node_of, nodes_in
from learnetcd.store.trie import HashTrie

VERSION = 2
"""Of the key space. Whoever finds another one must not guess."""


class SavedStoreRefused(Exception):
    """What should be a saved store is none: a sentence that says what was found."""


# -- writing ----------------------------------------------------------------------------------


def saved(store: Store) -> bytes:
    """Write a store."""
    counters = store.statistics.counters
    named = [
        ("Root", _written_item(store.root)),
        ("WatcherHub", wording.fields([("EventHistory", _written_history(store.history))])),
        ("CurrentIndex", str(store.etcd_index)),
        ("Stats", wording.fields((name, str(counters[name])) for name in NAMES)),
        ("CurrentVersion", str(VERSION)),
    ]
    return wording.fields(named).encode()


def _written_item(item: Item) -> str:
    node, children = node_of(item), "null"
    if isinstance(item, Directory):
        below = item.children.items()
        named = [(wording.string(name), _written_item(one)) for name, one in below]
        children = "{" + ",".join(f"{name}:{one}" for name, one in named) + "}"
    expires = timestamp.NEVER if node.expires_ns is None else timestamp.written(node.expires_ns)
    return wording.fields(
        [
            ("Path", wording.string(node.key)),
            ("CreatedIndex", str(node.created_index)),
            ("ModifiedIndex", str(node.modified_index)),
            ("ExpireTime", f'"{expires}"'),
            ("Value", wording.string(node.value or "")),
            ("Children", children),
        ]
    )


def _written_history(history: History) -> str:
    slots = ["null"] * CAPACITY
    for event in history:
        slots[_slot(event.node.modified_index)] = _written_event(event)
    queue = [
        ("Events", f"[{','.join(slots)}]"),
        ("Size", str(len(history))),
        ("Front", str(_slot(history.start_index) if len(history) else 0)),
        ("Back", str(_slot(history.last_index + 1) if len(history) else 0)),
        ("Capacity", str(CAPACITY)),
    ]
    return wording.fields(
        [
            ("Queue", wording.fields(queue)),
            ("StartIndex", str(history.start_index)),
            ("LastIndex", str(history.last_index)),
        ]
    )


def _written_event(event: Event) -> str:
    written = wording.event(event)
    return f'{written[:-1]},"refresh":true}}' if event.is_refresh else written


def _slot(etcd_index: int) -> int:
    """Where in the ring the event with an index lies."""
    return (etcd_index - 1) % CAPACITY


# -- reading ----------------------------------------------------------------------------------


def restored(data: bytes) -> Store:
    """Read a store back; `SavedStoreRefused` for what is none."""
    try:
        document = json.loads(data.decode())
        if document["CurrentVersion"] != VERSION:
            raise ValueError(f"version {document['CurrentVersion']!r} where {VERSION} was expected")
        root = _read_item(document["Root"], ROOT)
        if not isinstance(root, Directory):
            raise ValueError("the root is no directory")
        etcd_index = _number(document, "CurrentIndex")
        for node in nodes_in(root):
            if not node.created_index <= node.modified_index <= etcd_index:
                raise ValueError(f"{node.key} was modified at {node.modified_index}")
        events = _read_events(document["WatcherHub"]["EventHistory"], etcd_index)
        counters = {name: _number(document["Stats"], name) for name in NAMES}
    except RecursionError:
        raise SavedStoreRefused("This is no saved store: it is nested too deep.") from None
    except KeyError as error:
        raise SavedStoreRefused(f"This is no saved store: it has no {error}.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise SavedStoreRefused(f"This is no saved store: {error}.") from None
    return Store.of(etcd_index, root, events, counters)


def _read_item(document: dict[str, Any], key: str) -> Item:
    if document["Path"] != key or clean(key) != key:
        raise ValueError(f"{document['Path']!r} lies where {key!r} was expected")
    if len(names_in(key)) > MOST_NAMES:
        raise ValueError(f"{key[:40]!r}... has more than {MOST_NAMES} parts")
    created, modified = _number(document, "CreatedIndex"), _number(document, "ModifiedIndex")
    expires, below = _time(document["ExpireTime"]), document["Children"]
    if below is None:
        return Node(key, _text(document, "Value"), created, modified, expires_ns=expires)
    children: HashTrie[Item] = HashTrie()
    for name, one in below.items():
        if "/" in name:
            raise ValueError(f"{name!r} in {key} is no name")
        children = children.with_item(name, _read_item(one, child(key, name)))
    return Directory(Node(key, None, created, modified, True, expires), children)


def _read_events(document: dict[str, Any], etcd_index: int) -> list[Event]:
    """Read the events in their order, wherever in the ring it begins."""
    slots = document["Queue"]["Events"]
    events = [_read_event(slot) for slot in slots if slot is not None]
    events.sort(key=lambda event: event.node.modified_index)
    indexes = [event.node.modified_index for event in events]
    first = etcd_index + 1 - len(events)
    if len(events) > CAPACITY or indexes != list(range(first, etcd_index + 1)):
        raise ValueError(f"its events are not the last {len(events)} up to index {etcd_index}")
    return events


def _read_event(document: dict[str, Any]) -> Event:
    action, previous = document["action"], document.get("prevNode")
    if action not in ACTIONS:
        raise ValueError(f"an event of a kind that is not known: {action!r}")
    return Event(
        cast(Action, action),
        _read_node(document["node"]),
        None if previous is None else _read_node(previous),
        document.get("refresh") is True,
    )


def _read_node(document: dict[str, Any]) -> Node:
    key, expires, ttl = _text(document, "key"), document.get("expiration"), document.get("ttl", 0)
    if clean(key) != key or type(ttl) is not int:
        raise ValueError(f"an event at {key!r} with {ttl!r} seconds left")
    return Node(
        key,
        _text(document, "value") if "value" in document else None,
        _number(document, "createdIndex"),
        _number(document, "modifiedIndex"),
        document.get("dir") is True,
        None if expires is None else _time(expires),
        ttl,
    )


def _text(document: dict[str, Any], name: str) -> str:
    if not isinstance(document[name], str):
        raise ValueError(f"{name} is no text: {document[name]!r}")
    return cast(str, document[name])


def _number(document: dict[str, Any], name: str) -> int:
    value = document[name]
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} is no index and no count: {value!r}")
    return value


def _time(text: str) -> int | None:
    return None if text == timestamp.NEVER else timestamp.read(text)
