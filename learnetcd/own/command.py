"""`learnetcd own`: your file beside the reference, and a stub to begin with.

    $ learnetcd own mine.py
    After message 5 of the scene newer-beats-longer (RequestVote, S1 to S3), yours granted, the
    reference refused, because ...

      learnetcd tui --own mine.py --recording own-grant_vote.recording --step 31

Exit code 0 if yours answers all that was asked as the reference does, 1 if not.

Next page: `learnetcd/checking/`.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from learnetcd.errors import UserError, unknown_name
from learnetcd.own.divergence import STORMS, Divergence
from learnetcd.own.parts import PARTS
from learnetcd.own.stub import stub
from learnetcd.own.trial import tried


def run(args: Namespace) -> int:
    """Compare a file with the reference, or print a stub."""
    if args.stub is not None:
        if args.stub not in PARTS:
            raise unknown_name("part", args.stub, PARTS)
        print(stub(PARTS[args.stub]), end="")
        return 0
    if args.file is None:
        raise UserError("A file is needed: `learnetcd own mine.py`; --stub PART prints one.")
    path = Path(args.file)
    if args.scene is not None:
        found = tried(path, [args.scene], 0, cases=False)
    else:
        found = tried(path, storms=STORMS if args.storms is None else args.storms)
    if found is None:
        where = f"the scene {args.scene}" if args.scene else "scenes, storms and small cases"
        print(f"{path} does as the reference does, in all that was asked: {where}.")
        return 0
    print(found.sentence)
    if found.setup is not None:
        print(f"\n{way_to_see(path, found)}")
    return 1


def way_to_see(path: Path, found: Divergence) -> str:
    """Write the recording, and say how to open it one step before."""
    recording = found.recording()
    assert recording is not None, "the run is there"
    file = Path(f"own-{found.function}.recording")
    try:
        file.write_text(recording.text(), encoding="utf-8")
    except OSError as error:
        return f"  {file} can't be written here: {error.strerror}."
    return (
        f"  learnetcd tui --own {path} --recording {file} --step {found.step}\n"
        "opens it one step before; Enter goes on."
    )
