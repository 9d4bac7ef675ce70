"""TLS: nobody on the way can listen or change a word, and each side knows whom it talks to.

    the client connects                  and says nothing before it knows who is there
    the server shows its certificate     signed by somebody the client believes, valid today, and
                                         made out to the host that the client wants
    the client shows its own             if the server wants one: signed by --trusted-ca-file
    both have a key that is new          all that follows is encrypted by it

A certificate says a name and is signed; a key shows that whoever presents it is the one it was made
out to. Members are clients of each other, so theirs is good for both sides. And a member looks, as
etcd does, whether the certificate of another one fits the address from which it comes.

The files may be exchanged while the server runs, before they expire: they are looked at again with
every handshake. If what is there then makes no sense, nobody is let in until it does.

TLS 1.2 and newer. Nobody can come back without showing a certificate again: there are no tickets,
and nothing is remembered from one handshake to the next.

Source: RFC 8446 (TLS 1.3), RFC 9110 §4.3.4 (whose certificate counts); etcd 3.4
pkg/transport/listener.go, listener_tls.go.

Differs: etcd reads the file of the authority only when it starts, ours is looked at again, too. It
takes any list of revoked certificates, for ours the authority must have signed it.

Next page: `passwords`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import trio

from learnetcd.runtime.mistrust import of_no_use

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

PIECE = 1 << 16
HANDSHAKE_S = 10
"""A client has so long to show who it is."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where certificates and keys are, and what is demanded of those who connect."""

    cert_file: str = ""
    key_file: str = ""
    trusted_ca_file: str = ""
    """Whose signature counts; "" for those that this machine believes."""
    crl_file: str = ""
    """A list of certificates that count no more."""
    wants_certificates: bool = False
    """Whether those who connect must show one."""
    allowed_name: str = ""
    """The only name that their certificates may have, if there is one."""
    allowed_host: str = ""
    """A host to which their certificates must be made out."""
    looks_at_addresses: bool = False
    """Whether a certificate must fit the address of who shows it."""
    is_self_signed: bool = False
    """It was made by ourselves a moment ago: others can't know it, nor we theirs."""

    @property
    def names(self) -> tuple[str, ...]:
        """All files."""
        named = (self.cert_file, self.key_file, self.trusted_ca_file, self.crl_file)
        return tuple(name for name in named if name)


Shown = dict[str, Any]
"""A certificate, as the library shows it. Any: it is nested in ways of its own."""


class NotTrusted(Exception):
    """Somebody showed a certificate that is in order, and is not let in; the sentence says why."""


class SecuredSocket(socket.socket):
    """A connection that is encrypted, for those who know a plain one that never blocks.

    What comes is decrypted here, and what goes is encrypted, in memory: so a request that came in
    one piece is read in one piece, not first its length and then the rest, as OpenSSL would.
    """

    def __init__(self, plain: socket.socket, context: ssl.SSLContext, host: str = "") -> None:
        """Take the place of a plain connection; `host`: whom we call, if we are who calls."""
        super().__init__(plain.family, plain.type, plain.proto, plain.detach())
        self.setblocking(False)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=not host, server_hostname=host or None
        )
        self._encrypted = b""
        """What the connection has not taken yet ..."""
        self._standing_for = 0
        """... and of how many bytes nobody was told yet that they are sent."""
        self._may_have_more = True
        """Whether something may have come that was not decrypted yet."""
        self._is_over = False
        """Whether the other side has said that this was all."""

    async def shake_hands(self) -> None:
        """Agree on a key; whoever takes too long is not waited for."""
        with trio.move_on_after(HANDSHAKE_S) as scope:
            while not self._has_shaken_hands():
                await trio.lowlevel.wait_readable(self)
                self._take()
        if scope.cancelled_caught:
            raise TimeoutError(f"no handshake within {HANDSHAKE_S} s")

    def _has_shaken_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._flush()  # the other side shall hear also why it is refused
        return True

    def _take(self) -> None:
        """Let in what has come."""
        try:
            data = super().recv(PIECE)
        except BlockingIOError:
            return  # nothing has, after all
        if not data:
            raise ConnectionError("the connection ended in the middle of a handshake")
        self._incoming.write(data)

    def certificate(self) -> Shown:
        """What the other side has shown; empty if nothing, or nothing that counts."""
        return self._tls.getpeercert() or {}

    def recv(self, buflen: int = PIECE, flags: int = 0) -> bytes:
        """What has come, if a whole record has."""
        if self._may_have_more:  # than was read the last time, or at the handshake
            self._may_have_more = False
            if data := self._decrypted():
                return data
        data = super().recv(buflen, flags)
        if not data:
            return b""
        self._incoming.write(data)
        data = self._decrypted()
        if not data and not self._is_over:
            raise BlockingIOError
        return data

    def _decrypted(self) -> bytes:
        data = b""
        try:
            data = self._tls.read(PIECE)
            while self._incoming.pending:
                data += self._tls.read(PIECE)
        except ssl.SSLWantReadError:
            pass  # half a record
        except ssl.SSLZeroReturnError:
            self._is_over = True
        if self._outgoing.pending:
            self._flush()
        return data

    def send(self, data: Buffer, flags: int = 0) -> int:
        """Send what the connection takes. What it does not take must come again, as it was."""
        if self._encrypted and not self._flush():
            raise BlockingIOError
        plain = bytes(data)  # the same object, if it is bytes already; so is a slice of all of it
        sent, self._standing_for = self._standing_for, 0
        while sent < len(plain):
            size = self._tls.write(plain[sent : sent + PIECE])
            if not self._flush():
                self._standing_for = size
                break
            sent += size
        if not sent and plain:
            raise BlockingIOError
        return sent

    def _flush(self) -> bool:
        """Send what is encrypted; whether the connection took all of it."""
        encrypted = self._outgoing.read()
        if self._encrypted:
            encrypted = self._encrypted + encrypted
        try:
            taken = super().send(encrypted)
        except BlockingIOError:
            taken = 0
        self._encrypted = encrypted[taken:]
        return taken == len(encrypted)

    def shutdown(self, how: int) -> None:
        """Say that this was all: in the language of TLS first, for anybody could end the rest."""
        with suppress(OSError):
            self._tls.unwrap()
        with suppress(OSError):
            self._flush()
        super().shutdown(how)


