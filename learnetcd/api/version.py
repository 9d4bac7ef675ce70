"""The version: which etcd a client may take us for.

    GET /version     {"etcdserver":"3.4.23","etcdcluster":"3.4.0"}

The first is what this server speaks, the second what the cluster has agreed to speak: no more than
its oldest member can. The leader finds that out and writes it down at `/0/version`, in the part of
the store that is the cluster's own; until then it is `not_decided`.

Source: etcd 3.4 etcdserver/api/etcdhttp/base.go, version/version.go.

Next page: `peer_urls`.
"""

from __future__ import annotations

import json

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse
from learnetcd.api.pages import json_page
from learnetcd.member import cluster
from learnetcd.member.version import SERVER_VERSION
from learnetcd.store.store import Store
from learnetcd.store.wording import fields, string

BEFORE_VERSIONS = "2.0.0"
"""Of an etcd that has no such page (etcdserver/cluster_util.go, getVersion)."""


def version(call: Call) -> HttpResponse:
    """GET /version."""
    return version_of(call.member.store)


def version_of(store: Store) -> HttpResponse:
    """The same for members, who ask on a port of their own."""
    agreed = cluster.version(store) or "not_decided"
    return json_page(
        fields([("etcdserver", string(SERVER_VERSION)), ("etcdcluster", string(agreed))])
    )


def version_in(response: HttpResponse, of: str = "etcdserver") -> str:
    """What a member speaks that has answered so, or its cluster; "" if it does not say."""
    if response.status == 404:
        return BEFORE_VERSIONS
    try:
        said = json.loads(response.body)
    except ValueError:
        return ""
    spoken = said.get(of) if isinstance(said, dict) else None
    return spoken if isinstance(spoken, str) else ""
