"""Flags: what may be said beside the arguments, read the way etcdctl reads it.

    set --ttl 5 /k v      set -ttl=5 /k v      set /k v --ttl 5      all the same
    get /k --quorum       a flag of the verb may follow its arguments
    get /k -o json        one that the verb does not have is taken for an argument there
    set -- -k -v          after `--` nothing is a flag

Two rules make this. Go's `flag` package reads flags until the first word that is none. So that they
may also stand behind, the command line is put in order first: each flag of the verb, with the word
after it, goes to the front, and so does a `--`. Since nobody looks there whether the flag takes a
value at all, `ls --sort /a /b` lists `/a`, and so would `ls /b --sort /a`.

Source: Go's flag package; urfave/cli 1.22, command.go. Left out: two names of one flag at once.

Next page: `failures`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a flag's value is."""

    SWITCH = "switch"
    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag, as a verb or the program itself has it."""

    names: tuple[str, ...]
    """The first is the one by which the code knows it."""
    kind: Kind
    usage: str
    """What help says about it; a word in backquotes names its value."""
    default: str = ""
    """What help says about its default."""

    @property
    def name(self) -> str:
        """The name by which the code knows it."""
        return self.names[0]


Value = bool | str | int | float
"""A duration is a number of seconds."""


class Misused(Exception):
    """The command line makes no sense; the text says why."""


def parse(flags: Sequence[Flag], words: Sequence[str]) -> tuple[dict[str, Value], list[str]]:
    """Read flags up to the first word that is none: what was said, and the words that are left."""
    by_name = {name: flag for flag in flags for name in flag.names}
    said: dict[str, Value] = {}
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        name, equals, text = word.removeprefix("-").removeprefix("-").partition("=")
        if not name or name.startswith("-"):
            raise Misused(f"bad flag syntax: {word}")
        if name not in by_name:
            raise Misused(f"flag provided but not defined: -{name}")
        flag = by_name[name]
        if not equals and flag.kind is Kind.SWITCH:
            text = "true"
        elif not equals:
            if not rest:
                raise Misused(f"flag needs an argument: -{name}")
            text = rest.pop(0)
        said[flag.name] = value_of(flag, name, text)
    return said, rest


def in_order(flags: Sequence[Flag], words: Iterable[str]) -> list[str]:
    """Put the flags of a verb, each with the word after it, before its arguments."""
    names = {name for flag in flags for name in flag.names}
    front: list[str] = []
    back: list[str] = []
    rest = list(words)
    may_be_value = False
    while rest:
        word = rest.pop(0)
        is_flag = is_written_as(word, names)
        if may_be_value and not is_flag:
            front.append(word)
            may_be_value = False
        elif word == "--":
            return [*front, "--", *back, *rest]
        elif is_flag:
            front.append(word)
            may_be_value = "=" not in word
        else:
            back.append(word)
    return front + back


def is_written_as(word: str, names: Iterable[str]) -> bool:
    """Whether a word is one of these flags: `--ttl`, `-ttl`, `--ttl=5`."""
    if not word.startswith("-"):
        return False
    return word.removeprefix("-").removeprefix("-").partition("=")[0] in names


# --- values -------------------------------------------------------------------------------------

_YES = {"1", "t", "T", "TRUE", "true", "True"}
_NO = {"0", "f", "F", "FALSE", "false", "False"}
_NUMBER = re.compile(r"([+-]?)(?:0[xX]([\da-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))")
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_LARGEST = 2**63


def value_of(flag: Flag, name: str, text: str) -> Value:
    """What the text after a flag means; `Misused` if nothing."""
    found: Value | None
    match flag.kind:
        case Kind.TEXT:
            return text
        case Kind.SWITCH:
            if text not in _YES | _NO:
                raise Misused(f"invalid boolean value {quoted(text)} for -{name}: parse error")
            return text in _YES
        case Kind.NUMBER:
            found = number(text)
            if found is not None and not -_LARGEST <= found < _LARGEST:
                raise Misused(f"invalid value {quoted(text)} for flag -{name}: value out of range")
        case Kind.DURATION:
            found = duration(text)
    if found is None:
        raise Misused(f"invalid value {quoted(text)} for flag -{name}: parse error")
    return found


def number(text: str) -> int | None:
    """A whole number as Go reads it: 10, 0x0a, 0b1010, 012."""
    if not (found := _NUMBER.fullmatch(text)):
        return None
    sign, *digits = found.groups()
    base, written = next(
        (base, part) for base, part in zip((16, 2, 8, 10), digits, strict=True) if part
    )
    return int(sign + written, base)


def duration(text: str) -> float | None:
    """A duration in seconds, as Go reads it: `1h2m3.5s`, `100ms`, `0`."""
    unsigned = text.lstrip("+-") if len(text) - len(text.lstrip("+-")) <= 1 else ""
    if unsigned == "0":
        return 0.0
    pieces = _DURATION.findall(unsigned)
    if not pieces or "".join(amount + unit for amount, unit in pieces) != unsigned:
        return None
    seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in pieces)
    return -seconds if text.startswith("-") else seconds


def quoted(text: str) -> str:
    """A text between quotation marks, as Go writes it."""
    return json.dumps(text, ensure_ascii=False)
