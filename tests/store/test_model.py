"""All commands against a simple model: a dict from keys to values, None being a directory.

The model knows nothing of events, deadlines or shared trees. And whatever happened, what the store
keeps in several places (tree, count, checksum, deadlines, history, JSON) must say the same.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.store import EtcdError, Event, Store
from learnetcd.store.node import SECOND_NS
from learnetcd.store.saved import restored, saved

NOW = 1_700_000_000 * SECOND_NS
NAMES = st.sampled_from(["a", "b", "_h", "ü"])
KEYS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
VALUES = st.sampled_from(["", "1", "2", "<&>\u2028"])
LIFE = st.fixed_dictionaries(
    {"expires_ns": st.sampled_from([None, None, NOW, NOW + 1, NOW + 7 * SECOND_NS])}
)
REFRESH = st.fixed_dictionaries({"refresh": st.sampled_from([False, False, True])})
PREVIOUS = st.fixed_dictionaries(
    {"prev_value": st.sampled_from(["", "1", "2"]), "prev_index": st.sampled_from([0, 1, 2, 3])}
)
IS_DIR = st.fixed_dictionaries({"is_dir": st.booleans()})


def options(*parts):
    return st.tuples(*parts).map(lambda dicts: {name: one[name] for one in dicts for name in one})


COMMAND = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES, options(IS_DIR, LIFE, REFRESH)),
    st.tuples(st.just("set"), KEYS, VALUES, options(IS_DIR, LIFE)),
    st.tuples(st.just("create"), KEYS, VALUES, options(IS_DIR, LIFE)),
    st.tuples(st.just("create"), KEYS, VALUES, options(st.just({"in_order": True}), LIFE)),
    st.tuples(st.just("update"), KEYS, VALUES, options(LIFE, REFRESH)),
    st.tuples(st.just("compare_and_swap"), KEYS, VALUES, options(PREVIOUS, LIFE, REFRESH)),
    st.tuples(
        st.just("delete"),
        KEYS,
        st.none(),
        options(IS_DIR, st.fixed_dictionaries({"recursive": st.booleans()})),
    ),
    st.tuples(st.just("compare_and_delete"), KEYS, st.none(), PREVIOUS),
    st.tuples(st.just("expire_next"), st.just(""), st.none(), st.just({})),
)
COMMANDS = st.lists(COMMAND, max_size=25)


def run(store, command):
    action, key, value, given_options = command
    try:
        if action == "expire_next":
            return store.expire_next(NOW + 1)
        method = getattr(store, action)
        return (
            method(key, **given_options) if value is None else method(key, value, **given_options)
        )
    except EtcdError as error:
        return error


def after(model, command, event):
    """What the dict holds after a command that was done."""
    action, key, value, given_options = command
    key = event.node.key
    if action in {"delete", "compare_and_delete", "expire_next"}:
        return {one: kept for one, kept in model.items() if not (one + "/").startswith(key + "/")}
    changed = dict(model)
    names = key.split("/")
    for end in range(2, len(names)):
        changed["/".join(names[:end])] = None
    if given_options.get("refresh"):
        value = model[key] or ""
    is_dir = given_options.get("is_dir", key in model and model[key] is None)
    changed[key] = None if is_dir else value
    return changed


def refusal(model, command):
    """The code that a command is refused with by the dict alone; 0 if it is not."""
    action, key, value, given_options = command
    names = key.split("/")
    on_the_way = ["/".join(names[:end]) for end in range(2, len(names))]
    if given_options.get("in_order"):
        on_the_way.append(key)
        key = "/no/such/key"
    if any(model.get(one) is not None for one in on_the_way):
        return 104
    there, is_dir = key in model, key in model and model[key] is None
    must_be_there = action in {"update", "compare_and_swap", "delete", "compare_and_delete"}
    if (must_be_there or given_options.get("refresh")) and not there:
        return 100
    match action:
        case "create" if there:
            return 105
        case "set" | "compare_and_swap" | "compare_and_delete" if is_dir:
            return 102
        case "update" if is_dir and value:
            return 102
        case "delete" if is_dir and not given_options["is_dir"] | given_options["recursive"]:
            return 102
        case "delete" if is_dir and not given_options["recursive"]:
            return 108 if any(one.startswith(key + "/") for one in model) else 0
    return 0


@settings(max_examples=3 * settings.default.max_examples)
@given(COMMANDS)
def test_the_store_holds_what_a_dict_of_keys_would_hold_and_refuses_what_it_would_refuse(commands):
    store, model = Store(), {}
    for command in commands:
        writes = store.etcd_index
        result = run(store, command)
        if result is None:
            continue
        if isinstance(result, EtcdError):
            assert result.index == store.etcd_index == writes
            assert result.code in {refusal(model, command), 101}
            if result.code == 101:
                assert refusal(model, command) == 0
                assert command[0] in {"compare_and_swap", "compare_and_delete"}
        else:
            assert command[0] == "expire_next" or refusal(model, command) == 0
            assert result.node.modified_index == store.etcd_index == writes + 1
            before, model = model, after(model, command, result)
            if result.prev_node is not None:
                assert result.prev_node.value == before[result.prev_node.key]
        assert {node.key: node.value for node in store.nodes()} == model
    check(store)


@given(COMMANDS, COMMANDS, COMMANDS)
def test_a_fork_and_its_origin_go_separate_ways(before, here, there):
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
    for one, expected in ((store, expected_here), (fork, expected_there)):
        assert saved(one) == saved(expected)
        assert one.digest() == expected.digest()
        check(one)


def check(store):
    """What is kept in several places says the same."""
    nodes = store.nodes()
    assert len(store) == len(nodes)
    due = sorted((node.expires_ns, node.key) for node in nodes if node.expires_ns is not None)
    assert [one for row in store.deadlines._rows for one in row] == due
    assert store.deadlines.first() == (due[0] if due else None)
    assert [event.node.modified_index for event in store.history] == list(
        range(1, store.etcd_index + 1)
    )
    for node in nodes:
        assert 1 <= node.created_index <= node.modified_index <= store.etcd_index
        assert node.ttl == 0
        assert not node.nodes
    files = [node.modified_index for node in nodes if not node.is_dir]
    assert len(set(files)) == len(files)
    again = restored(saved(store))
    assert again.digest() == store.digest()
    assert saved(again) == saved(store)
    assert list(again.history) == list(store.history)


@pytest.mark.parametrize("recursive", [False, True])
@given(commands=COMMANDS)
@settings(max_examples=settings.default.max_examples // 2)
def test_a_directory_lists_what_is_in_it_sorted_and_without_what_is_hidden(commands, recursive):
    store = Store()
    for command in commands:
        run(store, command)
    event = store.get("/", recursive=recursive)
    assert isinstance(event, Event)
    listed = [node for node in walk(event.node) if node.key != "/"]
    assert [node.key for node in listed] == [
        node.key
        for node in store.nodes()
        if "/_" not in node.key and (recursive or node.key.count("/") == 1)
    ]


def walk(node):
    yield node
    for one in node.nodes:
        yield from walk(one)
