"""Health: does each member, and so the cluster, do its work?

    $ learnetcd ctl cluster-health
    member 8211f1d0f64f3269 is healthy: got healthy result from http://10.0.0.1:2379
    member 91bc3c398fb3c146 is unreachable: [http://10.0.0.2:2379] are all unreachable
    cluster is degraded

A member is healthy if it knows a leader and a write of its own comes through. The first of its
client URLs that answers counts. So look at the URL: members that advertise `127.0.0.1` are all
answered for by the one that runs where you are.

Source: etcd 3.4 etcdctl/ctlv2/command/cluster_health.go.
Differs: etcdctl waits for ever for a member that hangs; we wait as long as `--total-timeout` says.
Next page: `backup`.
"""

from __future__ import annotations

import json
import sys
import time

from learnetcd.ctl import endpoints
from learnetcd.ctl.call import Call
from learnetcd.ctl.endpoints import BadUrl
from learnetcd.ctl.exchange import Request, exchange
from learnetcd.ctl.failures import UNHEALTHY, Ended, Trouble, error
from learnetcd.ctl.members import Member, list_members

PAUSE_S = 10


def cluster_health(call: Call) -> None:
    """Ask each member how it is, once or for ever."""
    try:
        members = list_members(call.client)
    except Trouble as trouble:
        print("cluster may be unhealthy: failed to list members")
        raise error(trouble) from None
    try:
        while True:
            well = sum([is_healthy(call, member) for member in members])
            print(f"cluster is {verdict(well, len(members))}")
            if not call.is_on("forever"):
                break
            print(f"\nnext check after {PAUSE_S} second...\n")
            sys.stdout.flush()
            time.sleep(PAUSE_S)
    except KeyboardInterrupt:
        if call.is_on("forever"):
            raise Ended(0) from None
        raise
    if well < len(members):
        raise Ended(UNHEALTHY)


def verdict(well: int, members: int) -> str:
    """What the members' health says about the cluster."""
    if well == members:
        return "healthy"
    return "degraded" if well else "unavailable"


def is_healthy(call: Call, member: Member) -> bool:
    """Ask one member at its client URLs until one answers, and tell what came."""
    if not member.client_urls:
        print(f"member {member.id} is unreachable: no available published client urls")
        return False
    for url in member.client_urls:
        try:
            well = answers_well(call, url)
        except Trouble as trouble:
            where = f"member {member.id} on {url}"
            print(f'failed to check the health of {where}: Get "{url}/health": {trouble}')
            continue
        how = "healthy" if well else "unhealthy"
        print(f"member {member.id} is {how}: got {how} result from {url}")
        return well
    print(
        f"member {member.id} is unreachable: [{' '.join(member.client_urls)}] are all unreachable"
    )
    return False


def answers_well(call: Call, url: str) -> bool:
    """Whether the member at this URL says that it is well; `Trouble` if it says nothing."""
    try:
        deadline = time.monotonic() + call.settings.total_timeout
        question, files = Request("GET", "/health"), call.settings.certificates
        answer = exchange(endpoints.parse(url), question, 0, deadline, certificates=files)
        return json.loads(answer.body)["health"] in ("true", True)
    except BadUrl as trouble:
        raise Trouble(str(trouble)) from None
    except (ValueError, LookupError, TypeError):
        raise Trouble("this is no answer of an etcd") from None
