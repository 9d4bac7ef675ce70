"""The keys, in one table: what each is called, what it does, what it asks for.

The bindings of the application, the line of keys at the bottom, the help screen, the palette, the
lines that `--narrate` reads and the buttons of a notebook are all made from this table. So there is
no key that the help does not list, and no act that has no key.

Next page: `desk`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One key."""

    keys: str
    """As Textual names them, with commas between."""
    label: str
    """As a person reads it; also what `--narrate` reads at the start of a line."""
    act: str
    """The method of `Desk`, or of the application if the desk has none of this name."""
    group: str
    help: str
    short: str = ""
    """For the line of keys at the bottom; empty for keys that need not be there."""
    asks: str = ""
    """If it needs words after it: what for, with examples."""
    words: str = ""
    """Words that it always means: the number of a member, the name of a pane."""


MEMBER_KEYS = tuple(
    Key(str(n), str(n), "choose_member", "choose", f"choose member S{n}", words=str(n))
    for n in range(1, 8)
)

# fmt: off
KEYS = (
    Key("full_stop,pagedown", ".", "step", "go", "one step: a message arrives, or a timer fires",
        "step"),
    Key("comma,pageup", ",", "back", "go", "back to where you stood; nothing is lost",
        "back"),
    Key("n", "n", "next_change", "go", "on to the next change of role, term or commit",
        "next change"),
    Key("space", "space", "run", "go", "run, or pause", "run"),
    Key("question_mark", "?", "why", "ask", "why (not)? of the chosen thing", "why"),
    Key("P", "P", "put", "ask", "put a key as a client, at the chosen member", "put",
        "put at the chosen member: x=1, or x=1 ttl:5"),
    Key("T", "T", "time_out", "break", "let the chosen member's timer run out now",
        "time out"),
    Key("K", "K", "crash", "break", "kill the chosen member: its memory is lost", "kill"),
    Key("U", "U", "restart", "break", "start the chosen member again, from its disk", "up again"),
    Key("C", "C", "cut", "break", "cut links", "cut", "cut into groups: 1|23, or one way: 1>3"),
    Key("H", "H", "heal", "break", "heal all cuts", "heal"),
    Key("S", "S", "scenes", "open", "choose a scene", "scenes"),
    Key("f1", "F1", "help", "open", "all keys", "all keys"),
    Key("G", "G", "get", "ask", "get a key as a client, at the chosen member", "",
        "get at the chosen member: x, x quorum, x index, x watch"),
    Key("e", "e", "effect", "go", "one effect: the smallest step"),
    Key("m", "m", "turn", "go", "one turn of a member: all from one input"),
    Key("u,colon", "u", "conditions", "go", "run until a condition holds"),
    Key("plus,equals_sign", "+", "faster", "go", "faster"),
    Key("minus", "-", "slower", "go", "slower"),
    Key("z", "z", "undo", "go", "undo the last act, whatever it was"),
    Key("y", "y", "redo", "go", "do again what was undone"),
    Key("r", "r", "play", "go", "play the script of this scene"),
    Key("home", "home", "first", "go", "to the first step"),
    Key("end", "end", "last", "go", "to the last step"),
    Key("left_square_bracket", "[", "landmark_before", "go", "to the mark before, on the timeline"),
    Key("right_square_bracket", "]", "landmark_after", "go", "to the mark after, on the timeline"),
    *MEMBER_KEYS,
    Key("up,down,left,right", "arrows", "", "choose", "move the choice inside the pane"),
    Key("enter", "enter", "enter", "choose", "do it: the chosen thing happens, or opens"),
    Key("tab", "tab", "pane_after", "choose", "the next pane"),
    Key("shift+tab", "shift+tab", "pane_before", "choose", "the pane before"),
    Key("j", "j", "jump", "choose", "jump to a pane by its letter"),
    Key("X", "X", "drop", "break", "drop the chosen message"),
    Key("L", "L", "hold", "break", "hold the chosen message, or let it go on"),
    Key("D", "D", "duplicate", "break", "send a copy of the chosen message"),
    Key("Z", "Z", "more", "break", "more, at the chosen member", "",
        "pause · resume · hold synced · open synced · skew 900 · timer 12 · transfer 2 · "
        "delete x · add 4 · remove 3"),
    Key("exclamation_mark", "!", "safety", "ask", "the invariants: what holds, what broke"),
    Key("O", "O", "rules", "open", "switch a safety rule on or off"),
    Key("F", "F", "profiles", "open", "another profile: whose Raft is it?"),
    Key("B", "B", "branches", "open", "the branches, side by side"),
    Key("w", "w", "save", "open", "save the recording", "",
        "save the recording as: run.recording, or run.recording! to write over it"),
    Key("x", "x", "exports", "open", "export a picture, a film, a log, a code"),
    Key("o", "o", "load", "open", "open a recording", "", "open the recording: run.recording"),
    Key("v", "v", "past", "open", "the past of real members; again: the present"),
    Key("d", "d", "show", "open", "the disk: its records, bytes and files",
        words="disk"),
    Key("b", "b", "show", "open", "the bytes of the chosen message",
        words="wire"),
    Key("h", "h", "show", "open", "HTTP: what a client sent and got, and curl",
        words="http"),
    Key("k", "k", "show", "open", "the keys, the watchers, the last events",
        words="keys"),
    Key("i", "i", "show", "open", "the tasks of a real member",
        words="tasks"),
    Key("t", "t", "light", "open", "light or dark"),
    Key("ctrl+p", "Ctrl-P", "command_palette", "open", "everything, by its name"),
    Key("escape", "Esc", "escape", "open", "close what is open"),
    Key("q,ctrl+q,ctrl+c", "q", "quit", "open", "quit"),
)

LEAVE = Key(
    "q",
    "q",
    "leave",
    "open",
    "leave",
    "",
    "save this run? its name, or Enter alone to leave without; Esc stays",
)
# fmt: on
"""Not in the table: the question that `q` asks when the run is not saved."""

KEYS_BY_NAME = {name: key for key in KEYS for name in key.keys.split(",")}
"""By the name that Textual has for a key."""

GROUPS = {
    "go": "Go on, go back",
    "choose": "Choose",
    "break": "Break and mend",
    "ask": "Ask",
    "open": "Open, set, leave",
}


def key_of_label(label: str) -> Key | None:
    """The key that a person means by what they typed: `n`, `C`, `space`."""
    for key in KEYS:
        if label == key.label or (len(label) > 1 and label.lower() == key.label.lower()):
            return key
    return next((key for key in KEYS if label == ":" and "colon" in key.keys), None)
