"""Who is let in where TLS is spoken, and who is not.

Whether etcd answers each of them alike is tried in tests/oracle/test_tls.py.
"""

import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
import trio
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from learnetcd import cli
from learnetcd.api.http import HttpRequest, HttpResponse
from learnetcd.errors import UserError
from learnetcd.runtime import certificates, mistrust, securing
from learnetcd.runtime.certificates import make_authority, make_certificate
from learnetcd.runtime.http_client import HttpClient, NoAnswer, NotAsked, NotBelieved
from learnetcd.runtime.http_server import HttpServer, listen_securely
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.tls import (
    SecuredSocket,
    Tls,
    TlsFiles,
    is_made_out_to,
    server_context,
)
from tests.certificates import context, list_of_revoked, pki

LARGE = 3 << 20


def file(name: str) -> str:
    return str(pki() / f"{name}.pem")


def files(own: str = "server", **more: object) -> TlsFiles:
    return TlsFiles(file(own), file(f"{own}-key"), **more)


MUTUAL = {"trusted_ca_file": file("ca")}


heard: list[str] = []
"""Who has asked so far."""


def handle(request: HttpRequest) -> HttpResponse:
    """Say who asks; `/large` is a lot of it."""
    heard.append(request.certificate_name)
    body = b"x" * LARGE if request.path == "/large" else request.certificate_name.encode()
    return HttpResponse(200, (), body + b"%d" % len(request.body))


class Running:
    """A server that speaks TLS alone."""

    def __init__(self, nursery: trio.Nursery, demands: TlsFiles) -> None:
        self.http = HttpServer(handle, None, 10 << 20, Tls(demands))  # type: ignore[arg-type]
        self.listener = listen_securely("127.0.0.1", 0)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        nursery.start_soon(self.http.run, [self.listener])

    async def ask(self, own: TlsFiles | None = None, path: str = "/", **more: object) -> str:
        shown = own or files("client", trusted_ca_file=file("ca"))
        async with HttpClient(10, tls=Tls(shown)) as client:
            return (await client.request(self.url, "GET", path, **more)).body.decode()

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream(*self.listener.getsockname())


@asynccontextmanager
async def running(demands: TlsFiles) -> AsyncIterator[Running]:
    async with trio.open_nursery() as nursery:
        server = Running(nursery, demands)
        try:
            with trio.fail_after(30):
                yield server
        finally:
            nursery.cancel_scope.cancel()
            server.listener.close()


def beside(test: Callable[[Running], Awaitable[None]], demands: TlsFiles) -> None:
    async def run() -> None:
        async with running(demands) as server:
            await test(server)
            assert await server.ask() != "", "it still serves those who may ask"

    trio.run(run)


# -- what is said -----------------------------------------------------------------------------


def test_much_is_said_both_ways_and_one_connection_serves_for_many_questions():
    async def test(server: Running) -> None:
        shown = Tls(files("client", trusted_ca_file=file("ca")))
        async with HttpClient(20, tls=shown) as client:
            for _ in range(3):
                answer = await client.request(server.url, "PUT", "/large", {}, b"y" * LARGE)
                assert answer.body == b"x" * LARGE + b"%d" % LARGE
            assert len(server.http.connections) == 1

    beside(test, files(**MUTUAL))


def test_a_certificate_says_who_asks():
    async def test(server: Running) -> None:
        assert await server.ask() == "client0"
        alice = files("alice", trusted_ca_file=file("ca"))
        assert await server.ask(alice) == "alice0"

    beside(test, files(**MUTUAL))


def test_nobody_is_asked_for_a_certificate_that_nobody_demands():
    async def test(server: Running) -> None:
        assert await server.ask(TlsFiles(trusted_ca_file=file("ca"))) == "0"

    beside(test, files())


