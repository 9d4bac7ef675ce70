"""A pane on the screen: a widget that keeps the lines it shows and redraws only those that differ.

    pane.show(picture)   -> draw(picture, width, height) -> compare -> refresh the changed rows

One widget with its own lines is five times as fast as a widget for each word, and a click is only a
look at the line: which target lies at this column?

Next page: `gaze`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from learnetcd_tui.canvas import Line, Target
from learnetcd_tui.layout import Place, Plan
from learnetcd_tui.picture import Picture
from learnetcd_tui.theme import ASCII, style_of

Draw = Callable[[Picture, int, int], list[Line]]


@dataclass(frozen=True, slots=True)
class Content:
    """What a pane is: its name, its title and letter, and the function that draws it."""

    name: str
    title: str
    """Empty for panes that have no line for a title."""
    letter: str
    draw: Draw


class Pane(Widget):
    """One pane."""

    virtual_size = reactive(Size(0, 0), repaint=False)
    """It does not scroll by itself: else all panes would be laid out and drawn twice."""

    class Clicked(Message):
        """Somebody clicked on something."""

        def __init__(self, pane: Pane, target: Target | None) -> None:
            """Say where, and what lies there."""
            super().__init__()
            self.pane = pane
            self.target = target

    class Scrolled(Message):
        """Somebody turned the wheel."""

        def __init__(self, pane: Pane, lines: int) -> None:
            """Say where, and by how many lines (down is positive)."""
            super().__init__()
            self.pane = pane
            self.lines = lines

    def __init__(self, content: Content, contents: dict[str, Content]) -> None:
        """Make an empty pane."""
        super().__init__(id=content.name)
        self.content = content
        self.contents = contents
        self.place = Place(0, 0, 0, 0)
        self.lines: list[Line] = []
        self.light = False
        self.ascii = False

    def move(self, place: Place | None) -> None:
        """Take a place on the screen, or leave it."""
        self.display = place is not None
        if place is not None and place != self.place:
            self.place = place
            self.styles.offset = (place.x, place.y)
            self.styles.width = place.width
            self.styles.height = place.height
            self.lines = []

    def show(self, picture: Picture, plan: Plan, light: bool) -> None:
        """Draw, and refresh the rows that differ from what stands there."""
        lines = self.drawn(picture, plan)
        if light != self.light or len(lines) != len(self.lines):
            self.light, self.lines = light, lines
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != self.lines[y]]
        self.lines = lines
        if changed:
            self.refresh(*(Region(0, y, self.place.width, 1) for y in changed))

    def drawn(self, picture: Picture, plan: Plan) -> list[Line]:
        """All lines of the pane: border, title, content, each exactly as wide as the place."""
        width, height = self.place.width, self.place.height
        border = Line("│", "rule") if self.place.x and self.content.title else Line()
        inner = width - border.width
        head = []
        if self.content.title:
            head = [title_line(self.content, self.contents, picture, plan, inner)]
        body = self.content.draw(picture, inner, height - len(head))
        rows = [*head, *body][:height]
        rows += [Line()] * (height - len(rows))
        return [Line().append(border).append(row).fit(width) for row in rows]

    def render_line(self, y: int) -> Strip:
        """One row, as the terminal wants it."""
        if y >= len(self.lines):
            return Strip.blank(self.place.width, style_of("", self.light))
        segments = []
        for style, spans in groupby(self.lines[y].spans, key=lambda span: span.style):
            text = "".join(span.text for span in spans)
            text = text.translate(ASCII) if self.ascii else text
            segments.append(Segment(text, style_of(style, self.light)))
        return Strip(segments, self.place.width)

    def on_click(self, event: events.Click) -> None:
        """Tell the application what was clicked."""
        target = self.lines[event.y].target_at(event.x) if event.y < len(self.lines) else None
        self.post_message(self.Clicked(self, target))

    def on_mouse_scroll_down(self) -> None:
        """Turn the wheel down."""
        self.post_message(self.Scrolled(self, 1))

    def on_mouse_scroll_up(self) -> None:
        """Turn the wheel up."""
        self.post_message(self.Scrolled(self, -1))


def title_line(
    content: Content, contents: dict[str, Content], picture: Picture, plan: Plan, width: int
) -> Line:
    """`── NEXT ──────`; panes that share one place show each other's names as tabs."""
    line = Line("─", "rule")
    for name in names_in_title(content.name, contents, plan):
        add_title(line, contents[name], name == content.name, picture)
    return line.add(" ").add("─" * (width - line.width - 1), "rule")


def names_in_title(name: str, contents: dict[str, Content], plan: Plan) -> tuple[str, ...]:
    """The panes that share this place; two that stand side by side share the names, too."""
    if "next" not in plan.groups[0] or name not in ("story", *plan.groups[0]):
        return next((group for group in plan.groups if name in group), (name,))
    others = plan.groups[0][1:]  # the first tab there is two panes: story and next
    if name not in ("story", "next"):
        return ("story", *others)
    room = plan.places["story"].width - len(" story ─")
    fitting = 0
    while fitting < len(others) and room > len(contents[others[fitting]].title):
        room -= 1 + len(contents[others[fitting]].title)
        fitting += 1
    return ("story", *others[:fitting]) if name == "story" else ("next", *others[fitting:])


def add_title(line: Line, content: Content, is_shown: bool, picture: Picture) -> None:
    """One name: in capitals if the pane is seen; in jump mode its letter alone is a capital."""
    target = Target("tab", name=content.name)
    words = content.title.upper() if is_shown else content.title
    if picture.jumping:
        words = content.title.replace(content.letter, content.letter.upper(), 1)
    has_focus = is_shown and picture.focus == content.name
    style = "focus" if has_focus else "title" if is_shown else "dim"
    if picture.jumping:
        style = "key"
    line.add(f"▸{words}" if has_focus else f" {words}", style, target)
