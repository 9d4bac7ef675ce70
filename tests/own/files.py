"""Files of readers: one that is right, and some that are wrong in one thing."""

WAL = """
from learnetcd.own import *


def write_record(record, running):
    checksum = crc32c.extend(running, record.data)
    body = walpb.Record(record.type, checksum, record.data).encode()
    padding = -len(body) % 8
    length = len(body) | ((0x80 | padding) << 56 if padding else 0)
    return length.to_bytes(8, "little") + body + bytes(padding)


def must_sync(before, after, entries):
    return bool(entries) or (before.term, before.vote) != (after.term, after.vote)


def read_log(log, running=0):
    records, at = [], 0
    while any(word := log[at : at + 8]):
        size, padding = int.from_bytes(word[:7], "little"), word[-1] & 7
        end = at + 8 + size + padding
        try:
            record = walpb.Record.decode(log[at + 8 : at + 8 + size])
        except Malformed:
            return ReadLog(tuple(records), at, True)
        whole = len(word) == 8 and end <= len(log) and record.data is not None
        if not whole or crc32c.extend(running, record.data) != record.crc:
            return ReadLog(tuple(records), at, True)
        running = record.crc
        records.append(Record(record.type, record.data))
        at = end
    return ReadLog(tuple(records), at, False)
"""

RIGHT = (
    WAL
    + """


def grant_vote(voter, request):
    if request.term < voter.current_term or voter.voted_for not in (0, request.candidate):
        return False
    theirs = request.last_term, request.last_index
    return theirs >= (voter.last_term, voter.last_index)


def append_entries(follower, request):
    log = list(follower.log)
    previous = request.previous_index
    is_there = previous == 0 or (
        previous <= len(log) and log[previous - 1].term == request.previous_term
    )
    if request.term < follower.current_term or not is_there:
        return AppendAnswer(False, follower.log, follower.commit_index)
    for entry in request.entries:
        if entry.index <= len(log) and log[entry.index - 1].term != entry.term:
            del log[entry.index - 1 :]
        if entry.index > len(log):
            log.append(entry)
    last_new = previous + len(request.entries)
    commit_index = max(follower.commit_index, min(request.commit_index, last_new))
    return AppendAnswer(True, tuple(log), commit_index, last_new)


def advance_commit(leader):
    held = sorted(leader.match_index.values(), reverse=True)
    reached = held[len(held) // 2]
    if reached > leader.commit_index and leader.log[reached - 1].term == leader.current_term:
        return reached
    return leader.commit_index


def apply(there, command):
    if command.action == "create":
        return Refuse(KEY_EXISTS) if there else Write(command.value)
    if command.action == "set":
        return Write(command.value)
    if there is None:
        return Refuse(KEY_NOT_FOUND)
    if command.prev_value not in ("", there.value):
        return Refuse(COMPARE_FAILED)
    if command.prev_index not in (0, there.modified_index):
        return Refuse(COMPARE_FAILED)
    return Remove() if command.action.lower().endswith("delete") else Write(command.value)


"""
)

ANY_LOG_WINS = """
def grant_vote(voter, request):
    return voter.voted_for in (0, request.candidate)
"""

VOTES_TWICE = """
def grant_vote(voter, request):
    return (request.last_term, request.last_index) >= (voter.last_term, voter.last_index)
"""

ANY_TERM_COMMITS = """
def advance_commit(leader):
    held = sorted(leader.match_index.values(), reverse=True)
    return max(leader.commit_index, held[len(held) // 2])
"""

A_MINORITY_COMMITS = """
def advance_commit(leader):
    return max(leader.commit_index, max(leader.match_index.values()))
"""

CUTS_WHAT_FOLLOWS = """
from learnetcd.own import AppendAnswer

def append_entries(follower, request):
    log, previous = follower.log, request.previous_index
    if previous > len(log) or (previous and log[previous - 1].term != request.previous_term):
        return AppendAnswer(False, log, follower.commit_index)
    log = log[:previous] + request.entries
    commit_index = max(follower.commit_index, min(request.commit_index, len(log)))
    return AppendAnswer(True, log, commit_index, len(log))
"""

COMPARES_NOTHING = """
from learnetcd.own import *

def apply(there, command):
    return Remove() if "elete" in command.action else Write(command.value)
"""


def wal_with(old: str, new: str) -> str:
    """The right log, but for one thing."""
    assert old in WAL, old
    return WAL.replace(old, new)


def wal_that_reads(body: str) -> str:
    """The right log, with another body of its reader."""
    return f"{WAL.partition('def read_log')[0]}def read_log(log, running=0):\n    {body}\n"


BROKEN_WALS = {
    "waits for no sync": (
        "L6 leader append-only",
        wal_with("bool(entries) or", ""),
    ),
    "forgets votes": (
        "L2 votes are durable",
        wal_with(" or (before.term, before.vote) != (after.term, after.vote)", ""),
    ),
    "loses its tail": (
        "L4 durable log",
        wal_with("(tuple(records), at, False)", "(tuple(records[:-1]), at, False)"),
    ),
    "takes a torn record for whole": (
        "P1 possible states",
        wal_with(" or crc32c.extend(running, record.data) != record.crc", ""),
    ),
    "leaves what was torn where it is": (
        "G2 monotonic terms",
        wal_with("at, True)", "len(log), True)"),
    ),
    "sums up each record alone": (
        "L4 durable log",
        wal_with("checksum = crc32c.extend(running", "checksum = crc32c.extend(0"),
    ),
    "writes each record with the next one": (
        "G2 monotonic terms",
        wal_with("def write_record", "late = [b'']\n\n\ndef write_record")
        .replace("    return length", "    late.append(length")
        .replace("bytes(padding)\n\n\n", "bytes(padding))\n    return late.pop(0)\n\n\n"),
    ),
    "fails at the end of its file": (
        "P1 possible states",
        wal_with("return ReadLog(tuple(records), at, True)", "raise EOFError('too early')"),
    ),
}
"""By what is wrong in each: the invariant that it breaks first, and the file."""
