"""What learnetcd tells of a real etcd, which tells nothing by itself."""

from collections.abc import Callable
from pathlib import Path

from tests.ctl.running import run
from tests.processes import Process


def test_a_write_to_etcd_is_explained_by_headers_and_watches(
    folder: Path, start_etcd: Callable[..., Process]
):
    url = start_etcd(folder / "etcd").url
    ended = run("--endpoints", url, "--no-sync", "--explain", "set", "/told", "v")
    assert (ended.code, ended.out) == (0, "v\n")
    assert "It leads, in term" in ended.err
    assert ended.err.endswith("or a directory above it, was told: set.\n")
