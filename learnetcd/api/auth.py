"""Auth: users and roles are made, changed and removed here, and accounts switched on and off.

    GET          /v2/auth/users          all of them, with what they may do
    GET          /v2/auth/users/alice    one of them
    PUT, DELETE  /v2/auth/users/alice    make or change her, or remove her
    ...          /v2/auth/roles/clerk    the same with roles
    GET          /v2/auth/enable         {"enabled":false}
    PUT, DELETE  /v2/auth/enable         switch accounts on, or off

All of it is for who has the role root, once accounts are on; only whether they are on, anybody may
know. To switch them on there must be a user root, or nobody could ever switch them off again.

A change is a few requests to the cluster, one after the other: read what is there (through the log,
so that it is the newest), make the hash of a password, make room for accounts if there is none yet,
and write, on the condition that the account is still there, or still is not.

Source: etcd 3.4 etcdserver/api/v2http/client_auth.go, etcdserver/api/v2auth/auth.go and
auth_requests.go.

Next page: `stats`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from learnetcd.api import accounts
from learnetcd.api.account_changes import (
    Refused,
    RoleChange,
    UserChange,
    changed_role,
    changed_user,
    role_change,
    user_change,
)
from learnetcd.api.accounts import ENABLED, GUEST, GUEST_ROLE, ROLES, ROOT, USERS, Role, User
from learnetcd.api.call import Call
from learnetcd.api.credentials import NOT_ALLOWED, if_root
from learnetcd.api.form import form_of
from learnetcd.api.http import HttpResponse, Result, SlowWork, Submission
from learnetcd.api.pages import JSON, json_page, message, not_allowed
from learnetcd.member.request import Answer, AuthRequest, KeyRequest, Method, Outcome, ReadKind
from learnetcd.store.errors import KEY_EXISTS, KEY_NOT_FOUND, EtcdError
from learnetcd.store.path import child
from learnetcd.store.wording import fields, string

PREFIX = "/v2/auth"


def auth(call: Call) -> Result:
    """Anything below /v2/auth/users and /v2/auth/roles."""
    _, kind, *names = call.path[len(PREFIX) :].rstrip("/").split("/")
    if not names:
        return everybody(call)
    if len(names) > 1:
        return message(400, "Invalid path")
    if call.request.method not in ("GET", "PUT", "DELETE"):
        return not_allowed("GET", "PUT", "DELETE")
    table = USER_METHODS if kind == "users" else ROLE_METHODS
    return for_root(call, partial(table[call.request.method], call, names[0]))


def everybody(call: Call) -> Result:
    """GET /v2/auth/users, /v2/auth/roles."""
    if call.request.method != "GET":
        return not_allowed("GET")
    is_about_users = call.path.startswith(PREFIX + USERS)
    return for_root(call, partial(all_users if is_about_users else all_roles, call))


def for_root(call: Call, answer: Callable[[], Result]) -> Result:
    """Answer who has the role root; anybody, as long as accounts are off."""

    def answered() -> Result:
        try:
            return answer().plus((call.facts.cluster_header,))
        except Refused as refused:
            return message(refused.status, str(refused)).plus((call.facts.cluster_header,))

    return if_root(call.member, call.facts, call.request, answered, NOT_ALLOWED)


# -- looking ----------------------------------------------------------------------------------


def all_users(call: Call) -> HttpResponse:
    """Each with the roles that exist."""
    check_query(call)
    store = call.member.store
    known = (accounts.user(store, name) for name in accounts.user_names(store))
    shown = [shown_user(call, one, must_exist=False) for one in known if one is not None]
    return line(fields([("users", f"[{','.join(shown)}]" if shown else "null")]))


def all_roles(call: Call) -> HttpResponse:
    """Each with its patterns."""
    check_query(call)
    store = call.member.store
    known = (accounts.role(store, name) for name in accounts.role_names(store))
    shown = [one.as_json() for one in known if one is not None]
    return line(fields([("roles", f"[{','.join(shown)}]")]))


def get_user(call: Call, name: str) -> Result:
    """One user."""
    known = accounts.user(call.member.store, name)
    if known is None:
        raise Refused(404, f"auth: User {name} does not exist.")
    check_query(call)
    return line(shown_user(call, known, must_exist=True))


def shown_user(call: Call, known: User, *, must_exist: bool) -> str:
    """A user with all that she may do."""
    roles = []
    for name in known.roles or ():
        found = accounts.role(call.member.store, name)
        if found is not None:
            roles.append(found.as_json())
        elif must_exist:
            raise Refused(404, f"auth: Role {name} does not exist.")
    return fields(
        [("user", string(known.name))] + ([("roles", f"[{','.join(roles)}]")] if roles else [])
    )


def get_role(call: Call, name: str) -> Result:
    """One role."""
    known = accounts.role(call.member.store, name)
    if known is None:
        raise Refused(404, f"auth: Role {name} does not exist.")
    return line(known.as_json())


def check_query(call: Call) -> None:
    """A query that can't be read is an error, though there is nothing to say in one."""
    try:
        form_of(call.request)
    except EtcdError:
        raise Refused(500, "Internal Server Error") from None


