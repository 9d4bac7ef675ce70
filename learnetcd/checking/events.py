"""Events: a history as other checkers write it, and whether it is linearizable.

    process   type     f       value
    0         invoke   write   1
    1         invoke   read                  in the list in the order in which it was seen
    0         info     write   1             nobody knows: it may have been done, or be done yet
    1         ok       read    1

    >>> judge([(0, "invoke", "write", 1), (1, "invoke", "read", None),
    ...        (0, "info", "write", 1), (1, "ok", "read", 1)])
    <Finding.LINEARIZABLE: 'linearizable'>

Jepsen writes such lists, and Knossos, Porcupine and Elle read them. An event is a row of these four
or a mapping with these names; a word may begin with a colon, as in EDN. What can be asked of a
register is `read`, `write`, `cas` with (old, new), `append` (to a text) and `delete`; `get` and
`put` are other words for the first two. It begins with None.

    >>> judge([(0, "invoke", "cas", (None, 1)), (0, "ok", "cas", (None, 1)),
    ...        {":process": 1, ":type": ":invoke", ":f": ":read"},
    ...        {":process": 1, ":type": ":ok", ":f": ":read", ":value": 2}])
    <Finding.NOT_LINEARIZABLE: 'not linearizable'>

Of many keys, each value is (key, value), and each key is judged by itself:

    >>> judge([(0, "invoke", "put", ("/x", 1)), (0, "ok", "put", ("/x", 1)),
    ...        (0, "invoke", "get", ("/y", None)), (0, "ok", "get", ("/y", None))], keyed=True)
    <Finding.LINEARIZABLE: 'linearizable'>

**How it ended.** `ok`: it was done, and was told what it found. `info`, or no end at all: it may
have been done at any time since, or never; a `cas` may have failed, too. `fail`: it was not done.
Checkers don't agree on what a failed `cas` tells. To Knossos, nothing: the network may have eaten
it. To Porcupine's model of etcd, that the value was another one: `fail_compares=True`.

    >>> failed = [(0, "invoke", "cas", (None, 1)), (0, "fail", "cas", (None, 1))]
    >>> judge(failed).value, judge(failed, fail_compares=True).value
    ('linearizable', 'not linearizable')

Differs: to Knossos, a read of nil fits any value. Here it has found nothing.

Source: Jepsen's and Knossos' histories; Porcupine's models of a register, of etcd and of a map.

Next page: `history`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from learnetcd.checking.linearizability import (
    IMPOSSIBLE,
    STEPS,
    Finding,
    Impossible,
    Verdict,
    check,
)
from learnetcd.errors import UserError

Event = Sequence[Any] | Mapping[str, Any]  # values are whatever a client wrote

COLUMNS = ("process", "type", "f", "value")
OTHER_WORDS = {"get": "read", "put": "write"}
ASKED = ("read", "write", "cas", "append", "delete")
ENDS = ("ok", "fail", "info")
NEMESIS = ("nemesis", ":nemesis")
"""What Jepsen calls the process that makes trouble, and asks nothing."""


class Outcome(Enum):
    """How an operation ended, for all that its client knows."""

    DONE = "done"
    REFUSED = "refused"
    """A `cas` that compared, and found another value."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Operation:
    """What one process did."""

    process: Hashable
    f: str
    key: Hashable
    """None if there is only one register."""
    value: Hashable
    """What was written; of a `cas`, (old, new); of a read, what it found."""
    outcome: Outcome
    called: float
    returned: float | None


def judge(
    events: Iterable[Event],
    *,
    initial: Hashable = None,
    keyed: bool = False,
    fail_compares: bool = False,
    steps: int = STEPS,
) -> Finding:
    """Say whether a history is linearizable; `UNKNOWN` if a key takes more steps than this."""
    history = operations_of(events, keyed=keyed, fail_compares=fail_compares)
    findings = {one.finding for one in verdicts(history, initial, steps).values()}
    for worst in (Finding.NOT_LINEARIZABLE, Finding.UNKNOWN):
        if worst in findings:
            return worst
    return Finding.LINEARIZABLE


def verdicts(
    history: Iterable[Operation], initial: Hashable = None, steps: int = STEPS
) -> dict[Hashable, Verdict[Operation]]:
    """What there is to say of each key: the order that was found, or who is stuck."""
    by_key: dict[Hashable, list[Operation]] = {}
    for operation in history:
        by_key.setdefault(operation.key, []).append(operation)
    found: dict[Hashable, Verdict[Operation]] = {}
    for key, operations in by_key.items():
        made_up = first_made_up(operations, initial)
        if made_up is not None:
            found[key] = Verdict(Finding.NOT_LINEARIZABLE, (), made_up, 0)
        else:
            found[key] = check(operations, after, initial, steps)
    return found


