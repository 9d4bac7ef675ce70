"""Several real etcds, one cluster, as the recorded cases want it: n1, n2, n3."""

import time
from pathlib import Path

from tests.conformance.servers import free_ports, url_of
from tests.oracle.real_etcd import RealEtcd

CONNECTED_FOR_S = 6.0
"""etcd refuses changes of members before all have been connected for 5 s."""


class RealCluster:
    def __init__(self, folder: Path, size: int):
        ports = free_ports(2 * size)
        clients, peers = ports[:size], ports[size:]
        self.clients, self.peers = [list(map(url_of, some)) for some in (clients, peers)]
        named = ",".join(f"n{number}={peer}" for number, peer in enumerate(self.peers, 1))
        self.folder = folder / "n1"
        self.members = [
            RealEtcd(folder / f"n{number}", name=f"n{number}", ports=pair, cluster=named)
            for number, pair in enumerate(zip(clients, peers, strict=True), 1)
        ]

    def wait_until_they_serve(self) -> None:
        for member in self.members:
            member.wait_until_it_serves()
        if len(self.members) > 1:
            time.sleep(CONNECTED_FOR_S)

    def kill(self, member: int) -> None:
        self.members[member - 1].kill()

    def kill_all(self) -> None:
        for member in self.members:
            member.kill()
