"""The desk at which a lecturer sits: the session, what is chosen, and one method for each act.

    desk.do("step")                desk.do("cut", "1|23")              desk.do("choose_member", "2")

The screen and `--narrate` put the same acts into the same desk: one turns keys into them, the other
lines. An act that cannot be done leaves a sentence in `notice`; nothing that is typed raises.

Next page: `contents`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from learnetcd.errors import UserError, unknown_name
from learnetcd.session.session import Session
from learnetcd.session.views import ClusterView, PacketView
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.library import load_scene, scene_names
from learnetcd_tui import answers, asking, speed
from learnetcd_tui.canvas import Target
from learnetcd_tui.picture import Answer, Picture, Source

ACTS = (
    *("step", "effect", "turn", "next_change", "back", "take", "run", "faster", "slower"),
    *("until", "undo", "redo", "play", "first", "last", "landmark_before", "landmark_after"),
    *("choose_member", "time_out", "crash", "restart", "cut", "heal", "drop", "hold", "duplicate"),
    *("more", "put", "get", "why", "rule", "profile", "scene", "branch", "save", "load"),
)

UNBOUND_MS = 10_000
"""As fast as possible: so much in one frame."""

STORY_STEPS = 60
"""So many steps back the story pane can be scrolled."""


class Desk:
    """A session and the choices of the person in front of it."""

    def __init__(self, session: Session) -> None:
        """Sit down in front of a session."""
        self.session = session
        self.member = 1
        self.chosen: Target | None = None
        self.cursor = 0
        self.running = False
        self.pace = speed.Pace()
        self.notice = ""
        self.answer: Answer | None = None
        self.asked: Target | None = None
        """What the answer is about: it is asked again after each act, so that it follows the run."""
        self.last_key = "x"
        self._source: Source | None = None
        self.since = 0
        """The step at which we stood before the last act."""
        self.acts: dict[str, Callable[[str], None]] = {name: getattr(self, name) for name in ACTS}
        """By name, each with the words that may follow the key."""

    def do(self, act: str, words: str = "") -> None:
        """Do one act, and say in `notice` what hindered it."""
        self.notice = ""
        before = self.session.view()
        try:
            self.acts[act](words)
        except UserError as error:
            self.notice = str(error)
            return
        self.look_back(before)
        self.ask_again()

    def ask_again(self) -> None:
        """The old question, put to the new state; an answer about what is gone stays as it was."""
        if self.asked is not None:
            with suppress(UserError):
                self.answer = answers.answer(self.session, self.asked)

    def look_back(self, before: ClusterView) -> None:
        """What is new in the story: all that was told since the last act that moved us."""
        view = self.session.view()
        if view.branch != before.branch or view.step < before.step:
            self.since = view.step
        elif view.step > before.step:
            self.since = before.step

    def picture(self) -> Picture:
        """Everything that the screen shows."""
        session, view = self.session, self.session.view()
        story = session.narration(max(1, view.step - STORY_STEPS), view.step)
        choices = session.choices()
        self.cursor = max(0, min(self.cursor, len(choices) - 1))
        self.follow(story[-1].source if story else "")
        return Picture(
            view=view,
            choices=choices,
            story=story,
            since=self.since,
            landmarks=session.landmarks(),
            invariants=session.invariants(),
            branches=session.branches(),
            answer=self.answer,
            source=self._source,
            member=self.member,
            chosen=self.chosen,
            cursor=self.cursor,
            running=self.running,
            speed=speed.words(self.pace.place),
            notice=self.notice,
        )

    def follow(self, symbol: str) -> None:
        """Let the source pane follow the run."""
        if symbol and (self._source is None or self._source.symbol != symbol):
            path, first_line, lines = self.session.source(symbol)
            self._source = Source(path, first_line, tuple(lines), symbol)

    # --- go on, go back -------------------------------------------------------------------------

    def go(self, grain: Grain) -> None:
        """Go on by one grain."""
        self.running = False
        self.cursor = 0
        self.session.forward(grain)

    def step(self, _: str) -> None:
        """One message, timer or disk."""
        self.go(Grain.MESSAGE)

    def effect(self, _: str) -> None:
        """The smallest step."""
        self.go(Grain.EFFECT)

    def turn(self, _: str) -> None:
        """One turn of a member."""
        self.go(Grain.TURN)

    def next_change(self, _: str) -> None:
        """Until something changes that a reader wants to see."""
        self.go(Grain.CHANGE)

    def back(self, _: str) -> None:
        """One step back."""
        self.running = False
        self.cursor = 0
        self.session.back(Grain.MESSAGE)

    def take(self, words: str) -> None:
        """The chosen one of the things that can happen next."""
        choices = self.session.choices()
        place = int(words or self.cursor)
        if place >= len(choices):
            raise UserError("Nothing can happen next.")
        self.running = False
        self.cursor = 0
        self.session.choose(choices[place])

    def run(self, _: str) -> None:
        """Run or pause."""
        self.running = not self.running

    def pass_time(self, seconds: float) -> None:
        """Let the cluster run for so many of our seconds."""
        before = self.session.view()
        due = UNBOUND_MS if self.pace.is_unbound else self.pace.due(seconds)
        if due > 0:
            self.session.advance(due)
            self.look_back(before)

    def faster(self, _: str) -> None:
        """One speed up."""
        self.pace.change(+1)

    def slower(self, _: str) -> None:
        """One speed down."""
        self.pace.change(-1)

    def until(self, words: str) -> None:
        """Run until a condition holds."""
        self.running = False
        self.notice = self.session.run_until(words).sentence

    def undo(self, _: str) -> None:
        """Take the last act back."""
        self.running = False
        self.session.undo()

    def redo(self, _: str) -> None:
        """Do it again."""
        self.session.redo()

    def first(self, _: str) -> None:
        """To the first step."""
        self.seek(0)

    def last(self, _: str) -> None:
        """To the last step."""
        self.seek(self.session.view().length)

    def seek(self, step: int) -> None:
        """To a step of this branch."""
        self.running = False
        self.session.seek(step)

    def landmark_before(self, _: str) -> None:
        """To the mark before here."""
        here = self.session.view().step
        self.seek(max((m.step for m in self.session.landmarks() if m.step < here), default=0))

    def landmark_after(self, _: str) -> None:
        """To the mark after here."""
        view = self.session.view()
        after = (m.step for m in self.session.landmarks() if m.step > view.step)
        self.seek(min(after, default=view.length))

    # --- choose ---------------------------------------------------------------------------------

    def choose_member(self, words: str) -> None:
        """The member on which the next keys act."""
        if not any(member.id == int(words) for member in self.session.view().members):
            raise UserError(f"There is no member S{words}.")
        self.member = int(words)
        self.chosen = Target("member", member=self.member)

    def choose(self, target: Target) -> None:
        """The thing about which `?` asks."""
        self.chosen = target
        if target.member:
            self.member = target.member

    def packet(self) -> PacketView:
        """The chosen message: in flight, or as the chosen next thing, or the only one."""
        packets = self.session.view().packets
        for packet in packets:
            if self.chosen == Target("message", link=packet.link, index=packet.number):
                return packet
        decision = self.session.choices()[self.cursor].decision if packets else None
        for packet in packets:
            if asking.delivers(decision, packet):
                return packet
        if not packets:
            raise UserError("No message is in flight.")
        return packets[0]

    # --- break and mend -------------------------------------------------------------------------

    def time_out(self, _: str) -> None:
        """Let the timer of the chosen member run out now."""
        self.session.time_out(self.member)

    def crash(self, _: str) -> None:
        """Kill the chosen member."""
        self.session.crash(self.member)

    def restart(self, _: str) -> None:
        """Start it again."""
        self.session.restart(self.member)

    def cut(self, words: str) -> None:
        """Cut links."""
        self.session.cut(words.strip())

    def heal(self, _: str) -> None:
        """Heal all cuts."""
        self.session.heal()

    def drop(self, _: str) -> None:
        """Lose the chosen message."""
        self.session.drop(self.packet())

    def hold(self, _: str) -> None:
        """Hold the chosen message, or release it."""
        packet = self.packet()
        if packet.held:
            self.session.release(packet)
        else:
            self.session.hold(packet)

    def duplicate(self, _: str) -> None:
        """Send a copy of the chosen message."""
        self.session.duplicate(self.packet())

    def more(self, words: str) -> None:
        """The acts that have no key of their own."""
        act, rest = asking.side_act(words)
        session, member = self.session, self.member
        match act:
            case "pause":
                session.pause(member)
            case "resume":
                session.resume(member)
            case "skew":
                session.skew(member, asking.number(rest, "The rate of a clock, per mille,"))
            case "timer":
                session.set_timer(member, asking.number(rest, "A timer, in ticks,"))
            case "transfer":
                session.transfer(member, asking.number(rest, "The member that shall lead"))
            case "delete":
                session.delete(member, rest)
            case "add":
                session.add_member(asking.number(rest, "The member to add"))
            case _:
                session.remove_member(asking.number(rest, "The member to remove"))

    # --- ask ------------------------------------------------------------------------------------

    def put(self, words: str) -> None:
        """Put a key, as a client of the chosen member."""
        self.last_key, value = asking.key_and_value(words)
        self.session.put(self.member, self.last_key, value)

    def get(self, words: str) -> None:
        """Get a key, as a client of the chosen member."""
        self.last_key, read = asking.key_and_read(words, self.last_key)
        self.session.get(self.member, self.last_key, read)

    def why(self, _: str) -> None:
        """Ask about the chosen thing."""
        self.asked = self.chosen or Target("member", self.member)
        self.answer = answers.answer(self.session, self.asked)

    # --- settings, scenes, files ----------------------------------------------------------------

    def rule(self, words: str) -> None:
        """Switch a rule on if it is off, off if it is on."""
        rule = next((rule for rule in self.session.rules() if rule.name == words), None)
        if rule is None:
            raise unknown_name("rule", words, [rule.name for rule in self.session.rules()])
        self.session.set_rule(rule.name, not rule.on)
        self.notice = f"{rule.name}: {'off' if rule.on else 'on'}"

    def profile(self, words: str) -> None:
        """Another profile."""
        self.session.set_profile(words)

    def branch(self, words: str) -> None:
        """Another branch."""
        self.session.switch(words)

    def scene(self, words: str) -> None:
        """Another scene, from its beginning."""
        self.begin(Session.open(words))
        self.notice = dict(self.session.scenes()).get(words, "")

    def begin(self, session: Session) -> None:
        """Sit down in front of another session."""
        self.session = session
        self.member, self.chosen, self.cursor = 1, None, 0
        self.running, self.answer, self.asked, self._source = False, None, None, None
        self.since = session.view().step

    def play(self, _: str) -> None:
        """Play the script of this scene, and stand at its beginning: the run lies ahead."""
        name = self.session.view().scene
        if name not in scene_names():
            raise UserError("This is no scene, so it has no script. S chooses a scene.")
        self.begin(Session.open(name))
        beginning = self.session.view().step
        for act in load_scene(name).acts:
            self.session.act(act.text)
        steps = self.session.view().length - beginning
        self.session.seek(beginning)
        self.notice = f"Played: {steps} steps lie ahead; n, . or space go along them."

    def save(self, words: str) -> None:
        """Save the run as a recording."""
        path = words.strip() or "run.recording"
        try:
            self.session.save(path)
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}.") from error
        self.notice = f"saved: {path}"

    def load(self, words: str) -> None:
        """Open a recording."""
        try:
            self.begin(Session.load(words.strip()))
        except OSError as error:
            raise UserError(f"{words.strip()} cannot be read: {error.strerror}.") from error
