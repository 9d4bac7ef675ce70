"""Expressions: all that can be done to a cluster and asked of it, typed in a cell.

    c.forward()                 S2 votes for itself and stands in term 1 ...   [Raft §5.2]
    c.run_until("leader")       leader: true at 1422 ms, step 7.
    c.put(2, "x", "1")          S2 appends entry 1 ...
    c.why("S2", 1)              x=1 is not committed. ...
    c.rows()                    [{"step": 1, "at_ms": 1400, "member": "S2", "sentence": ...

The names are those of `Session`, and each does what the key does that has its name: the picture
moves with it, and what happened comes back in sentences. Members can be named as on the screen, or
by their number alone. What can't be done says so in one sentence.

Left out: what a line of a scene says better; `act` takes any of them.

Next page: `cluster`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import RLock

from learnetcd.desk.sight import Answer
from learnetcd.desk.target import Target
from learnetcd.desk.words import number
from learnetcd.errors import UserError, unknown_name
from learnetcd.figures.cluster_map import cluster_map
from learnetcd.figures.exports import PICTURES, Wish, figure_of
from learnetcd.figures.figure import Figure
from learnetcd.session.session import Grain, Session
from learnetcd.session.views import ClusterView, Narration
from learnetcd.widgets.seat import Seat
from learnetcd.widgets.tables import TABLES, Row
from learnetcd.widgets.told import Ended, Reasons, Told


def member_of(name: int | str) -> int:
    """`2` and `"S2"` are the same member."""
    return name if isinstance(name, int) else number(text(name, "A member"), "A member")


def text(given: object, what: str) -> str:
    """A text that was given as one: nobody guesses how a number shall be written."""
    if isinstance(given, str):
        return given
    raise UserError(f"{what} is a text, in quotes, and not {given!r}.")


def whole(given: object, what: str) -> int:
    """A whole number."""
    if isinstance(given, int):
        return given
    raise UserError(f"{what} is a whole number, and not {given!r}.")


def refuse_unless_whole(members: object, seed: object) -> None:
    """What a cluster begins with, if it is given, is counted."""
    for given, what in ((members, "The number of members"), (seed, "A seed")):
        if given is not None:
            whole(given, what)


class Expressions:
    """A cluster in the hands of whoever types."""

    def __init__(self, session: Session) -> None:
        """Sit down; the lock is held by whoever does something, from whichever thread."""
        self.seat = Seat(session)
        self.lock = RLock()

    def show(self) -> None:
        """Let whatever shows the cluster show it as it is now."""

    @property
    def session(self) -> Session:
        """The session; after `past` on real members, another one."""
        return self.seat.desk.session

    def view(self) -> ClusterView:
        """The whole cluster, now, as values."""
        return self.session.view()

    # -- going on and back ----------------------------------------------------------------------

    def forward(self, grain: Grain | str = Grain.MESSAGE) -> Told:
        """One step; `"effect"`, `"message"`, `"turn"` or `"change"` say how far it goes."""
        return self._told(self.session.forward, grain_of(grain))

    def back(self, grain: Grain | str = Grain.MESSAGE) -> Told:
        """Back to where we stood before; nothing is lost."""
        return self._told(self.session.back, grain_of(grain))

    def seek(self, step: int) -> Told:
        """To any step of this branch."""
        return self._told(self.session.seek, whole(step, "A step"))

    def undo(self) -> Told:
        """Take the last act back, whatever it was."""
        return self._told(self.session.undo)

    def redo(self) -> Told:
        """Do again what was undone."""
        return self._told(self.session.redo)

    def run_until(self, condition: str, limit_ms: int = 60_000) -> Ended:
        """Go on until a condition holds: `"leader"`, `"S2 committed 3"`, `"quiet"`."""
        before = self.view()
        reached = self.session.run_until(text(condition, "A condition"), limit_ms)
        self._after(before)
        return Ended(reached.came_true, reached.sentence)

    def choices(self) -> list[str]:
        """What can happen next, the earliest first."""
        return [one.text for one in self.session.choices()]

    def choose(self, place: int) -> Told:
        """Let one of the `choices` happen, by its place in the list."""
        choices = self.session.choices()
        if not 0 <= whole(place, "The place of a choice") < len(choices):
            raise UserError(f"There is no choice {place}: there are 0 to {len(choices) - 1}.")
        return self._told(self.session.choose, choices[place])

    def switch(self, branch: str) -> Told:
        """To another branch."""
        return self._told(self.session.switch, branch)

    # -- breaking and mending -------------------------------------------------------------------

    def crash(self, member: int | str) -> Told:
        """Take a member's power away: its memory is lost."""
        return self._told(self.session.crash, member_of(member))

    def restart(self, member: int | str) -> Told:
        """Start it again, from its disk."""
        return self._told(self.session.restart, member_of(member))

    def pause(self, member: int | str) -> Told:
        """Stop a member's process."""
        return self._told(self.session.pause, member_of(member))

    def resume(self, member: int | str) -> Told:
        """Let it go on."""
        return self._told(self.session.resume, member_of(member))

    def time_out(self, member: int | str) -> Told:
        """Let a member's election timer fire now."""
        return self._told(self.session.time_out, member_of(member))

    def cut(self, groups: str) -> Told:
        """Cut links: groups `"1|23"`, or one way `"1>3"`."""
        return self._told(self.session.cut, text(groups, "What is cut"))

    def heal(self) -> Told:
        """Make all links whole."""
        return self._told(self.session.heal)

    def set_rule(self, name: str, on: bool) -> Told:
        """Switch a safety rule off, or on again."""
        return self._told(self.session.set_rule, name, on)

    def act(self, line: str) -> Told:
        """Do what a line of a scene says: `"put S1 x=1"`, `"elect S2"`."""
        return self._told(self.session.act, text(line, "An act"))

    # -- as a client ----------------------------------------------------------------------------

    def put(self, member: int | str, key: str, value: str = "", ttl: int | None = None) -> Told:
        """Set a key, as a client of a member."""
        key, value = text(key, "A key"), text(value, "A value")
        ttl = None if ttl is None else whole(ttl, "A time to live")
        return self._told(self.session.put, member_of(member), key, value, ttl)

    def get(self, member: int | str, key: str, read: str = "local") -> Told:
        """Read a key, as a client of a member: `"local"`, `"quorum"` or `"index"`."""
        return self._told(self.session.get, member_of(member), text(key, "A key"), read)

    def delete(self, member: int | str, key: str) -> Told:
        """Delete a key, as a client of a member."""
        return self._told(self.session.delete, member_of(member), text(key, "A key"))

    def watch(self, member: int | str, key: str) -> Told:
        """Be told of the next event at a key or below it."""
        return self._told(self.session.watch, member_of(member), text(key, "A key"))

    # -- asking ---------------------------------------------------------------------------------

    def why(self, what: int | str, index: int | None = None) -> Reasons:
        """Why (not)? Of a member `"S1"`, its entry `("S1", 5)`, a request `"c2"`, a `"term 3"`."""
        with self.lock:
            self.seat.desk.choose(asked_about(what, index))
            self.seat.desk.do("why")
            answer, notice = self.seat.desk.answer, self.seat.desk.notice
            self.show()
        if answer is None or notice:
            raise UserError(notice)
        return reasons(answer)

    def draw(
        self, picture: str = "now", first: int = 1, last: int | None = None, of: str = ""
    ) -> Figure:
        """A picture that stays, of the steps first to last: one of `PICTURES`."""
        if picture not in PICTURES:
            raise unknown_name("picture", text(picture, "A picture"), PICTURES)
        last = last or self.view().step or None
        return figure_of(self.session, Wish("svg", picture, first, last, of))

    def rows(self, of: str = "story") -> list[Row]:
        """Rows for a table (`pandas.DataFrame(c.rows())`): of the story, members, entries ..."""
        if of not in TABLES:
            raise unknown_name("table", text(of, "A table"), TABLES)
        with self.lock:
            return list(TABLES[of](self.session))

    def save(self, path: str | Path) -> None:
        """Write this run to a file, to be opened anywhere else."""
        self.session.save(path)

    # -- how it is done -------------------------------------------------------------------------

    def _told(self, act: Callable[..., object], *arguments: object) -> Told:
        """Do it, show it, and say what came of it."""
        with self.lock:
            before = self.view()
            result = act(*arguments)
            self._after(before)
            after, sentences = self.view(), tuple[Narration, ...]()
            if after.step > before.step and after.branch == before.branch:
                sentences = self.session.narration(before.step + 1, after.step)
            where = f"At step {after.step} of branch {after.branch}."
            return Told(sentences, where, result if isinstance(result, int) else 0)

    def _after(self, before: ClusterView) -> None:
        """What is new, and what the answer to the last question is now."""
        with self.lock:
            desk = self.seat.desk
            desk.notice = ""
            desk.stand_still()
            desk.look_back(before)
            desk.ask_again()
            self.show()


def grain_of(name: Grain | str) -> Grain:
    """A grain by its name."""
    if isinstance(name, Grain):
        return name
    names = [grain.name.lower() for grain in Grain]
    if name not in names:
        raise unknown_name("grain", text(name, "A grain"), names)
    return Grain[name.upper()]


def asked_about(what: int | str, index: int | None) -> Target:
    """What a question is about."""
    words = str(what)
    if index is not None:
        return Target("entry", member=member_of(what), index=whole(index, "An index"))
    if words.startswith("term "):
        return Target("term", index=number(words.removeprefix("term "), "A term"))
    if words.startswith("c"):
        return Target("client", index=number(words.removeprefix("c"), "A request"))
    return Target("member", member=member_of(what))


def reasons(answer: Answer) -> Reasons:
    """The answer of the desk."""
    return Reasons(answer.title, answer.lines)


def figure_of_now(session: Session) -> Figure:
    """Where everybody stands, and what happened in this step."""
    view = session.view()
    story = session.narration(view.step, view.step) if view.step else ()
    return cluster_map(view, [one.text for one in story if not one.aside])
