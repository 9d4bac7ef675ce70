"""What is seen, and what is heard instead."""

import pytest

from learnetcd.session.signs import aloud


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("S1 ◆ leader, term 1", "S1, leader, term 1"),
        ("log of S1: 1 x=1 t1 █ applied", "log of S1: 1 x=1 term 1, applied"),
        ("S1 → S2 append t2 after 3@2", "S1 to S2 append term 2 after entry 3 of term 2"),
        ("vote request t1 log ends 0@0", "vote request term 1 log ends nothing"),
        ("put at10=a@b", "put at10=a@b"),
    ],
)
def test_signs_and_short_forms_are_said_in_words(seen: str, said: str):
    assert aloud(seen) == said
