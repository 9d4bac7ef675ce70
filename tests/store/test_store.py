"""The store against what etcd does, and against the simplest model: a dict."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.store import EtcdError, Event, Node, Store

KEYS = st.sampled_from(["/a", "/b", "/c", "/ü", "/d"])
COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.text(max_size=5)),
        st.tuples(st.just("delete"), KEYS, st.just("")),
        st.tuples(st.just("get"), KEYS, st.just("")),
    ),
    max_size=40,
)


def run(store: Store, command: tuple[str, str, str]) -> Event | EtcdError:
    action, path, value = command
    try:
        match action:
            case "set":
                return store.set(path, value)
            case "delete":
                return store.delete(path)
            case _:
                return store.get(path)
    except EtcdError as error:
        return error


# --- what etcd does -----------------------------------------------------------------------------


def test_a_first_set_makes_the_key_and_has_no_previous_node():
    event = Store().set("/greeting", "hello")
    assert event == Event("set", Node("/greeting", "hello", 1, 1), None)
    assert event.created


def test_a_plain_set_over_an_old_key_gives_it_a_new_created_index():
    """Etcd keeps the created index for update and compare-and-swap only."""
    store = Store()
    store.set("/x", "1")
    event = store.set("/x", "2")
    assert event == Event("set", Node("/x", "2", 2, 2), Node("/x", "1", 1, 1))
    assert not event.created


def test_a_delete_tells_what_was_there_and_counts_as_the_last_change_of_the_node():
    store = Store()
    store.set("/x", "1")
    assert store.delete("/x") == Event("delete", Node("/x", None, 1, 2), Node("/x", "1", 1, 1))
    assert store.etcd_index == 2


def test_a_get_changes_nothing():
    store = Store()
    store.set("/x", "1")
    before = store.digest()
    assert store.get("/x") == Event("get", Node("/x", "1", 1, 1))
    assert store.digest() == before


@pytest.mark.parametrize("action", ["get", "delete"])
def test_a_key_that_is_not_there_is_error_100_and_leaves_the_index_alone(action: str):
    store = Store()
    store.set("/x", "1")
    error = run(store, (action, "/y", ""))
    assert error == EtcdError(100, cause="/y", index=1)
    assert str(error) == "100: Key not found (/y) [1]"
    assert store.etcd_index == 1


def test_an_empty_value_is_a_value():
    store = Store()
    store.set("/x", "")
    assert store.get("/x").node.value == ""


@pytest.mark.parametrize("path", ["x", "/x", "//x", "/x/", "/./x", "/y/../x", "/../x"])
def test_every_way_to_write_a_path_names_the_same_key(path: str):
    store = Store()
    assert store.set(path, "1").node.key == "/x"
    assert store.get("/x").node.value == "1"


@pytest.mark.parametrize("path", ["", "/", "/a/b", "/x/.."])
def test_what_needs_directories_is_refused_before_anything_happens(path: str):
    store = Store()
    with pytest.raises(UserError):
        store.set(path, "1")
    assert store.etcd_index == 0


# --- against a dict -----------------------------------------------------------------------------


@given(COMMANDS)
def test_the_store_holds_what_a_dict_would_hold(commands: list[tuple[str, str, str]]):
    store = Store()
    model: dict[str, str] = {}
    writes = 0
    for action, path, value in commands:
        was = model.get(path)
        event = run(store, (action, path, value))
        if action != "set" and was is None:
            assert event == EtcdError(100, path, writes)
            continue
        assert isinstance(event, Event)
        if action == "set":
            model[path] = value
        elif action == "delete":
            del model[path]
        if action != "get":
            writes += 1
            assert (event.prev_node.value if event.prev_node else None) == was
            assert event.node.modified_index == writes
        else:
            assert event.node.value == was
        assert store.etcd_index == writes
    assert {node.key: node.value for node in store.nodes()} == model
    assert len(store) == len(model)


@given(COMMANDS)
def test_no_node_is_changed_before_it_was_made_or_at_the_index_of_another(
    commands: list[tuple[str, str, str]],
):
    store = Store()
    for command in commands:
        run(store, command)
    indexes = [node.modified_index for node in store.nodes()]
    assert len(set(indexes)) == len(indexes)
    for node in store.nodes():
        assert 1 <= node.created_index <= node.modified_index <= store.etcd_index


@given(COMMANDS, COMMANDS, COMMANDS)
def test_a_fork_and_its_origin_go_separate_ways(
    before: list[tuple[str, str, str]],
    here: list[tuple[str, str, str]],
    there: list[tuple[str, str, str]],
):
    store, expected_here, expected_there = Store(), Store(), Store()
    for command in before:
        run(store, command)
    fork = store.fork()
    for command in [*before, *here]:
        run(expected_here, command)
    for command in [*before, *there]:
        run(expected_there, command)
    # In turns, so that a shared part that is written by one would be seen by the other.
    for number in range(max(len(here), len(there))):
        for each, commands in ((store, here), (fork, there)):
            if number < len(commands):
                run(each, commands[number])
    assert store.nodes() == expected_here.nodes()
    assert fork.nodes() == expected_there.nodes()
    assert store.digest() == expected_here.digest()
    assert fork.digest() == expected_there.digest()


# --- the digest ---------------------------------------------------------------------------------


@given(COMMANDS, COMMANDS)
def test_two_stores_have_one_digest_exactly_if_they_have_one_content(
    some: list[tuple[str, str, str]], others: list[tuple[str, str, str]]
):
    one, other = Store(), Store()
    for command in some:
        run(one, command)
    for command in others:
        run(other, command)
    same = (one.etcd_index, one.nodes()) == (other.etcd_index, other.nodes())
    assert (one.digest() == other.digest()) == same


def test_a_deleted_key_leaves_nothing_in_the_digest_but_the_index():
    store, other = Store(), Store()
    store.set("/x", "1")
    store.delete("/x")
    other.set("/y", "2")
    other.delete("/y")
    assert store.digest() == other.digest() != Store().digest()


def test_what_was_overwritten_leaves_nothing_in_the_digest():
    store, other = Store(), Store()
    store.set("/x", "1")
    other.set("/x", "2")
    assert store.digest() != other.digest()
    store.set("/x", "3")
    other.set("/x", "3")
    assert store.digest() == other.digest()


def test_key_and_value_are_not_run_together_in_the_digest():
    one, other = Store(), Store()
    one.set("/ab", "c")
    other.set("/a", "bc")
    assert one.digest() != other.digest()


@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_the_digest_is_the_same_on_every_machine(hash_seed: str):
    """Python hashes strings differently in each process; nothing of that may show."""
    program = (
        "from learnetcd.store import Store\n"
        "store = Store()\n"
        "for number in range(100): store.set(f'/k{number}', 'ü' * number)\n"
        "print(store.digest())\n"
    )
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "d210dbb347e37482180e33f87e395dc3"


# --- its price ----------------------------------------------------------------------------------


def test_a_fork_of_ten_thousand_keys_shares_all_but_what_is_written():
    store = Store()
    for number in range(10_000):
        store.set(f"/k{number}", "v")
    fork = store.fork()
    assert fork._nodes is store._nodes
    fork.set("/k7", "other")
    assert [node.value for node in store.nodes()] == ["v"] * 10_000
    assert (store.get("/k7").node.value, fork.get("/k7").node.value) == ("v", "other")
    untouched = sum(
        fork._nodes.get(f"/k{number}") is store._nodes.get(f"/k{number}")
        for number in range(10_000)
    )
    assert untouched == 9_999
    # Of the 32 branches below the root, one was made anew.
    assert isinstance(store._nodes._root, tuple)
    assert isinstance(fork._nodes._root, tuple)
    made = [a is not b for a, b in zip(store._nodes._root, fork._nodes._root, strict=True)]
    assert sum(made) == 1
