"""Acting: what a person can do to the cluster, and ask of it as a client.

    session.crash(2)            S2 loses its power
    session.cut("1|23")         a wall between S1 and the others
    session.put(2, "x", "1")    as a client of S2; returns the number of the request
    session.act("elect S2")     any line of a scene

Each act is one thing that can be undone. What the member's own disk and store have to do after it
is done at once, so that a reader who presses P sees the entry in the log; whoever wants to see the
disk work chooses the single decisions instead (`choose`).

An act in the past begins a branch, which is named by it: "cut at 17".

Left out: faults that need more words, such as delays and weather. Lines of a scene have them.

Next page: `session`.
"""

from __future__ import annotations

from learnetcd.errors import UserError, unknown_name
from learnetcd.member.request import (
    KeyRequest,
    MembershipRequest,
    Method,
    ReadKind,
    Request,
    WatchRequest,
)
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange
from learnetcd.session.lock import locked
from learnetcd.session.reader import Reader
from learnetcd.session.views import PacketView
from learnetcd.simulator import acts, grains, moment
from learnetcd.simulator.decisions import (
    Campaign,
    Cancel,
    Crash,
    Cut,
    Decision,
    Deliver,
    Drop,
    Duplicate,
    Heal,
    Hold,
    HoldGate,
    OpenGate,
    PassTime,
    Pause,
    Release,
    Restart,
    Resume,
    SetRule,
    SetTimer,
    Skew,
    StartMember,
    Submit,
    Transfer,
)
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.network import parse_cut
from learnetcd.tracing import member_name


