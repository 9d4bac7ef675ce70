"""The search: one key for states that are alike, nothing lost by what is left out, bugs found."""

from dataclasses import replace
from pathlib import Path

import pytest

from learnetcd.checking import search as search_page
from learnetcd.checking.beginnings import beginnings, of_scene
from learnetcd.checking.moves import Bounds, moves
from learnetcd.checking.search import Search
from learnetcd.checking.shrinking import breaks, shrink, wishes_of
from learnetcd.checking.state_key import key_of
from learnetcd.cli import main
from learnetcd.invariants import Judge
from learnetcd.raft.twins import TWINS
from learnetcd.session.session import Session
from learnetcd.simulator.decisions import Campaign, Crash, Decision, Deliver, Restart, Sync, parse
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.share import code_of, read_code
from learnetcd.simulator.world import World

SOUND = Setup()
NO_BOUNDS = Bounds(0, 0, 0)


def world_after(*decisions: Decision, setup: Setup = SOUND) -> World:
    world = World(setup, judge=Judge())
    for decision in decisions:
        world.decide(decision)
    return world


def key(*decisions: Decision, symmetric: bool = True) -> int:
    return key_of(world_after(*decisions), NO_BOUNDS, {}, symmetric=symmetric)[0]


def searched(setup: Setup, transitions: int, bounds: Bounds | None, depth: int = 60) -> Search:
    one = Search(depth=depth)
    for _ in one.rounds(beginnings(setup), bounds, seed=1):
        if one.transitions > transitions:
            break
    return one


# -- keys ----------------------------------------------------------------------------------------


def test_who_is_called_what_does_not_matter():
    assert key(Campaign(1), Sync(1)) == key(Campaign(3), Sync(3))
    assert key(Campaign(1), symmetric=False) != key(Campaign(3), symmetric=False)


def test_what_is_durable_and_what_is_under_way_matters():
    different = [
        key(),
        key(Campaign(1)),
        key(Campaign(1), Sync(1)),
        key(Campaign(1), Sync(1), Deliver(1, 2, 1)),
        key(Campaign(1), Sync(1), Deliver(1, 2, 1), Sync(2)),
        key(Campaign(1), Crash(1)),
    ]
    assert len(set(different)) == len(different)


def test_the_order_of_things_at_different_members_does_not_matter():
    campaign, deliver, other = Campaign(1), Deliver(1, 2, 1), Deliver(1, 3, 1)
    sync = Sync(1)
    assert key(campaign, sync, deliver, other) == key(campaign, sync, other, deliver)


def test_a_lost_vote_is_not_taken_for_a_vote_never_given():
    """Only the judge remembers it."""
    setup = Setup(broken_rules=("sync-before-reply",))
    given = (Campaign(1), Deliver(1, 2, 1), Crash(2), Restart(2))
    keys = []
    for decisions in (given, (Campaign(1), Crash(2), Restart(2))):
        world = world_after(*decisions, setup=setup)
        world.network.packets.clear()
        keys.append(key_of(world, NO_BOUNDS, {}, symmetric=True)[0])
    assert keys[0] != keys[1]


# -- what is left out ----------------------------------------------------------------------------


def test_moves_that_commute_are_left_out_and_no_state_is_lost(monkeypatch: pytest.MonkeyPatch):
    bounds = Bounds(elections=2, writes=1, crashes=0)

    def keys_to_depth_6() -> tuple[set[int], int, int]:
        one = Search(depth=6)
        for _ in one.rounds(beginnings(Setup())[:2], bounds, seed=1):
            pass
        assert one.complete_to == 6
        return one.keys, one.transitions, one.left_out

    fewer_keys, fewer_transitions, left_out = keys_to_depth_6()
    monkeypatch.setattr(search_page, "who_moves", lambda decision: 0)
    all_keys, all_transitions, none_left_out = keys_to_depth_6()
    assert fewer_keys == all_keys
    assert left_out > 100 > none_left_out == 0
    assert fewer_transitions < all_transitions


def test_bounds_end_a_search():
    """One election in a cluster of one, and nothing else: there is an end."""
    one = Search(depth=50)
    only = beginnings(Setup(members=(1,)))[:1]
    for _ in one.rounds(only, Bounds(elections=1, writes=0, crashes=0), seed=1):
        pass
    assert one.complete_to == 50
    assert 3 <= len(one.keys) <= 6


