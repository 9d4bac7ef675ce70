"""Access: which web pages may talk to us.

A browser lets the script of a page read the answers of another server only if that server says so
(*cross-origin resource sharing*). It asks first, by OPTIONS, and looks for these headers:

    Access-Control-Allow-Origin: http://a.example:8080    or *, for pages from anywhere
    Access-Control-Allow-Methods: POST, GET, OPTIONS, PUT, DELETE

With `--cors` only the named origins get them. That is no protection of ours: who is no browser does
not ask.

The other way round, a page may point its own name at our address, and then the browser takes us for
the page's own server (*DNS rebinding*). So with `--host-whitelist` only who calls us by a name that
we know is answered.

Source: the Fetch standard, §3.2; etcd 3.4 embed/serve.go (accessController); CVE-2018-5702.

Next page: `accounts`.
"""

from __future__ import annotations

from learnetcd.api.http import Headers, HttpRequest, HttpResponse
from learnetcd.api.pages import refusal


def sharing(origins: frozenset[str], request: HttpRequest) -> Headers:
    """The headers that let a page read the answer; none if it may not."""
    if "*" in origins:
        return FOR_ALL
    origin = request.headers.get("origin", "")
    return sharing_with(origin) if origin in origins else ()


def sharing_with(origin: str) -> Headers:
    """The headers for one origin."""
    return (
        ("Access-Control-Allow-Headers", "accept, content-type, authorization"),
        ("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE"),
        ("Access-Control-Allow-Origin", origin),
    )


FOR_ALL = sharing_with("*")


def is_called_by_its_name(hosts: frozenset[str], request: HttpRequest) -> bool:
    """Whether the client calls us by a name that we know."""
    return "*" in hosts or host_in(request) in hosts


def host_in(request: HttpRequest) -> str:
    """The host that the client means, without its port."""
    host = request.headers.get("host", "")
    name, colon, port = host.rpartition(":")
    # The last colon of an address in brackets may be part of it: [::1]
    has_port = bool(colon) and "]" not in port
    return (name if has_port else host).strip("[]")


def misdirected(host: str) -> HttpResponse:
    """The answer to a client that calls us by another name."""
    # RFC 9110 §15.5.20
    return refusal(
        421,
        f"This server does not answer to the name {host!a}. To let it, start the server with"
        f" --host-whitelist {host!a}, or call it by a name that is listed there.",
    )
