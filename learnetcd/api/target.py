"""The target: which path a request names, whatever way it is written.

    as it came                    path                        then
    /v2/keys/a%2Fb                /v2/keys/a/b                it is looked up
    /v2/keys//a/../b              /v2/keys//a/../b            moved, to /v2/keys/b
    http://infra0:2379/version    /version                    it is looked up
    /v2/keys/%zz                  none                        a bad request

A path is decoded first and cleaned then. So `%2F` is a slash like any other: a name in a key can't
hold one. A path that is not clean is not guessed at; the client is sent to the clean one.

Strings are what the client's bytes are in UTF-8. Bytes that are no UTF-8 are kept (as lone
surrogates, Python's `surrogateescape`): etcd takes any bytes for a key, and gives them back.

Source: RFC 3986 §2.1, §5.2.4; RFC 9112 §3.2 (forms of a target); Go's net/url and the `ServeMux` of
its net/http.

Next page: `meters`.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from learnetcd.api.http import HttpRequest
from learnetcd.store.path import clean

_NOTHING_TO_DO = re.compile(r"(?:/[\w-][\w.~-]*+)+/?", re.ASCII)
"""A path with nothing to decode and nothing to clean: nearly all of them."""

_HOST_BEFORE_IT = re.compile(r"https?://[^/]*", re.IGNORECASE)
"""The absolute form, which is for proxies, but every server must take it."""

BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign without the number that must follow it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Control characters, which a target can't hold."""


def paths_of(request: HttpRequest) -> tuple[str, str] | None:
    """The path that a request names, as it came and clean; None if its target can't be read."""
    target = request.path
    if request.query and _CONTROL.search(request.query):
        return None
    if _NOTHING_TO_DO.fullmatch(target):
        return target, target
    if not target.startswith("/"):
        host = _HOST_BEFORE_IT.match(target)
        if host is None:
            return None
        target = target[host.end() :]
    if BAD_ESCAPE.search(target) or _CONTROL.search(target):
        return None
    path = decoded(target)
    return path, cleaned(path)


def decoded(text: str) -> str:
    """Resolve percent signs; those without a number stay what they are."""
    return unquote_to_bytes(text.encode("iso-8859-1")).decode("utf-8", "surrogateescape")


def cleaned(path: str) -> str:
    """The path without `//`, `.` and `..`. A slash at its end stays."""
    short = clean(path)
    return f"{short}/" if path.endswith("/") and short != "/" else short


def location(path: str, query: str) -> str:
    """Write a path so that it can be a target again; the query is as it came."""
    encoded = quote(path.encode("utf-8", "surrogateescape"), safe="/-_.~$&+,:;=@")
    return f"{encoded}?{query}" if query else encoded
