"""The examples in the documentation of the public calls are true."""

import doctest

import pytest

from learnetcd.checking import events, history, linearizability


@pytest.mark.parametrize(("module", "examples"), [(linearizability, 9), (events, 5), (history, 9)])
def test_every_example_of_the_public_call_is_true(module, examples: int):
    result = doctest.testmod(module)
    assert (result.failed, result.attempted) == (0, examples)
