"""What is left when a terminal closes: an unsaved run is kept where the next session can find it.

    kill -TERM, Ctrl-C from outside, a closed window  ->  recovery-20260412-093000.recording

Left out: nothing is deleted; the files are small, and whose they are is not ours to guess.

Next page: `measure`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path

from learnetcd.session.session import Session

EXIT_CODES = {
    int(number): 128 + number for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
}
"""As every shell has it."""

PATIENCE = 2.0
"""Seconds that an orderly end may take."""


def watch(
    session: Callable[[], Session], end: Callable[[int], None], let_go: Callable[[], None]
) -> None:
    """Let these signals end the application; and if it cannot end, let go of all and end here.

    A terminal that is gone takes nothing any more: whoever still writes to it waits for ever.
    """

    def last_resort(number: int) -> None:
        keep(session())
        let_go()
        os._exit(EXIT_CODES[number])

    def on_signal(number: int, _: object) -> None:
        timer = threading.Timer(PATIENCE, last_resort, (number,))
        timer.daemon = True
        timer.start()
        end(number)

    for number in EXIT_CODES:
        signal.signal(number, on_signal)


def keep(session: Session) -> Path | None:
    """Save the run if it is not saved yet; None if there was nothing to save, or nowhere."""
    if not session.unsaved:
        return None
    name = f"recovery-{datetime.now():%Y%m%d-%H%M%S-%f}.recording"
    for folder in (user_state_path("learnetcd"), Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            session.save(str(folder / name))
            return folder / name
    return None
