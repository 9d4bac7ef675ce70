"""The settings of a server: what it is called, where it keeps its data, who may talk to it.

    learnetcd serve --name infra0 --data-dir /var/lib/etcd --max-wals 0

becomes one value that never changes while the server runs. A field is called as etcd calls its
flag (`--max-wals` is `max_wals`), and its default is etcd's, so `Settings()` is what `etcd` does
without any flag. Times carry their unit in their names.

Source: etcd 3.4 embed/config.go. Next page: `values`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InitialMember:
    """One member of a cluster that is about to begin."""

    name: str
    """What `--name` says on its machine."""
    peer_urls: tuple[str, ...]
    """Where the others reach it; its id is made of these."""

    def __str__(self) -> str:
        """As `--initial-cluster` has it."""
        return ",".join(f"{self.name}={url}" for url in self.peer_urls)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a server is told before it starts."""

    # --- the member -----------------------------------------------------------------------------

    name: str = "default"
    """What people call the member."""
    data_dir: str = "default.etcd"
    """The folder that holds all that it must not forget; unless told, NAME.etcd."""
    wal_dir: str = ""
    """The folder of the log, if that has a place of its own; otherwise it is in `data_dir`."""
    snapshot_count: int = 100_000
    """A snapshot is taken when more entries than this were applied since the last one."""
    max_snapshots: int = 5
    """Snapshot files that are kept (0: all of them)."""
    max_wals: int = 5
    """Files of the log that are kept (0: all of them)."""
    heartbeat_interval_ms: int = 100
    """A tick: how often a leader says that it is there."""
    election_timeout_ms: int = 1000
    """How long a follower waits for a leader, at the least."""
    listen_peer_urls: tuple[str, ...] = ("http://localhost:2380",)
    """Where other members may connect."""
    listen_client_urls: tuple[str, ...] = ("http://localhost:2379",)
    """Where clients may connect."""

    # --- the cluster ----------------------------------------------------------------------------

    initial_advertise_peer_urls: tuple[str, ...] = ("http://localhost:2380",)
    """What other members are told about where to connect."""
    advertise_client_urls: tuple[str, ...] = ("http://localhost:2379",)
    """What clients are told about where to connect."""
    initial_cluster: tuple[InitialMember, ...] = (
        InitialMember("default", ("http://localhost:2380",)),
    )
    """All members of a new cluster, this one among them."""
    discovery: str = ""
    """A URL at which the members of a new cluster find each other, in place of a list."""
    discovery_fallback: str = "proxy"
    """What becomes of a member that finds its cluster full: `proxy`, or `exit`."""
    discovery_proxy: str = ""
    """Who asks at that URL for us, as `http://HOST:PORT`."""
    discovery_srv: str = ""
    """A domain whose SRV records are that list."""
    discovery_srv_name: str = ""
    """`a` for records of `_etcd-server-a` in place of `_etcd-server`."""
    initial_cluster_state: str = "new"
    """`new`, or `existing` for a member that was added to a cluster which runs."""
    initial_cluster_token: str = "etcd-cluster"
    """Keeps two clusters apart whose members have the same URLs: ids are made of it."""
    force_new_cluster: bool = False
    """Go on alone with the data that are there: all other members are taken for lost."""
    strict_reconfig_check: bool = True
    """Refuse a change of members that would leave the cluster without a quorum."""
    pre_vote: bool = False
    """Ask whether an election could be won before raising the term."""

    peer_cert_file: str = ""
    """The certificate that other members are shown at https."""
    peer_key_file: str = ""
    """Its key."""
    peer_client_cert_auth: bool = False
    """Whether other members must show one, too."""
    peer_trusted_ca_file: str = ""
    """Whose signature under another member's certificate counts."""
    peer_crl_file: str = ""
    """Other members' certificates that count no more."""
    peer_cert_allowed_cn: str = ""
    """The only name to which other members' certificates may be made out."""
    peer_cert_allowed_hostname: str = ""
    """A host to which they must be made out."""
    peer_auto_tls: bool = False
    """Make a certificate at the first start, which nobody else has signed."""
    experimental_peer_skip_client_san_verification: bool = False
    """Whether another member may come from elsewhere than its certificate says."""

    # --- what clients get -----------------------------------------------------------------------

    enable_v2: bool = True
    """Answer below `/v2`. Differs: etcd 3.4 wants to be asked for it; we have nothing else."""
    cert_file: str = ""
    """The certificate that clients are shown at https."""
    key_file: str = ""
    """Its key."""
    client_cert_auth: bool = False
    """Whether clients must show one, too; its name is that of a user then."""
    trusted_ca_file: str = ""
    """Whose signature under a client's certificate counts."""
    client_crl_file: str = ""
    """Clients' certificates that count no more."""
    client_cert_allowed_hostname: str = ""
    """A host to which clients' certificates must be made out."""
    auto_tls: bool = False
    """Make a certificate at the first start, which nobody else has signed."""
    cors: tuple[str, ...] = ("*",)
    """Origins whose pages may read our answers; `*` is every origin."""
    host_whitelist: tuple[str, ...] = ("*",)
    """Names by which clients may call us; `*` is every name."""

    # --- in place of a member -------------------------------------------------------------------

    proxy: str = "off"
    """`on` or `readonly`: hold no data, and pass on what clients ask."""
    proxy_failure_wait_ms: int = 5000
    """For so long a member that failed is not asked."""
    proxy_refresh_interval_ms: int = 30_000
    """How often the members are asked who they are."""
    proxy_dial_timeout_ms: int = 1000
    """How long it may take to connect to a member (0: as long as it takes)."""
    proxy_write_timeout_ms: int = 5000
    """... and to send it a request."""
    proxy_read_timeout_ms: int = 0
    """... and how long it may say nothing."""

    # --- what is logged -------------------------------------------------------------------------

    logger: str = "capnslog"
    """`capnslog` for lines to read, `zap` for a JSON object a line."""
    log_outputs: tuple[str, ...] = ("default",)
    """`stdout`, `stderr` or files; `default` is stderr."""
    log_level: str = "info"
    """The least important thing that is logged: debug, info, warn, error, panic or fatal."""

    # --- ours, not etcd's -----------------------------------------------------------------------

    profile: str = "etcd-3.3"
    """Whose Raft, one of `learnetcd.raft.config.PROFILES`. All of them are sound: there is no way
    to start a server with a broken rule."""
    peer_routes: tuple[tuple[str, str], ...] = ()
    """Peer URLs that lead somewhere else from here, each with where it leads."""
    record: str = ""
    """The file in which all that happens is written down, for `learnetcd replay`; "" for none."""
    trace_stream: bool = False
    """Whether whoever can reach the client ports may watch the member at work."""
    allow_hold: bool = False
    """Whether whoever watches may stop it, too."""
