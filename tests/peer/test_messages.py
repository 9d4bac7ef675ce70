"""Raft's messages in etcd's form: what real members said to each other, and what ours say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.peer import messages
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, Snapshot
from learnetcd.raft.messages import (
    AppendEntries,
    AppendEntriesReply,
    ForwardProposal,
    ForwardRead,
    ForwardReadReply,
    ForwardTransfer,
    Heartbeat,
    HeartbeatReply,
    InstallSnapshot,
    Message,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    TimeoutNow,
)
from learnetcd.store.store import Store
from learnetcd.wire import raftpb
from learnetcd.wire.protobuf import Malformed

VECTORS = Path(__file__).parent.parent / "vectors"
RECORDED = json.loads((VECTORS / "messages.json").read_text(encoding="utf-8"))

id_ = st.integers(1, 2**64 - 1)
number = st.integers(0, 2**63)
context = st.integers(1, 2**64 - 1)
change = st.builds(
    lambda kind, member: ConfigChange((Change(kind, member),), context=b"{}", legacy=True),
    st.sampled_from(ChangeKind),
    id_,
)
payload = st.one_of(st.binary(max_size=40), change)


@st.composite
def appends(draw):
    previous_index = draw(number)
    payloads = draw(st.lists(payload, max_size=4))
    entries = tuple(
        Entry(previous_index + place, draw(number), one) for place, one in enumerate(payloads, 1)
    )
    return AppendEntries(
        draw(id_), draw(id_), draw(number), previous_index, draw(number), entries, draw(number)
    )


said = st.one_of(
    st.builds(RequestVote, id_, id_, number, number, number, st.booleans()),
    st.builds(RequestPreVote, id_, id_, number, number, number, st.booleans()),
    st.builds(RequestVoteReply, id_, id_, number, st.booleans()),
    st.builds(RequestPreVoteReply, id_, id_, number, st.booleans()),
    appends(),
    st.builds(AppendEntriesReply, id_, id_, number, number, st.booleans(), number, number),
    st.builds(Heartbeat, id_, id_, number, number, number),
    st.builds(HeartbeatReply, id_, id_, number, number),
    st.builds(TimeoutNow, id_, id_, number),
    st.builds(ForwardProposal, id_, id_, st.just(0), st.lists(payload, min_size=1).map(tuple)),
    id_.flatmap(
        lambda target: st.builds(ForwardTransfer, st.just(target), id_, st.just(0), st.just(target))
    ),
    st.builds(ForwardRead, id_, id_, st.just(0), context),
    st.builds(ForwardReadReply, id_, id_, number, context, number),
    st.builds(
        lambda *ends: InstallSnapshot(
            *ends, Snapshot(7, 3, Configuration(voters=(1, 2), learners=(9,)), Store())
        ),
        id_,
        id_,
        number,
    ),
)


@given(said)
def test_every_message_of_ours_comes_back_as_it_was(message):
    back = messages.decode(messages.encode(message))
    if isinstance(message, InstallSnapshot):  # stores are not compared as values
        assert messages.to_wire(back) == messages.to_wire(message)
    else:
        assert back == message


def test_no_kind_of_message_is_forgotten():
    # By name: a class with slots is built twice, and the first one is a subclass, too.
    kinds = {kind.__name__ for kind in Message.__subclasses__()}
    assert {type(example).__name__ for example in EXAMPLES} == kinds


EXAMPLES = [
    RequestVote(1, 2, 3, 4, 3),
    RequestVoteReply(1, 2, 3, True),
    RequestPreVote(1, 2, 3, 4, 3),
    RequestPreVoteReply(1, 2, 3, False),
    AppendEntries(1, 2, 3, 0, 0, (Entry(1, 3, b"x"),), 0),
    AppendEntriesReply(1, 2, 3, 1),
    Heartbeat(1, 2, 3, 1),
    HeartbeatReply(1, 2, 3),
    InstallSnapshot(1, 2, 3, Snapshot(7, 3, Configuration(voters=(1,)), Store())),
    TimeoutNow(1, 2, 3),
    ForwardProposal(1, 2, 0, (b"x",)),
    ForwardTransfer(1, 2, 0, 1),
    ForwardRead(1, 2, 0, 5),
    ForwardReadReply(1, 2, 3, 5, 1),
]


@pytest.mark.parametrize("name", RECORDED)
def test_what_real_members_said_is_understood_and_written_the_same(name):
    data = bytes.fromhex(RECORDED[name]["hex"])
    message = messages.decode(data)
    if name == "link heartbeat":
        assert message is None
        return
    assert messages.encode(message) == data


@pytest.mark.parametrize("kind", [0, 1, 10, 11, 12])
def test_what_never_leaves_a_process_is_refused(kind):
    with pytest.raises(Malformed, match="never leaves its own process"):
        messages.from_wire(raftpb.Message(type=raftpb.MessageType(kind), to=1, from_=2))


def test_an_append_with_a_gap_is_refused():
    append = messages.to_wire(AppendEntries(1, 2, 3, 4, 3, (Entry(5, 3, b""),), 0))
    with pytest.raises(Malformed, match="entry 5@3 stands where entry 10 was expected"):
        messages.from_wire(replace(append, index=9))


def test_a_context_that_is_no_number_of_ours_asks_for_nothing():
    # etcd's followers and ours echo what is eight bytes long; nobody sends anything else.
    heartbeat = raftpb.Message(
        type=raftpb.MessageType.HEARTBEAT, to=1, from_=2, term=3, context=b"odd"
    )
    assert messages.from_wire(heartbeat) == Heartbeat(2, 1, 3, 0, 0)
