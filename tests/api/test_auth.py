"""Users, roles and what they may do.

What is compared with etcd's own answers is in tests/conformance and tests/oracle. Here is what no
case says, and what must hold of every account.
"""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.api import accounts
from learnetcd.api.accounts import Permissions, matches
from learnetcd.api.credentials import name_and_password
from learnetcd.api.http import HttpRequest, HttpResponse, SlowWork
from learnetcd.member.request import AuthRequest, KeyRequest, Method
from learnetcd.runtime.passwords import Bcrypt
from tests.api.alone import Alone, Backwards, Client

USERS, ROLES = "/v2/auth/users", "/v2/auth/roles"


@pytest.fixture
def alone():
    return Alone(passwords=Backwards())


def basic(user: str) -> str:
    return f"Basic {base64.b64encode(user.encode()).decode()}"


def put(alone: Alone, path: str, by: str = "", **said: object) -> Client:
    headers = {"authorization": basic(by)} if by else {}
    return alone.ask("PUT", path, body=json.dumps(said).encode(), **headers)


def switch_on(alone: Alone, read: list[str], write: list[str] | None = None) -> None:
    """Accounts for root and alice; guests may do nothing."""
    kv = {"kv": {"read": read, "write": write or []}}
    put(alone, f"{ROLES}/clerk", role="clerk", permissions=kv)
    put(alone, f"{ROLES}/guest", role="guest")
    put(alone, f"{USERS}/root", user="root", password="rootpw")
    put(alone, f"{USERS}/alice", user="alice", password="alicepw", roles=["clerk"])
    assert alone.ask("PUT", "/v2/auth/enable").status == 200


def ask(alone: Alone, method: str, path: str, query: str = "", by: str = "alice:alicepw") -> Client:
    headers = {"authorization": basic(by)} if by else {}
    return alone.ask(method, f"/v2/keys{path}", query, **headers)


# -- what is kept -----------------------------------------------------------------------------


def test_what_is_written_down_is_what_etcd_reads(alone: Alone):
    switch_on(alone, ["/pub/*"])
    store = alone.member.store
    assert accounts.written(store, "/enabled") == "true"
    assert accounts.written(store, "/users/alice") == (
        '{"user":"alice","password":"wpecila","roles":["clerk"]}'
    )
    assert accounts.written(store, "/roles/clerk") == (
        '{"role":"clerk","permissions":{"kv":{"read":["/pub/*"],"write":[]}}}'
    )


def test_no_client_can_reach_what_is_written_down(alone: Alone):
    switch_on(alone, ["/*"])
    for path in ("/../2/users/alice", "/2/users/alice", "/%2e%2e/2/users"):
        assert ask(alone, "GET", path, by="root:rootpw").status in {301, 404}
    listed = ask(alone, "GET", "/", "recursive=true", by="root:rootpw").body
    assert b"alice" not in listed


def test_no_answer_of_the_member_holds_a_hash(alone: Alone):
    told = []
    alone.member.tracer = lambda member, event: told.append(repr(event) + str(event))
    switch_on(alone, ["/*"])
    put(alone, f"{USERS}/alice", by="root:rootpw", user="alice", password="another-one")
    assert told
    for secret in ("wpecila", "alicepw", "eno-rehtona", "another-one", "wptoor"):
        assert not [event for event in told if secret in event]


def test_a_request_about_accounts_does_not_say_what_it_writes():
    asked = AuthRequest(KeyRequest(Method.PUT, "/users/x", '{"password":"hush"}'))
    assert "hush" not in repr(asked)
    assert str(asked) == "put /2/users/x"


# -- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "key", "one", "all_below"),
    [
        ("/pub/*", "/pub/a", True, True),
        ("/pub/*", "/pub/", True, True),
        ("/pub/*", "/pub", False, False),
        ("/pub*", "/public", True, True),
        ("/one", "/one", True, False),
        ("/one", "/one/a", False, False),
        ("*", "", True, True),
        ("", "", False, False),
        ("", "/x", False, False),
    ],
)
def test_a_pattern_holds_keys(pattern: str, key: str, one: bool, all_below: bool):
    assert matches(pattern, key, recursive=False) is one
    assert matches(pattern, key, recursive=True) is all_below


