"""A share code: a whole run in one line, to be sent to somebody who sees the very same.

    LE1-eNpVjU0KwjAQhfc5xRwgQpO2qQ...         setup and decisions, compressed, in 64 letters

It is what a recording says, without what the world must look like on the way: a code is for now,
between two who have the same learnetcd; a recording is for keeping. Seed and knobs decide all
chance, and decisions all else, so nothing more is needed.

The text of a run says the same few words again and again. The compression is told them beforehand
(`WORDS`), so that even a short run gets shorter.

Next page: `tape`, how a live run becomes a recording.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.simulator.decisions import Decision, Impossible, parse
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.timeline import Timeline

MARK = "LE1-"
"""With this, all codes begin; another format would begin otherwise."""

WORDS = "\n".join(
    [
        *("crash S1 keep 0", "restart S1", "timer S1", "duplicate S1>S2 1", "drop S1>S2 1"),
        *("put S1 c1 /x 1", "get S1 c1 /x index", "change S1 c1 ", "campaign S1"),
        *("deliver S1>S3 1", "deliver S2>S3 1", "deliver S3>S2 1", "deliver S2>S1 1"),
        *("apply S1", "apply S2", "sync S3", "sync S2", "sync S1", "broken "),
        *Setup().lines(),
        "run",
        *("campaign S1", "sync S1", "deliver S1>S2 1", "sync S2", "deliver S2>S1 1"),
    ]
).encode()
"""What nearly every run says: known to both sides."""


def code_of(setup: Setup, decisions: Iterable[Decision]) -> str:
    """A run as one line."""
    lines = [*setup.lines(), "run", *(decision.text() for decision in decisions)]
    packer = zlib.compressobj(9, zdict=WORDS)
    packed = packer.compress("\n".join(lines).encode()) + packer.flush()
    return MARK + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def is_code(words: str) -> bool:
    """Whether this is a code, and no name of a file."""
    return words.startswith(MARK)


def read_code(code: str) -> Recording:
    """The run that a code stands for; a `UserError` for what is none, or does not work here."""
    try:
        letters = code.strip().removeprefix(MARK)
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), "-_", validate=True)
        unpacker = zlib.decompressobj(zdict=WORDS)
        lines = (unpacker.decompress(packed) + unpacker.flush()).decode().split("\n")
        whole = unpacker.eof and "run" in lines
    except (ValueError, binascii.Error, zlib.error):
        whole = False
    if not whole:
        raise UserError("This share code is damaged: was it copied to its last letter?")
    start = lines.index("run")
    timeline = Timeline(Setup.parse(lines[:start]))
    for number, line in enumerate(lines[start + 1 :], 1):
        try:
            timeline.decide(parse(line))
        except Impossible as impossible:
            raise UserError(
                f"Step {number} of this share code, {line!r}, is not possible: {impossible} It was "
                "made by another version of learnetcd."
            ) from None
    return Recording.of(timeline, "A shared run")


def opened(words: str) -> Recording:
    """A recording, by the name of its file or by a share code."""
    return read_code(words) if is_code(words) else Recording.read(Path(words))
