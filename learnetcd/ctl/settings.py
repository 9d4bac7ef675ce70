"""Settings: what holds for every verb, from the flags before it and from the environment.

    learnetcd ctl --endpoints http://10.0.0.1:2379 -o json get /k
    ETCDCTL_ENDPOINTS=http://10.0.0.1:2379 learnetcd ctl get /k

A flag goes before its variable. `--endpoint`, `--peers` and `-C` are older names of `--endpoints`,
and each has its variable; the newest name that was used wins.

    --timeout 2s          until one endpoint has begun to answer; then the next one is tried
    --total-timeout 5s    until there is an answer at all (a watch has all the time in the world)

Source: etcd 3.4 etcdctl/ctlv2/ctl.go, command/util.go. Left out: finding endpoints by DNS. Next
page: `exchange`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from learnetcd.ctl import endpoints
from learnetcd.ctl.credentials import Certificates
from learnetcd.ctl.endpoints import BadUrl, Endpoint
from learnetcd.ctl.failures import plainly
from learnetcd.ctl.flags import Flag, Kind, Value

GLOBAL_FLAGS = (
    Flag(
        ("debug",), Kind.SWITCH, "output cURL commands which can be used to reproduce the request"
    ),
    Flag(("explain",), Kind.SWITCH, "tell what the command made the cluster do"),
    Flag(
        ("no-sync",),
        Kind.SWITCH,
        "don't synchronize cluster information before sending request",
    ),
    Flag(
        ("output", "o"),
        Kind.TEXT,
        "output response in the given format (`simple`, extended or json)",
        '"simple"',
    ),
    Flag(("peers", "C"), Kind.TEXT, 'DEPRECATED - "--endpoints" should be used instead'),
    Flag(("endpoint",), Kind.TEXT, 'DEPRECATED - "--endpoints" should be used instead'),
    Flag(
        ("endpoints",),
        Kind.TEXT,
        "a comma-delimited list of machine addresses in the cluster",
        f'"{endpoints.DEFAULT}"',
    ),
    Flag(("cert-file",), Kind.TEXT, "identify HTTPS client using this SSL certificate file"),
    Flag(("key-file",), Kind.TEXT, "identify HTTPS client using this SSL key file"),
    Flag(
        ("ca-file",),
        Kind.TEXT,
        "verify certificates of HTTPS-enabled servers using this CA bundle",
    ),
    Flag(
        ("username", "u"),
        Kind.TEXT,
        "provide username[:password] and prompt if password is not supplied.",
    ),
    Flag(("timeout",), Kind.DURATION, "connection timeout per request", "2s"),
    Flag(
        ("total-timeout",),
        Kind.DURATION,
        "timeout for the command execution (except watch)",
        "5s",
    ),
)

WHERE_ENDPOINTS_ARE_NAMED = (
    ("endpoints", "ETCDCTL_ENDPOINTS"),
    ("endpoint", "ETCDCTL_ENDPOINT"),
    ("peers", "ETCDCTL_PEERS"),
)
"""Flags and their variables; the first that is not empty wins."""

CREDENTIALS = {
    "ca-file": "ETCDCTL_CA_FILE",
    "cert-file": "ETCDCTL_CERT_FILE",
    "key-file": "ETCDCTL_KEY_FILE",
    "username": "ETCDCTL_USERNAME",
}
"""The same of who we are, and whom we believe."""

NOT_YET = {"discovery-srv": "ETCDCTL_DISCOVERY_SRV"}
"""What etcdctl can be told and we can't yet, with its variables. To go on without would be to send
a request where it must not go."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every verb."""

    endpoints: tuple[Endpoint, ...]
    output: str
    """`simple`, `extended` or `json`; etcdctl notices another one when it prints."""
    sync: bool
    """Whether to ask who the members are, and then talk to those."""
    timeout: float
    """Seconds until one endpoint must have begun to answer; 0 or less for no limit."""
    total_timeout: float
    """Seconds until the whole must be done."""
    debug: bool
    explain: bool
    curl: bool
    """Whether each question is shown as the curl line that asks it."""
    username: str
    """Who asks: `alice:secret`, or `alice`; "" for nobody in particular."""
    certificates: Certificates

    @property
    def in_curl(self) -> str:
        """What of it curl must be told; the password it asks for itself."""
        name = self.username.partition(":")[0]
        return self.certificates.in_curl() + (f" -u {shlex.quote(name)}" if name else "")


def settings(said: Mapping[str, Value], environment: Mapping[str, str]) -> Settings:
    """Put together what the flags and the environment say."""
    for name, variable in NOT_YET.items():
        if environment.get(variable):
            raise plainly(f"{variable} is set, but learnetcd ctl has no --{name} yet: unset it.")
    if environment.get("ETCDCTL_API", "2") not in ("2", ""):
        raise plainly(
            f"ETCDCTL_API={environment['ETCDCTL_API']} asks for another API than v2, and learnetcd "
            "speaks only that: unset it."
        )
    named = {
        flag: str(said.get(flag, "")) or environment.get(variable, "")
        for flag, variable in CREDENTIALS.items()
    }
    return Settings(
        named_endpoints(said, environment),
        str(said.get("output", "simple")),
        not said.get("no-sync", False),
        float(said.get("timeout", 2)),
        float(said.get("total-timeout", 5)),
        bool(said.get("debug", False)),
        bool(said.get("explain", False)),
        bool(said.get("curl", False)),
        named["username"],
        Certificates(named["ca-file"], named["cert-file"], named["key-file"]),
    )


def named_endpoints(
    said: Mapping[str, Value], environment: Mapping[str, str]
) -> tuple[Endpoint, ...]:
    """The addresses to begin with; `Ended` if one is no URL."""
    for flag, variable in WHERE_ENDPOINTS_ARE_NAMED:
        if named := str(said.get(flag, "")) or environment.get(variable, ""):
            break
    else:
        named = endpoints.DEFAULT
    try:
        return tuple(endpoints.parse(text) for text in named.split(","))
    except BadUrl as trouble:
        raise plainly(str(trouble)) from None
