"""Watching: wait for an event, print it or run a command for it.

    $ learnetcd ctl watch /k                        one event, then it ends
    $ learnetcd ctl watch --forever --recursive /   until Ctrl+C
    $ learnetcd ctl watch --after-index 7 /k        what came after 7, if it is not forgotten

One question brings one event. The next question asks for what came after it, by its index: so
nothing is missed in between, as long as fewer than 1000 events come meanwhile.

`exec-watch` gives the command four variables: ETCD_WATCH_ACTION, _KEY, _VALUE, _MODIFIED_INDEX.

    exec-watch --recursive /k -- sh -c 'echo $ETCD_WATCH_VALUE'     as it is meant
    exec-watch /k -- sh -c ls                                       watches /ls, and runs `/k sh -c`

The second line is strange, and scripts may know it: without a flag of its own in front, the `--` is
lost on the way, and then the last word is the key. And it counts `--after-index` one too far.

Source: etcd 3.4 etcdctl/ctlv2/command/watch_command.go, exec_watch_command.go, client/keys.go.
Next page: `accounts`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from threading import Thread

from learnetcd.ctl import keys, output
from learnetcd.ctl.call import Call
from learnetcd.ctl.failures import BAD_USAGE, Ended, Trouble, error, usage_error


def watch(call: Call) -> None:
    """Show the next event of a key, or all of them. Ctrl+C is the way to end it, and no failure."""
    recursive = call.is_on("recursive")
    try:
        for event in events(call, call.key(), call.number("after-index"), recursive):
            if event.node.is_dir:
                continue
            if recursive:
                print(f"[{event.action}] {event.node.key}")
            output.show(event, call.form)
            sys.stdout.flush()
            if not call.is_on("forever"):
                return
    except KeyboardInterrupt:
        raise Ended(0) from None


def events(call: Call, key: str, after: int, recursive: bool) -> Iterator[keys.Result]:
    """One event after the other; the next is asked for when somebody wants it."""
    wait_index = keys.unsigned(after) + 1 if after else 0
    while True:
        try:
            answer = call.client.ask(
                keys.watch(key, wait_index=wait_index, recursive=recursive),
            )
            if not answer.body:
                continue  # a server that shuts down ends its watches without an event
            event = keys.result_of(answer)
        except Trouble as trouble:
            raise error(trouble) from None
        yield event
        wait_index = event.node.modified_index + 1


# --- exec-watch ---------------------------------------------------------------------------------


def exec_watch(call: Call) -> None:
    """Run a command for each event, and don't wait for it."""
    key, command = key_and_command(call.arguments)
    after = call.number("after-index")
    after += 1 if after else 0
    try:
        for event in events(call, key, after, call.is_on("recursive")):
            if event.node.is_dir:
                print(f"Ignored dir {event.node.key} change", file=sys.stderr)
            else:
                run(command, event)
    except KeyboardInterrupt:
        raise Ended(0) from None


def key_and_command(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Which words are the key, and which the command."""
    if len(arguments) < 2:
        raise usage_error("key and command to exec required")
    if "--" in arguments[1:]:
        return arguments[0], arguments[2:]
    return arguments[-1], arguments[:-1]


def run(command: Sequence[str], event: keys.Result) -> None:
    """Start the command, with the event in its environment."""
    told = {
        "ETCD_WATCH_ACTION": event.action,
        "ETCD_WATCH_MODIFIED_INDEX": str(event.node.modified_index),
        "ETCD_WATCH_KEY": event.node.key,
        "ETCD_WATCH_VALUE": event.node.value,
    }
    words = [word.encode("utf-8", "surrogateescape") for word in command]
    try:
        process = subprocess.Popen(words, env={**os.environ, **told})
    except (OSError, IndexError, ValueError) as trouble:
        reason = getattr(trouble, "strerror", None) or str(trouble)
        raise Ended(BAD_USAGE, f"{' '.join(command)}: {reason}\n") from None
    Thread(target=process.wait, daemon=True).start()  # it is over when it is over
