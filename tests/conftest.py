"""What holds for all tests: no skip passes unseen; chance is repeatable where nobody watches.

And what a unit test is: it lies in one of the folders of `UNITS`, is not marked `outside`, and so
may neither start a process nor use a socket. `make units` runs all of them, and nothing else.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path

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


# --- unit tests ---------------------------------------------------------------------------------

UNITS = {
    *("api", "disk", "figures", "invariants", "member", "paper", "peer", "raft", "scenarios"),
    *("session", "simulator", "store", "wire"),
    *("test_architecture.py", "test_differences.py", "test_units.py"),
}
"""The folders of unit tests, and pages beside them."""

WAYS_OUT = {
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"),
    *("socket.bind", "socket.connect", "socket.getaddrinfo"),
}
"""What Python tells its audit hooks before somebody does it."""

unit_that_runs = ""


def is_unit(item: pytest.Item) -> bool:
    """Whether a test must do without anything outside of its process."""
    place = item.path.relative_to(Path(__file__).parent).parts[0]
    return place in UNITS and item.get_closest_marker("outside") is None


def refuse_ways_out(event: str, arguments: tuple[object, ...]) -> None:
    """Stop a unit test that leaves its process."""
    if unit_that_runs and event in WAYS_OUT:
        raise AssertionError(f"{unit_that_runs} is a unit test and not marked `outside`: {event}")


sys.addaudithook(refuse_ways_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Watch each unit test, from its first fixture to its last."""
    global unit_that_runs
    unit_that_runs = item.nodeid if is_unit(item) else ""
    try:
        return (yield)
    finally:
        unit_that_runs = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let one ask for unit tests alone."""
    parser.addoption("--units", action="store_true", help="run the unit tests, and no others")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import the others."""
    is_at_the_top = collection_path.parent == Path(__file__).parent
    return (config.option.units and is_at_the_top and collection_path.name not in UNITS) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out those of the same folders that are marked."""
    if config.option.units:
        config.hook.pytest_deselected(items=[item for item in items if not is_unit(item)])
        items[:] = [item for item in items if is_unit(item)]
