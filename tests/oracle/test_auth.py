"""Users, roles and passwords: the same answers from both, and each reads what the other wrote."""

import base64
import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conformance.clusters import Cluster, wait_until
from tests.conformance.exchange import Closed, Connection, Response
from tests.processes import OURS, REAL

USERS, ROLES, ENABLE = "/v2/auth/users/", "/v2/auth/roles/", "/v2/auth/enable"
SHOWN = ("content-type", "allow", "x-etcd-cluster-id", "x-content-type-options", "www-authenticate")
ROOT = "root:rootpw"

KIM = f"{USERS}kim"
CLERK = f"{ROLES}clerk"
GUEST = f"{ROLES}guest"

CONVERSATION: list[tuple[str, str, str | bytes, str]] = [
    # by which methods
    *(
        (method, path, "", "")
        for method in ("POST", "HEAD", "PUT", "DELETE")
        for path in ("/v2/auth/users", "/v2/auth/roles", f"{USERS}a/b", "/v2/auth")
    ),
    *((method, KIM, "", "") for method in ("POST", "HEAD")),
    *((method, ENABLE, "", "") for method in ("POST", "HEAD", "DELETE")),
    ("GET", f"{ENABLE}/", "", ""),
    ("DELETE", KIM, "", ""),
    # what a body may be
    *(
        ("PUT", KIM, body, "")
        for body in ("", "null", "[]", "{}", "7", '{"user":"kim","password":5}')
    ),
    ("PUT", KIM, b'{"user":"kim","password":"\xff"}', ""),
    ("PUT", KIM, ' {"User":"kim","PASSWORD":"x"}trailing', ""),
    ("PUT", KIM, '{"user":"kim"}', ""),
    ("PUT", KIM, '{"user":"kim"}', ""),
    ("PUT", KIM, '{"user":"kim","password":"y","unknown":1}', ""),
    ("PUT", KIM, '{"user":"kim","password":"z","roles":["a"]}', ""),
    # her roles
    ("PUT", KIM, '{"user":"kim","grant":["r2","r1"]}', ""),
    ("GET", KIM, "", ""),
    ("PUT", KIM, '{"user":"kim","grant":["r2"]}', ""),
    ("PUT", KIM, '{"user":"kim","revoke":["r9"]}', ""),
    ("PUT", KIM, '{"user":"kim","grant":["q"],"roles":["w"]}', ""),
    ("PUT", KIM, '{"user":"kim","revoke":["r1","r2"]}', ""),
    ("PUT", KIM, '{"user":"kim","grant":["r1"],"revoke":["r1"]}', ""),
    ("PUT", f"{USERS}nobody", '{"user":"nobody","revoke":["r1"]}', ""),
    ("PUT", f"{USERS}c", '{"user":"c","password":"x","roles":["a","b","a"]}', ""),
    ("GET", "/v2/auth/users", "", ""),
    ("PUT", f"{USERS}root", '{"user":"root","password":"rootpw","roles":["zz"]}', ""),
    ("PUT", f"{USERS}root", '{"user":"root","revoke":["root"]}', ""),
    ("PUT", f"{USERS}root", '{"user":"root","revoke":["zz"]}', ""),
    ("GET", f"{USERS}root", "", ""),
    # a role's patterns
    *(
        ("PUT", CLERK, body, "")
        for body in (
            "{}",
            '{"role":"clerk"}',
            '{"role":"clerk","permissions":{"kv":{"read":null,"write":["/a"]}}}',
            '{"role":"clerk","grant":{"kv":{"read":["/b","/a"]}}}',
            '{"role":"clerk","permissions":{"kv":{"read":["x"]}},"grant":{"kv":{"read":["q"]}}}',
            '{"role":"clerk","revoke":{"kv":{"write":["/zz"]}}}',
            '{"role":"clerk","revoke":{"kv":{"read":["/a","/b"]}}}',
            '{"role":"clerk","grant":{"kv":{"read":["/a","/a"]}}}',
            '{"role":"clerk","grant":{"kv":{"read":["/a"],"write":["/ro/x"]}}}',
        )
    ),
    ("PUT", f"{ROLES}none", '{"role":"none","grant":{"kv":{"read":["/a"]}}}', ""),
    ("PUT", f"{ROLES}r%20x%2Fy", '{"role":"r x/y"}', ""),
    ("PUT", f"{ROLES}r%20x", '{"role":"r x"}', ""),
    ("PUT", f"{ROLES}_hid", '{"role":"_hid"}', ""),
    ("PUT", f"{ROLES}%C3%A9", '{"role":"\\u00e9"}', ""),
    ("GET", f"{ROLES}_hid", "", ""),
    ("GET", "/v2/auth/roles", "", ""),
    ("GET", "/v2/auth/roles?a=%zz", "", ""),
    ("PUT", f"{USERS}long", json.dumps({"user": "long", "password": "x" * 100}), ""),
    ("PUT", f"{USERS}long", '{"user":"long","grant":["clerk"]}', ""),
    # accounts are on
    ("PUT", "/v2/keys/two", "", ""),
    ("PUT", ENABLE, "", ""),
    ("GET", "/v2/auth/roles", "", ROOT),
    ("GET", "/v2/keys?recursive=true", "", ""),
    ("GET", "/v2/keys/?recursive=true", "", ""),
    ("GET", "/v2/keys", "", ""),
    ("GET", "/v2/keys/two?quorum=1x", "", "kim:wrong"),
    ("GET", "/v2/keys/two", "", "kim:wrong"),
    ("HEAD", "/v2/keys/two", "", "kim:wrong"),
    ("GET", ENABLE, "", "x:y"),
    ("GET", "/v2/keys/a", "", f"long:{'x' * 72}"),
    ("GET", "/v2/keys/a", "", f"long:{'x' * 71}y"),
    (
        "PUT",
        f"{ROLES}guest",
        '{"role":"guest","revoke":{"kv":{"write":["/*"],"read":["/*"]}}}',
        ROOT,
    ),
    ("PUT", f"{ROLES}guest", '{"role":"guest","grant":{"kv":{"read":["/two"]}}}', ROOT),
    *(
        (method, f"/v2/keys{path}", "", "")
        for method, path in (
            ("GET", "/two?recursive=true"),
            ("GET", "/two?wait=true&waitIndex=1"),
            ("GET", "/three"),
            ("PUT", "/two"),
            ("DELETE", "/two"),
            ("POST", "/two"),
        )
    ),
    ("PUT", KIM, '{"user":"kim","grant":["clerk"]}', ROOT),
    ("PUT", CLERK, '{"role":"clerk","grant":{"kv":{"read":["/ro/*"]}}}', ROOT),
    *(
        (method, f"/v2/keys{path}", "", "kim:y")
        for method, path in (
            ("GET", "/ro"),
            ("GET", "/ro/"),
            ("GET", "/ro/y"),
            ("GET", "/ro?recursive=true"),
            ("GET", "/ro/?recursive=true"),
            ("GET", "/rox"),
            ("POST", "/ro/x"),
            ("DELETE", "/ro/x?recursive=true"),
            ("DELETE", "/ro/x?dir=true"),
        )
    ),
    ("PUT", KIM, '{"user":"kim","password":"other"}', "kim:y"),
    ("DELETE", f"{USERS}root", "", ROOT),
    ("PUT", ENABLE, "", ROOT),
    ("DELETE", ENABLE, "", "kim:y"),
    ("DELETE", ENABLE, "", ROOT),
    ("DELETE", ENABLE, "", ""),
]


