"""A history: what clients asked about one key and were told, and when.

    c1   |---- put 1 ----|
    c2          |------- get: 1 ----|
    c3                        |--- put 2 - - - - - - -      no answer: unknown
    c4                                    |- get: 1 -|
         time ---->

An operation takes time. It took effect somewhere between its call and its return; where, nobody
saw. One without a return may take effect at any time after its call, or never: the line is open.

Histories are looked at one key at a time. What is true of each key alone is true of all together
(linearizability is *local*), and the search that follows grows fast with the number of operations.

A time to live is an operation, too: nobody's, with an open end, that removes the key if it still
has that value. When that may be is left to the clocks, which may be wrong.

Source: Herlihy and Wing, Linearizability: A Correctness Condition for Concurrent Objects, 1990.

**What a simulator knows.** Operations without an answer are what makes a search long: each may come
anywhere. But whoever sees all logs knows more than the clients: a command that no store ever
applied was never done, and one that was had been done by then. A `Witness` writes that down. It
also sees a command that was done twice, because the network doubled the message that passed it on
to the leader: then it was as if the client had asked twice (Raft §8 tells how to prevent it).

Left out: conditions on the index, directories, in-order keys and refreshes. They tie keys to each
other; keys that were used so are not judged here.

Next page: `swarm`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from learnetcd.checking.linearizability import IMPOSSIBLE, Impossible, Verdict, check
from learnetcd.member.command import Command, decode_command
from learnetcd.member.effects import Effect
from learnetcd.member.inputs import Input
from learnetcd.member.request import Answer, KeyRequest, Method, Outcome
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.decisions import Decision
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World
from learnetcd.store.errors import KEY_NOT_FOUND

Value = str | None
"""What a key holds; None if it is not there."""


class Present(Enum):
    """What some refusals tell of a key: that it is there."""

    SOME_VALUE = "some value"


SOME_VALUE = Present.SOME_VALUE


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told."""

    done: bool
    """Whether the request was carried out."""
    found: Value | Present
    """What the key held before; of a read, what it holds."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a client did, and what it was told."""

    client: str
    """Who it was: for people."""
    called: float
    returned: float | None
    """None if nobody knows whether it was done: it may still be."""
    asked: KeyRequest
    told: Told | None
    """None if the client was told nothing: if it was done by then, a witness says so."""


# --- what a key does ------------------------------------------------------------------------------


def after(value: Value, operation: Operation) -> Value | Impossible:
    """What a key holds after an operation; or that this answer can't have been given here.

    This is the model of one key, for `linearizability.check`. A write, and a read after it that
    finds nothing:

    >>> put, get = KeyRequest(Method.PUT, "/x", "1"), KeyRequest(Method.GET, "/x")
    >>> write = Operation("c1", called=0, returned=5, asked=put, told=Told(True, None))
    >>> read = Operation("c2", called=6, returned=9, asked=get, told=Told(False, None))
    >>> check([write, read], after, None).finding.value
    'not linearizable'

    Had the write no answer yet, it may come after the read:

    >>> waiting = Operation("c1", called=0, returned=None, asked=put, told=None)
    >>> check([waiting, read], after, None).finding.value
    'linearizable'

    A compare-and-swap is a PUT with a `prev_value`; if it is refused, it was told so:

    >>> swap = KeyRequest(Method.PUT, "/x", "2", prev_value="7")
    >>> refused = Operation("c3", called=6, returned=9, asked=swap, told=Told(False, SOME_VALUE))
    >>> check([write, refused], after, None).finding.value
    'linearizable'
    """
    request, told = operation.asked, operation.told
    done = succeeds(value, request)
    if told is not None and (told.done != done or not fits(value, told.found)):
        return IMPOSSIBLE
    return left_by(value, request) if done else value


def succeeds(value: Value, request: KeyRequest) -> bool:
    """Whether a request is carried out on a key that holds this."""
    if request.prev_exist is False:
        return value is None
    if value is None:
        must_be_there = request.method is not Method.PUT or request.prev_exist is True
        return not must_be_there and not request.prev_value
    return request.prev_value in {"", value}


def left_by(value: Value, request: KeyRequest) -> Value:
    """What a request leaves that is carried out."""
    if request.method is Method.GET:
        return value
    return None if request.method is Method.DELETE else request.value


def fits(value: Value, found: Value | Present) -> bool:
    """Whether a key that holds this would have been found so."""
    return value is not None if found is SOME_VALUE else value == found


# --- histories of a run ---------------------------------------------------------------------------


