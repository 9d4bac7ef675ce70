"""Histories as other checkers write them: held against a judge that tries every order."""

from dataclasses import replace
from random import Random

import pytest

from learnetcd.checking.events import after, judge, operations_of, verdicts
from learnetcd.checking.linearizability import Finding, check
from learnetcd.errors import UserError

YES, NO, UNKNOWN = Finding.LINEARIZABLE, Finding.NOT_LINEARIZABLE, Finding.UNKNOWN

# -- a judge that knows no cleverness ------------------------------------------------------------

FOREVER = 10**9


def tried_in_every_order(history, state=None):
    """`history`: (f, value, type, called, returned); whether some order explains all of it."""
    open_ = [one for one in history if one[2] in ("info", "none")]
    if all(one in open_ for one in history):
        return True  # what is left may never have been done
    first_return = min(one[4] for one in history if one not in open_)
    for place, one in enumerate(history):
        if one[3] <= first_return:  # else another one was over before it began
            rest = history[:place] + history[place + 1 :]
            for then in outcomes(one, state):
                if tried_in_every_order(rest, then):
                    return True
    return False


def outcomes(one, state):
    """The states in which an operation can leave a register."""
    f, value, kind, *_ = one
    sure = kind == "ok"
    if f == "read":
        return [state] if not sure or state == value else []
    if f in ("write", "delete"):
        return [value if f == "write" else None]
    if f == "append":
        return [(state or "") + value]
    if kind == "fail":
        return [state] if state != value[0] else []
    if state == value[0]:
        return [value[1]]
    return [] if sure else [state]


# -- histories of chance -------------------------------------------------------------------------


WORDS = (("read", "write"), ("read", "write", "cas", "delete"), ("read", "append"))


def drawn(chance, most=6):
    """A history of chance; half of the time one that a real register has given."""
    count = chance.randint(1, most)
    moments = list(range(2 * count))
    chance.shuffle(moments)
    spans = sorted(sorted(moments[2 * i : 2 * i + 2]) for i in range(count))
    words = chance.choice(
        (("read", "write"), ("read", "write", "cas", "delete"), ("read", "append"))
    )
    asked = []
    for _ in spans:
        f = chance.choice(words)
        value = chance.choice("ab")
        asked.append((f, (chance.choice([None, "a", "b"]), value) if f == "cas" else value))
    kinds = [chance.choice(("ok", "ok", "ok", "ok", "fail", "info", "none")) for _ in spans]
    history = []
    state, results = None, {}
    points = sorted((chance.uniform(*span), i) for i, span in enumerate(spans))
    for _, i in points:
        f, value = asked[i]
        results[i] = state
        skipped = kinds[i] in ("info", "none") and chance.random() < 0.5
        if f == "cas":
            fits = state == value[0]
            kinds[i] = {"ok": "ok" if fits else "fail", "fail": "ok" if fits else "fail"}.get(
                kinds[i], kinds[i]
            )
            state = value[1] if fits and not skipped else state
        elif kinds[i] != "fail" and not skipped and f != "read":
            state = {"write": value, "delete": None, "append": f"{state or ''}{value}"}[f]
    lies = chance.random() < 0.8
    for i, (called, returned) in enumerate(spans):
        f, value = asked[i]
        if f == "read":
            value = (
                chance.choice([None, "a", "b"]) if lies and chance.random() < 0.4 else results[i]
            )
        kind = kinds[i]
        if lies and f == "cas" and chance.random() < 0.3:
            kind = chance.choice(("ok", "fail"))
        history.append((f, value, kind, called, FOREVER if kind in ("info", "none") else returned))
    return history


def events_of(history, keyed=False):
    """The same as rows."""
    rows = []
    for process, (f, value, kind, called, returned) in enumerate(history):
        began = None if f == "read" else value
        rows.append((called, (process, "invoke", f, ("x", began) if keyed else began)))
        if kind == "info":
            rows.append((called + 0.5, (process, kind, f, "timed out")))
        elif kind != "none":
            said = value if kind == "ok" else "timed out"
            rows.append((returned, (process, kind, f, ("x", said) if keyed else said)))
    return [row for _, row in sorted(rows, key=lambda timed: timed[0])]


