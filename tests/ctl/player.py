"""Plays the recorded command lines, with any program of etcdctl's kind, against any cluster."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.certificates import pki
from tests.conformance.normalise import Normaliser, member_ids, named_addresses
from tests.conformance.templates import Templates
from tests.processes import free_ports

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
FILE = ROOT / "tests" / "conformance" / "ctl_cases.json"

CASES = {case["name"]: case for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]}

LATER = {
    "art-snapshot-v3": "the v3 API",
}
"""Cases that nobody plays yet, and what they wait for."""

ONE_MEMBER = [name for name, case in CASES.items() if case["server"] == "one" and name not in LATER]
WITH_CERTIFICATES = [name for name, case in CASES.items() if case["server"] == "mtls"]
WITH_ACCOUNTS = [name for name, case in CASES.items() if case["server"] == "auth"]
"""Each of them wants a server of its own: they switch accounts on."""
THREE_MEMBERS = [name for name, case in CASES.items() if case["server"] == "three"]

_OPENER = build_opener(ProxyHandler({}))


Runner = Callable[[Sequence[str], bytes, Mapping[str, str], float], tuple[int, bytes, bytes]]
"""Runs a command line with this on stdin, in this environment, for so many seconds at most."""


def in_a_process(
    command: Sequence[str], given: bytes, environment: Mapping[str, str], limit: float
) -> tuple[int, bytes, bytes]:
    result = subprocess.run(
        command, input=given, capture_output=True, env=environment, timeout=limit, check=False
    )
    return result.returncode, result.stdout, result.stderr


class Cluster(Protocol):
    """What a case is played against."""

    clients: Sequence[str]
    peers: Sequence[str]
    folder: Path

    def kill(self, member: int) -> None: ...


class Player:
    """One case, played by one program against one cluster."""

    def __init__(
        self,
        program: Sequence[str],
        cluster: Cluster,
        case: dict[str, Any],
        tmp: Path,
        runner: Runner = in_a_process,
    ):
        self._program = list(program)
        self._runner = runner
        self._cluster = cluster
        self._case = case
        self._tmp = tmp
        self._spares = free_ports(6)
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._opener = getattr(cluster, "opener", _OPENER)
        self._empty_the_store()
        addresses = named_addresses(cluster.clients, cluster.peers, self._spares)
        self._normaliser = Normaliser(
            self._etcd_index(), addresses, case.get("index", "") == "ignore"
        )
        self._variables = self._named_variables()

    def play(self) -> None:
        """Carry out all steps, and compare what each of them brings."""
        try:
            for number, step in enumerate(self._case["steps"]):
                # Ours play everything; a step "modes" is left to those that can do more.
                seen = getattr(self, f"_{step['op']}")(step)
                if step.get("quiet") or "expect" not in step:
                    continue
                seen = self._looked_at(seen, step)
                expected = [step["expect"], *([step["also"]] if "also" in step else [])]
                said = f"{self._case['name']} step {number}: {step.get('args', step['op'])}"
                if seen not in expected:
                    assert seen == step["expect"], said
        finally:
            for process in self._started.values():
                if process.poll() is None:
                    process.kill()
                process.communicate()

    # --- steps ----------------------------------------------------------------------------------

    def _run(self, step: dict[str, Any]) -> dict[str, Any]:
        limit = step.get("timeout", PATIENCE_S)
        given = (step.get("stdin") or "").encode()
        return _result(*self._runner(self._command(step), given, self._environment(step), limit))

    def _start(self, step: dict[str, Any]) -> None:
        running = sum(process.poll() is None for process in self._started.values())
        _wait_until(lambda: self._watchers() <= running, "the watches before are forgotten")
        before = self._watchers()
        process = subprocess.Popen(
            self._command(step),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(step),
        )
        self._started[step["id"]] = process
        if not step.get("nowait"):
            _wait_until(lambda: self._watchers() > before, "its watch is registered")

    def _finish(self, step: dict[str, Any]) -> dict[str, Any]:
        process = self._started[step["id"]]
        limit = step.get("timeout", PATIENCE_S)
        if 0 < step.get("lines", 0) <= _expected_output(step).count("\n"):
            limit = (
                PATIENCE_S  # they will surely come; the recorded time was that of a quiet machine
            )
        out = _lines(process, step.get("lines"), limit) if "signal" in step else b""
        if "signal" in step:
            process.send_signal(signal.Signals[f"SIG{step['signal']}"])
        rest, err = process.communicate(timeout=limit + PATIENCE_S)
        return _result(process.returncode, out + rest, err)

    def _sleep(self, step: dict[str, Any]) -> None:
        time.sleep(step["seconds"])

    def _http(self, step: dict[str, Any]) -> None:
        form = urlencode([(name, text) for name, text in step["form"]]).encode()
        url = self._cluster.clients[0] + self._filled(step["path"])
        for _ in range(step.get("times", 1)):
            with self._opener.open(Request(url, form, method=step["method"]), timeout=PATIENCE_S):
                pass

    def _kill(self, step: dict[str, Any]) -> None:
        self._cluster.kill(step["member"])

    def _saveid(self, step: dict[str, Any]) -> None:
        peer = self._filled(step["peer"])
        members = self._get("/v2/members")["members"]
        (found,) = [member["id"] for member in members if peer in member["peerURLs"]]
        self._variables[step["name"]] = found

    # --- what is typed --------------------------------------------------------------------------

    def _command(self, step: dict[str, Any]) -> list[str]:
        endpoints = [] if step.get("ep") == "none" else ["--endpoints", self._cluster.clients[0]]
        return [*self._program, *endpoints, *map(self._filled, step["args"])]

    def _environment(self, step: dict[str, Any]) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("ETCD")}
        given = {name: self._filled(text) for name, text in step.get("env", {}).items()}
        return {**kept, "ETCDCTL_API": "2", "PYTHONPATH": str(ROOT), **given}

    def _named_variables(self) -> dict[str, str]:
        clients, peers = self._cluster.clients, self._cluster.peers
        named = {
            "EP": clients[0],
            "EPS": ",".join(clients),
            "HOSTPORT": clients[0].partition("://")[2],
            "TMP": str(self._tmp),
            "DATA": str(self._cluster.folder),
        }
        if self._case.get("server") == "mtls":
            files = {"CA": "ca", "CERT": "client", "KEY": "client-key"}
            named |= {name: str(pki() / f"{file}.pem") for name, file in files.items()}
        named |= {f"EP{number}": url for number, url in enumerate(clients, 1)}
        named |= {f"peer{number}": url for number, url in enumerate(peers, 1)}
        for number, port in enumerate(self._spares, 1):
            named["spare" if number == 1 else f"spare{number}"] = str(port)
        return named

    def _filled(self, text: str) -> str:
        base = self._normaliser.base
        return Templates(f"c-{self._case['name']}", base, self._variables).filled(text)

    # --- the cluster ----------------------------------------------------------------------------

    def _empty_the_store(self) -> None:
        for node in self._get("/v2/keys/")["node"].get("nodes", []):
            url = f"{self._cluster.clients[0]}/v2/keys{_escaped(node['key'])}?recursive=true"
            with self._opener.open(Request(url, method="DELETE"), timeout=PATIENCE_S):
                pass

    def _etcd_index(self) -> int:
        url = f"{self._cluster.clients[0]}/v2/keys/"
        with self._opener.open(url, timeout=PATIENCE_S) as answer:
            return int(answer.headers["X-Etcd-Index"])

    def _watchers(self) -> int:
        return int(self._get("/v2/stats/store")["watchers"])

    def _get(self, path: str) -> Any:
        with self._opener.open(self._cluster.clients[0] + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    # --- what is compared -----------------------------------------------------------------------

    def _looked_at(self, seen: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
        look = step.get("look")
        out, err = self._normal(seen["stdout"], step), self._normal(seen["stderr"], step)
        match look:
            case None:
                return {"exit": seen["exit"], "stdout": out, "stderr": err}
            case "code":
                return {"exit": seen["exit"]}
            case "first":
                return {"exit": seen["exit"], "stdout": _first(out), "stderr": _first(err)}
            case "stdout-first":
                return {"exit": seen["exit"], "stdout": _first(out)}
            case "stderr-first":
                return {"exit": seen["exit"], "stderr": _first(err)}
        raise AssertionError(f"nobody looks at {look}")

    def _normal(self, text: str, step: dict[str, Any]) -> str:
        text = self._normaliser.addresses_in(member_ids(self._normaliser.in_order_names(text)))
        text = re.sub(r"; error #\d+:.*", "; error <detail>\n", text, flags=re.DOTALL)
        text = re.sub(r"(?m)^(failed to check .* on \S+): .*", r"\1: <detail>", text)
        text = re.sub(r"(?m)^(\d{4}-\d\d-\d\d [\d:.]+) ", "<time> ", text)
        text = re.sub(r'(?m)(?<=^ETCD_INITIAL_CLUSTER=").*(?="$)', _sorted_list, text)
        text = text.replace(str(self._tmp), "<tmp>").replace(str(self._cluster.folder), "<data>")
        text = self._with_indexes(_with_times(text, _expected_output(step)))
        return _with_sorted_lines(text) if step.get("sort_lines") else text

    def _with_indexes(self, text: str) -> str:
        def index(match: re.Match[str]) -> str:
            return match[1] + self._normaliser.index(int(match[2])) + match[3]

        def cause(match: re.Match[str]) -> str:
            return match[1] + self._normaliser.indexes_in(match[2]) + match[3]

        text = re.sub(r"(?m)^(Error:  (?:101|401): .*? \()(.*)(\) \[\d+\])$", cause, text)
        text = re.sub(r"(?m)^(Error:  .*\[)(\d+)(\])$", index, text)
        text = re.sub(r"(?m)^((?:Created-|Modified-)?Index: )(\d+)()$", index, text)
        return re.sub(r'("(?:created|modified)Index":)(\d+)()', index, text)


# --- helpers ------------------------------------------------------------------------------------


def _result(code: int, out: bytes, err: bytes) -> dict[str, Any]:
    ended = f"signal {signal.Signals(-code).name}" if code < 0 else code
    return {"exit": ended, "stdout": out.decode(), "stderr": err.decode()}


def _first(text: str) -> str:
    return text.partition("\n")[0]


def _expected_output(step: Mapping[str, Any]) -> str:
    return str(step.get("expect", {}).get("stdout", ""))


def _with_times(text: str, expected: str) -> str:
    """An expiration that lies as far ahead as its ttl says; a ttl may be off by one."""
    for expiration, ttl in re.findall(r'"expiration":"([^"]+)","ttl":(\d+)', text):
        seconds = (_moment(expiration) - datetime.now(UTC)).total_seconds()
        assert abs(seconds - int(ttl)) <= 1.5
        text = text.replace(expiration, "<exp>")
    wanted = re.findall(r'"ttl":(\d+)', expected)
    for seen, right in zip(re.findall(r'"ttl":(\d+)', text), wanted, strict=False):
        if abs(int(seen) - int(right)) <= 1:
            text = text.replace(f'"ttl":{seen}', f'"ttl":{right}')
    return text


def _moment(text: str) -> datetime:
    """Go writes nanoseconds; Python reads microseconds."""
    return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*Z", r"\1+00:00", text))


def _sorted_list(match: re.Match[str]) -> str:
    return ",".join(sorted(match[0].split(",")))


def _with_sorted_lines(text: str) -> str:
    leaders = text.count("isLeader=true")
    is_listing = "isLeader=" in text
    text = re.sub(r"isLeader=\w+", "isLeader=<bool>", text)
    lines = sorted(text.splitlines())
    if is_listing:
        lines.append(f"leaders: {leaders}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(key: str) -> str:
    return urlencode({"": key}, safe="/").removeprefix("=").replace("+", "%20")


def _wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def _lines(process: subprocess.Popen[bytes], wanted: int | None, limit: float) -> bytes:
    """What it prints until there are so many lines, or time is up."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + limit
    out = b""
    while time.monotonic() < deadline and (wanted is None or out.count(b"\n") < wanted):
        out += process.stdout.read() or b""
        time.sleep(0.02)
    os.set_blocking(process.stdout.fileno(), True)
    return out
