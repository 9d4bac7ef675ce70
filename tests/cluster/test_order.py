"""Whoever is told of an index that does not fit is noticed, whatever key it was about."""

from learnetcd.member.request import KeyRequest, Method
from learnetcd.survival.book import Heard, Seen
from learnetcd.survival.order import disorder

QUEUE = "/trial/queues/0"
NAMES = [f"{QUEUE}/{number:020}" for number in (11, 12, 13)]
POST, LIST = KeyRequest(Method.POST, QUEUE), KeyRequest(Method.GET, QUEUE, recursive=True)
FIRST, SECOND = Seen(11, "create", NAMES[0], "q1"), Seen(12, "create", NAMES[1], "q2")
TAKEN = Seen(13, "compareAndDelete", NAMES[0], None)


def posted(seen, called, returned):
    return Heard("q1", "http://m1", called, returned, POST, seen.index, 7, seen, None)


def listed(index, called, returned, *seen):
    held = frozenset((one.key, one.value) for one in seen)
    return Heard("q2", "http://m2", called, returned, LIST, index, 7, None, held)


def found(heard, history):
    return list(disorder(heard, history))


def test_requests_at_the_same_time_may_come_in_any_order():
    heard = [
        posted(FIRST, 1.0, 4.0),
        posted(SECOND, 1.0, 2.0),
        listed(12, 3.0, 5.0, FIRST, SECOND),
        listed(11, 1.0, 5.0, FIRST),
        listed(13, 1.0, 5.0, SECOND),
    ]
    assert found(heard, [FIRST, SECOND, TAKEN]) == []


def test_who_asks_later_and_is_told_of_an_earlier_index_is_noticed():
    late = [posted(SECOND, 1.0, 2.0), posted(FIRST, 3.0, 4.0)]
    (said,) = found(late, [FIRST, SECOND])
    assert "q1 was told of index 11" in said
    old = [posted(SECOND, 1.0, 2.0), listed(11, 3.0, 4.0, FIRST)]
    (said,) = found(old, [FIRST, SECOND])
    assert "q2 was told of index 11" in said


def test_one_event_for_two_requests_is_noticed():
    heard = [posted(FIRST, 1.0, 2.0), posted(FIRST, 1.0, 3.0)]
    assert found(heard, [FIRST]) == ["2 requests were told that they are event 11"]


def test_a_list_in_which_something_is_missing_or_too_much_is_noticed():
    for seen in ([FIRST], [FIRST, SECOND, Seen(12, "create", NAMES[2], "q3")]):
        (said,) = found([listed(12, 1.0, 2.0, *seen)], [FIRST, SECOND])
        assert "q2 was told at index 12" in said


def test_a_name_that_is_not_the_index_is_noticed():
    odd = Seen(11, "create", NAMES[1], "q1")
    assert found([], [odd]) == [f"event 11 made the key {NAMES[1]}"]


def test_a_key_that_is_taken_twice_is_noticed():
    again = Seen(14, "compareAndDelete", NAMES[0], None)
    (said,) = found([], [FIRST, SECOND, TAKEN, again])
    assert said.startswith(f"event 14 removes {NAMES[0]}")


def test_a_directory_goes_with_all_that_is_in_it():
    gone = Seen(13, "delete", QUEUE, None)
    heard = [listed(12, 1.0, 2.0, FIRST, SECOND), listed(13, 3.0, 4.0)]
    assert found(heard, [FIRST, SECOND, gone]) == []
