"""The simulated network: order, cuts, weather, copies, and the one message that is missed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.raft.configuration import Configuration
from learnetcd.raft.entry import Snapshot
from learnetcd.raft.messages import Heartbeat, InstallSnapshot
from learnetcd.simulator.network import Network, describe_cut, parse_cut
from learnetcd.simulator.setup import Setup

NOBODY = frozenset()


def beat(sender=1, receiver=2):
    return Heartbeat(sender, receiver, 1, 0)


def arrivals(network, paused=NOBODY):
    keys = []
    while (packet := network.earliest(paused.__contains__)) is not None:
        network.take(packet.key)
        keys.append(packet.key)
    return keys


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from([(1, 2), (2, 1), (1, 3)])), max_size=40)
)
def test_each_link_keeps_its_order(sends):
    network, now = Network(Setup(network_ms=(1, 100))), 0
    for wait, (sender, receiver) in sends:
        now += wait
        network.send(beat(sender, receiver), now, 1)
    packets = sorted(network.packets.values(), key=lambda p: (p.arrives_at, p.order))
    for link in {packet.link for packet in packets}:
        numbers = [packet.number for packet in packets if packet.link == link]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_message_is_numbered_on_its_own_link():
    network = Network(Setup())
    for receiver in (2, 3, 2):
        network.send(beat(1, receiver), 0, 1)
    assert sorted(network.packets) == [(1, 2, 1, 0), (1, 2, 2, 0), (1, 3, 1, 0)]


def test_leaving_one_message_out_changes_the_fate_of_no_other_link():
    setup = Setup(network_ms=(1, 100), weather=(300, 300, 300))

    def fates(first_too):
        network = Network(setup)
        if first_too:
            network.send(beat(1, 2), 0, 1)
        for _ in range(50):
            network.send(beat(2, 3), 0, 1)
        return [
            (p.key, p.arrives_at, p.lost, p.doubled)
            for p in network.packets.values()
            if p.link == (2, 3)
        ]

    assert fates(True) == fates(False)


def test_weather_loses_doubles_and_delays_about_as_many_as_it_says():
    network = Network(Setup(weather=(100, 200, 300)))
    for _ in range(2000):
        network.send(beat(), 0, 1)
    packets = list(network.packets.values())
    assert 140 < sum(p.lost for p in packets) < 260
    assert 320 < sum(p.doubled for p in packets) < 480
    assert 480 < sum(p.arrives_at > 10 for p in packets) < 720


def test_a_held_message_is_overtaken_and_arrives_when_released():
    network = Network(Setup())
    for _ in range(3):
        network.send(beat(), 0, 1)
    network.hold((1, 2, 1, 0))
    fork = network.fork()
    assert arrivals(network) == [(1, 2, 2, 0), (1, 2, 3, 0)]
    network.release((1, 2, 1, 0), now=500)
    assert network.packets[1, 2, 1, 0].arrives_at == 500
    assert arrivals(network) == [(1, 2, 1, 0)]
    assert fork.packets[1, 2, 1, 0].held, "a fork keeps its own"


def test_a_copy_knows_its_original_and_takes_no_number():
    network = Network(Setup())
    network.send(beat(), 0, 1)
    network.duplicate((1, 2, 1, 0), now=0, step=2)
    network.duplicate((1, 2, 1, 0), now=0, step=3)
    network.send(beat(), 0, 4)
    assert sorted(network.packets) == [(1, 2, 1, 0), (1, 2, 1, 1), (1, 2, 1, 2), (1, 2, 2, 0)]
    assert network.packets[1, 2, 1, 1].message is network.packets[1, 2, 1, 0].message


def test_messages_for_a_paused_member_wait_and_hold_up_nobody_else():
    network = Network(Setup())
    network.send(beat(1, 2), 0, 1)
    network.send(beat(1, 3), 0, 1)
    assert arrivals(network, paused=frozenset({2})) == [(1, 3, 1, 0)]
    network.unpark(2)
    assert arrivals(network) == [(1, 2, 1, 0)]


@pytest.mark.parametrize("delivered", [True, False])
def test_the_sender_of_a_snapshot_is_told_what_became_of_it(delivered):
    """Without it a leader waits for ever: etcd's ReportSnapshot."""
    network = Network(Setup())
    snapshot = Snapshot(5, 1, Configuration((1, 2, 3)))
    network.send(InstallSnapshot(1, 3, 1, snapshot), 0, 1)
    packet = network.take((1, 3, 1, 0))
    network.report(packet, delivered, now=10, step=7)
    report = network.find_report(1, 3)
    assert (report.delivered, report.at, report.sent_in) == (delivered, 20, 7)
    network.take_report(report)
    assert network.find_report(1, 3) is None


def test_other_messages_are_not_reported():
    network = Network(Setup())
    network.send(beat(), 0, 1)
    network.report(network.take((1, 2, 1, 0)), False, now=10, step=7)
    assert network.reports == ()


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("1|2", {(1, 2), (2, 1)}),
        ("1|23", {(1, 2), (2, 1), (1, 3), (3, 1)}),
        ("1|2|3", {(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)}),
        ("1>3", {(1, 3)}),
        ("1>3 3>2", {(1, 3), (3, 2)}),
        ("1|2 2>3", {(1, 2), (2, 1), (2, 3)}),
    ],
)
def test_a_cut_is_typed_as_groups_or_one_way(text, links):
    assert set(parse_cut(text, (1, 2, 3))) == links


@pytest.mark.parametrize(
    "text", ["", "1", "123", "1|4", "1>1", "1|x", "a>b", "1>2>3", "11|1", "1|>2", "12>3"]
)
def test_a_cut_that_cuts_nothing_is_refused(text):
    with pytest.raises(UserError, match="cuts nothing between S1, S2, S3"):
        parse_cut(text, (1, 2, 3))


@pytest.mark.parametrize("text", ["1|23", "1|2|3", "12|3", "13|2", "1>3", "1>3 3>2"])
def test_a_cut_is_shown_as_it_was_typed(text):
    assert describe_cut(parse_cut(text, (1, 2, 3)), (1, 2, 3)) == text


@pytest.mark.parametrize("text", ["1|23", "1|2", "12|67", "4>7"])
def test_a_cut_names_only_those_it_touches(text):
    seven = range(1, 8)
    assert describe_cut(parse_cut(text, seven), seven) == text


def test_no_cut_is_shown_as_nothing():
    assert describe_cut((), (1, 2, 3)) == ""
