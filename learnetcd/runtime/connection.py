"""A connection: one client, what it asked, and what it is still owed.

               +------------------------------------------------------+
    bytes ---> | reader ---> the API ---> the member ...  ... answer  | ---> bytes
               |            (may know)                    (may come)  |
               +------------------------------------------------------+

It reads whenever there is something to read, also while a request is not answered: that is how it
is noticed at once when a client goes away. Nobody waits for an answer: when there is one, whoever
has it calls `replied`, and it is sent there and then, or together with those of others (`poller`).
So a read that the member answers from its own store goes from the socket to the socket in one go,
and a connection that waits for an event costs no more than one that is idle.

**One at a time.** A client may send many requests at once, and is answered in their order: the
second is begun when the first is answered, for it may want to see what the first did.

**Who does not listen.** What the socket does not take at once waits here, and until it is gone the
client's next request is not begun. Who watches a stream and lets a hundred events pile up is told
of no more, as in etcd; so no client can make us remember more and more for it.

Source: Go's net/http server.go (one goroutine reads ahead while another answers); etcd 3.4
etcdserver/api/v2http/client.go, handleKeyWatch; store/watcher.go for the hundred events.

Next page: `http_server`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import trio

from learnetcd.api.http import HttpResponse, Result, SlowWork, Submission
from learnetcd.member.request import Answer, Outcome
from learnetcd.runtime import http_writer
from learnetcd.runtime.http_reader import HttpReader, NotHttp, Received
from learnetcd.store.event import Event

if TYPE_CHECKING:
    from learnetcd.runtime.http_server import HttpServer

READ_BYTES = 1 << 16
READ_AHEAD_BYTES = 1 << 16
"""So much of a client's next requests is taken while it is owed an answer."""
MOST_UNSENT_EVENTS = 100

HEAD_S = 10
"""A client has so long for the head of a request, from its first byte on."""
BODY_S = 300
"""... and so long for all of it."""
IDLE_S = 300
"""... and so long from one request to the next."""
TAKING_S = 60
"""... and so long to take some bytes of an answer."""
LINGER_S = 1
"""... and so long to go, when there is nothing more to say."""


STOPPED = "etcdserver: server stopped"
"""What is said to who still waits when we end (etcdserver/errors.go)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that somebody else gives, in his own time; it may be one without an end."""

    response: HttpResponse | None
    """The head; None if only he knows it."""
    begun: Callable[[Connection], None]
    """Told when the head is sent: write to this connection from now on. Without a head, say
    `respond` or `begin` first, whenever that is."""
    ended: Callable[[Connection], None]
    """Told when the answer has come to its end, or the connection is gone."""


