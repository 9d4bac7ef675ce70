"""Accounts: the users and roles that the cluster has written down, and what each of them may do.

    /2/enabled        true
    /2/users/alice    {"user":"alice","password":"$2a$10$...","roles":["clerk"]}
    /2/roles/clerk    {"role":"clerk","permissions":{"kv":{"read":["/pub/*","/one"],"write":[]}}}

A user has roles, and a role has patterns: one that ends with `*` stands for all keys that begin so,
any other for one key alone. Who may read `/pub/*` may read `/pub/a`, and `/pub/`, but not `/pub`.
To ask for all that is below a key, one pattern must hold all of it.

Two names are special. Whoever has the role `root` may do anything; it is written down nowhere. And
who says no name has the role `guest`. That one is made when accounts are switched on, and may do
anything at first, so that nobody is locked out: to take rights away from it is the next thing.

It is all in the store, so all members have the same accounts, and agree on when they change.

Source: etcd 3.4 etcdserver/api/v2auth/auth.go.

Differs: a pattern that is empty matches nothing; etcd gives up on a request that meets one.

Next page: `credentials`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from learnetcd.member.namespace import AUTH
from learnetcd.store.path import child
from learnetcd.store.store import Store
from learnetcd.store.tree import Directory, find, node_of
from learnetcd.store.wording import fields, string
from learnetcd.value import dataclass

ENABLED, USERS, ROLES = "/enabled", "/users", "/roles"
"""Where what is, below `/2`."""

ROOT, GUEST = "root", "guest"
EVERYTHING = ("/*",)

Names = tuple[str, ...] | None
"""A list of names; None is one that nobody has given, which JSON calls null."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Which keys somebody may read, and which write, by patterns."""

    read: Names = None
    write: Names = None

    def allow(self, key: str, *, recursive: bool, write: bool) -> bool:
        """Whether one of the patterns holds this key; if recursive, all that is below it, too."""
        patterns = (self.write if write else self.read) or ()
        return any(matches(pattern, key, recursive=recursive) for pattern in patterns)

    def as_json(self) -> str:
        """As etcd writes it."""
        return fields(
            [("kv", fields([("read", listed(self.read)), ("write", listed(self.write))]))]
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.read or self.write)


@dataclass(frozen=True, slots=True)
class Role:
    """What some users may do."""

    name: str
    permissions: Permissions

    def as_json(self) -> str:
        """As etcd writes it."""
        return fields([("role", string(self.name)), ("permissions", self.permissions.as_json())])


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a name and a password."""

    name: str
    hash: str
    """Of the password."""
    roles: Names = None

    def as_json(self) -> str:
        """As etcd writes it down: the hash is for the store alone."""
        return fields(
            [
                ("user", string(self.name)),
                ("password", string(self.hash)),
                ("roles", listed(self.roles)),
            ]
        )


ROOT_ROLE = Role(ROOT, Permissions(EVERYTHING, EVERYTHING))
GUEST_ROLE = Role(GUEST, Permissions(EVERYTHING, EVERYTHING))


def matches(pattern: str, key: str, *, recursive: bool) -> bool:
    """Whether a pattern holds a key; if recursive, with all that is below it."""
    if pattern.endswith("*"):
        return key.startswith(pattern[:-1])
    return bool(pattern) and key == pattern and not recursive


def listed(names: Names) -> str:
    """A list as JSON."""
    return "null" if names is None else f"[{','.join(map(string, names))}]"


# -- reading ----------------------------------------------------------------------------------


def are_enabled(store: Store) -> bool:
    """Whether anybody is asked for a name at all. Every request wants to know: it must be quick."""
    accounts = store.root.children.get("2")
    if accounts is None:
        return False
    return written(store, ENABLED) == "true"


def are_prepared(store: Store) -> bool:
    """Whether there is room for users and roles."""
    return written(store, ENABLED) is not None


def user(store: Store, name: str) -> User | None:
    """A user, if there is one of that name."""
    text = written(store, child(USERS, name)) if name else None
    if text is None:
        return None
    found = json.loads(text)
    roles = found.get("roles")
    known = User(str(found.get("user")), str(found.get("password") or ""), names_in(roles))
    return with_root_role(known)


def with_root_role(known: User) -> User:
    """The user root has the role root, whatever is said."""
    if known.name != ROOT or ROOT in (known.roles or ()):
        return known
    return User(known.name, known.hash, (*(known.roles or ()), ROOT))


def role(store: Store, name: str) -> Role | None:
    """A role, if there is one of that name."""
    if name == ROOT:
        return ROOT_ROLE
    text = written(store, child(ROLES, name)) if name else None
    if text is None:
        return None
    found = json.loads(text)
    kv = (found.get("permissions") or {}).get("kv") or {}
    permissions = Permissions(names_in(kv.get("read")), names_in(kv.get("write")))
    return Role(str(found.get("role")), permissions)


def names_in(value: list[str] | None) -> Names:
    """A list of JSON as a tuple."""
    return None if value is None else tuple(value)


def user_names(store: Store) -> list[str]:
    """All users, sorted."""
    return sorted(names_below(store, USERS))


def role_names(store: Store) -> list[str]:
    """All roles, sorted: `root`, and those that are written down."""
    return sorted([ROOT, *names_below(store, ROLES)])


def names_below(store: Store, path: str) -> Iterable[str]:
    """What is listed there: no name that begins with `_`, as of any key."""
    directory = find(store.root, AUTH + path)
    if isinstance(directory, Directory):
        for _, item in directory.children.items():
            node = node_of(item)
            if not node.is_hidden:
                yield node.name


def written(store: Store, path: str) -> str | None:
    """What is written at a path below `/2`."""
    item = find(store.root, AUTH + path)
    return None if item is None else node_of(item).value


# -- deciding ---------------------------------------------------------------------------------


def is_root(known: User) -> bool:
    """Whether a user may change the accounts and the members."""
    return ROOT in (known.roles or ())


def may_use(store: Store, who: User | None, key: str, *, recursive: bool, write: bool) -> bool:
    """Whether somebody may use a key, all that is below it included if recursive; None: a guest."""
    if who is None:
        guests = role(store, GUEST)
        # A guest's right to one key is enough to ask for what is below it, as in etcd
        # (v2http/client_auth.go, hasGuestAccess).
        return guests is not None and guests.permissions.allow(key, recursive=False, write=write)
    for name in who.roles or ():
        found = role(store, name)
        if found is ROOT_ROLE:
            return True
        if found and found.permissions.allow(key, recursive=recursive, write=write):
            return True
    return False
