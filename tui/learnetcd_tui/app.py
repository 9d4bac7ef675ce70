"""The application: a place for each pane, keys and clicks into acts, and drawing.

    key, click, clock -> an act at the desk -> picture -> panes -> the rows that differ

Nothing in the cluster knows of this page. While the cluster runs by itself, a clock asks the desk
for some milliseconds more and draws once, however many steps they were.

Next page: `prompt`.
"""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from time import monotonic

from textual import events
from textual.app import App, ComposeResult
from textual.screen import Screen

from learnetcd.desk.desk import Desk
from learnetcd.desk.keys import KEYS, KEYS_BY_NAME, LEAVE, Key
from learnetcd.desk.lists import LISTS
from learnetcd.session.session import Session
from learnetcd_tui import choosing
from learnetcd_tui.canvas import Target
from learnetcd_tui.contents import CONTENTS
from learnetcd_tui.gaze import Gaze
from learnetcd_tui.guide import AFTER, ANSWER, GUIDE_KEYS, Guide
from learnetcd_tui.layout import Place, plan
from learnetcd_tui.overlays import opening
from learnetcd_tui.overlays.overlay import Ended, Overlay
from learnetcd_tui.pane import Pane
from learnetcd_tui.panes.members import heights_wanted
from learnetcd_tui.picture import Picture
from learnetcd_tui.prompt import Prompt
from learnetcd_tui.recovery import EXIT_CODES, keep

FRAMES_A_SECOND = 20
"""How often the screen is drawn while the cluster runs by itself."""

LONGEST_RUN = 0.03
"""Seconds of a frame that go to the cluster when it runs as fast as possible."""

LATEST_FILMED = 200
"""So many steps a film by key goes back: it is made in two seconds. `learnetcd export` has time."""

LEAVES = ("ctrl+c", "ctrl+q")
"""Whatever is open or being typed."""

MOST_UNTAKEN = 8
"""Pieces of a drawing that wait for the terminal. With thirty, Textual would wait, too."""

TIDY_EVERY = 1.0
"""Seconds from one look for garbage to the next."""


class Board(Screen[None]):
    """The screen of the panes."""

    def on_resize(self, event: events.Resize) -> None:
        """Place everything anew."""
        assert isinstance(self.app, Application)
        self.app.draw()


