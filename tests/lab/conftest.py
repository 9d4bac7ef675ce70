"""A real JupyterLab, and a real browser in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent

PATIENCE_S = 40

ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""So that the browser asks nobody but us."""

CELLS = (
    "from learnetcd.widgets import Cluster, LiveCluster\n"
    'c = Cluster(3, profile="paper", seed=7)\nc',
    'c.run_until("leader")',
    "live = LiveCluster(3, folder=FOLDER, seed=1)\nlive",
    "import urllib.request\n"
    'urllib.request.urlopen(live.urls[0] + "/v2/keys/msg", b"value=hello").status',
)


@pytest.fixture(scope="session")
def browser():
    """Debian's own."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "this needs a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ALONE)
        yield browser
        browser.close()


@pytest.fixture
def lab(tmp_path: Path):
    """A server with one notebook; the address of the notebook."""
    from tests.session.live import choose_ports

    choose_ports(tmp_path / "members", 3)
    cells = [one.replace("FOLDER", repr(str(tmp_path / "members"))) for one in CELLS]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "run.ipynb").write_text(json.dumps(notebook(cells)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    words += ["--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=let-me-in"]
    words += ["--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={tmp_path / 'home'}"]
    server = subprocess.Popen(
        words, env=alone_in(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}/lab/tree/run.ipynb?token=let-me-in"
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def notebook(cells: list[str]) -> dict[str, object]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def alone_in(folder: Path) -> dict[str, str]:
    """Nobody's settings, and a kernel that finds us."""
    places = ("CONFIG", "DATA", "RUNTIME")
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in places}
    own |= {
        f"JUPYTERLAB_{name}_DIR": str(folder / name.lower()) for name in ("SETTINGS", "WORKSPACES")
    }
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return os.environ | own | {"HOME": str(folder), "PYTHONPATH": path}


def wait_until_it_answers(url: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            assert time.monotonic() < end, "JupyterLab does not start"
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def page(browser: Browser):
    """A page that tells whom it asked, and what went wrong."""
    page = browser.new_page(viewport={"width": 1360, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE_S)
    watch(page)
    yield page
    page.close()


ASKED: list[str] = []
WRONG: list[str] = []


def watch(page: Page) -> None:
    ASKED.clear()
    WRONG.clear()
    page.on("request", lambda request: ASKED.append(request.url))
    page.on("pageerror", lambda error: WRONG.append(str(error)))


def strangers() -> list[str]:
    """Whoever was asked and is not on this machine."""
    ours = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
    return [url for url in ASKED if not url.startswith(ours)]
