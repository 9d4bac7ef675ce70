"""A forward proxy: somebody on the way who asks servers for us, where we may not ask ourselves.

    to a server       GET /v2/keys/registry HTTP/1.1                        Host: discovery.etcd.io
    to the proxy      GET http://discovery.etcd.io/v2/keys/registry HTTP/1.1     ... it asks for us
    if it is https    CONNECT discovery.etcd.io:443 HTTP/1.1       ... and from then on it only
                                                                   passes on what it can't read

In many networks that is the only way out. The members of one cluster are near each other; the place
where they find each other may be anywhere. So only discovery goes this way.

Source: RFC 9112 §3.2.2, RFC 9110 §9.3.6; etcd 3.4 etcdserver/api/v2discovery/discovery.go,
newProxyFunc.

Differs: etcd asks other members through the proxy that HTTP_PROXY or HTTPS_PROXY names; ours ask
them directly. (For discovery both go by the flag alone.)

Left out: a proxy that speaks TLS itself (`https://PROXY`).

Next page: `http_client`.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import trio

from learnetcd.errors import UserError

MOST_HEAD_BYTES = 1 << 14


class NotPassedOn(Exception):
    """The proxy does not connect us; the sentence says what it said."""


@dataclass(frozen=True, slots=True)
class ForwardProxy:
    """Where it is, and who we are to it."""

    host: str
    port: int
    headers: dict[str, str] = field(default_factory=dict)
    """What it is told beside each request."""

    async def connect_through(self, stream: trio.SocketStream, host: str, port: int) -> None:
        """Let the connection to the proxy be one to a server."""
        there = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {there} HTTP/1.1", f"Host: {there}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        await stream.send_all(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = bytes(await stream.receive_some(MOST_HEAD_BYTES))
            answer += piece
            if not piece or len(answer) > MOST_HEAD_BYTES:
                break
        first_line = answer.partition(b"\r\n")[0].decode("latin-1")
        if first_line.split(" ")[1:2] != ["200"]:
            raise NotPassedOn(f"the proxy does not connect us to {there}: {first_line!r}")


def read_proxy(flag: str, text: str) -> ForwardProxy | None:
    """The proxy that a flag names; None for none."""
    if not text:
        return None
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:  # a port that is none
        host = None
    if host is None or parts.scheme != "http":
        raise UserError(f"{flag}: a proxy at http://HOST:PORT is expected, not {text!r}.")
    return ForwardProxy(host, port, credentials(parts.username, parts.password))


def credentials(user: str | None, password: str | None) -> dict[str, str]:
    """How whoever stands in the URL is told to the proxy."""
    if user is None:
        return {}
    known_as = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(known_as).decode()}"}
