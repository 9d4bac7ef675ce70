"""The client: asks one endpoint after the other until one answers.

    GET http://10.0.0.1:2379/v2/members     no connection: the next one
    GET http://10.0.0.2:2379/v2/members     an answer: from now on this one is asked first

An answer is any that makes sense, also "no such key". A member that answers 5xx has no leader just
now, so the next one is asked. This is safe for reads. A write may be done twice by it: the member
that broke off may have passed it on already. (That is what compare-and-swap is for.)

**Sync.** Before a command the members are asked for, and then their advertised addresses are used
in place of the given ones: so one endpoint is enough to find all. If they can't be reached from
here, `--no-sync` keeps to the given ones.

Source: etcd 3.4 client/client.go. Next page: `keys`.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator

from learnetcd.ctl import endpoints
from learnetcd.ctl.credentials import authorization
from learnetcd.ctl.endpoints import BadUrl
from learnetcd.ctl.exchange import Answer, Request, exchange
from learnetcd.ctl.failures import (
    NO_CONNECTION,
    REFUSED,
    DeadlineExceeded,
    Ended,
    NobodyAnswered,
    Trouble,
    error,
)
from learnetcd.ctl.settings import Settings

MEMBERS = "/v2/members"

NO_LEADER = (500, 503)


class Client:
    """Who asks, and whom."""

    def __init__(self, settings: Settings) -> None:
        """Know the endpoints of the settings; nobody is asked yet."""
        self.settings = settings
        self.endpoints = settings.endpoints
        self.on_answer: Callable[[Request, Answer], None] = lambda request, answer: None
        """Told of every answer that makes sense."""
        self.headers: dict[str, str] = {}
        """What each question says besides."""
        self._first = 0

    def ask(self, request: Request) -> Answer:
        """Ask until somebody answers; `Trouble` if nobody does, or not in time."""
        deadline = None if request.waits else time.monotonic() + self.settings.total_timeout
        troubles: list[Trouble] = []
        for number in self._turns():
            endpoint = self.endpoints[number]
            if self.settings.debug:
                say(f"cURL Command: {request.curl(endpoint)}")
            elif self.settings.curl:
                say(request.shell_line(endpoint, self.settings.in_curl))
            try:
                timeout = self.settings.timeout
                certificates = self.settings.certificates
                answer = exchange(endpoint, request, timeout, deadline, self.headers, certificates)
            except DeadlineExceeded:
                raise
            except Trouble as trouble:
                troubles.append(trouble)
                continue
            if answer.status < 500:
                self._first = number
                self.on_answer(request, answer)
                return answer
            troubles.append(no_use(answer))
        raise NobodyAnswered(troubles)

    def _turns(self) -> Iterator[int]:
        """The endpoints by number: the one that answered last comes first."""
        count = len(self.endpoints)
        return ((self._first + turn) % count for turn in range(count))

    def say_who_asks(self) -> None:
        """From now on, say a name and a password with each question, if we were told one."""
        self.headers |= authorization(self.settings.username)

    # --- who the members are --------------------------------------------------------------------

    def sync(self) -> None:
        """Use the members' own addresses from now on; `Ended` if nobody can be reached."""
        if not self.settings.sync:
            self.tell_endpoints()
            return
        if self.settings.debug:
            say(f"start to sync cluster using endpoints({self._listed(',')})")
        try:
            self._use(published(self.ask(Request("GET", MEMBERS))))
        except Trouble as trouble:
            # What answers without being an etcd is found out by the command itself.
            if trouble.is_connection_error:
                raise error(trouble, NO_CONNECTION) from None
        if self.settings.debug:
            say(f"got endpoints({self._listed(',')}) after sync")
        self.tell_endpoints()

    def _use(self, urls: list[str]) -> None:
        if not urls:
            raise Ended(
                REFUSED,
                "etcd cluster has no published client endpoints.\n"
                "Try '--no-sync' if you want to access non-published client endpoints"
                f"({self._listed(',')}).\nError:  client: no endpoints available\n",
            )
        if sorted(urls) == sorted(map(str, self.endpoints)):
            return  # the one that answered stays the first
        try:
            self.endpoints = tuple(endpoints.parse(url) for url in sorted(urls))
        except BadUrl as trouble:
            raise Trouble(str(trouble)) from None
        self._first = 0

    def tell_endpoints(self) -> None:
        """Say who will be asked, if anybody wants to know."""
        if self.settings.debug:
            say(f"Cluster-Endpoints: {self._listed(', ')}")

    def _listed(self, separator: str) -> str:
        return separator.join(map(str, self.endpoints))


def no_use(answer: Answer) -> Trouble:
    """A member that can't help now."""
    if answer.status in NO_LEADER:
        return Trouble(f"client: etcd member {answer.endpoint} has no leader")
    reason = http.client.responses.get(answer.status, "")
    return Trouble(f"client: etcd member {answer.endpoint} returns server error [{reason}]")


def published(answer: Answer) -> list[str]:
    """The client URLs that the members advertise, from the list of them."""
    if answer.status != 200:
        raise Trouble(f"unexpected status code {answer.status}")
    try:
        members = json.loads(answer.body)["members"] or []
        return [url for member in members for url in member.get("clientURLs") or []]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Trouble("this is no list of members") from None


def say(line: str) -> None:
    """Tell the person, not the script: on stderr."""
    print(line, file=sys.stderr)
