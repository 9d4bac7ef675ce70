"""Servers of ours, as the recorded cases want them: n1, n2, n3, at addresses that are known."""

import time
from pathlib import Path

from tests.runtime.process import Process, free_port

CONNECTED_FOR_S = 6.0
"""As with etcd: changes of members are refused before all have been connected for 5 s."""


class OurCluster:
    def __init__(self, folder: Path, size: int = 1):
        self.peers = [f"http://127.0.0.1:{free_port()}" for _ in range(size)]
        named = ",".join(f"n{number}={peer}" for number, peer in enumerate(self.peers, 1))
        self.folder = folder / "n1"
        self.servers = [
            Process(
                folder / f"n{number}",
                f"--name=n{number}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster={named}",
            )
            for number, peer in enumerate(self.peers, 1)
        ]
        self.clients = [server.url for server in self.servers]

    def wait_until_ready(self) -> None:
        for server in self.servers:
            server.wait_until_ready()
        if len(self.servers) > 1:
            time.sleep(CONNECTED_FOR_S)

    def kill(self, member: int) -> None:
        self.servers[member - 1].end(9)

    def end(self) -> None:
        for server in self.servers:
            server.end()
