"""A member without a disk, a socket or a clock: whatever it wants done is done at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from learnetcd.api.api import Api
from learnetcd.api.facts import Facts
from learnetcd.api.http import HttpRequest, HttpResponse, Result, SlowWork, Submission
from learnetcd.member.bootstrap import first_stored
from learnetcd.member.cluster import ATTRIBUTES, VERSION, ClusterMember, key_of, own_attributes
from learnetcd.member.effects import Apply, Effect, NotifyWatcher, Reply, SyncWal
from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    Input,
    RequestCancelled,
    RequestSubmitted,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Answer, ClusterRequest, Outcome
from learnetcd.raft import PROFILES
from learnetcd.store.errors import RAFT_INTERNAL, EtcdError

FORM = "application/x-www-form-urlencoded"
BORN_MS = 1_700_000_000_000
TOO_LATE = EtcdError(RAFT_INTERNAL, "etcdserver: request timed out", 0)
CLIENT_URL = "http://127.0.0.1:2379"


@dataclass
class Client:
    """Somebody who asked, and what they have seen so far."""

    submission: Submission | None = None
    response: HttpResponse | None = None
    notices: list[bytes] = field(default_factory=list)
    is_over: bool = False

    @property
    def body(self) -> bytes:
        assert self.response is not None
        return self.response.body + b"".join(self.notices)

    @property
    def status(self) -> int:
        assert self.response is not None
        return self.response.status

    def header(self, name: str) -> str | None:
        assert self.response is not None
        return {key.lower(): value for key, value in self.response.headers}.get(name)


def peer_url(member_id: int) -> str:
    return f"http://127.0.0.1:{2380 + 10 * (member_id - 1)}"


@dataclass
class Backwards:
    """Hashes that are made for nothing."""

    asked: int = 0

    def hashed(self, password: str) -> str:
        return password[::-1]

    def matches(self, password: str, kept: str) -> bool:
        self.asked += 1
        return password == kept[::-1]


def nothing(answer: Answer) -> HttpResponse:
    return HttpResponse(204, ())


class Alone:
    """One member and its interface. If there are others, it can't reach them."""

    def __init__(self, members: tuple[int, ...] = (1,), **facts: object) -> None:
        config = replace(PROFILES["etcd-3.3"], request_timeout_ms=7000)
        stored = first_stored(ClusterMember(id, f"n{id}", (peer_url(id),)) for id in members)
        self.now_ms = 0
        self.member = Member(1, config, stored, seed=7)
        self.facts = Facts(name="n1", cluster_id=0xC1, **facts)
        self.api = Api(self.member, self.facts)
        self.clients: dict[int, Client] = {}
        self.impatient: list[tuple[int, Client]] = []
        """Clients who give up at a certain time, if they have no answer then."""
        self.is_stuck = False
        """Whether the disk has stopped."""
        self.step(WallClockRead(0, BORN_MS))
        self.step(CampaignAsked(0))
        attributes = own_attributes("n1", (CLIENT_URL,))
        self.write(ClusterRequest(f"{key_of(1)}/{ATTRIBUTES}", attributes))
        self.write(ClusterRequest(VERSION, "3.4.0"))

    def write(self, request: ClusterRequest) -> None:
        """Write what a member publishes when it starts."""
        self.clients[len(self.clients) + 1] = Client(Submission(request, nothing))
        self.step(RequestSubmitted(self.now_ms, len(self.clients), request))

    # -- asking -------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        query: str = "",
        form: Sequence[tuple[str, str]] | None = None,
        body: bytes = b"",
        **headers: str,
    ) -> Client:
        """Send a request, and see what comes of it at once."""
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if form is not None:
            body = urlencode(form).encode()
            named.setdefault("content-type", FORM)
        return self.send(HttpRequest(method, path, query, named, body))

    def send(self, request: HttpRequest) -> Client:
        client = Client()
        self.go_on(client, self.api.handle(request))
        return client

    def go_on(self, client: Client, result: Result) -> None:
        """Answer a client, or do what is to be done before."""
        while isinstance(result, SlowWork):
            result = result.work()()
        if isinstance(result, HttpResponse):
            client.response, client.is_over = result, True
            return
        request_id = len(self.clients) + 1
        client.submission = result
        self.clients[request_id] = client
        if result.patience_ms is not None:
            self.impatient.append((self.now_ms + result.patience_ms, client))
        self.step(RequestSubmitted(self.now_ms, request_id, result.request))

    def hang_up(self, client: Client) -> None:
        request_id = next(id for id, known in self.clients.items() if known is client)
        self.step(RequestCancelled(self.now_ms, request_id))

    def wait(self, milliseconds: int) -> None:
        """Let time pass, and all timers fire that are due."""
        end = self.now_ms + milliseconds
        while (due := self.member.deadline()) is not None and due <= end:
            self.now_ms = max(self.now_ms, due)
            self.step(TimerFired(self.now_ms))
        self.now_ms = end
        for gives_up_at, client in self.impatient:
            if client.response is None and gives_up_at <= end:
                self.hang_up(client)
                assert client.submission is not None
                self.go_on(
                    client, client.submission.respond(Answer(Outcome.UNKNOWN, error=TOO_LATE))
                )

    # -- the driver ---------------------------------------------------------------------------

    def step(self, input: Input) -> None:
        """Feed an input, and all that follows from it."""
        inputs = [input]
        while inputs:
            for effect in self.member.step(inputs.pop(0)):
                inputs += self.carry_out(effect)

    def carry_out(self, effect: Effect) -> Iterator[Input]:
        match effect:
            case SyncWal(batch) if not self.is_stuck:
                yield WalSynced(self.now_ms, batch)
            case Apply(through):
                yield ApplyDue(self.now_ms, through)
            case Reply(request_id, answer):
                client = self.clients[request_id]
                assert client.submission is not None
                assert client.response is None, "answered twice"
                self.go_on(client, client.submission.respond(answer))
                if answer.outcome is Outcome.WAITING:
                    client.is_over = False
            case NotifyWatcher(request_id, event, done):
                client = self.clients[request_id]
                assert client.submission is not None
                assert client.submission.notice is not None
                assert not client.is_over, "told after the end"
                notice = None if event is None else client.submission.notice(event)
                if notice is not None:
                    client.notices.append(notice)
                elif event is not None and not done:
                    yield RequestCancelled(self.now_ms, request_id)
                client.is_over = done or notice is None
