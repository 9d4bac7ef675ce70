"""Backup: what a member has on its disk, without what makes it this member.

    $ learnetcd ctl backup --data-dir /var/lib/etcd --backup-dir /home/backup

    log of the member                          log of the backup
    1  add member 8e9e05c52164694d             (left out)
    2  (empty: a leader began its term)        1
    3  PUT /0/members/8e9e.../attributes       (left out)
    4  PUT /1/msg hello                        2

The newest snapshot is taken as it is, then the entries behind it, then a hard state, and the whole
gets the ids of nobody. Two members with one identity would break every promise that either made;
so whoever starts on a backup is somebody new, in a cluster of its own (see `restore`).

It may be made while the member runs: what is being written just now is not in it.

Left out: `--with-v3`. Source: etcd 3.4 etcdctl/ctlv2/command/backup_command.go.
Next page: `restore`.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from learnetcd.ctl.call import Call
from learnetcd.ctl.failures import BAD_USAGE, Ended
from learnetcd.disk.directory import Directory
from learnetcd.disk.files import Files
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import is_new, recover
from learnetcd.disk.storage import create
from learnetcd.errors import UserError
from learnetcd.member.command import is_v2
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Entry, Stored
from learnetcd.wire.etcdserverpb import Metadata, Request

ATTRIBUTES = re.compile(r"/0/members/[0-9a-f]{1,16}/attributes")
"""Where a member publishes its name and client URLs."""


def backup(call: Call) -> None:
    """Write a backup; every way to fail is a line as etcd's log has them, and exit code 1."""
    if call.is_on("with-v3"):
        raise Ended(BAD_USAGE, "learnetcd has no v3 store, so there is none to back up.\n")
    source = Directory(call.text("data-dir") or ".", call.text("wal-dir"))
    target = Directory(call.text("backup-dir") or ".", call.text("backup-wal-dir"))
    files = RealFiles()
    try:
        refuse_what_is_used(files, target)
        for folder in (source.snap, source.wal):
            if not files.exists(folder):
                raise UserError(f"open {folder}: no such file or directory")
        write(files, target, recover(files, source).stored)
    except OSError as trouble:
        raise failed(f"{trouble.filename or target.root}: {trouble.strerror}") from None
    except UserError as trouble:
        raise failed(str(trouble)) from None


def refuse_what_is_used(files: Files, target: Directory) -> None:
    """A backup on top of another would be neither."""
    if files.exists(target.snap) and (names := files.names(target.snap)):
        listed = " ".join(map(json.dumps, sorted(names)))
        raise UserError(
            f"failed creating backup snapshot dir {target.snap}: "
            f'expected "{target.snap}" to be empty, got [{listed}]'
        )
    if not is_new(files, target):
        raise UserError(f"there is a log in {target.wal} already")


def write(files: Files, target: Directory, stored: Stored) -> None:
    """Write what a member had stored as somebody else's."""
    nobody = Metadata(secrets.randbits(63) | 1, secrets.randbits(63) | 1)
    storage = create(files, target.root, nobody, wal_dir=target.wal_dir)
    try:
        if stored.snapshot.index:
            storage.save_snapshot(stored.snapshot)
            # A snapshot counts from the commit index that reaches it: entries may follow only then.
            storage.write([], replace(stored.hard_state, commit_index=stored.snapshot.index))
        kept = list(anonymous(stored.entries))
        commit = stored.hard_state.commit_index
        left_out = sum(entry.index <= commit for entry in stored.entries) - sum(
            entry.index <= commit for entry in kept
        )
        state = replace(stored.hard_state, commit_index=commit - left_out)
        storage.write(renumbered(kept, stored.snapshot.index + 1), state)
        storage.sync()
    finally:
        storage.close()


def anonymous(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries that speak of no member."""
    for entry in entries:
        if isinstance(entry.payload, ConfigChange):
            log("ignoring EntryConfChange raft entry")
        elif entry.payload and not is_v2(entry.payload):
            log("ignoring v3 raft entry")
        elif entry.payload and (path := path_of(entry.payload)):
            log(f"ignoring member attribute update on {path}")
        else:
            yield entry


def path_of(payload: bytes) -> str:
    """Where a member publishes its name by this entry; "" if it does something else."""
    request = Request.decode(payload)
    is_about_a_member = request.method == "PUT" and ATTRIBUTES.fullmatch(request.path)
    return request.path if is_about_a_member else ""


def renumbered(entries: Sequence[Entry], first: int) -> list[Entry]:
    """Close the gaps that were left: a log has none."""
    return [replace(entry, index=index) for index, entry in enumerate(entries, first)]


def log(words: str) -> None:
    """Write a line as etcd's log has them."""
    print(logged(words), end="", file=sys.stderr)


def logged(words: str) -> str:
    """The time, the letter for information, the words."""
    return f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} I | {words}\n"


def failed(words: str) -> Ended:
    """End with a line of the log."""
    return Ended(BAD_USAGE, logged(words))
