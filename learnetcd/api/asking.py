"""Asking: the HTTP request, the curl line and the etcdctl line that ask a member the same.

    KeyRequest(PUT, "/msg", "hello", ttl=5)

    PUT /v2/keys/msg HTTP/1.1                              as bytes
    Host: 127.0.0.1:2379
    Content-Type: application/x-www-form-urlencoded
    Content-Length: 17

    ttl=5&value=hello

    curl -X PUT http://127.0.0.1:2379/v2/keys/msg -d 'ttl=5&value=hello'
    etcdctl --endpoints http://127.0.0.1:2379 --no-sync set --ttl 5 /msg hello

It is the way back of `keys`, which reads such requests. What is to be written stands in the body,
under which conditions in the query, as etcdctl has it.

Not everything that can be asked can be asked by everybody: etcdctl has no word for a refresh, and
nobody's HTTP for a read by the read index, a change of our own simulator.

Source: etcd 3.4 client/keys.go, etcdctl/ctlv2/command.

Next page: `health`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from learnetcd.api import curl
from learnetcd.api.curl import FORM, encoded, escaped
from learnetcd.api.http import HttpRequest
from learnetcd.member.request import KeyRequest, Method, ReadKind, Request, WatchRequest

# --- our requests -------------------------------------------------------------------------------


def http_request(request: Request) -> HttpRequest | None:
    """The request that asks this; None if there is none."""
    match request:
        case WatchRequest():
            said = {"wait": "true"} | _if_said("recursive", request.recursive)
            said |= _if_said("stream", request.stream)
            if request.since_index:
                said["waitIndex"] = str(request.since_index)
            return _made("GET", request.path, said)
        case KeyRequest(read=ReadKind.INDEX):
            return None
        case KeyRequest(method=Method.PUT | Method.POST):
            return _made(request.method.value, request.path, _conditions(request), _form(request))
        case KeyRequest():
            quorum = _if_said("quorum", request.read is ReadKind.QUORUM)
            return _made(request.method.value, request.path, _conditions(request) | quorum)
        case _:
            return None


def _made(
    method: str, key: str, query: Mapping[str, str], form: Mapping[str, str] | None = None
) -> HttpRequest:
    body = b"" if form is None else encoded(form).encode()
    headers = {} if form is None else {"content-type": FORM}
    return HttpRequest(
        method, escaped(f"/v2/keys/{key.lstrip('/')}"), encoded(query), headers, body
    )


def _if_said(name: str, is_so: bool) -> dict[str, str]:
    return {name: "true"} if is_so else {}


def _conditions(request: KeyRequest) -> dict[str, str]:
    """What must hold, and what it is about."""
    said = _if_said("dir", request.is_dir) | _if_said("recursive", request.recursive)
    said |= _if_said("refresh", request.refresh)
    if request.prev_exist is not None:
        said["prevExist"] = "true" if request.prev_exist else "false"
    if request.prev_value:
        said["prevValue"] = request.prev_value
    if request.prev_index:
        said["prevIndex"] = str(request.prev_index)
    return said


def _form(request: KeyRequest) -> dict[str, str]:
    """What is written."""
    said = {} if request.is_dir or request.refresh else {"value": request.value}
    return said | ({} if request.ttl is None else {"ttl": str(request.ttl)})


def as_bytes(request: HttpRequest, host: str) -> bytes:
    """As it stands on the wire."""
    lines = [f"{request.method} {target_of(request)} HTTP/1.1", f"Host: {host}"]
    if request.headers:
        lines.append(f"Content-Type: {request.headers['content-type']}")
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def target_of(request: HttpRequest) -> str:
    """Path and query."""
    return f"{request.path}?{request.query}" if request.query else request.path


def curl_of(request: HttpRequest, url: str) -> str:
    """The curl line; `url` is where the member can be asked."""
    body = request.body.decode() if request.headers else None
    return curl.line(request.method, url + target_of(request), body)


# --- etcdctl ------------------------------------------------------------------------------------


def etcdctl_of(request: Request, url: str, *flags: str) -> str:
    """The line of etcdctl that asks this; empty if it has no word for it.

    Without `--no-sync` it would ask for the members first, and then any of them.
    """
    words = _verb(request)
    whom = ["--endpoints", url, "--no-sync"]
    return shlex.join(["etcdctl", *whom, *flags, *words]) if words else ""


def _verb(request: Request) -> list[str]:
    match request:
        case WatchRequest(since_index=since):
            after = ["--after-index", str(since - 1)] if since > 1 else []
            switches = _switch("recursive", request.recursive) + _switch("forever", request.stream)
            return ["watch", *switches, *after, request.key]
        case KeyRequest(refresh=True) | KeyRequest(read=ReadKind.INDEX):
            return []
        case KeyRequest(method=Method.GET):
            quorum = _switch("quorum", request.read is ReadKind.QUORUM)
            if request.recursive:
                return ["ls", "--recursive", *quorum, request.key]
            return ["get", *quorum, request.key]
        case KeyRequest(method=Method.DELETE):
            switches = _switch("dir", request.is_dir) + _switch("recursive", request.recursive)
            return ["rm", *switches, *_compared(request, "with"), request.key]
        case KeyRequest(method=Method.POST):
            return ["mk", "--in-order", *_to_live(request), *_words(request.key, request.value)]
        case KeyRequest(is_dir=True):
            verb = {None: "setdir", True: "updatedir", False: "mkdir"}[request.prev_exist]
            return [verb, *_to_live(request), request.key]
        case KeyRequest():
            verb = {None: "set", True: "update", False: "mk"}[request.prev_exist]
            flags = [*_to_live(request), *_compared(request, "swap-with")]
            return [verb, *flags, *_words(request.key, request.value)]
        case _:
            return []


def _switch(name: str, is_on: bool) -> list[str]:
    return [f"--{name}"] if is_on else []


def _to_live(request: KeyRequest) -> list[str]:
    return [] if request.ttl is None else ["--ttl", str(request.ttl)]


def _compared(request: KeyRequest, how: str) -> list[str]:
    by_value = [f"--{how}-value", request.prev_value] if request.prev_value else []
    by_index = [f"--{how}-index", str(request.prev_index)] if request.prev_index else []
    return by_value + by_index


def _words(key: str, value: str) -> list[str]:
    """A value that looks like a flag would be taken for one."""
    return ["--", key, value] if value.startswith("-") else [key, value]
