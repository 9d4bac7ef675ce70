"""Endpoints: the addresses at which a cluster can be asked.

    --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379

Any member will do: each knows who leads, and passes on what only the leader can do. Several are
named so that a command still works while one of them is down: they are tried one after the other.

They are URLs as Go reads them, and that has a trap: `127.0.0.1:2379` is refused, and `host:2379` is
read as the scheme `host`. Write `http://` before it.

Differs: etcdctl shuffles them, to spread many clients over the members. Here they are tried in the
order in which they were given, so that a reader can predict who is asked.

Source: etcd 3.4 etcdctl/ctlv2/command/util.go, client/client.go; Go's net/url.
Next page: `credentials`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from learnetcd.ctl.flags import quoted

DEFAULT = "http://127.0.0.1:2379,http://127.0.0.1:4001"
"""etcd's client port, and the one that it had before version 2."""

PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_NOT_IN_HOST = re.compile(r"[\s<>\"^`{|}\\]")


class BadUrl(ValueError):
    """A text that is no URL."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one member can be asked."""

    scheme: str
    host: str
    """Name or address, without the brackets of IPv6; "" if there is none."""
    port: int | None
    """None for the usual one of the scheme."""
    path: str
    """What comes before `/v2/keys` there; mostly ""."""
    text: str
    """The URL as it is shown."""

    def __str__(self) -> str:
        """As it is shown."""
        return self.text

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect to."""
        return self.host, PORTS.get(self.scheme, 0) if self.port is None else self.port


def parse(text: str) -> Endpoint:
    """Read a URL; `BadUrl` if it is none."""
    found = _SCHEME.fullmatch(text)
    scheme, rest = (found[1].lower(), found[2]) if found else ("", text)
    if escape := _BAD_ESCAPE.search(rest):
        raise bad_url(text, f"invalid URL escape {quoted(escape[0])}")
    if not rest.startswith("//"):
        if scheme:  # host:2379 and the like: it will be refused when somebody connects
            return Endpoint(scheme, "", None, "", text)
        if ":" in rest.partition("/")[0]:
            raise bad_url(text, "first path segment in URL cannot contain colon")
        rest = f"//{rest}"
    scheme = scheme or "http"
    authority, slash, path = rest[2:].partition("/")
    host, port = host_and_port(text, authority.rpartition("@")[2])
    return Endpoint(scheme, host, port, slash + path, f"{scheme}:{rest}")


def host_and_port(text: str, authority: str) -> tuple[str, int | None]:
    """Take `[::1]:2379` or `host:2379` apart; `text` is the whole, for the complaint."""
    if letter := _NOT_IN_HOST.search(authority):
        raise bad_url(text, f"invalid character {quoted(letter[0])} in host name")
    host, colon, port = authority.rpartition(":")
    if authority.startswith("["):
        host, bracket, port = authority[1:].rpartition("]")
        if not bracket:
            raise bad_url(text, "missing ']' in host")
        colon, port = port[:1], port[1:]
    elif not colon:
        host, port = authority, ""
    if (port and not port.isdecimal()) or colon not in ("", ":"):
        raise bad_url(text, f"invalid port {quoted(colon + port)} after host")
    return host, int(port) if port else None


def bad_url(text: str, why: str) -> BadUrl:
    """Say it as Go says it."""
    return BadUrl(f"parse {quoted(text)}: {why}")
