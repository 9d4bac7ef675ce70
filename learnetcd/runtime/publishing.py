"""Publishing: what a member tells the cluster about itself when it starts.

    /0/members/8e9e05c52164694d/attributes   {"name":"infra0","clientURLs":["http://..."]}
    /0/version                               3.4.0      (by the leader)

Where clients find a member is known to that member alone; so it writes it into the store, where all
members find it. These are writes like any other: agreed on, and counted in the etcd index. A member
serves no client before the first of them went through: until then it does not know whether it
belongs to a cluster that can decide anything.

Source: etcd 3.4 etcdserver/server.go, publish, monitorVersions.

Left out: asking all members for their version, and taking the lowest.

Next page: `leadership`.
"""

from __future__ import annotations

import trio

from learnetcd.member import cluster
from learnetcd.member.member import Member
from learnetcd.member.request import ClusterRequest, Outcome
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.runtime.member_driver import MemberDriver
from learnetcd.runtime.settings import Settings
from learnetcd.store.tree import find

CLUSTER_VERSION = "3.4.0"
"""What this server can speak: that of the etcd whose behaviour it has, without its last number."""
PAUSE_S = 0.1


def may_publish(member: Member) -> bool:
    """Whether there is anybody to propose to, and the cluster knows whom it will be told about."""
    # etcd panics, on all members, when it applies the attributes of a member that was never added.
    is_known = find(member.store.root, cluster.key_of(member.id)) is not None
    return is_known and member.raft.leader != NO_MEMBER


def must_set_version(member: Member) -> bool:
    """Whether it is for this member to write down the version, when it has said who it is."""
    leads = member.raft.leader == member.id
    return leads and not cluster.version(member.store) and has_published(member)


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


async def keep_version(driver: MemberDriver) -> None:
    """Write down the version whenever it is for us to do."""
    while True:
        await driver.until(must_set_version)
        await write(driver, ClusterRequest(cluster.VERSION, CLUSTER_VERSION))


async def write(driver: MemberDriver, request: ClusterRequest) -> None:
    """Ask again and again. To write the same twice does no harm."""
    while True:
        answer = await driver.ask(request)
        if answer.outcome is Outcome.DONE:
            return
        await trio.sleep(PAUSE_S)
