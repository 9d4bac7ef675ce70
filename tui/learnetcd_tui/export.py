"""`learnetcd export`: a picture, a film or a log out of a recorded run.

    learnetcd export run.recording --as svg --from 1 --to 40 -o election.svg

What can be drawn, `learnetcd/figures/exports.py` knows; only the film of the screen is made here,
where the screen is.

Next page: `recovery`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from learnetcd.errors import UserError, unknown_name
from learnetcd.figures.exports import FORMS, Wish, export, span_of
from learnetcd.session.session import Session

CAST = "cast"


def run(args: argparse.Namespace) -> int:
    """Make what was asked for, and print it, or write it to a file."""
    wish = Wish(args.form, args.picture, args.first, args.last, args.of, args.axis)
    if wish.form not in (*FORMS, CAST):
        raise unknown_name("format", wish.form, (*FORMS, CAST))
    if args.output is not None and Path(args.output).exists():
        raise UserError(f"{args.output} is there already. Give another name, or remove it first.")
    made = made_of(Session.load(args.recording), wish, light=args.light)
    if args.output is None:
        show(made, wish.form)
        return 0
    Path(args.output).write_text(made, encoding="utf-8")
    print(f"written: {args.output} ({wish.form})")
    return 0


def show(made: str, form: str) -> None:
    """Print it; what a program will read is UTF-8, whatever letters the terminal has."""
    if form == "text":
        print(made, end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(made.encode("utf-8"))


def made_of(session: Session, wish: Wish, *, light: bool = False) -> str:
    """What was wished for, the film included."""
    if wish.form != CAST:
        return export(session, wish)
    from learnetcd_tui.film import film  # the screen takes a fifth of a second to import

    if wish.picture:
        raise UserError("A cast is a film of the screen: it takes no --picture.")
    return film(session, *span_of(session, wish), light=light)
