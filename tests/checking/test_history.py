"""Histories of simulated runs: what the clients were told, and what a witness knows besides."""

from dataclasses import replace

from learnetcd.checking import verdict
from learnetcd.checking.chaos import leaders
from learnetcd.checking.history import Witness, histories
from learnetcd.checking.plans import plan_of
from learnetcd.checking.swarm import Run
from learnetcd.member.request import KeyRequest, Method, ReadKind
from learnetcd.simulator.decisions import Crash, Deliver, Duplicate, Submit
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.world import World


def test_a_run_of_chance_is_linearizable_and_one_made_up_answer_is_noticed():
    run = Run(plan_of(0))
    run.go()
    assert not run.finding
    assert not verdict.not_linearizable(run.world, run.witness)
    make_up_an_answer(run.world)
    found = verdict.not_linearizable(run.world, run.witness)
    assert "no order of the" in found
    assert "get" in found


def make_up_an_answer(world):
    """Let one read have seen a value that nobody wrote."""
    for request_id, record in world.clients.items():
        fresh = isinstance(record.request, KeyRequest) and record.request.read is ReadKind.QUORUM
        if fresh and record.answer is not None and record.answer.event is not None:
            event = record.answer.event
            answer = replace(
                record.answer, event=replace(event, node=replace(event.node, value="made up"))
            )
            place = world.clients._records.start + list(world.clients).index(request_id)
            world.clients._records[place] = replace(record, answer=answer)
            return
    raise AssertionError("no read was answered")


def run_until_quiet(world, steps=400):
    for _ in range(steps):
        decision = world.next_decision()
        if decision is None or world.now > 5_000:
            return
        world.decide(decision)


def led_cluster():
    world = World(Setup())
    world.observer = witness = Witness()
    while not (leading := leaders(world)):
        world.decide(world.next_decision())
    return world, witness, leading[0]


def test_a_command_that_no_store_applied_was_never_done():
    world, witness, leader = led_cluster()
    world.decide(Submit(leader, 1, KeyRequest(Method.PUT, "/x", "1")))
    world.decide(Crash(leader, 0))
    run_until_quiet(world)
    assert histories(world, witness) == {}


def test_a_command_in_the_log_twice_is_an_operation_asked_twice():
    world, witness, leader = led_cluster()
    run_until_quiet(world, 40)
    follower = next(m for m in world.alive_ids if m != leader)
    world.decide(Submit(follower, 1, KeyRequest(Method.PUT, "/x", "1")))
    forwarded = next(p for p in world.packets() if p.key[:2] == (follower, leader))
    world.decide(Duplicate(*forwarded.key[:3]))
    for packet in [p for p in world.packets() if p.key[:2] == (follower, leader)]:
        world.decide(Deliver(*packet.key))
    run_until_quiet(world)
    operations = histories(world, witness)["/x"]
    assert [(one.client, one.told is None) for one in operations] == [("c1", False), ("c1", True)]
