"""Credentials: who asks, and whether they may.

    Authorization: Basic YWxpY2U6c2VjcmV0          alice:secret, in base64

While accounts are off, everybody may do everything, and nobody is asked for a name. Afterwards a
request is one of these:

    with this header          the user, if the password is hers; if it isn't, nobody is let in
    with a certificate        the user of that name, where certificates are asked for
    with neither              a guest

To look whether a password is the right one takes long, on purpose: somebody who has stolen the
hashes shall not be able to try a million words. So it is `SlowWork`, and all others go on.

A right is looked at when a request comes. Who waits for events is looked at again with each of
them: a role may have been taken away since.

Source: RFC 7617 (the header); etcd 3.4 etcdserver/api/v2http/client_auth.go.

Differs: etcd tells a watcher events until it goes away by itself, whatever became of its rights.
Ours is told no event that it could not ask for now: its answer ends there.

Differs: of a client's certificate only its own name counts. etcd takes the names of those who have
signed it, too.

Next page: `call`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from learnetcd.api import accounts
from learnetcd.api.accounts import User
from learnetcd.api.facts import Facts
from learnetcd.api.http import HttpRequest, HttpResponse, Result, SlowWork
from learnetcd.api.pages import message
from learnetcd.member.member import Member
from learnetcd.store.store import Store

NOT_ALLOWED = message(401, "Insufficient credentials")

Then = Callable[[User | None], Result]
"""What is done for a user, or for a guest."""


def identified(
    member: Member, facts: Facts, request: HttpRequest, then: Then, refusal: HttpResponse
) -> Result:
    """Find out who asks, while accounts are on; the refusal is for who is not who they say."""
    header = request.headers.get("authorization", "")
    if not header:
        name = request.certificate_name if facts.client_certificates_count else ""
        return then(accounts.user(member.store, name))
    name, password = name_and_password(header) or ("", "")
    known = accounts.user(member.store, name)
    if known is None:
        return refusal

    def looked_up_again() -> Result:
        now = still_there(member.store, known)  # looking at a password takes its time
        return refusal if now is None else then(now)

    def check() -> Callable[[], Result]:
        is_hers = facts.passwords.matches(password, known.hash)
        return looked_up_again if is_hers else lambda: refusal

    return SlowWork(check)


def still_there(store: Store, known: User) -> User | None:
    """The user as she is now; None if she is gone, or has another password by now."""
    now = accounts.user(store, known.name)
    return now if now is not None and now.hash == known.hash else None


def name_and_password(header: str) -> tuple[str, str] | None:
    """What a header says; None if it says nothing that we understand."""
    scheme, encoded = header[:6], header[6:]
    if scheme.lower() != "basic ":
        return None
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None


# -- whoever changes the cluster --------------------------------------------------------------


def if_root(
    member: Member,
    facts: Facts,
    request: HttpRequest,
    then: Callable[[], Result],
    refusal: HttpResponse,
) -> Result:
    """Do something that only who has the role root may do, once accounts are on."""
    if not accounts.are_enabled(member.store):
        return then()

    def for_root(who: User | None) -> Result:
        return then() if who is not None and accounts.is_root(who) else refusal

    return identified(member, facts, request, for_root, refusal)


# -- whoever watches --------------------------------------------------------------------------


def may_still_watch(store: Store, who: User | None, key: str, *, recursive: bool) -> bool:
    """Whether somebody who began to watch may be told of an event now."""
    if not accounts.are_enabled(store):
        return True
    if who is not None:
        who = still_there(store, who)
        if who is None:
            return False  # this may be the thief of an old password
    return accounts.may_use(store, who, key, recursive=recursive, write=False)
