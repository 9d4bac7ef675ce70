"""Changes of accounts, as a client says them in JSON, and what an account is after one.

    {"user":"alice","password":"secret"}                    make her, or give her another password
    {"user":"alice","grant":["clerk"],"revoke":["boss"]}    change what she may do
    {"role":"clerk","permissions":{"kv":{"read":["/pub/*"],"write":[]}}}        make a role
    {"role":"clerk","grant":{"kv":{"read":["/more"]}}}      change what it stands for

To grant what somebody has already is refused, and so is to revoke a role from a user who does not
have it. To revoke a pattern that a role does not have changes nothing; but a change that changes
nothing at all is refused.

Source: etcd 3.4 etcdserver/api/v2auth/auth.go (merge, Grant, Revoke); Go's encoding/json, which
looks neither at capital letters in names nor at what comes after the first value.

Next page: `auth`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from learnetcd.api.accounts import Names, Permissions, Role, User
from learnetcd.value import dataclass


class Refused(Exception):
    """Why not: the status for the client, and the words."""

    def __init__(self, status: int, words: str) -> None:
        """Say why."""
        super().__init__(words)
        self.status = status


INVALID = "Invalid JSON in request body."


@dataclass(frozen=True, slots=True)
class UserChange:
    """What a client wants of a user."""

    name: str
    password: str
    roles: Names
    grant: Names
    revoke: Names


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What a client wants of a role."""

    name: str
    permissions: Permissions
    grant: Permissions
    revoke: Permissions


# -- reading ----------------------------------------------------------------------------------


def user_change(body: bytes) -> UserChange:
    """Read what is wanted of a user; `Refused` if it can't be read."""
    said = object_in(body)
    return UserChange(
        text(said, "user"),
        text(said, "password"),
        texts(said, "roles"),
        texts(said, "grant"),
        texts(said, "revoke"),
    )


def role_change(body: bytes) -> RoleChange:
    """Read what is wanted of a role; `Refused` if it can't be read."""
    said = object_in(body)
    return RoleChange(
        text(said, "role"),
        permissions(said, "permissions"),
        permissions(said, "grant"),
        permissions(said, "revoke"),
    )


Said = dict[str, Any]
"""An object of JSON, its names in lower case."""


def object_in(body: bytes) -> Said:
    """The JSON object with which a body begins."""
    try:
        value, _ = json.JSONDecoder().raw_decode(body.decode("utf-8", "replace").lstrip(" \t\r\n"))
    except (ValueError, RecursionError):
        raise Refused(400, INVALID) from None
    return as_object(value)


def as_object(value: object) -> Said:
    """An object, or nothing."""
    if not isinstance(value, dict | None):
        raise Refused(400, INVALID)
    return {name.lower(): one for name, one in (value or {}).items()}


def text(said: Said, name: str) -> str:
    """A text; "" if it is not there."""
    value = said.get(name)
    if not isinstance(value, str | None):
        raise Refused(400, INVALID)
    return _HALF_CHARACTERS.sub("\ufffd", value or "")


_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
"""JSON can write a half of a character, which no text can hold."""


def texts(said: Said, name: str) -> Names:
    """A list of texts."""
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise Refused(400, INVALID)
    return tuple(text({name: one}, name) for one in value)


def permissions(said: Said, name: str) -> Permissions:
    """What may be read and written."""
    kv = as_object(as_object(said.get(name)).get("kv"))
    return Permissions(texts(kv, "read"), texts(kv, "write"))


# -- changing ---------------------------------------------------------------------------------


def changed_user(known: User, change: UserChange, hash: str) -> User:
    """The user after a change; `hash` is that of a new password, or the old one."""
    roles = set(known.roles or ())
    for name in change.grant or ():
        if name in roles:
            raise conflict(f"Granting duplicate role {name} for user {known.name}")
        roles.add(name)
    for name in change.revoke or ():
        if name not in roles:
            raise conflict(f"Revoking ungranted role {name} for user {known.name}")
        roles.remove(name)
    after = User(known.name, hash, tuple(sorted(roles)))
    if after == known:
        how = "Use grant/revoke/password to update the user."
        raise Refused(400, f"auth: User not updated. {how}")
    return after


def changed_role(known: Role, change: RoleChange) -> Role:
    """The role after a change."""
    after = Role(
        known.name,
        Permissions(
            changed(known.permissions.read, change.grant.read, change.revoke.read, "read"),
            changed(known.permissions.write, change.grant.write, change.revoke.write, "write"),
        ),
    )
    if after == known:
        raise Refused(400, "auth: Role not updated. Use grant/revoke to update the role.")
    return after


def changed(known: Names, granted: Names, revoked: Names, what: str) -> Names:
    """The patterns after a change."""
    patterns = set(known or ())
    for pattern in granted or ():
        if pattern in patterns:
            raise conflict(f"Granting duplicate {what} permission {pattern}")
        patterns.add(pattern)
    return tuple(sorted(patterns - set(revoked or ())))


def conflict(words: str) -> Refused:
    """It does not fit with what is there."""
    return Refused(409, f"auth: {words}")
