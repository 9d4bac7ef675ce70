"""A lent folder: who has it is killed, comes late, or is somebody else."""

import os
import subprocess
import sys
import tempfile

import pytest

from learnetcd.runtime.lent_folder import LentFolder

LEND_AND_WAIT = """
from learnetcd.runtime.lent_folder import LentFolder
lent = LentFolder()
(lent.path / "S1").mkdir()
print(lent.path, flush=True)
input()
lent.give_back()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def another(temporary):
    """Another process that has a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", LEND_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    process.folder = temporary / process.stdout.readline().strip()
    yield process
    process.kill()
    process.communicate()


def test_a_folder_that_is_given_back_is_gone(temporary):
    lent = LentFolder()
    (lent.path / "S1").mkdir()
    lent.give_back()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_process_that_was_killed_goes_with_the_next_who_comes(another):
    another.kill()
    another.wait()
    assert another.folder.exists()
    LentFolder().give_back()
    assert not another.folder.exists()


def test_the_folder_of_a_process_that_lives_stays(another):
    mine = LentFolder()
    assert (another.folder / "S1").exists()
    another.communicate("\n")
    assert not another.folder.exists()
    assert mine.path.exists()
    mine.give_back()


def test_what_only_looks_like_a_folder_of_ours_stays(temporary):
    not_locked_yet = temporary / "learnetcd-live-new"
    not_locked_yet.mkdir()
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    (temporary / "learnetcd-live-link").symlink_to(elsewhere)
    (temporary / "learnetcd-live-file").touch()
    before = sorted(temporary.rglob("*"))
    LentFolder().give_back()
    assert sorted(temporary.rglob("*")) == before


def test_a_folder_that_another_sweeps_away_before_it_is_locked_is_made_again(monkeypatch):
    made = []

    def swept(prefix):
        made.append(mkdtemp(prefix=prefix))
        if len(made) == 1:
            os.rmdir(made[0])
        return made[-1]

    mkdtemp = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", swept)
    lent = LentFolder()
    assert str(lent.path) == made[1]
    lent.give_back()