def line(json: str, status: int = 200) -> HttpResponse:
    """A JSON object in a line."""
    return HttpResponse(status, (JSON,), f"{json}\n".encode())


DONE = json_page("")


# -- users ------------------------------------------------------------------------------------


def put_user(call: Call, name: str) -> Result:
    """Make or change a user."""
    change = user_change(call.request.body)
    if change.name != name:
        raise Refused(400, "User JSON name does not match the name in the URL")
    if not change.grant and not change.revoke:
        if change.roles:
            return create_user(call, change, status=200)
        return newest(call, child(USERS, name), partial(make_or_change_user, call, change))
    if change.roles:
        raise Refused(400, "User JSON contains both roles and grant/revoke")
    return newest(call, child(USERS, name), partial(change_user, call, change))


def make_or_change_user(call: Call, change: UserChange) -> Result:
    """A password alone is for both: one who is there and one who is not."""
    if accounts.user(call.member.store, change.name) is None:
        return create_user(call, change, status=201)
    return change_user(call, change)


def create_user(call: Call, change: UserChange, status: int) -> Result:
    """Make a user."""
    if not change.password:
        why = f"Cannot create user {change.name} with an empty password"
        raise Refused(400, f"auth: {why}")
    made = accounts.with_root_role(User(change.name, "", change.roles))

    def write(hash: str) -> Result:
        refusals = {KEY_EXISTS: message(409, f"auth: User {change.name} already exists.")}
        asked = put(child(USERS, made.name), User(made.name, hash, made.roles).as_json(), new=True)
        return prepared(call, partial(ask, asked, partial(line, said_of(made), status), refusals))

    return with_hash(call, change.password, write)


def change_user(call: Call, change: UserChange) -> Result:
    """Give a user another password, or other roles."""
    known = accounts.user(call.member.store, change.name)
    if known is None:
        raise Refused(404, f"auth: User {change.name} does not exist.")
    changed_user(known, change, change.password or known.hash)  # refused before the hash is made

    def write(hash: str) -> Result:
        after = changed_user(known, change, hash)
        asked = put(child(USERS, change.name), after.as_json(), new=False)
        return prepared(call, partial(ask, asked, partial(line, said_of(after))))

    return with_hash(call, change.password, write) if change.password else write(known.hash)


def said_of(known: User) -> str:
    """What a client is told of a user that was written: the names of the roles."""
    return fields([("user", string(known.name)), ("roles", accounts.listed(known.roles))])


def with_hash(call: Call, password: str, then: Callable[[str], Result]) -> Result:
    """Go on with the hash of a password."""

    def work() -> Callable[[], Result]:
        return partial(then, call.facts.passwords.hashed(password))

    return SlowWork(work)


def delete_user(call: Call, name: str) -> Result:
    """Remove a user."""
    if accounts.are_enabled(call.member.store) and name == ROOT:
        raise Refused(403, "auth: Cannot delete root user while auth is enabled.")
    refusals = {KEY_NOT_FOUND: message(404, f"auth: User {name} does not exist")}
    return prepared(call, partial(ask, delete(child(USERS, name)), done, refusals))


# -- roles ------------------------------------------------------------------------------------


def put_role(call: Call, name: str) -> Result:
    """Make or change a role."""
    change = role_change(call.request.body)
    if change.name != name:
        raise Refused(400, "Role JSON name does not match the name in the URL")
    is_new = not change.grant and not change.revoke
    if not is_new and change.permissions:
        raise Refused(400, "Role JSON contains both permissions and grant/revoke")
    refuse_root(name)
    if is_new:
        return create_role(call, Role(name, change.permissions))
    return newest(call, child(ROLES, name), partial(change_role, call, change))


def create_role(call: Call, made: Role) -> Result:
    """Make a role."""
    refusals = {KEY_EXISTS: message(409, f"auth: Role {made.name} already exists.")}
    asked = put(child(ROLES, made.name), made.as_json(), new=True)
    return prepared(call, partial(ask, asked, partial(line, made.as_json(), 201), refusals))


def change_role(call: Call, change: RoleChange) -> Result:
    """Grant and revoke patterns."""
    known = accounts.role(call.member.store, change.name)
    if known is None:
        raise Refused(404, f"auth: Role {change.name} does not exist.")
    after = changed_role(known, change)
    asked = put(child(ROLES, change.name), after.as_json(), new=False)
    return prepared(call, partial(ask, asked, partial(line, after.as_json())))


