"""A curl line: a request as a person types it, whoever asked it first.

    curl -X PUT http://127.0.0.1:2379/v2/keys/msg -d 'ttl=5&value=a+b'

`learnetcd ctl shell` shows it above each answer, and the screen beside each client: whatever a tool
does with a key is one line of HTTP, and this is it. What a shell would take apart is quoted.

Left out: tools' headers of their own; the line asks the same without them.

Source: Go's net/url for what is escaped. Next page: `asking`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

FORM = "application/x-www-form-urlencoded"
"""What curl says that a body is, if it is told nothing else."""

UNESCAPED_IN_PATHS = "/$&+,:;=@"
"""What Go leaves as it is in a path, besides letters, digits and -_.~"""


def line(
    method: str, url: str, body: str | None, content_type: str = FORM, options: str = ""
) -> str:
    """The line for a person to copy; the options are quoted already."""
    data = "" if body is None else f" -d {shlex.quote(body)}"
    if body is not None and content_type != FORM:
        data += f" -H {shlex.quote(f'Content-Type: {content_type}')}"
    name = "" if method == "GET" else f" -X {method}"
    return f"curl{options}{name} {shlex.quote(url)}{data}"


def encoded(fields: Mapping[str, str]) -> str:
    """A query or a form, in the order of its names."""
    return "&".join(
        f"{name}={quote_plus(value, '', 'utf-8', 'surrogateescape')}"
        for name, value in sorted(fields.items())
    )


def escaped(path: str) -> str:
    """A path, as it may stand in a target."""
    return quote(path, UNESCAPED_IN_PATHS, "utf-8", "surrogateescape")
