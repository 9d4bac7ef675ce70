"""Talking to the cluster as a client, and asking why.

Next page: `setting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learnetcd.desk.target import Target
from learnetcd.desk.words import key_and_read, key_and_value
from learnetcd.errors import UserError

if TYPE_CHECKING:
    from learnetcd.desk.desk import Desk


def choose_member(desk: Desk, words: str) -> None:
    """The member on which the next keys act."""
    if not any(str(member.id) == words for member in desk.session.view().members):
        raise UserError(f"There is no member S{words}.")
    desk.choose(Target("member", member=int(words)))


def put(desk: Desk, words: str) -> None:
    """Put a key, as a client of the chosen member."""
    desk.last_key, value, ttl = key_and_value(words)
    number = desk.session.put(desk.member, desk.last_key, value, ttl)
    desk.choose(Target("client", index=number))  # the next question is what came of it


def get(desk: Desk, words: str) -> None:
    """Get a key, as a client of the chosen member, or watch it."""
    desk.last_key, read = key_and_read(words, desk.last_key)
    if read in ("watch", "stream"):
        number = desk.session.watch(desk.member, desk.last_key, stream=read == "stream")
    else:
        number = desk.session.get(desk.member, desk.last_key, read)
    desk.choose(Target("client", index=number))


def why(desk: Desk, words: str) -> None:
    """Ask about the chosen thing."""
    desk.ask(desk.chosen or Target("member", member=desk.member))


ACTS = {act.__name__: act for act in (choose_member, put, get, why)}
