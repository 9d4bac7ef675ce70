"""What holds for all tests: no skip passes unseen; chance is repeatable where nobody watches."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI") == "true"

# No deadline: a busy machine is not a mistake in the code. Fewer examples than the usual 100 are
# enough here, for the next run tries others.
settings.register_profile("here", deadline=None, max_examples=40)
# The same examples in each run, so that a failure belongs to the change that is tested.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips itself fails in CI: what was not run was not shown to work."""
    report = yield
    is_expected_failure = hasattr(report, "wasxfail")
    if IN_CI and report.skipped and not is_expected_failure:
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself while it is imported."""
    report = yield
    if IN_CI and report.skipped:
        refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn the skip into a failure that tells its reason."""
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped, which CI does not allow: {report.longrepr}"
