"""Credentials: who we say that we are, and how we know whom we talk to.

    --username alice:secret                      who asks; `alice` alone is asked for her password
    --ca-file ca.pem                             whose signature under a member's certificate counts
    --cert-file alice.pem --key-file alice.key   our own certificate, for members that want one

A password travels in a header of each request, and whoever is on the way can read it, unless the
endpoint begins with `https`. There the member shows its certificate first: it must be signed by
somebody whom we believe, be valid today, and be that of the very host that the endpoint names.

Source: etcd 3.4 etcdctl/ctlv2/command/util.go (getTransport, getUsernamePassword); RFC 7617.

Next page: `settings`.
"""

from __future__ import annotations

import base64
import getpass
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from learnetcd.ctl.failures import Ended, Trouble, plainly
from learnetcd.errors import UserError

if TYPE_CHECKING:
    import ssl
    from argparse import Namespace


def asked_for(prompt: str) -> str:
    """A password that a person types, or the next line of stdin."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    print(prompt, end="")
    line = sys.stdin.readline().rstrip("\r\n")
    print()
    return line


def authorization(username: str) -> dict[str, str]:
    """The header for `alice:secret`; for `alice`, the password is asked for."""
    if not username:
        return {}
    if ":" not in username:
        username = f"{username}:{asked_for('Password: ')}"
    encoded = base64.b64encode(username.encode("utf-8", "surrogateescape")).decode()
    return {"Authorization": f"Basic {encoded}"}


@dataclass(frozen=True)
class Certificates:
    """The files with which we know others, and others us; "" for none."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    @cached_property
    def context(self) -> ssl.SSLContext:
        """What the library makes of them; the command ends if it can make nothing."""
        import ssl  # here: most commands need none of it

        if bool(self.cert_file) != bool(self.key_file):
            raise plainly(
                "KeyFile and CertFile must both be present"
                f"[key: {self.key_file}, cert: {self.cert_file}]"
            )
        named = self.ca_file
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.cert_file:
                named = f"{self.cert_file} or {self.key_file}"
                context.load_cert_chain(self.cert_file, self.key_file)
        except ssl.SSLError as broken:
            if broken.reason == "KEY_VALUES_MISMATCH":
                raise plainly("tls: private key does not match public key") from None
            why = in_words(broken.reason or str(broken))
            raise plainly(f"tls: what is in {named} is of no use: {why}") from None
        except OSError as missing:
            named = next(filter(is_missing, (self.ca_file, self.cert_file, self.key_file)), "")
            raise plainly(f"open {named}: {str(missing.strerror).lower()}") from None
        return context

    def secured(self, connection: socket.socket, host: str) -> socket.socket:
        """The connection, once we know that this is the host; `Trouble` if it is not."""
        return self.context.wrap_socket(connection, server_hostname=host)

    def in_curl(self) -> str:
        """The same files, as curl is told them."""
        named = {"cacert": self.ca_file, "cert": self.cert_file, "key": self.key_file}
        return "".join(f" --{name} {file}" for name, file in named.items() if file)


def is_missing(file: str) -> bool:
    """Whether a file can't be opened."""
    if not file:
        return False
    try:
        with open(file, "rb"):
            return False
    except OSError:
        return True


def tls_trouble(broken: Exception) -> Trouble | None:
    """What went wrong with a certificate, in words near Go's; None if it was something else."""
    import ssl

    match broken:
        case ssl.SSLCertVerificationError(verify_code=18 | 19 | 20 | 21):
            return Trouble("x509: certificate signed by unknown authority")
        case ssl.SSLCertVerificationError(verify_message=str(why)):
            return Trouble(f"x509: {why.rstrip('.')}")
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST" | "RECORD_LAYER_FAILURE"):
            return Trouble("http: server gave HTTP response to HTTPS client")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Trouble("EOF")
        case ssl.SSLError(reason=str(reason)):
            alert = in_words(reason.partition("_ALERT_")[2] or reason)
            return Trouble(f"remote error: tls: {GO_SAYS.get(alert, alert)}")
    return None


def in_words(constant: str) -> str:
    """A constant of OpenSSL, as words."""
    return constant.lower().replace("_", " ")


GO_SAYS = {
    "bad record mac": "bad record MAC",
    "certificate expired": "expired certificate",
    "certificate revoked": "revoked certificate",
    "certificate unknown": "unknown certificate",
    "decode error": "error decoding message",
    "decrypt error": "error decrypting message",
    "insufficient security": "insufficient security level",
    "protocol version": "protocol version not supported",
    "unknown ca": "unknown certificate authority",
}
"""What etcdctl calls an alert if that is not the RFC's word for it (Go's crypto/tls, alert.go)."""


# -- for other commands that ask servers ---------------------------------------------------------

FLAGS = ("ca_file", "cert_file", "key_file", "username")
"""What `learnetcd ctl` may be told of them, as argparse calls it."""


def variable_of(name: str) -> str:
    """Where etcdctl looks for it when it is not typed."""
    return f"ETCDCTL_{name.upper()}"


def variables(typed: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Etcdctl's variables, with what was typed in their place; a password is asked for.

    A `UserError` says which file is of no use.
    """
    known = {**environ, **typed}
    ca, cert, key, username = (known.get(variable_of(name), "") for name in FLAGS)
    try:
        _ = Certificates(ca, cert, key).context
    except Ended as ended:
        raise UserError(f"{ended.text.strip()}.") from None
    if username and ":" not in username:
        known[variable_of("username")] = f"{username}:{asked_for('Password: ')}"
    return known


def typed_in(args: Namespace) -> dict[str, str]:
    """What was typed of them, by the names of etcdctl's variables."""
    return {variable_of(name): typed for name in FLAGS if (typed := getattr(args, name))}
