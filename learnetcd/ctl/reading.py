"""Reading: the verbs that change nothing, `get` and `ls`.

    $ learnetcd ctl get /dir                  a directory has no value
    /dir: is a directory                      (stderr; exit code 1)
    $ learnetcd ctl ls --recursive -p /dir
    /dir/sub/
    /dir/sub/key

Without `--quorum` the member that is asked answers from its own tree, alone: its answer may be old.
With it the question travels through the log like a write.

Source: etcd 3.4 etcdctl/ctlv2/command/get_command.go, ls_command.go. Next page: `writing`.
"""

from __future__ import annotations

from learnetcd.ctl import keys, output
from learnetcd.ctl.call import Call
from learnetcd.ctl.failures import plainly


def get(call: Call) -> None:
    """Show the value of a key."""
    key = call.key()
    result = call.ask(keys.get(key, sort=call.is_on("sort"), quorum=call.is_on("quorum")))
    if result.node.is_dir:
        raise plainly(f"{result.node.key}: is a directory")
    output.show(result, call.form)


def ls(call: Call) -> None:
    """Show what is in a directory."""
    key = call.arguments[0] if call.arguments else "/"
    sort, quorum, recursive = (call.is_on(name) for name in ("sort", "quorum", "recursive"))
    result = call.ask(keys.get(key, sort=sort, quorum=quorum, recursive=recursive))
    if call.form != "simple":
        output.show(result, call.form)
        return
    for name in output.listing(result.node, mark_directories=call.is_on("p")):
        print(name)
