"""Progress: what a learner has done, remembered between two commands.

    progress = Progress.read(folder)
    progress.note("3.2", verdict); progress.save()

It is a memory, not a proof: `results` judges all files anew.

Next page: `results`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import NoneType

from learnetcd.errors import UserError
from learnetcd_lessons.chapter import chapters, ids_of
from learnetcd_lessons.folder import MEMORY
from learnetcd_lessons.verdict import Verdict


@dataclass(slots=True)
class Standing:
    """How far one exercise has got."""

    done: bool = False
    skipped: bool = False
    tries: int = 0
    """How often it was checked before it was done."""
    hints: int = 0
    """How many of the three were told."""
    acts: int | None = None
    """The fewest with which it was done."""
    first_score: str = ""
    """Of questions: how many were right at the first try of all of them."""


@dataclass(slots=True)
class Progress:
    """All standings of one folder."""

    folder: Path
    by_id: dict[str, Standing] = field(default_factory=dict)

    @staticmethod
    def read(folder: Path) -> Progress:
        """Read what is remembered; a file that can't be read is a `UserError`."""
        progress = Progress(folder)
        progress.refresh()
        return progress

    def refresh(self) -> None:
        """Read it anew: another terminal may have added to it while something was checked here."""
        path = self.folder / MEMORY
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            self.by_id = {id_: standing_of(known) for id_, known in found.items()}
        except (ValueError, TypeError, AttributeError):
            raise UserError(
                f"{path} can't be read. Remove it and type `learnetcd lesson start {self.folder}`: "
                "your files stay, and `learnetcd lesson check --all` finds out what is done."
            ) from None

    def save(self) -> None:
        """Remember it; whoever reads finds the whole of the old file, or the whole of the new."""
        plain = {id_: asdict(standing) for id_, standing in sorted(self.by_id.items())}
        text = json.dumps(plain, indent=1)
        path = self.folder / MEMORY
        new = path.with_name(f"{MEMORY}.{os.getpid()}")
        new.write_text(f"{text}\n", encoding="utf-8")
        new.replace(path)

    def of(self, id_: str) -> Standing:
        """How far one has got."""
        return self.by_id.setdefault(id_, Standing())

    def note(self, id_: str, verdict: Verdict) -> bool:
        """Remember a verdict; whether it is the best so far."""
        standing = self.of(id_)
        standing.tries += not standing.done
        if verdict.score and not standing.first_score and not verdict.unanswered:
            standing.first_score = verdict.score
        if not verdict.passed:
            return False
        fewer = verdict.acts is not None and (standing.acts is None or verdict.acts < standing.acts)
        if fewer:
            standing.acts = verdict.acts
        is_news = fewer or not standing.done
        standing.done, standing.skipped = True, False
        return is_news

    def hint(self, id_: str, levels: Sequence[str]) -> str:
        """Tell one hint more; when all were told, the last one again."""
        standing = self.of(id_)
        standing.hints = min(standing.hints + 1, len(levels))
        self.save()
        return f"Hint {standing.hints} of {len(levels)} for {id_}: {levels[standing.hints - 1]}"

    def next_id(self, after: str = "") -> str | None:
        """The next that is neither done nor skipped: behind another one, or else from the start."""
        ids = [id_ for chapter in chapters() for id_ in ids_of(chapter)]
        begin = ids.index(after) + 1 if after else 0
        return next((id_ for id_ in ids[begin:] + ids[:begin] if not self.settled(id_)), None)

    def settled(self, id_: str) -> bool:
        """Whether it is done or skipped."""
        standing = self.by_id.get(id_, Standing())
        return standing.done or standing.skipped


def standing_of(known: dict[str, object]) -> Standing:
    """A standing out of the file; a `TypeError` if somebody wrote something else there."""
    standing = Standing(**known)  # type: ignore[arg-type]  # looked at below
    new = Standing()
    for one in fields(Standing):
        value = getattr(standing, one.name)
        kinds = (int, NoneType) if one.name == "acts" else (type(getattr(new, one.name)),)
        if not isinstance(value, kinds):
            raise TypeError(f"{one.name} is {value!r}")
    return standing
