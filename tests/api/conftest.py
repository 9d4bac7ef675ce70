"""What the tests of the interface share."""

import pytest

from tests.api.alone import Alone


@pytest.fixture
def alone() -> Alone:
    """A member that is the whole cluster, and leads it."""
    return Alone()
