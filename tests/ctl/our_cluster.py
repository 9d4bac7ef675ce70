"""A server of ours, as the recorded cases want it: n1, alone, with addresses that are known."""

from pathlib import Path

from tests.runtime.process import Process, free_port


class OurCluster:
    def __init__(self, folder: Path):
        peer = f"http://127.0.0.1:{free_port()}"
        self.folder = folder / "n1"
        self.server = Process(
            self.folder,
            "--name=n1",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=n1={peer}",
        )
        self.clients = [self.server.url]
        self.peers = [peer]

    def kill(self, member: int) -> None:
        raise AssertionError("there is one member only")