class Acting(Reader):
    """A reader who interferes."""

    # -- acts -----------------------------------------------------------------------------------

    @locked
    def _act(self, *decisions: Decision, member: int = 0) -> None:
        """Do something to the cluster; the member's own disk and store finish at once."""
        trial = self._world.fork()
        for decision in decisions:
            trial.decide(decision)  # what is impossible is found out before anything is recorded
        with self._move(Grain.CHANGE):
            self._record_shown_time(decisions[0].text().split(" ")[0])
            self._carry_out(list(decisions))
            if member:
                self._carry_out(grains.plan_after_act(self._world, member, self._path_ahead()))

    @locked
    def time_out(self, member: int) -> None:
        """Let a member stand for election, as if its timer had fired."""
        if moment.role_name(self._world, member) == "leader":
            raise UserError(f"{member_name(member)} leads: it has no election timer.")
        self._act(Campaign(member), member=member)

    def crash(self, member: int) -> None:
        """Take a member's power away."""
        self._act(Crash(member))

    def restart(self, member: int) -> None:
        """Start a dead member from its disk."""
        self._act(Restart(member), member=member)

    def pause(self, member: int) -> None:
        """Stop a member's process; its clock goes on."""
        self._act(Pause(member))

    def resume(self, member: int) -> None:
        """Let a paused member go on."""
        self._act(Resume(member))

    def hold_gate(self, member: int, gate: str) -> None:
        """Let what comes to a member in one way wait: see `simulator.machine.GATES`."""
        self._act(HoldGate(member, gate))

    def open_gate(self, member: int, gate: str) -> None:
        """Let what waits there come in, as its time comes."""
        self._act(OpenGate(member, gate))

    def skew(self, member: int, per_mille: int) -> None:
        """Let a member's clock run fast or slow."""
        self._act(Skew(member, per_mille))

    def set_timer(self, member: int, ticks: int) -> None:
        """Let a member's election timer fire after so many ticks."""
        self._act(SetTimer(member, ticks))

    def transfer(self, member: int, target: int) -> None:
        """Ask a member to hand leadership to another."""
        self._act(Transfer(member, target), member=member)

    @locked
    def cut(self, text: str) -> None:
        """Cut links: groups `1|23`, or one way `1>3`."""
        members = self._world.member_ids
        try:
            links = parse_cut(text, members)
        except ValueError:
            raise UserError(
                f"{text!r} is no cut. Type groups such as 1|23, or one way such as 1>3; "
                f"there are {', '.join(map(member_name, members))}."
            ) from None
        self._act(Cut(links))

    def heal(self) -> None:
        """Make all links whole."""
        self._act(Heal())

    def drop(self, packet: PacketView) -> None:
        """Lose a message."""
        self._act(Drop(*packet.link, packet.number, packet.copy_number))

    def hold(self, packet: PacketView) -> None:
        """Stop a message where it is."""
        self._act(Hold(*packet.link, packet.number, packet.copy_number))

    def release(self, packet: PacketView) -> None:
        """Let a held message go on."""
        self._act(Release(*packet.link, packet.number, packet.copy_number))

    def duplicate(self, packet: PacketView) -> None:
        """Double a message."""
        self._act(Duplicate(*packet.link, packet.number, packet.copy_number))

    def deliver(self, packet: PacketView) -> None:
        """Let a message arrive now, before all others."""
        receiver = packet.link[1]
        deliver = Deliver(*packet.link, packet.number, packet.copy_number)
        self._act(deliver, member=receiver)

    def set_rule(self, name: str, on: bool) -> None:
        """Switch a safety rule off, or on again, at all members."""
        self._act(SetRule(name, on))

    @locked
    def act(self, text: str) -> None:
        """Do what a line of a scene says: `put S1 x=1`, `cut 1|23`, `run until S2 leads`."""
        act = acts.parse(moment.with_ids(self._world, text))
        grain = self._history.beginning.grain
        act.plan(self._world, grain)  # what is impossible is found out before anything is recorded
        with self._move(Grain.CHANGE):
            self._record_shown_time(act.text.split(" ")[0])
            self._carry_out(self._numbered(act.plan(self._world, grain)))

    def _numbered(self, decisions: list[Decision]) -> list[Decision]:
        """What clients ask in these has numbers already: simulated clients count for themselves."""
        return decisions

    def _record_shown_time(self, verb: str) -> None:
        """Let the time pass that has passed on the screen: the act happens at the time shown."""
        if self._later_ms:
            at = self._world.now + self._later_ms
            self._later_ms = 0
            self._decide(PassTime(at), verb)

    # -- clients --------------------------------------------------------------------------------

    def put(self, member: int, key: str, value: str = "", ttl: int | None = None) -> int:
        """Set a key, as a client of a member, maybe for so many seconds; the number of the request.

        What else a write may say, a line of a scene can: see `act`.
        """
        return self._submit(member, KeyRequest(Method.PUT, key, value, ttl=ttl))

    def watch(self, member: int, key: str, *, stream: bool = False) -> int:
        """Be told of the next event at a key or below it, as a client of a member; or of all."""
        return self._submit(member, WatchRequest(key, recursive=True, stream=stream))

    def cancel(self, request_id: int) -> None:
        """Go away as a client who waits or watches."""
        record = self._world.clients.get(request_id)
        if record is None:
            raise UserError(f"There is no request c{request_id}.")
        self._act(Cancel(record.member, request_id), member=record.member)

    def get(self, member: int, key: str, read: str = "local") -> int:
        """Read a key, as a client of a member: `local`, `quorum` or `index`."""
        kinds = [kind.value for kind in ReadKind]
        if read not in kinds:
            raise unknown_name("kind of read", read, kinds)
        return self._submit(member, KeyRequest(Method.GET, key, read=ReadKind(read)))

    def delete(self, member: int, key: str) -> int:
        """Delete a key, as a client of a member."""
        return self._submit(member, KeyRequest(Method.DELETE, key))

    def add_member(self, member: int) -> int:
        """Start a new machine and ask the leader to make it a voter."""
        return self._change(ChangeKind.ADD_VOTER, member)

    def add_learner(self, member: int) -> int:
        """Start a new machine and ask the leader to let it learn."""
        return self._change(ChangeKind.ADD_LEARNER, member)

    def remove_member(self, member: int) -> int:
        """Ask the leader to take a member out."""
        return self._change(ChangeKind.REMOVE, member)

    @locked
    def _submit(self, member: int, request: Request, *first: Decision) -> int:
        number = self._world.clients.last_id + 1
        self._act(*first, Submit(member, number, request), member=member)
        return number

    @locked
    def _change(self, kind: ChangeKind, member: int) -> int:
        leader = moment.leader_of_latest_term(self._world)
        if not leader:
            raise UserError("Nobody leads: only a leader can change who is a member.")
        is_new = kind is not ChangeKind.REMOVE and member not in self._world.member_ids
        starts = (StartMember(member),) if is_new else ()
        change = ConfigChange((Change(kind, member),))
        return self._submit(leader, MembershipRequest(change), *starts)
