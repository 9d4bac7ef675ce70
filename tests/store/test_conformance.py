"""What the real etcd answered to requests about the key space, asked of our store.

Keys lie below `/1`, as in etcd, and are shown without it. What only HTTP can get wrong (headers,
forms, redirects) is not played here.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import pytest

from learnetcd.store import EtcdError, Event, Node, Store, WatcherHub, wording
from learnetcd.store.node import SECOND_NS

CASES = json.loads(
    (Path(__file__).parent.parent / "conformance/store_cases.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_store_answers_as_etcd_did(case):
    Player(f"c-{case['name']}").play(case["steps"])


def test_there_are_cases_of_every_kind():
    assert len(CASES) > 100
    assert {case["area"] for case in CASES} >= {"set", "cas", "cad", "ttl", "watch", "history"}


class Player:
    """A store, those who watch it, and a clock that the steps move on."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.store, self.hub = Store(["0", "1"]), WatcherHub()
        self.now_ns = 1_700_000_000 * SECOND_NS
        for _ in range(3):  # no case may depend on beginning at 0
            self.store.set("/1/before")
            self.store.delete("/1/before")
        self.base = self.store.etcd_index
        self.watches = {}
        self.told = {}
        self.counted = {}

    def play(self, steps):
        for step in steps:
            expected = step.get("expect") and self.concrete(step["expect"])
            getattr(self, step["op"])(step, expected)

    # -- steps --------------------------------------------------------------------------------

    def http(self, step, expected):
        if expected and 200 <= expected.get("json", {}).get("errorCode", 0) < 300:
            return  # refused before it would get to a store
        for _ in range(step.get("times", 1)):
            self.now_ns += 1000  # a request takes time, so no two deadlines are the same
            try:
                result = self.ask(step)
            except EtcdError as error:
                result = without_prefix_in_cause(error)
        if expected is None:
            return
        if isinstance(result, EtcdError):
            text = wording.error(result)
            assert self.index_of(expected) == result.index
        else:
            text = wording.event(without_prefix(result))
            assert self.index_of(expected) == self.store.etcd_index
            is_made = result.created and step["method"] != "GET"
            assert expected["status"] == (201 if is_made else 200)
        assert hiding_times(json.loads(text)) == expected["json"]
        if "raw" in expected:
            assert f"{text}\n" == expected["raw"]

    def watch(self, step, expected):
        self.watches[step["id"]] = [self.store.etcd_index, "stream=true" in step["query"]]
        self.told[step["id"]] = []
        self.listen(step["id"], step)

    def join(self, step, expected):
        told = self.told[step["id"]]
        if len(told) < step["events"]:
            self.sleep({"seconds": 2}, None)
        asked_at, stream = self.watches[step["id"]]
        assert self.index_of(expected) == asked_at
        events = [json.loads(wording.event(without_prefix(event))) for event in told]
        assert [hiding_times(event) for event in events] == expected["events"]
        assert expected["ended"] == (bool(told) and not stream)

    def sleep(self, step, expected):
        for _ in range(int(step["seconds"] * 2)):  # the leader says every 500 ms what time it is
            self.now_ns += SECOND_NS // 2
            self.sync()

    def stats(self, step, expected):
        counters = {**self.store.statistics.counters, "watchers": len(self.hub)}
        if step["mark"] == "begin":
            self.counted = counters
            return
        delta = {name: counters[name] - self.counted[name] for name in expected["delta"]}
        assert delta == expected["delta"]

    # -- what they are made of ----------------------------------------------------------------

    def sync(self):
        while True:
            before = self.store.root
            event = self.store.expire_next(self.now_ns, now_ns=self.now_ns)
            if event is None:
                return
            self.tell(event, before)

    def listen(self, watcher_id, step):
        options = self.options(step)
        notice = self.hub.watch(
            watcher_id,
            self.store,
            self.key(step),
            recursive=options.get("recursive") == "true",
            stream=options.get("stream") == "true",
            since_index=int(options.get("waitIndex", 0)),
        )
        if notice is not None:
            self.told.setdefault(watcher_id, []).append(notice.event)

    def tell(self, event, before):
        for notice in self.hub.notify(event, before):
            self.told[notice.watcher_id].append(notice.event)

    def ask(self, step):
        options = self.options(step)
        if options.get("wait") == "true":
            self.listen("now", step)
            return self.told.pop("now")[0]
        before = self.store.root
        event = self.call(step["method"], self.key(step), options)
        if step["method"] != "GET":
            self.tell(event, before)
        return event

    def call(self, method, key, options):
        store, now = self.store, {"now_ns": self.now_ns}
        value = options.get("value", "")
        previous = {
            "prev_value": options.get("prevValue", ""),
            "prev_index": int(options.get("prevIndex", 0)),
        }
        compares = previous != {"prev_value": "", "prev_index": 0}
        is_dir = {"is_dir": options.get("dir") == "true"}
        refresh = {"refresh": options.get("refresh") == "true"}
        ttl = options.get("ttl", "")
        life = {"expires_ns": self.now_ns + int(ttl) * SECOND_NS if ttl else None}
        recursive = {"recursive": options.get("recursive") == "true"}
        match method, options.get("prevExist"), compares:
            case "GET", _, _:
                return store.get(key, **recursive, **now)
            case "POST", _, _:
                return store.create(key, value, in_order=True, **is_dir, **life, **now)
            case "DELETE", _, True:
                return store.compare_and_delete(key, **previous, **now)
            case "DELETE", _, False:
                return store.delete(key, **is_dir, **recursive, **now)
            case "PUT", "false", _:
                return store.create(key, value, **is_dir, **life, **now)
            case "PUT", _, True:
                return store.compare_and_swap(key, value, **previous, **life, **refresh, **now)
            case "PUT", "true", False:
                return store.update(key, value, **life, **refresh, **now)
            case _:
                return store.set(key, value, **is_dir, **life, **refresh, **now)

    # -- reading the cases --------------------------------------------------------------------

    def key(self, step):
        path = step["path"].partition("?")[0].removeprefix("/v2/keys")
        return "/1" + unquote(self.filled(path))

    def options(self, step):
        query = step.get("query") or step["path"].partition("?")[2]
        pairs = parse_qsl(self.filled(query), keep_blank_values=True)
        return dict(pairs) | {name: self.filled(value) for name, value in step.get("form", ())}

    def filled(self, text):
        text = text.replace("$K", self.prefix)
        text = re.sub(r"\$\(rep:(.*?):(\d+)\)", lambda m: m[1] * int(m[2]), text)
        text = re.sub(r"\$\(seq(\d+)\)", lambda m: f"{self.base + int(m[1]):020}", text)
        return re.sub(r"\$\(([+-]\d+)\)", lambda m: str(self.base + int(m[1])), text)

    def concrete(self, expected):
        if isinstance(expected, dict):
            return {name: self.concrete(value) for name, value in expected.items()}
        if isinstance(expected, list):
            return [self.concrete(value) for value in expected]
        if not isinstance(expected, str):
            return expected
        if re.fullmatch(r"@\+\d+", expected):
            return self.base + int(expected[2:])
        text = re.sub(r"\{@\+(\d+)\}", lambda m: f"{self.base + int(m[1]):020}", expected)
        return re.sub(r"@\+(\d+)", lambda m: str(self.base + int(m[1])), text)

    def index_of(self, expected):
        return int(expected["headers"]["x-etcd-index"])


def without_prefix_in_cause(error: EtcdError) -> EtcdError:
    return EtcdError(error.code, error.cause.removeprefix("/1"), error.index)


def without_prefix(event: Event) -> Event:
    previous = event.prev_node and cut(event.prev_node)
    return replace(event, node=cut(event.node), prev_node=previous)


def cut(node: Node) -> Node:
    key = node.key.removeprefix("/1")
    return replace(node, key=key, nodes=tuple(cut(one) for one in node.nodes))


def hiding_times(document):
    if isinstance(document, list):
        return [hiding_times(one) for one in document]
    if isinstance(document, dict):
        return {
            name: "<exp>" if name == "expiration" else hiding_times(value)
            for name, value in document.items()
        }
    return document
