"""The help of `learnetcd serve`: what it is, what to type, and every flag in its group.

It is made of the table of flags, so it can't leave one out or tell another default.

Next page: `clock`.
"""

from __future__ import annotations

import textwrap

from learnetcd.runtime.flags import FLAGS, Fate, Flag

WIDTH = 90
INDENT = " " * 6

INTRODUCTION = """\
usage: learnetcd serve [--FLAG=VALUE ...]

Runs one member of etcd: the v2 API of etcd 3.4, for curl, etcdctl and all that speaks it, with
etcd's own files on the disk. It is the very code that `learnetcd tui` steps.

examples:
  learnetcd serve                                  on http://localhost:2379, data in default.etcd
  learnetcd serve --name infra0 --data-dir /var/lib/infra0
  learnetcd serve --config-file etcd.yml           etcd's own configuration file
  learnetcd serve --proxy on --initial-cluster infra0=http://10.0.0.1:2380     a proxy before it
  learnetcd serve --environment-file etcd.conf     variables, as the packages of etcd keep them

and then, in another terminal:
  curl http://localhost:2379/v2/keys/greeting -XPUT -d value=hello
  ETCDCTL_API=2 etcdctl get greeting

Flags are etcd's, with one dash or two. Each has its variable: --max-wals is ETCD_MAX_WALS.
"""

EXIT_CODES = """\
Exit codes: 1 if a setting, the data directory or a port is not as it must be, 2 if there is no such
flag or value; a signal ends the server as it ends etcd.
"""


def help_text() -> str:
    """All of it."""
    groups = {flag.group: "" for flag in FLAGS if flag.fate is Fate.HONOURED}
    for flag in FLAGS:
        if flag.fate is Fate.HONOURED:
            groups[flag.group] += about(flag)
    parts = [INTRODUCTION, *(f"{group}:\n{lines}" for group, lines in groups.items())]
    parts.append("Refused, if asked for more than the default:\n" + by_reason(Fate.REFUSED))
    parts.append("Accepted, but without effect; one warning names them:\n" + by_reason(Fate.UNUSED))
    return "\n".join([*parts, EXIT_CODES])


def about(flag: Flag) -> str:
    """A flag that is honoured, as etcd's own help has it."""
    return f"  --{flag.name} '{flag.default}'\n{INDENT}{flag.help}\n"


def by_reason(fate: Fate) -> str:
    """Flags with one reason together: what happens instead, and which they are."""
    names: dict[str, list[str]] = {}
    for flag in FLAGS:
        if flag.fate is fate:
            names.setdefault(flag.help, []).append(f"--{flag.name}")
    return "".join(f"  {reason}:\n{wrapped(flags)}\n" for reason, flags in names.items())


def wrapped(flags: list[str]) -> str:
    """Names of flags, in as many lines as they need."""
    return textwrap.fill(
        ", ".join(flags),
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_on_hyphens=False,
    )
