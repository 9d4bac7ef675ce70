"""The values of flags: what may stand after a flag, and what it becomes.

    --max-wals=5                     5
    --enable-v2=false                False
    --listen-client-urls=http://127.0.0.1:2379,http://10.0.0.7:2379     a tuple of two

A `Kind` reads the text or says in a few words what it expects instead. The words that it accepts
are those of Go, in which etcd is written.

Differs: Go also reads `0x10` and `010` as whole numbers, the latter as eight. Here a number is
written as people write it.

Source: etcd 3.4 pkg/flags, pkg/types/urls.go; Go's packages flag, strconv and time.
Next page: `flags`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from learnetcd.raft.config import PROFILES


class BadValue(ValueError):
    """What was expected instead, in a few words."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value."""

    read: Callable[[str], object]
    """From the text to the value; raises `BadValue`."""
    in_yaml: type = str
    """What a configuration file must hold: `max-wals: 5`, not `max-wals: "5"`."""
    placeholder: str = "..."
    """How the help writes a value of this kind."""
    is_switch: bool = False
    """It may stand alone (`--pre-vote`), and takes no word after it: only `--pre-vote=false`."""


def read_text(text: str) -> str:
    """Any text at all."""
    return text


def read_switch(text: str) -> bool:
    """Yes or no, in Go's eleven spellings."""
    if text in {"1", "t", "T", "true", "TRUE", "True"}:
        return True
    if text in {"0", "f", "F", "false", "FALSE", "False"}:
        return False
    raise BadValue("it takes 'true' or 'false'")


def read_number(text: str) -> int:
    """A whole number, 0 or more."""
    if not re.fullmatch("[0-9]+", text) or (len(text) > 1 and text.startswith("0")):
        raise BadValue("it takes a whole number, 0 or more")
    if int(text) >= 1 << 63:
        raise BadValue(f"it takes a whole number up to {(1 << 63) - 1}")
    return int(text)


def read_integer(text: str) -> int:
    """A whole number, maybe below 0."""
    try:
        return -read_number(text[1:]) if text.startswith("-") else read_number(text)
    except BadValue as error:
        raise BadValue("it takes a whole number") from error


def read_duration(text: str) -> str:
    """A stretch of time as Go writes it. No flag that we honour has one, so it stays a text."""
    if not re.fullmatch(r"0|-?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+", text, re.ASCII):
        raise BadValue("it takes a time such as '5s' or '2h30m'")
    return text


def read_urls(text: str) -> tuple[str, ...]:
    """Addresses, with commas between them; sorted, each once, as etcd keeps them."""
    return tuple(sorted({read_url(word.strip()) for word in text.split(",")})) if text else ()


def read_url(text: str) -> str:
    """One address, of which etcd wants these three parts: scheme, host and port."""
    try:
        url = urlsplit(text)
        has_port = url.port is not None
    except ValueError:
        raise BadValue(f"{text!r} is no URL such as 'http://127.0.0.1:2379'") from None
    if url.scheme not in {"http", "https", "unix", "unixs"}:
        raise BadValue(f"{text!r} must begin with 'http://' or 'https://'")
    if url.scheme.startswith("unix"):
        return text
    if not has_port or "@" in url.netloc or not re.fullmatch(r"[\x21-\x7e]*", text):
        raise BadValue(f"{text!r} must name a host and a port, as in 'http://127.0.0.1:2379'")
    if url.path or url.query or url.fragment:
        raise BadValue(f"{text!r} must end with the port: there is no path in it")
    return f"{url.scheme}://{url.netloc}"


def read_origins(text: str) -> tuple[str, ...]:
    """Web origins, which are URLs; none and `*` are all of them."""
    return ("*",) if text in {"", "*"} else read_urls(text)


def read_names(text: str) -> tuple[str, ...]:
    """Names with commas between them; none and `*` are all of them."""
    return ("*",) if text in {"", "*"} else tuple(sorted({*text.split(",")}))


def read_list(text: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(text.split(","))


def read_routes(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of addresses: `http://10.0.0.7:2380=http://127.0.0.1:2390`."""
    return tuple(read_route(word.strip()) for word in text.split(",")) if text else ()


def read_route(text: str) -> tuple[str, str]:
    """An address, and where it leads."""
    url, equals, way = text.partition("=")
    if not equals:
        raise BadValue(f"{text!r} must be a URL, an equals sign, and the URL that it leads to")
    return read_url(url), read_url(way)


def one_of(*words: str) -> Kind:
    """One of a few words."""

    def read_word(text: str) -> str:
        if text not in words:
            raise BadValue(f"it takes one of {', '.join(map(repr, words))}")
        return text

    return Kind(read_word, placeholder="|".join(words))


TEXT = Kind(read_text)
SWITCH = Kind(read_switch, in_yaml=bool, placeholder="true|false", is_switch=True)
NUMBER = Kind(read_number, in_yaml=int, placeholder="N")
INTEGER = Kind(read_integer, in_yaml=int, placeholder="N")
DURATION = Kind(read_duration, placeholder="TIME")
URLS = Kind(read_urls, placeholder="URL,...")
ROUTES = Kind(read_routes, placeholder="URL=URL,...")
ORIGINS = Kind(read_origins, placeholder="URL,...")
NAMES = Kind(read_names, placeholder="NAME,...")
LIST = Kind(read_list, in_yaml=list, placeholder="WORD,...")
IGNORED = Kind(read_text, is_switch=True)
PROFILE = one_of(*sorted(PROFILES))
