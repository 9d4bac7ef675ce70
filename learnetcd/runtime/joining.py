"""Joining: what a member asks the others before its first start.

    --initial-cluster-state existing    Which cluster is this? Which of its members am I?
    --initial-cluster-state new         Does anybody know me already?

A member that was added to a running cluster got its id from the member that was asked to add it. So
it asks who the members are, and finds itself by its peer URLs; the list on its own command line
must be the same as theirs, or somebody has made a mistake that is better found now.

A member of a new cluster computes all ids by itself. But if the others know it already, it has been
here before and has lost its data: what it voted for and what it acknowledged is forgotten, and if
it began anew under the same id, a leader might count on entries that it does not have any more.

Source: etcd 3.4 etcdserver/cluster_util.go, GetClusterFromRemotePeers, isMemberBootstrapped;
etcdserver/api/membership/cluster.go, ValidateClusterAndAssignIDs.

Next page: `certificates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from learnetcd.api.version import version_in
from learnetcd.errors import UserError
from learnetcd.member import identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.version import OLDEST, SERVER_VERSION, is_spoken_here, written
from learnetcd.peer.endpoints import read_members
from learnetcd.peer.handshake import CLUSTER, id_of
from learnetcd.runtime.discovery import discovered
from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.securing import peers_files
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.runtime.srv import found_by_name
from learnetcd.runtime.tls import Tls

PATIENCE_S = 10
"""For each member that is asked."""
SHORT_PATIENCE_S = 1
"""Where no answer is good news."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, and which of its members we are."""

    cluster_id: int
    members: tuple[ClusterMember, ...]
    own_id: int


async def find_cluster(settings: Settings) -> Cluster:
    """Find out to which cluster a member belongs that starts for the first time."""
    if settings.initial_cluster_state == "existing":
        return await existing_cluster(settings)
    if settings.discovery:
        members = await discovered(settings)
        return new_cluster(
            replace(settings, initial_cluster=members, initial_cluster_token=settings.discovery)
        )
    if settings.discovery_srv:
        settings = replace(settings, initial_cluster=await found_by_name(settings))
    cluster = new_cluster(settings)
    await check_that_nobody_knows_us(cluster, settings)
    return cluster


def new_cluster(settings: Settings) -> Cluster:
    """The cluster that begins with the members on the command line."""
    token = settings.initial_cluster_token
    members = tuple(
        ClusterMember(identity.member_id(one.peer_urls, token), one.name, one.peer_urls)
        for one in settings.initial_cluster
    )
    own = [one.id for one in members if one.name == settings.name]
    if not own:
        raise UserError(
            f"--initial-cluster names no member {settings.name!r}, which is the --name of this one."
        )
    return Cluster(identity.cluster_id(one.id for one in members), members, own[0])


async def check_that_nobody_knows_us(cluster: Cluster, settings: Settings) -> None:
    """Refuse to begin anew under an id that the others know."""
    tls = Tls(peers_files(settings))
    for url in urls_of_others(settings):
        try:
            cluster_id, members = await ask(url, SHORT_PATIENCE_S, settings.peer_routes, tls)
        except NoAnswer:
            continue
        known = {one.id: one for one in members}.get(cluster.own_id)
        # Only a member that has started before has published where its clients find it.
        if cluster_id != cluster.cluster_id:
            raise UserError(
                f"{url} is in another cluster than this: {difference(cluster, members)}"
            )
        if known is not None and known.client_urls:
            raise UserError(
                f"Member {cluster.own_id:x} has already been bootstrapped: {url} knows it. It has "
                "lost its data, so it can't come back as what it was: remove it from the cluster, "
                "add it as a new member, and start it with --initial-cluster-state existing."
            )
        return


