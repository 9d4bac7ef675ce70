"""Spans: each message has both its ends, and each member what became of it."""

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session


def election() -> Session:
    session = Session.open()
    session.time_out(1)
    session.run_until("quiet")
    return session


def test_a_message_is_followed_from_its_sender_to_its_end():
    span = election().span(1, 12)
    asked = span.messages[0]
    assert (asked.link, asked.label, asked.sent_step, asked.fate) == (
        (1, 2),
        "vote request",
        1,
        "delivered",
    )
    arrived = next(step for step in span.steps if step.step == asked.ended_step)
    assert (arrived.member, arrived.cause, arrived.at_ms) == (2, 1, asked.ended_ms)


def test_every_message_has_a_name_of_its_own(play):
    session = play(3, 120)
    span = session.span(1, session.view().length)
    names = [(one.link, one.number, one.copy_number) for one in span.messages]
    assert len(names) == len(set(names)) > 20


def test_what_is_on_its_way_at_both_ends_of_a_span_is_in_it():
    session = election()
    whole = session.span(1, session.view().length)
    late = next(one for one in whole.messages if one.ended_step - one.sent_step > 2)
    part = session.span(late.sent_step + 1, late.ended_step - 1)
    same = next(one for one in part.messages if (one.link, one.number) == (late.link, late.number))
    assert (same.sent_step, same.ended_step, same.fate) == (late.sent_step, 0, "on its way")


def test_a_message_is_lost_at_a_cut_and_at_a_dead_member():
    session = election()
    before = session.view().length
    session.cut("1|23")
    session.crash(3)
    session.put(1, "x", "1")
    session.advance(90)
    span = session.span(before + 1, session.view().length)
    assert {one.fate for one in span.messages if one.link[0] == 1} == {"lost"}
    assert [sign.text for sign in span.signs][:3] == ["cut 1|23", "crash", "c1 put x=1"]


def test_roles_commits_and_clients_leave_signs():
    session = election()
    session.put(1, "x", "1")
    session.run_until("quiet")
    signs = [(sign.member, sign.text) for sign in session.span(1, session.view().length).signs]
    wanted = [(1, "C t1"), (1, "L t1"), (1, "c1 put x=1"), (1, "commit 1"), (1, "c1 done")]
    assert [sign for sign in signs if sign in wanted] == wanted


def test_looking_at_a_span_moves_nobody():
    session = election()
    session.back(Grain.MESSAGE)
    step, digest = session.view().step, session.digest()
    session.span(1, session.view().length)
    assert (session.view().step, session.digest()) == (step, digest)


@pytest.mark.parametrize("ends", [(0, 3), (4, 3), (1, 999)])
def test_steps_that_are_not_there_are_refused(ends: tuple[int, int]):
    with pytest.raises(UserError, match=r"There are no steps \d+ to \d+: main has the steps 1 to"):
        election().span(*ends)


def test_a_run_without_a_step_has_no_span():
    with pytest.raises(UserError, match="Nothing has happened yet"):
        Session.open().span(1, 1)
