"""The configuration: from all that was given to `Settings` that make sense together.

    read_settings(["--name", "infra0"], os.environ, read_file)
    (Settings(name="infra0", data_dir="infra0.etcd", ...), [])

Each value was looked at alone; here they meet. What does not fit is one sentence and no start: a
server that guesses what was meant may come up with an empty data directory, or as another member.

Differs: etcd lets some of these pass when the data directory is not new. Left out: an advertised
`localhost` is not replaced by this machine's own address when we listen on 0.0.0.0.

Source: etcd 3.4 embed/config.go (Validate), etcdserver/config.go. Next page: `journal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from learnetcd.errors import UserError
from learnetcd.runtime.flags import Fate
from learnetcd.runtime.forward_proxy import read_proxy
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.runtime.sources import Given, gather
from learnetcd.runtime.values import BadValue, read_urls

MAX_ELECTION_TIMEOUT_MS = 50_000


def read_settings(
    words: Sequence[str], environ: Mapping[str, str], read_file: Callable[[str], str]
) -> tuple[Settings, list[str]]:
    """The settings of a server, and what its owner should be warned of."""
    given, warnings = gather(words, environ, read_file)
    refuse_two_ways_to_find_a_cluster(given)
    refuse_what_is_not_there(given)
    settings = complete(given)
    check_addresses(settings)
    check_timers(settings)
    if settings.proxy == "off":
        check_cluster(settings)
    else:
        check_proxy(settings)
    check_discovery(settings)
    check_journal(settings)
    check_watching(settings)
    check_certificates(settings)
    warnings += warning_of_plain_http(settings)
    return settings, [*warnings, *warning_of_unused(given)]


# --- what etcd can and we can't -----------------------------------------------------------------


def refuse_two_ways_to_find_a_cluster(given: Iterable[Given]) -> None:
    """Three flags say who the members are; they can't all be right."""
    ways = [
        found.origin
        for found in given
        if found.flag.name in {"discovery", "discovery-srv", "initial-cluster"} and found.value
    ]
    if len(ways) > 1:
        raise UserError(f"{' and '.join(sorted(ways))} say who the members are: keep one of them.")


def refuse_what_is_not_there(given: Iterable[Given]) -> None:
    """Better no server than one without the protection that was asked for."""
    for found in given:
        flag = found.flag
        if flag.fate is Fate.REFUSED and found.value != flag.kind.read(flag.default):
            raise UserError(f"{found.origin} can't be had: {flag.help}.")


def warning_of_unused(given: Iterable[Given]) -> list[str]:
    """One warning that names all that nothing depends on, by what happens instead."""
    origins: dict[str, list[str]] = {}
    for found in given:
        if found.flag.fate is Fate.UNUSED:
            origins.setdefault(found.flag.help, []).append(found.origin)
    parts = [f"{', '.join(sorted(names))} ({why})" for why, names in sorted(origins.items())]
    return [f"Without effect here: {'; '.join(parts)}."] if parts else []


# --- one value of all ---------------------------------------------------------------------------


def complete(given: Iterable[Given]) -> Settings:
    """What was given, and for the rest etcd's defaults, some of which depend on the name."""
    # Any: each value has the type of its field, for the kind of the flag has made it.
    fields: dict[str, Any] = {
        found.flag.setting: found.value
        for found in given
        if found.flag.fate is Fate.HONOURED and found.value != ""
    }
    for no_field in ("config_file", "environment_file", "version"):
        fields.pop(no_field, None)
    if fields.pop("debug", False):
        fields["log_level"] = "debug"
    if fields.get("snapshot_count") == 0:
        del fields["snapshot_count"]  # as in etcd
    initial_cluster = fields.pop("initial_cluster", None)
    settings = replace(Settings(), **fields)
    own = InitialMember(settings.name, settings.initial_advertise_peer_urls)
    return replace(
        settings,
        data_dir=fields.get("data_dir", f"{settings.name}.etcd"),
        initial_cluster=read_cluster(initial_cluster) if initial_cluster else (own,),
    )


def read_cluster(text: str) -> tuple[InitialMember, ...]:
    """`a=http://10.0.0.1:2380,b=http://10.0.0.2:2380`; a member with two URLs is named twice."""
    urls: dict[str, list[str]] = {}
    for part in text.split(","):
        name, equals, url = part.strip().partition("=")
        if not (name and equals and url):
            raise UserError(f"--initial-cluster: NAME=URL is expected, not {part!r}.")
        urls.setdefault(name, []).append(url)
    try:
        return tuple(InitialMember(name, read_urls(",".join(urls[name]))) for name in sorted(urls))
    except BadValue as error:
        raise UserError(f"--initial-cluster: {error}.") from error


# --- what must fit together ---------------------------------------------------------------------


def check_addresses(settings: Settings) -> None:
    """We listen on addresses of this machine, and advertise what others can look up."""
    for flag, urls in (
        ("--listen-peer-urls", settings.listen_peer_urls),
        ("--listen-client-urls", settings.listen_client_urls),
    ):
        for url in urls:
            refuse_files(flag, url)
            host = urlsplit(url).hostname or ""
            if host != "localhost" and not is_ip_address(host):
                raise UserError(
                    f"{flag}: {url} must name an IP address to listen on, or localhost."
                )
    for flag, urls in (
        ("--listen-client-urls", settings.listen_client_urls),
        ("--initial-advertise-peer-urls", settings.initial_advertise_peer_urls),
        ("--advertise-client-urls", settings.advertise_client_urls),
    ):
        if not urls or not all(urlsplit(url).hostname for url in urls):
            raise UserError(f"{flag} needs at least one URL, each with a host and a port.")


