"""Scenes and their scripts, rules, profiles, branches, files.

Next page: `exporting`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from learnetcd.errors import UserError, unknown_name
from learnetcd.session.session import Session

if TYPE_CHECKING:
    from learnetcd.desk.desk import Desk


def scene(desk: Desk, words: str) -> None:
    """Another scene, from its beginning."""
    desk.begin(Session.open(words))


def play(desk: Desk, words: str) -> None:
    """Play the script of this scene, and stand at its beginning: the run lies ahead."""
    script = desk.session.script()
    if not script:
        raise UserError("This is no scene, so it has no script. S chooses a scene.")
    desk.begin(Session.open(desk.session.view().scene))
    session = desk.session
    beginning = session.view().step
    for line in script:
        session.act(line)
    steps = session.view().length - beginning
    session.seek(beginning)
    desk.notice = f"Played: {steps} steps lie ahead; n, . or space go along them."


def rule(desk: Desk, words: str) -> None:
    """Switch a rule off if it is on, on if it is off."""
    rules = {rule.name: rule for rule in desk.session.rules()}
    if words not in rules:
        raise unknown_name("rule", words, rules)
    desk.session.set_rule(words, not rules[words].on)
    desk.notice = f"{words} is {'off' if rules[words].on else 'on again'}."


def profile(desk: Desk, words: str) -> None:
    """Another profile; the run so far stays as a branch."""
    desk.stand_still()
    desk.session.set_profile(words)


def branch(desk: Desk, words: str) -> None:
    """Another branch."""
    desk.stand_still()
    desk.session.switch(words)


def save(desk: Desk, words: str) -> None:
    """Save this branch as a recording; over another file only if the name ends with `!`."""
    words = words.strip() or "run.recording"
    path = words.removesuffix("!")
    try:
        if path == words and path not in desk.own_files and Path(path).is_file():
            raise UserError(
                f"{path} is there already. Type another name, or {path}! to write over it."
            )
        desk.session.save(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    desk.own_files.add(path)
    desk.notice = f"Saved: {path}"


def load(desk: Desk, words: str) -> None:
    """Open a recording, at its end."""
    path = words.strip() or "run.recording"
    try:
        desk.begin(Session.load(path))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    desk.own_files.add(path)


def past(desk: Desk, words: str) -> None:
    """From real members to their past, and back to the present."""
    if desk.session.is_live or desk.present is None:
        desk.begin(desk.session.past())
        if not desk.notice:
            desk.notice = "The past, simulated: go back, branch, ask. v leads to the present again."
    else:
        desk.begin(desk.present)
        desk.notice = "The real members again."


ACTS = {act.__name__: act for act in (scene, play, rule, profile, branch, save, load, past)}
