"""A folder of lessons as it begins."""

import shutil
from pathlib import Path

import pytest

from learnetcd_lessons import folder


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its questions are printed from runs, so it is made once; nobody writes into this one."""
    made = tmp_path_factory.mktemp("lessons")
    folder.start(made)
    return made


@pytest.fixture
def begun(pattern: Path, tmp_path: Path) -> Path:
    """One of the test's own."""
    return shutil.copytree(pattern, tmp_path / "raft")
