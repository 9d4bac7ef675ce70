"""Accounts: the verbs about users, about roles, and about whether anybody is asked for a name.

    $ learnetcd ctl user add root:secret          first root: without, nothing can be switched on
    $ learnetcd ctl auth enable
    $ learnetcd ctl -u root:secret role add clerk
    $ learnetcd ctl -u root:secret role grant clerk --path '/pub/*' --readwrite
    $ learnetcd ctl -u root:secret user add alice             her password is asked for
    $ learnetcd ctl -u root:secret user grant alice --roles clerk
    $ learnetcd ctl -u root:secret role revoke guest --path '/*' --readwrite

The last line is easily forgotten: until then, who says no name may do everything.

Source: etcd 3.4 etcdctl/ctlv2/command/user_commands.go, role_commands.go, auth_commands.go;
client/auth_user.go, auth_role.go.

Differs: `--debug` shows no password, etcdctl does.

Next page: `members`.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from typing import Any

from learnetcd.ctl.call import Call
from learnetcd.ctl.credentials import asked_for
from learnetcd.ctl.exchange import Request
from learnetcd.ctl.failures import Ended, NotAnEtcd, Trouble, plainly

AUTH = "/v2/auth"
USERS, ROLES, ENABLE = f"{AUTH}/users", f"{AUTH}/roles", f"{AUTH}/enable"

Said = Mapping[str, Any]  # Any: it is JSON


# --- users --------------------------------------------------------------------------------------


def user_list(call: Call) -> None:
    """Print all names."""
    for user in ask(call, "GET", USERS).get("users") or []:
        print(user["user"])


def user_get(call: Call) -> None:
    """Print the roles of one."""
    (name,) = call.arguments
    said = ask(call, "GET", f"{USERS}/{name}")
    roles = "".join(f" {role['role']}" for role in said.get("roles") or [])
    print(f"User: {said['user']}\nRoles: {roles}")


def user_add(call: Call) -> None:
    """Make a user, whose password is typed: `alice:secret`, or when it is asked for."""
    name, colon, password = call.arguments[0].partition(":")
    change_user(call, name, password=password if colon else asked_for("New password: "))
    print(f"User {name} created")


def user_passwd(call: Call) -> None:
    """Give a user another password."""
    (name,) = call.arguments
    change_user(call, name, password=asked_for("New password: "))
    print("Password updated")


def user_remove(call: Call) -> None:
    """Remove a user."""
    (name,) = call.arguments
    ask(call, "DELETE", f"{USERS}/{name}")
    print(f"User {name} removed")


def user_grant(call: Call) -> None:
    """Give a user a role."""
    change_roles(call, "grant")


def user_revoke(call: Call) -> None:
    """Take a role from a user."""
    change_roles(call, "revoke")


def change_roles(call: Call, verb: str) -> None:
    """Give or take: the text after `--roles` is the name of one role, commas and all."""
    role = call.text("roles")
    if not role:
        raise plainly("No roles specified; please use `--roles`")
    name = only_argument(call, "Please provide a username")
    change_user(call, name, **{verb: [role]})
    print(f"User {name} updated")


def change_user(call: Call, name: str, **change: object) -> None:
    """Say what shall be otherwise."""
    ask(call, "PUT", f"{USERS}/{name}", {"user": name, **change})


# --- roles --------------------------------------------------------------------------------------


def role_list(call: Call) -> None:
    """Print all names."""
    for role in ask(call, "GET", ROLES).get("roles") or []:
        print(role["role"])


def role_get(call: Call) -> None:
    """Print what one may do."""
    (name,) = call.arguments
    said = ask(call, "GET", f"{ROLES}/{name}")
    patterns = said["permissions"]["kv"]
    print(f"Role: {said['role']}")
    for title, kind in (("KV Read:", "read"), ("KV Write:", "write")):
        print(title, *(f"\t{pattern}" for pattern in patterns[kind] or []), sep="\n")


def role_add(call: Call) -> None:
    """Make a role that may do nothing yet."""
    (name,) = call.arguments
    try:
        ask(call, "GET", f"{ROLES}/{name}")
    except Ended:
        nothing: dict[str, dict[str, list[str]]] = {"kv": {"read": [], "write": []}}
        ask(call, "PUT", f"{ROLES}/{name}", {"role": name, "permissions": nothing})
        print(f"Role {name} created")
        return
    raise plainly(f"Role {name} already exists")


def role_remove(call: Call) -> None:
    """Remove a role."""
    (name,) = call.arguments
    ask(call, "DELETE", f"{ROLES}/{name}")
    print(f"Role {name} removed")


def role_grant(call: Call) -> None:
    """Let a role use keys."""
    change_patterns(call, "grant")


def role_revoke(call: Call) -> None:
    """Let a role use keys no more."""
    change_patterns(call, "revoke")


def change_patterns(call: Call, verb: str) -> None:
    """Give or take the right to read, to write, or both, by one pattern."""
    pattern = call.text("path")
    if not pattern:
        raise plainly("No path specified; please use `--path`")
    if canonical(pattern) != pattern:
        raise plainly(f"Not canonical path; please use `--path={canonical(pattern)}`")
    if sum(map(call.is_on, ("read", "write", "readwrite"))) != 1:
        raise plainly("Please specify exactly one of --read, --write or --readwrite")
    name = only_argument(call, "Please provide a role name")
    patterns = {
        kind: [pattern] if call.is_on(kind) or call.is_on("readwrite") else []
        for kind in ("read", "write")
    }
    ask(call, "PUT", f"{ROLES}/{name}", {"role": name, verb: {"kv": patterns}})
    print(f"Role {name} updated")


def canonical(pattern: str) -> str:
    """A pattern as keys are written: from the root, without `//` and `..`."""
    short = posixpath.normpath(f"/{pattern.lstrip('/')}")
    return f"{short}/" if pattern.endswith("/") and short != "/" else short


# --- on and off ---------------------------------------------------------------------------------


def auth_enable(call: Call) -> None:
    """Ask everybody for a name from now on."""
    ask(call, "PUT", ENABLE)
    print("Authentication Enabled")


def auth_disable(call: Call) -> None:
    """Let everybody do everything again."""
    ask(call, "DELETE", ENABLE)
    print("Authentication Disabled")


# --- questions and answers ----------------------------------------------------------------------


def only_argument(call: Call, otherwise: str) -> str:
    """The one argument that there must be."""
    if len(call.arguments) != 1:
        raise plainly(otherwise)
    return call.arguments[0]


def ask(call: Call, method: str, path: str, said: Said | None = None) -> Said:
    """Ask, and read what is answered; the command ends if it is a no."""
    body = None
    if said is not None:
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    request = Request(
        method, path, body=body, content_type="application/json", is_secret=body is not None
    )
    try:
        answer = call.client.ask(request)
        told: Said = json.loads(answer.body or "{}")
        if answer.status not in (200, 201):
            raise plainly(told["message"])
        return told
    except Trouble as trouble:
        raise plainly(trouble) from None
    except (ValueError, LookupError, TypeError):
        raise plainly(NotAnEtcd()) from None