def difference(ours: Cluster, theirs: tuple[ClusterMember, ...]) -> str:
    """Why another member of our list computes another id of its cluster."""
    here, there = urls_of(ours.members), urls_of(theirs)
    if here == there:
        return "its members are those of --initial-cluster, so its --initial-cluster-token differs."
    only_here, only_there = sorted(here - there), sorted(there - here)
    lacks = f"--initial-cluster lacks {', '.join(only_there)}" if only_there else ""
    knows = f"it does not know {', '.join(only_here)}" if only_here else ""
    return (
        f"{' and '.join(filter(None, (lacks, knows)))}. Members of one cluster start with one list."
    )


def urls_of(members: Iterable[ClusterMember]) -> frozenset[str]:
    """Where all of them are reached."""
    return frozenset(url for member in members for url in member.peer_urls)


async def existing_cluster(settings: Settings) -> Cluster:
    """The cluster that we were added to, as one of the others tells it."""
    reasons, tls = [], Tls(peers_files(settings))
    for url in urls_of_others(settings):
        try:
            cluster_id, members = await ask(url, PATIENCE_S, settings.peer_routes, tls)
        except NoAnswer as error:
            reasons.append(f"{url}: {error}")
        else:
            own_id = own_id_in(members, settings, url)
            await check_that_we_speak_its_version(url, settings.peer_routes, tls)
            return Cluster(cluster_id, members, own_id)
    tried = "; ".join(reasons) or "--initial-cluster names nobody else"
    raise UserError(f"No member of the cluster could be asked who belongs to it ({tried}).")


async def ask(
    url: str, patience_s: float, routes: Sequence[tuple[str, str]], tls: Tls
) -> tuple[int, tuple[ClusterMember, ...]]:
    """Ask a member for its cluster and for all members."""
    async with HttpClient(patience_s, routes, tls) as client:
        response = await client.request(url, "GET", "/members")
    cluster_id = id_of(dict(response.headers).get(CLUSTER.lower(), ""))
    if response.status != 200 or cluster_id is None:
        raise NoAnswer(f"it answered {response.status} and is no member of an etcd cluster")
    try:
        return cluster_id, read_members(response.body)
    except ValueError as error:
        raise NoAnswer(str(error)) from error


async def check_that_we_speak_its_version(
    url: str, routes: Sequence[tuple[str, str]], tls: Tls
) -> None:
    """Refuse to join a cluster whose log may hold what we don't understand."""
    async with HttpClient(SHORT_PATIENCE_S, routes, tls) as client:
        try:
            spoken = version_in(await client.request(url, "GET", "/version"), "etcdcluster")
        except NoAnswer:
            return
    if not is_spoken_here(spoken):
        raise UserError(
            f"{url} is in a cluster that speaks {spoken}, and this is a member for clusters from "
            f"{written(OLDEST)} to {SERVER_VERSION}."
        )


def own_id_in(members: tuple[ClusterMember, ...], settings: Settings, url: str) -> int:
    """Find ourselves among the members, and check that the command line knows the same ones."""
    theirs = {frozenset(one.peer_urls): one for one in members}
    ours = {frozenset(one.peer_urls): one for one in settings.initial_cluster}
    if missing := [one for urls, one in ours.items() if urls not in theirs]:
        raise UserError(
            f"--initial-cluster says {said(missing[0])}, but {url} knows no member with these "
            "URLs. Add it first (`etcdctl member add`), or correct the list."
        )
    if unknown := [one for urls, one in theirs.items() if urls not in ours]:
        raise UserError(
            f"--initial-cluster lacks the member {unknown[0].name or format(unknown[0].id, 'x')} "
            f"at {','.join(unknown[0].peer_urls)}, which {url} knows."
        )
    for urls, one in ours.items():
        if one.name == settings.name:
            return theirs[urls].id
    raise UserError(
        f"--initial-cluster names no member {settings.name!r}, which is the --name of this one."
    )


def urls_of_others(settings: Settings) -> list[str]:
    """Where the other members can be asked, in the order of etcd."""
    others = [one for one in settings.initial_cluster if one.name != settings.name]
    return sorted(url for one in others for url in one.peer_urls)


def said(member: InitialMember) -> str:
    """A member as it stands on the command line."""
    return ",".join(f"{member.name}={url}" for url in member.peer_urls)
