"""What the tests against a real etcd share: it is always ended, and its 64 MB files are removed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.oracle.real_etcd import RealEtcd


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture
def start_etcd(folder: Path) -> Iterator[Callable[..., RealEtcd]]:
    started: list[RealEtcd] = []

    def start(data: Path, *options: str) -> RealEtcd:
        etcd = RealEtcd(data, *options)
        started.append(etcd)
        etcd.wait_until_it_serves()
        return etcd

    yield start
    for etcd in started:
        etcd.kill()
