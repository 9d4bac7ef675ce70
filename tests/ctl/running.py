"""Runs `learnetcd ctl`: as a person does, or in this very process, which is 20 times as fast."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from unittest import mock

from learnetcd import cli
from tests.ctl.player import ROOT

CTL = [sys.executable, "-m", "learnetcd", "ctl"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ETCD")}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


def run(*words: str, stdin: bytes = b"", **variables: str) -> Ended:
    """In this very process, with these variables."""
    code, out, err = in_this_process([*CTL, *words], stdin, environment(**variables), 0)
    return Ended(code, out.decode(), err.decode())


def run_alone(*words: str | bytes, stdin: bytes = b"", **variables: str) -> Ended:
    """In a process of its own, with these variables."""
    ended = subprocess.run(
        [*CTL, *words],
        input=stdin,
        capture_output=True,
        env=environment(**variables),
        timeout=20,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def in_this_process(
    command: Sequence[str], given: bytes, variables: Mapping[str, str], limit: float
) -> tuple[int, bytes, bytes]:
    """The same as a process of its own, but that nobody stops it when it takes too long."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(given)),
        "stdout": io.TextIOWrapper(out, write_through=True),
        "stderr": io.TextIOWrapper(err, write_through=True),
    }
    with mock.patch.multiple(sys, **streams), mock.patch.dict(os.environ, variables, clear=True):
        code = cli.main(command[len(CTL) - 1 :])
        for stream in streams.values():
            stream.flush()
        return code, out.getvalue(), err.getvalue()
