"""All cases are played, and each under its own name."""

from tests.conformance.cases import PLAYED
from tests.conformance.servers import OPTIONS, PROXIES


def test_every_case_has_a_server_that_is_started_for_it():
    assert {case["server"] for case in PLAYED} <= {*OPTIONS}
    assert {*PROXIES} < {*OPTIONS}


def test_no_case_is_played_under_the_name_of_another():
    assert len({case["name"] for case in PLAYED}) == len(PLAYED)
