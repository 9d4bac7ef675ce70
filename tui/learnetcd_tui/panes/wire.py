"""The wire: one message in flight, byte by byte, as real members send it.

    append t2 after 3@2 [z=4] commit 2   S1→S2, 88 bytes
    on the stream that S2 has opened at S1: GET /raft/stream/msgapp/2
     02                        frame         an append, in full
     00 00 00 00 00 00 00 4f   length        79 bytes follow
     08 03                     type          APP

It is the chosen message, or else the one that arrives first. Simulated members send values; these
are the bytes in which the same code would send them through a socket.

Next page: `http`.
"""

from __future__ import annotations

from learnetcd.session.views import PacketView
from learnetcd.tracing import member_name
from learnetcd_tui.canvas import Line, scrolled, wrap
from learnetcd_tui.dump import dump
from learnetcd_tui.panes.flight import target_of
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """What it says, how it travels, its bytes."""
    packet = packet_of(picture)
    if packet is None:
        return [Line(" no message is under way: its bytes would be here", "dim")]
    target, wire = target_of(packet), packet.wire()
    sender, receiver = map(member_name, packet.link)
    size = sum(len(piece.data) for piece in wire.pieces)
    what = f"{packet.text.replace('->', '→')}, {sender}→{receiver}"
    what += f", {size} bytes" if size else ""
    lines = [Line(f" {row}", "strong", target) for row in wrap(what, width - 2)]
    lines += [Line(f" {row}", "comment", target) for row in wrap(wire.way, width - 2)]
    lines += dump(wire.pieces, width, target)
    return scrolled(lines, picture.scroll.get("wire", 0), height)


def packet_of(picture: Picture) -> PacketView | None:
    """The chosen message, or the first to arrive."""
    packets = picture.view.packets
    chosen = (packet for packet in packets if target_of(packet) == picture.chosen)
    return next(chosen, packets[0] if packets else None)
