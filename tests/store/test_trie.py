"""The hash trie against a dict, also where keys collide."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.store import trie
from learnetcd.store.trie import HashTrie

CHANGES = st.lists(st.tuples(st.integers(0, 120), st.booleans()), max_size=300)


@pytest.mark.parametrize(
    "place_of",
    [
        trie.place_of,
        lambda key: 7,  # all in one leaf, at the deepest place
        lambda key: int(key) % 3,  # three leaves that grow for ever
        lambda key: int(key) << 28,  # apart only by the last bits that are looked at
    ],
)
def test_a_trie_holds_what_a_dict_holds(
    place_of: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trie, "place_of", place_of)

    @given(CHANGES)
    def holds(changes: list[tuple[int, bool]]):
        tree: HashTrie[int] = HashTrie()
        model: dict[str, int] = {}
        for number, (key_number, adds) in enumerate(changes):
            key = str(key_number)
            if adds:
                tree = tree.with_item(key, number)
                model[key] = number
            elif key in model:
                tree = tree.without(key)
                del model[key]
            assert tree.get(key) == model.get(key)
        assert tree.items() == sorted(model.items())
        assert tree.count == len(model)

    holds()


def test_a_large_trie_finds_and_loses_each_of_its_keys():
    tree: HashTrie[int] = HashTrie()
    for number in range(5_000):
        tree = tree.with_item(str(number), number)
    assert [tree.get(str(number)) for number in range(5_000)] == list(range(5_000))
    assert tree.items() == sorted((str(number), number) for number in range(5_000))
    for number in range(0, 5_000, 2):
        tree = tree.without(str(number))
    assert [number for number in range(5_000) if tree.get(str(number)) is None] == list(
        range(0, 5_000, 2)
    )
    assert tree.count == 2_500


@given(CHANGES)
def test_every_older_version_stays_as_it_was(changes: list[tuple[int, bool]]):
    tree: HashTrie[int] = HashTrie()
    versions = []
    model: dict[str, int] = {}
    for number, (key_number, _) in enumerate(changes):
        tree = tree.with_item(str(key_number), number)
        model[str(key_number)] = number
        versions.append((tree, sorted(model.items())))
    for version, items in versions:
        assert version.items() == items


def test_zero_and_other_false_values_are_values():
    tree: HashTrie[int] = HashTrie().with_item("x", 0).with_item("x", 0)
    assert tree.count == 1
    assert tree.get("x") == 0
