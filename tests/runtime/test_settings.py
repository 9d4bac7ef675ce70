from dataclasses import FrozenInstanceError

import pytest

from learnetcd.raft.config import PROFILES
from learnetcd.raft.rules import SOUND
from learnetcd.runtime.settings import Settings


def test_settings_stay_as_they_are_while_the_server_runs():
    with pytest.raises(FrozenInstanceError):
        Settings().name = "another"  # type: ignore[misc]


def test_no_profile_of_a_server_has_a_broken_rule():
    """A broken twin is for lessons: it must not guard anybody's data."""
    assert Settings().profile in PROFILES
    assert {config.rules for config in PROFILES.values()} == {SOUND}
