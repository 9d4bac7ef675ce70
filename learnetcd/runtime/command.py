"""`learnetcd serve`: the settings, the journal, and a server until somebody stops it.

    0        --help, --version; the member was removed from its cluster
    1        a setting, the data directory or a port is not as it must be: one sentence says why
    2        the command line itself makes no sense
    SIGTERM  it puts its things away, and then ends by that signal, as etcd does (143 in a shell)

Before the journal is open, a complaint is a line for the person who typed; afterwards it goes where
all the rest goes, for nobody may be there any more.

Next page: `held_folder`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from learnetcd import __version__
from learnetcd.errors import UserError
from learnetcd.runtime import journal, proxy
from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.discovery import ClusterIsFull
from learnetcd.runtime.help import help_text
from learnetcd.runtime.notify import tell_systemd_ready
from learnetcd.runtime.peers import Removed
from learnetcd.runtime.recording import Recorder, Start, Write
from learnetcd.runtime.server import Server, end_by, serve_until_ended
from learnetcd.runtime.settings import Settings
from learnetcd.runtime.sources import WrongUsage
from learnetcd.runtime.trace_stream import Words

HELP = {"--help", "-help", "-h"}
VERSION = {"--version", "-version"}


def run(words: Sequence[str]) -> int:
    """Serve until a signal comes, and say as an exit code how it went."""
    if HELP & {*words}:
        print(help_text(), end="")
        return 0
    if VERSION & {*words}:
        print(f"learnetcd {__version__}")
        return 0
    try:
        settings, warnings = read_settings(words, os.environ, read_file)
        journal.open_journal(settings)
    except WrongUsage as error:
        raise UserError(f"{error} `learnetcd serve --help` lists all flags.") from error
    except UserError as error:
        print(f"learnetcd serve: {error}", file=sys.stderr)
        return 1
    return serve_until_stopped(settings, warnings)


def read_file(path: str) -> str:
    """The text of a file."""
    return Path(path).read_text(encoding="utf-8")


def on_start(server: Server) -> None:
    """Clients are let in."""
    tell_systemd_ready()


def serve_until_stopped(settings: Settings, warnings: Sequence[str]) -> int:
    """The server's whole life, with its journal open."""
    journal.say(f"learnetcd {__version__}", name=settings.name, data_dir=settings.data_dir)
    for warning in warnings:
        journal.warn(warning)
    try:
        ended_by = serve_what_is_meant(settings)
    except Removed as error:
        journal.warn(str(error))
        return 0  # nothing failed; and nobody should start it again, as systemd does after a 1
    except UserError as error:
        journal.complain(str(error))
        return 1
    except Exception as error:
        # Our own mistake, or a member whose data and whose leader contradict each other: etcd
        # panics. The command line says it to a person; whoever reads the journal must find it too.
        journal.complain(f"stopped by {type(error).__name__}: {error}")
        raise
    finally:
        journal.close_journal()
    end_by(ended_by)
    return 0


def serve_what_is_meant(settings: Settings) -> int:
    """A member, or a proxy; or that, because there is no room for the member."""
    if proxy.is_meant(settings):
        return proxy.serve_until_ended(settings)
    try:
        if settings.record:
            return serve_and_record(settings)
        return serve_until_ended(settings, started=on_start, words=words_of(settings))
    except ClusterIsFull as full:
        if settings.discovery_fallback == "exit":
            raise
        journal.warn(f"{full} Until then, this is a proxy (--discovery-fallback).")
        return proxy.serve_until_ended(settings)


def words_of(settings: Settings) -> Words | None:
    """How watchers are told of the member; nothing, if there are none."""
    if not settings.trace_stream:
        return None
    from learnetcd.session.portrait import portrait  # who is not watched need not wait for it
    from learnetcd.simulator.sentences import event_sentence

    return Words(event_sentence, portrait)


def serve_and_record(settings: Settings) -> int:
    """Serve, and write down all that happens."""
    from learnetcd.simulator.tape import Tape  # who does not record need not wait for it

    def tape_of(start: Start, write: Write) -> Tape:
        return Tape(
            start.member,
            start.stored,
            seed=start.seed,
            wall_ms=start.wall_ms,
            profile=start.profile,
            write=write,
            title=f"{settings.name}, live",
            others=len(settings.initial_cluster) > 1 or start.knows_others,
        )

    recorder = Recorder(settings.record, tape_of)
    words = words_of(settings)
    ended_by = serve_until_ended(settings, on_start, recorder.begin, words=words)
    recorder.end()  # not after a failure: what it broke off at is what counts then
    return ended_by