class Wire:
    """A client of the library's, and a secured socket of ours, with the bytes between them."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.theirs.setblocking(False)
        self.secured = SecuredSocket(ours, server_context(files()))
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = context().wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")
        is_done = False
        while not is_done:
            with suppress(ssl.SSLWantReadError):
                self.client.do_handshake()
                is_done = True
            self.theirs.send(self.outgoing.read())
            self.secured._take()
            self.secured._has_shaken_hands()
            self.read_some()

    def read_some(self) -> bytes:
        """What the client reads of what has come."""
        with suppress(BlockingIOError):
            self.incoming.write(self.theirs.recv(1 << 16))
        read = b""
        with suppress(ssl.SSLWantReadError):
            while piece := self.client.read(1 << 16):
                read += piece
        return read

    def close(self) -> None:
        self.secured.close()
        self.theirs.close()


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.integers(1, 50))
def test_however_bytes_are_cut_on_the_way_what_was_said_is_heard(said: list[bytes], cut: int):
    with closing(Wire()) as wire:
        for words in said:
            wire.client.write(words)
        sent, heard = wire.outgoing.read(), b""
        for at in range(0, len(sent), cut):
            wire.theirs.send(sent[at : at + cut])
            with suppress(BlockingIOError):
                heard += wire.secured.recv()
        assert heard == b"".join(said)


def test_what_a_slow_reader_does_not_take_is_sent_later_and_once():
    said = b"".join(b"%08d" % number for number in range(200_000))
    with closing(Wire()) as wire:
        left, heard = said, b""
        while left or len(heard) < len(said):
            with suppress(BlockingIOError):
                left = left[wire.secured.send(left) :] if left else left
            heard += wire.read_some()
        assert heard == said


# -- who is kept out --------------------------------------------------------------------------


@pytest.mark.parametrize("own", ["", "other", "expired", "server-only"])
def test_who_shows_nothing_good_gets_no_answer(own: str):
    async def test(server: Running) -> None:
        plain = await server.connect()
        secured = trio.SSLStream(plain, context(own), server_hostname="127.0.0.1")
        with pytest.raises(trio.BrokenResourceError):
            await said_to(secured)
        plain.socket.close()
        assert not server.http.connections

    beside(test, files(**MUTUAL))


async def said_to(secured: "trio.SSLStream[trio.SocketStream]") -> bytes:
    """What a client is told; in TLS 1.3 it may take itself for welcome until it asks."""
    await secured.do_handshake()
    await secured.send_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    return bytes(await secured.receive_some())


@pytest.mark.parametrize(
    ("demanded", "own", "is_let_in"),
    [
        ({"allowed_name": "client"}, "client", True),
        ({"allowed_name": "client"}, "alice", False),
        ({"allowed_host": "infra9.example.com"}, "elsewhere", True),
        ({"allowed_host": "infra9.example.com"}, "peer", False),
        ({"looks_at_addresses": True}, "peer", True),
        ({"looks_at_addresses": True}, "client", True),
        ({"looks_at_addresses": True}, "elsewhere", False),
    ],
)
def test_a_certificate_must_be_of_the_right_name(demanded, own, is_let_in):
    async def run() -> None:
        async with running(files(**MUTUAL, **demanded)) as server:
            shown = Tls(files(own, trusted_ca_file=file("ca")))
            async with HttpClient(10, tls=shown) as client:
                try:
                    answer = await client.request(server.url, "GET", "/")
                except Exception:
                    assert not is_let_in
                else:
                    assert is_let_in
                    assert answer.status == 200

    trio.run(run)


def test_who_was_revoked_is_kept_out(tmp_path: Path):
    crl = tmp_path / "crl.pem"
    crl.write_bytes(list_of_revoked("alice"))

    async def test(server: Running) -> None:
        with pytest.raises(Exception, match=r"revoked|closed|alert|reset|ALERT"):
            await server.ask(files("alice", trusted_ca_file=file("ca")))

    beside(test, files(**MUTUAL, crl_file=str(crl)))


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (TlsFiles(trusted_ca_file=file("ca")), "it showed no certificate"),
        (files("other", trusted_ca_file=file("ca")), "its certificate does not count: "),
        (files("expired", trusted_ca_file=file("ca")), "certificate has expired"),
        (None, "it speaks plain HTTP"),
    ],
)
def test_the_journal_says_in_a_sentence_why_somebody_was_not_let_in(shown, reason, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(
        "learnetcd.runtime.journal.warn_now_and_then",
        lambda words, **facts: said.append(f"{words}: {facts['reason']}"),
    )

    async def test(server: Running) -> None:
        url = server.url if shown else server.url.replace("https", "http")
        async with HttpClient(10, tls=Tls(shown or files())) as client:
            with pytest.raises(NoAnswer):
                await client.request(url, "GET", "/")
        while not said:  # noqa: ASYNC110  # the server may be a moment behind
            await trio.sleep(0.01)
        assert reason in said[0]

    beside(test, files(**MUTUAL))


@pytest.mark.parametrize(
    ("constant", "sentence"),
    [
        ("TLSV1_ALERT_UNKNOWN_CA", "it does not believe our certificate: unknown ca"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "it does not believe our certificate: certificate exp"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "it wants a certificate of us"),
        ("TLSV1_ALERT_INTERNAL_ERROR", "it refuses: internal error"),
        ("UNSUPPORTED_PROTOCOL", "it knows no TLS that is new enough"),
        ("NO_SHARED_CIPHER", "no shared cipher"),
    ],
)
def test_what_the_library_calls_by_constants_is_said_in_words(constant: str, sentence: str):
    broken = ssl.SSLError(1, "[SSL] by OpenSSL")
    broken.reason = constant
    assert mistrust.why(broken).startswith(sentence)


def test_files_that_fit_no_more_when_they_are_read_again_are_named(tmp_path: Path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(
        "learnetcd.runtime.journal.warn_now_and_then",
        lambda words, **facts: said.append(facts["reason"]),
    )
    key = tmp_path / "key.pem"
    fitting, other = (Path(file(f"{name}-key")).read_bytes() for name in ("server", "peer"))
    key.write_bytes(fitting)

    async def test(server: Running) -> None:
        key.write_bytes(other)
        with pytest.raises(NoAnswer):
            await server.ask(files(trusted_ca_file=file("ca")))
        assert said == [f"the key in {key} does not fit the certificate in {file('server')}"]
        key.unlink()
        with pytest.raises(NoAnswer):
            await server.ask(files(trusted_ca_file=file("ca")))
        assert said[1:] == [f"{key} can't be read: No such file or directory"]
        key.write_bytes(fitting)

    beside(test, TlsFiles(file("server"), str(key)))


@pytest.mark.parametrize("half", [1, 5, 60, 200])
def test_half_a_handshake_is_given_up_and_harms_nobody(half: int, monkeypatch):
    monkeypatch.setattr("learnetcd.runtime.tls.HANDSHAKE_S", 0.2)

    async def test(server: Running) -> None:
        async with await server.connect() as plain:
            await plain.send_all(hello()[:half])
            with trio.fail_after(10):
                while await plain.receive_some():
                    pass

    beside(test, files(**MUTUAL))


def test_a_handshake_that_was_heard_can_not_be_said_again():
    """The server's half is another one each time, so what fitted once fits no more."""
    said: list[bytes] = []
    heard.clear()

    async def test(server: Running) -> None:
        async with await server.connect() as plain:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            secured = context("client").wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
            is_done = False
            while not is_done:
                try:
                    secured.do_handshake()
                    secured.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                    is_done = True
                except ssl.SSLWantReadError:
                    pass
                said.append(outgoing.read())
                await plain.send_all(said[-1])
                incoming.write(await plain.receive_some())
            assert secured.read(1000).startswith(b"HTTP/1.1 200")
        async with await server.connect() as plain:
            with suppress(trio.BrokenResourceError):
                for piece in said:
                    await plain.send_all(piece)
                while await plain.receive_some():
                    pass
        assert heard == ["client"]

    beside(test, files(**MUTUAL))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_nobody_comes_back_without_showing_a_certificate_again(version: ssl.TLSVersion):
    shown = context("client")
    shown.minimum_version = shown.maximum_version = version

    def come(port: int, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        secured = shown.wrap_socket(plain, server_hostname="127.0.0.1", session=session)
        secured.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert secured.recv(100)
        return secured

    async def test(server: Running) -> None:
        port = server.listener.getsockname()[1]
        first = await trio.to_thread.run_sync(come, port)
        again = await trio.to_thread.run_sync(come, port, first.session)
        assert not again.session_reused
        first.close()
        again.close()

    beside(test, files(**MUTUAL))


def hello() -> bytes:
    """What a client says first."""
    outgoing = ssl.MemoryBIO()
    secured = context("client").wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        secured.do_handshake()
    return outgoing.read()


# -- whom we believe as a client ----------------------------------------------------------------


@pytest.mark.parametrize("theirs", ["other", "expired", "elsewhere", "client"])
def test_nobody_is_told_anything_whose_certificate_is_not_that_of_the_host(theirs: str):
    async def run() -> None:
        async with running(files(theirs)) as server:
            with pytest.raises(NotAsked, match="no handshake"):
                await server.ask(TlsFiles(trusted_ca_file=file("ca")))

    trio.run(run)


@pytest.mark.parametrize(
    "demanded", [{"allowed_name": "alice"}, {"allowed_host": "infra9.example.com"}]
)
def test_a_member_asks_nobody_whose_name_is_not_the_one_that_counts(demanded):
    async def run() -> None:
        async with running(files("peer")) as server:
            with pytest.raises(NotBelieved, match="its certificate is "):
                await server.ask(TlsFiles(trusted_ca_file=file("ca"), **demanded))

    trio.run(run)


def test_who_goes_before_the_first_word_does_no_harm():
    async def test(server: Running) -> None:
        for _ in range(5):
            client = await server.connect()
            linger = struct.pack("ii", 1, 0)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)  # the end is a reset
            client.socket.close()

    beside(test, files(**MUTUAL))


