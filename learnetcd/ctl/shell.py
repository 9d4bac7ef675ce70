"""The shell: one verb after the other, without `learnetcd ctl` before each.

    $ learnetcd ctl shell
    ctl> set /msg hello
    curl -X PUT http://127.0.0.1:2379/v2/keys/msg -d value=hello
    hello
    ctl> get /m[Tab]

Each line is read as the command line is, so all flags work; above the answer stands the curl line
that asks the same, without any client. Tab completes verbs, flags and keys. Ctrl+C ends a watch,
Ctrl+D the shell. Lines may also come from a file: `learnetcd ctl shell < lines`.

Next page: `line`.
"""

from __future__ import annotations

import base64
import shlex
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from learnetcd.ctl import completion
from learnetcd.ctl.call import Call
from learnetcd.ctl.failures import Ended
from learnetcd.ctl.flags import Value
from learnetcd.errors import UserError

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

PROMPT = "ctl> "
WELCOME = "Tab completes; `help` lists the verbs, `help get` explains one; Ctrl+D ends."
ENDS = ("exit", "quit")


def shell(call: Call) -> None:
    """Carry out line after line. Nothing but its end ends it."""
    # The members were asked for once, when the shell began.
    endpoints = ",".join(map(str, call.client.endpoints))
    before = {**call.said_before, "endpoints": endpoints, "no-sync": True, "curl": True}
    if "Authorization" in call.client.headers:  # nor was the password
        header = call.client.headers["Authorization"].removeprefix("Basic ")
        before["username"] = base64.b64decode(header).decode("utf-8", "surrogateescape")
    for line in typed(call) if sys.stdin.isatty() else sys.stdin:
        try:
            words = shlex.split(line, comments=True)
        except ValueError as trouble:
            print(f"{trouble}.", file=sys.stderr)
            continue
        if words and words[0] in ENDS:
            return
        if words:
            carry_out(words, before)


def carry_out(words: list[str], before: dict[str, Value]) -> None:
    """Do what one line says, and say what went wrong."""
    from learnetcd.ctl import line  # which knows this page: by the table of verbs

    try:
        if words[0] == "shell":
            raise UserError("This is the shell already; Ctrl+D ends it.")
        line.carry_out(words, before)
    except Ended as end:
        sys.stdout.flush()
        sys.stderr.write(end.text)
    except UserError as trouble:
        print(trouble, file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    sys.stdout.flush()


# --- at a terminal ------------------------------------------------------------------------------


def typed(call: Call) -> Iterator[str]:
    """The lines that a person types; Ctrl+C begins a new one, Ctrl+D is the end."""
    from prompt_toolkit import PromptSession  # here: no other verb needs it

    session: PromptSession[str] = PromptSession(completer=completer(call))
    print(WELCOME)
    while True:
        try:
            yield session.prompt(PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def completer(call: Call) -> Completer:
    """What Tab offers."""
    from prompt_toolkit.completion import Completer, Completion

    class OfVerbsAndKeys(Completer):
        """The candidates of `completion`, with keys of the cluster."""

        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            """Offer what may stand in place of the last word."""
            line = document.text_before_cursor
            last = line.rpartition(" ")[2]
            for found in completion.candidates(line, call.said_before):
                yield Completion(found, start_position=-len(last))

    return OfVerbsAndKeys()
