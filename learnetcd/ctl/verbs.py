"""Verbs: all that may be typed after `learnetcd ctl`, as one table.

Each row has what help says and what the command line may hold; the work is a function of a module
that is imported when the verb is called.
Source: etcd 3.4 etcdctl/ctlv2/ctl.go. `restore`, `shell` and `completion` are ours; `import`, of
etcd 2, is not in 3.4. Next page: `help`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.ctl.flags import Flag, Kind


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: something that can be done."""

    name: str
    """`get`, or `member list` for a verb of a group."""
    usage: str
    """Its line in help."""
    arguments: str
    """What help says about them."""
    work: str
    """`module:function` below `learnetcd.ctl`."""
    flags: tuple[Flag, ...] = ()
    description: str = ""
    exactly: int | None = None
    """How many arguments it takes, where etcdctl counts them before all else."""
    otherwise: str = ""
    """What it says if there are more or fewer."""
    asks: str = "synced"
    """Whom it asks: `synced` (the members, once they are known), `given` or `nobody`."""


TTL = Flag(("ttl",), Kind.NUMBER, "key time-to-live in seconds", "0")
SORT = Flag(("sort",), Kind.SWITCH, "returns result in sorted order")
QUORUM = Flag(("quorum", "q"), Kind.SWITCH, "require quorum for get request")
AFTER_INDEX = Flag(("after-index",), Kind.NUMBER, "watch after the given index", "0")
HELP = Flag(("help", "h"), Kind.SWITCH, "show help")
VERSION = Flag(("version", "v"), Kind.SWITCH, "print the version")


def switch(names: str, usage: str) -> Flag:
    """A flag without a value: `switch("recursive, r", ...)`."""
    return Flag(tuple(names.split(", ")), Kind.SWITCH, usage)


def text(name: str, usage: str) -> Flag:
    """A flag with a text."""
    return Flag((name,), Kind.TEXT, usage)


def index(name: str) -> Flag:
    """A flag with the index that something must have."""
    return Flag((name,), Kind.NUMBER, "previous index", "0")


ROLES = (text("roles", "List of roles to grant or revoke"),)


def about_user(verb: str, usage: str) -> Verb:
    """A verb with the name of one user."""
    work, otherwise = f"accounts:user_{verb}", "Please provide a username"
    return Verb(f"user {verb}", usage, "<user>", work, exactly=1, otherwise=otherwise)


def about_role(verb: str, usage: str) -> Verb:
    """A verb with the name of one role."""
    work, otherwise = f"accounts:role_{verb}", "Please provide a role name"
    return Verb(f"role {verb}", usage, "<role>", work, exactly=1, otherwise=otherwise)


def listing(name: str, usage: str) -> Verb:
    """A verb about accounts that takes nothing."""
    work = f"accounts:{name.replace(' ', '_')}"
    return Verb(name, usage, " ", work, exactly=0, otherwise="No arguments accepted")


