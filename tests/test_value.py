"""What `learnetcd.value` gives is what the standard library gives, but for the guard."""

import dataclasses
import subprocess
import sys

import pytest

from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    x: int
    y: int = 0


def test_equal_values_have_the_hash_of_frozen_ones():
    assert Point(1) == Point(1, 0) != Point(1, 2)
    assert hash(Point(1, 2)) == hash(Guarded(1, 2))


def test_it_looks_as_it_was_written_down():
    assert repr(Point(1, 2)) == repr(Guarded(1, 2)).replace("Guarded", "Point") == "Point(x=1, y=2)"


def test_a_field_or_a_class_may_hide_what_it_holds():
    @dataclass(slots=True)
    class Account:
        name: str
        password: str = dataclasses.field(repr=False)

    @dataclass(slots=True)
    class Number:
        value: int

        def __repr__(self) -> str:
            return str(self.value)

    shown = repr(Account("root", "secret"))
    assert shown.endswith("Account(name='root')")
    assert repr(Number(7)) == "7"


def test_a_value_can_be_replaced_and_matched():
    match dataclasses.replace(Point(1, 2), x=7):
        case Point(7, y):
            assert y == 2
        case other:
            pytest.fail(f"{other} is another one")


def test_a_class_without_equality_is_told_apart_by_identity():
    @dataclass(frozen=True, slots=True, eq=False)
    class Directory:
        children: list[int]

    one, other = Directory([]), Directory([])
    assert len({one, other}) == 2


def test_what_is_not_frozen_has_no_hash():
    @dataclass(slots=True)
    class Counter:
        count: int = 0

    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter())


def test_in_pythons_development_mode_a_value_is_guarded():
    program = "from learnetcd.store.node import Node; Node('/x', '1', 1, 1).value = '2'"
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=False
    )
    assert "FrozenInstanceError" in ended.stderr
