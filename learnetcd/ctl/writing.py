"""Writing: the verbs that change the key space, and when each of them is refused.

    set        always                          setdir      if no directory is there
    mk         if nothing is there             mkdir       if nothing is there
    update     if a key is there               updatedir   if something is there
    rm         if a key is there               rmdir       if it is a key, or an empty directory

`set --swap-with-value` and `rm --with-value` compare first: two clients who both read `free` can't
both swap it for `taken`. This is what locks are made of.

Source: etcd 3.4 etcdctl/ctlv2/command, a file for each verb. Next page: `watching`.
"""

from __future__ import annotations

from learnetcd.ctl import keys, output
from learnetcd.ctl.call import Call
from learnetcd.ctl.exchange import Request


def set_key(call: Call) -> None:
    """Write a value, whatever was there."""
    key, value = call.key(), call.value()
    ttl, wanted = call.number("ttl"), call.text("swap-with-value")
    at = call.number("swap-with-index")
    write(call, keys.put(key, value, ttl=ttl, prev_value=wanted, prev_index=at))


def mk(call: Call) -> None:
    """Make a key that is not there yet, or one more in a directory."""
    key, value, ttl = call.key(), call.value(), call.number("ttl")
    if call.is_on("in-order"):
        write(call, keys.post(key, value, ttl=ttl))
    else:
        write(call, keys.put(key, value, ttl=ttl, prev_exist=False))


def update(call: Call) -> None:
    """Write a key that is there."""
    key, value = call.key(), call.value()
    write(call, keys.put(key, value, ttl=call.number("ttl"), prev_exist=True))


def rm(call: Call) -> None:
    """Remove a key, or a directory."""
    remove(
        call,
        keys.delete(
            call.key(),
            is_dir=call.is_on("dir"),
            recursive=call.is_on("recursive"),
            prev_value=call.text("with-value"),
            prev_index=call.number("with-index"),
        ),
    )


def rmdir(call: Call) -> None:
    """Remove a key, or a directory with nothing in it."""
    remove(call, keys.delete(call.key(), is_dir=True))


def mkdir(call: Call) -> None:
    """Make a directory where nothing is."""
    write_directory(call, prev_exist=False)


def setdir(call: Call) -> None:
    """Make a directory; a key that is there gives way."""
    write_directory(call, prev_exist=None)


def updatedir(call: Call) -> None:
    """Give a directory a new time to live."""
    write_directory(call, prev_exist=True)


def write_directory(call: Call, *, prev_exist: bool | None) -> None:
    """Write a directory, which has nothing to show in the simple form."""
    ttl = call.number("ttl")
    result = call.ask(keys.put(call.key(), ttl=ttl, is_dir=True, prev_exist=prev_exist))
    if call.form != "simple":
        output.show(result, call.form)


def write(call: Call, request: Request) -> None:
    """Write, and show what is there now."""
    output.show(call.ask(request), call.form)


def remove(call: Call, request: Request) -> None:
    """Remove, and show what was there; of a directory there is nothing to show."""
    result = call.ask(request)
    if not result.node.is_dir or call.form != "simple":
        output.show(result, call.form)
