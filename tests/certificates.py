"""Certificates for tests, made once a session, and servers that want them."""

import ssl
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, build_opener

from learnetcd.runtime import certificates
from learnetcd.runtime.certificates import Signed, make_authority, make_certificate
from tests.processes import PATIENCE_S, environment, free_ports, url_of


@cache
def pki() -> Path:
    """A folder with what `learnetcd certs` makes, and with what must be of no use.

    `other` is signed by somebody else, `expired` was good until a day ago, `elsewhere` is made out
    to another host, `root` and `alice` to users; `ca` has signed all but `other`.
    """
    folder = Path(mkdtemp(prefix="learnetcd-pki-"))
    certificates.make(folder)
    authority, both = authority_in(folder), ("server", "client")
    other = make_authority("somebody else")
    other.write(folder, "other-ca")
    for name, signed in {
        "other": make_certificate("root", other, certificates.HERE, both),
        "expired": make_certificate("root", authority, certificates.HERE, both, days=-1),
        "elsewhere": make_certificate("root", authority, ("infra9.example.com", "10.9.8.7"), both),
        "root": make_certificate("root", authority, (), ("client",)),
        "alice": make_certificate("alice", authority, (), ("client",)),
        "server-only": make_certificate("server", authority, certificates.HERE, ("server",)),
    }.items():
        signed.write(folder, name)
    return folder


def authority_in(folder: Path) -> Signed:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
    return Signed(certificate, key)  # type: ignore[arg-type]


def list_of_revoked(*names: str) -> bytes:
    """What `ca` says about certificates that count no more."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    authority, now = authority_in(pki()), datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - timedelta(days=1))
        .next_update(now + timedelta(days=1))
    )
    for name in names:
        certificate = x509.load_pem_x509_certificate((pki() / f"{name}.pem").read_bytes())
        one = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(one.revocation_date(now).build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def context(own: str = "", authority: str = "ca") -> ssl.SSLContext:
    """For a client that shows this certificate, or none."""
    made = ssl.create_default_context(cafile=str(pki() / f"{authority}.pem"))
    if own:
        made.load_cert_chain(str(pki() / f"{own}.pem"), str(pki() / f"{own}-key.pem"))
    return made


def opener() -> OpenerDirector:
    return build_opener(ProxyHandler({}), HTTPSHandler(context=context("client")))


class SecureCluster:
    """Members n1, n2 ..., that let in nobody without a certificate."""

    def __init__(
        self, folder: Path, programs: Sequence[Sequence[str]], *more: str, peers: str = "https"
    ) -> None:
        """Start a member by each of the programs; `peers`: how they talk to each other."""
        self.folder = folder
        ports = free_ports(2 * len(programs))
        self.clients = [url_of(port).replace("http:", "https:") for port in ports[::2]]
        self.peers = [url_of(port).replace("http:", f"{peers}:") for port in ports[1::2]]
        self.opener = opener()
        self.processes: list[subprocess.Popen[bytes]] = []
        everybody = ",".join(f"n{number}={url}" for number, url in enumerate(self.peers, 1))
        for number, (program, client, peer) in enumerate(
            zip(programs, self.clients, self.peers, strict=True), 1
        ):
            flags = (
                f"--name=n{number}",
                f"--data-dir={folder / f'n{number}'}",
                f"--listen-client-urls={client}",
                f"--advertise-client-urls={client}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster={everybody}",
            )
            self.start(f"n{number}", (*program, *flags, *certificates.server_flags(pki()), *more))

    def start(self, name: str, command: Sequence[str]) -> None:
        with (self.folder / f"{name}.journal").open("wb") as journal:
            self.processes.append(
                subprocess.Popen(command, stdout=journal, stderr=journal, env=environment())
            )

    def journal(self, number: int) -> str:
        return (self.folder / f"n{number}.journal").read_text(encoding="utf-8")

    def wait_until_they_serve(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        for number, url in enumerate(self.clients, 1):
            while not self._answers(url):
                assert time.monotonic() < deadline, self.journal(number)
                time.sleep(0.05)

    def _answers(self, url: str) -> bool:
        with suppress(OSError), self.opener.open(f"{url}/health", timeout=5):
            return True
        return False

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(PATIENCE_S)
