"""A cluster speaks what its oldest member can."""

import pytest

from learnetcd.member.version import is_spoken_here, version_to_write

NEW, OLD, VERY_OLD, SILENT = "3.4.23", "3.3.25", "2.3.8", ""


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ([NEW], "3.4.0"),
        ([NEW, NEW, NEW], "3.4.0"),
        ([NEW, OLD, NEW], "3.3.0"),
        ([NEW, OLD, VERY_OLD], "2.3.0"),
        ([NEW, "3.5.0-rc.1+git", "10.0.1"], "3.4.0"),  # no more than we can
        ([NEW, SILENT, OLD], "3.0.0"),
        ([NEW, "new", NEW], "3.0.0"),
    ],
)
def test_a_new_cluster_speaks_what_all_can_or_the_oldest_if_somebody_is_silent(told, version):
    assert version_to_write("", told) == version


@pytest.mark.parametrize(
    ("agreed", "told", "version"),
    [
        ("3.0.0", [NEW, SILENT], ""),
        ("3.0.0", [NEW, NEW], "3.4.0"),
        ("3.3.0", [NEW, NEW], "3.4.0"),
        ("3.3.0", [NEW, OLD], ""),
        ("3.4.0", [NEW, OLD], ""),  # it was spoken already, and is in the log
        ("3.4.0", [NEW, NEW], ""),
    ],
)
def test_a_version_rises_when_all_can_speak_it_and_never_falls(agreed, told, version):
    assert version_to_write(agreed, told) == version


@pytest.mark.parametrize(
    ("version", "may_join"),
    [("3.4.0", True), ("3.0.0", True), ("not_decided", True), ("3.5.0", False), ("2.3.0", False)],
)
def test_a_member_joins_no_cluster_whose_log_it_might_not_understand(version, may_join):
    """etcd: "incompatible with current running cluster"."""
    assert is_spoken_here(version) is may_join
