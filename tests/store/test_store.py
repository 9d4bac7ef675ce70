"""The store against what etcd does, and against the simplest model: a dict."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.store import EtcdError, Event, Node, Store
from learnetcd.store.node import SECOND_NS
from learnetcd.store.tree import find, node_of

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


@pytest.mark.parametrize("path", ["", "/", "/x/.."])
@pytest.mark.parametrize("action", ["set", "create", "update", "compare_and_swap", "delete"])
def test_the_root_can_not_be_changed(path: str, action: str):
    store = Store()
    with pytest.raises(EtcdError) as refused:
        getattr(store, action)(path)
    assert refused.value == EtcdError(107, "/", 0)


def test_what_was_always_there_can_not_be_changed_and_is_no_write():
    store = Store(["0", "1"])
    assert store.etcd_index == 0
    assert [node.key for node in store.nodes()] == ["/0", "/1"]
    for action in (store.set, store.create, store.update, store.compare_and_swap, store.delete):
        with pytest.raises(EtcdError) as refused:
            action("/1", recursive=True) if action == store.delete else action("/1")
        assert refused.value == EtcdError(107, "/", 0)
    with pytest.raises(EtcdError) as refused:
        store.compare_and_delete("/1", prev_index=7)
    assert refused.value.code == 102  # etcd does not think of it there; nothing is lost by it
    assert store.set("/1/x", "1").node.modified_index == 1


def test_a_key_can_lie_deep_but_not_without_end():
    """Etcd takes any depth: a difference that is marked on the page."""
    store = Store()
    store.set("/d" * 200, "deep")
    with pytest.raises(EtcdError) as refused:
        store.set("/d" * 201, "deeper")
    assert refused.value.code in {104, 209}
    with pytest.raises(EtcdError) as refused:
        store.create("/e" * 201, is_dir=True)
    assert refused.value == EtcdError(209, "a key of more than 200 parts", 1)
    assert len(store.get("/d", recursive=True).node.nodes) == 1
    store.delete("/d", recursive=True)
    assert len(store) == 0


# --- times ---------------------------------------------------------------------------------------

NOW = 1_700_000_000 * SECOND_NS


@pytest.mark.parametrize(
    ("left_ns", "ttl"),
    [
        (10 * SECOND_NS, 10),
        (10 * SECOND_NS - 1, 10),
        (9 * SECOND_NS + 1, 10),
        (1, 1),
        (0, 0),
        (-SECOND_NS + 1, 0),
        (-SECOND_NS, -1),
    ],
)
def test_a_second_that_has_begun_counts_as_a_whole_one(left_ns: int, ttl: int):
    store = Store()
    assert store.set("/x", "1", expires_ns=NOW + left_ns, now_ns=NOW).node.ttl == ttl
    assert store.get("/x", now_ns=NOW).node.ttl == ttl


def test_what_is_due_expires_in_the_order_of_the_deadlines_and_each_counts_as_a_write():
    store = Store()
    for number, key in enumerate(["/c", "/a", "/b"]):
        store.set(key, "v", expires_ns=NOW + number)
    store.set("/stays", "v")
    gone = []
    while event := store.expire_next(NOW + 1):
        gone.append((event.action, event.node.key, event.node.modified_index))
    assert gone == [("expire", "/c", 5), ("expire", "/a", 6)]
    assert [node.key for node in store.nodes()] == ["/b", "/stays"]
    assert store.statistics.counters["expireCount"] == 2


def test_a_deadline_that_was_put_off_or_taken_away_is_forgotten():
    store = Store()
    store.set("/later", "v", expires_ns=NOW)
    store.set("/never", "v", expires_ns=NOW)
    store.set("/new", "v", expires_ns=NOW)
    store.update("/later", refresh=True, expires_ns=NOW + 10)
    store.update("/never", "v")
    store.set("/new", "v")
    assert store.expire_next(NOW + 9) is None
    event = store.expire_next(NOW + 10)
    assert event is not None
    assert event.node.key == "/later"
    assert store.deadlines.first() is None


def test_a_directory_that_expires_takes_the_deadlines_below_it_along():
    store = Store()
    store.set("/d", is_dir=True, expires_ns=NOW)
    store.set("/d/x", "1", expires_ns=NOW + 5)
    store.set("/d/e/y", "2")
    event = store.expire_next(NOW)
    assert event is not None
    assert event.removed_directory
    assert len(store) == len(store.deadlines) == 0


def test_a_deadline_before_the_year_2000_is_none_for_a_new_key_and_long_gone_for_an_old_one():
    """etcd 2.3 store/store.go, minExpireTime, which only internalCreate looks at."""
    store = Store()
    assert store.set("/x", "1", expires_ns=SECOND_NS).node.expires_ns is None
    assert store.update("/x", "1", expires_ns=SECOND_NS).node.expires_ns == SECOND_NS
    assert store.expire_next(2 * SECOND_NS) is not None


# --- statistics ----------------------------------------------------------------------------------


def test_refusals_are_counted_as_etcd_counts_them():
    """Some as success, and a create that finds a file on its way as a failed set as well."""
    store = Store()
    store.set("/f", "1")
    store.set("/d", is_dir=True)
    before = store.fork().statistics.counters
    for refused in (
        lambda: store.update("/d", "value"),
        lambda: store.compare_and_delete("/f", prev_value="2"),
        lambda: store.compare_and_delete("/d", prev_index=2),
        lambda: store.delete("/"),
        lambda: store.compare_and_swap("/f", "3", prev_value="2"),
        lambda: store.create("/f/below"),
        lambda: store.set("/f/below"),
        lambda: store.delete("/d"),
        lambda: store.get("/none"),
    ):
        with pytest.raises(EtcdError):
            refused()
    raised = {
        name: count - before[name]
        for name, count in store.statistics.counters.items()
        if count != before[name]
    }
    assert raised == {
        "updateSuccess": 1,
        "compareAndDeleteSuccess": 2,
        "deleteSuccess": 1,
        "compareAndSwapFail": 1,
        "createFail": 1,
        "setsFail": 2,
        "deleteFail": 1,
        "getsFail": 1,
    }


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


@pytest.mark.outside
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
    assert fork.root is store.root
    fork.set("/k7", "other")
    assert [node.value for node in store.nodes()] == ["v"] * 10_000
    assert (store.get("/k7").node.value, fork.get("/k7").node.value) == ("v", "other")
    theirs, ours = fork.root.children, store.root.children
    untouched = sum(theirs.get(f"k{number}") is ours.get(f"k{number}") for number in range(10_000))
    assert untouched == 9_999
    # Of the 32 branches below the root, one was made anew.
    assert isinstance(ours._root, tuple)
    assert isinstance(theirs._root, tuple)
    made = [a is not b for a, b in zip(ours._root, theirs._root, strict=True)]
    assert sum(made) == 1


def test_a_tree_that_somebody_keeps_stays_as_it_was():
    store = Store()
    store.set("/d/x", "1")
    before = store.root
    store.delete("/d", recursive=True)
    kept = find(before, "/d/x")
    assert kept is not None
    assert node_of(kept).value == "1"
    assert find(store.root, "/d") is None