def test_a_way_does_not_change_whose_certificate_counts():
    async def run() -> None:
        async with running(files("elsewhere")) as server:
            url = "https://infra9.example.com:2380"
            shown = Tls(TlsFiles(trusted_ca_file=file("ca")))
            async with HttpClient(10, [(url, server.url)], shown) as client:
                assert (await client.request(url, "GET", "/")).status == 200
                with pytest.raises(NotAsked):
                    await client.request(server.url, "GET", "/")

    trio.run(run)


def test_who_speaks_plain_http_is_not_taken_for_a_member():
    async def run() -> None:
        async def talk(stream: trio.SocketStream) -> None:
            await stream.receive_some()
            await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(trio.serve_tcp, talk, 0)
            port = listeners[0].socket.getsockname()[1]
            async with HttpClient(10, tls=Tls(TlsFiles(trusted_ca_file=file("ca")))) as client:
                with pytest.raises(NotAsked, match="no handshake"):
                    await client.request(f"https://127.0.0.1:{port}", "GET", "/")
            nursery.cancel_scope.cancel()

    trio.run(run)


# -- files ------------------------------------------------------------------------------------


def test_files_that_are_exchanged_count_from_the_next_handshake_on(tmp_path: Path):
    authority = make_authority("for a test")
    authority.write(tmp_path, "ca")

    def exchange(name: str) -> None:
        for old in ("server.pem", "server-key.pem"):
            (tmp_path / old).unlink(missing_ok=True)
        make_certificate(name, authority, certificates.HERE).write(tmp_path, "server")

    async def run() -> None:
        exchange("first")
        named = [str(tmp_path / name) for name in ("server.pem", "server-key.pem", "ca.pem")]
        async with running(TlsFiles(*named[:2])) as server:
            assert await name_shown(server, named[2]) == "first"
            exchange("second")
            assert await name_shown(server, named[2]) == "second"
            (tmp_path / "server-key.pem").write_text("no key")
            with pytest.raises((trio.BrokenResourceError, OSError)):
                await name_shown(server, named[2])
            exchange("third")
            assert await name_shown(server, named[2]) == "third"

    trio.run(run)