def delete_role(call: Call, name: str) -> Result:
    """Remove a role; those who had it keep the name."""
    refuse_root(name)
    refusals = {KEY_NOT_FOUND: message(404, f"auth: Role {name} doesn't exist.")}
    return prepared(call, partial(ask, delete(child(ROLES, name)), done, refusals))


def refuse_root(name: str) -> None:
    """What root may do is written down nowhere, so that nobody can take it away."""
    if name == ROOT:
        raise Refused(403, f"auth: Cannot modify role {name}: is root role.")


Handler = Callable[[Call, str], Result]
USER_METHODS: dict[str, Handler] = {"GET": get_user, "PUT": put_user, "DELETE": delete_user}
ROLE_METHODS: dict[str, Handler] = {"GET": get_role, "PUT": put_role, "DELETE": delete_role}


# -- on and off -------------------------------------------------------------------------------


def enable(call: Call) -> Result:
    """GET, PUT and DELETE /v2/auth/enable."""
    store = call.member.store
    match call.request.method:
        case "GET":
            enabled = "true" if accounts.are_enabled(store) else "false"
            return line(fields([("enabled", enabled)])).plus((call.facts.cluster_header,))
        case "PUT":
            return for_root(call, partial(switch_on, call))
        case _:
            return for_root(call, partial(switch_off, call))


def switch_on(call: Call) -> Result:
    """Ask everybody for a name from now on."""
    if accounts.are_enabled(call.member.store):
        raise Refused(409, "auth: already enabled")
    return newest(call, child(USERS, ROOT), partial(switch_on_with_root, call))


def switch_on_with_root(call: Call) -> Result:
    """The same, if there is a user root; guests get a role, if there is none for them."""
    store = call.member.store
    if accounts.user(store, ROOT) is None:
        raise Refused(409, "auth: No root user available, please create one")
    switch = partial(ask, put(ENABLED, "true", new=False), done)
    if accounts.role(store, GUEST) is not None:
        return switch()
    return ask(put(child(ROLES, GUEST), GUEST_ROLE.as_json(), new=True), switch)


def switch_off(call: Call) -> Result:
    """Let everybody in again."""
    if not accounts.are_enabled(call.member.store):
        raise Refused(409, "auth: already disabled")
    return ask(put(ENABLED, "false", new=False), done)


# -- asking the cluster -----------------------------------------------------------------------


def put(path: str, value: str, *, new: bool) -> KeyRequest:
    """Write an account, that must not be there (new), or must."""
    return KeyRequest(Method.PUT, path, value, prev_exist=not new)


def delete(path: str) -> KeyRequest:
    """Remove an account."""
    return KeyRequest(Method.DELETE, path, prev_exist=True)


def done() -> HttpResponse:
    """It was done, and there is nothing to tell."""
    return DONE


def ask(
    asked: KeyRequest, then: Callable[[], Result], refusals: dict[int, HttpResponse] | None = None
) -> Submission:
    """Ask the cluster, and go on if it was done; some errors have words of their own."""

    def respond(answer: Answer) -> Result:
        if answer.outcome is Outcome.DONE:
            return then()
        code = answer.error.code if answer.error is not None else 0
        return (refusals or {}).get(code) or message(500, "Internal Server Error")

    return Submission(AuthRequest(asked), respond)


def newest(call: Call, path: str, then: Callable[[], Result]) -> Submission:
    """Go on when this member knows all that was written before, be the account there or not."""

    def respond(answer: Answer) -> Result:
        if answer.outcome is Outcome.UNKNOWN:
            return message(500, "Internal Server Error")
        try:
            return then()
        except Refused as refused:
            return message(refused.status, str(refused))

    return Submission(AuthRequest(KeyRequest(Method.GET, path, read=ReadKind.QUORUM)), respond)


ROOM: Sequence[KeyRequest] = (
    KeyRequest(Method.PUT, "/", is_dir=True, prev_exist=False),
    KeyRequest(Method.PUT, USERS, is_dir=True, prev_exist=False),
    KeyRequest(Method.PUT, ROLES, is_dir=True, prev_exist=False),
    KeyRequest(Method.PUT, ENABLED, "false", prev_exist=False),
)
"""What must be there before anything can be written down."""


def prepared(call: Call, then: Callable[[], Result]) -> Result:
    """Go on when there is room for accounts."""
    if accounts.are_prepared(call.member.store):
        return then()
    return make_room(then, 0)


def make_room(then: Callable[[], Result], number: int) -> Result:
    """Make one thing after the other; it does no harm if somebody else does so, too."""
    if number == len(ROOM):
        return then()

    def respond(answer: Answer) -> Result:
        if answer.outcome is Outcome.UNKNOWN:
            return message(500, "Internal Server Error")
        return make_room(then, number + 1)

    return Submission(AuthRequest(ROOM[number]), respond)
