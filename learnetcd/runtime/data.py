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
from learnetcd.member import bootstrap, standalone
from learnetcd.member.cluster import ClusterMember
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Stored
from learnetcd.runtime import journal
from learnetcd.runtime.joining import Cluster
from learnetcd.runtime.settings import Settings
from learnetcd.wire.etcdserverpb import Metadata


@dataclass(frozen=True, slots=True)
class Data:
    """What a member begins with."""

    storage: Storage
    stored: Stored
    told: tuple[ClusterMember, ...] = ()
    """Who the members are, as long as the store doesn't say."""
    is_new: bool = False
    """Whether this is its first start."""

    @property
    def member_id(self) -> int:
        """Who this member is."""
        return self.storage.metadata.node_id

    @property
    def cluster_id(self) -> int:
        """Of which cluster."""
        return self.storage.metadata.cluster_id


def is_first_start(files: Files, settings: Settings) -> bool:
    """Whether there is no data of this member yet."""
    return is_new(files, Directory(settings.data_dir, settings.wal_dir))


def open_data(files: Files, settings: Settings) -> Data:
    """Open the data of a member that was here before."""
    storage, stored = open_storage(files, settings.data_dir, wal_dir=settings.wal_dir)
    if settings.force_new_cluster:
        return Data(storage, go_on_alone(storage, stored, settings))
    if is_backup(stored):
        storage.close()
        raise UserError(
            f"{settings.data_dir} does not say who the members are, so it is a backup: "
            f"`learnetcd ctl restore --backup-dir={settings.data_dir} --data-dir=...` "
            f"makes a member of it, or --force-new-cluster."
        )
    return Data(storage, stored)


def go_on_alone(storage: Storage, stored: Stored, settings: Settings) -> Stored:
    """Write down that all others were removed."""
    member_id = storage.metadata.node_id
    alone = standalone.forced(stored, member_id, settings.initial_advertise_peer_urls)
    decided = max(stored.hard_state.commit_index, stored.snapshot.index)
    storage.write([one for one in alone.entries if one.index > decided], alone.hard_state)
    storage.sync()
    journal.warn("forced a new cluster, of this member alone", member_id=f"{member_id:x}")
    return alone


def is_backup(stored: Stored) -> bool:
    """Whether something was decided, but nobody knows by whom: `etcdctl backup` leaves that out."""
    changes = (entry for entry in stored.entries if isinstance(entry.payload, ConfigChange))
    return (
        stored.hard_state.commit_index > 0
        and not stored.snapshot.configuration.voters
        and next(changes, None) is None
    )


def make_data(files: Files, settings: Settings, cluster: Cluster) -> Data:
    """Make the data directory of a member that starts for the first time."""
    joins = settings.initial_cluster_state == "existing"
    # Who joins begins with nothing: it gets even the first entries from the leader.
    stored = Stored(bootstrap.NOTHING) if joins else bootstrap.first_stored(cluster.members)
    metadata = Metadata(cluster.own_id, cluster.cluster_id)
    storage = create(files, settings.data_dir, metadata, stored=stored, wal_dir=settings.wal_dir)
    return Data(storage, stored, cluster.members, is_new=True)
