"""Plans: what kind of trouble a run of chance is in for.

    plan_of(seed=41)             five members, small messages, crashes, slow disks; nothing else
    plan_of(seed=42)             three members, pre-vote, cuts and reads
    plan_of(42, "slow disk")     the same, but the disks are slow for sure

A run in which everything goes wrong at once finds little: nobody is elected for long enough to do
anything worth breaking. So each seed switches every *feature* on or off by its own chance. A bug
that needs slow disks and no crashes meets both in some of the runs. A *hint* is a feature that is
on in all of them: how a mutant says where it lives.

All times follow from one: the election timeout E. Trouble that comes once in 3 E lets a leader do
some work in between.

Source: "swarm testing" (Groce and others, 2012); FoundationDB's simulator for the kinds of faults.

Next page: `chaos`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from learnetcd.own.file import Own
from learnetcd.own.fitting import with_own
from learnetcd.raft.chance import draw
from learnetcd.simulator.setup import FILES, VALUES, Knob, Setup

Item = TypeVar("Item")

PLANNING, DISTURBING, FILING, KEYING = 901, 902, 903, 904
"""Where the draws begin; members, links and disks have lower numbers."""


class Chance:
    """A row of draws: the same ones for the same seed, on every machine."""

    __slots__ = ("_counter", "_kind", "_seed")

    def __init__(self, seed: int, kind: int) -> None:
        """Begin a row of its own for each kind."""
        self._seed = seed
        self._kind = kind
        self._counter = 0

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self._counter += 1
        return draw(self._seed, self._kind, self._counter, limit)

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, count: int) -> bool:
        """Yes, once in so many times."""
        return self.below(count) == 0

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them."""
        return items[self.below(len(items))]


@dataclass(slots=True)
class Plan:
    """What a run is made of, while features write it."""

    seed: int
    chance: Chance
    features: tuple[str, ...] = ()
    members: int = 3
    learners: int = 0
    profile: str = "etcd-3.3"
    election_ms: int = 200
    """The shortest election timeout, E: all else is measured by it."""
    knobs: dict[str, Knob] = field(default_factory=dict)
    network_ms: tuple[int, int] = (1, 20)
    disk_ms: tuple[int, int] = (1, 5)
    apply_ms: tuple[int, int] = (0, 5)
    weather: tuple[int, int, int] = (0, 0, 0)
    every: dict[str, int] = field(default_factory=dict)
    """How long it is, on average, from one trouble of a kind to the next, in milliseconds."""
    broken_rules: tuple[str, ...] = ()
    disks: str = VALUES
    """What disks keep: in one run of four bytes in files, of which a crash may tear some."""
    steps: int = 4_000
    """Decisions, before everything is healed."""
    own: Own | None = None
    """What somebody wrote in place of parts of all members."""

    def setup(self) -> Setup:
        """The cluster at the beginning."""
        tick_ms = self.election_ms // 10
        knobs: dict[str, Knob] = {
            "tick_ms": tick_ms,
            "heartbeat_ticks": 3,
            "request_timeout_ms": 10 * self.election_ms,
            **self.knobs,
        }
        everybody = tuple(range(1, self.members + self.learners + 1))
        setup = Setup(
            members=everybody[: self.members],
            learners=everybody[self.members :],
            seed=self.seed,
            profile=self.profile,
            knobs=tuple(sorted(knobs.items())),
            broken_rules=self.broken_rules,
            network_ms=self.network_ms,
            disk_ms=self.disk_ms,
            apply_ms=self.apply_ms,
            weather=self.weather,
            disks=self.disks,
        )
        return setup if self.own is None else with_own(setup, self.own)


