"""`conftest.py` turns skips into failures in CI: a check that checks must itself be checked."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SKIPPING_TESTS = """
    import pytest

    def test_that_runs():
        pass

    def test_that_skips_itself():
        pytest.skip("tmux is missing")

    @pytest.mark.skipif(True, reason="not on this system")
    def test_that_is_marked():
        pass

    @pytest.mark.xfail(reason="known")
    def test_that_is_expected_to_fail():
        assert False
"""

SKIPPING_FILE = """
    import pytest

    pytest.importorskip("a_module_that_nobody_has")

    def test_that_is_never_seen():
        pass
"""


@pytest.fixture(autouse=True)
def our_conftest(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))


def test_a_skip_fails_in_ci_and_so_does_a_file_that_skips_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(test_one=SKIPPING_TESTS, test_another=SKIPPING_FILE)
    result = pytester.runpytest_subprocess("--continue-on-collection-errors")
    # pytest calls what fails before its test begins an error.
    result.assert_outcomes(passed=1, failed=1, errors=2, xfailed=1)
    for skipped, reason in (("itself", "tmux is missing"), ("marked", "not on this system")):
        line = f"*test_that_*{skipped} was skipped, which CI does not allow*{reason}*"
        result.stdout.fnmatch_lines([line])
    result.stdout.fnmatch_lines(["*test_another.py was skipped, which CI does not allow*"])


def test_a_skip_is_only_a_skip_elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(SKIPPING_TESTS)
    pytester.runpytest_subprocess().assert_outcomes(passed=1, skipped=2, xfailed=1)
