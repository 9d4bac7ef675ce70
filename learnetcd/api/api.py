"""The interface: which page answers which path, and by which methods.

    path            methods      page
    /health         GET          health
    /version        GET          version
    ...

A path ends at one page: `/version/` is not `/version`. Some pages own all that lies below them.

Source: etcd 3.4 embed/serve.go (accessController), etcdserver/api/etcdhttp/base.go and
etcdserver/api/v2http/client.go (what is registered where).

Left out: etcd's v3 interface, below `/v3/`.

Next page: back to the package, `learnetcd.api`.
"""

from __future__ import annotations

from dataclasses import dataclass

from learnetcd.api import access, pages, target
from learnetcd.api.call import Call, Handler
from learnetcd.api.facts import Facts
from learnetcd.api.health import health
from learnetcd.api.http import HttpRequest, HttpResponse, Result
from learnetcd.api.version import version
from learnetcd.member.member import Member


@dataclass(frozen=True, slots=True)
class Route:
    """What can be asked at one path."""

    methods: tuple[str, ...]
    handler: Handler


ROUTES = {
    "/health": Route(("GET",), health),
    "/version": Route(("GET",), version),
}
"""By path."""


class Api:
    """One member's interface to its clients."""

    __slots__ = ("_routes", "facts", "member")

    def __init__(self, member: Member, facts: Facts) -> None:
        """Answer for a member."""
        self.member = member
        self.facts = facts
        self._routes = ROUTES

    def handle(self, request: HttpRequest) -> Result:
        """Answer a request, or say what the member is to be asked first."""
        if request.path == "*":
            return self._about_the_server(request)
        path = target.path_named_by(request.path)
        if path is None:
            return pages.bad_request()
        if not access.is_called_by_its_name(self.facts.hosts, request):
            return access.misdirected(access.host_in(request))
        headers = access.sharing(self.facts.origins, request)
        if request.method == "OPTIONS":
            return HttpResponse(200, headers)
        return self._answer(request, path).plus(headers)

    def _answer(self, request: HttpRequest, path: str) -> Result:
        clean_path = target.cleaned(path)
        if clean_path != path and request.method != "CONNECT":
            return pages.moved(request.method, target.location(clean_path, request.query))
        route = self._routes.get(path)
        if route is None:
            return pages.not_found()
        if request.method not in route.methods:
            return pages.not_allowed(*route.methods)
        return route.handler(Call(self.member, self.facts, request, path))

    def _about_the_server(self, request: HttpRequest) -> HttpResponse:
        """`OPTIONS *` asks whether anybody is there (RFC 9110 §9.3.7); nothing else may ask so."""
        return HttpResponse(200 if request.method == "OPTIONS" else 400, ())
