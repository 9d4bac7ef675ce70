"""Explaining: what a command made the cluster do.

    $ learnetcd ctl --explain set /msg hello
    hello
    1. http://10.0.0.2:2379 was asked: PUT /v2/keys/msg.
       S2d2e is asked by a client (request 75...): put /msg=hello.   [Raft §8: client interaction]
       S2d2e passes the proposal to its leader, S8e9e.   [etcd/raft stepFollower; Raft §8]
       ...
       The store counts its changes: this one is 9. The key was made at 9, written last at 9.
       Whoever watched /msg was told: set.

A learnetcd that is asked to sends, with its answer, what it did: the sentences of its own trace
(`learnetcd/runtime/explaining.py`). Of a real etcd, three things are seen from outside. The head of
each answer has `X-Etcd-Index` (changes of the store), `X-Raft-Index` (entries of the log, others'
too) and `X-Raft-Term`. `/v2/members/leader` says who leads. And a watch from the change's own index
on brings at once what watchers were told, out of the history.

What happens inside of the others can't be seen so: `learnetcd tui` shows that.

Source: etcd 3.4 Documentation/v2/api.md. Next page: `completion`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus

from learnetcd.ctl import keys
from learnetcd.ctl.accounts import AUTH
from learnetcd.ctl.client import MEMBERS, Client
from learnetcd.ctl.exchange import Answer, Request
from learnetcd.ctl.failures import Trouble
from learnetcd.ctl.keys import KEYS, EtcdRefused, Result
from learnetcd.ctl.members import Member, list_members, member_of, read

ASKING = {"X-Learnetcd-Explain": "yes"}
"""Who understands this header tells its story; all others ignore it."""


def listen(client: Client) -> list[tuple[Request, Answer]]:
    """Note every answer from now on, and ask for the story of each."""
    heard: list[tuple[Request, Answer]] = []
    client.on_answer = lambda request, answer: heard.append((request, answer))
    client.headers = client.headers | ASKING
    return heard


def told(heard: list[tuple[Request, Answer]], client: Client) -> Iterator[str]:
    """The lines of the story: a number for each question, with what came of it below."""
    client.on_answer = lambda request, answer: None
    client.headers = {name: text for name, text in client.headers.items() if name not in ASKING}
    for number, (request, answer) in enumerate(heard, 1):
        yield f"{number}. {answer.endpoint} was asked: {request.method} {request.target()}."
        for sentence in sentences(request, answer, client):
            yield f"   {sentence}"


def sentences(request: Request, answer: Answer, client: Client) -> Iterator[str]:
    """What came of one question."""
    yield from own_story(answer)
    if not request.path.startswith(KEYS):
        yield from of_no_key(request, answer)
        return
    try:
        result = keys.result_of(answer)
    except EtcdRefused as refusal:
        yield from of_a_refusal(request, refusal)
    except Trouble as trouble:
        yield f"The answer makes no sense: {trouble}"
    else:
        yield from (
            of_a_read(request, answer)
            if request.method == "GET"
            else of_a_write(request, answer, result, client)
        )


def own_story(answer: Answer) -> list[str]:
    """What the member itself says that it did; nothing, if it is no learnetcd."""
    try:
        events = json.loads(answer.headers.get("x-learnetcd-trace", "[]"))
        said = [f"{event['sentence']}   [{event['citation']}]" for event in events]
    except (ValueError, LookupError, TypeError):
        return []  # somebody else's header
    return [printable(sentence) for sentence in said]


def printable(text: str) -> str:
    """A text that does nothing to a terminal, whatever somebody wrote into a key."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def of_no_key(request: Request, answer: Answer) -> Iterator[str]:
    """A question about the members, or about users and roles."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        yield f"It was refused ({answer.status}), and nothing was changed."
        return
    match request.path.startswith(AUTH), request.method == "GET":
        case True, True:
            yield "Users and roles are in the store, too, where clients don't see them:"
            yield "this member answered alone, from its own tree."
        case True, False:
            yield "Users and roles are in the store, too, where clients don't see them: a change of"
            yield "them is an entry of the Raft log, and is the same for all members."
        case False, True:
            yield "Any member knows who the members are: it answered from its own memory."
        case _:
            yield "A change of members is an entry of the Raft log, too; who is a member, all must"
            yield "agree on."


def of_a_refusal(request: Request, refusal: EtcdRefused) -> Iterator[str]:
    """The store said no."""
    if not refusal.index:
        yield "The question itself was refused, before anybody else heard of it."
        return
    if request.method != "GET":
        yield "A refused write is an entry of the Raft log too: all members refuse it alike."
    yield f"The store said no ({refusal}), and stayed at change {refusal.index}. Nobody was told."


def of_a_read(request: Request, answer: Answer) -> Iterator[str]:
    """A read, or a watch, was answered."""
    log, change = answer.headers.get("x-raft-index"), answer.headers.get("x-etcd-index")
    if request.waits:
        yield f"The watch began at change {change} of the store; then the event came."
    elif request.query.get("quorum") == "true":
        yield "The question went through the Raft log, as a write does, so the answer is fresh:"
        yield f"the log was at {log}, the store at change {change}."
    else:
        yield "This member answered alone, from its own tree. Nothing was added to the log."
        yield f"It had followed the log to {log}, and its store was at change {change}: if others"
        yield "were further, the answer is old. `--quorum` asks all of them."


def of_a_write(request: Request, answer: Answer, result: Result, client: Client) -> Iterator[str]:
    """A write was done."""
    term, log = answer.headers.get("x-raft-term"), answer.headers.get("x-raft-index")
    if "x-learnetcd-trace" not in answer.headers:
        yield who_leads(answer, client, term)
        yield f"The request became an entry of the Raft log, at {log} or before. A majority has it"
        yield "on disk: no crash of a minority can undo it."
    node = result.node
    yield (
        f"The store counts its changes: this one is {node.modified_index}. "
        f"{node.key} was made at {node.created_index}, changed last at {node.modified_index}."
    )
    if result.prev_node:
        yield f"Before, it was of change {result.prev_node.modified_index}."
    if node.expiration:
        yield f"It expires at {node.expiration}; the leader's clock will say when that is."
    yield what_watchers_were_told(node, client)


def who_leads(answer: Answer, client: Client, term: str | None) -> str:
    """Which way the request took, as far as it can be seen."""
    try:
        leader = leading(client)
    except Trouble:
        return f"Somebody led in term {term}; who leads now, nobody says."
    if str(answer.endpoint) in leader.client_urls:
        return f"It leads, in term {term}: it put the request into its own log, and sent it on."
    name = leader.name or leader.id
    return f"It does not lead: it passed the request on to {name}, which does, in term {term}."


def leading(client: Client) -> Member:
    """Ask who leads."""
    found = member_of(read(client.ask(Request("GET", f"{MEMBERS}/leader")), 200))
    known = {member.id: member for member in list_members(client)}
    return known.get(found.id, found)


def what_watchers_were_told(node: keys.Node, client: Client) -> str:
    """The event of a change, from the history of the store."""
    question = keys.watch(node.key, wait_index=node.modified_index, recursive=True)
    try:
        # It need not wait: the event is in the history.
        event = keys.result_of(client.ask(question.in_time()))
    except Trouble:
        return "What watchers were told is forgotten already."
    if event.node.modified_index != node.modified_index:
        return "Watchers were told nothing: to refresh a key is no event."
    return f"Whoever watched {node.key}, or a directory above it, was told: {event.action}."
