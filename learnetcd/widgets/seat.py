"""The seat: what a browser tells, as acts at the desk; and what it is given to show.

    seat.press("n")                     a key, or a button with that key on it
    seat.point("entry 1 3")             something in a picture: why is it so?
    seat.submit("cut", "1|23")          what was typed, or picked from a list
    seat.shown()["panes"]               the page, pane by pane

Keys mean what they mean in the terminal: both read the one table. Some are left to the browser
(Tab, Ctrl-P, the switch between light and dark, leaving), for it has its own ways there.

Next page: `told`.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from learnetcd.desk.desk import ACTS, Desk
from learnetcd.desk.keys import KEYS, Key
from learnetcd.desk.lists import LISTS, Choosable
from learnetcd.desk.target import Target
from learnetcd.errors import UserError
from learnetcd.figures.svg import Markup
from learnetcd.session.session import Session
from learnetcd.tracing import member_name
from learnetcd.widgets import asking, panes

BROWSER_NAMES = {
    "full_stop": ".", "comma": ",", "question_mark": "?", "exclamation_mark": "!", "colon": ":",
    "plus": "+", "equals_sign": "=", "minus": "-", "left_square_bracket": "[",
    "right_square_bracket": "]", "space": " ", "pageup": "PageUp", "pagedown": "PageDown",
    "home": "Home", "end": "End", "up": "ArrowUp", "down": "ArrowDown", "enter": "Enter",
    "escape": "Escape", "f1": "F1",
}  # fmt: skip
"""What a browser calls the keys that are no letters."""

LEFT_TO_THE_BROWSER = ("pane_after", "pane_before", "jump", "light", "command_palette", "quit")

KEYS_HERE = tuple(key for key in KEYS if key.act not in LEFT_TO_THE_BROWSER)


def by_name() -> dict[str, Key]:
    """Each key by what a browser calls it, and by what stands on its button."""
    named = {key.label: key for key in KEYS_HERE}
    for key in KEYS_HERE:
        for name in key.keys.split(","):
            called = BROWSER_NAMES.get(name, name if len(name) == 1 else "")
            if called:
                named[called] = key
    return named


NAMED = by_name()

LONGEST_PULSE_S = 0.5
"""A browser that slept has not let the cluster run meanwhile."""


class Seat:
    """A desk, with a browser in front of it."""

    def __init__(self, session: Session) -> None:
        """Sit down."""
        self.desk = Desk(session)
        self.open: Key | Choosable | None = None
        """What is asked of the person: words for a key, one of a list; the key of help itself."""
        self.opened = ""
        """The pane that shall be unfolded."""
        self.pulsed_at = monotonic()

    # -- what the browser tells -----------------------------------------------------------------

    def press(self, name: str) -> None:
        """A key."""
        key = NAMED.get(name)
        if key is None:
            return
        was_open, self.open, self.opened = self.open, None, ""
        if name in ("ArrowUp", "ArrowDown"):
            self.desk.cursor += 1 if name == "ArrowDown" else -1
        elif key.asks or key.act == "help":
            self.open = None if was_open is key else key
        elif key.act in LISTS:
            self.open = None if was_open is LISTS[key.act] else LISTS[key.act]
        elif key.act == "safety":
            self.opened = "safety"
        elif key.act == "enter":
            self.desk.do("take")
        elif key.act in ACTS:
            self.desk.do(key.act, key.words)

    def point(self, words: str) -> None:
        """Something was pressed in a picture or in a list of things."""
        self.opened = ""
        target = target_of(words)
        match target.kind:
            case "choice":
                self.desk.cursor = target.index
                self.desk.do("take")
            case "step":
                self.desk.do("seek", str(target.index))
            case "branch":
                self.desk.do("branch", target.name)
            case "member" if target.member != self.desk.member:
                self.desk.notice = f"Keys act on {member_name(target.member)} now."
                self.desk.choose(target)
            case _:
                self.desk.choose(target)
                self.desk.do("why")

    def submit(self, act: str, words: str) -> None:
        """What was typed after a key, or picked from a list."""
        self.open, self.opened = None, ""
        if act in ACTS:
            self.desk.do(act, words)

    def pulse(self) -> bool:
        """Let a cluster run that runs, and see who has come; whether there is something to show."""
        now = monotonic()
        elapsed, self.pulsed_at = min(now - self.pulsed_at, LONGEST_PULSE_S), now
        if self.desk.running:
            self.desk.pass_time(elapsed)
            return True
        return self.desk.has_news()

    # -- what it is given -----------------------------------------------------------------------

    def shown(self) -> dict[str, object]:
        """All that a browser needs for this step."""
        sight = self.desk.sight()
        bodies = panes.panes(sight, self.asked())
        return {
            "title": panes.page_title(sight),
            "step": sight.view.step,
            "said": panes.sentence_of(sight),
            "running": sight.running,
            "live": self.desk.session.is_live,
            "opened": self.opened,
            "greyed": "",  # what cannot be pressed here; on a page of the book, most things
            "keys": list(NAMED),
            "panes": [
                {"name": name, "title": title, "folded": name in panes.FOLDED, "body": bodies[name]}
                for name, title in panes.TITLES.items()
            ],
        }

    def asked(self) -> Markup:
        """What is asked of the person."""
        match self.open:
            case None:
                return Markup()
            case Key(act="help"):
                return asking.all_keys(KEYS_HERE)
            case Key() as key:
                return asking.question(key, member_name(self.desk.member))
            case shown:
                with suppress(UserError):
                    return asking.choosable(shown, shown.rows(self.desk))
                return Markup()


def target_of(words: str) -> Target:
    """What a place in the page stands for: `entry 1 3`, `message 1 2 7`, `branch main`."""
    kind, _, rest = words.partition(" ")
    if kind == "branch":
        return Target("branch", name=rest)
    numbers = [int(number) for number in rest.split()]
    match kind, numbers:
        case "event", [member, number, ordinal, step]:
            return Target("event", index=step, event=(member, number, ordinal))
        case "message", [sender, receiver, number]:
            return Target("message", link=(sender, receiver), index=number)
        case "entry", [member, index]:
            return Target("entry", member=member, index=index)
        case (("client" | "choice" | "step" | "term"), [index]):
            return Target(kind, index=index)
        case (("member" | "vote" | "timer"), [member]):
            return Target(kind, member=member)
        case _:
            raise UserError(f"There is nothing that is called {words!r}.")
