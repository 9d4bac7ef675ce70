"""`learnetcd certs`: an authority for a class, and the certificates that it signs.

    $ learnetcd certs pki --hosts infra0.example.com,10.0.0.1
    pki/ca.pem          whose signature counts: everybody has it
    pki/ca-key.pem      who has this can sign: keep it where no member runs
    pki/server.pem      for members, towards clients
    pki/peer.pem        for members, towards each other; both sides of a connection show it
    pki/client.pem      for a client: once accounts are on, it is the user `client`, or a guest
    ...-key.pem         the key of each: nobody else may read it

    $ learnetcd certs pki --client alice --client root      now or later
    pki/alice.pem       for the user alice, who needs no password with it

    learnetcd serve --cert-file pki/server.pem --key-file pki/server-key.pem \
        --client-cert-auth --trusted-ca-file pki/ca.pem ...
    learnetcd ctl --ca-file pki/ca.pem --cert-file pki/client.pem --key-file pki/client-key.pem ...

A certificate is a public key and a name, signed by somebody. The authority signs itself: to believe
it is a decision, which is what `--ca-file` and `--trusted-ca-file` say.

They are good for a year. That is for lessons: an authority for a company has more to it.

Source: RFC 5280; etcd 3.4 pkg/transport/listener.go, SelfCert, for `--auto-tls`.

Next page: `securing`.
"""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from learnetcd.errors import UserError
from learnetcd.runtime.tls import TlsFiles

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

DAYS = 365
HERE = ("localhost", "127.0.0.1", "::1")
"""The names of this machine, for itself."""
LONGEST_NAME = 253
LABEL = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?"
HOST = re.compile(rf"(\*\.)?({LABEL}\.)*(?![0-9]+$){LABEL}")
"""What may be a name (RFC 1123 §2.1): its last part is no number, or it would be an address. A star
stands for any first part (RFC 6125 §6.4.3)."""

USER = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63}")
"""What may be the name of a user here, as files are called after it (RFC 5280: at most 64)."""
TAKEN = ("ca", "server", "peer", "client")


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    def write(self, folder: Path, name: str) -> list[Path]:
        """Write both; a file that is there is not written over."""
        from cryptography.hazmat.primitives import serialization

        pem = serialization.Encoding.PEM
        key = self.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return [
            written(folder / f"{name}.pem", self.certificate.public_bytes(pem), 0o644),
            written(folder / f"{name}-key.pem", key, 0o600),
        ]


def written(path: Path, text: bytes, mode: int) -> Path:
    """Write a file that others may read or not."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UserError(already(path)) from None
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror}.") from None
    with open(descriptor, "wb") as file:
        file.write(text)
    return path


def already(path: Path) -> str:
    """What is there stays."""
    return f"{path} is there already: to make certificates anew, name another folder."


def make(folder: Path, hosts: Sequence[str] = (), users: Sequence[str] = ()) -> list[Path]:
    """An authority, and a certificate for each use; one for each user, too, also later."""
    refuse_unless_possible()
    for host in hosts:
        refuse_unless_host(host)
    for user in users:
        refuse_unless_user(user)
    made = {}
    if users and not hosts and (folder / "ca.pem").exists():
        authority = authority_in(folder)
    else:
        everywhere = (*HERE, *hosts)
        authority = make_authority("learnetcd authority for a class")
        made = {
            "ca": authority,
            "server": make_certificate("server", authority, everywhere, ("server",)),
            "peer": make_certificate("peer", authority, everywhere, ("server", "client")),
            "client": make_certificate("client", authority, (), ("client",)),
        }
    made |= {user: make_certificate(user, authority, (), ("client",)) for user in users}
    # Nothing of two authorities in one folder: it would fit nowhere.
    files = [folder / f"{name}{end}.pem" for name in made for end in ("", "-key")]
    if there := [path for path in files if path.exists()]:
        raise UserError(already(there[0]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} can't be made: {error.strerror}.") from None
    return [path for name, signed in made.items() for path in signed.write(folder, name)]


def refuse_unless_host(text: str) -> None:
    """Say that something is neither an address nor a name."""
    with suppress(ValueError):
        ip_address(text)
        return
    if len(text) > LONGEST_NAME or not HOST.fullmatch(text):
        raise UserError(f"--hosts: {text!r} is neither a name nor an address.")


def refuse_unless_user(name: str) -> None:
    """Say that files can't bear that name."""
    if not USER.fullmatch(name) or name in TAKEN or name.endswith("-key"):
        raise UserError(
            f"--client: no files can be called after {name!r}: a name is of letters, digits, "
            f"'.', '_' and '-', and not one of {', '.join(TAKEN)}."
        )


