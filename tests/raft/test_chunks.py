"""Chunks: a list by absolute index, whose forks are cheap and independent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.raft.chunks import SIZE, Chunks

steps = st.lists(
    st.tuples(
        st.sampled_from(["append", "extend", "truncate", "drop", "set", "fork"]),
        st.integers(0, 300),
    ),
    max_size=30,
)


def check(chunks: Chunks[int], items: list[int], start: int) -> None:
    assert (chunks.start, chunks.end) == (start, start + len(items))
    assert len(chunks) == len(items)
    assert list(chunks) == items
    for place in {0, len(items) // 2, len(items) - 1} if items else set():
        assert chunks[start + place] == items[place]


@settings(max_examples=2 * settings.default.max_examples)
@given(st.integers(0, 200), st.integers(0, 200), steps)
def test_it_behaves_like_a_list_and_its_forks_do_not_share_changes(start, size, script):
    items = list(range(size))
    chunks = Chunks(items, start=start)
    forks: list[tuple[Chunks[int], list[int], int]] = []
    for step, number in script:
        match step:
            case "append":
                chunks.append(number)
                items = [*items, number]
            case "extend":
                chunks.extend(range(number))
                items = [*items, *range(number)]
            case "truncate":
                cut = start + number % (len(items) + 1)
                chunks.truncate(cut)
                items = items[: cut - start]
            case "drop":
                first = start + number % (len(items) + 1)
                chunks.drop_before(first)
                items, start = items[first - start :], first
            case "set" if items:
                place = number % len(items)
                chunks[start + place] = -number
                items = [*items[:place], -number, *items[place + 1 :]]
            case "fork":
                # Go on with the fork or with the original: both must stay what they are.
                fork = chunks.fork()
                forks.append((chunks, items, start) if number % 2 else (fork, items, start))
                chunks = fork if number % 2 else chunks
        check(chunks, items, start)
    for each in forks:
        check(*each)


@given(st.integers(0, 5), st.integers(0, 200), st.integers(0, 250), st.integers(0, 250))
def test_a_slice_is_the_slice_of_the_list(start, size, low, high):
    items = list(range(size))
    chunks = Chunks(items, start=start)
    low, high = sorted((low % (size + 1), high % (size + 1)))
    assert chunks.slice(start + low, start + high) == items[low:high]


def test_an_item_that_was_dropped_is_not_found_or_replaced():
    chunks = Chunks(range(200), start=1)
    chunks.drop_before(100)
    with pytest.raises(IndexError, match="item 99 was dropped; the first is 100"):
        chunks[99]
    with pytest.raises(IndexError, match="was dropped"):
        chunks[99] = 0


def test_an_item_beyond_the_end_is_not_found():
    with pytest.raises(IndexError):
        Chunks(range(3), start=1)[4]


def test_dropping_the_front_twice_or_backwards_changes_nothing():
    chunks = Chunks(range(10), start=1)
    chunks.drop_before(5)
    chunks.drop_before(3)
    assert (chunks.start, chunks.end) == (5, 11)


def test_a_fork_shares_whole_chunks():
    chunks = Chunks(range(10 * SIZE), start=1)
    fork = chunks.fork()
    assert all(a is b for a, b in zip(chunks._chunks, fork._chunks, strict=True))
