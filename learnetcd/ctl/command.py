"""`learnetcd ctl`: find the verb, read its flags, call it, and end with etcdctl's exit code.

    learnetcd ctl [global flags] VERB [flags] [arguments]

Next page: `learnetcd/`, the command line as a whole.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from learnetcd.ctl import help as helps
from learnetcd.ctl.call import Call
from learnetcd.ctl.client import Client
from learnetcd.ctl.failures import BAD_USAGE, NO_SUCH_VERB, Ended
from learnetcd.ctl.flags import Flag, Misused, Value, in_order, parse
from learnetcd.ctl.settings import GLOBAL_FLAGS, settings
from learnetcd.ctl.verbs import GROUPS, HELP, HINTS, VERSION, Verb, find


def run(words: Sequence[str]) -> int:
    """Do what was typed after `learnetcd ctl`, and return the exit code."""
    speak_utf_8()
    try:
        carry_out([in_utf_8(word) for word in words])
    except Ended as end:
        sys.stdout.flush()
        sys.stderr.write(end.text)
        return end.exit_code
    return 0


def carry_out(words: Sequence[str]) -> None:
    """Read the command line from left to right; `Ended` unless all went well."""
    said, rest = read((*GLOBAL_FLAGS, HELP, VERSION), words, helps.of_the_program, ".")
    if said.get("help"):
        print(helps.of_the_program())
    elif said.get("version"):
        print(helps.VERSION_TEXT)
    elif rest and rest[0] in GROUPS:
        carry_out_of_group(rest[0], rest[1:], said)
    elif rest and rest[0] not in ("help", "h"):
        carry_out_verb(rest[0], rest[1:], said)
    else:
        print(help_about(rest[1:]))


def carry_out_of_group(group: str, words: Sequence[str], said: dict[str, Value]) -> None:
    """`member list`, and what else may follow `member`."""

    def explain() -> str:
        return helps.of_a_group(group)

    flags, rest = read((HELP,), words, explain, ".")
    if flags.get("help") or not rest or rest[0] in ("help", "h"):
        print(explain())
    else:
        carry_out_verb(rest[0], rest[1:], said, group)


def carry_out_verb(
    name: str, words: Sequence[str], said: dict[str, Value], group: str = ""
) -> None:
    """Read the flags of a verb, and call it."""
    verb = find(f"{group} {name}".strip())
    if verb is None:
        raise unknown(name)
    known = (*verb.flags, HELP)

    def explain() -> str:
        return helps.of_a_verb(verb)

    flags, arguments = read(known, in_order(known, words), explain, ":", verb.name)
    if flags.get("help"):
        print(explain())
        return
    if verb.exactly not in (None, len(arguments)):
        raise Ended(BAD_USAGE, f"{verb.otherwise}\n")
    call(verb, said, flags, arguments)


def call(
    verb: Verb, said: dict[str, Value], flags: dict[str, Value], arguments: Sequence[str]
) -> None:
    """Make a client for the verb, and let it work."""
    chosen = settings(said, os.environ)
    client = Client(chosen)
    if verb.asks == "synced":
        client.sync()
    elif verb.asks == "given":
        client.tell_endpoints()
    module, function = verb.work.split(":")
    work: Callable[[Call], None] = getattr(import_module(f"learnetcd.ctl.{module}"), function)
    work(Call(chosen, flags, arguments, client))


# --- what makes no sense ------------------------------------------------------------------------


def read(
    flags: Sequence[Flag],
    words: Sequence[str],
    explain: Callable[[], str],
    sign: str,
    verb: str = "",
) -> tuple[dict[str, Value], list[str]]:
    """Read flags; if they make no sense, say so, with the help that fits."""
    try:
        return parse(flags, words)
    except Misused as misuse:
        print(f"Incorrect Usage{sign} {misuse}\n")
        print(explain())
        flag = str(misuse).rpartition(" -")[2]
        raise Ended(BAD_USAGE, f"{misuse}\n{hint(verb, flag)}") from None


def unknown(name: str) -> Ended:
    """A verb that does not exist, in etcdctl's words."""
    return Ended(NO_SUCH_VERB, f"No help topic for '{name}'\n{hint(name)}")


def hint(*what: str) -> str:
    """A line about what other texts name and we don't have."""
    sentence = HINTS.get(what)
    return f"{sentence}\n" if sentence else ""


def help_about(words: Sequence[str]) -> str:
    """What `help` says about a word, or about everything."""
    if not words or words[0] in ("help", "h"):
        return helps.of_the_program()
    if words[0] in GROUPS:
        return helps.of_a_group(words[0])
    verb = find(words[0])
    if verb is None:
        raise unknown(words[0])
    return helps.of_a_verb(verb)


# --- the streams --------------------------------------------------------------------------------


def speak_utf_8() -> None:
    """Write values as the bytes that they are, whatever the terminal is set to."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def in_utf_8(word: str) -> str:
    """A word of the command line as UTF-8, with what is none as surrogates."""
    return os.fsencode(word).decode("utf-8", "surrogateescape")
