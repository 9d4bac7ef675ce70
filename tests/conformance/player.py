"""The player: carries out the steps of a case, and compares what came with what is expected.

It is told how to reach the server: over sockets, or by plain calls. README.md says what each step
means.
"""

import base64
import json
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from tests.conformance.answers import Answers, kinds, with_slack
from tests.conformance.exchange import Response
from tests.conformance.normalise import Normaliser, bare
from tests.conformance.templates import Templates

FORM = "application/x-www-form-urlencoded"
PATIENCE_S = 5.0
AGREEMENT_S = 2
SHOWN = ("content-type", "allow", "location", "www-authenticate")
"""Headers that are compared as they are."""
PRESENT = ("x-raft-index", "x-raft-term", "x-etcd-cluster-id")
"""Headers of which it is compared that they are there."""

Case = dict[str, Any]
Step = dict[str, Any]
Pairs = list[tuple[str, str]]


class Watch(Protocol):
    """A response that is still going on."""

    status: int
    headers: dict[str, str]

    def told(self, events: int, timeout_s: float) -> tuple[list[bytes], bool]:
        """The events that came so far, at least so many unless time is up, and whether all came."""

    def close(self) -> None:
        """Lose interest."""


class Server(Protocol):
    """What the cases are played on."""

    values: dict[str, str]
    """For templates: `peer1`, `spare` ..."""
    addresses: dict[str, str]
    """For normalising: what is written for an address."""

    size: int
    """How many members it has."""

    front: int
    """Who is asked unless a step says another: the first member, or a proxy, counted behind all."""

    def turn_to(self, number: int) -> None:
        """Ask that member from now on; they are counted from 0."""

    def ask(
        self, method: str, target: str, headers: Pairs, body: bytes | None, timeout_s: float
    ) -> Response:
        """Send a request, and wait for the whole response."""

    def watch(self, target: str) -> Watch:
        """Send a GET, and wait for the head of the response only."""

    def raw(self, step: Step, texts: list[str]) -> dict[str, Any]:
        """Send bytes on a connection of their own."""

    def now(self) -> float:
        """What a wall clock shows, in seconds."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class Player:
    """One case on one server."""

    def __init__(self, server: Server, case: Case) -> None:
        self.server = server
        self.case = case
        self.watches: dict[str, Watch] = {}
        self.counted: dict[str, int] = {}
        self.saved = dict(server.values)
        server.turn_to(0)
        self.remove_all_keys()
        # (A server without the v2 interface has no index.)
        base = int(self.get("/v2/keys/").headers.get("x-etcd-index", 0))
        server.turn_to(server.front)
        self.templates = Templates(f"c-{case['name']}", base, self.saved)
        ignores_indexes = case.get("index") == "ignore"
        self.answers = Answers(Normaliser(base, server.addresses, ignores_indexes))

    def play(self) -> str:
        """Carry out the steps: the first that went otherwise than expected, "" if none did."""
        try:
            for number, step in enumerate(self.case["steps"], 1):
                result = self.carry_out(step)
                expected = step.get("expect")
                if expected is None or step.get("quiet"):
                    continue
                result = with_slack(result, expected, step.get("ttl_slack", 0))
                if result != expected:
                    asked = {name: value for name, value in step.items() if name != "expect"}
                    return f"step {number}: {asked}\nexpected {expected}\nbut got  {result}"
            return ""
        finally:
            for watch in self.watches.values():
                watch.close()
            self.wait_until_no_one_watches()

    def carry_out(self, step: Step) -> dict[str, Any]:
        result: dict[str, Any] = getattr(self, step["op"])(step)
        return result

    # -- steps --------------------------------------------------------------------------------

    def http(self, step: Step) -> dict[str, Any]:
        headers, body = self.headers_and_body(step)
        for _ in range(step.get("times", 1)):
            response = self.server.ask(
                step["method"], self.target(step), headers, body, step.get("timeout", PATIENCE_S)
            )
        for name, path in step.get("save", {}).items():
            value = json.loads(response.body)
            for part in path.split("."):
                value = value[int(part) if isinstance(value, list) else part]
            self.saved[name] = value
        return self.seen(step, response)

    def watch(self, step: Step) -> dict[str, Any]:
        self.watches[step["id"]] = self.server.watch(self.target(step))
        return {}

    def join(self, step: Step) -> dict[str, Any]:
        watch = self.watches[step["id"]]
        told, ended = watch.told(step["events"], step["timeout"])
        self.answers.now_s = self.server.now()
        events = [self.answers.json(json.loads(event)) for event in told]
        headers = self.shown_headers(watch.headers, step)
        return {"status": watch.status, "headers": headers, "events": events, "ended": ended}

    def sleep(self, step: Step) -> dict[str, Any]:
        self.server.sleep(step["seconds"])
        return {}

    def same(self, step: Step) -> dict[str, Any]:
        """Ask all members, until they agree."""
        deadline = self.server.now() + AGREEMENT_S
        while True:
            responses = [self.asked_at(number, step) for number in range(self.server.size)]
            seen = [self.seen(step, response) for response in responses]
            # How far the log has got differs from one moment to the next.
            agree = all(one == seen[0] for one in seen)
            if agree or self.server.now() > deadline:
                break
            self.server.sleep(0.05)
        self.server.turn_to(0)
        first = {"status": responses[0].status}
        return {"members_agree": agree, "members": len(responses), "first": first}

    def asked_at(self, number: int, step: Step) -> Response:
        self.server.turn_to(number)
        return self.get(self.target(step))

    def leader(self, step: Step) -> dict[str, Any]:
        self.server.turn_to(self.places_of_leader()[0])
        return {}

    def follower(self, step: Step) -> dict[str, Any]:
        self.server.turn_to(self.places_of_leader()[1])
        while int(self.get("/v2/keys/").headers["x-etcd-index"]) < self.answers.normal.base:
            self.server.sleep(0.02)  # it has not heard yet what is there when the case begins
        return {}

    def places_of_leader(self) -> tuple[int, int]:
        """Where the leader is, and where somebody else is."""
        told = json.loads(self.get("/v2/members/leader").body)
        name = self.server.addresses[bare(told["peerURLs"][0])]
        places = [place for place in range(self.server.size) if name == f"<peer{place + 1}>"]
        return places[0], (places[0] + 1) % self.server.size

    def stats(self, step: Step) -> dict[str, Any]:
        counters = json.loads(self.get("/v2/stats/store").body)
        if step["mark"] == "begin":
            self.counted = counters
            return {}
        delta = {name: counters[name] - self.counted[name] for name in counters}
        only = step.get("only", delta.keys() - {"getsSuccess", "getsFail", "watchers"})
        return {"delta": {name: delta[name] for name in delta if name in only}}

    def raw(self, step: Step) -> dict[str, Any]:
        texts = [self.templates.filled(text) for text in step["send"]]
        result = self.server.raw(step, texts)
        result["responses"] = [
            self.seen({}, response) if isinstance(response, Response) else response
            for response in result["responses"]
        ]
        return result

    # -- what is sent -------------------------------------------------------------------------

    def target(self, step: Step) -> str:
        query = f"?{step['query']}" if step.get("query") else ""
        return self.templates.filled(step["path"] + query)

    def headers_and_body(self, step: Step) -> tuple[Pairs, bytes | None]:
        headers = [(name, self.templates.filled(value)) for name, value in step.get("headers", ())]
        if "auth" in step:
            credentials = base64.b64encode(self.templates.filled(step["auth"]).encode()).decode()
            headers.append(("Authorization", f"Basic {credentials}"))
        if "form" in step:
            headers.append(("Content-Type", FORM))
            filled = [(name, self.templates.filled(value)) for name, value in step["form"]]
            return headers, urlencode(filled).encode()
        body = step.get("body")
        return headers, None if body is None else self.templates.filled(body).encode()

    # -- what came ----------------------------------------------------------------------------

    def seen(self, step: Step, response: Response) -> dict[str, Any]:
        self.answers.now_s = self.server.now()
        headers = self.shown_headers(response.headers, step)
        result: dict[str, Any] = {"status": response.status, "headers": headers}
        text = response.body.decode()
        match step.get("look"):
            case "none":
                pass
            case "names":
                result["has"] = {word: word in text for word in step["words"]}
            case "keys":
                result["keys"] = kinds(json.loads(text), tuple(step.get("drop", ())))
            case None:
                is_json = response.headers.get("content-type", "").startswith("application/json")
                if text and is_json:
                    is_sorted = "sorted=true" in step.get("query", "")
                    result["json"] = self.answers.json(json.loads(text), is_sorted=is_sorted)
                elif text:
                    result["text"] = self.answers.text(text)
        if step.get("raw"):
            result["raw"] = self.answers.raw(text)
        return result

    def shown_headers(self, headers: dict[str, str], step: Step) -> dict[str, str]:
        compared = (*SHOWN, *step.get("cmp_headers", ()))
        shown = {name: headers[name] for name in compared if name in headers}
        shown |= dict.fromkeys((name for name in PRESENT if name in headers), "present")
        if "x-etcd-index" in headers:
            shown["x-etcd-index"] = self.answers.normal.index(int(headers["x-etcd-index"]))
        if "location" in shown:
            shown["location"] = self.answers.text(shown["location"])
        return shown

    # -- before and after a case --------------------------------------------------------------

    def get(self, target: str) -> Response:
        return self.server.ask("GET", target, [], None, PATIENCE_S)

    def remove_all_keys(self) -> None:
        answer = self.get("/v2/keys/")
        if answer.status != 200:
            return
        for node in json.loads(answer.body)["node"].get("nodes", ()):
            target = f"/v2/keys{quote(node['key'])}?recursive=true"
            self.server.ask("DELETE", target, [], None, PATIENCE_S)

    def wait_until_no_one_watches(self) -> None:
        """The next case may count who watches, and a server may be slow to see who went away."""
        for _ in range(100 if self.watches else 0):
            if not json.loads(self.get("/v2/stats/store").body)["watchers"]:
                return
            self.server.sleep(0.02)