@given(st.text("/ab*"), st.text("/ab*"))
def test_who_may_ask_for_all_below_may_ask_for_each(pattern: str, key: str):
    rights = Permissions((pattern,), None)
    if rights.allow(key, recursive=True, write=False):
        assert rights.allow(key, recursive=False, write=False)
        assert rights.allow(f"{key}/below", recursive=False, write=False)
    assert not rights.allow(key, recursive=False, write=True)


def test_who_may_read_may_not_write(alone: Alone):
    switch_on(alone, ["/pub/*"])
    assert ask(alone, "GET", "/pub/x").status == 404
    for method in ("PUT", "POST", "DELETE"):
        assert ask(alone, method, "/pub/x").status == 401


def test_the_password_of_another_is_no_use(alone: Alone):
    switch_on(alone, ["/*"])
    for credentials in ("alice:rootpw", "root:alicepw", "alice:", "alice", ":", ":rootpw"):
        assert ask(alone, "GET", "/x", by=credentials).status == 401
    assert ask(alone, "GET", "/x", by="").status == 401


def test_who_is_removed_while_her_password_is_looked_at_is_not_let_in(alone: Alone):
    switch_on(alone, ["/*"])
    header = basic("alice:alicepw")
    result = alone.api.handle(HttpRequest("GET", "/v2/keys/x", "", {"authorization": header}, b""))
    assert isinstance(result, SlowWork)
    then = result.work()
    alone.ask("DELETE", f"{USERS}/alice", authorization=basic("root:rootpw"))
    answer = then()
    assert isinstance(answer, HttpResponse)
    assert answer.status == 401


def test_a_role_that_is_gone_allows_nothing(alone: Alone):
    switch_on(alone, ["/*"])
    assert ask(alone, "GET", "/x").status == 404
    header = basic("root:rootpw")
    assert alone.ask("DELETE", f"{ROLES}/clerk", authorization=header).status == 200
    assert ask(alone, "GET", "/x").status == 401


def test_guests_may_do_nothing_when_the_role_of_guests_is_gone(alone: Alone):
    switch_on(alone, ["/*"])
    assert ask(alone, "PUT", "/x", by="").status == 401
    header = basic("root:rootpw")
    assert alone.ask("DELETE", f"{ROLES}/guest", authorization=header).status == 200
    for method in ("GET", "PUT", "DELETE"):
        assert ask(alone, method, "/x", by="").status == 401


def test_a_password_counts_to_its_last_letter():
    """To as many as bcrypt looks at: 72."""
    passwords = Bcrypt(cost=4)
    word = "p" * 71
    kept = passwords.hashed(f"{word}a")
    assert passwords.matches(f"{word}a", kept)
    for other in (f"{word}b", word, "", f"{word}A"):
        assert not passwords.matches(other, kept)


def test_nobody_but_root_changes_members_and_accounts(alone: Alone):
    switch_on(alone, ["/*"], ["/*"])
    clerk = basic("alice:alicepw")
    for method, path in (
        ("POST", "/v2/members"),
        ("DELETE", "/v2/members/1"),
        ("PUT", "/v2/members/1"),
        ("GET", USERS),
        ("GET", f"{USERS}/root"),
        ("PUT", f"{USERS}/alice"),
        ("DELETE", f"{ROLES}/clerk"),
        ("PUT", "/v2/auth/enable"),
        ("DELETE", "/v2/auth/enable"),
    ):
        for headers in ({}, {"authorization": clerk}):
            assert alone.ask(method, path, body=b"{}", **headers).status == 401
    assert alone.ask("DELETE", "/v2/auth/enable", authorization=basic("root:rootpw")).status == 200
    assert alone.ask("GET", "/v2/keys/x").status == 404


