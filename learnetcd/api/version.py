"""The version: which etcd a client may take us for.

    GET /version     {"etcdserver":"3.4.23","etcdcluster":"3.4.0"}

The first is what this server speaks, the second what the cluster has agreed to speak: no more than
its oldest member can. The leader finds that out and writes it down at `/0/version`, in the part of
the store that is the cluster's own; until then it is `not_decided`.

Source: etcd 3.4 etcdserver/api/etcdhttp/base.go, version/version.go.

Next page: `api`.
"""

from __future__ import annotations

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse
from learnetcd.api.pages import JSON
from learnetcd.store import wording
from learnetcd.store.tree import find, node_of

SERVER_VERSION = "3.4.23"
"""The etcd whose behaviour this is."""


def version(call: Call) -> HttpResponse:
    """GET /version."""
    agreed = find(call.member.store.root, "/0/version")
    cluster_version = node_of(agreed).value if agreed is not None else None
    body = wording.fields(
        [
            ("etcdserver", wording.string(SERVER_VERSION)),
            ("etcdcluster", wording.string(cluster_version or "not_decided")),
        ]
    )
    return HttpResponse(200, (JSON,), body.encode())