def often(plan: Plan, kind: str, tenths_of_election: int) -> None:
    """Let a kind of trouble come once in so many tenths of an election timeout, or more often."""
    every = max(1, plan.election_ms * tenths_of_election // 10)
    plan.every[kind] = min(plan.every.get(kind, every), every)


# -- features ------------------------------------------------------------------------------------


def crashes(plan: Plan) -> None:
    """Members lose power, and come back."""
    often(plan, "crash", plan.chance.pick((20, 50, 100)))
    often(plan, "restart", plan.chance.pick((10, 20, 40)))


def cuts(plan: Plan) -> None:
    """Links are cut, both ways or one way."""
    often(plan, "cut", plan.chance.pick((30, 60, 100)))
    often(plan, "heal", plan.chance.pick((30, 60)))


def elections(plan: Plan) -> None:
    """Leaders change all the time."""
    often(plan, "campaign", plan.chance.pick((10, 30)))
    often(plan, "cut leader", plan.chance.pick((20, 40)))
    often(plan, "heal", 30)
    plan.weather = (plan.chance.pick((0, 50, 100)), *plan.weather[1:])


def loss(plan: Plan) -> None:
    """Messages are lost."""
    plan.weather = (plan.chance.pick((10, 50, 150)), *plan.weather[1:])


def duplicates(plan: Plan) -> None:
    """Messages arrive twice."""
    plan.members = max(plan.members, plan.chance.pick((3, 5)))
    plan.weather = (plan.weather[0], plan.chance.pick((100, 300)), plan.weather[2])
    often(plan, "campaign", 20)


def overtaking(plan: Plan) -> None:
    """Messages overtake one another, some by far."""
    plan.weather = (*plan.weather[:2], plan.chance.pick((50, 200, 400)))
    often(plan, "hold", 5)
    often(plan, "release", 10)


def small_messages(plan: Plan) -> None:
    """One entry in each message, and short windows: long tails take many messages to repair."""
    plan.knobs["max_append_bytes"] = 0
    plan.knobs["max_inflight_appends"] = plan.chance.pick((1, 2, 8))
    often(plan, "put", 1)
    often(plan, "cut leader", 30)
    often(plan, "heal", 30)


def slow_disk(plan: Plan) -> None:
    """Disks that are slower than elections."""
    plan.disk_ms = (1, plan.election_ms * plan.chance.pick((1, 3, 6)))
    often(plan, "slow", 30)
    often(plan, "campaign", 10)


def slow_apply(plan: Plan) -> None:
    """Stores that lag behind, also behind elections; members change meanwhile."""
    plan.apply_ms = (1, plan.election_ms * plan.chance.pick((1, 4, 8)))
    plan.members = plan.chance.pick((2, 3, 4))
    often(plan, "campaign", plan.chance.pick((5, 20)))
    often(plan, "lag", 20)
    often(plan, "cut", 30)
    often(plan, "heal", 30)
    members(plan)


def snapshots(plan: Plan) -> None:
    """Logs are cut short, so that whoever was away needs a snapshot."""
    plan.knobs["snapshot_entries"] = plan.chance.pick((3, 10))
    plan.knobs["keep_entries"] = plan.chance.pick((0, 1, 5))
    plan.weather = (*plan.weather[:2], plan.chance.pick((0, 300)))
    often(plan, "hold", 5)
    often(plan, "release", 10)
    often(plan, "cut", 30)
    often(plan, "heal", 30)
    often(plan, "put", 1)


def members(plan: Plan) -> None:
    """Members come, go, are promoted and demoted, one by one or jointly."""
    plan.learners = max(plan.learners, plan.chance.pick((0, 1)))
    often(plan, "change", plan.chance.pick((5, 20)))
    often(plan, "start", 10)


def even(plan: Plan) -> None:
    """An even number of voters."""
    plan.members = plan.chance.pick((2, 4))
    often(plan, "cut", 40)
    often(plan, "heal", 40)


def reads(plan: Plan) -> None:
    """Many reads by the read index, at whoever believes to lead, also long after it was deposed."""
    plan.profile = plan.chance.pick(("paper", "etcd-3.3"))
    often(plan, "read", 1)
    often(plan, "put", 2)
    often(plan, "cut leader", 40)
    often(plan, "heal", 40)


def transfers(plan: Plan) -> None:
    """Leadership is handed over, and leaders are forgotten."""
    often(plan, "transfer", plan.chance.pick((20, 50)))
    often(plan, "forget", 50)


def clocks(plan: Plan) -> None:
    """Clocks run fast or slow; processes stop for a while."""
    often(plan, "skew", 50)
    often(plan, "pause", 40)
    often(plan, "resume", 20)


def leaps(plan: Plan) -> None:
    """Something happens long before all that was due before it."""
    often(plan, "leap", plan.chance.pick((5, 20)))
    often(plan, "unreachable", 30)


def pre_vote(plan: Plan) -> None:
    """Members that first ask whether they could win."""
    plan.profile = "etcd-3.5"
    cuts(plan)


def upgrades(plan: Plan) -> None:
    """A rolling upgrade to pre-vote, now and then back: members that do, and that don't yet."""
    plan.profile = "etcd-3.3"
    plan.members = min(plan.members, plan.chance.pick((2, 3, 5)))
    often(plan, "upgrade", 20)
    often(plan, "cut", 20)
    often(plan, "heal", 40)
    crashes(plan)


def check_quorum(plan: Plan) -> None:
    """Leaders that count who answers."""
    plan.profile = plan.chance.pick(("etcd-3.3", "etcd-3.5"))
    elections(plan)
    cuts(plan)


FEATURES: dict[str, Callable[[Plan], None]] = {
    "crashes": crashes,
    "cuts": cuts,
    "elections": elections,
    "loss": loss,
    "duplicates": duplicates,
    "overtaking": overtaking,
    "small messages": small_messages,
    "slow disk": slow_disk,
    "slow apply": slow_apply,
    "snapshots": snapshots,
    "members": members,
    "even": even,
    "reads": reads,
    "transfers": transfers,
    "clocks": clocks,
    "leaps": leaps,
    "pre-vote": pre_vote,
    "upgrades": upgrades,
    "check-quorum": check_quorum,
}
"""What may go wrong, by the names of hints."""

CRASHING = (FILES, "crashes")
"""A run that shall be on files shall also crash: else nobody ever reads them."""

KEYS = "keys"
"""The hint for runs in which clients use all that the v2 interface has."""

HINTS = ("any", "healthy", FILES, KEYS, *FEATURES)
"""What a mutant may ask for."""


def plan_of(seed: int, hint: str = "any", *, broken_rules: tuple[str, ...] = ()) -> Plan:
    """Draw a plan."""
    chance = Chance(seed, PLANNING)
    plan = Plan(seed, chance, broken_rules=broken_rules)
    plan.members = chance.pick((1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7))
    # Drawn apart: on files or on values, what is to happen stays the same until a crash tears.
    on_files = hint == FILES or Chance(seed, FILING).one_in(4)
    plan.disks = FILES if on_files else VALUES
    plan.profile = chance.pick(("paper", "etcd-3.3", "etcd-3.5"))
    plan.election_ms = chance.pick((100, 200, 500))
    often(plan, "put", chance.pick((1, 3, 10)))
    often(plan, "read", 20)
    if hint == "healthy" or (hint == "any" and chance.one_in(20)):
        return replace(plan, features=("healthy",), members=chance.pick((1, 3, 5)))
    plan.features = tuple(
        # each is drawn, wanted or not: a hint leaves all other draws as they were
        [name for name in FEATURES if chance.one_in(4) or name == hint or (hint, name) == CRASHING]
    ) or ("cuts",)
    for name in plan.features:
        FEATURES[name](plan)
    plan.learners = min(plan.learners, 7 - plan.members)
    # Drawn apart, too: the trouble is the same with more demanding clients.
    if hint == KEYS or Chance(seed, KEYING).one_in(3):
        keys(plan)
    return plan


def keys(plan: Plan) -> None:
    """Clients do not only put, get and delete: times to live, conditions, directories, watches."""
    plan.features += (KEYS,)
    often(plan, "lease", 10)
    often(plan, "write", 5)
    often(plan, "watch", 10)
    often(plan, "cancel", 50)