def after(value: Hashable, operation: Operation) -> Hashable | Impossible:
    """What a register holds after an operation: its model."""
    match operation.f, operation.outcome:
        case "read", Outcome.DONE:
            return value if operation.value == value else IMPOSSIBLE
        case "read", _:
            return value
        case "write", _:
            return operation.value
        case "append", _:
            return f"{'' if value is None else value}{operation.value}"
        case "delete", _:
            return None
    assert isinstance(operation.value, tuple), "a cas, and looked at when it was read"
    old, new = operation.value
    match operation.outcome:
        case Outcome.DONE:
            return new if value == old else IMPOSSIBLE
        case Outcome.REFUSED:
            return IMPOSSIBLE if value == old else value
        case Outcome.UNKNOWN:
            return new if value == old else value


def first_made_up(operations: Sequence[Operation], initial: Hashable) -> Operation | None:
    """An operation that found what nobody can have written by then: no order can explain it.

    It takes no search to see that, and a search might take very long.
    """
    if any(one.f == "append" for one in operations):
        return None  # what comes of several of them is no value of any
    written = [(initial, float("-inf"))]
    for one in operations:
        match one.f, one.outcome, one.value:
            case "write", _, value:
                written.append((value, one.called))
            case "delete", _, _:
                written.append((None, one.called))
            case "cas", (Outcome.DONE | Outcome.UNKNOWN), (_, new):
                written.append((new, one.called))
    first: dict[Hashable, float] = {}
    for value, moment in written:
        first[value] = min(moment, first.get(value, moment))
    for one in operations:
        if one.outcome is Outcome.DONE and one.f in ("read", "cas"):
            seen = one.value if one.f == "read" else one.value[0]  # type: ignore[index]  # a pair
            assert one.returned is not None, "it is done"
            if first.get(seen, float("inf")) > one.returned:
                return one
    return None


# -- reading events ------------------------------------------------------------------------------


def operations_of(
    events: Iterable[Event], *, keyed: bool = False, fail_compares: bool = False
) -> list[Operation]:
    """Put beginnings and ends together; a `UserError` says which event makes no sense."""
    found: list[Operation] = []
    begun: dict[Hashable, Operation] = {}
    for number, event in enumerate(events):
        process, kind, f, value = columns(event, number)
        if process in NEMESIS:
            continue
        if kind == "invoke":
            if process in begun:
                raise UserError(f"Event {number}: process {process} begins before it has ended.")
            begun[process] = operation(number, process, f, value, keyed=keyed)
            continue
        if kind not in ENDS:
            raise UserError(f"Event {number}: {kind!r} is none of invoke, ok, fail and info.")
        one = begun.pop(process, None)
        if one is None or OTHER_WORDS.get(f, f) != one.f:
            raise UserError(f"Event {number}: process {process} ends a {f} that it has not begun.")
        if kind == "ok":
            if one.f == "read":
                one = replace(one, value=operation(number, process, f, value, keyed=keyed).value)
            found.append(replace(one, outcome=Outcome.DONE, returned=number))
        elif kind == "info":
            found.append(one)
        elif one.f == "cas" and fail_compares:
            found.append(replace(one, outcome=Outcome.REFUSED, returned=number))
    found += begun.values()
    # A read without an answer asks for nothing, and changes nothing.
    return [one for one in found if one.f != "read" or one.outcome is Outcome.DONE]


def columns(event: Event, number: int) -> tuple[Hashable, str, str, Any]:
    """The four columns of an event."""
    if isinstance(event, Mapping):
        row = [event.get(name, event.get(f":{name}")) for name in COLUMNS]
    else:
        row = list(event)
    if len(row) != len(COLUMNS) or not all(isinstance(word, str) for word in row[1:3]):
        raise UserError(f"Event {number}: process, type, f and value were expected, not {event!r}.")
    process, kind, f, value = row
    return process, kind.removeprefix(":"), f.removeprefix(":"), value


def operation(number: int, process: Hashable, f: str, value: Any, *, keyed: bool) -> Operation:  # noqa: ANN401 (whatever was written)
    """What an event says, as far as it goes."""
    f, key = OTHER_WORDS.get(f, f), None
    if f not in ASKED:
        raise UserError(f"Event {number}: {f!r} is not known; {', '.join(ASKED)} are.")
    if keyed:
        key, value = pair(value, "(key, value)", number)
    if f == "cas":
        value = pair(value, "(old, new)", number)
    return Operation(process, f, frozen(key), frozen(value), Outcome.UNKNOWN, number, None)


def pair(value: object, expected: str, number: int) -> tuple[Any, Any]:
    """Two values, from whatever stands for two."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise UserError(f"Event {number}: its value is {value!r}; {expected} was expected.")
    return value[0], value[1]


def frozen(value: Any) -> Hashable:  # noqa: ANN401 (whatever was written)
    """A value that can't change any more: lists are tuples."""
    if isinstance(value, list | tuple):
        return tuple(frozen(one) for one in value)
    return value  # type: ignore[no-any-return]  # and if it has no hash, Python says so
