"""Runs `learnetcd ctl` as a person does: in a process of its own."""

import os
import subprocess
import sys
from typing import NamedTuple

from tests.ctl.player import ROOT

CTL = [sys.executable, "-m", "learnetcd", "ctl"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ETCD")}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


def run(*words: str | bytes, stdin: bytes = b"", timeout: float = 20, **variables: str) -> Ended:
    ended = subprocess.run(
        [*CTL, *words],
        input=stdin,
        capture_output=True,
        env=environment(**variables),
        timeout=timeout,
        check=False,
    )
    out, err = (said.decode("utf-8", "surrogateescape") for said in (ended.stdout, ended.stderr))
    return Ended(ended.returncode, out, err)
