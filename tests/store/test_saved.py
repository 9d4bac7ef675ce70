"""The JSON of etcd's snapshots: its own, read and written the same; and what is none, refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.store import EtcdError, Store, timestamp, wording
from learnetcd.store.saved import SavedStoreRefused, restored, saved
from learnetcd.wire import raftpb, snappb

VECTORS = Path(__file__).parent.parent / "vectors"
SNAPSHOTS = sorted(VECTORS.glob("*/**/*.snap"))


def state_in(path):
    """What a snapshot file of etcd holds."""
    return raftpb.Snapshot.decode(snappb.Snapshot.decode(path.read_bytes()).data).data


# --- what etcd wrote ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", SNAPSHOTS, ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_a_store_that_etcd_saved_is_written_the_same_byte_for_byte(path):
    data = state_in(path)
    assert saved(restored(data)) == data


def test_the_commands_in_etcd_s_log_lead_to_what_etcd_saved():
    """The same tree, index, events and statistics; but for reads that etcd makes of its own."""
    log = json.loads((VECTORS / "single/wal.json").read_text(encoding="utf-8"))
    snapshots = {int(path.stem[17:], 16): path for path in SNAPSHOTS if "single" in path.parts}
    store, compared = Store(["0", "1"]), 0
    for record in log["records"]:
        if record["type"] != "entry":
            continue
        apply(store, record["entry"])
        if record["entry"]["index"] in snapshots:
            theirs = restored(state_in(snapshots[record["entry"]["index"]]))
            store.statistics.counters["getsFail"] = theirs.statistics.counters["getsFail"]
            assert without_ttl(saved(store)) == without_ttl(saved(theirs))
            compared += 1
    assert compared == 2


def test_the_answers_of_etcd_are_given_in_its_words():
    """Requests and answers of the same member, from its HTTP interface."""
    store = Store(["0", "1"])
    for _ in range(3):  # what etcd writes before it is ready: itself, its name, the version
        store.set("/0/before")
    for exchange in json.loads((VECTORS / "store/http.json").read_text(encoding="utf-8")):
        entry = exchange.get("entry")
        if entry is None:  # a local read, after two seconds in which a key expired
            while store.expire_next(1_795_341_448_000_000_000):
                pass
            continue
        result = execute(store, entry["request"])
        if isinstance(result, EtcdError):
            text = wording.error(replace_prefix(result))
        else:
            text = wording.event(result).replace('"key":"/1', '"key":"')
        assert without_ttl(text.encode()) == without_ttl(json.dumps(exchange["body"]).encode())


def apply(store, entry):
    if entry["type"] == "conf_change":
        change = entry["conf_change"]
        attributes = json.dumps(
            {"peerURLs": json.loads(change["context"])["peerURLs"]}, separators=(",", ":")
        )
        store.create(f"/0/members/{change['node_id']}/raftAttributes", attributes)
    elif entry.get("request"):
        execute(store, entry["request"])


def execute(store, request):
    """What etcd's apply makes of a request (etcd 3.4 etcdserver/apply_v2.go)."""
    path, value, life = (
        request["Path"],
        request["Val"],
        {"expires_ns": request["Expiration"] or None},
    )
    previous = {"prev_value": request["PrevValue"], "prev_index": request["PrevIndex"]}
    is_dir, refresh = {"is_dir": request["Dir"]}, {"refresh": bool(request["Refresh"])}
    try:
        match request["Method"], request["PrevExist"], any(previous.values()):
            case "SYNC", _, _:
                while store.expire_next(request["Time"]):
                    pass
                return None
            case "QGET", _, _:
                return store.get(path, recursive=request["Recursive"])
            case "POST", _, _:
                return store.create(path, value, in_order=True, **is_dir, **life)
            case "DELETE", _, True:
                return store.compare_and_delete(path, **previous)
            case "DELETE", _, False:
                return store.delete(path, recursive=request["Recursive"], **is_dir)
            case _, False, _:
                return store.create(path, value, **is_dir, **life)
            case _, _, True:
                return store.compare_and_swap(path, value, **previous, **life, **refresh)
            case _, True, False:
                return store.update(path, value, **life, **refresh)
            case _:
                return store.set(path, value, **is_dir, **life, **refresh)
    except EtcdError as error:
        return error


def replace_prefix(error):
    return EtcdError(error.code, error.cause.removeprefix("/1"), error.index)


def without_ttl(text):
    """The document, without seconds that were left on somebody's clock."""

    def strip(value):
        if isinstance(value, dict):
            return {name: strip(one) for name, one in value.items() if name != "ttl"}
        return [strip(one) for one in value] if isinstance(value, list) else value

    return strip(json.loads(text))


# --- what we write ------------------------------------------------------------------------------


@pytest.mark.parametrize("writes", [0, 1, 999, 1000, 1001, 2500])
def test_the_ring_of_events_is_laid_out_as_etcd_would_have_filled_it(writes):
    store = Store(["0", "1"])
    for number in range(writes):
        store.set("/1/x", str(number))
    queue = json.loads(saved(store))["WatcherHub"]["EventHistory"]["Queue"]
    slots, front, back = [None] * 1000, 0, 0
    for index in range(1, writes + 1):  # etcd 2.3 store/event_queue.go, insert
        front = (front + 1) % 1000 if index > 1000 else front
        slots[back] = index
        back = (back + 1) % 1000
    assert [slot and slot["node"]["modifiedIndex"] for slot in queue["Events"]] == slots
    assert (queue["Size"], queue["Front"], queue["Back"]) == (min(writes, 1000), front, back)
    assert saved(restored(saved(store))) == saved(store)


