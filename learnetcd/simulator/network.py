"""The network between members: messages on their way, and what can befall them.

    S1 ==[3]==[4]=====> S2        each link is one way and keeps its order, like a TCP connection
    S1 ==[9]=X          S3        the link is cut: 9 will be lost when it should arrive
    S2 ======(7)======> S1        7 is held: those behind it overtake it

A message is numbered on its link, from 1, and gets its fate when it is sent: how long it travels,
whether the weather will lose it, double it or let it fall behind. All of that is drawn from (seed,
link, number) alone, so a run in which one other message is missing sees the same weather.

A message at a cut is lost at the moment of its arrival, not before: heal in time and it gets
through. A copy knows its original: `17.1` is the first copy of 17 and takes no number of its own.

A snapshot is the one message whose loss must be told. A leader that sends one waits for it and
sends nothing else, so without a word from its transport it would wait for ever (etcd's
`ReportSnapshot`).

Left out: bandwidth, and connections that break and are made anew.

Next page: `machine`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heapify, heappop, heappush

from learnetcd.errors import UserError
from learnetcd.raft.chance import draw
from learnetcd.raft.messages import InstallSnapshot, Message
from learnetcd.simulator.decisions import Link
from learnetcd.simulator.setup import Setup
from learnetcd.value import dataclass

PacketKey = tuple[int, int, int, int]
"""Sender, receiver, number, copy: what a decision names a packet by."""

LINKS, LOSS, DOUBLING, OVERTAKING = 100, 200, 300, 400
"""Where the draws of each kind begin; members' own draws use the ids 1 to 7."""


@dataclass(slots=True)  # not frozen, though nobody changes one: a packet is built for each message
class Packet:
    """A message on its way."""

    sender: int
    receiver: int
    number: int
    copy: int
    message: Message
    sent_at: int
    sent_in: int
    """The step in which it was sent: the cause of its arrival."""
    arrives_at: int
    order: int
    """Which of two that arrive at the same moment was sent first."""
    held: bool = False
    """Somebody stopped it."""
    lost: bool = False
    """The weather will lose it."""
    doubled: bool = False
    """The weather will make a copy of it."""
    copies: int = 0
    """How many copies were made of it."""

    @property
    def key(self) -> PacketKey:
        """What decisions name it by."""
        return (self.sender, self.receiver, self.number, self.copy)

    @property
    def link(self) -> Link:
        """Where it travels."""
        return (self.sender, self.receiver)


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """What a transport has to tell about a snapshot that was sent."""

    member: int
    """Who sent it and will be told."""
    peer: int
    delivered: bool
    at: int
    sent_in: int