class Connection:
    """One client of the server."""

    __slots__ = (
        "_has_said_all",
        "_is_advancing",
        "_is_listening",
        "_is_waiting_for_room",
        "_is_watching",
        "_received",
        "_request_id",
        "_server",
        "_socket",
        "_stream",
        "_submission",
        "_taken",
        "_unsent",
        "certificate_name",
        "ends",
        "is_closed",
        "reader",
        "since",
    )

    def __init__(self, server: HttpServer, connected: socket.socket) -> None:
        """Serve the client behind a socket that never blocks."""
        self._server = server
        self.certificate_name = ""
        """What the client is called, by a certificate that counts."""
        self._socket = connected
        self.reader = HttpReader(server.largest_body)
        self.since = server.now
        """Since when we wait for the client: for a request, for the rest of one, for its end."""
        self._received: Received | None = None
        """The request that is being answered."""
        self._submission: Submission | None = None
        """What the member was asked because of it, under this id."""
        self._request_id = 0
        self._stream: Stream | None = None
        """What is written to it without being asked for, if it is that."""
        self._taken: trio.Event | None = None
        """Set when the client has taken everything, if somebody waits for that."""
        self._is_watching = False
        """Whether the answer has begun, and goes on when something happens."""
        self._unsent: list[bytes] = []
        """What is sent at the end of the round, and what the socket would not take yet."""
        self._is_waiting_for_room = False
        """Whether a task waits for the socket to take more."""
        self.ends = False
        """Whether there is no next request: it ends when everything is sent."""
        self.is_closed = False
        self._is_advancing = False
        self._is_listening = True
        """Whether the poller tells us when something comes."""
        self._has_said_all = False
        """Whether the client sends no more."""
        server.poller.add(connected, self.readable)

    # -- coming in ----------------------------------------------------------------------------

    def readable(self) -> None:
        """Take what has come; called by the poller."""
        if self.is_closed:
            return  # by somebody who was called just before
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.close()  # it went away
            return
        if not data:
            # Who says no more may still listen: `printf 'GET ...' | nc`.
            self._has_said_all = True
            self._listen_no_more()
        elif not self.ends:  # nobody reads what comes after the last request
            self._take(data)
            if self.reader.size > READ_AHEAD_BYTES and self.is_owed_an_answer:
                self._listen_no_more()

    def _take(self, data: bytes) -> None:
        if self.reader.is_between_requests:
            self.since = self._server.now
        self.reader.feed(data)
        self._advance()

    def _listen_no_more(self) -> None:
        """Until everything that was asked is answered; who watches, watches no more."""
        if self._is_listening:
            self._is_listening = False
            self._server.poller.remove(self._socket)
        self._look_whether_settled()

    def _look_whether_settled(self) -> None:
        """If we do not listen: shall we again, or was that all?"""
        if self._is_listening or self.is_closed:
            return
        if self._is_watching:
            self.close()
        elif not self.is_owed_an_answer:
            if self._has_said_all:
                self.close()
            else:
                self._is_listening = True
                self._server.poller.add(self._socket, self.readable)

    @property
    def is_owed_an_answer(self) -> bool:
        """Whether it is our turn."""
        return self._received is not None or bool(self._unsent)

    # -- one request after the other ----------------------------------------------------------

    def _advance(self) -> None:
        """Begin the next request, and the one after it, as long as each is answered at once."""
        if self._is_advancing:
            return  # called by an answer to one of these
        if self.reader.is_between_requests and self._is_listening:
            return  # nothing is there, and the poller tells us when something comes
        self._is_advancing = True
        try:
            while not (self.is_owed_an_answer or self.ends or self.reader.is_between_requests):
                received = self.reader.next()
                if received is None:
                    break
                self._begin(received)
            if self.reader.wants_to_be_told_to_continue:
                self._send(http_writer.CONTINUE)
        except NotHttp as refused:
            self.ends = True
            self._send_refusal(refused.response)
        finally:
            self._is_advancing = False
        self._look_whether_settled()

    def _begin(self, received: Received) -> None:
        self._received = received
        request = received.request
        if self.certificate_name:
            request = replace(request, certificate_name=self.certificate_name)
        self._go_on_with(self._server.handle(request))

    def _go_on_with(self, result: Result | Stream) -> None:
        """Answer, or do what is to be done before."""
        if isinstance(result, HttpResponse):
            self.respond(result)
        elif isinstance(result, Stream):
            self._stream = result
            if result.response is not None:
                self.begin(result.response)
            result.begun(self)
        elif isinstance(result, SlowWork):
            self._server.nursery.start_soon(self._work, result)
        else:
            self._ask(result)

    def _ask(self, submission: Submission) -> None:
        self._submission = submission
        driver = self._server.driver
        assert driver is not None, "who has no member asks none"
        self._request_id = driver.next_request_id()
        driver.submit(self._request_id, submission.request, self, submission.patience_ms)

    def replied(self, answer: Answer) -> None:
        """The member has answered: from within `submit`, or later."""
        assert self._submission is not None, "an answer to no question"
        response = self._submission.respond(answer)
        if answer.outcome is Outcome.WAITING:
            assert isinstance(response, HttpResponse), "who waits is told so at once"
            self.begin(response)
        else:
            self._submission = None
            self._go_on_with(response)

    async def _work(self, slow: SlowWork) -> None:
        """Do what takes long, and go on, if the client is still there."""
        then = await trio.to_thread.run_sync(slow.work, limiter=self._server.slow_workers)
        if not self.is_closed:
            self._go_on_with(then())

    def respond(self, response: HttpResponse) -> None:
        """Send a whole response, and go on."""
        assert self._received is not None, "a response to nothing"
        keep_alive = self._keeps_alive()
        self._send(http_writer.whole(response, self._received, keep_alive))
        self._go_on(keep_alive)

    def _keeps_alive(self) -> bool:
        assert self._received is not None, "nothing was asked"
        return self._received.keep_alive and not self._server.is_stopping

    def _go_on(self, keep_alive: bool) -> None:
        """The request is answered: to the next one, or to the end."""
        self._received = self._submission = None
        self._is_watching = False
        if self._stream is not None:
            self._end_stream()
        self.since = self._server.now
        if keep_alive:
            self._advance()
        else:
            self.ends = True
            self._end_when_sent()

    # -- watching -----------------------------------------------------------------------------

    def begin(self, response: HttpResponse) -> None:
        """Send the head, so that the client knows that it is heard; events follow."""
        assert self._received is not None, "a response to nothing"
        self._is_watching = True
        keep_alive = self._keeps_alive() and self._received.may_have_chunks
        self._send(http_writer.head_of_chunks(response, self._received, keep_alive))

    def notified(self, event: Event | None, done: bool) -> None:
        """Something happened that the client waits for; None: something that nobody knows."""
        assert self._submission is not None, "nobody watches"
        assert self._submission.notice is not None, "nobody watches"
        piece = None if event is None else self._submission.notice(event)
        if piece is not None:
            self._send_piece(piece)
        if len(self._unsent) >= MOST_UNSENT_EVENTS:
            self._send_some()  # they may all be of this round
        may_not_see_it = event is not None and piece is None
        if (may_not_see_it or len(self._unsent) >= MOST_UNSENT_EVENTS) and not done:
            self._ask_no_more()
            done = True
        if done and not self.is_closed:  # the client may have gone while it was told
            self.finish()

    @property
    def unsent(self) -> int:
        """How many pieces the other end has not taken yet."""
        return len(self._unsent)

    def write(self, piece: bytes) -> None:
        """Send a piece of a stream."""
        assert self._received is not None or self.is_closed, "nobody listens"
        if not self.is_closed:
            self._send_piece(piece)

    def _send_piece(self, piece: bytes) -> None:
        assert self._received is not None, "nobody watches"
        has_chunks = self._received.may_have_chunks
        self._send(http_writer.chunk(piece) if has_chunks else piece)

    async def taken(self) -> None:
        """Wait until the client has taken what was written, or is gone: let nothing pile up."""
        if self._unsent:
            self._taken = self._taken or trio.Event()
            await self._taken.wait()

    def finish(self) -> None:
        """What was told is all."""
        assert self._received is not None, "nobody watches"
        has_chunks = self._received.may_have_chunks
        keep_alive = has_chunks and self._keeps_alive()
        if has_chunks:
            self._send(http_writer.LAST_CHUNK)
        self._go_on(keep_alive)

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.ended(self)

    # -- going out ----------------------------------------------------------------------------

    def _send_refusal(self, response: HttpResponse | None) -> None:
        if response is not None:
            self._send(http_writer.whole(response, None, keep_alive=False))
        self._end_when_sent()

    def _send(self, data: bytes) -> None:
        """Send this at the end of the round, behind what was not sent yet."""
        if self.is_closed:
            return
        self._unsent.append(data)
        if len(self._unsent) == 1 and not self._is_waiting_for_room:
            self._server.poller.at_the_end(self._send_all)

    def _send_all(self) -> None:
        """Send now what the socket takes now; the rest later."""
        self._send_some()
        if self._unsent:
            self._is_waiting_for_room = True
            self.since = self._server.now
            self._server.nursery.start_soon(self._send_rest)
        else:
            self._all_is_sent()

    def _send_some(self) -> None:
        data = b"".join(self._unsent)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            return
        except OSError:
            self.close()  # it went away
            return
        self._unsent = [data[sent:]] if sent < len(data) else []
        self.since = self._server.now

    async def _send_rest(self) -> None:
        """Send what the socket did not take, as it takes it."""
        while self._unsent:
            try:
                await trio.lowlevel.wait_writable(self._socket)
            except trio.ClosedResourceError:
                return
            self._send_some()
        self._is_waiting_for_room = False
        self._all_is_sent()

    def _all_is_sent(self) -> None:
        """To the next request, if it is there, or to the end."""
        if self._taken is not None:
            self._taken.set()
            self._taken = None
        if self.ends:
            self._end_when_sent()
        elif self._received is None and not self.reader.wants_to_be_told_to_continue:
            self._advance()

    def _end_when_sent(self) -> None:
        """Say that nothing more comes. What the client still sends is taken, and forgotten.

        Closing at once, with bytes of the client unread, would make its machine forget those of
        ours that it has not read yet (RFC 9112 §9.6).
        """
        if self._unsent or self.is_closed:
            return
        self.since = self._server.now
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()

    # -- the end ------------------------------------------------------------------------------

    @property
    def patience_s(self) -> int | None:
        """How long we wait for what we wait for; None while the client waits for us."""
        if self.ends:
            return LINGER_S if not self._unsent else TAKING_S
        if self._unsent:
            return TAKING_S
        if self._received is not None:
            return None
        if self.reader.is_between_requests:
            return IDLE_S
        return BODY_S if self.reader.has_head else HEAD_S

    def stop(self) -> None:
        """Come to an end, gently."""
        if self._is_watching:
            self._ask_no_more()
            self.finish()
        elif not self.is_owed_an_answer and self.reader.is_between_requests:
            self.close()  # nothing is under way that could get lost
        elif self._received is None and not self.ends:
            self.ends = True
            self._end_when_sent()

    def give_up(self) -> None:
        """Say that nobody can know what becomes of the request, if there is one."""
        if self._submission is not None:
            assert self._server.driver is not None, "it was asked"
            self._server.driver.give_up(self._request_id, STOPPED)

    @property
    def address(self) -> str:
        """Where the client is; "" if it is gone already."""
        try:
            return str(self._socket.getpeername()[0])
        except OSError:
            return ""

    def _ask_no_more(self) -> None:
        """Nobody waits any more for what the member was asked."""
        if self._submission is not None:
            assert self._server.driver is not None, "it was asked"
            self._server.driver.cancel(self._request_id)

    def close(self) -> None:
        """Let go of the client, whatever it is owed."""
        if self.is_closed:
            return
        self.is_closed = self.ends = True
        self._server.forget(self)
        self._ask_no_more()
        self._submission = None
        self._end_stream()
        self._received = None
        self._unsent.clear()
        if self._taken is not None:
            self._taken.set()
        if self._is_listening:
            self._server.poller.remove(self._socket)
        trio.lowlevel.notify_closing(self._socket)
        self._socket.close()
