"""The desk at which a person sits: the session, what is chosen, and all acts by their names.

    desk.do("step")                desk.do("cut", "1|23")              desk.do("choose_member", "2")

The screen, `--narrate` and a notebook put the same acts into the same desk: one turns keys into
them, the others lines or clicks. An act that cannot be done leaves a sentence in `notice`; nothing
that is typed raises.

Next page: `acts`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from learnetcd.desk import answers, speed
from learnetcd.desk.acts import breaking, exporting, going, setting, talking
from learnetcd.desk.sight import Answer, Sight, Source
from learnetcd.desk.target import Target
from learnetcd.desk.words import delivers
from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.session.views import ClusterView, PacketView

ACTS = going.ACTS | breaking.ACTS | talking.ACTS | setting.ACTS | exporting.ACTS
"""By name: what a key means."""

UNBOUND_MS = 10_000
"""As fast as possible: so much in one frame."""

GOAL_MS = 500
"""Until a condition holds: so much in one frame of real members, who need some time for it."""

STORY_STEPS = 60
"""So many steps back the story pane can be scrolled."""


class Desk:
    """A session and the choices of the person in front of it."""

    def __init__(self, session: Session) -> None:
        """Sit down in front of a session."""
        self.session = session
        self.member: int
        """The chosen member: keys that act on a member act on this one."""
        self.chosen: Target | None
        self.cursor: int
        """The place of the arrow in the list of what can happen next."""
        self.running: bool
        self.goal: str
        """The condition until which real members run."""
        self.goal_left_ms = 0
        """How much longer, of their time."""
        self.is_watched = False
        """Whether somebody lets time pass frame by frame, and wants to see each."""
        self.since: int
        """The step at which we stood before the last act."""
        self.answer: Answer | None
        self.asked: Target | None
        """What the answer is about; asked again after each act, so that it follows the run."""
        self._source: Source | None
        self.notice: str
        self.pace = speed.Pace()
        self.last_key = "x"
        self.present: Session | None = None
        """Real members, from when one looks at something else until one comes back."""
        self.own_files: set[str] = set()
        """Files that were written or opened here: to write them again loses nothing unseen."""
        self.film: Callable[[Session, int], str] | None = None
        """How a run up to a step is filmed, where there is a screen."""
        self.begin(session)

    def begin(self, session: Session) -> None:
        """Turn to another session."""
        if self.session.is_live:
            self.present = self.session
        self.session = session
        self.member, self.chosen, self.cursor = session.view().members[0].id, None, 0
        self.answer, self.asked, self._source = None, None, None
        self.running, self.goal, self.since = False, "", session.view().step
        self.notice = dict(session.scenes()).get(session.view().scene, session.greeting)

    def do(self, act: str, words: str = "") -> None:
        """Do one act, and say in `notice` what hindered it."""
        self.notice = ""
        session, before = self.session, self.session.view()
        try:
            ACTS[act](self, words)
        except UserError as error:
            self.notice = str(error)
            return
        if self.session is session:
            self.look_back(before)
        self.ask_again()

    def ask(self, target: Target) -> None:
        """Ask why (not)."""
        self.answer = answers.answer(self.session, target)
        self.asked = target

    def ask_again(self) -> None:
        """Let the answer follow the run."""
        if self.asked is not None:
            with suppress(UserError):  # an answer about what is gone stays as it was
                self.ask(self.asked)

    def stand_still(self) -> None:
        """Stop running; the arrow is back at what comes first."""
        self.running, self.goal = False, ""
        self.cursor = 0

    def look_back(self, before: ClusterView) -> None:
        """What is new in the story: all that was told since the last act that moved us."""
        view = self.session.view()
        if view.branch != before.branch or view.step < before.step:
            self.since = view.step
        elif view.step > before.step:
            self.since = before.step

    def sight(self) -> Sight:
        """Everything that there is to see."""
        session, view = self.session, self.session.view()
        story = session.narration(max(1, view.step - STORY_STEPS), view.step)
        choices = session.choices()
        self.cursor = max(0, min(self.cursor, len(choices) - 1))
        self.follow(story[-1].source if story else "")
        return Sight(
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
            invitation=session.invitation,
            notice=self.notice,
        )

    def follow(self, symbol: str) -> None:
        """Let the source pane follow the run."""
        if symbol and (self._source is None or self._source.symbol != symbol):
            path, first_line, lines = self.session.source(symbol)
            self._source = Source(path, first_line, tuple(lines), symbol)

    def pass_time(self, seconds: float) -> None:
        """Let the cluster run for so many of our seconds."""
        if self.goal:
            self.run_on()
            return
        before = self.session.view()
        due = UNBOUND_MS if self.pace.is_unbound else self.pace.due(seconds)
        if due > 0:
            try:
                self.session.advance(due)
            except UserError as error:  # a real member may fail
                self.stand_still()
                self.notice = str(error)
                return
            self.look_back(before)
        if not self.session.choices():
            self.stand_still()
            self.notice = "Nothing can happen by itself: no member is running."

    def run_on(self) -> None:
        """A little nearer to the condition until which they run."""
        before = self.session.view()
        try:
            reached = self.session.run_until(self.goal, min(GOAL_MS, self.goal_left_ms))
        except UserError as error:  # a real member may fail
            self.stand_still()
            self.notice = str(error)
            return
        self.look_back(before)
        self.goal_left_ms -= GOAL_MS
        if reached.came_true or self.goal_left_ms <= 0 or not self.session.choices():
            self.stand_still()
            self.notice = reached.sentence

    def has_news(self) -> bool:
        """Whether something came from outside; what went wrong there is told."""
        try:
            return self.session.has_news()
        except UserError as error:
            self.notice = str(error)
            return True

    def choose(self, target: Target) -> None:
        """The thing about which `?` asks."""
        self.chosen = target
        if target.member:
            self.member = target.member

    def packet(self) -> PacketView:
        """The chosen message: in flight, or as the chosen next thing, or the only one."""
        packet = self._find_packet()
        self.choose(Target("message", link=packet.link, index=packet.number))
        return packet

    def _find_packet(self) -> PacketView:
        packets = self.session.view().packets
        for packet in packets:
            if self.chosen == Target("message", link=packet.link, index=packet.number):
                return packet
        decision = self.session.choices()[self.cursor].decision if packets else None
        for packet in packets:
            if delivers(decision, packet):
                return packet
        if not packets:
            raise UserError("No message is in flight.")
        return packets[0]