def expected(history, fail_compares):
    counted = [one for one in history if one[2] != "fail" or (fail_compares and one[0] == "cas")]
    return YES if tried_in_every_order(counted) else NO


@pytest.mark.parametrize("fail_compares", [False, True])
def test_no_verdict_differs_from_that_of_trying_every_order(fail_compares):
    chance, found = Random(7), []
    for _ in range(1_500):
        history = drawn(chance)
        verdict = judge(events_of(history), fail_compares=fail_compares)
        assert verdict is expected(history, fail_compares), history
        found.append(verdict)
    assert min(found.count(YES), found.count(NO)) > 200


def test_a_budget_that_ends_gives_no_verdict_or_the_right_one():
    chance = Random(8)
    found = set()
    for _ in range(500):
        history = drawn(chance)
        verdict = judge(events_of(history), steps=chance.randint(0, 20))
        assert verdict in (UNKNOWN, expected(history, False)), history
        found.add(verdict)
    assert found == {YES, NO, UNKNOWN}


def test_keys_are_judged_each_by_itself():
    chance = Random(9)
    for _ in range(300):
        one, other = drawn(chance, 4), drawn(chance, 4)
        rows = [
            (process + 100 * number, kind, f, (key, value))
            for number, (key, history) in enumerate((("x", one), ("y", other)))
            for process, kind, f, value in events_of(history)
        ]
        right = YES if expected(one, False) is expected(other, False) is YES else NO
        assert judge(rows, keyed=True) is right
        assert judge(events_of(one, keyed=True), keyed=True) is expected(one, False)


# -- what checkers stumble over ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "rows", "finding"),
    [
        ("nothing", [], YES),
        ("the nemesis asks for nothing", [(":nemesis", ":info", ":start", None)], YES),
        ("a read of nothing", [(0, "invoke", "read", None), (0, "ok", "read", None)], YES),
        ("one of what nobody wrote", [(0, "invoke", "read", None), (0, "ok", "read", 1)], NO),
        ("a write that failed was not done",
         [(0, "invoke", "write", 1), (0, "fail", "write", 1),
          (1, "invoke", "read", None), (1, "ok", "read", 1)], NO),
        ("one that may have failed was, if it is read",
         [(0, "invoke", "write", 1), (0, "info", "write", ":timed-out"),
          (1, "invoke", "read", None), (1, "ok", "read", 1)], YES),
        ("even late", [(0, "invoke", "write", 1), (0, "info", "write", 1),
          (1, "invoke", "read", None), (1, "ok", "read", None),
          (1, "invoke", "read", None), (1, "ok", "read", 1)], YES),
        ("but not undone", [(0, "invoke", "write", 1),
          (1, "invoke", "read", None), (1, "ok", "read", 1),
          (1, "invoke", "read", None), (1, "ok", "read", None)], NO),
        ("a cas without an answer may have failed, too",
         [(0, "invoke", "write", 1), (0, "ok", "write", 1), (0, "invoke", "cas", [2, 3]),
          (0, "info", "cas", [2, 3]), (1, "invoke", "read", None), (1, "ok", "read", 1)], YES),
        ("the ends of a list of rows are as good as any",
         [[0, ":invoke", ":cas", [None, 1]], [0, ":ok", ":cas", [None, 1]]], YES),
        ("processes may have names", [("c1", "invoke", "read", None), ("c1", "ok", "read", 1)], NO),
        ("a list is a value", [(0, "invoke", "write", [1, [2]]), (0, "ok", "write", None),
          (0, "invoke", "read", None), (0, "ok", "read", [1, [2]])], YES),
    ],
)  # fmt: skip
def test_the_verdict_is_the_one_that_everybody_can_see(claim, rows, finding):
    assert judge(rows) is finding, claim


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([(0, "ok", "read", 1)], "Event 0: process 0 ends a read that it has not begun"),
        ([(0, "invoke", "read", 1), (0, "ok", "write", 1)], "Event 1: process 0 ends a write that"),
        ([(0, "invoke", "read", 1)] * 2, "Event 1: process 0 begins before it has ended"),
        ([(0, "begin", "read", 1)], "Event 0: 'begin' is none of invoke, ok, fail and info"),
        ([(0, "invoke", "enqueue", 1)], "Event 0: 'enqueue' is not known; read, write, cas,"),
        ([(0, "invoke", "cas", 1)], r"Event 0: its value is 1; \(old, new\) was expected"),
        ([(0, "invoke", 1)], "Event 0: process, type, f and value were expected"),
        ([{"process": 0}], "Event 0: process, type, f and value were expected"),
        (["invoke"], "Event 0: process, type, f and value were expected"),
    ],
)
def test_what_makes_no_sense_is_refused_and_never_judged(rows, complaint):
    with pytest.raises(UserError, match=complaint):
        judge(rows)


