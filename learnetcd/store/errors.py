"""What the store says when it can't do what was asked: etcd's error codes.

    {"errorCode": 100, "message": "Key not found", "cause": "/greeting", "index": 7}

A code belongs to one message. The cause says which key, or what else was in the way; the index is
the etcd index at which it was found out. Codes of 100 and more are about commands, 300 and more
about Raft: nothing was wrong with the command, but the cluster gave no answer to it.

An error is an answer like any other: it is decided by the store's content alone, so all members
that apply the same command get the same one.

Source: etcd 2.3 error/error.go; the text is that of etcd 3.4.

Left out: the codes of what is not here yet (directories, comparisons, times to live, forms,
watches).

Next page: `path`.
"""

from __future__ import annotations

KEY_NOT_FOUND = 100
RAFT_INTERNAL = 300

MESSAGES = {
    KEY_NOT_FOUND: "Key not found",
    RAFT_INTERNAL: "Raft Internal Error",
}
"""The words of each code, as clients of etcd know them."""


class EtcdError(Exception):
    """An answer that says no."""

    def __init__(self, code: int, cause: str, index: int) -> None:
        """Say it by code, by what was in the way, and at which etcd index."""
        super().__init__(code, cause, index)
        self.code = code
        self.cause = cause
        self.index = index

    @property
    def message(self) -> str:
        """The code in words."""
        return MESSAGES[self.code]

    # Two errors that say the same are the same, as with every other part of an answer.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EtcdError) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)

    def __str__(self) -> str:
        return f"{self.code}: {self.message} ({self.cause}) [{self.index}]"
