"""The flags of `learnetcd serve`: all of etcd 3.4's, and what becomes of each.

A member may be moved from etcd to learnetcd with its flags, its variables or its file as they are.
So every flag of etcd has its row here, and its row says which of three things happens:

    HONOURED    it does what it does in etcd
    REFUSED     its default is what happens here; to ask for anything else stops the start, for a
                server that only seemed to be encrypted would be worse than none
    UNUSED      nothing here depends on it; the server says so in one warning and starts

The same row serves the flag `--max-wals`, the variable `ETCD_MAX_WALS` and the line `max-wals:` of
a configuration file.

Source: etcd 3.4 etcdmain/config.go, etcdmain/help.go. Next page: `sources`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from learnetcd.runtime.settings import Settings
from learnetcd.runtime.values import (
    DURATION,
    IGNORED,
    INTEGER,
    LIST,
    NAMES,
    NUMBER,
    ORIGINS,
    PROFILE,
    ROUTES,
    SWITCH,
    TEXT,
    URLS,
    Kind,
    one_of,
)


class Fate(Enum):
    """What becomes of a flag."""

    HONOURED = auto()
    REFUSED = auto()
    UNUSED = auto()


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing that a server can be told."""

    group: str
    """Under which heading the help shows it."""
    name: str
    """`max-wals` for `--max-wals`."""
    kind: Kind
    """What may stand after it."""
    help: str
    """What it does; or, of one that is refused or unused, what happens instead."""
    fate: Fate = Fate.HONOURED
    field: str = ""
    """Which field of `Settings` it fills, where that has another name."""
    etcd_default: str = ""
    """What etcd takes without the flag, as text: of honoured flags `Settings` knows it."""

    @property
    def variable(self) -> str:
        """The environment variable that stands for it."""
        return "ETCD_" + self.name.upper().replace("-", "_")

    @property
    def setting(self) -> str:
        """The field of `Settings`."""
        return self.field or self.name.replace("-", "_")

    @property
    def default(self) -> str:
        """Its value when nobody gives one, as text."""
        if self.fate is not Fate.HONOURED or not hasattr(Settings, self.setting):
            return self.etcd_default
        return as_text(getattr(Settings(), self.setting))


def as_text(value: object) -> str:
    """A value of `Settings` as one would type it."""
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


# --- why not ------------------------------------------------------------------------------------

NO_V3 = "the v3 API is not served"
LOST_SINCE_2 = "etcd itself has ignored it since 2.0"

MEMBER = "Member"
CLUSTER = "Clustering"
SECURITY = "Security"
AUTH = "Auth"
MONITORING = "Profiling and monitoring"
LOGGING = "Logging"
PROXY = "v2 proxy"
EXPERIMENTAL = "Experimental"
UNSAFE = "Unsafe"
OURS = "Only here, not in etcd"
SOURCES = "Where settings come from"
FORMERLY = "Formerly"


def refused(group: str, name: str, kind: Kind, default: str, instead: str) -> Flag:
    """A row for what can't be had here."""
    return Flag(group, name, kind, instead, Fate.REFUSED, etcd_default=default)


def unused(group: str, name: str, kind: Kind, default: str, instead: str) -> Flag:
    """A row for what nothing here depends on."""
    return Flag(group, name, kind, instead, Fate.UNUSED, etcd_default=default)


# --- the table ----------------------------------------------------------------------------------

