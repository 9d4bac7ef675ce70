"""Members of both kinds find each other by discovery, at a registry of either kind."""

import shutil

import pytest

from tests.conformance.clusters import Cluster
from tests.processes import OURS, REAL
from tests.runtime.forwarding import forwarding


@pytest.mark.parametrize("registry", [OURS, REAL], ids=["at ours", "at a real one"])
def test_real_ones_and_ours_find_each_other(tmp_path, registry):
    known = Cluster(tmp_path / "known", (registry,))
    cluster = Cluster(tmp_path / "cluster", ())
    try:
        known.wait_until_they_serve()
        known.put(1, "/registry/a/_config/size", "3")
        discovery = f"--discovery={known.clients[0]}/v2/keys/registry/a"
        for command in (REAL, OURS, REAL, OURS):
            cluster.add_place(tmp_path / "cluster", command)
        with forwarding() as proxy:
            cluster.start(3, discovery)
            for number in (1, 2):  # one of each kind
                cluster.start(number, discovery, f"--discovery-proxy=http://{proxy.address}")
            cluster.wait_until_they_serve()
        created = [one for one in proxy.asked if one.startswith("PUT ")]
        assert len(created) == 2, proxy.asked
        assert [member["name"] for member in sorted_by_name(cluster)] == ["n1", "n2", "n3"]
        cluster.put(2, "/x", "1")
        cluster.check_that_trees_are_equal()
        # Whoever comes too late is told so.
        late = cluster.start(4, discovery, "--discovery-fallback=exit")
        assert late.exit_code() == 1
        assert "is full: it has its 3 members" in late.said()
        del cluster.processes[4]
        # Once it began, nobody asks the registry any more.
        known.kill_all()
        cluster.kill(2)
        cluster.start(2, discovery).wait_until_it_serves()
    finally:
        known.kill_all()
        cluster.kill_all()
        shutil.rmtree(tmp_path)


def sorted_by_name(cluster):
    return sorted(cluster.members(2), key=lambda member: member["name"])
