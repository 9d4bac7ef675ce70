"""The line in which words are typed after a key: `C`, then `1|23` and Enter. Esc closes it.

    C → 1|23▏   cut into groups: 1|23, or one way: 1>3

It takes the place of the keys at the bottom. It is no widget: a key reaches it in the very moment
in which it is pressed, so whoever types ahead of the screen loses no letter.

Left out: moving inside the words. They are short; Backspace and Ctrl-U are enough.

Next page: `overlays`.
"""

from __future__ import annotations

from learnetcd.desk.keys import Key


class Prompt:
    """The key that asks, and what was typed so far."""

    def __init__(self) -> None:
        """Begin closed."""
        self.key: Key | None = None
        self.typed = ""

    def open(self, key: Key) -> None:
        """Ask for what a key needs."""
        self.key, self.typed = key, ""

    def close(self) -> None:
        """Ask no more."""
        self.key = None

    def take(self, pressed: str, character: str | None) -> bool:
        """One more key; True when it was Enter, and the words are complete."""
        match pressed:
            case "enter":
                return True
            case "escape":
                self.close()
            case _:
                self.typed = typed_on(self.typed, pressed, character)
        return False


def typed_on(typed: str, pressed: str, character: str | None) -> str:
    """What stands there after one more key."""
    match pressed:
        case "backspace":
            return typed[:-1]
        case "ctrl+u":
            return ""
        case _:
            return typed + (character if character and character.isprintable() else "")
