"""The book: every cell runs, every link leads somewhere, nothing comes from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from learnetcd.cli import main
from learnetcd.widgets.seat import Seat
from learnetcd_lessons import frames, guiding, lab
from learnetcd_lessons.beliefs import BELIEFS, CLAIMS
from learnetcd_lessons.chapter import chapter_by_number, chapters
from learnetcd_lessons.glossary import GLOSSARY


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.names |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif "src" in found or (tag == "link" and found.get("rel") == "stylesheet"):
            self.loads.append(found.get("src") or found["href"])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("book") / "out"
    # In a process of its own: Sphinx warns of changes to come in its extensions.
    done = subprocess.run(
        [sys.executable, "-m", "learnetcd", "book", str(out)],
        env=lab.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert f"The book is there: {out / 'index.html'}" in done.stdout
    assert [path.name for path in out.parent.iterdir()] == ["out"], "it leaves nothing beside it"
    return out


@pytest.fixture(scope="module")
def pages(book: Path) -> dict[str, Page]:
    return {path.name: Page(path) for path in book.glob("*.html")}


def test_every_chapter_and_register_has_a_page(pages: dict[str, Page]):
    wanted = {f"{chapter.slug}.html" for chapter in chapters()}
    wanted |= {"index.html", "glossary.html", "rules.html", "events.html", "claims.html"}
    assert wanted <= pages.keys()


def test_every_link_leads_somewhere(pages: dict[str, Page]):
    lost = []
    for name, page in pages.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme:
                continue
            there = pages.get(unquote(target.path) or name)
            if there is None or (target.fragment and unquote(target.fragment) not in there.names):
                lost.append(f"{name}: {link}")
    assert lost == []


def test_nothing_is_loaded_from_elsewhere(book: Path, pages: dict[str, Page]):
    loads = [load for page in pages.values() for load in page.loads]
    assert loads
    assert [load for load in loads if urlsplit(load).scheme or urlsplit(load).netloc] == []
    styles = "".join(path.read_text() for path in book.glob("_static/**/*.css"))
    assert re.findall(r"url\(['\"]?https?:|@import", styles) == []


def test_all_words_claims_and_beliefs_can_be_looked_up(pages: dict[str, Page]):
    assert {f"claim-{id_.lower()}" for id_ in CLAIMS} <= pages["claims.html"].names
    assert {f"belief-{id_.lower()}" for id_ in BELIEFS} <= pages["claims.html"].names
    assert {f"term-{word.replace(' ', '-')}" for word in GLOSSARY} <= pages["glossary.html"].names


def test_cells_show_what_they_printed_and_scenes_their_runs(book: Path):
    text = (book / "03_timers_and_votes.html").read_text()
    assert "timers differ by up to" in text
    assert "{1: 30}" in re.sub(r"<[^>]+>", "", text)
    assert "<title" in text
    assert "S2 leads term 1" in text or "VIOLATED: election safety" in text


def test_each_run_that_can_be_unfolded_lies_beside_the_page(book: Path):
    for chapter in chapters():
        text = (book / f"{chapter.slug}.html").read_text()
        unfolded = set(re.findall(r'data-run="([^"]+)"', text))
        assert unfolded == set(chapter.scenes_played())
        assert all((book / "_static" / "runs" / f"{name}.js").is_file() for name in unfolded)
        assert '<script defer="defer" src="_static/book.js' in text


def test_a_recorded_run_is_what_the_widget_would_show_at_each_step():
    """Step by step, change by change and effect by effect; piece for piece as Python sends it."""
    session = guiding.played(chapter_by_number(3).scene("first-leader"))
    run = frames.recorded(session, "needs a kernel")
    for label, act in ((".", "step"), ("n", "next_change"), ("e", "effect")):
        session.seek(0)
        seat = Seat(session)
        for number, frame in enumerate(run["walks"][act]):
            if number > 0:
                seat.press(label)
            shown = seat.shown()
            assert [frame[name] for name in ("title", "step", "said")] == [
                shown[name] for name in ("title", "step", "said")
            ]
            for pane in shown["panes"]:
                name, place = pane["name"], frame["bodies"][pane["name"]]
                if name != "head":  # which tells how fast it would run
                    assert run["pieces"][name][place] == pane["body"]
        assert session.view().step == session.view().length


def test_the_book_is_small(book: Path):
    size = sum(path.stat().st_size for path in book.rglob("*") if path.is_file())
    assert size < 1_000_000 * len(chapters())


def test_what_one_reads_before_an_answer_gives_none_away(book: Path):
    """An answer of a quiz is folded up, and so is the run of a prediction."""
    text = (book / "03_timers_and_votes.html").read_text()
    open_text = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
    assert "Many believe this" in text
    assert "Many believe this" not in open_text


def test_search_finds_words_without_a_server(book: Path):
    assert "pre" in (book / "searchindex.js").read_text()


def test_a_folder_with_other_things_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["book", str(tmp_path)]) == 2
    assert "other things in it" in capsys.readouterr().err


# --- the lab --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "extra", "module"), [("lab", "lab", "jupyterlab"), ("book", "book", "myst_nb")]
)
def test_a_command_without_its_extra_says_what_to_type(
    command: str,
    extra: str,
    module: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(lab, "find_spec", lambda name: None if name == module else object())
    assert main([command]) == 2
    assert f"not installed here: {module}." in capsys.readouterr().err
    assert main([command]) == 2
    assert f"pip install 'learnetcd[{extra}]'" in capsys.readouterr().err


def test_the_lab_lies_in_the_folder_of_the_lessons_and_keeps_what_is_there(tmp_path: Path):
    here = lab.prepared(str(tmp_path / "raft"))
    notebooks = sorted(path.parent.name for path in here.glob("*/lesson.ipynb"))
    assert notebooks == sorted(chapter.slug for chapter in chapters())
    mine = here / notebooks[0] / "lesson.ipynb"
    mine.write_text("mine")
    lab.prepared(str(here))
    assert mine.read_text() == "mine"
