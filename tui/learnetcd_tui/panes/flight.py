"""The messages in flight: a lane each, the arrow where the message is now, and what it says.

     S1 ━━━━━━━▶╌╌╌╌ S2  append t2 after 3@2 [z=4] commit 2     in 12 ms

A held message does not move; one that a cut stands in the way of will not arrive. Enter or a click
opens a message to all its fields and to its cause.

Next page: `next`.
"""

from __future__ import annotations

from learnetcd.session.signs import fate
from learnetcd.session.views import PacketView
from learnetcd.tracing import member_name
from learnetcd_tui.canvas import Line, Target, fit
from learnetcd_tui.picture import Picture

LANE = 12


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """One line for each message, and a word about those that do not fit."""
    packets = picture.view.packets
    if not packets and picture.view.is_part:
        return [Line(" what members say to each other is not seen from here", "dim")]
    if not packets:
        return [Line(" no message is under way", "dim")]
    chosen = picture.chosen
    place = next((n for n, packet in enumerate(packets) if target_of(packet) == chosen), 0)
    if len(packets) <= height:
        return [draw_lane(packet, chosen, width) for packet in packets]
    first = max(0, min(place - height // 2, len(packets) - height + 1))
    shown = packets[first : first + height - 1]
    lines = [draw_lane(packet, chosen, width) for packet in shown]
    return [*lines, Line(f"   and {len(packets) - len(shown)} more", "dim")]


def target_of(packet: PacketView) -> Target:
    """What a click on a message means."""
    return Target("message", link=packet.link, index=packet.number)


def draw_lane(packet: PacketView, chosen: Target | None, width: int) -> Line:
    """The lane, the words, the time."""
    target = target_of(packet)
    sender, receiver = packet.link
    style = "wall" if packet.blocked else "warn" if packet.held else ""
    lane = LANE if width >= 64 else 6
    line = Line("*" if packet.new else " ", "changed", target)
    line.add(f"{member_name(sender)} ", "strong", target)
    done = packet.sent_ms_ago / max(1, packet.sent_ms_ago + packet.arrives_in_ms)
    at = min(lane - 1, int(done * lane))
    head = "✕" if packet.blocked else "‖" if packet.held else "▶"
    line.add("━" * at + head, style or "timer", target)
    line.add("╌" * (lane - 1 - at), "rule", target)
    line.add(f" {member_name(receiver)}  ", "strong", target)
    words = ("copy of " if packet.copy else "") + packet.text.replace("->", "→")
    words_style = "chosen" if target == chosen else ""
    line.add(fit(words, width - line.width - 12), words_style, target)
    return line.add(fate(packet).rjust(11) + " ", style or "dim", target)
