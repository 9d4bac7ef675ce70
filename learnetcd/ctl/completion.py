"""Completion: what may come next in a line that is not finished.

    g|                   get
    member re|           member remove
    get --q|             get --quorum
    get /conf|           get /config, get /confirmed/        asked of the cluster

    $ source <(learnetcd ctl completion bash)      in ~/.bashrc; zsh and fish have theirs

A shell is given a few lines of its own language. At each press of Tab they call us with the line so
far, and we print what fits: so verbs, flags and keys are known in one place, the table of verbs.

Next page: `shell`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from learnetcd.ctl import keys
from learnetcd.ctl.call import Call
from learnetcd.ctl.client import Client
from learnetcd.ctl.failures import BAD_USAGE, Ended, Trouble
from learnetcd.ctl.flags import Flag, Misused, Value, parse
from learnetcd.ctl.settings import GLOBAL_FLAGS, settings
from learnetcd.ctl.verbs import GROUPS, find, verbs_of

PATIENCE_S = 0.5
"""Whoever presses Tab does not wait longer."""

SCRIPTS = {
    "bash": """\
_learnetcd() {
    [ "${COMP_WORDS[1]}" = ctl ] || return
    local IFS=$'\\n'
    COMPREPLY=($(learnetcd ctl completion candidates "${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} != */ ]] || compopt -o nospace 2>/dev/null
}
complete -o default -F _learnetcd learnetcd
""",
    "zsh": """\
#compdef learnetcd
_learnetcd() {
    [ "$words[2]" = ctl ] || { _default; return; }
    local -a found
    found=(${(f)"$(learnetcd ctl completion candidates "$LBUFFER" 2>/dev/null)"})
    compadd -S '' -- $found
}
compdef _learnetcd learnetcd
""",
    "fish": """\
complete -c learnetcd -f -n '__fish_seen_subcommand_from ctl' \\
    -a '(learnetcd ctl completion candidates (commandline -cp) 2>/dev/null)'
""",
}


def completion(call: Call) -> None:
    """Print the lines for a shell; or, called by them, what may come next."""
    match list(call.arguments):
        case [shell] if shell in SCRIPTS:
            print(SCRIPTS[shell], end="")
        case ["candidates", line]:
            _, _, so_far = line.partition(" ctl ")
            for candidate in candidates(so_far, call.said_before):
                print(candidate)
        case _:
            raise Ended(BAD_USAGE, f"Name your shell: {', '.join(SCRIPTS)}.\n")


def candidates(line: str, before: Mapping[str, Value]) -> list[str]:
    """All words that may stand in place of the last one; `before`: global flags given earlier."""
    *words, last = line.split(" ")
    try:
        said, words = parse(GLOBAL_FLAGS, [word for word in words if word])
    except Misused:
        return []
    if last.startswith("-"):
        return [flag for flag in flags_after(words) if flag.startswith(last)]
    if not words:
        names = [verb.name for verb in verbs_of("")] + list(GROUPS)
        return sorted(name for name in names if name.startswith(last))
    if words[0] in GROUPS:
        if len(words) > 1:
            return []
        names = [verb.name.rpartition(" ")[2] for verb in verbs_of(words[0])]
        return sorted(name for name in names if name.startswith(last))
    verb = find(words[0])
    return keys_at({**before, **said}, last) if verb and "key" in verb.arguments else []


def flags_after(words: Sequence[str]) -> list[str]:
    """The flags that may follow these words."""
    verb = find(" ".join(words[:2])) or find(words[0]) if words else None
    flags: Sequence[Flag] = verb.flags if verb else () if words else GLOBAL_FLAGS
    dashed = (f"--{name}" if len(name) > 1 else f"-{name}" for flag in flags for name in flag.names)
    return sorted(dashed)


def keys_at(said: Mapping[str, Value], start: str) -> list[str]:
    """The keys that begin so, of one directory; those that are directories end with a slash."""
    slash = "" if start.startswith("/") else "/"
    directory = f"{slash}{start}".rpartition("/")[0] or "/"
    in_time = {"timeout": PATIENCE_S, "total-timeout": PATIENCE_S, "curl": False}
    try:
        client = Client(settings({**said, **in_time}, os.environ))
        found = keys.ask(client, keys.get(directory, sort=True)).node
    except (Trouble, Ended):
        return []
    written = (
        f"{node.key.removeprefix(slash)}{'/' if node.is_dir else ''}" for node in found.nodes or ()
    )
    return [key for key in written if key.startswith(start)]
