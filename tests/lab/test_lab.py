"""A cluster in a real notebook: cells are run, buttons and keys pressed, and real members asked."""

import json
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from learnetcd.widgets import Cluster
from learnetcd.widgets.looks import style_sheet
from learnetcd_lessons import book, frames, guiding
from learnetcd_lessons.chapter import chapter_by_number
from tests.lab.conftest import ASKED, ROOT, WRONG, strangers

expect.set_options(timeout=20_000)

IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


def run_cell(page: Page, number: int) -> None:
    page.evaluate(
        "number => { const app = window.jupyterapp; "
        "app.shell.currentWidget.content.activeCellIndex = number; "
        "void app.commands.execute('notebook:run-cell'); }",
        number,
    )


def photograph(page: Page, name: str) -> None:
    """A screenshot, for whoever wants to look: LEARNETCD_PHOTOGRAPHS=FOLDER make lab-test."""
    if folder := os.environ.get("LEARNETCD_PHOTOGRAPHS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_cluster_is_stepped_in_a_notebook_and_real_members_answer_when_stepped(
    lab: str, page: Page
):
    page.goto(lab)
    page.wait_for_function(IDLE)
    run_cell(page, 0)
    cluster = page.locator(".learnetcd").first
    ring, said = cluster.locator(".pane-ring svg"), cluster.locator("[aria-live]")
    expect(ring).to_contain_text("knows no leader")
    before = ring.inner_html()

    # A click is a step; the sentence of the step is said.
    cluster.get_by_role("button", name="step", exact=True).click()
    expect(said).to_contain_text("S2 votes for itself and stands in term 1")
    expect(ring).to_contain_text("candidate")
    assert ring.inner_html() != before
    photograph(page, "stepped")

    # A key is one, too, and the notebook does not take it for one of its own.
    cluster.focus()
    page.keyboard.press("n")
    expect(said).to_contain_text("S2 leads term 1")
    page.keyboard.press(",")
    expect(ring).to_contain_text("S2, candidate, term 1")

    # What a key asks for is typed, and the keyboard is where it has to be.
    cluster.focus()
    page.keyboard.press("2")
    expect(cluster.get_by_title("kill S2: its memory is lost")).to_be_visible()
    page.keyboard.press("P")
    expect(cluster.locator("input")).to_be_focused()
    page.keyboard.type("x=1")
    page.keyboard.press("Enter")
    expect(cluster.locator(".pane-clients")).to_contain_text("put x=1 → S2")

    # What is typed in another cell moves the same picture.
    run_cell(page, 1)
    expect(ring).to_contain_text("leader")
    expect(page.locator(".jp-OutputArea").nth(1)).to_contain_text("leader: true at")
    page.locator(".jp-Cell").nth(0).scroll_into_view_if_needed()
    photograph(page, "led")

    # Real members: a cell asks one of them, and waits until somebody steps.
    run_cell(page, 2)
    live = page.locator(".learnetcd").nth(1)
    expect(live.locator(".notice")).to_contain_text("Real members, at http://127.0.0.1:")
    run_cell(page, 3)
    door = live.locator(".pane-clients")
    expect(door).to_contain_text("it waits at the door of S1")
    photograph(page, "at the door")
    answer = page.locator(".jp-Cell").nth(3).locator(".jp-OutputArea-executeResult")
    for _ in range(40):
        if answer.count():
            break
        step = live.locator(".pane-head .here").inner_text()
        live.get_by_role("button", name="step", exact=True).click()
        expect(live.locator(".pane-head .here")).not_to_have_text(step)
        page.wait_for_timeout(50)
    expect(answer).to_have_text(re.compile("201"))
    photograph(page, "answered")

    # The same cell again: other members, at the same ports, for the first ones were ended.
    run_cell(page, 2)
    expect(page.locator(".jp-Cell").nth(2)).to_contain_text("[5]:")
    expect(page.locator(".learnetcd").nth(1).locator(".notice")).to_contain_text("Real members")

    assert WRONG == []
    assert strangers() == []


