"""What the tests against a real etcd share: it is always ended, and its 64 MB files are removed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import REAL, Process


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def start_etcd(folder: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(data: Path, *options: str) -> Process:
        etcd = Process(REAL, data, *options, name="n1")
        started.append(etcd)
        etcd.wait_until_it_serves()
        return etcd

    yield start
    for etcd in started:
        etcd.kill()
