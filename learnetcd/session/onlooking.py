"""An onlooker's session: what others run can be seen here, and nothing stands behind it.

    a session of ours       a world of decisions: step it, rewind it, ask it why
    an onlooker's           members as somebody showed them, and the sentences that came

So whatever needs a world says in one sentence why it can't be had. What is left is the same for all
views: members, a story, marks in it.

Next page: `retold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from learnetcd.errors import UserError
from learnetcd.session.hearsay import Hearsay
from learnetcd.session.history import History
from learnetcd.session.lock import RLock, locked
from learnetcd.session.session import Reached, Session
from learnetcd.session.views import (
    BranchView,
    ClientView,
    ClusterView,
    InvariantView,
    LandmarkView,
    MemberView,
    Narration,
    RuleView,
)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at once."""

    step: int
    """After this sentence of the story."""
    members: tuple[MemberView, ...]
    clients: tuple[ClientView, ...]


class Onlooker(Session):
    """What others run in the eyes of one reader."""

    can_not: str
    """Why a world is missing here, and what to do instead."""

    def __init__(self, story: Hearsay) -> None:
        """Begin with what was told so far."""
        # Not the constructor of `Session`: there is no history here that could be gone through.
        self.lock = RLock()
        self._story = story

    def _refuse(self) -> NoReturn:
        raise UserError(self.can_not)

    @property
    def _world(self) -> NoReturn:
        self._refuse()

    @property
    def _timeline(self) -> NoReturn:
        self._refuse()

    @property
    def _history(self) -> History:
        self._refuse()

    def _find_branch(self, name: str) -> tuple[int, int]:
        self._refuse()

    def undo(self) -> None:
        """No."""
        self._refuse()

    def redo(self) -> None:
        """No."""
        self._refuse()

    def run_until(self, condition_text: str, limit_ms: int = 60_000) -> Reached:
        """No condition is looked for."""
        self._refuse()

    @property
    def unsaved(self) -> bool:
        """Nothing here can be saved."""
        return False

    def _picture(self, look: Look, now_ms: int) -> ClusterView:
        """The cluster as it was seen then."""
        return ClusterView(
            scene="attached",
            profile="their own",
            seed=0,
            now_ms=now_ms,
            step=look.step,
            length=self._story.length,
            branch="now",
            members=look.members,
            packets=(),
            clients=look.clients,
            cuts=(),
            walls="",
            broken_rules=(),
            safe=0,
            invariants=0,
            violated=(),
            is_part=True,
        )

    @locked
    def narration(self, first_step: int, last_step: int) -> tuple[Narration, ...]:
        """What they told."""
        return self._story.between(first_step, last_step)

    @locked
    def landmarks(self) -> tuple[LandmarkView, ...]:
        """The sentences at which one would stop."""
        return self._story.landmarks()

    def invariants(self) -> tuple[InvariantView, ...]:
        """Nobody sees all of the cluster here, so nobody can judge it."""
        return ()

    def rules(self) -> tuple[RuleView, ...]:
        """No server runs with a broken one."""
        return ()

    def branches(self) -> tuple[BranchView, ...]:
        """There is one history."""
        return (BranchView("now", "", 0, self._story.length, current=True),)

    def script(self) -> tuple[str, ...]:
        """None."""
        return ()


def seen_line(member: MemberView) -> str:
    """A member in a line; of its log the end."""
    log = member.entries(member.last_index - 4, member.last_index)
    shown = f"[{' '.join(f'{entry.text}@{entry.term}' for entry in log)}]" if log else ""
    words = (member.name, member.role, f"t{member.term}", f"c{member.commit_index}")
    return f"{' '.join(words)} a{member.applied_index} {shown}".rstrip()
