"""What the store says when it can't do what was asked: etcd's error codes.

    {"errorCode": 100, "message": "Key not found", "cause": "/greeting", "index": 7}

A code belongs to one message. The cause says which key, or what else was in the way; the index is
the etcd index at which it was found out, and 0 if nobody looked: a request that can't be understood
never gets to the store.

    100 ... 110    the command does not fit the content; decided by the store
    200 ... 212    the request can't be understood; decided before it becomes a command
    300            Raft: nothing was wrong with the command, but the cluster gave no answer to it
    401            the watcher came too late: the history does not reach so far back

An error of the store is an answer like any other: it is decided by the content alone, so all
members that apply the same command get the same one.

Source: etcd 2.3 error/error.go; the text is that of etcd 3.4.

Left out: codes that etcd still lists and no longer gives (peers and standbys of etcd 0.4).

Next page: `path`.
"""

from __future__ import annotations

KEY_NOT_FOUND = 100
COMPARE_FAILED = 101
NOT_A_FILE = 102
NOT_A_DIRECTORY = 104
KEY_EXISTS = 105
ROOT_READ_ONLY = 107
DIRECTORY_NOT_EMPTY = 108
UNAUTHORIZED = 110
PREV_VALUE_REQUIRED = 201
TTL_NOT_A_NUMBER = 202
INDEX_NOT_A_NUMBER = 203
INVALID_FIELD = 209
INVALID_FORM = 210
REFRESH_WITH_VALUE = 211
REFRESH_WITHOUT_TTL = 212
RAFT_INTERNAL = 300
EVENT_INDEX_CLEARED = 401

MESSAGES = {
    KEY_NOT_FOUND: "Key not found",
    COMPARE_FAILED: "Compare failed",
    NOT_A_FILE: "Not a file",
    NOT_A_DIRECTORY: "Not a directory",
    KEY_EXISTS: "Key already exists",
    ROOT_READ_ONLY: "Root is read only",
    DIRECTORY_NOT_EMPTY: "Directory not empty",
    UNAUTHORIZED: "The request requires user authentication",
    PREV_VALUE_REQUIRED: "PrevValue is Required in POST form",
    TTL_NOT_A_NUMBER: "The given TTL in POST form is not a number",
    INDEX_NOT_A_NUMBER: "The given index in POST form is not a number",
    INVALID_FIELD: "Invalid field",
    INVALID_FORM: "Invalid POST form",
    REFRESH_WITH_VALUE: "Value provided on refresh",
    REFRESH_WITHOUT_TTL: "A TTL must be provided on refresh",
    RAFT_INTERNAL: "Raft Internal Error",
    EVENT_INDEX_CLEARED: "The event in requested index is outdated and cleared",
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
