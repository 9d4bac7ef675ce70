"""Restore: from a backup to members that can be started, as a cluster of their own.

    $ learnetcd ctl restore --backup-dir /home/backup --data-dir /var/lib/etcd-new
    $ etcd --data-dir /var/lib/etcd-new --enable-v2

A backup is of nobody, so nobody can start on it just so. By hand it takes four steps, and each has
its trap: start one member on a copy with `--force-new-cluster`; stop it, and start it without; tell
it its real address by `member update`, for it has invented one; add the other members one by one,
and start each with an empty directory. Here it is one:

    snapshot + entries of the backup  --apply-->  a store
    the members in it                             are replaced by those of --initial-cluster
    the store                         --save-->   the first snapshot of the new member

For a cluster of three, do it once for each member, with the same backup, token and list, and with
its own --name. All then start from the very same snapshot, and elect a leader as they always do.

What is not committed in the backup is not restored: nobody was promised it.

Source: etcd 3.4 etcdserver/raft.go, restartAsStandaloneNode, for the steps by hand; clientv3/
snapshot for the form of the one step, which etcd has for its v3 store alone.
Next page: `explain`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from learnetcd.ctl import endpoints
from learnetcd.ctl.call import Call
from learnetcd.ctl.endpoints import BadUrl
from learnetcd.disk.directory import Directory
from learnetcd.disk.files import Files
from learnetcd.disk.real_files import RealFiles
from learnetcd.disk.recovery import is_new, recover
from learnetcd.disk.storage import create
from learnetcd.errors import UserError
from learnetcd.member import cluster, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.effects import Apply
from learnetcd.member.inputs import ApplyDue, WallClockRead
from learnetcd.member.member import Member
from learnetcd.member.namespace import CLIENTS
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import HardState, Snapshot, Stored
from learnetcd.store.store import Store
from learnetcd.store.tree import find
from learnetcd.wire.etcdserverpb import Metadata

NAME = "default"
PEER_URL = "http://localhost:2380"
TOKEN = "etcd-cluster"


def restore(call: Call) -> None:
    """Make the data directory of one member from a backup, and say how to start it."""
    name = call.text("name") or NAME
    source, target = call.text("backup-dir") or ".", call.text("data-dir") or f"{name}.etcd"
    token = call.text("initial-cluster-token") or TOKEN
    members = listed(call.text("initial-cluster") or f"{name}={PEER_URL}", token)
    own = [member for member in members if member.name == name]
    if not own:
        raise UserError(f"--initial-cluster names no member {name!r}: say which one by --name.")
    files = RealFiles()
    stored = recover(files, Directory(source)).stored
    keys = write(files, target, own[0], members, stored)
    urls = ",".join(own[0].peer_urls)
    print(f"Restored {keys} nodes, as of entry {stored.hard_state.commit_index} of the backup.")
    print("Start the member, and say at which addresses clients reach it:\n")
    print(f"  etcd --enable-v2 --name {name} --data-dir {target} \\")
    print(f"    --listen-peer-urls {urls} --initial-advertise-peer-urls {urls} \\")
    print(f"    --initial-cluster {','.join(map(written, members))}")


def write(
    files: Files, target: str, own: ClusterMember, members: Sequence[ClusterMember], stored: Stored
) -> int:
    """Write the data directory of one of the new members; say how many nodes clients have in it."""
    if not is_new(files, Directory(target)):
        raise UserError(f"{target} has the data of a member already; name another --data-dir.")
    last = stored.hard_state.commit_index
    if not last:
        raise UserError("Nothing is committed in this backup, so there is nothing to restore.")
    store = applied(stored)
    replace_members(store, members)
    ids = tuple(sorted(member.id for member in members))
    term = stored.hard_state.term
    snapshot = Snapshot(last, term, Configuration(ids), store)
    storage = create(files, target, Metadata(own.id, identity.cluster_id(ids)))
    try:
        storage.save_snapshot(snapshot)
        storage.write([], HardState(term, 0, last))
        storage.sync()
    finally:
        storage.close()
    return sum(node.key.startswith(f"{CLIENTS}/") for node in store.nodes())


def applied(stored: Stored) -> Store:
    """The store after all that is committed: a member makes it, as it does when it starts."""
    member = Member(1, PROFILES["etcd-3.3"], stored, seed=0)
    # Deadlines stand in the log; the clock only says how long a key had still to live.
    waiting = member.step(WallClockRead(0, time.time_ns() // 1_000_000))
    while due := [effect for effect in waiting if isinstance(effect, Apply)]:
        waiting = member.step(ApplyDue(member.now_ms, due[-1].through))
    assert member.applied_index == stored.hard_state.commit_index, "all is applied"
    return member.store


def replace_members(store: Store, members: Sequence[ClusterMember]) -> None:
    """Forget who the members were, also those who must never come back: it is another cluster."""
    for directory in (cluster.MEMBERS, cluster.REMOVED):
        if find(store.root, directory) is not None:
            store.delete(directory, recursive=True)
    for member in sorted(members, key=lambda member: member.id):
        change = Change(ChangeKind.ADD_VOTER, member.id)
        context = cluster.context(member)
        cluster.write_change(store, ConfigChange((change,), context=context, legacy=True))


def listed(text: str, token: str) -> list[ClusterMember]:
    """Read `a=http://10.0.0.1:2380,b=http://10.0.0.2:2380`; a name may come twice."""
    urls: dict[str, list[str]] = {}
    for pair in text.split(","):
        name, equals, url = pair.strip().partition("=")
        if not (name and equals and url):
            raise UserError(
                f"--initial-cluster has {pair!r}, where NAME=URL was expected, as in "
                f"{NAME}={PEER_URL}."
            )
        try:
            endpoints.parse(url)
        except BadUrl as trouble:
            raise UserError(f"--initial-cluster: {trouble}.") from None
        urls.setdefault(name, []).append(url)
    return [
        ClusterMember(identity.member_id(of_one, token), name, tuple(of_one))
        for name, of_one in urls.items()
    ]


def written(member: ClusterMember) -> str:
    """A member as `--initial-cluster` has it."""
    return ",".join(f"{member.name}={url}" for url in member.peer_urls)
