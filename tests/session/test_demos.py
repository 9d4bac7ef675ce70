"""The five classroom demos, key by key: what the lecturer presses and what the room sees.

keys      what follows must be on the screen; "..." stands for anything
"""

import re

import pytest

from learnetcd.session.session import Grain, Session, Subject
from tests.session.demos import (
    A_TIME_OUT,
    A_WRITE_IS_ANSWERED,
    HEAL,
    IS_NOT_A_NO,
    NOBODY_NOTICES_ONE_MEMBER,
    TWO_LEADERS,
    Simulated,
)

KEYS = {
    ".": lambda session, words: session.forward(Grain.MESSAGE),
    "n": lambda session, words: session.forward(Grain.CHANGE),
    ",": lambda session, words: session.back(Grain.MESSAGE),
    "z": lambda session, words: session.undo(),
    "T": lambda session, words: session.time_out(int(words[0])),
    "K": lambda session, words: session.crash(int(words[0])),
    "U": lambda session, words: session.restart(int(words[0])),
    "C": lambda session, words: session.cut(words[0]),
    "H": lambda session, words: session.heal(),
    "P": lambda session, words: session.put(int(words[0]), *words[1].split("=")),
    "G": lambda session, words: session.get(int(words[0]), *words[1:]),
    "O": lambda session, words: session.set_rule(words[0], words[1] == "on"),
    "F": lambda session, words: session.set_profile(words[0]),
    "B": lambda session, words: session.switch(" ".join(words)),
    "space": lambda session, words: [session.advance(100) for _ in range(int(words[0]) * 10)],
}


def play(session: Session, script: str) -> None:
    """Press the keys of each line, and compare the state lines after the `|`."""
    for line in filter(None, map(str.strip, script.splitlines())):
        keys, _, expected = line.partition("|| ")
        for key in keys.split(";"):
            name, *words = key.split()
            KEYS[name](session, words)
        seen = " · ".join(state[3:] for state in session.state_lines())
        pattern = ".*".join(map(re.escape, expected.split("...")))
        assert not expected or re.fullmatch(pattern, seen), f"after {keys}\n{seen}\n{expected}"


def test_demo_1_a_majority_not_everybody():
    session = Session.open("first-leader")
    play(
        session,
        """
        .   || F t0 v. c0 [] · C t1 v2 c0 [] · F t0 v. c0 []
        .   || F t1 v2 c0 [] · C t1 v2 c0 [] · F t0 v. c0 []
        .   || F t1 v2 c0 [] · L t1 v2 c0 [] · F t0 v. c0 []
    """,
    )
    assert next(packet.text for packet in session.view().packets if packet.link == (2, 3)) == (
        "vote request t1 log ends 0@0"
    )
    elected = session.digest()
    play(
        session,
        """
        n       || F t1 v2 c0 [] · L t1 v2 c0 [] · F t1 v2 c0 []
        K 2     || F t1 v2 c0 [] · - t1 v2 c0 [] · F t1 v2 c0 []
        n; n    || L t2 v1 c0 [] · - t1 v2 c0 [] · F t2 v1 c0 []
        U 2     || L t2 v1 c0 [] · F t1 v2 c0 [] · F t2 v1 c0 []
        n       || L t2 v1 c0 [] · F t2 v. c0 [] · F t2 v1 c0 []
    """,
    )
    assert session.view().violated == ()
    while session.digest() != elected:
        session.back()
    assert session.why(Subject.role(2)).title == "S2 leads term 1."
    play(
        session,
        """
        F etcd-3.3; .; .; .     || F t1 v2 c0 [] · L t1 v2 c0 [(empty)@1] · F t0 v. c0 []
    """,
    )


def test_demo_2_a_split_vote_costs_time():
    session = Session.open("split")
    play(
        session,
        """
        n           || C t1 v1 c0 [] · C t1 v2 c0 [] · C t1 v3 c0 []
        n; n        || F t2 v3 c0 [] · F t2 v3 c0 [] · L t2 v3 c0 []
    """,
    )
    assert session.why_not(Subject.term(1)).title == (
        "Nobody led term 1: no candidate had 2 votes."
    )


def test_demo_2_a_forgotten_vote_costs_safety():
    session = Session.open("lost-vote")
    play(
        session,
        """
        T 1; .; .       || L t1 v1 c0 [] · F t1 v1 c0 [] · F t0 v. c0 []
        K 2; U 2        || L t1 v1 c0 [] · F t1 v1 c0 [] · F t0 v. c0 []
        T 3; .; .       || L t1 v1 c0 [] · F t1 v1 c0 [] · C t1 v3 c0 []
    """,
    )
    refused = session.why_not(Subject.vote(2, 3))
    assert refused.lines[0][1] == "it already voted for S1 in term 1"
    play(
        session,
        """
        z; z; z; z; z               || L t1 v1 c0 [] · F t1 v1 c0 [] · F t0 v. c0 []
        O vote-memory off; K 2; U 2 || ... · F t1 v. c0 [] · ...
        T 3; .; .                   || L t1 v1 c0 [] · ... · L t1 v3 c0 []
    """,
    )
    assert "election safety" in session.view().violated
    main, broken = session.branches()
    found = session.compare(main.name, broken.name)
    assert found.first_difference == broken.parts_at + 1


