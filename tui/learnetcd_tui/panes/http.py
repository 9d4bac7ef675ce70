"""HTTP: what one client sent and what it got, line by line, and the lines that ask the same.

    c7 put msg=hello → S1   201 bytes asked, 310 told
    curl -X PUT http://127.0.0.1:2379/v2/keys/msg -d value=hello
    > PUT /v2/keys/msg HTTP/1.1           put msg=hello
    > Content-Length: 11                  so many bytes of a body follow
    ...
    < HTTP/1.1 201 Created                done, and the key is new

It is the chosen client, or else the one who asked last.

Next page: `keyspace`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.session.views import ClientView, PieceView
from learnetcd_tui.canvas import Line, Target, fit, scrolled, width_of, wrap
from learnetcd_tui.picture import Picture

LONGEST = 500
"""So many bytes of a line are shown."""


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """How to ask, what was asked, what was told."""
    client = client_of(picture)
    if client is None:
        return nobody_asked(picture, width)
    target, exchange = Target("client", index=client.id), client.exchange()
    title = f"c{client.id} {client.text.replace('->', '→')}   {client.outcome} {client.result}"
    lines = [Line(f" {row}", "strong", target) for row in wrap(title, width - 2)]
    if not exchange.curl:
        lines.append(Line(" etcd's v2 interface has no request for this", "dim"))
        return lines
    lines += how_to_ask((exchange.curl, exchange.etcdctl), width)
    lines += draw_pieces("> ", exchange.asked, width, target)
    lines += draw_pieces("< ", exchange.told, width, target)
    if not exchange.told:
        lines.append(Line(f" < {exchange.silence or '... it waits'}", "warn", target))
    return scrolled(lines, picture.scroll.get("http", 0), height)


def nobody_asked(picture: Picture, width: int) -> list[Line]:
    """How one asks: from another terminal, if the members are real."""
    if not picture.invitation:
        return [Line(" nobody has asked for anything: P puts a key, G gets one", "dim")]
    words = "Nobody has asked yet. In another terminal, one of these:"
    then = (
        "It waits until you step its commit (.), or let the members run (space). curl has all the"
        " time in the world; etcdctl gives up after a second or two, unless it is told not to."
    )
    lines = [Line(f" {row}", "strong") for row in wrap(words, width - 2)]
    lines += how_to_ask(picture.invitation, width)
    return lines + [Line(f" {row}", "dim") for row in wrap(then, width - 2)]


def client_of(picture: Picture) -> ClientView | None:
    """The chosen client, or the last one who is no member: those write keys of their own."""
    for client in picture.view.clients:
        if Target("client", index=client.id) == picture.chosen:
            return client
    return next((one for one in reversed(picture.view.clients) if one.exchange().curl), None)


def how_to_ask(lines: Sequence[str], width: int) -> list[Line]:
    """Lines for a shell. One that is too long goes on in the next, and can be copied so."""
    drawn = []
    for line in filter(None, lines):
        rows = wrap(line, width - 5)
        for number, row in enumerate(rows, start=1):
            start = "   " if number == 1 else "     "
            drawn.append(Line(start + row + (" \\" if number < len(rows) else ""), "good"))
    return drawn


def draw_pieces(sign: str, pieces: Sequence[PieceView], width: int, target: Target) -> list[Line]:
    """Each line with its meaning beside it, or below it if there is no room."""
    lines = []
    beside = width // 2
    for piece in pieces:
        text = visible(piece.data)
        line = Line(f" {sign}", "dim", target)
        if not piece.text:
            lines += [
                Line(f" {sign}", "dim", target).add(row, "durable", target)
                for row in cut(text, width - 4)
            ]
        elif width_of(text) + 4 < beside:
            line.add(text, "durable", target).to(beside)
            lines.append(line.add(fit(piece.text, width - beside), "", target))
        else:
            rows = cut(text, width - 4)
            lines.append(line.add(rows[0], "durable", target))
            lines += [Line("   ").add(row, "durable", target) for row in rows[1:]]
            lines.append(Line(fit(f"     {piece.text}", width), "", target))
    return lines


def visible(data: bytes) -> str:
    r"""A line as text, with its end: `value=1`, `HTTP/1.1 200 OK\r\n`."""
    text = data[:LONGEST].decode("utf-8", "backslashreplace")
    text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return text + (f" … {len(data)} bytes" if len(data) > LONGEST else "")


def cut(text: str, width: int) -> list[str]:
    """In rows of one width: nothing is left out, not even a space."""
    return [text[at : at + width] for at in range(0, max(1, len(text)), width)]