def refuse_files(flag: str, url: str) -> None:
    """No sockets that are files."""
    if url.startswith("unix"):
        raise UserError(
            f"{flag}: {url} can't be had: only http://HOST:PORT and https://HOST:PORT are served."
        )


def warning_of_plain_http(settings: Settings) -> list[str]:
    """Who has made certificates may believe that they are used."""
    return [
        f"{flag}: nothing is encrypted at {url}, though --{prefix}cert-file is given."
        for flag, urls, prefix, has_files in (
            ("--listen-client-urls", settings.listen_client_urls, "", settings.cert_file),
            ("--listen-peer-urls", settings.listen_peer_urls, "peer-", settings.peer_cert_file),
        )
        for url in urls
        if has_files and url.startswith("http:")
    ]


def check_certificates(settings: Settings) -> None:
    """Differs: etcd takes clients' certificates from anybody then whom the machine believes."""
    for prefix, wants, has_authority in (
        ("", settings.client_cert_auth, settings.trusted_ca_file),
        ("peer-", settings.peer_client_cert_auth, settings.peer_trusted_ca_file),
    ):
        if wants and not has_authority:
            raise UserError(
                f"--{prefix}client-cert-auth needs --{prefix}trusted-ca-file: whose signature "
                "shall count?"
            )


def check_watching(settings: Settings) -> None:
    """Who watches sees every key and value: nobody may from another machine, unprotected."""
    if settings.allow_hold and not settings.trace_stream:
        raise UserError("--allow-hold is for those who watch: give --trace-stream, too.")
    for url in settings.listen_client_urls:
        # TLS alone would only hide from others what is told to anybody.
        is_for_few = url.startswith("https:") and settings.client_cert_auth
        if settings.trace_stream and not is_for_few and not is_loopback(url):
            raise UserError(
                f"--trace-stream shows every key and value to whoever can connect, and {url} can "
                "be reached from other machines: listen on 127.0.0.1, or by https with "
                "--client-cert-auth."
            )


def is_loopback(url: str) -> bool:
    """Whether only this machine can reach it."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (is_ip_address(host) and ip_address(host).is_loopback)


def is_ip_address(host: str) -> bool:
    """Say whether this is an address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def check_timers(settings: Settings) -> None:
    """Raft §5.6: a leader must be heard several times before anybody gives it up."""
    heartbeat, election = settings.heartbeat_interval_ms, settings.election_timeout_ms
    if heartbeat <= 0:
        raise UserError("--heartbeat-interval must be more than 0 ms.")
    if election <= 0:
        raise UserError("--election-timeout must be more than 0 ms.")
    if election < 5 * heartbeat:
        raise UserError(
            f"--election-timeout ({election} ms) must be at least five times "
            f"--heartbeat-interval ({heartbeat} ms)."
        )
    if election > MAX_ELECTION_TIMEOUT_MS:
        raise UserError(
            f"--election-timeout ({election} ms) must be at most {MAX_ELECTION_TIMEOUT_MS} ms."
        )


def check_cluster(settings: Settings) -> None:
    """A member must find itself in its cluster."""
    members = {member.name: member.peer_urls for member in settings.initial_cluster}
    if settings.name not in members:
        raise UserError(
            f"--initial-cluster names {', '.join(members)}, but not this member, "
            f"which --name calls {settings.name!r}."
        )
    if members[settings.name] != settings.initial_advertise_peer_urls:
        raise UserError(
            f"--initial-cluster says that {settings.name!r} is reached at "
            f"{','.join(members[settings.name])}, but --initial-advertise-peer-urls says "
            f"{','.join(settings.initial_advertise_peer_urls)}."
        )


def check_proxy(settings: Settings) -> None:
    """A proxy is no member: it need not be in any list, and there is nothing to watch."""
    if settings.proxy_refresh_interval_ms == 0:
        raise UserError("--proxy-refresh-interval must be more than 0 ms.")
    if settings.record or settings.trace_stream:
        raise UserError("--record and --trace-stream show a member at work, and --proxy has none.")


def check_discovery(settings: Settings) -> None:
    """Members find each other once, when their cluster begins."""
    url = settings.discovery
    if url:
        refuse_files("--discovery", url)
        if not url.startswith(("http://", "https://")) or not urlsplit(url).path.strip("/"):
            raise UserError(
                f"--discovery: a URL like http://HOST:PORT/v2/keys/NAME is expected, not {url!r}."
            )
    read_proxy("--discovery-proxy", settings.discovery_proxy)
    flag = "--discovery" if url else "--discovery-srv" if settings.discovery_srv else ""
    if flag and settings.initial_cluster_state == "existing":
        raise UserError(
            f"{flag} is for new clusters: to join one that exists, say --initial-cluster."
        )


def check_journal(settings: Settings) -> None:
    """Each output needs a name."""
    if not all(settings.log_outputs):
        raise UserError("--log-outputs: stdout, stderr or the name of a file is expected.")
