"""`learnetcd ctl` where no server is needed: help, wrong usage, addresses, costs."""

import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from importlib import import_module

import pytest

from learnetcd.commands import COMMANDS
from learnetcd.ctl import exchange
from learnetcd.ctl.credentials import Certificates, tls_trouble
from learnetcd.ctl.endpoints import parse
from learnetcd.ctl.exchange import Request
from learnetcd.ctl.failures import Trouble
from learnetcd.ctl.help import of_a_verb, of_the_program
from learnetcd.ctl.line import read
from learnetcd.ctl.settings import GLOBAL_FLAGS
from learnetcd.ctl.verbs import VERBS, find
from tests.certificates import pki
from tests.ctl import article
from tests.ctl.running import CTL, environment, run

NOBODY = "http://127.0.0.1:1"


def test_every_verb_has_someone_who_does_the_work():
    for verb in VERBS:
        module, function = verb.work.split(":")
        assert callable(getattr(import_module(f"learnetcd.ctl.{module}"), function))


def test_every_verb_is_in_the_help_and_has_help_of_its_own():
    for verb in VERBS:
        assert f"   {verb.name.split()[0]} " in of_the_program()
        ended = run(*verb.name.split(), "--help")
        assert (ended.code, ended.out, ended.err) == (0, of_a_verb(verb) + "\n", "")


def test_every_example_of_the_help_can_be_typed():
    (ctl,) = [command for command in COMMANDS if command.words == "ctl"]
    for line in ctl.examples.splitlines():
        words = line.strip().split("  ")[0].split()
        assert words[:2] == ["learnetcd", "ctl"]
        _, rest = read(GLOBAL_FLAGS, [word for word in words[2:] if word != "--help"], str, ".")
        assert not rest or find(rest[0])


@pytest.mark.parametrize("name", article.OPTIONS)
def test_a_verb_has_the_flags_that_the_article_names(name):
    known = {
        f"--{name}" if len(name) > 1 else f"-{name}"
        for flag in find(name).flags
        for name in flag.names
    }
    assert known >= set(article.OPTIONS[name])


def test_consistent_is_refused_with_the_sentence_that_explains():
    ended = run("get", "--consistent", "/k")
    assert ended.code == 1
    assert ended.out.startswith("Incorrect Usage: flag provided but not defined: -consistent\n")
    first, second = ended.err.splitlines()
    assert first == "flag provided but not defined: -consistent"
    assert "--quorum" in second


@pytest.mark.parametrize("verb", ["import"])
def test_a_verb_that_is_not_there_has_a_sentence_that_explains(verb):
    ended = run(verb)
    assert (ended.code, ended.out) == (3, "")
    first, second = ended.err.splitlines()
    assert first == f"No help topic for '{verb}'"
    assert second.endswith(".")


def test_what_we_cannot_do_is_never_dropped_silently():
    ended = run("get", "/k", ETCDCTL_DISCOVERY_SRV="example.com")
    assert ended.code == 1
    assert ended.err.startswith("ETCDCTL_DISCOVERY_SRV is set, but")


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"--ca-file": "/no/ca"}, "open /no/ca: no such file or directory\n"),
        ({"--ca-file": __file__}, f"tls: what is in {__file__} is of no use: "),
        ({"--cert-file": __file__}, "KeyFile and CertFile must both be present"),
        (
            {"--cert-file": f"{pki()}/client.pem", "--key-file": f"{pki()}/alice-key.pem"},
            "tls: private key does not match public key\n",
        ),
    ],
)
def test_files_of_no_use_are_named(files, complaint):
    words = [word for pair in files.items() for word in pair]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        ended = run("--endpoints", url, "--no-sync", *words, "get", "/k")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(complaint)


@pytest.mark.parametrize(
    ("constant", "words"),
    [
        ("SSLV3_ALERT_BAD_CERTIFICATE", "bad certificate"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate required"),
        ("TLSV1_ALERT_UNKNOWN_CA", "unknown certificate authority"),
        ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "unsupported certificate"),
    ],
)
def test_what_a_member_says_of_our_certificate_is_said_in_the_words_of_etcdctl(constant, words):
    """As etcdctl 3.4.23 says it when it asks an etcd, or ours."""
    broken = ssl.SSLError(1, "[SSL] by OpenSSL")
    broken.reason = constant
    trouble = tls_trouble(broken)
    assert trouble is not None
    assert str(trouble) == f"remote error: tls: {words}"