async def name_shown(server: Running, authority: str) -> str:
    shown = ssl.create_default_context(cafile=authority)
    secured = trio.SSLStream(await server.connect(), shown, server_hostname="127.0.0.1")
    try:
        await secured.do_handshake()
        found = secured.getpeercert()
        return str(found["subject"][0][0][1])
    finally:
        secured.transport_stream.socket.close()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"listen_client_urls": ("https://127.0.0.1:1",)},
            "--listen-client-urls names https, so --cert-file and --key-file are needed",
        ),
        (
            {"listen_peer_urls": ("https://127.0.0.1:1",)},
            "--listen-peer-urls names https, so --peer-cert-file and --peer-key-file are needed",
        ),
        ({"cert_file": file("server")}, "--cert-file and --key-file belong together"),
        ({"trusted_ca_file": "/no/ca"}, "/no/ca can't be read: No such file or directory."),
        (
            {"cert_file": file("server"), "key_file": file("client-key")},
            f"the key in {file('client-key')} does not fit the certificate in {file('server')}.",
        ),
        ({"peer_trusted_ca_file": __file__}, f"{__file__} holds no certificate."),
        (
            {"cert_file": file("server-key"), "key_file": file("server-key")},
            f"{file('server-key')} holds no certificate.",
        ),
        (
            {"cert_file": file("server"), "key_file": file("server")},
            f"{file('server')} holds no key that can be used.",
        ),
    ],
    ids=[
        "none for clients",
        "none for members",
        "no key",
        "no authority",
        "another's key",
        "no authority's",
        "a key as certificate",
        "a certificate as key",
    ],  # not by their paths: those are others in each process that looks for tests
)
def test_files_of_no_use_are_one_sentence_and_no_start(settings, sentence: str):
    with pytest.raises(UserError) as refused:
        securing.secured(Settings(**settings))
    assert sentence in str(refused.value)


