"""`learnetcd book`: the chapters as a book of web pages, made on this machine, for this machine.

    $ learnetcd book --open

The pages (`binding`) go through Sphinx: myst-nb runs the cells and keeps what they print, furo
makes it readable on a phone and on a wide screen. Nothing is fetched from anywhere, neither when it
is made nor when it is read: no fonts, no scripts, no search service. A cell that fails, or a link
that leads nowhere, stops it.

Left out: a way to publish it. It is a folder of files; any web server does.

Next page: `lint`.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import tempfile
import webbrowser
from argparse import Namespace
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd_lessons.lab import environment, needs

SETTINGS: dict[str, object] = {
    "project": "learnetcd",
    "copyright": "the learnetcd authors",
    "extensions": ["myst_nb"],
    "html_theme": "furo",
    "html_title": "How etcd works",
    "html_static_path": ["_static"],
    "html_css_files": ["book.css"],
    "html_js_files": [("book.js", {"defer": "defer"})],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "myst_enable_extensions": ["deflist"],
    "myst_heading_anchors": 3,
    # A widget needs a kernel, and its script from elsewhere; its picture is there beside it.
    "nb_mime_priority_overrides": [("*", "application/vnd.jupyter.widget-view+json", None)],
    "nb_ipywidgets_js": {},
    "nb_execution_mode": "force",
    "nb_execution_timeout": 60,
    "nb_execution_raise_on_error": True,
    "nb_merge_streams": True,
    "nitpicky": True,
    "suppress_warnings": ["myst.iref_ambiguous"],
}

STYLE = """\
figure.run { margin: 1.5em 0; }
div.run { overflow-x: auto; }
div.run svg { min-width: 26rem; max-width: 100%; height: auto; }
figure.run figcaption { font-style: italic; margin: .5em 0; }
figure.run pre, details.run pre { font-size: .75em; overflow-x: auto; }
div.quiz { border-left: .2em solid var(--color-brand-primary); padding-left: 1em; margin: 1.5em 0; }
div.quiz details, figure.run details, details.run { margin: .4em 0; }
summary { cursor: pointer; }
details.frames .learnetcd { margin: .5em 0; }
"""


def run(args: Namespace) -> int:
    """Make the book."""
    needs("book", "sphinx", "myst_nb", "furo", "anywidget")
    out = Path(args.folder)
    if out.is_dir() and any(out.iterdir()) and not (out / ".buildinfo").is_file():
        raise UserError(f"{out} is a folder with other things in it; name another one.")
    make(out)
    index = (out / "index.html").resolve()
    print(f"The book is there: {index}")
    if args.open:
        webbrowser.open(index.as_uri())
    return 0


def make(out: Path) -> None:
    """Write the pages somewhere, and let Sphinx make a book of them."""
    from sphinx.application import Sphinx  # of the extra `book`

    logging.getLogger("traitlets").setLevel(logging.WARNING)  # it tells of each kernel that starts
    complaints = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="learnetcd-book-") as name:
        desk = Path(name)
        write_source(desk / "pages")
        with cells_find_us(desk / "ipython"):
            # myst-nb leaves a folder beside the book: so it is made here, and then brought out.
            places = desk / "pages", None, desk / "book", desk / "doctrees", "html"
            book = Sphinx(*places, confoverrides=SETTINGS, status=None, warning=complaints)
            book.build()
        if said := complaints.getvalue().strip():
            raise UserError(f"The book has mistakes:\n{said}")
        shutil.copytree(desk / "book", out, dirs_exist_ok=True)


def write_source(source: Path) -> None:
    """All pages, and how they look."""
    from learnetcd.widgets import looks  # of the extra `book`, too
    from learnetcd_lessons import binding

    (source / "_static" / "runs").mkdir(parents=True)
    texts = {
        "_static/book.css": STYLE + looks.style_sheet(),
        "_static/book.js": script(),
        **{f"_static/runs/{name}": text for name, text in binding.runs().items()},
        **binding.pages(),
    }
    for name, text in texts.items():
        (source / name).write_text(text, encoding="utf-8")


def script() -> str:
    """The widget's own script, then what takes the place of Python.

    A page that was opened as a file may not load modules; so the module becomes a constant.
    """
    widget = files("learnetcd.widgets").joinpath("cluster.js").read_text(encoding="utf-8")
    assert widget.count("\nexport default {") == 1
    widget = widget.replace("\nexport default {", "\nconst widget = {")
    page = files("learnetcd_lessons").joinpath("book.js").read_text(encoding="utf-8")
    return f"(() => {{\n{widget}\n{page}}})();\n"


@contextlib.contextmanager
def cells_find_us(settings: Path) -> Iterator[None]:
    """Cells run in a process of their own, with our learnetcd and none of your settings."""
    before, profile = dict(os.environ), settings / "profile_default"
    profile.mkdir(parents=True)
    quiet = "get_config().Application.log_level = 40\n"
    (profile / "ipython_kernel_config.py").write_text(quiet, encoding="utf-8")
    os.environ.update(environment(), IPYTHONDIR=str(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