def test_demo_3_a_time_out_is_not_a_no():
    demo = Simulated("one-write")
    demo.play(A_WRITE_IS_ANSWERED)
    demo.play(NOBODY_NOTICES_ONE_MEMBER)
    demo.play(A_TIME_OUT)
    client = demo.client("put x=3 → S2")
    assert (client.outcome, client.truth) == ("unknown", "stored on 1 of 3, not committed")
    demo.play(IS_NOT_A_NO)
    client = demo.client("put x=3 → S2")
    assert (client.outcome, client.truth) == ("unknown", "committed at 3")


def test_demo_4_two_leaders_an_old_answer_and_the_repair():
    demo = Simulated("cut-leader")
    demo.play(TWO_LEADERS)
    reads = [demo.client(f"get x → S{member}") for member in (1, 2, 3)]
    assert [client.result for client in reads] == ["1", "B", "B"]
    assert [client.truth for client in reads] == [
        "old: c3 had put x=B before",
        "fresh",
        "fresh",
    ]
    demo.play(HEAL)
    assert demo.client("put x=A → S1").truth == "overwritten"
    assert demo.session.view().violated == ()


BEFORE_9 = """
    T 1; n              || L t1 v1 c0 [] · F t1 v1 c0 [] · F t1 v1 c0 []
    C 1|23; P 1 b       || L t1 v1 c0 [b@1] · ...
    T 3; n              || ... · F t2 v3 c0 [] · L t2 v3 c0 []
    C 1|2|3; P 3 c      || ... · ... · L t2 v3 c0 [c@2]
    C 12|3; n           || F t2 v. c0 [b@1] · F t2 v3 c0 [] · ...
    T 1; n              || L t3 v1 c0 [b@1] · F t3 v1 c0 [] · L t2 v3 c0 [c@2]
"""
OVERWRITE = """
    C 1|23; n           || ... · ... · F t3 v. c0 [c@2]
    T 3; n              || ... · F t4 v3 c0 [b@1] · L t4 v3 c0 [c@2]
    n                   || ... · F t4 v3 ... [c@2] · L t4 v3 ... [c@2]
"""


def test_demo_5_on_a_majority_and_yet_not_committed():
    session = Session.open("fig8")
    session.set_rule("own-term", False)
    play(session, BEFORE_9)
    step_9 = session.digest()
    play(session, "n    || L t3 v1 c1 [b@1] · F t3 v1 c0 [b@1] · L t2 v3 c0 [c@2]")
    assert session.view().clients[0].outcome == "done"
    play(session, OVERWRITE)
    play(session, "n    || ... · F t4 v3 ... [c@2] · L t4 v3 c1 [c@2]")
    assert "state machine safety" in session.view().violated
    while session.digest() != step_9:
        session.undo()
    play(session, "O own-term on; n  || L t3 v1 c0 [b@1] · F t3 v1 c0 [b@1] · ...")
    why_not = session.why_not(Subject.entry(1, 1))
    assert [sign for sign, _, _ in why_not.lines[:2]] == ["-", "+"]
    assert "the leader leads term 3" in why_not.lines[0][1]
    both_hold_b = session.view().step
    play(session, OVERWRITE)
    assert session.view().violated == ()
    assert session.view().clients[0].outcome != "done"
    session.seek(both_hold_b)
    play(
        session,
        """
        P 1 d; n        || L t3 v1 c2 [b@1 d@3] · ...
        n               || ... · F t3 v1 c2 [b@1 d@3] · ...
        C 1|23; n; T 3; n   || ... · F t4 v. c2 [b@1 d@3] · C t4 v3 c0 [c@2]
    """,
    )
    assert len(session.branches()) == 3
    assert session.view().violated == ()


@pytest.mark.parametrize(
    "keys", ["K 1", "C 1|2", "T 2", "n", ",", "P 1 x", "G 2 x", "H", "O own-term off"]
)
def test_after_a_wrong_key_one_undo_restores_the_line_above(keys: str):
    session = Session.open("cut-leader")
    session.forward()
    before = session.state_lines(), session.digest()
    play(session, keys)
    session.undo()
    assert (session.state_lines(), session.digest()) == before
