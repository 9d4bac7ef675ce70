"""The recording of a server: all that happens to its member, in a file, while it happens.

    learnetcd serve --record a.recording      ... until curl has shown something odd
    learnetcd replay a.recording              the same once more, in words
    learnetcd tui --recording a.recording     the same, to be stepped through, forwards and back

A member knows only what it is told. So it is enough to write down with what it began and each of
its inputs; what it did follows. Each line is with the operating system before the member hears of
what it says: however the server ends, the file says what led to that.

**The server goes first.** A recording that can't be written any more ends, and the server goes on.
So does one that has become too long.

Left out: making it safe against a power cut. It is no log that anybody relies on.

Next page: `listening`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from learnetcd.errors import UserError
from learnetcd.member.inputs import Input
from learnetcd.member.member import Member
from learnetcd.raft.configuration import ConfigChange
from learnetcd.raft.entry import Stored
from learnetcd.runtime import journal

MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Start:
    """With what a member begins: of this and its inputs all else follows."""

    member: Member
    """Just made, and not yet told anything."""
    stored: Stored
    seed: int
    wall_ms: int
    """What the wall clock shows, in milliseconds since 1970."""
    profile: str

    @property
    def knows_others(self) -> bool:
        """Whether what it has on its disk names other members."""
        configuration = self.stored.snapshot.configuration
        named = {*configuration.voters, *configuration.learners}
        for entry in self.stored.entries:
            if isinstance(entry.payload, ConfigChange):
                named |= {change.member for change in entry.payload.changes}
        return bool(named - {self.member.id})


class Tape(Protocol):
    """Knows the words for what happens."""

    def note(self, input: Input) -> None:
        """The member is going to be told this."""

    def end(self) -> None:
        """That was all."""


Write = Callable[[str], object]
"""Takes one line."""


def for_us_alone(path: str, flags: int) -> int:
    """Open a file that others can't read: it has clients' values, and the hashes of passwords."""
    return os.open(path, flags, 0o600)


class Recorder:
    """Writes down what happens to one member; if it can't, it says so once."""

    def __init__(self, path: str, tape_of: Callable[[Start, Write], Tape]) -> None:
        """Make the file; one that is there is not written over."""
        self.path = path
        self._tape_of = tape_of
        self._tape: Tape | None = None
        self._bytes = 0
        try:
            # Line by line, so that nothing waits in this process.
            self._file = open(  # noqa: SIM115  # closed by `end`
                path, "x", buffering=1, encoding="utf-8", newline="\n", opener=for_us_alone
            )
        except FileExistsError:
            reason = "it is there already. Give another name, or remove it first"
            raise UserError(f"Nothing can be recorded in {path}: {reason}.") from None
        except OSError as error:
            raise UserError(f"Nothing can be recorded in {path}: {error.strerror}.") from None

    def begin(self, start: Start) -> Callable[[Input], None]:
        """Write down the start; give what is to be told of each input."""
        self._tape = self._tape_of(start, self._write)
        journal.say("recording", file=self.path)
        return self.note

    def note(self, input: Input) -> None:
        """Write down one input."""
        if self._tape is None:
            return
        try:
            self._tape.note(input)
            if self._bytes > MOST_BYTES:
                self.end()
                journal.warn("the recording is full: nothing more is recorded", file=self.path)
        except (OSError, UserError) as error:
            self._tape = None
            journal.complain("nothing more is recorded", file=self.path, reason=str(error))

    def end(self) -> None:
        """Write the end, unless it ended before."""
        tape, self._tape = self._tape, None
        if tape is not None:
            tape.end()
        self._file.close()

    def _write(self, line: str) -> None:
        self._bytes += len(line)
        self._file.write(line)


def nobody_records(start: Start) -> Callable[[Input], None]:
    """What happens without a recorder."""
    return lambda input: None
