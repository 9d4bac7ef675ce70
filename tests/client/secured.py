"""A member that lets in nobody without a certificate, and without a name and a password."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request

import pytest
import trio

from learnetcd import cli
from learnetcd.client import Client, Credentials, KeyMissing, NobodyAnswered, NotAllowed, Unknown
from tests.certificates import SecureCluster, pki

WITH_CERTIFICATE = {
    "ca_file": str(pki() / "ca.pem"),
    "cert_file": str(pki() / "client.pem"),
    "key_file": str(pki() / "client-key.pem"),
}


@contextmanager
def secured(program: Sequence[str], folder: Path) -> Iterator[str]:
    """The URL of one with the users root (rootpw) and kim (kimpw, who may do nothing)."""
    cluster = SecureCluster(folder, [program])
    try:
        cluster.wait_until_they_serve()
        for path, said in (
            ("users/root", {"user": "root", "password": "rootpw"}),
            ("users/kim", {"user": "kim", "password": "kimpw"}),
            ("enable", {}),
        ):
            body = json.dumps(said).encode()
            url = f"{cluster.clients[0]}/v2/auth/{path}"
            cluster.opener.open(Request(url, body, method="PUT"), timeout=20).close()
        yield cluster.clients[0]
    finally:
        cluster.end()


def who_knows_the_password_uses_it(url: str) -> None:
    async def main() -> None:
        root = Credentials(**WITH_CERTIFICATE, username="root", password="rootpw")
        async with Client([url], shown=root) as etcd:
            index = (await etcd.set("/x", "1")).etcd_index
            await etcd.set("/x", "2")
            with trio.fail_after(20):
                assert (await anext(etcd.watch("/x", after=index))).node.value == "2"
            with pytest.raises(KeyMissing):
                await etcd.get("/nothing")
        for name, password in (("root", "wrong"), ("kim", "kimpw"), ("nobody", "")):
            shown = Credentials(**WITH_CERTIFICATE, username=name, password=password)
            async with Client([url], shown=shown) as etcd:
                with pytest.raises(NotAllowed):
                    await etcd.set("/x", "3")

    trio.run(main)


def who_has_no_certificate_is_not_let_in(url: str) -> None:
    async def main() -> None:
        ca_file = WITH_CERTIFICATE["ca_file"]
        for shown in (
            Credentials(),
            Credentials(ca_file),
            Credentials(str(pki() / "other-ca.pem"), *list(WITH_CERTIFICATE.values())[1:]),
            Credentials(ca_file, str(pki() / "other.pem"), str(pki() / "other-key.pem")),
        ):
            async with Client([url], shown=shown) as etcd:
                with pytest.raises((NobodyAnswered, Unknown)):
                    await etcd.set("/x", "3")

    trio.run(main)


def a_demo_is_played_there(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [f"--{name.replace('_', '-')}={file}" for name, file in WITH_CERTIFICATE.items()]
    demo = ["demo", "discovery", "--against", url, *words]
    assert cli.main([*demo, "-u", "root:rootpw"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("KEPT: ")
    assert cli.main([*demo, "--username", "kim:kimpw"]) == 2
    assert "does not let us play: 110: The request requires" in capsys.readouterr().err