class Witness:
    """Sees when commands are applied for the first time anywhere; it observes a `World`."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self.applied_at: dict[int, list[int]] = {}
        """When on the cluster's clock, by request id; more than once if it is in the log twice."""
        self._applied = 0

    def __call__(self, world: World, member_id: int, input: Input, effects: list[Effect]) -> None:
        """Look at what a member has applied that nobody had before."""
        member = world.member(member_id)
        if member.applied_index <= self._applied:
            return
        log = member.raft.log
        for entry in log.entries(max(self._applied + 1, log.first_index), member.applied_index):
            if isinstance(entry.payload, bytes) and entry.payload:
                command = decode_command(entry.payload)
                if isinstance(command, Command):
                    self.applied_at.setdefault(command.request_id, []).append(world.now)
        self._applied = member.applied_index


def witnessed(setup: Setup, decisions: Iterable[Decision]) -> tuple[World, Witness]:
    """Play a run once more, with a witness."""
    world, witness = World(setup), Witness()
    world.observer = witness
    for decision in decisions:
        world.decide(decision)
    return world, witness


def histories(
    world: World, witness: Witness, *, plain_reads: bool = False
) -> dict[str, list[Operation]]:
    """The operations of a simulated run, by key; of keys that can be judged alone.

    A plain read is answered by one member alone, who may be behind: it is promised nothing, so it
    is left out, unless somebody wants to see just that.
    """
    found: dict[str, list[Operation]] = {}
    entangled: set[str] = set()
    for record in world.clients.values():
        request = record.request
        if not isinstance(request, KeyRequest) or (request.answered_locally and not plain_reads):
            continue
        if not stands_alone(request):
            entangled.add(request.key)
        for operation in operations_of(record, request, witness):
            found.setdefault(request.key, []).append(operation)
    return {
        key: operations
        for key, operations in found.items()
        if not any(same_branch(key, other) for other in entangled | (found.keys() - {key}))
    }


def stands_alone(request: KeyRequest) -> bool:
    """Whether it is about the value of one key, and nothing else."""
    tied = request.is_dir or request.recursive or request.prev_index or request.refresh
    return not tied and request.method is not Method.POST


def same_branch(key: str, other: str) -> bool:
    """Whether one of two keys lies below the other, or is it."""
    return f"{key}/".startswith(f"{other}/") or f"{other}/".startswith(f"{key}/")


def operations_of(
    record: ClientRecord, request: KeyRequest, witness: Witness
) -> Iterator[Operation]:
    """What a client did; and what the clock may do afterwards, if the key was given a deadline."""
    client, answer = f"c{record.request_id}", record.answer
    if answer is not None and answer.outcome is Outcome.REFUSED and answer.error is None:
        return  # nobody listened, or nobody would take it: nothing was done, and nothing learned
    done_at = witness.applied_at.get(record.request_id, [])
    if answer is not None and answer.outcome is not Outcome.UNKNOWN:
        done_at = done_at[1:]
        told = told_by(answer)
        yield Operation(client, record.asked_at, record.answered_at, request, told)
    if request.method is not Method.GET:
        for moment in done_at:
            yield Operation(client, record.asked_at, moment, request, None)
    if request.ttl is not None:
        expiry = KeyRequest(Method.DELETE, request.path, prev_value=request.value)
        # Clocks may run fast, so the time may be over any time.
        yield Operation("expiry", record.asked_at, None, expiry, None)


def told_by(answer: Answer) -> Told:
    """What an answer tells of the key."""
    if answer.error is not None:
        absent = answer.error.code == KEY_NOT_FOUND
        return Told(False, None if absent else SOME_VALUE)
    assert answer.event is not None, f"a key was asked for, and the answer shows none: {answer}"
    event = answer.event
    node = event.node if event.action == "get" else event.prev_node
    return Told(True, None if node is None else node.value)


# --- verdicts -------------------------------------------------------------------------------------

ENOUGH_STEPS = 100_000
"""Steps of the search for an order of answers: most histories take some hundreds."""


class Judged(NamedTuple):
    """The history of one key, and what the search says of it."""

    key: str
    operations: tuple[Operation, ...]
    verdict: Verdict[Operation]


def judged(
    histories: Mapping[str, Sequence[Operation]], steps: int = ENOUGH_STEPS
) -> Iterator[Judged]:
    """Judge each key by itself: what holds for each, holds for all."""
    for key, operations in histories.items():
        yield Judged(key, tuple(operations), check(operations, after, None, steps))
