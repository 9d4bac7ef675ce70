"""The journal: what a server says while it runs, for whoever keeps it running.

    2026-11-22 18:52:08.438 I | ready to serve client requests (urls: http://127.0.0.1:2379)
    {"level":"info","ts":"2026-11-22T18:52:08.438Z","msg":"ready to ...","urls":["http://..."]}

The first form is for eyes, the second, `--logger=zap`, for programs: what varies is in fields of
its own, so nobody has to take a sentence apart. Both go to stderr, or where `--log-outputs` says.

The journal is not the trace: trace events tell a learner why a member does what it does, the
journal tells an operator what became of the server. A line that can't be written is lost, and the
server runs on: nobody wants a database to stop because nobody reads its terminal.

Left out: journald's own protocol. What goes to stderr under systemd is in its journal anyway.

Source: etcd 3.4 embed/config_logging.go. Next page: `notify`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.runtime.settings import Settings

BOOK = logging.getLogger("learnetcd")
BOOK.propagate = False
BOOK.addHandler(logging.NullHandler())  # in a test, or in a program of another: silence

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "panic": logging.CRITICAL,
    "fatal": logging.CRITICAL,
}
WORDS = {level: word for word, level in LEVELS.items()}


def say(message: str, **facts: object) -> None:
    """Something happened as it should."""
    BOOK.info(message, extra={"facts": facts})


def warn(message: str, **facts: object) -> None:
    """Somebody should look at this, though the server runs on."""
    BOOK.warning(message, extra={"facts": facts})


def complain(message: str, **facts: object) -> None:
    """Something failed."""
    BOOK.error(message, extra={"facts": facts})


SELDOM_S = 60
MOST_REMEMBERED = 100
_last_warnings: dict[str, float] = {}
"""When what was said last."""


def warn_now_and_then(message: str, **facts: object) -> None:
    """The same, of what may happen ten times a second: each thing once a minute."""
    thing, now = f"{message} {facts}", time.monotonic()
    if now - _last_warnings.get(thing, -SELDOM_S) < SELDOM_S:
        return
    if len(_last_warnings) >= MOST_REMEMBERED:
        _last_warnings.clear()  # strangers may have made up the facts
    _last_warnings[thing] = now
    warn(message, **facts)


# --- where it goes ------------------------------------------------------------------------------


def open_journal(settings: Settings) -> None:
    """Begin to write, to each output that was asked for."""
    close_journal()
    set_level(settings.log_level)
    for output in settings.log_outputs:
        pen = pen_for(output)
        pen.setFormatter(AsJson() if settings.logger == "zap" else AsLine())
        BOOK.addHandler(pen)


def set_level(word: str) -> None:
    """Leave out what is less important than that."""
    BOOK.setLevel(LEVELS[word])


def close_journal() -> None:
    """Write no more, and let go of the files."""
    for pen in [pen for pen in BOOK.handlers if isinstance(pen, Pen)]:
        BOOK.removeHandler(pen)
        pen.close()


class Pen(logging.StreamHandler):  # type: ignore[type-arg]  # of text, at run time not generic
    """Writes lines to one output. What it can't write is lost."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Do not stop a server because its terminal is gone or its disk is full."""

    def close(self) -> None:
        """Close the file, but not our own standard streams."""
        if self.stream not in (sys.stdout, sys.stderr):
            with suppress(OSError):  # what it could not write, it tries again now
                self.stream.close()
        super().close()


def pen_for(output: str) -> Pen:
    """The pen for `stdout`, `stderr`, `default` or a file."""
    if output in {"stderr", "default"}:
        return Pen(sys.stderr)
    if output == "stdout":
        return Pen(sys.stdout)
    try:
        return Pen(Path(output).open("a", encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--log-outputs: {output} can't be written: {error.strerror}.") from error


# --- how it looks -------------------------------------------------------------------------------


class AsLine(logging.Formatter):
    """A line to read: when, how important, what, and the facts behind it."""

    def format(self, record: logging.LogRecord) -> str:
        """`2026-11-22 18:52:08.438 I | started (name: infra0)`, local time, as etcd has it."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        facts = facts_of(record).items()
        words = [f"{name.replace('_', ' ')}: {as_words(fact)}" for name, fact in facts]
        what = f"{record.getMessage()} ({', '.join(words)})" if words else record.getMessage()
        return f"{when}.{int(record.msecs):03} {record.levelname[0]} | {what}"


def as_words(fact: object) -> str:
    """A fact as a person writes it, on one line whatever a client put into it."""
    words = ", ".join(map(str, fact)) if isinstance(fact, tuple | list) else str(fact)
    return words if words.isprintable() else repr(words)


class AsJson(logging.Formatter):
    """A JSON object, in the form of etcd's own: level, ts, msg, then the facts."""

    def format(self, record: logging.LogRecord) -> str:
        """`{"level":"info","ts":"2026-11-22T18:52:08.438Z","msg":"started","name":"infra0"}`."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields = {
            "level": WORDS.get(record.levelno, "info"),
            "ts": f"{when}.{int(record.msecs):03}Z",
            "msg": record.getMessage(),
            **{name.replace("_", "-"): fact for name, fact in facts_of(record).items()},
        }
        return json.dumps(fields, separators=(",", ":"), default=str)


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    """What `say` and its like were given besides the sentence."""
    facts: dict[str, object] = getattr(record, "facts", {})
    return facts
