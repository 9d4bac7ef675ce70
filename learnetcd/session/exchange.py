"""An exchange: what a client sent and got, as bytes and as meaning; and how to ask the same.

    PUT /v2/keys/msg HTTP/1.1            put msg=hello
    Host: S1:2379
    Content-Type: application/x-www...   the body is a form
    Content-Length: 11

    value=hello                          what is written, and for how long

    HTTP/1.1 201 Created                 done, and the key is new
    X-Etcd-Index: 9                      so many changes has this member's store seen
    X-Raft-Index: 14                     up to here it has applied the log
    X-Raft-Term: 2                       in the term that it knows
    {"action":"set", ...}                done at etcd index 9

Simulated clients have no sockets: theirs are the bytes that curl would send, and that the API of a
real member would answer. Those of a live run were overheard at the socket.

Next page: `pictures`.
"""

from __future__ import annotations

from collections.abc import Iterator

from learnetcd.api import answers, asking
from learnetcd.member.request import Outcome, Request, WatchRequest
from learnetcd.session.views import ExchangeView, PieceView
from learnetcd.simulator.clients import ClientRecord
from learnetcd.simulator.file_disk import CLUSTER_ID
from learnetcd.simulator.words import answer_text, notices_text, request_text
from learnetcd.tracing import member_name

END = b"\r\n"

HEADERS = {
    "content-type": "what kind of thing the body is",
    "content-length": "so many bytes of a body follow",
    "transfer-encoding": "the body comes in chunks: one for each event",
    "host": "by which name the member was called",
    "user-agent": "who asks",
    "x-forwarded-for": "for whom a proxy asks",
    "accept": "what the client wants to get",
    "connection": "what becomes of the connection",
    "date": "the wall clock of the member",
    "x-etcd-cluster-id": "which cluster answers",
    "x-etcd-index": "so many changes has this member's store seen",
    "x-raft-index": "up to here it has applied the log",
    "x-raft-term": "the term that it knows",
}

HEARD = "it is heard: an event follows when there is one"

STATUS = {
    200: "done",
    201: "done, and the key is new",
    400: "the question makes no sense",
    401: "not without the right password",
    403: "that can't be done with this key",
    404: "there is no such key",
    412: "what was to be compared is not so: nothing was done",
    500: "nobody can say: it may have happened, or may yet",
    503: "nobody leads just now",
}


def exchange_view(record: ClientRecord, url: str, flags: tuple[str, ...] = ()) -> ExchangeView:
    """What a simulated client would send and get; `url` is where it asks, `flags` for etcdctl."""
    request = asking.http_request(record.request)
    if request is None:
        return ExchangeView("", "", (), ())
    asked = asking.as_bytes(request, url.removeprefix("http://"))
    return view_of(record.request, url, flags, asked, told(record), record)


def view_of(
    request: Request,
    url: str,
    flags: tuple[str, ...],
    asked: bytes,
    told: bytes,
    record: ClientRecord | None = None,
) -> ExchangeView:
    """Both directions line by line, and the lines that ask the same."""
    made = asking.http_request(request)
    line = asking.etcdctl_of(request, url, *flags)
    done = record is not None and record.answer is not None
    answer = what_came_of_it(record) if record is not None and done else ""
    return ExchangeView(
        curl=asking.curl_of(made, url) if made is not None else "",
        etcdctl=f"ETCDCTL_API=2 {line}" if line else "",
        asked=tuple(pieces(asked, request_text(request), "what is written, as a form")),
        told=tuple(pieces(told, HEARD if isinstance(request, WatchRequest) else "", answer)),
        silence="" if told or not done else silence(record),
    )


# --- what was told --------------------------------------------------------------------------------


def told(record: ClientRecord) -> bytes:
    """The answer, as the API of a real member words it; nothing while there is none."""
    answer = record.answer
    if answer is None or (
        answer.event is None and answer.error is None and answer.outcome is not Outcome.WAITING
    ):
        return b""
    header = ("X-Etcd-Cluster-Id", f"{CLUSTER_ID:x}")
    response = answers.told(header, False, answer)
    length = "" if answer.outcome is Outcome.WAITING else f"Content-Length: {len(response.body)}"
    head = response.head() + (f"{length}\r\n" if length else "Transfer-Encoding: chunked\r\n")
    events = b"".join(map(answers.notice, record.notices))
    return head.encode("latin-1") + END + response.body + events


def what_came_of_it(record: ClientRecord) -> str:
    """The answer in words."""
    assert record.answer is not None, "it was answered"
    if record.answer.outcome is Outcome.WAITING:
        return notices_text(record.notices)
    return answer_text(record.request, record.answer)


def silence(record: ClientRecord | None) -> str:
    """Why a client that waits no longer was told nothing."""
    assert record is not None, "it was asked"
    who = member_name(record.member)
    if record.answer is not None and record.answer.outcome is Outcome.REFUSED:
        return f"nothing: nobody listens at {who}"
    return f"nothing: the connection to {who} is broken. It may have happened, or may yet"


# --- line by line -----------------------------------------------------------------------------


def pieces(data: bytes, first: str, body: str) -> Iterator[PieceView]:
    """The lines of a request or of an answer, each with its meaning."""
    head, blank, rest = data.partition(END + END)
    for number, line in enumerate(head.split(END) if head else ()):
        yield PieceView(line + END, "", meaning(line) if number else first or status_text(line))
    if blank:
        yield PieceView(END, "", "the head ends here")
    for number, line in enumerate(rest.splitlines(keepends=True)):
        yield PieceView(line, "", body if number == 0 else "")


def meaning(line: bytes) -> str:
    """What a header is for."""
    return HEADERS.get(line.partition(b":")[0].strip().lower().decode("latin-1"), "")


def status_text(line: bytes) -> str:
    """What the first line of an answer says."""
    status = line.split(b" ")[1:2]
    return STATUS.get(int(status[0]), "") if status and status[0].isdigit() else ""
