"""Peer URLs: where a member is reached by the others, as a client says it in JSON.

    {"peerURLs":["http://10.0.0.2:2380"]}     one address or more, each a scheme, a host and a port

Source: etcd 3.4 pkg/types/urls.go (NewURLs), etcdserver/api/v2http/client.go (unmarshalRequest).

Differs: what is wrong with a JSON text, or inside a URL, is said in other words than Go's.

Next page: `members`.
"""

from __future__ import annotations

import json
import re

from learnetcd.api.http import HttpRequest

SCHEMES = {"http", "https", "unix", "unixs"}

_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^/?#]*)([^?#]*).*", re.DOTALL)
_HOST_AND_PORT = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*")
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]|%(?![0-9A-Fa-f]{2})")


class NotUnderstood(Exception):
    """The request can't be read; the client shall have this status."""

    def __init__(self, status: int, words: str) -> None:
        """Say why."""
        super().__init__(words)
        self.status = status


def peer_urls_in(request: HttpRequest) -> tuple[str, ...]:
    """The URLs that a body holds, in order."""
    kind = request.headers.get("content-type", "")
    name, semicolon, _ = kind.partition(";")
    # etcd looks at the case of letters only if there is no parameter behind them.
    kind = name.lower().strip() if semicolon else kind
    if kind != "application/json":
        raise NotUnderstood(415, f"Bad Content-Type {kind}, accept application/json")
    urls = listed_in(object_in(request.body))
    if not urls:
        raise NotUnderstood(400, "no valid URLs given")
    return tuple(sorted(map(checked, urls)))


def object_in(body: bytes) -> dict[str, object]:
    """The JSON object that a body is; `null` stands for an empty one."""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except RecursionError:
        raise NotUnderstood(400, "exceeded max depth") from None
    except json.JSONDecodeError as error:
        is_cut_off = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
        if is_cut_off:
            raise NotUnderstood(400, "unexpected end of JSON input") from None
        raise NotUnderstood(400, f"invalid character {text[error.pos]!r} in JSON input") from None
    except ValueError as error:  # a number with more digits than anybody needs
        raise NotUnderstood(400, str(error)) from None
    if not isinstance(value, dict | None):
        raise NotUnderstood(400, f"expected a JSON object, and found {json.dumps(value)[:40]}")
    return value or {}


def listed_in(whole: dict[str, object]) -> list[str]:
    """The list that is called peerURLs, in capital letters or small ones."""
    urls: object = None
    for name, value in whole.items():
        if name.lower() == "peerurls":
            urls = value
    if urls is None:
        return []
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise NotUnderstood(400, "expected a list of strings in peerURLs")
    return urls


def checked(url: str) -> str:
    """A URL, if another member could be reached there."""
    url = url.strip()
    if _NOT_IN_A_URL.search(url):
        raise NotUnderstood(400, f"parse {url!r}: invalid character in URL")
    parts = _URL.fullmatch(url)
    assert parts is not None, "everything in the pattern is optional"
    scheme, host, path = parts.groups()
    if (scheme or "").lower() not in SCHEMES:
        raise NotUnderstood(400, f"URL scheme must be http, https, unix, or unixs: {url}")
    if not _HOST_AND_PORT.fullmatch(host):
        raise NotUnderstood(400, f'URL address does not have the form "host:port": {url}')
    if path:
        raise NotUnderstood(400, f"URL must not contain a path: {url}")
    return scheme.lower() + url[len(scheme) :]