def test_what_a_member_says_before_it_hangs_up_is_heard_also_by_who_was_about_to_ask(monkeypatch):
    """As by a real etcd, which ends the connection while we send the request."""
    refuses = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    refuses.load_cert_chain(f"{pki()}/server.pem", f"{pki()}/server-key.pem")
    refuses.load_verify_locations(f"{pki()}/ca.pem")
    refuses.verify_mode = ssl.CERT_REQUIRED
    has_hung_up = threading.Event()

    def hang_up() -> None:
        connected, _ = listening.accept()
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            refuses.wrap_socket(connected, server_side=True)
        connected.close()
        has_hung_up.set()

    def send_late(*request) -> None:
        assert has_hung_up.wait(20)
        send(*request)

    send = exchange.send
    monkeypatch.setattr(exchange, "send", send_late)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=hang_up, daemon=True).start()
        endpoint = parse(f"https://127.0.0.1:{listening.getsockname()[1]}")
        certificates = Certificates(
            f"{pki()}/ca.pem", f"{pki()}/other.pem", f"{pki()}/other-key.pem"
        )
        with pytest.raises(Trouble, match="remote error: tls: unknown certificate authority"):
            exchange.exchange(
                endpoint, Request("GET", "/v2/keys/k"), 20, None, certificates=certificates
            )


def test_the_v3_api_is_refused_in_a_sentence():
    ended = run("snapshot", "save", "x", ETCDCTL_API="3")
    assert ended.code != 0
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("endpoints", "code", "err"),
    [
        ("127.0.0.1:2379", 1, "first path segment in URL cannot contain colon"),
        ("http://a b:1", 1, 'invalid character " " in host name'),
        ("http://[::1", 1, "missing ']' in host"),
        ("%zz", 1, 'invalid URL escape "%zz"'),
        ("localhost:2379", 4, 'unsupported protocol scheme "localhost"'),
        ("ftp://127.0.0.1:1", 4, 'unsupported protocol scheme "ftp"'),
        ("http://", 4, "http: no Host in request URL"),
        ("http://127.0.0.1:99999", 2, "address 99999: invalid port"),
        (NOBODY, 2, "dial tcp 127.0.0.1:1: connect: connection refused"),
    ],
)
def test_an_address_that_is_none_is_refused_as_by_etcdctl(endpoints, code, err):
    ended = run("--endpoints", endpoints, "get", "/k")
    assert (ended.code, ended.out) == (code, "")
    assert err in ended.err


def test_all_endpoints_are_tried_in_the_order_in_which_they_were_given():
    ended = run("--debug", "--endpoints", f"{NOBODY},http://127.0.0.1:2", "ls")
    assert ended.code == 2
    asked = [line for line in ended.err.splitlines() if line.startswith("cURL")]
    assert asked == [
        "cURL Command: curl -X GET http://127.0.0.1:1/v2/members",
        "cURL Command: curl -X GET http://127.0.0.1:2/v2/members",
    ]
    assert "error #1: dial tcp 127.0.0.1:2" in ended.err


def test_a_missing_argument_is_noticed_after_a_missing_server():
    assert run("--endpoints", NOBODY, "get").code == 2
    assert run("--endpoints", NOBODY, "member", "add").code == 1


def test_a_question_costs_no_more_than_150_ms_of_cpu():
    # On a busy machine the same work takes more: so it is tried until once nobody disturbs.
    costs = []
    while min(costs, default=1) > 0.150:
        assert len(costs) < 20, costs
        costs.append(cpu_seconds_of_a_question())


def cpu_seconds_of_a_question():
    process = subprocess.Popen(
        [*CTL, "--endpoints", NOBODY, "--no-sync", "get", "/k"],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def test_a_question_imports_neither_the_screens_nor_the_core_nor_trio():
    program = (
        "import sys; from learnetcd.cli import main; "
        f"main(['ctl', '--endpoints', '{NOBODY}', 'get', '/k']); print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    imported = set(ended.stdout.split())
    assert not imported & {"trio", "textual", "rich", "learnetcd.raft", "learnetcd.store"}
