"""A member that takes nothing costs the others neither time nor memory without end."""

from learnetcd.peer.handshake import Local
from learnetcd.peer.streams import Kind
from learnetcd.raft.messages import Heartbeat, TimeoutNow
from learnetcd.runtime.http_client import HttpClient
from learnetcd.runtime.link import MOST_UNSENT_PIECES, MOST_WAITING_POSTS, Link


class Host:
    def __init__(self):
        self.not_reached = 0

    def unreachable(self, member_id):
        self.not_reached += 1


class Stuck:
    """A stream whose other end takes nothing."""

    def __init__(self):
        self.unsent = 0
        self.is_closed = False

    def write(self, data):
        self.unsent += 1

    def close(self):
        self.is_closed = True


def a_link():
    host = Host()
    return host, Link(2, ("http://127.0.0.1:1",), Local(1, 9, ()), host, HttpClient(1))


HEARTBEAT = Heartbeat(1, 2, 3, 4)


def test_a_stream_that_lags_too_far_is_given_up_and_the_core_is_told():
    host, link = a_link()
    sink = Stuck()
    link.attach(Kind.MESSAGE, sink)
    for _ in range(MOST_UNSENT_PIECES + 1):
        link.send(HEARTBEAT)
    assert (host.not_reached, sink.is_closed) == (0, False)
    link.send(HEARTBEAT)
    assert (host.not_reached, sink.is_closed) == (1, True)
    assert sink.unsent == MOST_UNSENT_PIECES + 1


def test_what_can_not_be_posted_soon_is_dropped_and_the_core_is_told():
    """etcd/raft stands the loss of any message: it sends anew what matters."""
    host, link = a_link()
    for _ in range(MOST_WAITING_POSTS):
        link.send(TimeoutNow(1, 2, 3))
    assert host.not_reached == 0
    link.send(TimeoutNow(1, 2, 3))
    assert host.not_reached == 1
