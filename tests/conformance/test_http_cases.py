"""Our server answers as the real etcd did, request by request, over real sockets.

The cases are played once, all together, because most of their time they wait; each test looks at
the outcome of one. `tests/oracle` plays the same cases on the real etcd.
"""

import pytest

from tests.conformance.cases import PLAYED, Case, asked_for, outcomes
from tests.processes import OURS


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    return outcomes(OURS, tmp_path_factory.mktemp("servers"), asked_for(request))


@pytest.mark.parametrize("case", PLAYED, ids=[case["name"] for case in PLAYED])
def test_our_server_answers_as_etcd_did(played: dict[str, str], case: Case):
    assert played[case["name"]] == ""
