"""Help: what `--help` prints, made from the table of verbs, in the form that etcdctl has.

    NAME:
       learnetcd ctl get - retrieve the value of a key

    USAGE:
       learnetcd ctl get [command options] <key>

    OPTIONS:
       --sort        returns result in sorted order
       --quorum, -q  require quorum for get request

Source: urfave/cli 1.22, template.go. Next page: `call`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.ctl.flags import Flag, Kind
from learnetcd.ctl.settings import GLOBAL_FLAGS
from learnetcd.ctl.verbs import GROUPS, HELP, VERBS, VERSION, Verb, verbs_of

PROGRAM = "learnetcd ctl"

SPOKEN_VERSION = "3.4.23"
"""Whose words we use."""

VERSION_TEXT = f"etcdctl version: {SPOKEN_VERSION}\nAPI version: 2"


def of_the_program() -> str:
    """All verbs, all global flags."""
    rows = {verb.name: verb.usage for verb in verbs_of("")} | GROUPS
    in_order = sorted(rows, key=[verb.name.split()[0] for verb in VERBS].index)
    listed = [(name, rows[name]) for name in in_order]
    listed.append(("help, h", "Shows a list of commands or help for one command"))
    return sections(
        ("NAME", f"{PROGRAM} - A simple command line client for etcd."),
        ("USAGE", f"{PROGRAM} [global options] command [command options] [arguments...]"),
        ("VERSION", SPOKEN_VERSION),
        ("COMMANDS", columns(listed)),
        ("GLOBAL OPTIONS", options([*GLOBAL_FLAGS, HELP, VERSION])),
    )


def of_a_group(group: str) -> str:
    """The verbs of a group."""
    listed = [(verb.name.rpartition(" ")[2], verb.usage) for verb in verbs_of(group)]
    return sections(
        ("NAME", f"{PROGRAM} {group} - {GROUPS[group]}"),
        ("USAGE", f"{PROGRAM} {group} command [command options] [arguments...]"),
        ("COMMANDS", columns(listed)),
        ("OPTIONS", f"{options([HELP])}\n"),
    )


def of_a_verb(verb: Verb) -> str:
    """One verb, its flags, its arguments."""
    may_have_flags = " [command options]" if verb.flags else ""
    texts = [
        ("NAME", f"{PROGRAM} {verb.name} - {verb.usage}"),
        ("USAGE", f"{PROGRAM} {verb.name}{may_have_flags} {verb.arguments}"),
    ]
    if verb.description:
        texts.append(("DESCRIPTION", verb.description))
    if verb.flags:
        texts.append(("OPTIONS", f"{options(verb.flags)}\n"))
    return sections(*texts)


def sections(*texts: tuple[str, str]) -> str:
    """Titles, and what is below each, indented."""
    return "\n\n".join(f"{title}:\n{indented(text)}" for title, text in texts)


def indented(text: str) -> str:
    """A text three columns to the right; of an empty line inside nothing, as in etcdctl."""
    first, *rest = text.split("\n")
    return "\n".join(
        [f"   {first}", *(f"   {line}" if line else "" for line in rest[:-1])]
        + ([f"   {rest[-1]}"] if rest else [])
    )


def options(flags: Sequence[Flag]) -> str:
    """Flags and what they are for."""
    return columns([(written(flag), explained(flag)) for flag in flags])


def written(flag: Flag) -> str:
    """The names of a flag, and of its value: `--output simple, -o simple`."""
    value = ""
    if flag.kind is not Kind.SWITCH:
        named = flag.usage.split("`")
        value = f" {named[1]}" if len(named) > 1 else " value"
    dashes = ("-" if len(name) == 1 else "--" for name in flag.names)
    return ", ".join(f"{dash}{name}{value}" for dash, name in zip(dashes, flag.names, strict=True))


def explained(flag: Flag) -> str:
    """What a flag is for, and what holds without it."""
    default = f" (default: {flag.default})" if flag.default else ""
    return flag.usage.replace("`", "") + default


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, two spaces between them."""
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"{left:<{width}}  {right}" for left, right in rows)
