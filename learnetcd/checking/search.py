r"""The search: not runs of chance, but all runs there are, within bounds, of the code that serves.

                    nothing yet
              /         |         \
       campaign S1  campaign S2  campaign S3      one state: who is called what does not matter
          /    \
      sync S1   crash S1                           level by level (*breadth first*)
       /    \
      ...   deliver S1>S2 1  ...

A member is one function, and a world is forked for next to nothing. So the code itself can be the
model: from a state, each move (`moves`) is made on a fork of its own; a state whose key
(`state_key`) was seen is left alone; the judge looks at every step. What is found first has the
fewest steps.

Levels grow by a factor of two or three. Up to `WIDTH` states a level is looked at wholly; of a
wider one that many are chosen by chance, and from there on the search is no proof any more. It says
up to where it was one. The second way to go deep is `wander`: one run after the other, each move
chosen by chance, each run with bounds of its own, as the plans of the swarm have features.

**Moves that commute.** A message reaches S2, and the disk of S3 finishes: in either order, the same
state comes of it.

         s --- sync S3 ---> s'          The move from s'' is left out: it leads where the one
         |                   |          from s' leads. Moves have an order (`rank`), and only
      deliver             deliver       the greater may follow a smaller one of another member
         v                   v          that could have gone first.
         s'' -- sync S3 ---> t

It must not matter to the judge either, so both must be *quiet*: the memory of the judge is the same
after them. And no state is lost: whoever goes by this rule from one edge into t to the next meets
ever greater last moves; so the chain ends, at an edge that is not left out.

Left out: liveness. That nothing happens any more is no violation of any invariant.

Source: explicit-state model checking (Spin, TLC, Stateright); partial orders, Godefroid (1996).

Next page: `shrinking`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from learnetcd.checking.beginnings import Beginning
from learnetcd.checking.moves import Bounds, kind_of, moves
from learnetcd.checking.plans import Chance
from learnetcd.checking.state_key import Key, Known, common_ghosts, key_of, names_members
from learnetcd.invariants.invariant import Violation
from learnetcd.simulator.decisions import ApplyCommitted, Decision, Deliver, Sync
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import Impossible, World

WIDTH = 1_500
"""So many worlds of a level are kept: more would not fit into a small machine's memory."""

MOST_KEYS = 2_000_000
"""So many states are remembered, in about 150 MB. Who forgets all looks at some states twice."""

WANDERING = 1_000
"""Where the draws begin, one row for each beginning."""

ENDED = object()


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a state, shared by all that go on from it."""

    before: Path | None
    decision: Decision

    def decisions(self) -> list[Decision]:
        """From the beginning of the search on."""
        found: list[Decision] = []
        path: Path | None = self
        while path is not None:
            found.append(path.decision)
            path = path.before
        return found[::-1]


@dataclass(frozen=True, slots=True)
class State:
    """A state that the search goes on from."""

    world: World
    bounds: Bounds
    path: Path | None
    known: Known
    symmetric: bool
    """Whether it does not matter who is called what."""
    left_out: frozenset[Decision] = frozenset()
    """Moves that lead where others lead."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run that breaks a rule."""

    setup: Setup
    decisions: tuple[Decision, ...]
    violation: Violation


def let_garbage_wait() -> None:
    """Let Python look for garbage less often: for a process that does nothing but search.

    It looks through all that lives, and here thousands of worlds live: that took a third of the
    time. What waits meanwhile takes some ten megabytes.
    """
    gc.set_threshold(100_000, 50, 50)


