"""The five classroom demos, key by key: what the lecturer presses and what the room sees.

keys      what follows must be on the screen; "..." stands for anything
"""

import re

import pytest

from learnetcd.session.session import Grain, Session, Subject
from tests.session.demos import (
    A_READ_THAT_ASKS_A_MAJORITY,
    A_TIME_OUT,
    A_WRITE_IS_ANSWERED,
    ETCD_3_3,
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


def test_demo_1_a_request_that_comes_too_late_changes_nothing():
    session = Session.open("first-leader")
    play(session, ".; .; .  || F t1 v2 c0 [] · L t1 v2 c0 [] · F t0 v. c0 []")
    session.deliver(next(packet for packet in session.view().packets if packet.link == (2, 3)))
    granted = ("S1 F t1 v2 c0 []", "S2 L t1 v2 c0 []", "S3 F t1 v2 c0 []")
    assert session.state_lines() == granted


def test_demo_2_two_candidates_and_a_third_member_who_decides():
    session = Session.open("split-2-of-3")
    play(
        session,
        """
        n       || C t1 v1 c0 [] · C t1 v2 c0 [] · F t0 v. c0 []
        n       || L t1 v1 c0 [] · C t1 v2 c0 [] · F t1 v1 c0 []
        n       || L t1 v1 c0 [] · F t1 v2 c0 [] · F t1 v1 c0 []
        z; z; z || F t0 v. c0 [] · F t0 v. c0 [] · F t0 v. c0 []
    """,
    )


def test_demo_2_a_split_vote_costs_time():
    session = Session.open("split")
    play(session, "n    || C t1 v1 c0 [] · C t1 v2 c0 [] · C t1 v3 c0 []")
    assert len(session.view().packets) == 6
    play(
        session,
        """
        space 1     || F t1 v1 c0 [] · F t1 v2 c0 [] · F t1 v3 c0 []
        n           || F t1 v1 c0 [] · F t1 v2 c0 [] · C t2 v3 c0 []
        n           || F t2 v3 c0 [] · F t2 v3 c0 [] · L t2 v3 c0 []
    """,
    )
    assert session.view().violated == ()
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
    demo.session.undo()
    why_not = demo.session.why_not(Subject.entry(1, 1))
    assert why_not.lines[-1][1] == "the next append or heartbeat of S2 carries commit 1"
    demo.session.redo()
    demo.play(NOBODY_NOTICES_ONE_MEMBER)
    demo.play(A_TIME_OUT)
    client = demo.client("put x=3 → S2")
    assert (client.outcome, client.truth) == ("unknown", "stored on 1 of 3, not committed")
    demo.play(IS_NOT_A_NO)
    client = demo.client("put x=3 → S2")
    assert (client.outcome, client.truth) == ("unknown", "committed at 3")


def test_demo_3_in_etcd_the_leader_steps_down_and_only_plain_reads_are_answered():
    demo = Simulated("one-write", profile="etcd-3.3")
    demo.play(
        """
        P 1 x=1; n; n; n        || ... x=1@1] · L t1 v2 c2 [(empty)@1 x=1@1] · ... x=1@1]
        K 3; P 2 x=2; n; n; n   || ... x=2@1] · L t1 v2 c3 [(empty)@1 x=1@1 x=2@1] · - ...
        K 1; P 2 x=3            || - ... · L t1 v2 c3 [(empty)@1 x=1@1 x=2@1 x=3@1] · - ...
        until S2 is follower    || - ... · F t1 v2 c3 [(empty)@1 x=1@1 x=2@1 x=3@1] · - ...
        G 2 x; G 2 x quorum; space 8
    """
    )
    plain, quorum = demo.client("get x → S2"), demo.client("get x (quorum) → S2")
    assert (plain.outcome, plain.result) == ("done", "2")
    assert (quorum.outcome, quorum.truth) == ("unknown", "in no log")
    assert demo.client("put x=3 → S2").outcome == "unknown"


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
    old = demo.session.why(Subject.client(int(reads[0].id)))
    assert [sentence for _, sentence, _ in old.lines[:3]] == [
        "answered from S1's own tree at store index 1",
        "S1 can't know whether it is behind",
        "all members are consistent, so read from any",
    ]
    demo.play(A_READ_THAT_ASKS_A_MAJORITY)
    assert demo.client("get x (quorum) → S1").outcome == "unknown"
    demo.play(HEAL)
    for asked in ("put x=A → S1", "get x (quorum) → S1"):
        client = demo.client(asked)
        assert (client.outcome, client.truth) == ("unknown", "overwritten")
    assert demo.session.view().violated == ()


def test_demo_4_what_will_be_removed_is_hatched_as_soon_as_the_leader_has_another_entry():
    demo = Simulated("cut-leader")
    demo.play(TWO_LEADERS)
    demo.play(A_READ_THAT_ASKS_A_MAJORITY)
    entries = demo.session.view().members[0].entries(1, 3)
    assert [entry.conflicts for entry in entries] == [False, True, True]
    demo.play("H; until S1 is follower")
    gone = demo.session.why_not(Subject.entry(1, 3)).lines
    assert gone[0][1] == ("entry 2 before it is another one at S2, who leads: both will be removed")


def test_demo_4_a_long_tail_needs_no_more_probes_than_a_short_one():
    demo = Simulated("cut-leader")
    demo.play("C 1|23; P 1 x=A; P 1 x=A; P 1 x=A; P 1 x=A; n; n; P 2 x=B; n; n")
    cut_off = demo.session.view().step
    demo.play("H; until all committed 2 || F t2 v. c2 [x=1@1 x=B@2] · ... c2 ... · ... c2 ...")
    story = demo.session.narration(cut_off, demo.session.view().step)
    sent = [one.text for one in story if one.text.startswith("S2 sends S1")]
    assert sent == ["S2 sends S1 entry 2, after entry 1 of term 1; commit index 2."]
    assert any(one.text.startswith("S1 removes entries 2 to 5:") for one in story)


def test_demo_4_in_etcd_the_leader_steps_down_by_itself_and_still_gives_the_old_answer():
    demo = Simulated("cut-leader", profile="etcd-3.3")
    demo.play(ETCD_3_3)
    reads = [demo.client(f"get x → S{member}") for member in (1, 2)]
    assert [client.result for client in reads] == ["1", "B"]
    assert demo.client("watch /x (recursive) → S1").outcome == "watching", "it was told nothing"
    demo.play("H; until S1 applied x=B; .")
    assert demo.client("watch /x (recursive) → S1").result == "set x=B"


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
    refused = session.why_not(Subject.vote(2, 3)).lines[0][1]
    assert refused.startswith("S3's log ends with 1@2, its own with 2@3")
    play(
        session,
        """
        T 2; n; n   || ... · L t5 v2 c2 [b@1 d@3] · F t5 v2 c2 [b@1 d@3]
        H; n; n     || F t5 v. c2 [b@1 d@3] · L t5 v2 c2 [b@1 d@3] · F t5 v2 c2 [b@1 d@3]
    """,
    )
    assert len(session.branches()) == 3
    assert session.view().violated == ()


def test_demo_5_in_etcd_a_new_term_begins_with_an_entry_of_its_own():
    session = Session.open("fig8", profile="etcd-3.3")
    play(session, "T 1; n; C 1|23; P 1 b; T 3; n; C 1|2|3; P 3 c; C 12|3; n; T 1; n; n")
    assert session.state_lines()[0] == "S1 L t3 v1 c3 [(empty)@1 b@1 (empty)@3]"


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
