"""A tape: what happened to a real member is a recording that comes to the same end."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from learnetcd.cli import main
from learnetcd.desk.desk import Desk
from learnetcd.disk import mapping
from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.member import bootstrap, identity
from learnetcd.member.cluster import ClusterMember
from learnetcd.member.effects import (
    Apply,
    Effect,
    NotifyWatcher,
    Reply,
    SaveSnapshot,
    SendMessage,
    SyncWal,
    WriteWal,
)
from learnetcd.member.inputs import (
    ApplyDue,
    CampaignAsked,
    Input,
    MessageReceived,
    RequestCancelled,
    RequestSubmitted,
    SnapshotSaved,
    TimerFired,
    WallClockRead,
    WalSynced,
)
from learnetcd.member.member import Member
from learnetcd.member.request import ClusterRequest, KeyRequest, Method, ReadKind, WatchRequest
from learnetcd.raft.config import PROFILES, Config
from learnetcd.raft.entry import Snapshot, Stored
from learnetcd.raft.messages import Heartbeat
from learnetcd.session.session import Session
from learnetcd.session.subjects import Subject
from learnetcd.simulator.beginning import Beginning
from learnetcd.simulator.decisions import Cut, Heal, Impossible, Receive, Submit
from learnetcd.simulator.digest import digest, mark_of_members
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.tape import Tape
from learnetcd.simulator.world import World

URL = "http://127.0.0.1:2380"
ME = identity.member_id([URL], "etcd-cluster")
NEW = bootstrap.first_stored([ClusterMember(ME, "a", (URL,))])
CONFIG = replace(PROFILES["etcd-3.3"], snapshot_entries=20, keep_entries=3, request_timeout_ms=7000)
WALL_MS = 1_784_793_600_000


@dataclass
class Life:
    """A member, driven by chance, as slowly and unevenly as a real driver may."""

    stored: Stored = NEW
    config: Config = CONFIG
    seed: int = 1_784_793_600_123_456_789
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    lines: list[str] = field(default_factory=list)
    at: int = 0
    batches: list[int] = field(default_factory=list)
    applies: list[int] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    open_requests: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.member = Member(ME, self.config, self.stored, seed=self.seed)
        self.tape = Tape(
            self.member,
            self.stored,
            seed=self.seed,
            wall_ms=WALL_MS,
            profile="etcd-3.3",
            write=self.lines.append,
            title="a life",
        )
        self.request_id = identity.first_request_id(ME, WALL_MS)
        self.feed(WallClockRead(0, WALL_MS))
        for effect in self.member.start():
            self.carry_out(effect)
        self.feed(CampaignAsked(0))

    def feed(self, input: Input) -> None:
        self.tape.note(input)
        for effect in self.member.step(input):
            self.carry_out(effect)

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case SyncWal(batch):
                self.batches.append(batch)
            case Apply(through):
                self.applies.append(through)
            case SaveSnapshot(snapshot):
                self.snapshots.append(snapshot)
            case Reply(request_id, _):
                self.open_requests.discard(request_id)
            case WriteWal() | SendMessage() | NotifyWatcher():
                pass

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.at += self.chance.choice((0, 0, 1, 3, 40))
            deadline = self.member.deadline()
            if deadline is not None and deadline <= self.at:
                self.feed(TimerFired(self.at))
            self.one_thing()

    def one_thing(self) -> None:
        match self.chance.randrange(8):
            case 0 | 1 if self.batches:
                # One sync covers several batches, but not always all.
                done = self.chance.randrange(len(self.batches)) + 1
                batch = self.batches[done - 1]
                del self.batches[:done]
                self.feed(WalSynced(self.at, batch))
            case 2 | 3 if self.applies:
                self.feed(ApplyDue(self.at, self.applies.pop(0)))
            case 4 if self.snapshots:
                self.feed(SnapshotSaved(self.at, self.snapshots.pop(0).index))
            case 5 if self.open_requests and self.chance.random() < 0.2:
                self.feed(RequestCancelled(self.at, self.open_requests.pop()))
            case 6 if self.chance.random() < 0.1:
                self.feed(WallClockRead(self.at, WALL_MS + self.at + self.chance.randrange(500)))
            case _:
                self.ask()

    def ask(self) -> None:
        self.request_id += 1
        self.open_requests.add(self.request_id)
        key = f"/k{self.chance.randrange(4)}"
        request = self.chance.choice(
            [
                KeyRequest(Method.PUT, key, f"value {self.at}\n\u20ac"),
                KeyRequest(Method.PUT, key, "short", ttl=1),
                KeyRequest(Method.POST, "/queue", "job"),
                KeyRequest(Method.DELETE, key),
                KeyRequest(Method.GET, key),
                KeyRequest(Method.GET, key, read=ReadKind.QUORUM),
                WatchRequest("/", recursive=True, stream=self.chance.random() < 0.3),
                WatchRequest(key, since_index=max(1, self.member.store.etcd_index - 5)),
                ClusterRequest("/0/version", "3.4.0"),
            ]
        )
        self.feed(RequestSubmitted(self.at, self.request_id, request))

    def text(self) -> str:
        return "".join(self.lines)


def lived(steps: int = 1200) -> Life:
    life = Life()
    life.live(steps)
    life.tape.end()
    return life


@pytest.fixture(scope="module")
def life() -> Life:
    return lived()


def test_a_life_comes_to_the_same_end_when_it_is_played_again(life: Life):
    assert life.member.snapshot_index > 20, "it has taken snapshots"
    world = Recording.parse(life.text()).play(Judge()).world
    again = world.member(ME)
    assert again.raft.log.commit_index == life.member.raft.log.commit_index > 100
    assert again.store.digest() == life.member.store.digest()
    assert digest(again) == digest(life.member), "down to who waits and who watches"
    assert world.judge is not None
    assert world.judge.violations == ()


def test_a_second_life_begins_with_what_the_first_one_left(life: Life):
    log = life.member.raft.log
    snapshot = replace(log.snapshot, state=life.member.store.fork())
    snapshot = replace(snapshot, index=log.applied_index, term=log.term_at(log.applied_index))
    entries = tuple(log.entries(log.applied_index + 1, log.last_index))
    state = life.member.raft
    hard_state = replace(
        NEW.hard_state, term=state.term, vote=state.vote, commit_index=log.commit_index
    )
    # As a disk gives it back: through etcd's bytes.
    found = mapping.from_snapshot(mapping.to_snapshot(snapshot))
    second = Life(Stored(found, hard_state, entries), chance=random.Random(8))
    second.live(300)
    second.tape.end()
    again = Recording.parse(second.text()).play(Judge()).world.member(ME)
    assert digest(again) == digest(second.member)


def test_a_tape_reads_well(life: Life):
    lines = life.text().splitlines()
    assert lines[1] == "title a life"
    assert f"begin S{ME}" in lines
    assert f"entry 1@1 {mapping.to_entry(NEW.entries[0]).encode().hex()}" in lines
    start = lines.index("run")
    assert lines[start + 1 : start + 3] == [f"wall-clock S{ME} {WALL_MS}", f"campaign S{ME}"]
    assert any(line.startswith("until ") for line in lines)
    assert sum(line.startswith("check ") for line in lines) >= 4
    assert lines[-1].startswith("end ")


def test_the_tape_of_a_server_that_was_killed_is_played_as_far_as_it_goes(life: Life):
    text = life.text()
    half = text[: len(text) // 2]
    recording = Recording.parse(half)
    assert recording.breaks_off
    assert not Recording.parse(text).breaks_off
    world = recording.play().world
    assert world.step == len(recording.decisions) > 300


def test_a_tape_that_was_changed_is_refused(life: Life):
    text = life.text()
    changed = (
        text.replace('"job"', '"jab"', 1) if '"job"' in text else text.replace("job", "jab", 1)
    )
    with pytest.raises(UserError, match="Line"):
        Recording.parse(changed)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("entry 1@1 ", "entry 2@1 ", "entry 1@1 is called 2@1"),
        ("entry 1@1 0", "entry 1@1 zz", "can't be read"),
        ("state 1 0 1", "state 1 0", "no such line"),
    ],
)
def test_what_is_on_a_disk_at_the_beginning_is_refused_if_it_makes_no_sense(
    life: Life, old: str, new: str, said: str
):
    assert old in life.text()
    recording = Recording.parse(life.text())
    lines = [line.replace(old, new) for line in recording.setup.lines()]
    with pytest.raises(UserError, match=said):
        type(recording.setup).parse(lines)


def test_one_can_step_back_in_a_life_ask_why_and_go_on_otherwise(life: Life, tmp_path):
    path = tmp_path / "life.recording"
    path.write_text(life.text(), encoding="utf-8")
    session = Session.load(path)
    end = session.digest()
    for _ in range(3):
        session.back()
    assert session.digest() != end
    view = session.view()
    assert view.members[0].id == ME
    assert view.members[0].role == "leader"
    assert "leads term 2" in session.why(Subject.role(ME)).title
    session.act(f"crash S{ME}")
    session.act(f"restart S{ME}")
    session.run_until(f"S{ME} leads")
    session.act(f"put S{ME} x=otherwise")
    session.run_until(f"S{ME} applied x=otherwise")
    assert session.view().branch.startswith("crash at ")


def test_a_life_is_opened_at_its_own_member_and_the_root_has_its_name():
    life = Life()
    life.feed(RequestSubmitted(0, 7, KeyRequest(Method.GET, "/")))
    session = Session.of(Recording.parse(life.text()))
    assert Desk(session).member == ME
    told = [part.text for part in session.narration(0, session.view().step)]
    assert any(sentence.endswith("is asked by client c7: get /.") for sentence in told)


def test_what_a_tape_can_not_tell_is_said(life: Life):
    with pytest.raises(UserError, match="no words for what others say"):
        life.tape.note(MessageReceived(life.at, Heartbeat(2, ME, 1, 0)))


# --- one of several -------------------------------------------------------------------------------


def told_to_each(setup: Setup) -> dict[int, list[Input]]:
    """A run in which S3 is away until a snapshot is all that can help it: who was told what."""
    world, told = World(setup), {member: [] for member in setup.members}
    world.observer = lambda world, member, input, effects: told[member].append(input)

    def go_on(steps: int) -> None:
        for _ in range(steps):
            decision = world.next_decision()
            assert decision is not None
            world.decide(decision)

    def write(count: int) -> None:
        for _ in range(count):
            number = world.clients.last_id + 1
            put = KeyRequest(Method.PUT, f"/k{number % 3}", str(number), ttl=number % 4 or None)
            world.decide(Submit(number % 2 + 1, number, put))
            go_on(12)

    go_on(40)  # by chance S3 leads
    world.decide(Cut(((1, 3), (3, 1), (2, 3), (3, 2))))
    write(20)
    world.decide(Heal())
    write(20)
    go_on(100)
    return told


THREE = bootstrap.first_stored([ClusterMember(n, f"m{n}", (f"http://s{n}:1",)) for n in (1, 2, 3)])
SETUP = Setup(
    profile="etcd-3.3",
    seed=9,
    knobs=(("snapshot_entries", 5), ("keep_entries", 3)),
    beginnings=tuple(Beginning.of(member, THREE) for member in (1, 2, 3)),
)


def part_of(me: int) -> tuple[str, Member, list[Input]]:
    """The recording of one member of three, the member at its end, and what it was told."""
    told, lines = told_to_each(SETUP)[me], []
    member = Member(me, SETUP.config(me), THREE, seed=SETUP.seed)
    tape = Tape(
        *(member, THREE),
        seed=SETUP.seed,
        wall_ms=SETUP.wall_ms,
        profile=SETUP.profile,
        write=lines.append,
        others=True,
    )
    for input in [WallClockRead(0, SETUP.wall_ms), *told]:
        tape.note(input)
        member.step(input)
    tape.end()
    return "".join(lines), member, told


@pytest.mark.parametrize("me", [1, 2, 3])
def test_each_of_several_members_is_played_again_from_what_it_alone_was_told(me: int):
    text, member, told = part_of(me)
    world = Recording.parse(text).play(Judge()).world
    assert world.judge is None
    assert world.packets() == []
    assert mark_of_members([world.member(me)], None) == mark_of_members([member], None)
    assert member.store.etcd_index > 30
    kinds = {type(input).__name__ for input in told}
    assert "MessageReceived" in kinds
    assert ("SnapshotReported" in kinds) == (member.raft.leader == me)


def test_the_past_of_one_of_several_is_replayed_and_stepped_and_nobody_judges_by_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    path = tmp_path / "part"
    path.write_text(part_of(2)[0])
    assert main(["replay", str(path), "--narrate"]) == 0
    said = capsys.readouterr().out
    assert "S2 votes for S3 in term 2" in said
    assert "This is one member of several: nobody can judge the cluster by it." in said
    session = Session.load(path)
    view = session.view()
    assert (view.is_part, view.packets, view.violated, session.invariants()) == (True, (), (), ())
    session.back()
    session.forward()
    member = session.view().members[0]
    assert session.why(Subject.entry(2, member.commit_index)).title.endswith(
        "is committed at S2: it will never be removed."
    )


@pytest.mark.parametrize("data", ["", "zz", "0", "ff", "0803108da4"])
def test_what_is_no_message_is_not_received(data: str):
    world = World(Setup(others_outside=True))
    before = world.digest()
    with pytest.raises(Impossible, match="is no message of a member"):
        world.decide(Receive(1, data))
    assert world.digest() == before
