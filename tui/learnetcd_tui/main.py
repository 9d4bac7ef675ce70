"""`learnetcd tui`: open a session, sit down in front of it, and leave the terminal as it was.

Two faces of one desk: the screen (`app`) for a terminal, sentences (`narrate`) for pipes and for
those who listen. A screen cannot be drawn into a pipe; then one sentence says so.

Next page: `contents`.
"""

from __future__ import annotations

import argparse
import contextlib
import locale
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from learnetcd.ctl import credentials
from learnetcd.errors import UserError, unknown_name
from learnetcd.own.trial import loaded_after_trial
from learnetcd.raft.config import PROFILES
from learnetcd.session.session import Session

if TYPE_CHECKING:
    from learnetcd_tui.guide import Guide

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
    try:
        if args.narrate:
            return run_narrated(session)
        return run_on_screen(session, light=args.light)
    finally:
        session.close()


def open_session(args: argparse.Namespace) -> Session:
    """Real members, a recording, a scene, or a plain cluster."""
    refuse_what_does_not_go_together(args)
    if args.live:
        return open_live(args)
    if args.attach:
        return open_attached(args.attach, credentials.typed_in(args))
    own = loaded_after_trial(Path(args.own)) if args.own else None
    own_at = members_named(args.own_at)
    if args.recording is not None:
        try:
            session = Session.load(args.recording, own, own_at)
        except OSError as error:
            raise UserError(f"{args.recording} cannot be read: {error.strerror}.") from error
        if args.step is not None:
            session.seek(args.step)
        return session
    given = {
        name: value
        for name in ("members", "profile", "seed")
        if (value := getattr(args, name, None)) is not None
    }
    return Session.open(args.scene, own=own, own_at=own_at, **given)


def members_named(words: str | None) -> list[int]:
    """The members in `S1,S3`."""
    found = [re.fullmatch(r"[Ss]?([1-7])", word) for word in (words or "").split(",") if word]
    if not all(found):
        raise UserError(f"--own-at names members, such as S1 or S1,S3; {words!r} does not.")
    return [int(one[1]) for one in found if one]


def refuse_what_does_not_go_together(args: argparse.Namespace) -> None:
    """Each of these begins a session of its own, and some say how."""
    others = ["scene", "recording", "live", "members", "profile", "seed", "size", "data", "step"]
    others += ["own", "proxy"]
    if args.attach and (wrong := [name for name in others if getattr(args, name)]):
        raise UserError(f"--attach and --{wrong[0]} don't go together: those servers run already.")
    if args.live:
        names = ("recording", "members", "own")
        wrong = [name for name in names if getattr(args, name)]
        if wrong:
            hint = "Give --size for that." if wrong == ["members"] else "Give one of them."
            if wrong == ["own"]:
                hint = "Real members run our own code alone."
            raise UserError(f"--live and --{wrong[0]} don't go together. {hint}")
    elif args.proxy or args.size is not None or args.data is not None:
        name = "proxy" if args.proxy else "size" if args.size is not None else "data"
        raise UserError(f"--{name} is for real members: give --live, too.")
    if not args.attach and (wrong := [name for name in credentials.FLAGS if getattr(args, name)]):
        name = wrong[0].replace("_", "-")
        raise UserError(f"--{name} is for servers that run elsewhere: give --attach, too.")
    if args.own_at and not args.own:
        raise UserError("--own-at says where --own FILE is to run: give that, too.")


def open_live(args: argparse.Namespace) -> Session:
    """Real members, in a folder of theirs."""
    from learnetcd.session.live import LiveSession  # the simulator needs neither sockets nor trio
    from learnetcd.session.real_scene import real_scene

    wall_ms = time.time_ns() // 1_000_000
    scene = real_scene(args.scene) if args.scene else None
    profile = args.profile or (scene.setup.profile if scene else "etcd-3.3")
    if profile not in PROFILES:
        raise unknown_name("profile", profile, PROFILES)
    seed = wall_ms if args.seed is None else args.seed
    size = args.size if scene is None or args.size else len(scene.setup.members)
    session = LiveSession(
        size,
        args.data,
        seed=seed,
        profile=profile,
        scene=scene,
        proxy=args.proxy,
        wall_ms=wall_ms,
    )
    try:
        session.make_ready()
    except BaseException:
        session.close()
        raise
    return session


def open_attached(urls: list[str], typed: dict[str, str]) -> Session:
    """Servers that run elsewhere; they are shown these credentials, or etcdctl's."""
    from learnetcd.runtime.credentials import credentials_in
    from learnetcd.session.attached import AttachedSession  # the simulator needs no sockets

    for url in urls:
        if not is_address_of_a_server(url):
            raise UserError(f"--attach: a URL like http://127.0.0.1:2379 is wanted, not {url!r}.")
    return AttachedSession(urls, credentials_in(credentials.variables(typed, os.environ)))


def is_address_of_a_server(url: str) -> bool:
    """Whether one could connect to it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def run_narrated(session: Session) -> int:
    """Lines in, sentences out."""
    from learnetcd.desk.desk import Desk
    from learnetcd_tui.narrate import narrate

    try:
        narrate(Desk(session), sys.stdin, lambda words: print(words, flush=True))
    except KeyboardInterrupt:
        return 130
    return 0


def run_on_screen(session: Session, *, light: bool, guide: Guide | None = None) -> int:
    """The screen; what a signal left behind is told after the terminal is restored."""
    from learnetcd.desk.desk import Desk
    from learnetcd_tui.app import Application
    from learnetcd_tui.recovery import keep, watch

    application = Application(Desk(session), light=light, ascii_only=is_ascii_only(), guide=guide)
    watch(lambda: application.desk.session, application.end_soon, session.close)
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