def test_no_password_is_looked_at_while_accounts_are_off():
    passwords = Backwards()
    alone = Alone(passwords=passwords)
    assert ask(alone, "GET", "/x", by="no:body").status == 404
    assert put(alone, f"{USERS}/root", by="no:body", user="root", password="x").status == 201
    assert passwords.asked == 0


@given(st.text(), st.text())
def test_whatever_is_a_header_is_understood_or_not_but_never_breaks(name: str, password: str):
    assert name_and_password(name + password) is None
    if ":" not in name:
        encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
        assert name_and_password(f"bAsIc {encoded}") == (name, password)


# -- who watches --------------------------------------------------------------------------------


def watching(alone: Alone, by: str = "alice:alicepw") -> Client:
    watcher = ask(alone, "GET", "/pub/", "wait=true&recursive=true&stream=true", by=by)
    ask(alone, "PUT", "/pub/a", by="root:rootpw")
    assert len(watcher.notices) == 1
    return watcher


@pytest.mark.parametrize(
    "change",
    [
        (f"{USERS}/alice", {"user": "alice", "revoke": ["clerk"]}),
        (f"{USERS}/alice", {"user": "alice", "password": "another"}),
        (f"{ROLES}/clerk", {"role": "clerk", "revoke": {"kv": {"read": ["/pub/*"]}}}),
    ],
    ids=["her role", "her password", "the role's pattern"],
)
def test_a_watcher_who_lost_her_right_is_told_no_more(alone: Alone, change):
    switch_on(alone, ["/pub/*"])
    watcher = watching(alone)
    assert put(alone, change[0], by="root:rootpw", **change[1]).status == 200
    ask(alone, "PUT", "/pub/b", by="root:rootpw")
    assert len(watcher.notices) == 1
    assert watcher.is_over
    assert len(alone.member.watchers) == 0


def test_a_watcher_who_is_removed_is_told_no_more(alone: Alone):
    switch_on(alone, ["/pub/*"])
    watcher = watching(alone)
    alone.ask("DELETE", f"{USERS}/alice", authorization=basic("root:rootpw"))
    ask(alone, "PUT", "/pub/b", by="root:rootpw")
    assert watcher.is_over
    assert len(watcher.notices) == 1


def test_who_watched_before_accounts_were_switched_on_is_a_guest(alone: Alone):
    watcher = alone.ask("GET", "/v2/keys/x", "wait=true&stream=true")
    alone.ask("PUT", "/v2/keys/x")
    switch_on(alone, ["/*"])
    ask(alone, "PUT", "/x", by="root:rootpw")
    assert watcher.is_over
    assert len(watcher.notices) == 1


def test_who_keeps_her_right_goes_on_watching(alone: Alone):
    switch_on(alone, ["/pub/*"])
    watcher = watching(alone)
    put(alone, f"{USERS}/alice", by="root:rootpw", user="alice", grant=["another"])
    ask(alone, "PUT", "/pub/b", by="root:rootpw")
    assert len(watcher.notices) == 2


# -- what a client may say ----------------------------------------------------------------------


@given(st.binary(max_size=40))
def test_no_body_breaks_anything(body: bytes):
    alone = Alone(passwords=Backwards())
    for path in (f"{USERS}/x", f"{ROLES}/x"):
        assert alone.ask("PUT", path, body=body).status == 400


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '{"user":"a\\udfff","password":"\\ud83d"}', "[[" * 9999]
)
def test_what_json_can_say_and_no_text_can_hold_is_no_trouble(alone: Alone, text: str):
    assert alone.ask("PUT", f"{USERS}/x", body=text.encode()).status == 400


def test_without_a_leader_nothing_is_changed():
    alone = Alone((1, 2), passwords=Backwards())
    told = put(alone, f"{USERS}/root", user="root", password="x")
    alone.wait(20_000)
    assert told.status == 500
    assert json.loads(told.body) == {"message": "Internal Server Error"}
