"""What is left when a terminal closes: an unsaved run is kept where the next session can find it.

    kill -TERM, Ctrl-C from outside, a closed window  ->  recovery-20260412-093000.recording

Left out: nothing is deleted; the files are small, and whose they are is not ours to guess.

This is the last page.
"""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path

from learnetcd.session.session import Session

EXIT_CODES = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
"""128 and the number of the signal, as every shell has it."""


def keep(session: Session) -> Path | None:
    """Save the run if it is not saved yet; None if there was nothing to save, or nowhere."""
    if not session.unsaved:
        return None
    try:
        folder = user_state_path("learnetcd", ensure_exists=True)
        path = folder / f"recovery-{datetime.now():%Y%m%d-%H%M%S-%f}.recording"
        session.save(str(path))
    except OSError:
        return None
    return path
