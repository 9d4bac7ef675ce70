"""The launcher: `learnetcd serve` on files that may have faults.

    python -m learnetcd.survival.launcher FAULTS --name=m1 --data-dir=...

The server is the one that everybody gets; only its files are others.

Next page: `network`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.runtime import journal
from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.server import end_by, nobody_waits, serve_until_ended
from learnetcd.survival.faulty_files import FaultyFiles


def launch(faults: Path, words: Sequence[str]) -> int:
    """Serve until a signal comes, or the disk fails."""
    settings, _ = read_settings(words, os.environ, lambda path: Path(path).read_text("utf-8"))
    journal.open_journal(settings)
    try:
        ended_by = serve_until_ended(settings, nobody_waits, files=FaultyFiles(faults))
    except UserError as error:
        journal.complain(str(error))
        return 1
    end_by(ended_by)
    return 0


if __name__ == "__main__":
    sys.exit(launch(Path(sys.argv[1]), sys.argv[2:]))
