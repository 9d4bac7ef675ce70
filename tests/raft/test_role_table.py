"""The table of role changes: what happens is in it, and what is in it happens."""

import re
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.raft import election
from learnetcd.raft.chance import draw
from learnetcd.raft.raft import Raft
from learnetcd.raft.roles import FIRST_ROLE, TRANSITIONS, Candidate, Follower, Leader, Role
from learnetcd.session.session import Grain, Session

ROLES: dict[str, Role] = {
    role.name: role for role in (Follower(), Candidate(pre_vote=True), Candidate(), Leader({}, 0))
}


class Member:
    """As much of a member as changes its role."""

    def __init__(self, role: Role) -> None:
        self.role = role


def test_a_member_starts_in_the_first_role():
    session = Session.open()
    assert {member.role for member in session.view().members} == {FIRST_ROLE}


@pytest.mark.parametrize("change", sorted(product(ROLES, ROLES)))
def test_a_change_is_made_exactly_if_the_table_has_it(change: tuple[str, str]):
    before, after = change
    member = Member(ROLES[before])
    if change in TRANSITIONS:
        election.enter_role(member, ROLES[after])  # type: ignore[arg-type]
        assert member.role is ROLES[after]
    else:
        with pytest.raises(AssertionError, match=f"no {before} becomes {after}"):
            election.enter_role(member, ROLES[after])  # type: ignore[arg-type]


def test_every_change_of_the_table_happens_in_some_run(monkeypatch: pytest.MonkeyPatch):
    happened: set[tuple[str, str]] = set()
    enter_role = election.enter_role

    def watched(raft: Raft, role: Role) -> None:
        happened.add((raft.role.name, role.name))
        enter_role(raft, role)

    monkeypatch.setattr(election, "enter_role", watched)
    for profile, seed in product(("paper", "etcd-3.5"), (1, 2, 3)):
        session = Session.open(profile=profile, seed=seed)
        for number in range(60):
            member = 1 + draw(seed, 900, number, 3)
            with suppress(UserError):
                match draw(seed, 901, number, 5):
                    case 0:
                        session.time_out(member)
                    case 1:
                        session.cut(f"{member}|{member % 3 + 1}")
                    case 2:
                        session.heal()
                    case _:
                        session.forward(Grain.CHANGE)
    assert happened == TRANSITIONS.keys()


def test_no_role_is_changed_past_the_table():
    pages = Path(election.__file__).parent.glob("*.py")
    changes = [
        (page.name, line.strip())
        for page in sorted(pages)
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.role(: Role)? = ", line)
    ]
    assert changes == [
        ("election.py", "raft.role = role"),
        ("raft.py", "self.role: Role = Follower()"),
        ("raft.py", "copy.role = self.role.fork()"),
    ]
