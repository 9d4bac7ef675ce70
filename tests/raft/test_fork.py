"""A fork of a core is the same core, and what happens to one does not happen to the other."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from learnetcd.raft import Raft, Work
from learnetcd.raft.messages import HeartbeatReply, RequestVoteReply
from learnetcd.tracing import TraceEvent, discard
from tests.raft.network import (
    ETCD,
    Host,
    Network,
    accepts,
    add,
    append,
    ask_vote,
    begin,
    install,
)

SCRIPT = [
    lambda raft: raft.tick(),
    lambda raft: raft.campaign(),
    lambda raft: raft.step(RequestVoteReply(2, 1, raft.term, True)),
    lambda raft: raft.step(append((0, 0), 1, 1, term=max(1, raft.term))),
    lambda raft: raft.step(append((0, 0), raft.term + 1, commit=1)),
    lambda raft: raft.step(ask_vote(raft.term + 1, (9, raft.term))),
    lambda raft: raft.step(install(raft.log.last_index + 2, raft.term, term=raft.term + 1)),
    lambda raft: raft.step(accepts(2, 1, raft.term, raft.log.last_index)),
    lambda raft: raft.step(HeartbeatReply(3, 1, raft.term, 1)),
    lambda raft: raft.leader and raft.propose(b"x"),
    lambda raft: raft.leader and raft.propose(add(4)),
    lambda raft: raft.read(1),
    lambda raft: raft.transfer(2),
    lambda raft: raft.saved(raft.last_batch),
    lambda raft: raft.applied(raft.log.applying_index),
    lambda raft: raft.unreachable(2),
]


def picture(raft: Raft) -> str:
    """Everything that a core holds, as text."""

    def show(value: object) -> str:
        if isinstance(value, (int, str, bytes, float, type(None))):
            return repr(value)
        if isinstance(value, dict):
            return str({k: show(v) for k, v in value.items()})
        if isinstance(value, (list, tuple)) or hasattr(value, "popleft"):
            return str([show(v) for v in value])
        if hasattr(value, "_tail"):  # chunks
            return str([show(v) for v in value])
        slots = [s for c in type(value).__mro__ for s in getattr(c, "__slots__", ())]
        slots = [s for s in slots if s not in ("tracer", "rules", "__weakref__")]
        return f"{type(value).__name__}({[(s, show(getattr(value, s))) for s in slots]})"

    return show(raft)


def act(raft: Raft, number: int) -> Work | None:
    try:
        SCRIPT[number % len(SCRIPT)](raft)
    except Exception as error:
        if type(error).__name__ != "ProposalRefused":
            raise
    return raft.poll()


numbers = st.lists(st.integers(0, len(SCRIPT) - 1), max_size=25)


@settings(max_examples=80, phases=[Phase.reuse, Phase.generate])
@given(numbers, numbers)
def test_a_fork_goes_on_as_the_original_does_and_touches_nothing_of_it(before, after):
    original = Host(1, begin(), ETCD, slow_disk=True, slow_store=True).raft
    for number in before:
        act(original, number)
    seen: list[TraceEvent] = []
    fork = original.fork(lambda member, event: seen.append(event))
    assert picture(fork) == picture(original)
    frozen = picture(original)
    told: list[TraceEvent] = []
    works = [act(fork, number) for number in after]
    assert picture(original) == frozen
    original.tracer = lambda member, event: told.append(event)
    assert [act(original, number) for number in after] == works
    assert picture(original) == picture(fork)
    assert [type(e) for e in told] == [type(e) for e in seen]


def test_a_fork_of_a_leader_with_everything_under_way():
    network = Network()
    leader = network.elect(1)
    leader.slow_disk = True
    leader.raft.propose(b"x")
    leader.raft.read(7)
    leader.raft.transfer(2)
    frozen = picture(leader.raft)
    fork = leader.raft.fork(discard)
    fork.step(accepts(2, 1, 1, 2))
    fork.step(HeartbeatReply(2, 1, 1, 1))
    fork.step(append(term=9))
    fork.poll()
    assert picture(leader.raft) == frozen
    assert fork.term == 9


def test_the_same_calls_give_the_same_work_and_the_same_story():
    """Determinism: no clock, no random source, no order of sets."""

    def run() -> tuple[list[str], list[str]]:
        network = Network((1, 2, 3, 4, 5))
        network.elect(2)
        network[2].propose(b"x", add(6))
        network[3].times_out()
        network.settle()
        events = [str(event) for host in network.hosts.values() for event in host.events]
        return [str(m) for host in network.hosts.values() for m in host.sent], events

    assert run() == run()
