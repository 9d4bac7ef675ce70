"""Live sessions to test with, and clients with sockets of their own."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from learnetcd.session.live import LiveSession
from learnetcd.session.session import Grain

WALL_MS = 1_784_793_600_000
PATIENCE_S = 20

QUESTIONS = {"local": "", "quorum": "?quorum=true", "watch": "?wait=true"}
"""Kinds of reads, as they end a URL."""


def choose_ports(folder, size):
    """Let a new cluster have ports that nobody else wants."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(2 * size)]
    urls = [f"http://127.0.0.1:{one.getsockname()[1]}" for one in listening]
    for one in listening:
        one.close()
    folder.mkdir(exist_ok=True)
    lines = [f"S{n + 1} {urls[2 * n]} {urls[2 * n + 1]}\n" for n in range(size)]
    (folder / "addresses").write_text("".join(lines))


@contextmanager
def live(folder, size=3, seed=1, proxy=False):
    """Members that are ended whatever happens."""
    if not folder.exists():
        choose_ports(folder, size)
    session = LiveSession(folder=folder, seed=seed, proxy=proxy, wall_ms=WALL_MS)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def ready(folder, size=3, seed=1, proxy=False):
    """Members that have a leader and let clients in."""
    with live(folder, size, seed, proxy) as session:
        session.make_ready()
        yield session


def go_until(session, condition, grain=Grain.EFFECT):
    """Step until it is so: sockets and tasks may take a moment between two steps."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, session.state_lines()
        session.forward(grain)


def wait_for(condition):
    """Wait without a step."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


class Curl(threading.Thread):
    """A client in another terminal."""

    def __init__(self, url, method="GET", body=None):
        super().__init__(daemon=True)
        self.request = urllib.request.Request(url, body, method=method)
        self.status = None
        self.said = None
        self.start()

    def run(self):
        try:
            with urllib.request.urlopen(self.request, timeout=PATIENCE_S) as response:
                self.said, self.status = json.load(response), response.status
        except urllib.error.HTTPError as error:
            self.said, self.status = json.load(error), error.code
        except OSError as error:
            self.said, self.status = str(error), 0

    @property
    def hangs(self):
        return self.status is None

    def outcome(self):
        self.join(PATIENCE_S)
        return self.status


def put(session, member, key, value):
    """PUT /v2/keys/KEY at a member, from outside; it is at the door when this returns."""
    url = f"{session.client_urls[member - 1]}/v2/keys/{key}"
    before = session.at_the_door()
    curl = Curl(url, "PUT", f"value={value}".encode())
    wait_for(lambda: len(session.at_the_door()) > len(before) or not curl.hangs)
    return curl
