"""Discovery: what the registry says, and what a member makes of it."""

import re
import socket
import threading
from collections.abc import Iterator

import dns.asyncresolver
import dns.message
import dns.rrset
import pytest
import trio

from learnetcd.errors import UserError
from learnetcd.member import identity
from learnetcd.runtime import discovery, srv
from learnetcd.runtime.discovery import discovered
from learnetcd.runtime.forward_proxy import read_proxy
from learnetcd.runtime.http_client import HttpClient, NotAsked
from learnetcd.runtime.joining import find_cluster
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.runtime.tls import Tls, TlsFiles
from tests.processes import OURS, Process
from tests.runtime.forwarding import Forwarding, forwarding
from tests.runtime.test_tls import file, files, running


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    server = Process(OURS, tmp_path_factory.mktemp("registry") / "data").wait_until_ready()
    yield server
    server.end()


def settings_of(registry: Process, token: str, number: int, **changed: str) -> Settings:
    fields = {"name": f"m{number}", "discovery": f"{registry.url}/v2/keys/{token}"} | changed
    urls = (f"http://h{number}:1",)
    return Settings(initial_advertise_peer_urls=urls, **fields)  # type: ignore[arg-type]


async def together(*all_settings: Settings) -> list[tuple[InitialMember, ...]]:
    found = []

    async def one(settings: Settings) -> None:
        found.append(await discovered(settings))

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            for settings in all_settings:
                nursery.start_soon(one, settings)
    return found


def refused(settings: Settings) -> str:
    with pytest.raises(UserError) as refusal:
        trio.run(discovered, settings)
    return str(refusal.value)


def test_as_many_as_there_shall_be_find_each_other(registry: Process):
    registry.put("/three/_config/size", "3")
    found = trio.run(together, *(settings_of(registry, "three", number) for number in (1, 2, 3)))
    members = {InitialMember(f"m{number}", (f"http://h{number}:1",)) for number in (1, 2, 3)}
    assert [set(one) for one in found] == [members] * 3


def test_the_ids_are_made_of_the_url_in_place_of_the_token(registry: Process):
    registry.put("/one/_config/size", "1")
    settings = settings_of(registry, "one", 1)
    cluster = trio.run(find_cluster, settings)
    assert cluster.own_id == identity.member_id(("http://h1:1",), settings.discovery)
    assert registry.value(f"/one/{cluster.own_id:x}") == "m1=http://h1:1"


def test_whoever_comes_when_all_are_there_finds_the_cluster_full(registry: Process):
    registry.put("/full/_config/size", "1")
    trio.run(discovered, settings_of(registry, "full", 1))
    assert "is full: it has its 1 members" in refused(settings_of(registry, "full", 2))


def test_whoever_was_here_before_and_has_no_data_is_not_let_in_again(registry: Process):
    registry.put("/twice/_config/size", "1")
    settings = settings_of(registry, "twice", 1)
    trio.run(discovered, settings)
    assert "has registered at" in refused(settings)


def test_two_members_of_one_name_are_noticed(registry: Process):
    registry.put("/names/_config/size", "2")
    registry.put("/names/1", "m1=http://other:1")
    assert "two members at" in refused(settings_of(registry, "names", 1))


@pytest.mark.parametrize("size", ["", "0", "x", "-1"])
def test_a_registry_that_does_not_say_how_many_is_refused(registry: Process, size: str):
    if size:
        registry.put(f"/size{size}/_config/size", size)
    said = refused(settings_of(registry, f"size{size}", 1))
    assert "how many members" in said or "and no number" in said


def test_what_names_no_members_is_refused(registry: Process):
    registry.put("/odd/_config/size", "2")
    registry.put("/odd/1", "hello")
    assert "does not name members" in refused(settings_of(registry, "odd", 1))


