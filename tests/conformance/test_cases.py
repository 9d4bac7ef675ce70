"""Which cases are played: all but those that are named here."""

from tests.conformance.cases import ALL, LATER, PLAYED

BELONGS_TO_LATER_WORK = {
    "proxy": ["proxy-set-get", "proxy-members"],
    "proxyro": ["proxy-readonly"],
}
"""By server, as the cases call them: what those need is not there yet."""


def test_only_what_later_work_will_do_is_left_out():
    names: dict[str, list[str]] = {}
    for case in LATER:
        names.setdefault(case["server"], []).append(case["name"])
    assert names == BELONGS_TO_LATER_WORK


def test_no_case_is_played_under_the_name_of_another():
    assert len({case["name"] for case in ALL}) == len(ALL) == len(PLAYED) + len(LATER)