@pytest.fixture
def both(tmp_path: Path):
    """The real etcd and ours, side by side, not in one cluster."""
    clusters = [Cluster(tmp_path / name, [command]) for name, command in (("a", REAL), ("b", OURS))]
    try:
        for one in clusters:
            one.wait_until_they_serve()
        yield clusters
    finally:
        for one in clusters:
            one.kill_all()


def ask(port: int, method: str, target: str, body: str | bytes = "", by: str = "") -> Response:
    headers = [("Authorization", f"Basic {base64.b64encode(by.encode()).decode()}")] if by else []
    sent = body.encode() if isinstance(body, str) else body
    with closing(Connection(port)) as connection:
        return connection.ask(method, target, headers, sent if method == "PUT" else None, 20)


def shown(response: Response) -> tuple[int, bytes, dict[str, str]]:
    """What must be equal. Which cluster it is, and how far its log is, may differ."""
    headers = {name: text for name, text in response.headers.items() if name in SHOWN}
    if "x-etcd-cluster-id" in headers:
        headers["x-etcd-cluster-id"] = "present"
    return response.status, response.body, headers


def test_both_answer_a_whole_conversation_alike(both):
    for asked in CONVERSATION:
        theirs, ours = (shown(ask(one.places[0].ports[0], *asked)) for one in both)
        assert ours == theirs, asked