class Search:
    """What was seen so far, from all beginnings."""

    def __init__(self, *, depth: int) -> None:
        """Nothing was seen yet."""
        self.depth = depth
        """So many decisions after its beginning a run ends."""
        self.keys: set[Key] = set()
        self.transitions = 0
        self.left_out = 0
        """Moves that were not made, because they commute with others."""
        self._complete: dict[str, int] = {}
        self.found: Found | None = None

    @property
    def complete_to(self) -> int:
        """Up to this depth every state within the bounds was seen, from each beginning."""
        return min(self._complete.values(), default=0)

    def rounds(
        self, beginnings: Sequence[Beginning], bounds: Bounds | None, seed: int
    ) -> Iterator[None]:
        """Search from several beginnings in turn: within bounds, level by level, or by chance.

        They don't meet: who sets out further on has as many elections left, and a higher term.
        """
        turns = []
        for number, beginning in enumerate(beginnings):
            chance = Chance(seed, WANDERING + number)
            if bounds is None:
                turns.append(self.wander(beginning, chance))
            else:
                turns.append(self.spread(beginning, bounds, chance))
        while turns:
            for turn in list(turns):
                if next(turn, ENDED) is ENDED:
                    turns.remove(turn)
                if self.found:
                    return
                yield

    # -- level by level ---------------------------------------------------------------------------

    def spread(self, beginning: Beginning, bounds: Bounds, chance: Chance) -> Iterator[None]:
        """Look at everything, level by level; a pause after each state, to ask for the time."""
        world, before = beginning.reach()
        if self._is_broken(world, before):
            return
        symmetric = not (bounds.changes or names_members(world))
        key, known = key_of(world, bounds, {}, symmetric=symmetric)
        self._see(key)
        self._complete[beginning.name] = 0
        level = [State(world, bounds, None, known, symmetric)]
        is_whole = True
        for depth in range(1, self.depth + 1):
            following: list[State] = []
            arrived = 0
            for state in level:
                for child in self._children(state, before):
                    arrived += 1
                    if len(following) < WIDTH:
                        following.append(child)
                    elif (place := chance.below(arrived)) < WIDTH:  # all have the same chance
                        following[place] = child
                if self.found is not None:
                    return
                yield
            if is_whole:
                self._complete[beginning.name] = depth
            is_whole = is_whole and arrived <= WIDTH
            level = following

    def _children(self, state: State, before: list[Decision]) -> Iterator[State]:
        """The states after this one that were not seen yet."""
        quiet: list[tuple[Decision, int, Rank]] = []
        for decision in sorted(
            moves(state.world, state.bounds), key=lambda d: rank(state.world, d)
        ):
            if decision in state.left_out:
                self.left_out += 1
                continue
            world = state.world.fork()
            if not self._moved(world, decision):
                continue
            path = Path(state.path, decision)
            if self._is_broken(world, before, path):
                return
            bounds = state.bounds.after(decision)
            key, known = key_of(world, bounds, state.known, symmetric=state.symmetric)
            mover, its_rank = who_moves(decision), rank(state.world, decision)
            left_out: frozenset[Decision] = frozenset()
            if mover and common_ghosts(world.judge) == common_ghosts(state.world.judge):
                left_out = frozenset(d for d, who, r in quiet if who != mover and r < its_rank)
                quiet.append((decision, mover, its_rank))
            if self._see(key):
                yield State(world, bounds, path, known, state.symmetric, left_out)

    # -- by chance --------------------------------------------------------------------------------

    def wander(self, beginning: Beginning, chance: Chance) -> Iterator[None]:
        """One run after the other, each move by chance; a pause after each run."""
        start, before = beginning.reach()
        if self._is_broken(start, before):
            return
        while self.found is None:
            world, bounds = start.fork(), drawn(chance)
            deaf = chance.pick((0, *world.member_ids))  # nothing reaches it; 0: all is well
            path: Path | None = None
            known: Known = {}
            for _ in range(self.depth):
                possible = [m for m in moves(world, bounds) if not deaf or receiver_of(m) != deaf]
                if not possible:
                    break
                decision = chosen(possible, chance)
                if not self._moved(world, decision):
                    continue
                path = Path(path, decision)
                bounds = bounds.after(decision)
                if self._is_broken(world, before, path):
                    return
                key, known = key_of(world, bounds, known, symmetric=False)
                self._see(key)
            yield

    # -- both -------------------------------------------------------------------------------------

    def _moved(self, world: World, decision: Decision) -> bool:
        """Make a move, if it can be made."""
        try:
            world.decide(decision)
        except Impossible:
            return False
        self.transitions += 1
        return True

    def _see(self, key: Key) -> bool:
        """Whether this state is new."""
        if key in self.keys:
            return False
        if len(self.keys) >= MOST_KEYS:
            self.keys.clear()
        self.keys.add(key)
        return True

    def _is_broken(self, world: World, before: list[Decision], path: Path | None = None) -> bool:
        """Whether a rule was broken on the way here; then the search is over."""
        assert world.judge is not None, "a search is judged"
        if not world.judge.violations:
            return False
        decisions = (*before, *(path.decisions() if path is not None else ()))
        self.found = Found(world.setup, decisions, world.judge.violations[0])
        return True


# -- the order of moves --------------------------------------------------------------------------

Rank = tuple[int, str, int]


def rank(world: World, decision: Decision) -> Rank:
    """The place of a move in an order that no names of members go into."""
    match decision:
        case Sync():
            return (0, "", 0)
        case ApplyCommitted():
            return (1, "", 0)
        case Deliver(sender, receiver, number, copy):
            message = world.network.packets[sender, receiver, number, copy].message
            return (2, type(message).__name__, message.term)
        case _:
            return (3, type(decision).__name__, 0)


def who_moves(decision: Decision) -> int:
    """The one member that a move concerns; 0 for moves that concern more than that."""
    match decision:
        case Sync(member) | ApplyCommitted(member):
            return member
        case Deliver(receiver=receiver):
            return receiver
        case _:
            return 0


def receiver_of(decision: Decision) -> int:
    """Whom a message reaches; 0 for other moves."""
    return decision.receiver if isinstance(decision, Deliver) else 0


# -- chance --------------------------------------------------------------------------------------


def chosen(possible: list[Decision], chance: Chance) -> Decision:
    """Go on with what is under way, most of the time."""
    flowing = [decision for decision in possible if not kind_of(decision)]
    others = [decision for decision in possible if kind_of(decision)]
    if not others or (flowing and not chance.one_in(4)):
        return chance.pick(flowing)
    return chance.pick(others)


MOST = Bounds(
    elections=3,
    writes=3,
    crashes=2,
    reads=2,
    changes=2,
    heartbeats=2,
    duplicates=2,
    losses=1,
    clocks=1,
)
"""What a run of chance may have at most."""


def drawn(chance: Chance) -> Bounds:
    """Bounds of one run: much of this and nothing of that, by chance."""
    names = [field.name for field in fields(Bounds)]
    return Bounds(**{name: chance.below(getattr(MOST, name) + 1) for name in names})