def test_nothing_is_asked_of_members_who_do_not_lead():
    world, _ = beginnings(Setup())[1].reach()
    puts = [move for move in moves(world, Bounds(0, 1, 0)) if "put" in move.text()]
    assert [move.text().split()[1] for move in puts] == ["S1"]


# -- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bounds", [Bounds(), None], ids=["level by level", "by chance"])
def test_nothing_is_found_while_all_rules_are_on(bounds: Bounds | None):
    one = searched(Setup(), 1_500, bounds)
    assert one.found is None
    assert len(one.keys) > 500


@pytest.mark.parametrize(
    "twin", ["one-vote", "up-to-date", "vote-memory", "own-term", "sync-before-reply", "one-change"]
)
def test_what_a_broken_rule_breaks_is_found_and_shrunk(twin: str):
    setup = Setup(broken_rules=(twin,))
    found = searched(setup, 30_000, None).found
    assert found is not None
    broken = shrink(setup, found.decisions, found.violation.invariant)
    assert len(broken.decisions) <= (22 if twin in ("up-to-date", "own-term") else 20)
    wishes = wishes_of(setup, broken.decisions)
    assert breaks(replace(setup, broken_rules=()), wishes) is None
    for place in range(len(wishes)):
        rest = wishes[:place] + wishes[place + 1 :]
        assert breaks(setup, rest, found.violation.invariant) is None


def test_level_by_level_the_shortest_run_is_found_first():
    """Two stand in one term, and one votes for the other, besides for itself: three decisions."""
    setup = Setup(broken_rules=("one-vote",))
    one = Search(depth=10)
    for _ in one.rounds(beginnings(setup)[:1], Bounds(writes=0, crashes=0), seed=1):
        pass
    assert one.found is not None
    assert one.found.violation.invariant == "L5"
    assert len(one.found.decisions) == 3


def test_a_search_can_set_out_from_a_scene():
    world, decisions = of_scene("read-new-leader", ("own-entry-before-read",)).reach()
    assert not world.alive(1)
    assert decisions
    assert world.setup.broken_rules == ("own-entry-before-read",)


# -- share codes ---------------------------------------------------------------------------------


def test_a_share_code_is_the_run():
    setup = Setup(broken_rules=("own-term",), seed=5)
    decisions = [parse(line) for line in ("campaign S1", "sync S1", "deliver S1>S2 1")]
    code = code_of(setup, decisions)
    assert len(code) < 80
    found = read_code(code)
    assert (found.setup, list(found.decisions)) == (setup, decisions)


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-6], lambda c: c[:20] + "%" + c[21:], lambda c: "LE1-"]
)
def test_a_damaged_share_code_is_refused_by_a_sentence(damage, capsys: pytest.CaptureFixture[str]):
    code = code_of(Setup(), [parse("campaign S1"), parse("sync S1")])
    assert main(["replay", damage(code)]) == 2
    assert "share code is damaged" in capsys.readouterr().err


# -- the command ---------------------------------------------------------------------------------


def test_the_command_finds_tells_and_writes_a_recording_that_opens_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(["check", "search", "--broken", "vote-memory"]) == 0
    told = capsys.readouterr().out
    assert "was broken, by" in told
    assert "With the rule switched on, the same decisions break nothing." in told
    session = Session.load("search-vote-memory.recording")
    assert session.view().violated
    session.seek(session.view().length - 1)
    assert not session.view().violated
    code = next(word for word in told.split() if word.startswith("LE1-"))
    assert main(["replay", code]) == 0
    assert "Violated: steady vote" in capsys.readouterr().out


def test_a_rule_that_does_not_exist_is_answered_by_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "search", "--broken", "own-trem"]) == 2
    assert "Did you mean 'own-term'?" in capsys.readouterr().err


def test_what_is_not_found_in_time_is_a_failure(capsys: pytest.CaptureFixture[str]):
    """Not even the first of all decisions fits into so little time."""
    assert "read-quorum" in TWINS
    assert (
        main(["check", "search", "--broken", "read-quorum", "--depth", "1", "--minutes", "0.01"])
        == 1
    )
    assert "No run was found" in capsys.readouterr().out
