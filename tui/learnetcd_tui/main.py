"""`learnetcd tui`: open a session, sit down in front of it, and leave the terminal as it was.

Two faces of one desk: the screen (`app`) for a terminal, sentences (`narrate`) for pipes and for
those who listen. A screen cannot be drawn into a pipe; then one sentence says so.

Next page: `keys`.
"""

from __future__ import annotations

import argparse
import contextlib
import locale
import os
import sys

from learnetcd.errors import UserError
from learnetcd.session.session import Session

NO_TERMINAL = (
    "learnetcd tui draws a screen, and this is no terminal."
    " Try `learnetcd tui --narrate`: keys in, sentences out."
)


def run(args: argparse.Namespace) -> int:
    """Open what was asked for; the number is the exit code."""
    # The screen is drawn through the error stream, so that stands for the terminal, too.
    if not args.narrate and not all(s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)):
        print(NO_TERMINAL, file=sys.stderr)
        return 2
    session = open_session(args)
    if args.narrate:
        return run_narrated(session)
    return run_on_screen(session, light=args.light)


def open_session(args: argparse.Namespace) -> Session:
    """A recording, a scene, or a plain cluster."""
    if args.recording is not None:
        try:
            return Session.load(args.recording)
        except OSError as error:
            raise UserError(f"{args.recording} cannot be read: {error.strerror}.") from error
    given = {
        name: value
        for name in ("members", "profile", "seed")
        if (value := getattr(args, name, None)) is not None
    }
    return Session.open(args.scene, **given)


def run_narrated(session: Session) -> int:
    """Lines in, sentences out."""
    from learnetcd_tui.desk import Desk
    from learnetcd_tui.narrate import narrate

    try:
        narrate(Desk(session), sys.stdin, lambda words: print(words, flush=True))
    except KeyboardInterrupt:
        return 130
    return 0


def run_on_screen(session: Session, *, light: bool) -> int:
    """The screen; what a signal left behind is told after the terminal is restored."""
    from learnetcd_tui.app import Application
    from learnetcd_tui.desk import Desk
    from learnetcd_tui.recovery import keep, watch

    application = Application(Desk(session), light=light, ascii_only=is_ascii_only())
    watch(lambda: application.desk.session, application.end_soon)
    code = application.run()
    if application.return_code and code is None:  # a mistake of ours: Textual has shown it
        application.kept = keep(application.desk.session)
        code = 70
    with contextlib.suppress(OSError):  # the terminal may be gone
        if application.kept is not None:
            print(f"The run was kept in {application.kept}", file=sys.stderr)
    return code or 0


def is_ascii_only() -> bool:
    """Can this terminal show more than ASCII?"""
    if os.environ.get("LEARNETCD_ASCII"):
        return True
    return "utf" not in locale.getpreferredencoding(do_setlocale=False).lower()