def test_a_registry_that_is_not_there_is_asked_again(
    registry: Process, monkeypatch: pytest.MonkeyPatch
):
    """The pauses grow: 2 s, 4 s, 8 s ... up to 256 s."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 10:
            raise KeyboardInterrupt

    monkeypatch.setattr(discovery.trio, "sleep", sleep)
    nobody = Settings(discovery="http://127.0.0.1:1/v2/keys/x")
    with pytest.raises(KeyboardInterrupt):
        trio.run(discovered, nobody)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 256, 256]


# --- somebody on the way ------------------------------------------------------------------------


def test_members_find_each_other_through_a_proxy(registry: Process):
    registry.put("/far/_config/size", "2")
    with forwarding() as proxy:
        by_it = [
            settings_of(
                registry, "far", 1, discovery_proxy=f"http://me:pass%20word@{proxy.address}"
            ),
            settings_of(registry, "far", 2, discovery_proxy=proxy.address),
        ]
        found = trio.run(together, *by_it)
    assert {one.name for one in found[0]} == {"m1", "m2"}
    directory = f"{registry.url}/v2/keys/far"
    assert f"GET {directory}/_config/size?" in {f"{one}?" for one in proxy.asked}
    assert all(one.split()[1].startswith(directory) for one in proxy.asked)
    assert proxy.credentials == {"Basic bWU6cGFzcyB3b3Jk", ""}


def test_what_is_encrypted_goes_through_a_proxy_unread():
    async def ask(refuses: bool, proxy: Forwarding) -> str:
        proxy.refuses = refuses
        by_it = read_proxy("--discovery-proxy", proxy.address)
        async with running(files()) as server:
            shown = Tls(TlsFiles(trusted_ca_file=file("ca")))
            async with HttpClient(10, tls=shown, proxy=by_it) as client:
                answer = await client.request(server.url, "GET", "/")
            assert proxy.asked == [f"CONNECT {server.url.removeprefix('https://')}"]
            return answer.body.decode()

    with forwarding() as proxy:
        assert trio.run(ask, False, proxy) == "0"
        with pytest.RaisesGroup(NotAsked, allow_unwrapped=True, flatten_subgroups=True) as refused:
            trio.run(ask, True, proxy)
    assert "403" in repr(refused.value)


# --- SRV ----------------------------------------------------------------------------------------


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """A server on loopback that knows some SRV records."""
    records: dict[str, list[str]] = {}
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            question, client = listening.recvfrom(4096)
            if not question:
                return
            query = dns.message.from_wire(question)
            answer = dns.message.make_response(query)
            name = query.question[0].name
            if found := records.get(str(name)):
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "SRV", *found))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            listening.sendto(answer.to_wire(), client)

    thread = threading.Thread(target=serve)
    thread.start()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
    monkeypatch.setattr(dns.asyncresolver, "default_resolver", resolver)
    yield records
    listening.sendto(b"", listening.getsockname())
    thread.join()
    listening.close()


def by_name(**changed: str) -> tuple[InitialMember, ...]:
    own = ("http://127.0.0.1:2382",)
    fields = {"name": "b", "discovery_srv": "example.org"} | changed
    settings = Settings(initial_advertise_peer_urls=own, **fields)  # type: ignore[arg-type]
    return trio.run(srv.found_by_name, settings)


def test_members_stand_in_the_domain_name_system(name_server: dict[str, list[str]]):
    name_server["_etcd-server._tcp.example.org."] = [
        "0 0 2381 localhost.",
        "0 0 2382 localhost.",
        "0 0 2383 localhost.",
    ]
    assert set(by_name()) == {
        InitialMember("0", ("http://localhost:2381",)),
        InitialMember("b", ("http://localhost:2382",)),
        InitialMember("1", ("http://localhost:2383",)),
    }


def test_members_that_speak_tls_have_records_of_their_own(name_server: dict[str, list[str]]):
    name_server["_etcd-server-ssl._tcp.example.org."] = ["0 0 2382 localhost."]
    own = InitialMember("b", ("https://localhost:2382",))
    assert by_name() == (own,)
    name_server["_etcd-server._tcp.example.org."] = ["0 0 2381 localhost."]
    assert set(by_name()) == {own, InitialMember("0", ("http://localhost:2381",))}


def test_a_domain_may_have_several_clusters(name_server: dict[str, list[str]]):
    name_server["_etcd-server-x._tcp.example.org."] = ["0 0 2382 localhost."]
    assert by_name(discovery_srv_name="x") == (InitialMember("b", ("http://localhost:2382",)),)
    with pytest.raises(UserError, match=re.escape("_etcd-server._tcp.example.org has no records")):
        by_name()


def test_a_member_that_no_record_leads_to_is_refused(name_server: dict[str, list[str]]):
    name_server["_etcd-server._tcp.example.org."] = ["0 0 2381 localhost."]
    with pytest.raises(UserError, match="none of the 1 records"):
        by_name()


def test_a_host_without_an_address_is_refused(name_server: dict[str, list[str]]):
    name_server["_etcd-server._tcp.example.org."] = ["0 0 2381 nowhere.invalid."]
    with pytest.raises(UserError, match=re.escape("nowhere.invalid has no address")):
        by_name()
