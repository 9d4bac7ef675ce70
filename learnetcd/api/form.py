r"""The form: what a request says beyond its path, by names and values.

    PUT /v2/keys/x?ttl=5&value=old
    Content-Type: application/x-www-form-urlencoded        value   a b
                                                           dir     false
    value=a+b&dir=false                                    ttl     5

The body comes before the query, and of two values of one name the first counts.

A body is a form only if its media type says so; any other body is not looked at. And only PUT and
POST have one: what a DELETE wants to say must be in the query.

A form that can't be read is refused as a whole, with error 210 and the reason in the words of Go:

    value=%zz                               invalid URL escape "%zz"
    value=a;b                               invalid semicolon separator in query
    more than 10 MiB                        http: POST too large
    Content-Type: ;;;                       mime: no media type

Source: Go's net/http (ParseForm), net/url (ParseQuery), mime (ParseMediaType); RFC 9110 §8.3.1.

Left out: that Go refuses a media type with two different parameters of one name.

Differs: a form with more than 1000 pairs is refused. None of etcd's parameters comes twice, and
while we read millions of pairs nobody else would be heard.

Next page: `answers`.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from learnetcd.api.curl import FORM
from learnetcd.api.http import LARGEST_FORM, HttpRequest
from learnetcd.api.target import BAD_ESCAPE, decoded
from learnetcd.store.errors import INVALID_FORM, EtcdError

Form: TypeAlias = dict[str, str]

MOST_PAIRS = 1000


def form_of(request: HttpRequest) -> Form:
    """Read the form; an `EtcdError` if it can't be read."""
    form: Form = {}
    if request.method in {"PUT", "POST"} and media_type(request) == FORM:
        if len(request.body) > LARGEST_FORM:
            raise refused("http: POST too large")
        add_pairs(form, request.body.decode("iso-8859-1"))
    if request.query:
        add_pairs(form, request.query)
    return form


def refused(cause: str) -> EtcdError:
    """The error for a form that can't be read."""
    return EtcdError(INVALID_FORM, cause, 0)


# -- pairs ------------------------------------------------------------------------------------


def add_pairs(form: Form, text: str) -> None:
    """Add what is written as `name=value&name=value` to a form."""
    if ";" in text:
        raise refused("invalid semicolon separator in query")
    if text.count("&") >= MOST_PAIRS:
        raise refused(f"more than {MOST_PAIRS} pairs")
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            form.setdefault(unescaped(name), unescaped(value))


def unescaped(text: str) -> str:
    """Resolve percent signs, and plus signs, which stand for spaces."""
    if "%" not in text and "+" not in text and text.isascii():
        return text
    if bad := BAD_ESCAPE.search(text):
        escape = text[bad.start() : bad.start() + 3]
        raise refused(f"invalid URL escape {quoted(escape)}")
    return decoded(text.replace("+", " "))


_SHORT = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}


def quoted(text: str) -> str:
    """Write a piece of a target or a body in double quotes, as Go does (strconv.Quote)."""
    return f'"{"".join(map(_quoted_character, decoded(text.replace("%", "%25"))))}"'


def _quoted_character(character: str) -> str:
    if character in {'"', "\\"}:
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character in _SHORT:
        return f"\\{_SHORT[character]}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


# -- media types ------------------------------------------------------------------------------

# No character in these ever goes back (`*+`, `++`), and each group begins with a character that
# nothing before it takes: a long header costs no more than its length. (Groups are not possessive:
# Python before 3.11.5 matches those wrongly.)
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED = r'''" [^"\\\r\n]*+ (?: \\. [^"\\\r\n]*+ )* "'''
_PARAMETER = rf"; \s*+ {_TOKEN} \s*+ = \s*+ (?: {_TOKEN} | {_QUOTED} ) \s*+"
_PARAMETERS = re.compile(rf"(?: {_PARAMETER} )* ;? \s*+", re.VERBOSE)


def media_type(request: HttpRequest) -> str:
    """What kind of body it has: `application/x-www-form-urlencoded`."""
    header = request.headers.get("content-type") or "application/octet-stream"
    if header == FORM:
        return FORM
    name, semicolon, parameters = header.partition(";")
    name = name.strip().lower()
    refuse_misspelt(name)
    if not _PARAMETERS.fullmatch(semicolon + parameters):
        raise refused("mime: invalid media parameter")
    return name


def refuse_misspelt(name: str) -> None:
    """A media type is a word, or two with a slash between them."""
    parts = re.fullmatch(rf"({_TOKEN})?(/?)({_TOKEN})?(.*)", name, re.DOTALL)
    assert parts is not None, "everything in the pattern is optional"
    kind, slash, subtype, rest = parts.groups()
    if not kind:
        raise refused("mime: no media type")
    if rest and not slash:
        raise refused("mime: expected slash after first token")
    if slash and not subtype:
        raise refused("mime: expected token after slash")
    if rest:
        raise refused("mime: unexpected content after media subtype")
