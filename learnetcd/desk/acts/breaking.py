"""Breaking and mending: what a person does to members, links and messages.

Next page: `talking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.desk.words import number, side_act

if TYPE_CHECKING:
    from learnetcd.desk.desk import Desk


def time_out(desk: Desk, words: str) -> None:
    """Let the timer of the chosen member run out now."""
    desk.session.time_out(desk.member)


def crash(desk: Desk, words: str) -> None:
    """Kill the chosen member."""
    desk.session.crash(desk.member)


def restart(desk: Desk, words: str) -> None:
    """Start it again."""
    desk.session.restart(desk.member)


def cut(desk: Desk, words: str) -> None:
    """Cut links."""
    desk.session.cut(words.strip())


def heal(desk: Desk, words: str) -> None:
    """Heal all cuts."""
    desk.session.heal()


def drop(desk: Desk, words: str) -> None:
    """Lose the chosen message."""
    desk.session.drop(desk.packet())


def hold(desk: Desk, words: str) -> None:
    """Hold the chosen message, or let it go on."""
    packet = desk.packet()
    if packet.held:
        desk.session.release(packet)
    else:
        desk.session.hold(packet)


def duplicate(desk: Desk, words: str) -> None:
    """Send a copy of the chosen message."""
    desk.session.duplicate(desk.packet())


def more(desk: Desk, words: str) -> None:
    """The acts that have no key of their own."""
    act, rest = side_act(words)
    session, member = desk.session, desk.member
    match act:
        case "pause":
            session.pause(member)
        case "resume":
            session.resume(member)
        case "hold":
            session.hold_gate(member, rest)
        case "open":
            session.open_gate(member, rest)
        case "skew":
            session.skew(member, number(rest, "The rate of a clock, per mille,"))
        case "timer":
            session.set_timer(member, number(rest, "A timer, in ticks,"))
        case "transfer":
            session.transfer(member, number(rest, "The member that shall lead"))
        case "delete":
            session.delete(member, rest)
        case "add":
            session.add_member(number(rest, "The member to add"))
        case "learner":
            session.add_learner(number(rest, "The member to add"))
        case _:
            session.remove_member(number(rest, "The member to remove"))


ACTS = {
    act.__name__: act for act in (time_out, crash, restart, cut, heal, drop, hold, duplicate, more)
}
