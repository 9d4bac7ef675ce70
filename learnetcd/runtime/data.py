"""The data of a server: made when it starts for the first time, opened when it starts again.

    first start     settings --ids--> metadata, first entries --> data directory
    any later one   data directory --> who the member is, and all that it must not forget

On the first start the settings say who the members are. After that they are not asked any more: who
this member is, and in which cluster, stands in its log, and a name or an address that was changed
in the settings must not make another member of it.

Source: etcd 3.4 etcdserver/server.go, NewServer.

Next page: `publishing`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.disk.directory import Directory
from learnetcd.disk.files import Files
from learnetcd.disk.recovery import is_new
from learnetcd.disk.storage import Storage, create, open_storage
from learnetcd.errors import UserError
from learnetcd.member import bootstrap, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.raft.entry import Stored
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.wire.etcdserverpb import Metadata


@dataclass(frozen=True, slots=True)
class Data:
    """What a member begins with."""

    storage: Storage
    stored: Stored
    member_id: int
    cluster_id: int
    is_new: bool
    """Whether this is its first start."""


def open_data(files: Files, settings: Settings) -> Data:
    """Open the data directory, or make it."""
    is_first_start = is_new(files, Directory(settings.data_dir, settings.wal_dir))
    if is_first_start:
        storage, stored = found(files, settings)
    else:
        storage, stored = open_storage(files, settings.data_dir, wal_dir=settings.wal_dir)
    metadata = storage.metadata
    return Data(storage, stored, metadata.node_id, metadata.cluster_id, is_first_start)


def found(files: Files, settings: Settings) -> tuple[Storage, Stored]:
    """Write down who the members are, as each of them does for itself."""
    if settings.initial_cluster_state == "existing":
        raise UserError(
            f"{settings.data_dir} holds no member that could start again, and to join a cluster "
            f"that exists already can't be had yet: leave out --initial-cluster-state=existing."
        )
    token = settings.initial_cluster_token
    members = [first_member(one, token) for one in settings.initial_cluster]
    [own_id] = [one.id for one in members if one.name == settings.name]
    cluster = identity.cluster_id(one.id for one in members)
    stored = bootstrap.first_stored(members)
    metadata = Metadata(own_id, cluster)
    storage = create(files, settings.data_dir, metadata, stored=stored, wal_dir=settings.wal_dir)
    return storage, stored


def first_member(member: InitialMember, token: str) -> ClusterMember:
    """A member of a new cluster, with the id that everybody computes for it."""
    member_id = identity.member_id(member.peer_urls, token)
    return ClusterMember(member_id, member.name, member.peer_urls)
