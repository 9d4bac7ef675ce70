"""`learnetcd lab`: the chapters as notebooks, in the learner's own folder, in JupyterLab.

    $ learnetcd lab raft

The notebooks lie beside the files of the exercises, and are the learner's to write in. What is
there stays; `learnetcd lesson reset` begins an exercise again, and a notebook that was removed
comes anew.

Left out: Jupyter's own settings. Whoever has some keeps them; `jupyter lab` in that folder does the
same.

Next page: `frames`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd_lessons import folder, notebook
from learnetcd_lessons.chapter import chapters

FOLDER = "learnetcd-lessons"
"""The folder that is made where no other is named."""


def run(args: Namespace) -> int:
    """Prepare the folder and hand over to JupyterLab, until somebody stops it."""
    needs("lab", "jupyterlab")
    here = prepared(args.folder)
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={here}"]
    if os.geteuid() == 0:  # in a container one often is; Jupyter wants to hear it said
        words.append("--allow-root")
    if args.no_browser:
        words.append("--no-browser")
    if args.port is not None:
        words.append(f"--port={args.port}")
    try:
        return subprocess.run(words, env=environment(), check=False).returncode
    except KeyboardInterrupt:
        return 130


def environment() -> dict[str, str]:
    """Cells shall find us, also where we are not installed."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def prepared(name: str | None) -> Path:
    """The learner's folder, with a notebook for each chapter."""
    try:
        here = Path(name).resolve() if name else folder.find(Path())
    except UserError:
        here = Path(FOLDER).resolve()
    folder.start(here)
    for chapter in chapters():
        path = folder.home(here, chapter) / notebook.NAME
        if not path.exists():
            folder.write(path, notebook.text_of(chapter))
    return here


def needs(extra: str, *modules: str) -> None:
    """Say how to install what a command needs, if it is not there."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UserError(
            f"This needs what is not installed here: {', '.join(missing)}. "
            f"Type: pip install 'learnetcd[{extra}]'"
        )