@dataclass(frozen=True, slots=True)
class Tls:
    """Our certificate and what we demand of others, as the files say it at each handshake."""

    files: TlsFiles

    # -- as a server --------------------------------------------------------------------------

    async def let_in(self, connected: socket.socket) -> SecuredSocket:
        """Shake hands with who has connected; `OSError` or `NotTrusted` if that is not to be."""
        secured = SecuredSocket(connected, server_context(self.files))
        try:
            await secured.shake_hands()
            await self._check(secured)
        except BaseException:
            trio.lowlevel.notify_closing(secured)
            secured.close()
            raise
        return secured

    async def _check(self, secured: SecuredSocket) -> None:
        """Look at what only etcd demands of a certificate."""
        shown = secured.certificate()
        self.check_names(shown)
        if self.files.looks_at_addresses:
            await check_address(shown, secured.getpeername()[0])

    def check_names(self, shown: Shown) -> None:
        """Refuse a certificate whose name is none of those that we want, on either side."""
        name, host = self.files.allowed_name, self.files.allowed_host
        if name and common_name(shown) != name:
            raise NotTrusted(f"its certificate is made out to {common_name(shown)!r}")
        if host and not is_made_out_to(shown, host):
            raise NotTrusted(f"its certificate is not made out to {host}")


# -- contexts ---------------------------------------------------------------------------------


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """For one who connects to us; `OfNoUse` if the files are."""
    with naming(files):
        return _server_context(files)


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """For those to whom we connect; `OfNoUse` if the files are."""
    with naming(files):
        return _client_context(files)


@contextmanager
def naming(files: TlsFiles) -> Iterator[None]:
    """Name the file that is of no use."""
    try:
        yield
    except OSError as broken:
        trusted = tuple(filter(None, (files.trusted_ca_file, files.crl_file)))
        raise of_no_use(broken, files.cert_file, files.key_file, trusted) from broken


def _server_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(files.cert_file, files.key_file, no_password)
    # etcd 3.4 pkg/transport/listener.go, ServerConfig: to name an authority is to demand.
    if files.trusted_ca_file or files.wants_certificates:
        context.verify_mode = ssl.CERT_REQUIRED
        believe(context, files)
    return context


def _client_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.is_self_signed:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        believe(context, files)
    if files.cert_file:
        context.load_cert_chain(files.cert_file, files.key_file, no_password)
    return context


def no_password() -> str:
    """Nobody is asked for one: a member starts without a person beside it."""
    raise ssl.SSLError("there is no password")


def believe(context: ssl.SSLContext, files: TlsFiles) -> None:
    """Let those signatures count that the files name."""
    if files.trusted_ca_file:
        context.load_verify_locations(files.trusted_ca_file)
    else:
        context.load_default_certs()
    if files.crl_file:
        context.load_verify_locations(files.crl_file)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


# -- what a certificate says ------------------------------------------------------------------


def common_name(shown: Shown) -> str:
    """To whom it is made out."""
    for part in shown.get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return str(value)
    return ""


def hosts_in(shown: Shown) -> tuple[list[str], list[str]]:
    """The addresses and the names of machines that may show it."""
    named = shown.get("subjectAltName", ())
    addresses = [str(value) for kind, value in named if kind == "IP Address"]
    return addresses, [str(value) for kind, value in named if kind == "DNS"]


def is_made_out_to(shown: Shown, host: str) -> bool:
    """Whether a certificate is that of a host; `*.example.com` is that of many."""
    addresses, names = hosts_in(shown)
    labels = host.lower().split(".")
    return host in addresses or any(
        name.lower().split(".")[1:] == labels[1:]
        if name.startswith("*.")
        else name.lower() == host.lower()
        for name in names
    )


async def check_address(shown: Shown, address: str) -> None:
    """Refuse who comes from elsewhere than the certificate says (listener_tls.go, checkSAN)."""
    addresses, names = hosts_in(shown)
    if not addresses and not names:
        return
    if address in addresses:
        return
    for name in names:
        with suppress(OSError):
            found = await trio.socket.getaddrinfo(name, None)
            if address in {str(where[0]) for *_, where in found}:
                return
    hosts = ", ".join([*addresses, *names])
    raise NotTrusted(f"its certificate is made out to {hosts}, and it comes from {address}")