class Network:
    """All messages on their way, the cuts, and the weather."""

    NOT_STATE = ("_arrivals", "_parked")
    """An index of the packets; what it has thrown out by now is nobody's business."""

    __slots__ = (
        "_arrivals",
        "_delays",
        "_last_arrival",
        "_numbers",
        "_order",
        "_parked",
        "_seed",
        "_usual_delay",
        "cuts",
        "packets",
        "reports",
        "weather",
    )

    def __init__(self, setup: Setup) -> None:
        """Begin with silence."""
        self.packets: dict[PacketKey, Packet] = {}
        self.cuts: frozenset[Link] = frozenset()
        self.weather = setup.weather
        self.reports: tuple[SnapshotReport, ...] = ()
        self._seed = setup.seed
        self._usual_delay = setup.network_ms
        self._delays = {(a, b): (low, high) for a, b, low, high in setup.link_ms}
        # A heap of (arrives_at, order, key). Packets that are gone or held may still be in it: they
        # are thrown out when they come up.
        self._arrivals: list[tuple[int, int, PacketKey]] = []
        self._parked: dict[int, list[tuple[int, int, PacketKey]]] = {}  # for receivers that pause
        self._numbers: dict[Link, int] = {}
        self._last_arrival: dict[Link, int] = {}
        self._order = 0

    # -- sending ------------------------------------------------------------------------------

    def send(self, message: Message, now: int, step: int) -> None:
        """Put a message on its way."""
        sender, receiver = link = (message.sender, message.receiver)
        number = self._numbers[link] = self._numbers.get(link, 0) + 1
        arrives_at = now + self._travel_ms(link, number)
        lost = doubled = late = False
        if self.weather != (0, 0, 0):
            lost, doubled, late = self._fate(link, number)
        if late:
            # It may be overtaken by all that is sent while it takes its time.
            arrives_at += 3 * (arrives_at - now) + 1
        else:
            arrives_at = max(arrives_at, self._last_arrival.get(link, 0))
            self._last_arrival[link] = arrives_at
        fate = (False, lost, doubled)
        self._launch(Packet(sender, receiver, number, 0, message, now, step, arrives_at, 0, *fate))

    def _travel_ms(self, link: Link, number: int) -> int:
        low, high = self._delays.get(link, self._usual_delay)
        return low if low == high else low + self._chance(LINKS, link, number, high - low + 1)

    def _fate(self, link: Link, number: int) -> tuple[bool, ...]:
        kinds = (LOSS, DOUBLING, OVERTAKING)
        return tuple(
            self._chance(kind, link, number, 1000) < per_mille
            for kind, per_mille in zip(kinds, self.weather, strict=True)
        )

    def _chance(self, kind: int, link: Link, number: int, below: int) -> int:
        return draw(self._seed, kind + 8 * link[0] + link[1], number, below)

    def _launch(self, packet: Packet) -> None:
        packet.order = self._order = self._order + 1
        self.packets[packet.key] = packet
        heappush(self._arrivals, (packet.arrives_at, packet.order, packet.key))

    # -- arriving -----------------------------------------------------------------------------

    def earliest(self, paused: Callable[[int], bool]) -> Packet | None:
        """Find the packet that arrives next at a member who listens."""
        arrivals = self._arrivals
        while arrivals:
            _, order, key = arrivals[0]
            packet = self.packets.get(key)
            if packet is None or packet.held or order != packet.order:
                heappop(arrivals)
            elif paused(key[1]):
                self._parked.setdefault(key[1], []).append(heappop(arrivals))
            else:
                return packet
        return None

    def unpark(self, receiver: int) -> None:
        """Let what waited for a paused member arrive."""
        self._arrivals += self._parked.pop(receiver, [])
        heapify(self._arrivals)

    def take(self, key: PacketKey) -> Packet:
        """Take a packet off its link: it arrived, or it is lost."""
        return self.packets.pop(key)

    def report(self, packet: Packet, delivered: bool, now: int, step: int) -> None:
        """Have the sender of a snapshot told what became of it, after the time of a way back."""
        if isinstance(packet.message, InstallSnapshot) and packet.copy == 0:
            sender, receiver = packet.link
            at = now + self._travel_ms((receiver, sender), packet.number)
            self.reports += (SnapshotReport(sender, receiver, delivered, at, step),)

    def find_report(self, member: int, peer: int) -> SnapshotReport | None:
        """Find the oldest report for a member about a peer."""
        return next((r for r in self.reports if (r.member, r.peer) == (member, peer)), None)

    def take_report(self, report: SnapshotReport) -> None:
        """Take a report away: it is told."""
        self.reports = tuple(other for other in self.reports if other is not report)

    def forget_reports(self, member: int) -> None:
        """A transport dies with its member."""
        self.reports = tuple(report for report in self.reports if report.member != member)

    # -- what befalls messages ----------------------------------------------------------------

    def blocked(self, packet: Packet) -> bool:
        """Whether a cut lies in its way."""
        return packet.link in self.cuts

    def hold(self, key: PacketKey) -> None:
        """Stop a packet where it is."""
        self.packets[key] = replace(self.packets[key], held=True)

    def release(self, key: PacketKey, now: int) -> None:
        """Let a held packet go on; it arrives at once if it would have been there by now."""
        packet = self.packets[key]
        self._launch(replace(packet, held=False, arrives_at=max(packet.arrives_at, now)))

    def duplicate(self, key: PacketKey, now: int, step: int) -> None:
        """Make a copy of an original, which takes a time of its own to arrive."""
        original = self.packets[key]
        copy = original.copies + 1
        self.packets[key] = replace(original, doubled=False, copies=copy)
        travel_ms = self._travel_ms(original.link, original.number << 8 | copy)
        self._launch(
            replace(
                original,
                copy=copy,
                held=False,
                doubled=False,
                sent_in=step,
                arrives_at=now + travel_ms,
            )
        )

    def set_delay(self, link: Link, low: int, high: int) -> None:
        """Make a link faster or slower for what is sent from now on."""
        self._delays[link] = (low, high)

    def delay(self, link: Link) -> tuple[int, int]:
        """How long a link takes, from and to."""
        return self._delays.get(link, self._usual_delay)

    def fork(self) -> Network:
        """Copy it; packets are shared."""
        copy = Network.__new__(Network)
        copy.packets = self.packets.copy()
        copy.cuts, copy.weather = self.cuts, self.weather
        copy.reports = self.reports
        copy._seed, copy._usual_delay, copy._order = self._seed, self._usual_delay, self._order
        copy._delays = self._delays.copy()
        copy._arrivals = self._arrivals.copy()
        copy._parked = {receiver: parked.copy() for receiver, parked in self._parked.items()}
        copy._numbers = self._numbers.copy()
        copy._last_arrival = self._last_arrival.copy()
        return copy


