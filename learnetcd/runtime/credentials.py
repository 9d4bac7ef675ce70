"""Credentials: what a program shows to servers that do not let in everybody.

    Credentials(ca_file="ca.pem")                                    whom it believes, at https
    Credentials(cert_file="alice.pem", key_file="alice-key.pem")     its own certificate
    Credentials(username="alice", password="secret")                 for v2 auth

They are called as the flags of etcdctl are. The certificates are for the connection, the password
goes with each request; whoever listens on the way can read it, unless the URL begins with `https`.

Source: RFC 7617 (basic authentication); etcd 3.4 etcdctl/ctlv2/command/util.go.

Next page: `link`.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from learnetcd.errors import UserError
from learnetcd.runtime.tls import TlsFiles


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are, and whom we believe; "" for what is not needed."""

    ca_file: str = ""
    """Whose signature counts under a certificate; "" for those whom this machine believes."""
    cert_file: str = ""
    key_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def files(self) -> TlsFiles:
        """What a handshake needs."""
        return TlsFiles(self.cert_file, self.key_file, self.ca_file)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each request."""
        if not self.username:
            return {}
        encoded = b64encode(os.fsencode(f"{self.username}:{self.password}")).decode()
        return {"Authorization": f"Basic {encoded}"}


def credentials_in(environ: Mapping[str, str]) -> Credentials:
    """What etcdctl's variables say (ETCDCTL_CA_FILE ...)."""
    username, colon, password = environ.get("ETCDCTL_USERNAME", "").partition(":")
    if username and not colon:
        raise UserError("ETCDCTL_USERNAME: NAME:PASSWORD is wanted here, and there is no password.")
    ca, cert, key = (environ.get(f"ETCDCTL_{name}_FILE", "") for name in ("CA", "CERT", "KEY"))
    return Credentials(ca, cert, key, username, password)
