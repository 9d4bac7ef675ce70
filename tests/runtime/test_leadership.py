"""Whoever reads the journal knows who leads, as far as this member knows."""

from types import SimpleNamespace

import pytest
import trio

from learnetcd.raft.entry import NO_MEMBER
from learnetcd.runtime import journal, leadership


class Ended(Exception):
    """There is nothing more to wait for."""


class Driver:
    """Waits as a driver does, for a member that sees one (leader, term) after the other."""

    def __init__(self, *seen: tuple[int, int]) -> None:
        self.seen = list(seen)
        self.member = SimpleNamespace(raft=SimpleNamespace(leader=NO_MEMBER, term=0))

    async def until(self, condition) -> None:
        await trio.lowlevel.checkpoint()
        while not condition(self.member):
            if not self.seen:
                raise Ended
            self.member.raft.leader, self.member.raft.term = self.seen.pop(0)


def told(monkeypatch: pytest.MonkeyPatch, *seen: tuple[int, int]) -> list[str]:
    lines: list[str] = []

    def write(message: str, *, leader: str, term: int) -> None:
        lines.append(f"{message}: {leader}, {term}")

    monkeypatch.setattr(journal, "say", write)
    with pytest.raises(Ended):
        trio.run(leadership.tell, Driver(*seen))
    return lines


def test_each_change_of_the_leader_is_one_line(monkeypatch: pytest.MonkeyPatch):
    assert told(monkeypatch, (0xA, 2), (NO_MEMBER, 3), (0xB, 3), (0xC, 5)) == [
        "elected a leader: a, 2",
        "lost the leader: a, 3",
        "elected a leader: b, 3",
        "changed the leader: c, 5",
    ]


def test_a_term_without_a_change_is_no_news(monkeypatch: pytest.MonkeyPatch):
    assert told(monkeypatch, (0xA, 2), (0xA, 3), (0xA, 4)) == ["elected a leader: a, 2"]
