"""Keys: what is asked at and below `/v2/keys`, for which all the rest of etcd is there.

    GET     /v2/keys/x                        get
    GET     /v2/keys/x?wait=true              watch
    PUT     /v2/keys/x       value=1          set; create, update, compare and swap on conditions
    POST    /v2/keys/queue   value=1          create, in order
    DELETE  /v2/keys/x                        delete; compare and delete on conditions

What a request says is checked in etcd's order, for a client is told the first mistake only:

    the form itself                                      210  Invalid POST form
    prevIndex, waitIndex                                 203  ... index ... is not a number
    recursive, sorted, wait, dir, quorum, stream         209  Invalid field
    wait, with another method than GET                   209
    prevValue, given but empty                           201  PrevValue is Required ...
    noValueOnSuccess                                     209
    ttl, unless it is empty                              202  ... TTL ... is not a number
    prevExist, refresh                                   209
    refresh, with a value; refresh without a ttl         211, 212

It is checked for every method, also where it means nothing. All these errors have index 0, because
nobody has looked at the store. Whatever passes is for the store to do or to refuse.

Only then, if accounts are on, it is looked at who asks (`credentials`): whoever may not use the key
is answered 110, also about a key that is not there.

Source: etcd 3.4 etcdserver/api/v2http/client.go, parseKeyRequest.

Next page: `curl`.
"""

from __future__ import annotations

import re
from functools import partial

from learnetcd.api.accounts import User, are_enabled, may_use
from learnetcd.api.answers import notice, refused, told, with_reason
from learnetcd.api.call import Call
from learnetcd.api.credentials import identified, may_still_watch
from learnetcd.api.form import Form, form_of
from learnetcd.api.http import HttpResponse, Result, Submission
from learnetcd.member.request import (
    Answer,
    KeyRequest,
    Method,
    Outcome,
    ReadKind,
    WatchRequest,
)
from learnetcd.store.errors import (
    INDEX_NOT_A_NUMBER,
    INVALID_FIELD,
    PREV_VALUE_REQUIRED,
    REFRESH_WITH_VALUE,
    REFRESH_WITHOUT_TTL,
    TTL_NOT_A_NUMBER,
    UNAUTHORIZED,
    EtcdError,
)
from learnetcd.store.event import Event
from learnetcd.store.path import clean

PREFIX = "/v2/keys"

METHODS = {
    "HEAD": Method.GET,
    "GET": Method.GET,
    "PUT": Method.PUT,
    "POST": Method.POST,
    "DELETE": Method.DELETE,
}


def keys(call: Call) -> Result:
    """Anything at or below /v2/keys."""
    request = call.request
    try:
        form = form_of(request)
        asked = what_is_asked(request.method, clean(call.path[len(PREFIX) :]), form)
    except EtcdError as error:
        return refused(call.facts.cluster_header, error)
    if are_enabled(call.member.store):
        return if_allowed(call, form, asked)
    return submission(call, form, asked, None)


def submission(
    call: Call, form: Form, asked: KeyRequest | WatchRequest, who: User | None
) -> Submission:
    """What the member is to be asked, for a user, or for whoever said no name."""
    request, facts = call.request, call.facts
    meters = facts.meters
    spares_node = is_true(form, "noValueOnSuccess")
    if isinstance(asked, WatchRequest):
        meters.watches += 1
        respond = partial(told, facts.cluster_header, spares_node)
        return Submission(asked, respond, partial(noticed, call, asked, who))
    method = "QGET" if asked.read is ReadKind.QUORUM else request.method
    meters.received[method] += 1
    return Submission(asked, partial(measured, call, method, facts.clock(), spares_node))


def if_allowed(call: Call, form: Form, asked: KeyRequest | WatchRequest) -> Result:
    """The same, if whoever asks may use this key."""
    member, request = call.member, call.request
    not_allowed = refused(call.facts.cluster_header, NOT_ALLOWED)

    def for_somebody(who: User | None) -> Result:
        may = may_use(
            member.store,
            who,
            call.path[len(PREFIX) :],  # as it was asked: `/x/` is not `/x` to a pattern
            recursive=asked.recursive,
            write=request.method not in {"GET", "HEAD"},
        )
        return submission(call, form, asked, who) if may else not_allowed

    return identified(member, call.facts, request, for_somebody, not_allowed)


