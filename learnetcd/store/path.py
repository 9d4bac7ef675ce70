"""A path: how clients name a key.

    greeting    /greeting    //greeting/    /x/../greeting        all name the key /greeting

Source: etcd 2.3 store/store.go cleans every path in this way (Go's path.Clean after joining "/").

Left out: directories. Where real etcd would make `/a` a directory when `/a/b` is set, we can't yet,
so a path that needs one is refused before it becomes a request: nothing of it enters a log.

Next page: `trie`.
"""

from __future__ import annotations

from functools import lru_cache

from learnetcd.errors import UserError


def clean(path: str) -> str:
    """Write a path in the one form that the store knows: from the root, each name once."""
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            del names[-1:]  # above the root is the root
        elif name not in {"", "."}:
            names.append(name)
    return "/" + "/".join(names)


@lru_cache(maxsize=4096)  # the same few keys, at each member, request after request
def key_of(path: str) -> str:
    """The key that a path names; a `UserError` for what only directories could hold."""
    key = clean(path)
    if key == "/":
        raise UserError(f"{path!r} names the root, which is a directory. Name a key, such as /x.")
    if key.count("/") > 1:
        raise UserError(
            f"{path!r} lies in a directory, and there are none yet: the key space is flat. "
            f"Name a key of one word, such as /{key.rpartition('/')[2]}."
        )
    return key
