"""Request words: how a client's request is written, and read again.

    put /x 2 prev_value:1              set /x to 2 if it is 1
    get /x quorum                      read it through the log
    watch /x recursive since:7         tell me what happens there, from etcd index 7 on
    change add-voter:S4                a change of members
    auth put /2/users/ann {...}        a request of the cluster's own about accounts

One request has one text. A word that could not be read back as it is stands as a JSON string:
`put "/a b" "two words"`.

Next page: `decisions`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from learnetcd.member.request import (
    AuthRequest,
    ClusterRequest,
    KeyRequest,
    MembershipRequest,
    Method,
    ReadKind,
    Request,
    WatchRequest,
)
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Transition

VERBS = (*(method.value.lower() for method in Method), "watch", "cluster", "auth", "change")
"""The first words of requests."""

WRITERS = (Method.PUT, Method.POST)
"""Those who bring a value."""


# --- writing --------------------------------------------------------------------------------------


def words_of(request: Request) -> list[str]:
    """Write a request, its verb first."""
    match request:
        case MembershipRequest(change):
            return ["change", *_change_words(change)]
        case WatchRequest():
            return ["watch", _quoted(request.path), *_watch_words(request)]
        case ClusterRequest(path, value):
            return ["cluster", _quoted(path), _quoted(value)]
        case AuthRequest(asked):
            return ["auth", *words_of(asked)]
        case KeyRequest():
            return _key_words(request)


def _key_words(request: KeyRequest) -> list[str]:
    words = [request.method.value.lower(), _quoted(request.path)]
    if request.value or request.method in WRITERS:
        words.append(_quoted(request.value))
    if request.read is not ReadKind.LOCAL:
        words.append(request.read.value)
    return words + [_quoted(f"{name}:{_option(value)}") for name, value in request.options.items()]


def _option(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _watch_words(request: WatchRequest) -> list[str]:
    """What a watcher wants beyond one event at the key itself: `recursive stream since:7`."""
    words = ["recursive"] if request.recursive else []
    words += ["stream"] if request.stream else []
    return [*words, f"since:{request.since_index}"] if request.since_index else words


def _change_words(change: ConfigChange) -> list[str]:
    """A change of members: `add-voter:S4 remove:S1 joint-implicit`; without any: `leave`."""
    if change.leaves_joint:
        return ["leave"]
    words = [f"{one.kind.value.replace(' ', '-')}:S{one.member}" for one in change.changes]
    if change.transition is not Transition.AUTO:
        words.append(change.transition.value.replace(" ", "-"))
    if change.context:
        words.append(f"context:{change.context.hex()}")
    return [*words, "legacy"] if change.legacy else words


def _quoted(word: str) -> str:
    """A word as it is if it can be read back, else as a JSON string without line breaks."""
    return word if re.fullmatch("[!#-~][!-~]*", word) else json.dumps(word)


# --- reading --------------------------------------------------------------------------------------

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^ "][^ ]*')


def split(line: str) -> list[str]:
    """Cut a line into words; a JSON string is one."""
    return [match[0] for match in _TOKEN.finditer(line)]


def request_of(verb: str, words: list[str]) -> Request:
    """Read what `words_of` wrote; a `ValueError` or `KeyError` where it means nothing."""
    match verb:
        case "change":
            return MembershipRequest(_parse_change(words))
        case "watch":
            return parse_watch(words)
        case "cluster":
            path, value = _unquoted(words)
            return ClusterRequest(path, value)
        case "auth":
            return AuthRequest(_parse_key_request(Method(words[0].upper()), words[1:]))
        case _:
            return _parse_key_request(Method(verb.upper()), words)


def _parse_key_request(method: Method, words: list[str]) -> KeyRequest:
    path, *rest = _unquoted(words)
    value = rest.pop(0) if method in WRITERS and rest else ""
    read = ReadKind(rest.pop(0)) if rest and ":" not in rest[0] else ReadKind.LOCAL
    return KeyRequest(method, path, value, read, **dict(parse_option(word) for word in rest))


def parse_watch(words: list[str]) -> WatchRequest:
    """Read what a watcher wants: `/x recursive stream since:7`."""
    path, *wishes = _unquoted(words)
    since = [wish for wish in wishes if wish.startswith("since:")]
    since_index = int(since[0].removeprefix("since:")) if since else 0
    return WatchRequest(path, "recursive" in wishes, "stream" in wishes, since_index)


def _unquoted(words: list[str]) -> list[str]:
    return [json.loads(word) if word[0] == '"' else word for word in words]


def parse_option(word: str) -> tuple[str, Any]:
    """Read what a request says beyond the usual: `recursive:on`, `prev_index:7`."""
    name, _, value = word.partition(":")
    match name:
        case "prev_value":
            return name, value
        case "prev_index" | "ttl":
            return name, int(value)
        case _:
            return name, {"on": True, "off": False}[value]


def _parse_change(words: list[str]) -> ConfigChange:
    changes, transition, context, legacy = [], Transition.AUTO, b"", False
    for word in words:
        name, _, value = word.partition(":")
        spaced = name.replace("-", " ")
        if word == "leave":
            return ConfigChange(())
        if word == "legacy":
            legacy = True
        elif name == "context":
            context = bytes.fromhex(value)
        elif value.startswith("S"):
            changes.append(Change(ChangeKind(spaced), int(value[1:])))
        else:
            transition = Transition(spaced)
    return ConfigChange(tuple(changes), transition, context, legacy)
