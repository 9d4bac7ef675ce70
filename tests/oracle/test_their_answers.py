"""The real etcd answers as it is recorded: so the cases can be trusted, and whoever plays them."""

import pytest

from tests.conformance.cases import PLAYED, Case, asked_for, outcomes
from tests.processes import REAL


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    return outcomes(REAL, tmp_path_factory.mktemp("servers"), asked_for(request))


@pytest.mark.parametrize("case", PLAYED, ids=[case["name"] for case in PLAYED])
def test_the_real_etcd_answers_as_recorded(played: dict[str, str], case: Case):
    assert played[case["name"]] == ""
