"""The search against all orders, tried one by one; and against histories whose verdict is known."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.checking.history import SOME_VALUE, Operation, Told, after, same_branch
from learnetcd.checking.linearizability import Finding, Impossible, check
from learnetcd.member.request import KeyRequest, Method, ReadKind

LINEARIZABLE, NOT, UNKNOWN = Finding.LINEARIZABLE, Finding.NOT_LINEARIZABLE, Finding.UNKNOWN


def put(called, returned, value, found=None, *, done=True, **conditions):
    request = KeyRequest(Method.PUT, "/x", value, **conditions)
    told = None if returned is None else Told(done, found)
    return Operation("put", called, returned, request, told)


def get(called, returned, value):
    request = KeyRequest(Method.GET, "/x", read=ReadKind.QUORUM)
    return Operation("get", called, returned, request, Told(value is not None, value))


def delete(called, returned, found):
    request = KeyRequest(Method.DELETE, "/x")
    told = None if returned is None else Told(found is not None, found)
    return Operation("delete", called, returned, request, told)


@pytest.mark.parametrize(
    ("claim", "operations", "finding"),
    [
        ("nothing happened", [], LINEARIZABLE),
        ("a read sees the write before it", [put(0, 1, "a"), get(2, 3, "a")], LINEARIZABLE),
        ("a read misses the write before it", [put(0, 1, "a"), get(2, 3, None)], NOT),
        ("a read during a write may see it", [put(0, 5, "a"), get(1, 2, "a")], LINEARIZABLE),
        ("or may not", [put(0, 5, "a"), get(1, 2, None)], LINEARIZABLE),
        ("but not go back", [put(0, 9, "a"), get(1, 2, "a"), get(3, 4, None)], NOT),
        ("a value that nobody wrote", [get(0, 1, "made up")], NOT),
        ("a write without an answer may be done late", [put(0, None, "a"), get(50, 51, "a")],
         LINEARIZABLE),
        ("or never", [put(0, None, "a"), get(50, 51, None)], LINEARIZABLE),
        ("but not be undone", [put(0, None, "a"), get(5, 6, "a"), get(7, 8, None)], NOT),
        ("two writers see each other", [put(0, 5, "a", None), put(0, 5, "b", "a")], LINEARIZABLE),
        ("they can't both be first", [put(0, 5, "a", None), put(0, 5, "b", None)], NOT),
        ("a swap without an answer may have failed",
         [put(0, 1, "a"), put(2, None, "b", prev_value="other"), get(3, 4, "a")], LINEARIZABLE),
        ("a swap that was refused finds some other value",
         [put(0, 1, "a"), put(2, 3, "b", SOME_VALUE, done=False, prev_value="z")], LINEARIZABLE),
        ("a swap that was refused though it fitted",
         [put(0, 1, "a"), put(2, 3, "b", SOME_VALUE, done=False, prev_value="a")], NOT),
        ("only one of two creates is done",
         [put(0, 5, "a", None, prev_exist=False), put(0, 5, "b", None, prev_exist=False)], NOT),
        ("a delete of what is not there is refused", [delete(0, 1, None)], LINEARIZABLE),
        ("a delete gives what was there", [put(0, 1, "a"), delete(2, 3, "a"), get(4, 5, None)],
         LINEARIZABLE),
    ],
)  # fmt: skip
def test_the_verdict_is_the_one_that_everybody_can_see(claim, operations, finding):
    assert check(operations, after, None).finding is finding, claim


times = st.tuples(st.integers(0, 12), st.integers(1, 8))
values = st.sampled_from(["a", "b"])
found = st.sampled_from([None, "a", "b"])


@st.composite
def operations(draw):
    called, length = draw(times)
    returned = called + length
    match draw(st.integers(0, 3)):
        case 0:
            end = draw(st.sampled_from([returned, returned, None]))
            return put(called, end, draw(values), draw(found))
        case 1:
            return get(called, returned, draw(found))
        case 2:
            return delete(called, draw(st.sampled_from([returned, None])), draw(found))
        case _:
            done = draw(st.booleans())
            seen = draw(values) if done else draw(st.sampled_from([None, SOME_VALUE]))
            end = draw(st.sampled_from([returned, None]))
            return put(called, end, draw(values), seen, done=done, prev_value=draw(values))


def possible(history):
    """Whether any order of any choice of the unanswered ones explains all answers."""
    known = [one for one in history if one.returned is not None]
    open_ = [one for one in history if one.returned is None]
    for chosen in product([False, True], repeat=len(open_)):
        took_part = known + [one for one, done in zip(open_, chosen, strict=True) if done]
        if any(explains(order) for order in permutations(took_part)):
            return True
    return False


def explains(order):
    value = None
    for place, one in enumerate(order):
        if any(later.returned is not None and later.returned < one.called
               for later in order[place + 1 :]):  # fmt: skip
            return False
        value = after(value, one)
        if isinstance(value, Impossible):
            return False
    return True


@given(st.lists(operations(), max_size=5))
def test_the_search_finds_what_trying_all_orders_finds(history):
    verdict = check(history, after, None)
    assert (verdict.finding is LINEARIZABLE) == possible(history)
    assert verdict.finding is not UNKNOWN


@given(st.lists(operations(), max_size=6))
def test_the_order_that_is_shown_explains_its_answers(history):
    verdict = check(history, after, None)
    assert explains(verdict.order)
    if verdict.finding is NOT:
        assert verdict.order.count(verdict.stuck) < history.count(verdict.stuck)


def test_a_search_that_is_too_long_says_that_it_does_not_know():
    history = [put(0, 9, "a", f"unseen {number}") for number in range(9)]
    assert check(history, after, None, steps=3).finding is UNKNOWN


def test_a_long_history_of_a_good_system_is_judged_at_once():
    history = []
    for number in range(2000):
        before = None if number == 0 else str(number - 1)
        history.append(put(number * 10, number * 10 + 14, str(number), before))
    verdict = check(history, after, None)
    assert verdict.finding is LINEARIZABLE
    assert verdict.steps < 20_000


@pytest.mark.parametrize(
    ("key", "other", "same"),
    [("/a", "/a", True), ("/a", "/a/b", True), ("/a/b", "/a", True), ("/a", "/ab", False)],
)
def test_keys_of_one_branch_are_not_judged_alone(key, other, same):
    assert same_branch(key, other) is same
