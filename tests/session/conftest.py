"""Sessions to test with: small ones, and ones in which much has gone wrong."""

from collections.abc import Callable

import pytest

from learnetcd.errors import UserError
from learnetcd.raft.chance import draw
from learnetcd.session.session import Grain, Session

Play = Callable[[int, int], Session]


@pytest.fixture
def led() -> Session:
    """Three members; S1 leads term 1 and everybody knows."""
    session = Session.open()
    session.time_out(1)
    session.run_until("S1 leads")
    session.run_until("quiet")
    return session


@pytest.fixture
def play() -> Play:
    return random_session


ACTS = (
    lambda session, member: session.put(member, "x", str(session.view().step)),
    lambda session, member: session.put(member, "y"),
    lambda session, member: session.time_out(member),
    lambda session, member: session.crash(member),
    lambda session, member: session.restart(member),
    lambda session, member: session.cut(f"{member}|{member % 3 + 1}"),
    lambda session, member: session.cut(f"{member}>{member % 3 + 1}"),
    lambda session, member: session.heal(),
    lambda session, member: session.get(member, "x"),
    lambda session, member: session.set_timer(member, 1),
)


def random_session(seed: int, moves: int) -> Session:
    """Do as many things as chance says; what can't be done is left."""
    session = Session.open(seed=seed)
    for number in range(moves):
        act = draw(seed, 900, number, 3 * len(ACTS))
        if act < len(ACTS):
            try:
                ACTS[act](session, 1 + draw(seed, 901, number, 3))
            except UserError:
                continue
        else:
            session.forward(list(Grain)[act % 4])
    return session
