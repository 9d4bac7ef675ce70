"""A path: how clients name a key.

    greeting    /greeting    //greeting/    /x/../greeting        all name the key /greeting

A key names its directories too: `/queue/urgent/7` lies in `/queue/urgent`, which lies in `/queue`,
which lies in the root, `/`. A part that begins with `_` hides what it names: `/queue/_lock` is not
shown when `/queue` is listed, and not told to those who watch `/queue`.

Source: etcd 2.3 store/store.go cleans every path in this way (Go's path.Clean after joining "/");
store/watcher_hub.go, isHidden.

Next page: `trie`.
"""

from __future__ import annotations

from functools import lru_cache

ROOT = "/"

MOST_NAMES = 200
"""How deep a key may lie. Whoever walks a tree, or reads one back, can do so by plain recursion."""


LONGEST_REMEMBERED = 512


def clean(path: str) -> str:
    """Write a path in the one form that the store knows: from the root, each name once."""
    return _cleaned(path) if len(path) <= LONGEST_REMEMBERED else _cleaned.__wrapped__(path)


@lru_cache(maxsize=4096)  # the same few keys, at each member, request after request
def _cleaned(path: str) -> str:
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            del names[-1:]  # above the root is the root
        elif name not in {"", "."}:
            names.append(name)
    return "/" + "/".join(names)


def names_in(key: str) -> list[str]:
    """The names on the way from the root to a key: `/a/b` is `a`, then `b`."""
    return key.split("/")[1:] if key != ROOT else []


def child(directory: str, name: str) -> str:
    """The key of what is called `name` in a directory."""
    return f"/{name}" if directory == ROOT else f"{directory}/{name}"


def is_below(key: str, directory: str) -> bool:
    """Whether a key lies in a directory, however deep."""
    return key != directory and key.startswith(directory if directory == ROOT else f"{directory}/")


def is_hidden_from(watched: str, key: str) -> bool:
    """Whether a name that begins with `_` lies between a watched key and one at or below it."""
    return "/_" in key[len(watched) - (watched == ROOT) :]
