"""The start of a run: read back from its lines, and refused when it can't be."""

import pytest

from learnetcd.checking.plans import plan_of
from learnetcd.errors import UserError
from learnetcd.raft.config import PROFILES, UNLIMITED, ReadOption
from learnetcd.simulator.setup import Setup

FULL = Setup(
    members=(1, 2, 3),
    learners=(4,),
    seed=77,
    profile="etcd-3.3",
    knobs=(("election_ticks", 20), ("pre_vote", True), ("read_option", "lease")),
    member_knobs=((2, "snapshot_entries", "unlimited"), (3, "heartbeat_ticks", 2)),
    broken_rules=("own-term",),
    first_timers=((1, 14), (2, 11)),
    network_ms=(5, 20),
    link_ms=((1, 3, 40, 50),),
    disk_ms=(0, 9),
    apply_ms=(2, 3),
    weather=(10, 20, 30),
)


@pytest.mark.parametrize(
    "setup", [Setup(), FULL, Setup(others_outside=True), *(plan_of(n).setup() for n in range(20))]
)
def test_a_setup_is_read_back_from_its_lines(setup):
    assert Setup.parse(setup.lines()) == setup


def test_knobs_of_one_member_go_before_those_of_all_and_those_before_the_profile():
    config = FULL.config(3)
    assert config.heartbeat_ticks == 2
    assert config.election_ticks == 20
    assert config.check_quorum
    assert config.read_option is ReadOption.LEASE
    assert FULL.config(2).heartbeat_ticks == PROFILES["etcd-3.3"].heartbeat_ticks
    assert FULL.config(2).snapshot_entries == UNLIMITED
    assert config.rules.broken == ("own-term",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("members S1 S1", "each once"),
        ("members S9", "each once"),
        ("members", "each once"),
        ("profile papr", "Did you mean 'paper'"),
        ("knob election_tics 3", "Did you mean 'election_ticks'"),
        ("knob election_ticks many", "of kind int"),
        ("knob election_ticks on", "of kind int"),
        ("knob election_ticks 1", "expected more than heartbeat_ticks"),
        ("knob read_option tea", "can't be set up"),
        ("broken own-tern", "Did you mean 'own-term'"),
        ("network 9 3", "makes no sense"),
        ("weather wet", "does not belong"),
        ("timer 1 14", "does not belong"),
        ("hello", "does not belong"),
    ],
)
def test_what_cant_be_built_is_refused(line, said):
    with pytest.raises(UserError, match=said):
        Setup.parse([line])