def switch_on(port: int) -> None:
    permissions = {"kv": {"read": ["/pub/*"], "write": []}}
    for path, said in (
        (f"{USERS}root", {"user": "root", "password": "rootpw"}),
        (f"{ROLES}clerk", {"role": "clerk", "permissions": permissions}),
        (f"{ROLES}guest", {"role": "guest"}),
        (f"{USERS}kim", {"user": "kim", "password": "kimpw", "roles": ["clerk"]}),
    ):
        assert ask(port, "PUT", path, json.dumps(said)).status in {200, 201}
    assert ask(port, "PUT", ENABLE).status == 200


def check_that_it_knows_kim(port: int) -> None:
    assert ask(port, "GET", "/v2/keys/pub/x", by="kim:kimpw").status == 404
    assert ask(port, "GET", "/v2/keys/other", by="kim:kimpw").status == 401
    assert ask(port, "GET", "/v2/keys/pub/x", by="kim:wrong").status == 401
    assert ask(port, "GET", "/v2/keys/pub/x").status == 401


@pytest.mark.parametrize("order", [(OURS, REAL), (REAL, OURS)], ids=["theirs", "ours"])
def test_accounts_are_read_from_data_that_the_other_wrote(order, tmp_path: Path):
    cluster = Cluster(tmp_path, [order[0]])
    try:
        cluster.wait_until_they_serve()
        switch_on(cluster.places[0].ports[0])
        cluster.end(1)
        cluster.places[0].command = order[1]
        cluster.start(1).wait_until_it_serves()
        check_that_it_knows_kim(cluster.places[0].ports[0])
    finally:
        cluster.kill_all()


def test_members_of_both_kinds_share_their_accounts(tmp_path: Path):
    cluster = Cluster(tmp_path, [OURS, REAL, OURS])
    try:
        cluster.wait_until_they_serve()
        ports = [place.ports[0] for place in cluster.places]
        switch_on(ports[1])

        def all_know() -> bool:
            return all(ask(port, "GET", "/v2/keys/pub/x").status == 401 for port in ports)

        wait_until(all_know, "all members have applied it", cluster.words)
        for port in ports:
            check_that_it_knows_kim(port)
        said = json.dumps({"user": "kim", "password": "newpw"})
        assert ask(ports[0], "PUT", KIM, said, ROOT).status == 200

        def real_one_knows() -> bool:
            return ask(ports[1], "GET", "/v2/keys/pub/x", by="kim:newpw").status == 404

        wait_until(real_one_knows, "the real one knows the password", cluster.words)
    finally:
        cluster.kill_all()


@pytest.mark.parametrize(("command", "events"), [(REAL, 2), (OURS, 1)], ids=["theirs", "ours"])
def test_etcd_goes_on_to_tell_a_watcher_without_a_right_and_we_do_not(
    command, events, tmp_path: Path
):
    """Differs: see learnetcd/api/credentials.py."""
    cluster = Cluster(tmp_path, [command])
    try:
        cluster.wait_until_they_serve()
        port = cluster.places[0].ports[0]
        switch_on(port)
        header = ("Authorization", f"Basic {base64.b64encode(b'kim:kimpw').decode()}")
        target = "/v2/keys/pub/?wait=true&recursive=true&stream=true"
        with closing(Connection(port)) as watcher:
            watcher.send_request("GET", target, [header], None)
            deadline = time.monotonic() + 20
            assert watcher.head(deadline).status == 200
            assert ask(port, "PUT", "/v2/keys/pub/a", by=ROOT).status == 201
            assert b"/pub/a" in watcher.chunk(deadline)
            revoked = json.dumps({"user": "kim", "revoke": ["clerk"]})
            assert ask(port, "PUT", KIM, revoked, ROOT).status == 200
            assert ask(port, "PUT", "/v2/keys/pub/b", by=ROOT).status == 201
            said = watcher.chunk(deadline)
        assert (b"/pub/b" in said) == (events == 2)
    finally:
        cluster.kill_all()


def test_etcd_gives_up_on_an_empty_pattern_and_we_refuse(both):
    """Differs: see learnetcd/api/accounts.py."""
    theirs, ours = (one.places[0].ports[0] for one in both)
    for port in (theirs, ours):
        switch_on(port)
        empty = '{"role":"e","permissions":{"kv":{"read":[""]}}}'
        assert ask(port, "PUT", f"{ROLES}e", empty, ROOT).status == 201
        assert ask(port, "PUT", KIM, '{"user":"kim","grant":["e"]}', ROOT).status == 200
    with pytest.raises(Closed):
        ask(theirs, "GET", "/v2/keys/x", by="kim:kimpw")
    assert ask(ours, "GET", "/v2/keys/x", by="kim:kimpw").status == 401
