"""The example of real use at a real etcd."""

from tests.examples.test_round_robin import Example


def test_no_client_sees_an_error_while_backends_come_and_go_at_a_real_etcd(folder, start_etcd):
    etcd = start_etcd(folder / "data")
    code, said, complained = Example("--against", etcd.url).ended()
    assert (code, complained) == (0, "")
    assert " 0 errors seen by the client;" in said.splitlines()[-1]
    assert etcd.get("/services/round-robin")["node"].get("nodes", []) == []
