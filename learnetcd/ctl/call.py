"""A call: one verb with what was said to it, and the client through which it works.

    learnetcd ctl -o json set --ttl 5 /k v

    settings    output json, the default endpoints ...
    flags       ttl = 5
    arguments   /k, v

The checks come in etcdctl's order, which is what a script sees when two things are wrong: a flag
that makes no sense, then a cluster that can't be reached, then an argument that is missing.

Next page: `reading`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from learnetcd.ctl import keys
from learnetcd.ctl.client import Client
from learnetcd.ctl.exchange import Request
from learnetcd.ctl.failures import Trouble, error, usage_error
from learnetcd.ctl.flags import Value
from learnetcd.ctl.settings import Settings


@dataclass(frozen=True, slots=True)
class Call:
    """What a verb is called with."""

    settings: Settings
    flags: Mapping[str, Value]
    """The flags of the verb that were given."""
    arguments: Sequence[str]
    client: Client
    said_before: Mapping[str, Value]
    """The global flags."""

    @property
    def form(self) -> str:
        """The form of the output: simple, extended or json."""
        return self.settings.output

    def is_on(self, name: str) -> bool:
        """Whether a switch was given."""
        return bool(self.flags.get(name, False))

    def number(self, name: str) -> int:
        """The number after a flag; 0 without it."""
        return int(self.flags.get(name, 0))

    def text(self, name: str) -> str:
        """The text after a flag; "" without it."""
        return str(self.flags.get(name, ""))

    def key(self) -> str:
        """The first argument."""
        if not self.arguments:
            raise usage_error("key required")
        return self.arguments[0]

    def value(self) -> str:
        """The second argument, or else all of stdin. `-` is a value like any other."""
        if len(self.arguments) > 1:
            return self.arguments[1]
        value = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        if not value:
            raise usage_error("value required")
        return value

    def ask(self, request: Request) -> keys.Result:
        """Ask about keys; the command ends if the answer is a no."""
        try:
            return keys.ask(self.client, request)
        except Trouble as trouble:
            raise error(trouble) from None
