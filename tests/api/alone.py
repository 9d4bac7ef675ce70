"""A member without a disk, a socket or a clock: whatever it wants done is done at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from learnetcd.api.api import Api
from learnetcd.api.facts import Facts
from learnetcd.api.http import HttpRequest, HttpResponse, Submission
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
from learnetcd.member.request import Outcome
from learnetcd.raft import PROFILES, Configuration, Snapshot, Stored

FORM = "application/x-www-form-urlencoded"
BORN_MS = 1_700_000_000_000


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


class Alone:
    """One member and its interface. If there are others, it can't reach them."""

    def __init__(self, members: tuple[int, ...] = (1,), **facts: object) -> None:
        config = replace(PROFILES["etcd-3.3"], request_timeout_ms=7000)
        self.now_ms = 0
        self.member = Member(1, config, Stored(Snapshot(0, 0, Configuration(members))), seed=7)
        self.facts = Facts(name="n1", cluster_id=0xC1, **facts)
        self.api = Api(self.member, self.facts)
        self.clients: dict[int, Client] = {}
        self.is_stuck = False
        """Whether the disk has stopped."""
        self.step(WallClockRead(0, BORN_MS))
        self.step(CampaignAsked(0))

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
        result = self.api.handle(request)
        if isinstance(result, HttpResponse):
            return Client(response=result, is_over=True)
        request_id = len(self.clients) + 1
        client = self.clients[request_id] = Client(result)
        self.step(RequestSubmitted(self.now_ms, request_id, result.request))
        return client

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
                client.response = client.submission.respond(answer)
                client.is_over = answer.outcome is not Outcome.WAITING
            case NotifyWatcher(request_id, event, done):
                client = self.clients[request_id]
                assert client.submission is not None
                assert client.submission.notice is not None
                assert not client.is_over, "told after the end"
                if event is not None:
                    client.notices.append(client.submission.notice(event))
                client.is_over = done