PAGE = """<!doctype html><meta name="viewport" content="width=device-width"><style>{css}</style>
<body style="margin:0" data-theme="{theme}"><script type="module">
const shown = {shown};
const model = {{ get: () => shown, on() {{}}, off() {{}}, send(told) {{ window.told = told; }} }};
const {{ default: widget }} = await import(URL.createObjectURL(
  new Blob([{script}], {{ type: "text/javascript" }})));
widget.render({{ model, el: document.body }});
</script>"""


@pytest.mark.parametrize(("width", "theme"), [(380, "light"), (380, "dark"), (1100, "dark")])
def test_a_page_of_any_width_shows_it_all_and_tells_what_was_pressed(
    page: Page, width: int, theme: str
):
    cluster = Cluster(3, profile="paper", seed=7)
    cluster.run_until("leader")
    cluster.put(2, "x", "1")
    cluster.forward("change")
    cluster.cut("1|23")
    script = (ROOT / "learnetcd/widgets/cluster.js").read_text(encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 1400})
    page.set_content(PAGE.format(
        css=style_sheet(), theme=theme, shown=in_page(cluster.shown), script=in_page(script)
    ))  # fmt: skip
    page.wait_for_selector(".learnetcd svg")
    photograph(page, f"page {width} {theme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".learnetcd").get_attribute("data-ground") == theme

    page.locator("[data-target='entry 2 1']").first.click()
    assert page.evaluate("window.told") == {"target": "entry 2 1"}
    page.keyboard.press("PageDown")
    assert page.evaluate("window.told") == {"key": "PageDown"}

    # Tab goes from button to button, also in the pictures, and where it is can be seen.
    for name, role in (("[data-key='.']", "BUTTON"), (".entry", "button")):
        page.locator(name).first.focus()
        page.keyboard.press("Tab")
        focused = page.locator(":focus-visible")
        assert role in focused.evaluate("node => [node.tagName, node.getAttribute('role')]")
        assert focused.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"

    page.locator(".entry").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.told") == {"target": "entry 1 1"}
    assert WRONG == []
    cluster.close()


BOOK_PAGE = """<!doctype html><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="_static/book.css"><script defer src="_static/book.js"></script>
<body data-theme="light" style="margin: 0">{fold}"""


@pytest.fixture
def book_page(tmp_path: Path) -> str:
    """A page with one run, as the book has it: nothing but files."""
    session = guiding.played(chapter_by_number(3).scene("first-leader"))
    run = frames.file_of("first-leader", session, "learnetcd tui --scene first-leader")
    texts = {
        "index.html": BOOK_PAGE.format(fold=frames.fold("first-leader")),
        "_static/book.css": book.STYLE + style_sheet(),
        "_static/book.js": book.script(),
        "_static/runs/first-leader.js": run,
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return (tmp_path / "index.html").as_uri()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_same_widget_goes_along_a_run_in_a_file_without_a_kernel(
    page: Page, book_page: str, width: int
):
    page.set_viewport_size({"width": width, "height": 1400})
    page.goto(book_page)
    page.get_by_text("Step through first-leader here").click()
    cluster = page.locator(".learnetcd")
    here, said = cluster.locator(".pane-head .here"), cluster.locator("[aria-live]")
    expect(here).to_have_text("step 0 of 25")

    cluster.get_by_role("button", name="step", exact=True).click()
    expect(said).to_contain_text("S2 votes for itself and stands in term 1")
    cluster.focus()
    for _ in range(2):
        page.keyboard.press("n")
    expect(said).to_contain_text("S2 leads term 1")
    photograph(page, f"book {width}")
    page.keyboard.press("End")
    expect(here).to_have_text("step 25")
    page.keyboard.press(".")
    expect(said).to_contain_text("from its first step to its last")
    page.keyboard.press(",")
    expect(here).not_to_have_text("step 25")
    expect(said).to_contain_text("Step 24 of 25, at")  # heard, for nothing new is told
    page.keyboard.press("Home")
    page.keyboard.press("]")
    page.keyboard.press("[")
    expect(here).to_have_text("step 0 of 25")
    cluster.locator(".pane-timeline [data-target^='step']").last.click()
    expect(here).not_to_have_text("step 0 of 25")
    page.keyboard.press("!")
    expect(cluster.locator(".pane-safety")).to_have_attribute("open", "")

    # It runs by itself; and what needs a kernel says what to type.
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(here).not_to_have_text("step 0 of 25")
    expect(cluster.locator(".running")).to_have_text("RUNNING")
    kill = cluster.get_by_role("button", name="kill", exact=True)
    expect(kill).to_be_disabled()
    kill.click(force=True)
    expect(said).to_contain_text("To do something else, or to go on: learnetcd tui --scene")
    expect(cluster.locator(".pane-ask")).to_be_visible()
    expect(cluster.locator(".running")).to_have_count(0)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert WRONG == []
    assert [url for url in ASKED if not url.startswith("file://")] == []


Heard = tuple[str, str, str]  # role, name, description


def heard(page: Page) -> list[Heard]:
    """What a screen reader is told, thing by thing, in its order."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        tuple(node.get(part, {}).get("value", "") for part in ("role", "name", "description"))
        for node in tree
        if not node["ignored"]
    ]


def tab_stops(page: Page, count: int) -> list[str]:
    """By which names one gets on with Tab."""
    stops = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.ariaLabel"))
    return stops


def check_that_all_is_told(things: list[Heard]) -> None:
    roles = {role for role, _, _ in things}
    assert {"status", "button", "region", "list"} <= roles
    controls = ("button", "textbox", "DisclosureTriangle", "image", "region", "heading")
    assert [one for one in things if one[0] in controls and not one[1].strip()] == []
    pictures = {name: said for role, name, said in things if role in ("image", "group") and said}
    assert "S2, leader, term 1" in pictures["Members and messages"]
    assert "log of S1: " in pictures["Logs"]
    assert "S2 leads term 1" in pictures["Timeline"]
    signs = re.compile("[▸●◆◈█▪]|\\d@\\d")
    assert [said for said in pictures.values() if signs.search(said)] == []


def test_who_listens_is_told_all_in_a_notebook(page: Page):
    cluster = Cluster(3, profile="paper", seed=7)
    cluster.run_until("leader")
    cluster.put(2, "x", "1")
    cluster.forward("change")
    script = (ROOT / "learnetcd/widgets/cluster.js").read_text(encoding="utf-8")
    page.set_content(PAGE.format(
        css=style_sheet(), theme="light", shown=in_page(cluster.shown), script=in_page(script)
    ))  # fmt: skip
    page.wait_for_selector(".learnetcd svg")
    things = heard(page)
    check_that_all_is_told(things)
    assert ("button", "S2, leader, term 1", "") in things
    assert ("button", "entry 1 at S2: x=1, term 1, applied", "") in things
    assert ("button", "kill", "kill S1: its memory is lost") in things
    page.locator(".learnetcd").focus()
    assert tab_stops(page, 4) == ["back", "step", "next change", "run"]
    cluster.close()


def test_who_listens_is_told_all_in_the_book_and_stops_at_what_can_be_done(
    page: Page, book_page: str
):
    page.goto(book_page)
    page.get_by_text("Step through first-leader here").click()
    page.locator(".learnetcd").focus()
    for _ in range(3):
        page.keyboard.press("n")
    check_that_all_is_told(heard(page))
    # Then the story, which is longer than its place, and what is folded.
    assert tab_stops(page, 6) == ["back", "step", "next change", "run", None, None]
    assert page.evaluate("document.activeElement.textContent") == "Disk"


def in_page(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")
