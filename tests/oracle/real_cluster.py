"""Several real etcds, one cluster, as the recorded cases want it: n1, n2, n3."""

import time
from pathlib import Path

from tests.oracle.real_etcd import RealEtcd, free_urls

CONNECTED_FOR_S = 6.0
"""etcd refuses changes of members before all have been connected for 5 s."""


class RealCluster:
    def __init__(self, folder: Path, size: int):
        urls = [free_urls() for _ in range(size)]
        named = ",".join(f"n{number}={peer}" for number, (_, peer) in enumerate(urls, 1))
        self.clients = [client for client, _ in urls]
        self.peers = [peer for _, peer in urls]
        self.folder = folder / "n1"
        self.members = [
            RealEtcd(folder / f"n{number}", name=f"n{number}", urls=pair, cluster=named)
            for number, pair in enumerate(urls, 1)
        ]

    def wait_until_it_leads(self) -> None:
        for member in self.members:
            member.wait_until_it_leads()
        if len(self.members) > 1:
            time.sleep(CONNECTED_FOR_S)

    def kill(self, member: int) -> None:
        self.members[member - 1].kill()

    def kill_all(self) -> None:
        for member in self.members:
            member.kill()
