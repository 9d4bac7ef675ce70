"""A talk with a real follower, recorded answer by answer, and the same talk with ours.

Whoever recorded it played member c and sent what a leader or a candidate would send; a real etcd
3.4.23 was member a. Here our core is member a.
"""

import json
from dataclasses import replace
from pathlib import Path

from learnetcd.disk.mapping import from_entry
from learnetcd.peer import messages
from learnetcd.raft.config import Config
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Configuration
from learnetcd.raft.entry import Entry, HardState, Snapshot, Stored
from learnetcd.raft.messages import ForwardProposal, Message
from learnetcd.raft.raft import Raft

TALK = json.loads(
    (Path(__file__).parent.parent / "vectors" / "conversation.json").read_text(encoding="utf-8")
)
IDS = sorted(int(member["id"], 16) for member in TALK["members"].values())
US = int(TALK["members"]["a"]["id"], 16)


def a_member_like_theirs():
    """Three bootstrap entries, as every member of a static cluster has them."""
    entries = tuple(
        Entry(index, 1, ConfigChange((Change(ChangeKind.ADD_VOTER, member),), legacy=True))
        for index, member in enumerate(IDS, 1)
    )
    configuration = Configuration(voters=tuple(IDS))
    stored = Stored(Snapshot(0, 0, configuration), HardState(1, 0, 3), entries)
    raft = Raft(US, Config(pre_vote=True, check_quorum=True), stored, seed=1)
    assert not all_said(raft), "it applies its first entries and says nothing yet"
    return raft


def all_said(raft):
    """Let the core do its work, with a disk that is always ready, and collect what it sends."""
    sent: list[Message] = []
    while (work := raft.poll()) is not None:
        sent += work.send
        if work.save is not None:
            raft.saved(work.save.batch)
        if work.apply:
            raft.applied(work.apply[-1].index)
    wired = [messages.to_wire(one) for one in sent if not isinstance(one, ForwardProposal)]
    # The term of a refusal's hint came with etcd 3.5.
    return [replace(one, log_term=0) if one.reject else one for one in wired]


def test_our_core_answers_a_leader_as_the_real_follower_did():
    raft = a_member_like_theirs()
    for turn in TALK["conversation"]:
        if "sent_hex" not in turn:
            raft.elapse_to(raft.deadline())  # it speaks unprompted: its election timer fires
            raft.fire_timer()
        else:
            if "lease gone" in turn["note"]:
                raft.forget_leader()  # it had heard nobody for an election timeout by then
            raft.step(messages.decode(bytes.fromhex(turn["sent_hex"])))
        theirs = [
            messages.to_wire(messages.decode(bytes.fromhex(reply["hex"])))
            for reply in turn["replies"]
            if reply["message"]["type"] != "MsgProp"  # its own attributes, which ours has not
        ]
        ours = [one for one in all_said(raft) if one.to == int(TALK["members"]["c"]["id"], 16)]
        assert ours == theirs, turn["note"]


def test_the_talk_says_what_it_should():
    sent = [bytes.fromhex(turn["sent_hex"]) for turn in TALK["conversation"] if "sent_hex" in turn]
    assert len(sent) == 15
    assert all(messages.encode(messages.decode(one)) == one for one in sent)
    assert from_entry(messages.to_wire(messages.decode(sent[3])).entries[0]).index == 4
