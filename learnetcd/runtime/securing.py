"""Securing: what the settings say about TLS, for clients and for other members, made ready to use.

    --listen-client-urls https://10.0.0.1:2379      so these are needed:
    --cert-file server.pem --key-file server-key.pem            or --auto-tls
    --client-cert-auth --trusted-ca-file ca.pem                 if clients must show one, too

A server that only seemed to be safe would be worse than none. So files are read once before anybody
is let in, and what does not fit together is one sentence and no start.

Source: etcd 3.4 embed/config.go, embed/etcd.go (configurePeerListeners, configureClientListeners).

Next page: `data`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from learnetcd.errors import UserError
from learnetcd.runtime.certificates import make_for_ourselves
from learnetcd.runtime.mistrust import OfNoUse
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import TlsFiles, client_context, server_context


def secured(settings: Settings) -> Settings:
    """The settings, with certificates where they were to be made; a `UserError` if some are bad."""
    settings = with_own_certificates(settings)
    check(clients_files(settings), settings.listen_client_urls, "")
    check(peers_files(settings), settings.listen_peer_urls, "peer-")
    return settings


def clients_files(settings: Settings) -> TlsFiles:
    """What holds for clients."""
    return TlsFiles(
        settings.cert_file,
        settings.key_file,
        settings.trusted_ca_file,
        settings.client_crl_file,
        settings.client_cert_auth,
        allowed_host=settings.client_cert_allowed_hostname,
        is_self_signed=settings.auto_tls,
    )


def peers_files(settings: Settings) -> TlsFiles:
    """What holds for other members."""
    return TlsFiles(
        settings.peer_cert_file,
        settings.peer_key_file,
        settings.peer_trusted_ca_file,
        settings.peer_crl_file,
        settings.peer_client_cert_auth,
        settings.peer_cert_allowed_cn,
        settings.peer_cert_allowed_hostname,
        looks_at_addresses=not settings.experimental_peer_skip_client_san_verification,
        is_self_signed=settings.peer_auto_tls,
    )


# -- files that are bad -----------------------------------------------------------------------


def check(files: TlsFiles, urls: tuple[str, ...], prefix: str) -> None:
    """Refuse to start with files that are of no use."""
    if any(url.startswith("https:") for url in urls) and not files.cert_file:
        where = "--listen-peer-urls" if prefix else "--listen-client-urls"
        raise UserError(
            f"{where} names https, so --{prefix}cert-file and --{prefix}key-file are needed, or "
            f"--{prefix}auto-tls."
        )
    if bool(files.cert_file) != bool(files.key_file):
        raise UserError(
            f"--{prefix}cert-file and --{prefix}key-file belong together: one of them is missing."
        )
    if not files.names:
        return  # to read all authorities that this machine believes takes as long as all the rest
    try:
        if files.cert_file:
            server_context(files)
        client_context(files)
    except OfNoUse as error:
        raise UserError(f"TLS can't begin: {error}.") from error


# -- certificates of our own ------------------------------------------------------------------


def with_own_certificates(settings: Settings) -> Settings:
    """Make what `--auto-tls` and `--peer-auto-tls` ask for, unless it was made before."""
    fixtures = Path(settings.data_dir) / "fixtures"
    if settings.auto_tls and not settings.cert_file:
        hosts = sorted(hosts_of(settings.listen_client_urls + settings.advertise_client_urls))
        cert, key = make_for_ourselves(fixtures / "client", hosts)
        settings = replace(settings, cert_file=cert, key_file=key)
    elif settings.auto_tls:
        settings = replace(settings, auto_tls=False)
    if settings.peer_auto_tls and not settings.peer_cert_file:
        urls = settings.listen_peer_urls + settings.initial_advertise_peer_urls
        cert, key = make_for_ourselves(fixtures / "peer", sorted(hosts_of(urls)))
        settings = replace(settings, peer_cert_file=cert, peer_key_file=key)
    elif settings.peer_auto_tls:
        settings = replace(settings, peer_auto_tls=False)
    return settings


def hosts_of(urls: tuple[str, ...]) -> Iterator[str]:
    """The machines that some URLs name."""
    for host in {urlsplit(url).hostname or "" for url in urls}:
        if host:
            yield host
