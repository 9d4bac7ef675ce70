"""The guide: pages to read beside the stepper, each with a cluster that it opens.

    guide = Guide([Page("When votes split", "All three may wake ...", opens=scene("split"))])
    Application(Desk(guide.page.opens()), guide=guide)

A page may look at the run after each act (`looks`: is the goal reached?), and may ask something
(`asks`: which option?). What is asked and what is right, only those know who made the page.

Next page: `layout`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from learnetcd.desk.keys import Key
from learnetcd.session.session import Session

Answered = tuple[str, Session | None]
"""What is said to an answer, and the run that shows it, if there is one to watch."""

AFTER = Key("right_parenthesis", ")", "page_after", "open", "the next page of the lesson")
BEFORE = Key("left_parenthesis", "(", "page_before", "open", "the page before")
ANSWER = Key("a", "a", "answer", "open", "answer the question of this page", "", "your answer: A")
GUIDE_KEYS = {key.keys: key for key in (AFTER, BEFORE, ANSWER)}
"""Beside a guide there are these keys, too; its last line says so."""


def looks_at_nothing(session: Session) -> str:
    """Most pages only tell."""
    return ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    title: str
    text: str
    """Paragraphs, with empty lines between them; lines that begin with blanks stay as they are."""
    opens: Callable[[], Session] | None = None
    """The cluster for this page; without one, the last one stays."""
    looks: Callable[[Session], str] = looks_at_nothing
    """After each act: what there is to say about the run so far."""
    asks: Callable[[str], Answered] | None = None
    """What is said to an answer."""


class Guide:
    """Some pages, and the place of the reader in them."""

    def __init__(self, pages: Sequence[Page], place: int = 0) -> None:
        """Open it at a page."""
        self.pages = tuple(pages)
        self.place = place
        self.said = ""
        """What was said to the last answer, or about the run."""

    @property
    def page(self) -> Page:
        """The open page."""
        return self.pages[self.place]

    def turn(self, by: int) -> Session | None:
        """Turn the page; gives the cluster that it opens, if it does."""
        place = max(0, min(self.place + by, len(self.pages) - 1))
        if place == self.place:
            return None
        self.place, self.said = place, ""
        return self.page.opens() if self.page.opens else None

    def look(self, session: Session) -> None:
        """Look at the run after an act."""
        if said := self.page.looks(session):
            self.said = said

    def answer(self, words: str) -> Session | None:
        """Take an answer; gives the run that shows what is right, if there is one."""
        if self.page.asks is None:
            self.said = "This page asks nothing."
            return None
        self.said, session = self.page.asks(words)
        return session