# fmt: off
FLAGS = (
    Flag(SOURCES, "config-file", TEXT, "A file of etcd's, YAML; nothing else counts then."),
    Flag(SOURCES, "version", SWITCH, "Say which version this is.", etcd_default="false"),

    Flag(MEMBER, "name", TEXT, "What people call this member."),
    Flag(MEMBER, "data-dir", TEXT, "Where it keeps all that it must not forget (NAME.etcd)."),
    Flag(MEMBER, "wal-dir", TEXT, "Another place for the log: a disk of its own, say."),
    Flag(MEMBER, "snapshot-count", NUMBER, "Take a snapshot after so many writes."),
    Flag(MEMBER, "heartbeat-interval", NUMBER, "A leader says that it is there, every so many ms.",
        field="heartbeat_interval_ms"),
    Flag(MEMBER, "election-timeout", NUMBER, "A follower waits for a leader, so many ms at least.",
        field="election_timeout_ms"),
    unused(MEMBER, "initial-election-tick-advance", SWITCH, "true",
        "who votes alone elects itself at once, and others wait a whole timeout for a leader"),
    Flag(MEMBER, "listen-peer-urls", URLS, "Where other members may connect."),
    Flag(MEMBER, "listen-client-urls", URLS, "Where clients may connect."),
    Flag(MEMBER, "max-snapshots", NUMBER, "Keep so many snapshot files (0: all)."),
    Flag(MEMBER, "max-wals", NUMBER, "Keep so many files of the log (0: all)."),
    unused(MEMBER, "quota-backend-bytes", INTEGER, "0", NO_V3),
    unused(MEMBER, "backend-batch-interval", DURATION, "", NO_V3),
    unused(MEMBER, "backend-batch-limit", INTEGER, "0", NO_V3),
    unused(MEMBER, "max-txn-ops", NUMBER, "128", NO_V3),
    unused(MEMBER, "max-request-bytes", NUMBER, "1572864",
        "as in etcd it limits v3 requests only; a v2 form ends at 10 MiB"),
    unused(MEMBER, "max-concurrent-streams", NUMBER, "4294967295", NO_V3),
    unused(MEMBER, "grpc-keepalive-min-time", DURATION, "5s", NO_V3),
    unused(MEMBER, "grpc-keepalive-interval", DURATION, "2h", NO_V3),
    unused(MEMBER, "grpc-keepalive-timeout", DURATION, "20s", NO_V3),

    Flag(CLUSTER, "initial-advertise-peer-urls", URLS, "Where the others find this member."),
    Flag(CLUSTER, "initial-cluster", TEXT, "NAME=URL,... of all members of a new cluster."),
    Flag(CLUSTER, "initial-cluster-state", one_of("new", "existing"),
        "Does the cluster begin now, or run already?"),
    Flag(CLUSTER, "initial-cluster-token", TEXT, "Keeps clusters apart that have the same URLs."),
    Flag(CLUSTER, "advertise-client-urls", URLS, "Where clients find this member."),
    Flag(CLUSTER, "discovery", TEXT, "Where the members of a new cluster find each other."),
    Flag(CLUSTER, "discovery-fallback", one_of("exit", "proxy"),
        "What becomes of a member that finds its cluster full."),
    Flag(CLUSTER, "discovery-proxy", TEXT, "An HTTP proxy that leads to that place."),
    Flag(CLUSTER, "discovery-srv", TEXT, "A domain whose SRV records name the members."),
    Flag(CLUSTER, "discovery-srv-name", TEXT, "Which of its services, if it has several."),
    Flag(CLUSTER, "strict-reconfig-check", SWITCH,
        "Refuse changes of members that would cost the quorum."),
    Flag(CLUSTER, "pre-vote", SWITCH,
        "Ask whether an election could be won before raising the term."),
    unused(CLUSTER, "auto-compaction-retention", TEXT, "0", NO_V3),
    unused(CLUSTER, "auto-compaction-mode", one_of("periodic", "revision"), "periodic", NO_V3),
    Flag(CLUSTER, "enable-v2", SWITCH, "Answer below /v2 (etcd 3.4 wants to be asked for it)."),

    Flag(SECURITY, "cert-file", TEXT, "The certificate that clients are shown at https."),
    Flag(SECURITY, "key-file", TEXT, "Its key."),
    Flag(SECURITY, "client-cert-auth", SWITCH, "Let in only clients who show a certificate, too."),
    Flag(SECURITY, "client-crl-file", TEXT, "Clients' certificates that count no more."),
    Flag(SECURITY, "client-cert-allowed-hostname", TEXT,
        "Take only certificates that are made out to this host."),
    Flag(SECURITY, "trusted-ca-file", TEXT, "Whose signature under clients' certificates counts."),
    Flag(SECURITY, "auto-tls", SWITCH, "Make a certificate at the first start, signed by itself."),
    Flag(SECURITY, "peer-cert-file", TEXT, "The certificate for other members, both ways."),
    Flag(SECURITY, "peer-key-file", TEXT, "Its key."),
    Flag(SECURITY, "peer-client-cert-auth", SWITCH,
        "Let in only members who show a certificate, too."),
    Flag(SECURITY, "peer-trusted-ca-file", TEXT,
        "Whose signature under members' certificates counts."),
    Flag(SECURITY, "peer-cert-allowed-cn", TEXT,
        "The only name that members' certificates may have."),
    Flag(SECURITY, "peer-cert-allowed-hostname", TEXT,
        "Take only certificates of members that are made out to this host."),
    Flag(SECURITY, "peer-auto-tls", SWITCH,
        "Make a certificate at the first start, signed by itself."),
    Flag(SECURITY, "peer-crl-file", TEXT, "Members' certificates that count no more."),
    refused(SECURITY, "cipher-suites", TEXT, "",
        "TLS 1.2 and newer with the ciphers of this machine's OpenSSL"),
    Flag(SECURITY, "cors", ORIGINS, "Origins whose pages may read our answers (*: every one)."),
    Flag(SECURITY, "host-whitelist", NAMES, "Names by which clients may call us (*: every one)."),

    unused(AUTH, "auth-token", TEXT, "simple", NO_V3),
    unused(AUTH, "bcrypt-cost", NUMBER, "10", NO_V3),
    unused(AUTH, "auth-token-ttl", NUMBER, "300", NO_V3),

    unused(MONITORING, "enable-pprof", SWITCH, "false", "there is no Go runtime to look into"),
    unused(MONITORING, "metrics", TEXT, "basic", "/metrics has one level of detail"),
    refused(MONITORING, "listen-metrics-urls", URLS, "",
        "/metrics and /health are answered at --listen-client-urls"),

    Flag(LOGGING, "logger", one_of("capnslog", "zap"), "Lines to read, or a JSON object a line."),
    Flag(LOGGING, "log-outputs", LIST, "Where to: stdout, stderr, files (default: stderr)."),
    Flag(LOGGING, "log-output", LIST, "The old name of --log-outputs.", field="log_outputs"),
    Flag(LOGGING, "log-level", one_of("debug", "info", "warn", "error", "panic", "fatal"),
        "The least important thing to be logged."),
    Flag(LOGGING, "debug", SWITCH, "The old name of --log-level=debug.", etcd_default="false"),
    unused(LOGGING, "log-package-levels", TEXT, "", "all of it logs at one --log-level"),

    Flag(PROXY, "proxy", one_of("off", "readonly", "on"),
        "Hold no data: pass on what clients ask, to the members of --initial-cluster."),
    Flag(PROXY, "proxy-failure-wait", NUMBER, "Ask a member that failed again after so many ms.",
        field="proxy_failure_wait_ms"),
    Flag(PROXY, "proxy-refresh-interval", NUMBER, "Ask who the members are, every so many ms.",
        field="proxy_refresh_interval_ms"),
    Flag(PROXY, "proxy-dial-timeout", NUMBER, "Try so many ms to connect to a member (0: no end).",
        field="proxy_dial_timeout_ms"),
    Flag(PROXY, "proxy-write-timeout", NUMBER, "Try so many ms to send it a request (0: no end).",
        field="proxy_write_timeout_ms"),
    Flag(PROXY, "proxy-read-timeout", NUMBER, "Wait so many ms for its answer (0: no end).",
        field="proxy_read_timeout_ms"),

    unused(EXPERIMENTAL, "experimental-initial-corrupt-check", SWITCH, "false", NO_V3),
    unused(EXPERIMENTAL, "experimental-corrupt-check-time", DURATION, "0s", NO_V3),
    refused(EXPERIMENTAL, "experimental-enable-v2v3", TEXT, "", NO_V3),
    unused(EXPERIMENTAL, "experimental-backend-bbolt-freelist-type", TEXT, "array", NO_V3),
    unused(EXPERIMENTAL, "experimental-enable-lease-checkpoint", SWITCH, "false", NO_V3),
    unused(EXPERIMENTAL, "experimental-compaction-batch-limit", INTEGER, "1000", NO_V3),
    Flag(EXPERIMENTAL, "experimental-peer-skip-client-san-verification", SWITCH,
        "Members may come from elsewhere than their certificates say."),
    unused(EXPERIMENTAL, "experimental-watch-progress-notify-interval", DURATION, "10m", NO_V3),
    unused(EXPERIMENTAL, "experimental-warning-apply-duration", DURATION, "100ms",
        "the journal does not time single requests"),

    Flag(UNSAFE, "force-new-cluster", SWITCH,
        "Go on alone with the data that are there; the others are lost."),
    refused(UNSAFE, "unsafe-no-fsync", SWITCH, "false",
        "every write is on the disk before it is answered"),

    Flag(OURS, "profile", PROFILE, "Whose Raft: the paper's, etcd 3.3's, or etcd 3.5's."),
    Flag(OURS, "peer-routes", ROUTES, "Where the peer URLs of others lead, seen from here."),
    Flag(OURS, "record", TEXT, "Write all that happens to a new file: see `learnetcd replay`."),
    Flag(OURS, "trace-stream", SWITCH, "Let others on this machine watch: see `learnetcd tui`."),
    Flag(OURS, "allow-hold", SWITCH, "Let them stop the member, too, at a gate of their choice."),
    Flag(OURS, "environment-file", TEXT, "A file of ETCD_NAME=VALUE lines, as systemd reads them."),

    *(
        unused(FORMERLY, name, IGNORED, "", LOST_SINCE_2)
        for name in (
            "cluster-active-size", "cluster-remove-delay", "cluster-sync-interval", "config",
            "force", "max-result-buffer", "max-retry-attempts", "peer-heartbeat-interval",
            "peer-election-timeout", "retry-interval", "snapshot", "v", "vv",
        )
    ),
)
# fmt: on

FLAG_OF_NAME = {flag.name: flag for flag in FLAGS}