def test_a_key_that_a_password_locks_is_refused_and_nobody_is_asked(tmp_path: Path):
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(Path(file("server-key")).read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(UserError, match="locked by a password, and one without is needed"):
        securing.secured(Settings(cert_file=file("server"), key_file=str(locked)))


def test_a_certificate_of_our_own_is_made_once(tmp_path: Path):
    asked = Settings(data_dir=str(tmp_path), auto_tls=True, peer_auto_tls=True)
    made = securing.secured(asked)
    assert Path(made.cert_file).parent == tmp_path / "fixtures" / "client"
    assert Path(made.peer_key_file).parent == tmp_path / "fixtures" / "peer"
    before = Path(made.cert_file).read_bytes()
    assert securing.secured(asked) == made
    assert Path(made.cert_file).read_bytes() == before

    async def test(server: Running) -> None:
        assert await server.ask(securing.peers_files(made)) == "0"

    async def run() -> None:
        async with running(securing.clients_files(made)) as server:
            await test(server)

    trio.run(run)


def test_certificates_of_a_class_are_for_their_owners_alone(tmp_path: Path):
    paths = certificates.make(tmp_path / "pki", ["infra0.example.com"])
    assert [path.name for path in paths if path.stat().st_mode & 0o077] == [
        path.name for path in paths if not path.name.endswith("-key.pem")
    ]
    with pytest.raises(UserError, match="is there already"):
        certificates.make(tmp_path / "pki")


def test_a_user_gets_a_certificate_also_later_from_the_same_authority(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "pki"
    assert cli.main(["certs", str(folder), "--client", "alice", "--client", "root"]) == 0
    assert f"for root:\n  --ca-file={folder}/ca.pem" in capsys.readouterr().out
    authority = (folder / "ca.pem").read_bytes()
    assert cli.main(["certs", str(folder), "--client", "bob"]) == 0
    assert "for a member" not in capsys.readouterr().out
    assert (folder / "ca.pem").read_bytes() == authority
    for name in ("alice", "root", "bob"):
        signed = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        signed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
        assert signed.subject.rfc4514_string() == f"CN={name}"
    assert cli.main(["certs", str(folder), "--client", "bob"]) == 2
    assert "bob.pem is there already" in capsys.readouterr().err
    (folder / "ca-key.pem").write_text("")
    assert cli.main(["certs", str(folder), "--client", "carol"]) == 2
    assert "are no authority that learnetcd certs has made" in capsys.readouterr().err


@pytest.mark.parametrize("user", ["", "../x", "ca", "client", "alice-key", ".x", "x" * 65])
def test_no_certificate_is_called_after_what_is_no_name_of_a_file(tmp_path: Path, user: str):
    with pytest.raises(UserError, match="no files can be called after"):
        certificates.make(tmp_path / "pki", (), [user])
    assert not (tmp_path / "pki").exists()


@pytest.mark.parametrize(
    "host", ["\xe4", "a b", "x" * 64, "-a", "a..b", "a.*", "", "http://a:1", "10.0.0.999"]
)
def test_certificates_are_made_out_to_hosts_alone(tmp_path: Path, host: str):
    with pytest.raises(UserError, match="neither a name nor an address"):
        certificates.make(tmp_path / "bad", ["10.0.0.1", "*.example.com", host])
    assert not (tmp_path / "bad").exists()


def test_certificates_are_not_mixed_with_those_of_another_authority(tmp_path: Path):
    (tmp_path / "client.pem").write_text("another's")
    with pytest.raises(UserError, match="is there already"):
        certificates.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["client.pem"]


def test_without_the_library_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    with pytest.raises(UserError, match=r"pip install 'learnetcd\[tls\]'"):
        certificates.make(Path("/nowhere"))


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        ((("DNS", "a.example.com"),), "A.example.com", True),
        ((("DNS", "*.example.com"),), "a.example.com", True),
        ((("DNS", "*.example.com"),), "a.b.example.com", False),
        ((("DNS", "*.example.com"),), "example.com", False),
        ((("IP Address", "10.0.0.1"),), "10.0.0.1", True),
        ((), "", False),
    ],
)
def test_a_certificate_is_made_out_to_hosts(names, host: str, fits: bool):
    assert is_made_out_to({"subjectAltName": names}, host) is fits


@pytest.mark.parametrize("url", ["http://h:99999", "https://.h", f"http://{'x' * 70}:1"])
def test_an_address_that_makes_no_sense_is_one_where_nobody_is(url: str):
    """`member add x http://h:99999`, say: all members try to reach it from then on."""

    async def test(server: Running) -> None:
        for routes in [(), [(url, server.url)]] if url == "https://.h" else [()]:
            async with HttpClient(10, routes) as client:
                with pytest.raises(NotAsked):
                    await client.request(url, "GET", "/version")

    beside(test, files())