@pytest.mark.parametrize(("called", "returned"), [(2, 1), (float("nan"), None), (0, float("nan"))])
def test_a_moment_that_makes_no_sense_is_refused(called, returned):
    (one,) = operations_of([(0, "invoke", "write", 1)])
    with pytest.raises(UserError, match="can't return before it is called"):
        check([replace(one, called=called, returned=returned)], after, None)


def test_operations_that_take_no_time_or_touch_may_be_in_either_order():
    """Whoever returns in the moment in which another one begins overlaps with it."""
    write, read = operations_of(events_of([("write", "a", "ok", 0, 1), ("read", "a", "ok", 2, 3)]))

    def finding(found, *moments):
        timed = zip((write, replace(read, value=found)), moments, strict=True)
        history = [replace(one, called=c, returned=r) for one, (c, r) in timed]
        assert check(history[::-1], after, None).finding is check(history, after, None).finding
        return check(history, after, None).finding

    for found in (None, "a"):
        assert finding(found, (5, 5), (5, 5)) is YES
        assert finding(found, (0, 5), (5, 9)) is YES
        assert finding(found, (5, 9), (5, 5)) is YES
    assert finding(None, (0, 4), (5, 5)) is NO
    assert finding("a", (6, 6), (5, 5)) is NO


def long_history(chance, count):
    """What a real register gave: five processes, two thousand operations, some without an end."""
    rows, state, waiting, names = [], None, {}, iter(range(10**6))
    processes = [next(names) for _ in range(5)]
    for number in range(count):
        place = chance.randrange(5)
        process = processes[place]
        if process not in waiting:
            f = chance.choice(("read", "write", "cas"))
            value = {"read": None, "write": number, "cas": (state, number)}[f]
            waiting[process] = [f, value, None]
            rows.append((process, "invoke", f, value))
            continue
        f, value, _ = waiting.pop(process)
        kind = "info" if chance.random() < 0.01 else "ok"
        if f == "read":
            value = state
        elif f == "write" or value[0] == state:
            state = value if f == "write" else value[1]
        else:
            kind = "fail"
        rows.append((process, kind, f, value))
        if kind == "info":
            processes[place] = next(names)
    return rows


def test_a_long_history_is_judged_and_one_wrong_answer_in_it_is_found():
    rows = long_history(Random(3), 4_000)
    assert judge(rows, fail_compares=True) is YES
    reads = [
        i for i, (_, kind, f, value) in enumerate(rows) if (kind, f) == ("ok", "read") and value
    ]
    place = reads[len(reads) // 2]
    process, kind, f, _ = rows[place]
    old = next(value for _, kind, f, value in rows if (kind, f) == ("ok", "write"))
    stale = [*rows[:place], (process, kind, f, old), *rows[place + 1 :]]
    assert judge(stale) is NO
    made_up = [*rows[:place], (process, kind, f, -1), *rows[place + 1 :]]
    (verdict,) = verdicts(operations_of(made_up)).values()
    assert (verdict.finding, verdict.stuck.value, verdict.steps) == (NO, -1, 0)


def test_what_can_not_be_known_soon_is_told_as_unknown():
    """Twenty writes of which nobody knows anything, and a read of what none of them leaves."""
    rows = [(process, "invoke", "append", chr(97 + process)) for process in range(20)]
    rows += [(99, "invoke", "read", None), (99, "ok", "read", "zz")]
    assert judge(rows, steps=20_000) is UNKNOWN