class Application(App[int]):
    """The whole screen."""

    TITLE = "learnetcd"
    CSS = """
    Board { layers: panes over; overflow: hidden; }
    Pane { position: absolute; layer: panes; }
    #over { layer: over; }
    """
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        desk: Desk,
        *,
        light: bool = False,
        ascii_only: bool = False,
        guide: Guide | None = None,
    ) -> None:
        """Sit down at a desk, with a guide beside it if there is one."""
        super().__init__()
        self.desk = desk
        desk.film = self.filmed
        desk.is_watched = True
        self.board = Board()
        self.panes = [Pane(content, CONTENTS) for content in CONTENTS.values()]
        self.light = light
        self.ascii_only = ascii_only
        self.guide = guide
        self.gaze = Gaze()
        if guide is not None:
            self.gaze.turn_to("guide")
        self.prompt = Prompt()
        self.overlay: Overlay | None = None
        """What lies over the panes; it takes the keys."""
        self.picture: Picture | None = None
        self.is_behind = False
        """Whether the screen shows an older picture, because the terminal takes no more."""
        self.last_frame = monotonic()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.kept: Path | None = None
        """Where an unsaved run was kept when a signal came."""

    def compose(self) -> ComposeResult:
        """Every pane."""
        yield from self.panes

    def on_mount(self) -> None:
        """Begin."""
        for pane in self.panes:
            pane.ascii = self.ascii_only
        self.set_interval(1 / FRAMES_A_SECOND, self.on_frame)
        self.set_interval(TIDY_EVERY, self.tidy)
        self.loop = asyncio.get_running_loop()
        self.draw()
        self.call_after_refresh(gc.freeze)  # all that is there now is there to stay; see `tidy`

    # --- drawing --------------------------------------------------------------------------------

    def draw(self) -> None:
        """Make a picture and let every pane show it."""
        gaze, asking = self.gaze, self.prompt
        self.picture = picture = Picture.of(
            self.desk.sight(),
            focus=gaze.focus,
            jumping=gaze.jumping,
            scroll=dict(gaze.scroll),
            overlay=self.overlay,
            prompt=(asking.key.label, asking.typed, asking.key.asks) if asking.key else None,
            guide=self.guide,
        )
        width, height = self.size
        guided = self.guide is not None
        members = heights_wanted(len(picture.view.members), picture.view.proxy is not None)
        gaze.plan = plan(width, height, members, gaze.recent, guided)
        self.is_behind = self.terminal_is_slow()
        if self.is_behind:
            return
        places = dict(gaze.plan.places)
        if self.overlay is not None:
            places["over"] = Place(0, 0, width, height)
        uncovered = ("over",) if "over" in places else tuple(places)
        for pane in self.panes:
            pane.move(places.get(pane.content.name))
            if pane.content.name in uncovered:
                pane.show(self.picture, gaze.plan, self.light)

    def on_frame(self) -> None:
        """Let the cluster run on, if it runs."""
        now = monotonic()
        seconds, self.last_frame = min(0.25, now - self.last_frame), now
        if self.desk.running:
            self.desk.pass_time(seconds)
            while self.desk.pace.is_unbound and monotonic() < now + LONGEST_RUN:
                self.desk.pass_time(seconds)
            self.draw()
        elif self.is_behind or self.desk.has_news():
            self.draw()

    def terminal_is_slow(self) -> bool:
        """Whether the terminal has not taken yet what was drawn before.

        Who draws on would wait for it in the end, and with us all members. (Textual has no name
        for what waits, so we look for ourselves.)
        """
        writer = getattr(self._driver, "_writer_thread", None)
        return writer is not None and writer._queue.qsize() > MOST_UNTAKEN

    def tidy(self) -> None:
        """Look for garbage among what is new, and never again among what is old.

        Without this, the collector goes through the whole past of the run now and then. None of
        that is garbage, and a key that is pressed just then waits 100 ms for a million objects.
        """
        gc.collect()
        gc.freeze()

    # --- keys -----------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys are taken here, at once and in their order; the rest is Textual's."""
        if isinstance(event, events.Key):
            self.take_key(event.key, event.character)
        else:
            await super().on_event(event)

    def take_key(self, pressed: str, character: str | None) -> None:
        """A key: for what lies over the panes, for the prompt or a jump; or it is an act."""
        if pressed in LEAVES:
            self.overlay = None
            self.prompt.close()
        if self.overlay is not None:
            if ended := self.overlay.take(pressed, character):
                self.close_overlay(ended)
        elif self.prompt.key is not None:
            if self.prompt.take(pressed, character):
                self.answer_prompt()
        elif self.gaze.jumping:
            self.gaze.jump(pressed)
        elif self.guide is not None and pressed in GUIDE_KEYS:
            self.turn_page(GUIDE_KEYS[pressed])
        elif key := KEYS_BY_NAME.get(pressed):
            if key.act:
                self.press_key(key)
            else:
                self.move(pressed)
        if self.guide is not None:
            self.guide.look(self.desk.session)
        self.draw()

    def turn_page(self, key: Key) -> None:
        """A key of the guide: another page, or an answer to this one."""
        assert self.guide is not None
        if key is ANSWER:
            self.prompt.open(key)
            return
        self.gaze.scroll["guide"] = 0
        self.turn_to_session(self.guide.turn(+1 if key is AFTER else -1))

    def turn_to_session(self, session: Session | None) -> None:
        """What the guide opens."""
        if session is not None:
            self.desk.begin(session)

    def press_key(self, key: Key) -> None:
        """Ask for the words that it needs, or act."""
        if key.asks:
            self.prompt.open(key)
        elif key.act in LISTS:
            self.overlay = opening.list_of(LISTS[key.act], self.desk)
        elif key.act == "show":
            self.show(key.words)
        elif do := getattr(self, f"do_{key.act}", None):
            do()
        else:
            self.desk.do(key.act, key.words)

    def answer_prompt(self) -> None:
        """Words were typed and Enter pressed."""
        key, words = self.prompt.key, self.prompt.typed
        self.prompt.close()
        if key is LEAVE:
            self.leave(words.strip())
        elif key is ANSWER and self.guide is not None:
            self.turn_to_session(self.guide.answer(words))
        elif key is not None:
            self.desk.do(key.act, words)

    def close_overlay(self, ended: Ended) -> None:
        """The panes are seen again; what was picked is done."""
        assert self.overlay is not None
        overlay, self.overlay = self.overlay, None
        if ended.picked is not None and (next_one := overlay.follow(ended.picked)):
            self.overlay = next_one

    def on_paste(self, event: events.Paste) -> None:
        """Pasted words go where words are typed."""
        words = " ".join(event.text.split())
        if self.overlay is not None:
            self.overlay.take("", words)
        elif self.prompt.key is not None:
            self.prompt.take("", words)
        self.draw()

    def move(self, direction: str) -> None:
        """An arrow key: choose another thing in this pane, or scroll it."""
        assert self.picture is not None
        target = choosing.moved(self.picture, direction)
        if target is not None:
            self.choose(target)
        else:
            self.gaze.turn_wheel(self.gaze.focus, 1 if direction in ("down", "right") else -1)

    def choose(self, target: Target) -> None:
        """Choose it; a step is gone to, a tab is shown."""
        match target.kind:
            case "choice":
                self.desk.cursor = target.index
            case "step":
                self.desk.do("seek", str(target.index))
            case "tab":
                self.gaze.turn_to(target.name)
            case "key":
                self.press_key(next(key for key in KEYS if key.act == target.name))
            case _:
                self.desk.choose(target)
                self.gaze.look_at_the_top()

    def do_enter(self) -> None:
        """Do or open what is chosen in this pane."""
        if self.gaze.focus == "next":
            self.desk.do("take")
        else:
            self.do_why()

    def do_why(self) -> None:
        """Ask about the chosen thing, and show the answer."""
        self.desk.do("why")
        self.gaze.turn_to("explain")

    def do_safety(self) -> None:
        """Show the invariants."""
        self.show("safety")

    def show(self, name: str) -> None:
        """Bring a pane to the front; if it is there, the same key leads back."""
        self.gaze.turn_to("" if self.gaze.focus == name else name)

    def do_escape(self) -> None:
        """Close what is open: a tab."""
        self.gaze.turn_to("")

    def do_light(self) -> None:
        """Light or dark."""
        self.light = not self.light

    # --- the mouse -------------------------------------------------------------------------------

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """A row over the panes is picked; of the panes, something is chosen."""
        target = event.target
        if event.pane.content.letter:
            self.gaze.focus = event.pane.content.name
        if target is not None:
            if self.overlay is not None:
                self.close_overlay(Ended(target.name if target.kind == "row" else None))
            else:
                self.click(target)
        self.draw()

    def click(self, target: Target) -> None:
        """Choose it; a second click on a chosen thing does or opens it."""
        assert self.picture is not None
        again = target in (self.picture.chosen, Target("choice", index=self.picture.cursor))
        self.choose(target)
        if again:
            self.do_enter()

    def on_pane_scrolled(self, event: Pane.Scrolled) -> None:
        """The wheel was turned: over the panes it is an arrow key."""
        if self.overlay is not None:
            self.overlay.take("down" if event.lines > 0 else "up", None)
        else:
            self.gaze.turn_wheel(event.pane.content.name, event.lines)
        self.draw()

    def filmed(self, session: Session, last: int) -> str:
        """A film of the steps before one: of a copy, so that this reader stays where they are."""
        from learnetcd_tui.film import film  # here: the screen must not wait for it

        copy = Session.load(session.share_code())
        return film(copy, max(1, last - LATEST_FILMED + 1), last, light=self.light)

    # --- opening and leaving --------------------------------------------------------------------

    def do_help(self) -> None:
        """All keys."""
        self.overlay = opening.all_keys()

    def do_command_palette(self) -> None:
        """Everything by its name."""
        self.overlay = opening.palette(self.press_key)

    def do_jump(self) -> None:
        """Show the letters of the panes."""
        self.gaze.jumping = True

    def do_pane_after(self) -> None:
        """The next pane."""
        self.gaze.turn(+1)

    def do_pane_before(self) -> None:
        """The pane before."""
        self.gaze.turn(-1)

    def do_quit(self) -> None:
        """Leave; an unsaved run is offered to be saved."""
        if self.desk.session.unsaved:
            self.prompt.open(LEAVE)
        else:
            self.exit(0)

    def get_default_screen(self) -> Board:
        """The panes."""
        return self.board

    def leave(self, words: str) -> None:
        """Leave, after saving the run if a name was given."""
        if words and words != "q":
            self.desk.do("save", words)
            if self.desk.session.unsaved:
                return
        self.exit(0)

    def end_by_signal(self, number: int) -> None:
        """Keep what is not saved, give the terminal back, and end as a shell expects it."""
        self.kept = keep(self.desk.session)
        self.exit(EXIT_CODES[number])

    def end_soon(self, number: int) -> None:
        """The same, from a signal handler: not in the middle of something."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.end_by_signal, number)
