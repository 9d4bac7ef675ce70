"""The line: find the verb in what was typed, read its flags, and call it.

    learnetcd ctl [global flags] VERB [flags] [arguments]

A line comes from the command line of a shell, or from our own (`shell`).

Source: urfave/cli 1.22, app.go, command.go. Next page: `command`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module

from learnetcd.ctl import help as helps
from learnetcd.ctl.call import Call
from learnetcd.ctl.client import Client
from learnetcd.ctl.failures import BAD_USAGE, NO_SUCH_VERB, Ended
from learnetcd.ctl.flags import Flag, Misused, Value, in_order, parse
from learnetcd.ctl.settings import GLOBAL_FLAGS, settings
from learnetcd.ctl.verbs import GROUPS, HELP, HINTS, VERSION, Verb, find


def carry_out(words: Sequence[str], before: Mapping[str, Value] | None = None) -> None:
    """Do what a line says; `Ended` unless all went well. `before`: global flags given earlier."""
    said_here, rest = read((*GLOBAL_FLAGS, HELP, VERSION), words, helps.of_the_program, ".")
    said = {**(before or {}), **said_here}
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
    explain = partial(helps.of_a_group, group)
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
    explain = partial(helps.of_a_verb, verb)
    flags, arguments = read(known, in_order(known, words), explain, ":", verb.name)
    if flags.get("help"):
        print(explain())
        return
    if verb.exactly not in (None, len(arguments)):
        raise Ended(BAD_USAGE, f"{verb.otherwise}\n")
    chosen = settings(said, os.environ)
    call = Call(chosen, flags, arguments, Client(chosen), said)
    (explained if chosen.explain else work)(verb, call)


def work(verb: Verb, call: Call) -> None:
    """Let the verb do its work, with a client who knows whom to ask."""
    if verb.asks != "nobody":
        call.client.say_who_asks()
    if verb.asks == "synced":
        call.client.sync()
    elif verb.asks == "given":
        call.client.tell_endpoints()
    module, name = verb.work.split(":")
    function: Callable[[Call], None] = getattr(import_module(f"learnetcd.ctl.{module}"), name)
    function(call)


def explained(verb: Verb, call: Call) -> None:
    """Let the verb work, then tell what it made the cluster do, also if it came to nothing."""
    from learnetcd.ctl import explain  # here: few commands need it

    heard = explain.listen(call.client)
    exit_code = 0
    try:
        work(verb, call)
    except Ended as end:
        sys.stderr.write(end.text)
        exit_code = end.exit_code
    sys.stdout.flush()
    for line in explain.told(heard, call.client):
        print(line, file=sys.stderr)
    if exit_code:
        raise Ended(exit_code)


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