NOT_ALLOWED = EtcdError(UNAUTHORIZED, "Insufficient credentials", 0)


def noticed(call: Call, asked: WatchRequest, who: User | None, event: Event) -> bytes | None:
    """What a watcher is told of an event, if it may be told of it now."""
    key = call.path[len(PREFIX) :]
    if not may_still_watch(call.member.store, who, key, recursive=asked.recursive):
        return None
    return notice(event)


def measured(
    call: Call, method: str, began: float, spares_node: bool, answer: Answer
) -> HttpResponse:
    """Answer, and count that, and how long it took."""
    facts = call.facts
    took_s = facts.clock() - began
    if answer.outcome is Outcome.UNKNOWN:
        answer = with_reason(call, took_s, answer)
    response = told(facts.cluster_header, spares_node, answer)
    facts.meters.answered(method, response.status, took_s)
    return response


JUST_A_VALUE = frozenset({"value"})


def what_is_asked(method: str, key: str, form: Form) -> KeyRequest | WatchRequest:
    """What the member is to do; an `EtcdError` for the first thing that is wrong."""
    if form.keys() <= JUST_A_VALUE:  # nearly always; and nothing can be wrong with it
        return KeyRequest(METHODS[method], key, form.get("value", ""))
    prev_index = number(form, "prevIndex", INDEX_NOT_A_NUMBER)
    since_index = number(form, "waitIndex", INDEX_NOT_A_NUMBER)
    recursive = is_true(form, "recursive")
    is_true(form, "sorted")  # every list is: nothing to do
    wait = is_true(form, "wait")
    is_dir = is_true(form, "dir")
    quorum = is_true(form, "quorum") and method == "GET"
    stream = is_true(form, "stream")
    if wait and method != "GET":
        raise EtcdError(INVALID_FIELD, '"wait" can only be used with GET requests', 0)
    if form.get("prevValue") == "":
        raise EtcdError(PREV_VALUE_REQUIRED, '"prevValue" cannot be empty', 0)
    is_true(form, "noValueOnSuccess")  # it is about the answer, not about what is to be done
    ttl = number(form, "ttl", TTL_NOT_A_NUMBER) if form.get("ttl") else None
    # Only of these two etcd's errors name the field without quotes.
    prev_exist = is_true(form, "prevExist", "prevExist") if "prevExist" in form else None
    refresh = is_true(form, "refresh", "refresh")
    if refresh:
        check_refresh(form, ttl)
    if wait and not quorum:
        return WatchRequest(key, recursive, stream, since_index)
    return KeyRequest(
        METHODS[method],
        key,
        form.get("value", ""),
        ReadKind.QUORUM if quorum else ReadKind.LOCAL,
        is_dir=is_dir,
        recursive=recursive,
        prev_exist=prev_exist,
        prev_value=form.get("prevValue", ""),
        prev_index=prev_index,
        ttl=ttl,
        refresh=refresh,
    )


def check_refresh(form: Form, ttl: int | None) -> None:
    """A refresh brings a new deadline and nothing else."""
    if form.get("value"):
        raise EtcdError(REFRESH_WITH_VALUE, "A value was provided on a refresh", 0)
    if ttl is None:
        raise EtcdError(REFRESH_WITHOUT_TTL, "No TTL value set", 0)


# -- values -----------------------------------------------------------------------------------

TRUTH = dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "FALSE", "False"), False
)
"""What Go takes for yes and no (strconv.ParseBool)."""


def is_true(form: Form, name: str, shown: str = "") -> bool:
    """Whether something is said to be so; what is not mentioned is not so."""
    word = form.get(name)
    if word is None:
        return False
    if word not in TRUTH:
        raise EtcdError(INVALID_FIELD, f"invalid value for {shown or quoted(name)}", 0)
    return TRUTH[word]


_DIGITS = re.compile("[0-9]{1,4000}")
_TOO_LARGE = 1 << 64


def number(form: Form, name: str, code: int) -> int:
    """A whole number of 64 bits; 0 if it is not mentioned."""
    digits = form.get(name)
    if digits is None:
        return 0
    if not _DIGITS.fullmatch(digits) or (value := int(digits)) >= _TOO_LARGE:
        raise EtcdError(code, f"invalid value for {quoted(name)}", 0)
    return value


def quoted(name: str) -> str:
    """A name as most of the errors show it."""
    return f'"{name}"'
