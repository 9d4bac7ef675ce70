"""Templates: what is filled in where a case says `$K`, `$(+1)`, `$(rep:x:600)` or `$(name)`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Templates:
    """The values for one case."""

    key: str
    """The key of the case, under which it keeps everything."""
    base: int
    """The etcd index at its start."""
    values: Mapping[str, str]
    """What has a name of its own."""

    def filled(self, text: str) -> str:
        return re.sub(r"\$K|\$\((.*?)\)", self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return self.key
        if re.fullmatch(r"[+-]\d+", name):
            return str(max(self.base + int(name), 1))
        if sequence := re.fullmatch(r"seq(\d+)", name):
            return f"{self.base + int(sequence[1]):020}"
        if repeated := re.fullmatch(r"rep:(.*):(\d+)", name):
            return repeated[1] * int(repeated[2])
        return self.values[name]
