"""The interface: which page answers which path, and by which methods.

`ROUTES` is the table. A path leads to one page, so that `/version/` is not `/version`; but some
pages own all that lies below them. Whoever looks for something else is told so:

    no such path               404
    not by this method         405, with those by which it can be asked
    the path is not clean      301, to the clean one
    OPTIONS, wherever          200, with the headers that let web pages in

Source: etcd 3.4 embed/serve.go (accessController), etcdserver/api/etcdhttp/base.go and
etcdserver/api/v2http/client.go (what is registered where).

Left out: etcd's v3 interface, below `/v3/`.

Next page: `learnetcd/simulator/`.
"""

from __future__ import annotations

from learnetcd.api import access, pages, target
from learnetcd.api.auth import auth, enable
from learnetcd.api.call import Call, Handler
from learnetcd.api.debug import log_level, variables
from learnetcd.api.facts import Facts
from learnetcd.api.health import health
from learnetcd.api.http import HttpRequest, HttpResponse, Result
from learnetcd.api.keys import keys
from learnetcd.api.members import machines, members
from learnetcd.api.metrics import metrics
from learnetcd.api.stats import leader_stats, self_stats, store_stats
from learnetcd.api.version import version
from learnetcd.member.member import Member
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """What can be asked at one path."""

    path: str
    methods: tuple[str, ...]
    """None named: by any."""
    handler: Handler
    owns_what_is_below: bool = False


ROUTES = (
    Route("/v2/keys", ("HEAD", "GET", "PUT", "POST", "DELETE"), keys, owns_what_is_below=True),
    Route("/v2/members", ("GET", "POST", "DELETE", "PUT"), members, owns_what_is_below=True),
    Route("/v2/auth/users", (), auth, owns_what_is_below=True),
    Route("/v2/auth/roles", (), auth, owns_what_is_below=True),
    Route("/v2/auth/enable", ("GET", "PUT", "DELETE"), enable),
    Route("/v2/machines", ("GET", "HEAD"), machines),
    Route("/v2/stats/self", ("GET",), self_stats),
    Route("/v2/stats/leader", ("GET",), leader_stats),
    Route("/v2/stats/store", ("GET",), store_stats),
    Route("/health", ("GET",), health),
    Route("/version", ("GET",), version),
    Route("/metrics", (), metrics),
    Route("/debug/vars", ("GET",), variables),
    Route("/config/local/log", ("PUT",), log_level),
)


class Api:
    """One member's interface to its clients."""

    __slots__ = ("_at", "_below", "facts", "member")

    def __init__(self, member: Member, facts: Facts) -> None:
        """Answer for a member."""
        self.member = member
        self.facts = facts
        routes = [route for route in ROUTES if facts.enable_v2 or not route.path.startswith("/v2/")]
        self._at = {route.path: route for route in routes}
        self._below = {f"{route.path}/": route for route in routes if route.owns_what_is_below}

    def handle(self, request: HttpRequest) -> Result:
        """Answer a request, or say what the member is to be asked first."""
        if request.path == "*":
            return about_the_server(request)
        paths = target.paths_of(request)
        if paths is None:
            return pages.bad_request()
        if not access.is_called_by_its_name(self.facts.hosts, request):
            return access.misdirected(access.host_in(request))
        headers = access.sharing(self.facts.origins, request)
        if request.method == "OPTIONS":
            return HttpResponse(200, headers)
        return self._answer(request, *paths).plus(headers)

    def _answer(self, request: HttpRequest, path: str, clean_path: str) -> Result:
        if clean_path != path and request.method != "CONNECT":
            return pages.moved(request.method, target.location(clean_path, request.query))
        route = self._route(path)
        if route is None:
            return pages.not_found()
        if route.methods and request.method not in route.methods:
            return pages.not_allowed(*route.methods)
        return route.handler(Call(self.member, self.facts, request, path))

    def _route(self, path: str) -> Route | None:
        for start, route in self._below.items():
            if path.startswith(start):
                return route
        return self._at.get(path)


def about_the_server(request: HttpRequest) -> HttpResponse:
    """`OPTIONS *` asks whether anybody is there (RFC 9110 §9.3.7); nothing else may ask so."""
    return HttpResponse(200 if request.method == "OPTIONS" else 400, ())
