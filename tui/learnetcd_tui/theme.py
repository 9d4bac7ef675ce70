"""The looks: which colour each word of the drawing has, and which sign stands in where glyphs fail.

Panes draw with names ("leader", "conflict chosen"), never with colours, and with one set of glyphs.
Here the names become styles, for a dark and for a light ground, and on a terminal that can show
ASCII only each glyph becomes one letter of the same width, so nothing moves:

    x=1· stored    x=1▪ durable    x=1▣ committed    x=1█ applied
    x=1s           x=1d            x=1c              x=1a

Colour is never the only sign: a role has a letter and a shape, a mark has a glyph, what changed has
a star, what is broken has the word VIOLATED.

Next page: `dump`.
"""

from functools import cache

from rich.style import Style

ASCII = str.maketrans(
    {
        "·": "s", "▪": "d", "▣": "c", "█": "a", "░": "%",
        "●": "o", "◆": "#", "◇": "?", "◈": "+", "✕": "x",
        "─": "-", "━": "=", "╌": ".", "│": "|", "┃": "|", "├": "|", "┤": "|", "┬": "Y", "╋": "+",
        "┌": ".", "┐": ".", "┘": "'", "└": "`", "┼": "+", "┴": "+", "╪": "+", "═": "=",
        "▶": ">", "▸": ">", "›": ">", "▼": "v", "↓": "v", "▲": "^", "↑": "^", "▏": "_",
        "→": ">", "←": "<", "⇏": "!", "…": "~", "✓": "+", "✗": "x", "≡": "=", "‖": "H",
        "–": "-", "§": "S", "•": "-", "▒": ":", "▓": "#", "↩": "<", "×": "x", "≠": "!",
    }
)  # fmt: skip
"""One letter for each glyph."""

DARK = {
    "": "#d8dee9 on #10151c",
    "dim": "#7b8698",
    "strong": "bold #ffffff",
    "title": "bold #8fb8de",
    "rule": "#3a4656",
    "focus": "bold #10151c on #8fb8de",
    "key": "bold #f2c879",
    "leader": "bold #f2c879",
    "candidate": "bold #7fd1e6",
    "follower": "#b9c4d4",
    "down": "#6b7280 strike",
    "timer": "#7fd1e6",
    "stored": "#9aa5b5",
    "durable": "#8fb8de",
    "committed": "bold #8ccf8f",
    "applied": "bold #8ccf8f",
    "conflict": "#f08a7c on #3a1f1f",
    "changed": "bold #ffd75f",
    "chosen": "reverse",
    "wall": "bold #f08a7c",
    "good": "#8ccf8f",
    "bad": "bold #ffffff on #b3261e",
    "warn": "#f2a65a",
    "comment": "italic #7b8698",
    "word": "bold #c9a0dc",
    "here": "bold #ffffff on #2f3d52",
}

LIGHT = {
    "": "#1f2733 on #fbfaf6",
    "dim": "#6a7280",
    "strong": "bold #000000",
    "title": "bold #1d4f82",
    "rule": "#b9bfc8",
    "focus": "bold #fbfaf6 on #1d4f82",
    "key": "bold #8a5300",
    "leader": "bold #8a5300",
    "candidate": "bold #0b6b80",
    "follower": "#39424f",
    "down": "#8b919b strike",
    "timer": "#0b6b80",
    "stored": "#6a7280",
    "durable": "#1d4f82",
    "committed": "bold #1c6b2a",
    "applied": "bold #1c6b2a",
    "conflict": "#8f1d14 on #f6dcd8",
    "changed": "bold #a03d00",
    "chosen": "reverse",
    "wall": "bold #b3261e",
    "good": "#1c6b2a",
    "bad": "bold #ffffff on #b3261e",
    "warn": "#8a4b00",
    "comment": "italic #6a7280",
    "word": "bold #6b2f8a",
    "here": "bold #000000 on #dfe6ee",
}


@cache
def style_of(names: str, light: bool) -> Style:
    """The style of one or more names, the later ones on top."""
    table = LIGHT if light else DARK
    style = Style.parse(table[""])
    for name in names.split():
        style += Style.parse(table[name])
    return style
