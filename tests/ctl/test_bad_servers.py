"""Whoever listens at the endpoint may be no etcd, or an etcd in trouble."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.ctl.running import run

NOT_AN_ETCD = (
    "Error:  client: response is invalid json. "
    "The endpoint is probably not valid etcd cluster endpoint\n"
)


@contextmanager
def server(*answers: bytes | None) -> Iterator[str]:
    """One that gives these answers, the last one again and again; None is silence."""
    listening = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve():
        for turn in range(1000):
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            held.append(connection)
            answer = answers[min(turn, len(answers) - 1)]
            if answer is not None:
                connection.recv(65536)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass  # or else the end would come as a reset

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        listening.close()
        for connection in held:
            connection.close()


def http(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"<html>It works!</html>"),
        http("200 OK", b"{}"),
        http("200 OK", b"[]"),
        http("404 Not Found", b"nothing here"),
        http("404 Not Found", b'{"message":"Not found"}'),
        http("302 Found", b"moved", "Location: /login"),
        http("200 OK", b'{"action":"get","node":7}'),
        http("200 OK", b"\xff\xfe"),
    ],
)
def test_an_http_server_that_is_no_etcd_is_told_apart(answer):
    with server(answer) as url:
        ended = run("--endpoints", url, "get", "/k")
    assert ended == (4, "", NOT_AN_ETCD)


def test_an_empty_answer_is_none():
    with server(http("200 OK", b"")) as url:
        ended = run("--endpoints", url, "get", "/k")
    assert ended == (4, "", "Error:  client: response body is empty\n")


def test_a_server_that_is_no_etcd_has_no_members():
    with server(http("200 OK", b"<html>It works!</html>")) as url:
        ended = run("--endpoints", url, "member", "list")
        assert (ended.code, ended.out) == (1, "")
        ended = run("--endpoints", url, "cluster-health")
        assert (ended.code, ended.out) == (4, "cluster may be unhealthy: failed to list members\n")


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"", "EOF"),
        (b"220 mail.example ESMTP\r\n", 'malformed HTTP response "220 mail.example ESMTP"'),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "unexpected EOF"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort", "unexpected EOF"),
    ],
)
def test_a_server_that_speaks_no_http_or_breaks_off_is_no_use(answer, detail):
    with server(answer) as url:
        ended = run("--endpoints", url, "--no-sync", "set", "/k", "v")
    assert (ended.code, ended.out) == (4, "")
    assert f"; error #0: {detail}\n" in ended.err


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
def test_a_cluster_without_a_leader_says_so(status):
    with server(http(status, b'{"errorCode":300,"message":"Raft Internal Error"}')) as url:
        ended = run("--endpoints", url, "--no-sync", "set", "/k", "v")
    assert (ended.code, ended.out) == (4, "")
    assert f"error #0: client: etcd member {url} has no leader\n" in ended.err


def test_the_next_endpoint_is_asked_when_one_has_no_leader():
    answer = b'{"action":"get","node":{"key":"/k","value":"v"}}'
    with (
        server(http("503 Service Unavailable", b"")) as without,
        server(http("200 OK", answer)) as good,
    ):
        ended = run("--endpoints", f"{without},{good}", "--no-sync", "get", "/k")
    assert ended == (0, "v\n", "")


def test_a_server_that_hangs_is_given_up_after_the_timeout():
    with server(None) as url:
        ended = run("--endpoints", url, "--no-sync", "--timeout", "200ms", "get", "/k")
        assert ended.code == 4
        assert f"error #0: client: endpoint {url} exceeded header timeout\n" in ended.err
        ended = run("--endpoints", url, "--total-timeout", "300ms", "get", "/k")
        assert ended == (2, "", "Error:  context deadline exceeded\n")


def test_a_server_that_hangs_in_the_middle_of_its_answer_is_given_up():
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def serve():
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
            connection.recv(1)  # until the client goes

    thread = Thread(target=serve)
    thread.start()
    ended = run("--endpoints", url, "--no-sync", "--total-timeout", "400ms", "get", "/k")
    thread.join()
    listening.close()
    assert ended == (4, "", "Error:  context deadline exceeded\n")


def test_a_cluster_that_publishes_no_addresses_is_reached_without_sync_only():
    members = b'{"members":[{"id":"1","name":"","peerURLs":[],"clientURLs":[]}]}'
    with server(http("200 OK", members)) as url:
        ended = run("--endpoints", url, "get", "/k")
    assert ended.code == 4
    assert ended.err == (
        "etcd cluster has no published client endpoints.\n"
        f"Try '--no-sync' if you want to access non-published client endpoints({url}).\n"
        "Error:  client: no endpoints available\n"
    )
