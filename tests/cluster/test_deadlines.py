"""A key that goes too early or stays too long is noticed; and nobody is blamed who may be right."""

from learnetcd.member.request import KeyRequest, Method
from learnetcd.survival.book import Book, Expired, Heard, Seen
from learnetcd.survival.deadlines import broken_deadlines

KEY = "/trial/holds/h1-1"
SET = KeyRequest(Method.PUT, KEY, "h1-1", ttl=2)
OTHER = KeyRequest(Method.PUT, "/trial/0/a", "c1-1")


def given(index, called, deadline):
    """The key got a deadline."""
    seen = Seen(index, "set", KEY, "h1-1")
    returned = called + 0.1
    return Heard("h1", "http://m1", called, returned, SET, index, 7, seen, None, deadline)


def wrote(index, called, term=7, server="http://m1"):
    """Something else was done."""
    seen = Seen(index, "set", "/trial/0/a", "c1-1")
    return Heard("c1", server, called, called + 0.1, OTHER, index, term, seen, None)


def expired(index, seen, modified_index=10, deadline=12.0):
    return Expired(KEY, index, modified_index, deadline, seen)


def found(heard, *ends, stores=None):
    book = Book(heard=list(heard), expired={one.index: one for one in ends})
    return list(broken_deadlines(book, stores or {}))


def test_a_key_that_goes_when_its_time_is_over_is_in_order():
    assert found([given(10, 10.0, 12.0), wrote(12, 12.4)], expired(11, 12.3)) == []


def test_a_key_that_is_gone_before_its_time_is_noticed_by_whoever_hears_first():
    (said,) = found([given(10, 10.0, 12.0)], expired(11, 11.5))
    assert "gone at index 11 by 11.50" in said
    (said,) = found([given(10, 10.0, 12.0), wrote(12, 11.0)], expired(11, 12.5))
    assert "gone at index 11 by 11.10" in said


def test_a_deadline_that_was_counted_wrongly_is_noticed():
    for deadline in (11.9, 12.3):
        (said,) = found([given(10, 10.0, deadline)])
        assert f"was given until {deadline:.2f}" in said


def test_a_refresh_that_was_forgotten_is_noticed():
    refreshed = given(11, 11.0, 13.0)
    (said,) = found([given(10, 10.0, 12.0), refreshed], expired(12, 13.5))
    assert "though it had another one since index 11" in said
    by_the_last = expired(12, 13.5, modified_index=11, deadline=13.0)
    assert found([given(10, 10.0, 12.0), refreshed], by_the_last) == []


def others(calls, terms):
    """Other writes, before the key expires at index 90."""
    both = zip(calls, terms, strict=True)
    return [wrote(index, called, term) for index, (called, term) in enumerate(both, 20)]


def test_a_leader_who_works_and_lets_a_key_stay_is_noticed():
    calls = [9.0, 12.5, 13.5, 14.5, 15.5]
    (said,) = found(others(calls, [7] * 5), expired(90, 16.0))
    assert "expired at index 90" in said
    assert "the leader of term 7 did other things all the time" in said


def test_who_was_just_elected_or_away_is_not_blamed():
    calls = [9.0, 12.5, 13.5, 14.5, 15.5]
    assert found(others(calls, [7, 7, 7, 8, 8]), expired(90, 16.0)) == []
    for calls in ([9.0, 12.5, 15.2, 15.5], [12.5, 14.5, 15.5, 16.5, 17.5]):
        assert found(others(calls, [7] * len(calls)), expired(90, 18.0)) == []


def test_a_term_that_was_seen_once_proves_no_leader():
    """Who campaigns is in a new term before anybody leads it."""
    calls = [12.5, 13.5, 14.5, 15.5]
    each = [
        wrote(20 + place, called, server=f"http://{place}") for place, called in enumerate(calls)
    ]
    assert found(each, expired(90, 16.0)) == []


def test_what_is_still_there_at_the_end_is_noticed():
    leaf = {"key": KEY, "value": "h1-1", "expiration": "2026-01-01T00:00:00Z"}
    (said,) = found([], stores={"m1": {"tree": {"dir": True, "nodes": [leaf]}}})
    assert f"m1 still holds {KEY}" in said
