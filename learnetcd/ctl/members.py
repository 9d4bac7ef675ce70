"""Members: who is in the cluster, who joins, who leaves.

    $ learnetcd ctl member list
    8e9e05c52164694d: name=infra0 peerURLs=http://... clientURLs=http://... isLeader=true
    $ learnetcd ctl member add infra1 http://10.0.0.2:2380
    Added member named infra1 with ID 9bf1b35fc7761a23 to cluster

    ETCD_NAME="infra1"                                            what the new one must be told
    ETCD_INITIAL_CLUSTER="infra0=http://...,infra1=http://..."    when it is started
    ETCD_INITIAL_CLUSTER_STATE="existing"

The name is for these lines alone: a member says its own name when it starts. Until then it counts
for the quorum without being there, so one member that adds a second one stands still until then.

Source: etcd 3.4 etcdctl/ctlv2/command/member_commands.go, client/members.go, pkg/types/urls.go.
Next page: `health`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from learnetcd.ctl import endpoints
from learnetcd.ctl.call import Call
from learnetcd.ctl.client import MEMBERS, Client
from learnetcd.ctl.endpoints import BadUrl
from learnetcd.ctl.exchange import Answer, Request
from learnetcd.ctl.failures import NotAnEtcd, Trouble, plainly

HELP_WITH_REMOVAL = (
    "https://github.com/etcd-io/etcd/blob/master/"
    "Documentation/runtime-configuration.md#remove-a-member"
)


@dataclass(frozen=True, slots=True)
class Member:
    """One member, as the cluster knows it."""

    id: str
    """In hexadecimal."""
    name: str
    """"" until it was started."""
    peer_urls: tuple[str, ...]
    client_urls: tuple[str, ...]


# --- the verbs ----------------------------------------------------------------------------------


def member_list(call: Call) -> None:
    """Show all members, and who leads."""
    try:
        members = list_members(call.client)
    except Trouble as trouble:
        raise plainly(trouble) from None
    try:
        leader = member_of(read(call.client.ask(Request("GET", f"{MEMBERS}/leader")), 200))
    except Trouble as trouble:
        raise plainly(f"Failed to get leader:  {trouble}") from None
    for member in members:
        peers, clients = ",".join(member.peer_urls), ",".join(member.client_urls)
        if member.name:
            leads = "true" if member.id == leader.id else "false"
            said = f": name={member.name} peerURLs={peers} clientURLs={clients} isLeader={leads}"
        else:
            said = f"[unstarted]: peerURLs={peers}"
        print(member.id + said)


def member_add(call: Call) -> None:
    """Add a member, and say how to start it."""
    name, url = call.arguments
    try:
        body = peer_urls([checked(url)])
        request = Request("POST", MEMBERS, body=body, content_type="application/json")
        new = member_of(read(call.client.ask(request), 201, refused=(409,)))
        print(f"Added member named {name} with ID {new.id} to cluster")
        members = list_members(call.client)
    except Trouble as trouble:
        raise plainly(trouble) from None
    cluster = ",".join(
        f"{name if member.id == new.id else member.name}={url}"
        for member in members
        for url in member.peer_urls
    )
    print(f'\nETCD_NAME="{name}"\nETCD_INITIAL_CLUSTER="{cluster}"')
    print('ETCD_INITIAL_CLUSTER_STATE="existing"')


def member_remove(call: Call) -> None:
    """Remove a member for ever: its ID can't come back."""
    (wanted,) = call.arguments
    try:
        members = list_members(call.client)
    except Trouble as trouble:
        raise plainly(f"Error while verifying ID against known members: {trouble}") from None
    for member in members:
        if member.name == wanted:
            print(
                f"Found a member named {wanted}; if this is correct, please use its ID, eg:\n"
                f"\tetcdctl member remove {member.id}\n"
                f"For more details, read the documentation at {HELP_WITH_REMOVAL}\n",
                file=sys.stderr,
            )
    if wanted not in [member.id for member in members]:
        raise plainly(f"Couldn't find a member in the cluster with an ID of {wanted}.")
    try:
        read(call.client.ask(Request("DELETE", f"{MEMBERS}/{wanted}")), 204, 410)
    except Trouble as trouble:
        raise plainly(f"Received an error trying to remove member {wanted}: {trouble}") from None
    print(f"Removed member {wanted} from cluster")


def member_update(call: Call) -> None:
    """Tell the cluster under which URLs a member is to be found from now on."""
    wanted, urls = call.arguments
    body = peer_urls(urls.split(","))
    request = Request("PUT", f"{MEMBERS}/{wanted}", body=body, content_type="application/json")
    try:
        read(call.client.ask(request), 204, refused=(404, 409))
    except Trouble as trouble:
        raise plainly(trouble) from None
    print(f"Updated member with ID {wanted} in cluster")


# --- questions and answers ----------------------------------------------------------------------


def list_members(client: Client) -> list[Member]:
    """Ask who the members are."""
    said = read(client.ask(Request("GET", MEMBERS)), 200)
    try:
        return [member_of(member) for member in said["members"] or []]
    except (LookupError, TypeError):
        raise NotAnEtcd from None


def read(
    answer: Answer, *expected: int, refused: Sequence[int] = ()
) -> Mapping[str, Any]:  # Any: it is JSON
    """What an answer with one of these statuses says; `Trouble` with any other."""
    if answer.status not in (*expected, *refused):
        raise Trouble(f"unexpected status code {answer.status}")
    try:
        said: Mapping[str, Any] = json.loads(answer.body or "{}")
        if answer.status in expected:
            return said
        raise Trouble(said["message"])
    except (ValueError, LookupError, TypeError):
        raise NotAnEtcd from None


def member_of(said: Mapping[str, Any]) -> Member:
    """A member as JSON has it."""
    try:
        peers, clients = said.get("peerURLs") or (), said.get("clientURLs") or ()
        return Member(said["id"], said.get("name", ""), tuple(peers), tuple(clients))
    except (LookupError, TypeError, AttributeError):
        raise NotAnEtcd from None


def peer_urls(urls: Sequence[str]) -> str:
    """What is sent about a member."""
    return json.dumps({"peerURLs": list(urls)}, ensure_ascii=False, separators=(",", ":"))


def checked(url: str) -> str:
    """A peer URL as members take it: scheme, host, port, and nothing else."""
    try:
        found = endpoints.parse(url)
    except BadUrl as trouble:
        raise Trouble(str(trouble)) from None
    if not url.partition("://")[1]:
        raise Trouble(f"URL scheme must be http, https, unix, or unixs: {url}")
    if found.scheme not in ("http", "https", "unix", "unixs"):
        raise Trouble(f"URL scheme must be http, https, unix, or unixs: {url}")
    if found.port is None:
        raise Trouble(f'URL address does not have the form "host:port": {url}')
    if found.path:
        raise Trouble(f"URL must not contain a path: {url}")
    return url