def test_a_restored_store_goes_on_as_the_saved_one_would():
    store = Store(["0", "1"])
    store.set("/1/x", "1", expires_ns=10**18)
    store.set("/1/d/y", "2")
    again = restored(saved(store))
    for one in (store, again):
        one.update("/1/d/y", "3")
        assert one.expire_next(10**18) is not None
        one.create("/1/d", in_order=True)
    assert saved(again) == saved(store)
    assert again.digest() == store.digest()


def test_the_deepest_tree_that_can_be_made_can_be_saved_and_restored():
    store = Store()
    store.set("/d" * 200, "deep")
    assert restored(saved(store)).digest() == store.digest()


def test_a_refresh_is_marked_in_a_snapshot_and_not_in_an_answer():
    store = Store()
    store.set("/x", "1", expires_ns=10**18)
    event = store.update("/x", refresh=True, expires_ns=2 * 10**18)
    assert "refresh" not in wording.event(event)
    assert list(restored(saved(store)).history)[-1] == event
    assert b'"createdIndex":1},"refresh":true},null' in saved(store)


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        ('"\\', r'"\"\\"'),
        ("\n\r\t", r'"\n\r\t"'),
        ("\0\b\f\x1f\x7f", r'"\u0000\u0008\u000c\u001f' + '\x7f"'),
        ("<b>&", r'"\u003cb\u003e\u0026"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("é世😀", '"é世😀"'),
        (b"\xff\xfe\x80".decode("utf-8", "surrogateescape"), r'"\ufffd\ufffd\ufffd"'),
    ],
)
def test_a_string_is_written_as_go_writes_it(text, written):
    assert wording.string(text) == written


@given(st.text())
def test_a_string_can_be_read_back(text):
    read = json.loads(wording.string(text))
    assert read == "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


@pytest.mark.parametrize(
    ("text", "at_ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-22T10:05:45.59927163Z", 1_795_341_945_599_271_630),
        ("2262-04-11T23:47:16.854775807Z", (1 << 63) - 1),
        ("1969-12-31T23:59:59.9Z", -100_000_000),
    ],
)
def test_a_time_is_written_with_as_many_digits_as_it_needs(text, at_ns):
    assert timestamp.written(at_ns) == text
    assert timestamp.read(text) == at_ns


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_every_time_that_a_log_can_hold_can_be_written_and_read(at_ns):
    assert timestamp.read(timestamp.written(at_ns)) == at_ns


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_calendar_is_python_s(moment):
    """Whose own one the store does without, because it comes with a clock."""
    at_ns = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert timestamp.read(moment.isoformat()) == at_ns
    assert timestamp.written(at_ns).removesuffix("Z")[:19] == moment.isoformat()[:19]


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-22", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
     "2026-01-01T00:00:00", "0000-01-01T00:00:00Z", "٢026-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is no"):
        timestamp.read(text)


def test_a_time_in_another_zone_is_the_same_time():
    """Etcd writes deadlines in the zone of the member."""
    assert timestamp.read("2026-11-22T18:05:45.5+08:00") == timestamp.read("2026-11-22T10:05:45.5Z")


# --- what is no saved store ---------------------------------------------------------------------


def document():
    store = Store(["0", "1"])
    store.set("/1/x", "1", expires_ns=10**18)
    store.delete("/1/x")
    store.set("/1/d/y", "2", expires_ns=10**18)
    return json.loads(saved(store))


def places(value, way=()):
    """The way to each value in a document."""
    yield way
    if isinstance(value, dict | list):
        for name, one in list(value.items() if isinstance(value, dict) else enumerate(value))[:9]:
            yield from places(one, (*way, name))


@settings(max_examples=5 * settings.default.max_examples)
@given(st.data())
def test_whatever_is_spoilt_is_refused_with_a_sentence_or_is_a_store_all_the_same(data):
    spoilt = {"": document()}
    *way, last = data.draw(st.sampled_from([("", *way) for way in places(spoilt[""])]))
    holder = spoilt
    for name in way:
        holder = holder[name]
    other = st.sampled_from([None, True, -1, 7, 1.5, "", "x", [], {}, [{}], {"Path": "/"}])
    if data.draw(st.booleans()):
        holder[last] = data.draw(other)
    elif last:
        del holder[last]
    try:
        store = restored(json.dumps(spoilt[""]).encode())
    except SavedStoreRefused:
        return
    assert saved(restored(saved(store))) == saved(store)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff", "decode"),
        (b"null", "NoneType"),
        (b"{}", "it has no 'CurrentVersion'"),
        (b'{"CurrentVersion":3}', "version 3 where 2 was expected"),
        (b'{"CurrentVersion":2,"Root":' + b'{"a":' * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_saved_store_is_refused(data, reason):
    with pytest.raises(SavedStoreRefused, match=reason):
        restored(data)


def test_events_with_a_gap_are_refused():
    spoilt = document()
    spoilt["WatcherHub"]["EventHistory"]["Queue"]["Events"][1] = None
    with pytest.raises(SavedStoreRefused, match="its events are not the last 2 up to index 3"):
        restored(json.dumps(spoilt).encode())
