"""Publishing: what a member tells the cluster about itself when it starts.

    /0/members/8e9e05c52164694d/attributes   {"name":"infra0","clientURLs":["http://..."]}
    /0/version                               3.4.0      (by the leader, who has asked all)

Where clients find a member is known to that member alone; so it writes it into the store, where all
members find it. These are writes like any other: agreed on, and counted in the etcd index. A member
serves no client before the first of them went through: until then it does not know whether it
belongs to a cluster that can decide anything.

Source: etcd 3.4 etcdserver/server.go, publish, monitorVersions.

Next page: `leadership`.
"""

from __future__ import annotations

import trio

from learnetcd.member import cluster
from learnetcd.member.member import Member
from learnetcd.member.request import ClusterRequest, Outcome
from learnetcd.member.version import SERVER_VERSION, version_to_write
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.runtime import journal
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.runtime.peers import Peers
from learnetcd.runtime.settings import Settings
from learnetcd.store.tree import find

PAUSE_S = 0.1
VERSIONS_S = 4
"""How often the leader asks for versions (server.go, monitorVersionInterval)."""


def may_publish(member: Member) -> bool:
    """Whether there is anybody to propose to, and the cluster knows whom it will be told about."""
    # etcd panics, on all members, when it applies the attributes of a member that was never added.
    is_known = find(member.store.root, cluster.key_of(member.id)) is not None
    return is_known and member.raft.leader != NO_MEMBER


def sets_the_version(member: Member) -> bool:
    """Whether it is for this member to write down the version, when it has said who it is."""
    return member.raft.leader == member.id and has_published(member)


def has_published(member: Member) -> bool:
    """Whether clients are told where this member is."""
    return find(member.store.root, own_key(member)) is not None


def own_key(member: Member) -> str:
    """Where a member says who it is."""
    return f"{cluster.key_of(member.id)}/{cluster.ATTRIBUTES}"


def knows_the_version(member: Member) -> bool:
    """Whether the members have agreed on a version."""
    return cluster.version(member.store) != ""


async def publish(driver: MemberDriver, settings: Settings) -> None:
    """Write down name and client URLs, as often as it takes; and wait for the version."""
    await driver.until(may_publish)
    value = cluster.own_attributes(settings.name, settings.advertise_client_urls)
    await write(driver, ClusterRequest(own_key(driver.member), value))
    await driver.until(knows_the_version)


async def keep_version(driver: MemberDriver, peers: Peers) -> None:
    """Ask for versions whenever it is for us to do, and write down what all can speak."""
    member = driver.member
    while True:
        await driver.until(sets_the_version)
        told = [SERVER_VERSION, *await peers.versions()]
        if version := version_to_write(cluster.version(member.store), told):
            journal.say("the cluster gets a version", version=version, members=told)
            await driver.ask(ClusterRequest(cluster.VERSION, version))
        # If nobody has taken it, it is looked at anew: meanwhile somebody else may lead.
        await trio.sleep(VERSIONS_S if knows_the_version(member) else PAUSE_S)


async def write(driver: MemberDriver, request: ClusterRequest) -> None:
    """Ask again and again. To write the same twice does no harm."""
    while True:
        answer = await driver.ask(request)
        if answer.outcome is Outcome.DONE:
            return
        await trio.sleep(PAUSE_S)