def packet_name(key: PacketKey) -> str:
    """As decisions name it: `S1>S2 17`, or `S1>S2 17.1` for a copy."""
    sender, receiver, number, copy = key
    return f"S{sender}>S{receiver} {number}" + (f".{copy}" if copy else "")


def parse_cut(text: str, members: Iterable[int]) -> tuple[Link, ...]:
    """Read which links a person wants cut: groups `1|23`, or single ways `1>3 3>2`, or both.

    Members that no group names keep all their links.
    """
    known = {str(member): member for member in sorted(members)}
    links: set[Link] = set()
    for word in text.split():
        groups = re.split("[|>]", word)
        one_way = re.fullmatch(".>.", word) is not None
        if (">" in word and not one_way) or not set("".join(groups)) <= set(known):
            links.clear()
            break
        sides = [[known[digit] for digit in group] for group in groups]
        for number, side in enumerate(sides):
            for other in sides[number + 1 :]:
                links |= {(a, b) for a in side for b in other}
                links |= set() if one_way else {(b, a) for a in side for b in other}
    if not links or any(sender == receiver for sender, receiver in links):
        names = ", ".join(f"S{member}" for member in known)
        raise UserError(
            f"{text!r} cuts nothing between {names}. Type groups such as 1|23, "
            "or one way such as 1>3."
        )
    return tuple(sorted(links))


def describe_cut(cuts: Iterable[Link], members: Iterable[int]) -> str:
    """Write a cut as `parse_cut` reads it: as groups if it is a wall between those it touches."""
    cuts = set(cuts)
    touched = {member for link in cuts for member in link}
    groups: list[list[int]] = []
    for member in sorted(touched & set(members)):
        near = (g for g in groups if not {(g[0], member), (member, g[0])} & cuts)
        group = next(near, None)
        if group is None:
            groups.append([member])
        else:
            group.append(member)
    wall = "|".join("".join(map(str, group)) for group in groups)
    between = {(a, b) for g in groups for h in groups if g is not h for a in g for b in h}
    return wall * bool(cuts) if between == cuts else " ".join(f"{a}>{b}" for a, b in sorted(cuts))