def authority_in(folder: Path) -> Signed:
    """The authority of a folder, to sign once more."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate, key = folder / "ca.pem", folder / "ca-key.pem"
    try:
        found = load_pem_private_key(key.read_bytes(), None)
        if isinstance(found, EllipticCurvePrivateKey):
            return Signed(x509.load_pem_x509_certificate(certificate.read_bytes()), found)
    except OSError as error:
        raise UserError(f"{error.filename} can't be read: {error.strerror}.") from None
    except (ValueError, TypeError):
        pass
    raise UserError(f"{certificate} and {key} are no authority that learnetcd certs has made.")


def make_authority(name: str, days: int = DAYS) -> Signed:
    """Who signs; signed by itself."""
    return make_certificate(name, None, (), (), days)


def make_certificate(
    name: str,
    authority: Signed | None,
    hosts: Sequence[str] = (),
    uses: Sequence[str] = (),
    days: int = DAYS,
) -> Signed:
    """A certificate that the authority has signed, or that of an authority; `days` may be over."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = authority.certificate.subject if authority else subject
    signer = authority.key if authority else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=abs(days) + 1))  # clocks don't agree
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(key_usage(is_authority=authority is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    known = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
    if uses:
        extended = x509.ExtendedKeyUsage([known[use] for use in uses])
        builder = builder.add_extension(extended, critical=False)
    if hosts:
        names = x509.SubjectAlternativeName([named(host) for host in dict.fromkeys(hosts)])
        builder = builder.add_extension(names, critical=False)
    return Signed(builder.sign(signer, hashes.SHA256()), key)


def named(host: str) -> x509.GeneralName:
    """A machine, by its address or its name."""
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    return x509.DNSName(host)


def key_usage(*, is_authority: bool) -> x509.KeyUsage:
    """What a key may be used for."""
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def refuse_unless_possible() -> None:
    """Say what is missing, and how to get it."""
    try:
        import cryptography  # noqa: F401  # only to see whether it is there
    except ImportError:
        raise UserError(
            "To make certificates a library is needed that is not installed: "
            "pip install 'learnetcd[tls]'"
        ) from None


# -- --auto-tls -------------------------------------------------------------------------------


def make_for_ourselves(folder: Path, hosts: Sequence[str]) -> tuple[str, str]:
    """A certificate that nobody has signed but itself, made once: its file and that of its key."""
    files = str(folder / "cert.pem"), str(folder / "cert-key.pem")
    if all(map(os.path.exists, files)):
        return files
    refuse_unless_possible()
    folder.mkdir(parents=True, exist_ok=True)
    own = make_certificate("learnetcd", None, hosts, ("server", "client"))
    own.write(folder, "cert")
    return files


# -- the command ------------------------------------------------------------------------------


def run(args: Namespace) -> int:
    """Make them, and say how they are used."""
    folder = Path(args.folder)
    hosts = [host.strip() for host in args.hosts.split(",") if host.strip()]
    users = list(dict.fromkeys(args.client))
    made = make(folder, hosts, users)
    for path in made:
        print(path)
    if folder / "server.pem" in made:
        print(f"\nfor a member, whose URLs begin with https:\n{lines(server_flags(folder))}")
    for user in users:
        print(f"\nfor {user}:\n{lines(client_flags(folder, user))}")
    if not users:
        print(f"\nfor clients:\n{lines(client_flags(folder))}")
    return 0


def server_flags(folder: Path) -> tuple[str, ...]:
    """What `learnetcd serve`, or etcd, must be told to let in nobody without a certificate."""
    return (
        f"--cert-file={folder / 'server.pem'}",
        f"--key-file={folder / 'server-key.pem'}",
        "--client-cert-auth",
        f"--trusted-ca-file={folder / 'ca.pem'}",
        f"--peer-cert-file={folder / 'peer.pem'}",
        f"--peer-key-file={folder / 'peer-key.pem'}",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={folder / 'ca.pem'}",
    )


def client_flags(folder: Path, user: str = "client") -> tuple[str, ...]:
    """What `learnetcd ctl`, or etcdctl, must be told to be let in."""
    return (
        f"--ca-file={folder / 'ca.pem'}",
        f"--cert-file={folder / f'{user}.pem'}",
        f"--key-file={folder / f'{user}-key.pem'}",
    )


def curl_flags(folder: Path) -> tuple[str, ...]:
    """The same for curl."""
    named = {"cacert": "ca", "cert": "client", "key": "client-key"}
    return tuple(
        word for flag, name in named.items() for word in (f"--{flag}", str(folder / f"{name}.pem"))
    )


def client_files(folder: Path) -> TlsFiles:
    """The same for a client of our own."""
    return TlsFiles(
        str(folder / "client.pem"), str(folder / "client-key.pem"), str(folder / "ca.pem")
    )


def lines(flags: Sequence[str]) -> str:
    """Flags, one below the other, as a shell takes them."""
    return " \\\n".join(f"  {flag}" for flag in flags)
