"""A screen over the panes. It says when it is there: keys that come earlier wait for that.

Next page: `picker`.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.message import Message
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Overlay(ModalScreen[Result], Generic[Result]):
    """A screen over the panes."""

    class Ready(Message):
        """It is there."""

    is_ready = False

    def ready(self) -> None:
        """Let the keys come."""
        self.is_ready = True
        self.app.post_message(self.Ready())