VERBS = (
    Verb(
        "backup",
        "backup an etcd directory",
        " ",
        "backup:backup",
        (
            text("data-dir", "Path to the etcd data dir"),
            text("wal-dir", "Path to the etcd wal dir"),
            text("backup-dir", "Path to the backup dir"),
            text("backup-wal-dir", "Path to the backup wal dir"),
            switch("with-v3", "Backup v3 backend data"),
        ),
        asks="nobody",
    ),
    Verb(
        "restore",
        "make a data directory from a backup: of one member, or of each of a new cluster",
        " ",
        "restore:restore",
        (
            text("backup-dir", "Path to the backup dir"),
            text("data-dir", "Path to the new etcd data dir (default: NAME.etcd)"),
            Flag(("name",), Kind.TEXT, "name of this member", '"default"'),
            Flag(
                ("initial-cluster",),
                Kind.TEXT,
                "all members of the new cluster, as NAME=PEER-URL, separated by commas",
                '"NAME=http://localhost:2380"',
            ),
            Flag(
                ("initial-cluster-token",),
                Kind.TEXT,
                "what tells this cluster from others",
                '"etcd-cluster"',
            ),
        ),
        asks="nobody",
    ),
    Verb(
        "cluster-health",
        "check the health of the etcd cluster",
        " ",
        "health:cluster_health",
        (switch("forever, f", "forever check the health every 10 second until CTRL+C"),),
        asks="given",
    ),
    Verb(
        "mk",
        "make a new key with a given value",
        "<key> <value>",
        "writing:mk",
        (switch("in-order", "create in-order key under directory <key>"), TTL),
    ),
    Verb("mkdir", "make a new directory", "<key>", "writing:mkdir", (TTL,)),
    Verb(
        "rm",
        "remove a key or a directory",
        "<key>",
        "writing:rm",
        (
            switch("dir", "removes the key if it is an empty directory or a key-value pair"),
            switch("recursive, r", "removes the key and all child keys(if it is a directory)"),
            text("with-value", "previous value"),
            index("with-index"),
        ),
    ),
    Verb(
        "rmdir",
        "removes the key if it is an empty directory or a key-value pair",
        "<key>",
        "writing:rmdir",
    ),
    Verb("get", "retrieve the value of a key", "<key>", "reading:get", (SORT, QUORUM)),
    Verb(
        "ls",
        "retrieve a directory",
        "[key]",
        "reading:ls",
        (
            SORT,
            switch("recursive, r", "returns all key names recursively for the given path"),
            switch("p", "append slash (/) to directories"),
            QUORUM,
        ),
    ),
    Verb(
        "set",
        "set the value of a key",
        "<key> <value>",
        "writing:set_key",
        (TTL, text("swap-with-value", "previous value"), index("swap-with-index")),
        description="""\
Set sets the value of a key.

When <value> begins with '-', <value> is interpreted as a flag.
Insert '--' for workaround:

$ set -- <key> <value>""",
    ),
    Verb(
        "setdir",
        "create a new directory or update an existing directory TTL",
        "<key>",
        "writing:setdir",
        (TTL,),
    ),
    Verb(
        "update",
        "update an existing key with a given value",
        "<key> <value>",
        "writing:update",
        (TTL,),
    ),
    Verb("updatedir", "update an existing directory", "<key> <value>", "writing:updatedir", (TTL,)),
    Verb(
        "watch",
        "watch a key for changes",
        "<key>",
        "watching:watch",
        (
            switch("forever, f", "forever watch a key until CTRL+C"),
            AFTER_INDEX,
            switch("recursive, r", "returns all values for key and child keys"),
        ),
    ),
    Verb(
        "exec-watch",
        "watch a key for changes and exec an executable",
        "<key> <command> [args...]",
        "watching:exec_watch",
        (AFTER_INDEX, switch("recursive, r", "watch all values for key and child keys")),
    ),
    Verb(
        "shell",
        "a prompt for all of these, with completion; shows the curl line of each",
        " ",
        "shell:shell",
    ),
    Verb(
        "completion",
        "print what makes your shell complete verbs, flags and keys: bash, zsh or fish",
        "<shell>",
        "completion:completion",
        asks="nobody",
    ),
    Verb(
        "member list",
        "enumerate existing cluster members",
        " ",
        "members:member_list",
        exactly=0,
        otherwise="No arguments accepted",
    ),
    Verb(
        "member add",
        "add a new member to the etcd cluster",
        "<name> <peerURL>",
        "members:member_add",
        exactly=2,
        otherwise="Provide a name and a single member peerURL",
    ),
    Verb(
        "member remove",
        "remove an existing member from the etcd cluster",
        "<memberID>",
        "members:member_remove",
        exactly=1,
        otherwise="Provide a single member ID",
    ),
    Verb(
        "member update",
        "update an existing member in the etcd cluster",
        "<memberID> <peerURLs>",
        "members:member_update",
        exactly=2,
        otherwise="Provide an ID and a list of comma separated peerURL "
        "(0xabcd http://example.com,http://example1.com)",
    ),
    about_user("add", "add a new user for the etcd cluster"),
    about_user("get", "get details for a user"),
    listing("user list", "list all current users"),
    about_user("remove", "remove a user for the etcd cluster"),
    Verb("user grant", "grant roles to an etcd user", "<user>", "accounts:user_grant", ROLES),
    Verb("user revoke", "revoke roles for an etcd user", "<user>", "accounts:user_revoke", ROLES),
    about_user("passwd", "change password for a user"),
    about_role("add", "add a new role for the etcd cluster"),
    about_role("get", "get details for a role"),
    listing("role list", "list all roles"),
    about_role("remove", "remove a role from the etcd cluster"),
    Verb(
        "role grant",
        "grant path matches to an etcd role",
        "<role>",
        "accounts:role_grant",
        (
            text("path", "Path granted for the role to access"),
            switch("read", "Grant read-only access"),
            switch("write", "Grant write-only access"),
            switch("readwrite, rw", "Grant read-write access"),
        ),
    ),
    Verb(
        "role revoke",
        "revoke path matches for an etcd role",
        "<role>",
        "accounts:role_revoke",
        (
            text("path", "Path revoked for the role to access"),
            switch("read", "Revoke read access"),
            switch("write", "Revoke write access"),
            switch("readwrite, rw", "Revoke read-write access"),
        ),
    ),
    listing("auth enable", "enable auth access controls"),
    listing("auth disable", "disable auth access controls"),
)

GROUPS = {
    "member": "member add, remove and list subcommands",
    "user": "user add, grant and revoke subcommands",
    "role": "role add, grant and revoke subcommands",
    "auth": "overall auth controls",
}
"""Verbs of two words, and what the first word is about."""

HINTS: dict[tuple[str, ...], str] = {
    ("get", "consistent"): "etcdctl 0.4 had --consistent: it sent the read to the leader, who may "
    "have been voted out without knowing it. --quorum took its place: it sends the read through "
    "the log, so the answer is no older than the question.",
    ("import",): "etcdctl 2 had `import`: it read a snapshot of etcd 0.4 into a running cluster. "
    "etcdctl 3.4 has it no more. A backup of etcd 2 or newer comes back with `restore`.",
}
"""What is asked for and not there, by verb and flag, and the sentence that explains."""


def verbs_of(group: str) -> list[Verb]:
    """The verbs of a group; of "" those that have none."""
    return [verb for verb in VERBS if verb.name.rpartition(" ")[0] == group]


def find(name: str) -> Verb | None:
    """The verb of this name."""
    return next((verb for verb in VERBS if verb.name == name), None)
