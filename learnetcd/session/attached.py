"""An attached session: servers that run by themselves, seen as any other cluster is seen.

    learnetcd serve --name a --trace-stream ...            (or `learnetcd cluster --trace-stream`)
    learnetcd tui --attach http://127.0.0.1:2379 http://127.0.0.1:2381 ...

Members, logs, keys and the story of what happens come from the servers themselves, each of which
tells its own part (`learnetcd.runtime.attachment`). A real etcd tells less (`outline`). One step of
this session is one sentence that came.

It is for watching: there is no world behind it that could be stepped, rewound or asked why. What
was told and seen lately can be gone through again (`past`), and that is all. What lies between the
servers, messages and cuts, no server sees. Only where a server was started with
`--allow-hold` can it be held at a gate, and let through what waits there, one by one; when this
session ends, however it ends, the gates open.

Next page: `learnetcd/widgets/`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from learnetcd.errors import UserError, unknown_name
from learnetcd.runtime.attachment import MEMBER, Attachment, Place
from learnetcd.runtime.credentials import Credentials
from learnetcd.runtime.reins import Reins
from learnetcd.session import outline
from learnetcd.session.hearsay import Hearsay
from learnetcd.session.lock import locked
from learnetcd.session.onlooking import Look, Onlooker, seen_line
from learnetcd.session.portrait import drawn, leader_terms, nobody, view_of
from learnetcd.session.retold import RetoldSession
from learnetcd.session.session import Grain, Session
from learnetcd.session.views import Choice, ClusterView, MemberView
from learnetcd.simulator.decisions import Decision
from learnetcd.tracing import member_name

Json = dict[str, Any]

MOST_LOOKS = 200
"""So many are kept for the past: of a member with a full log and many keys, one takes 80 kB."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits at a gate of a server."""

    place: Place
    gate: str


class AttachedSession(Onlooker):
    """Servers of others in the eyes of one reader."""

    can_not = (
        "These servers run by themselves: watch them, or hold them at a gate (Z hold synced) if "
        "they allow it. v opens what they told so far."
    )

    def __init__(self, urls: Sequence[str], shown: Credentials | None = None) -> None:
        """Watch these servers; `shown`: our certificate and password, where they want any."""
        super().__init__(Hearsay())
        once_each = dict.fromkeys(url.rstrip("/") for url in urls)
        self._attachment = Attachment(tuple(once_each), shown or Credentials())
        self._heard = 0
        self._news = -1
        self._last: dict[str, MemberView] = {}
        """The members as they were seen last, by their URLs."""
        self._troubles: dict[str, str] = {}
        """What was wrong with each server, by its URL, when it was last told."""
        self._views: tuple[MemberView, ...] = ()
        """All of them, as they are now."""
        self._looks: deque[Look] = deque(maxlen=MOST_LOOKS)
        """All of them, as they were after some of the sentences."""
        self._reins = Reins(self._attachment)
        self._reins.do(self._attachment.until_asked)
        self._catch_up()
        if all(place.trouble for place in self._attachment.places):
            self.close()
            first = self._attachment.places[0]
            raise UserError(f"{first.url} can't be watched: {first.trouble}.")

    # -- beginning and ending -------------------------------------------------------------------

    def close(self) -> None:
        """Watch no more; whatever was held goes on."""
        self._reins.close()

    @property
    def is_live(self) -> bool:
        """Its members are real, and have no way back."""
        return True

    @property
    def greeting(self) -> str:
        """What is watched, and how."""
        places = ", ".join(place.url for place in self._attachment.places)
        return f"Attached to {places}. They run by themselves; the story tells what they do."

    @locked
    def past(self) -> Session:
        """What was told and seen lately."""
        self._catch_up()
        return RetoldSession(self._story.fork(), self._looks)

    # -- what came --------------------------------------------------------------------------------

    @locked
    def has_news(self) -> bool:
        """Whether anything has come since one last looked."""
        is_new = self._attachment.news != self._news
        if is_new:
            self._catch_up()
        return is_new

    def _catch_up(self) -> None:
        """Take what came. A picture does not do that: so what is told is what came between two."""
        attachment = self._attachment
        self._news = attachment.news
        self._views = self._look()
        for place, view in zip(attachment.places, self._views, strict=True):
            self._say_whether_it_is_seen(place, view)
        for number, place, line in [one for one in list(attachment.told) if one[0] > self._heard]:
            if number > self._heard + 1:
                self._story.say(f"{number - self._heard - 1} events came too fast for us.", 0)
            self._heard = number
            known = self._last.get(place.url)
            name, member = (known.name, known.id) if known else (place.url, 0)
            try:
                said = outline.line_of(line, name) if place.is_etcd else line
                self._story.take(said, name, member)
            except (LookupError, TypeError, ValueError, AttributeError):
                place.trouble = "it says what this learnetcd can't read"
        if self._looks and self._looks[-1].step == self._story.length:
            self._looks.pop()  # the last look after a sentence shows what came of it
        self._looks.append(self._now())

    def _now(self) -> Look:
        return Look(self._story.length, self._views, self._story.clients)

    def _say_whether_it_is_seen(self, place: Place, view: MemberView) -> None:
        if self._troubles.get(place.url) == place.trouble:
            return
        self._troubles[place.url] = place.trouble
        if place.trouble:
            said = f"{view.name} can't be seen at {place.url}: {place.trouble}."
        elif place.is_etcd:
            said = f"{view.name} is watched at {place.url}: an etcd, which tells little of itself."
        else:
            said = f"{view.name} is watched at {place.url}: it tells all that it does."
        self._story.say(said, view.id)

    # -- looking ----------------------------------------------------------------------------------

    @locked
    def view(self) -> ClusterView:
        """All servers, as they were seen last."""
        return self._picture(self._now(), self._story.now_ms)

    def _look(self) -> tuple[MemberView, ...]:
        seen = [(place, portrait_of(place)) for place in self._attachment.places]
        terms = leader_terms([one for _, one in seen if one is not None])
        found = []
        for number, (place, portrait) in enumerate(seen, 1):
            known = self._last.get(place.url)
            if portrait is not None:
                known = self._last[place.url] = drawn(portrait, terms, known)
            else:
                known = replace(known or nobody(number), alive=False, role="down")
            found.append(known)
        return tuple(found)

    @locked
    def state_lines(self) -> tuple[str, ...]:
        """A line for each server."""
        return tuple(
            f"{view.name} {place.url}: {place.trouble}" if place.trouble else seen_line(view)
            for view, place in zip(self._views, self._attachment.places, strict=True)
        )

    @locked
    def choices(self) -> tuple[Choice, ...]:
        """What waits at gates that are held; and that all else goes on."""
        seen = [
            (place, view.name)
            for place, view in zip(self._attachment.places, self._views, strict=True)
            if not place.trouble
        ]
        waiting = [choice for place, name in seen for choice in held_at(place, name)]
        return (*waiting, *(Choice(f"{name} runs by itself", None, 0) for _, name in seen))

    # -- going on ---------------------------------------------------------------------------------

    @locked
    def forward(self, grain: Grain = Grain.MESSAGE) -> None:
        """Let through the first that waits at a held gate."""
        self._catch_up()
        for choice in self.choices():
            if isinstance(choice.decision, Waiting):
                self._at_gate(choice.decision.place, choice.decision.gate, "step")
                return
        self._refuse()

    @locked
    def choose(self, choice: Choice | Decision) -> None:
        """Let through what waits at that gate."""
        waiting = choice.decision if isinstance(choice, Choice) else choice
        if not isinstance(waiting, Waiting):
            self._refuse()
        self._at_gate(waiting.place, waiting.gate, "step")

    @locked
    def advance(self, ms: int) -> None:
        """They need nobody for that: see how far they are."""
        self._catch_up()

    @locked
    def hold_gate(self, member: int, gate: str) -> None:
        """Hold a server at a gate."""
        self._at_gate(self._place_of(member), gate, "hold")

    @locked
    def open_gate(self, member: int, gate: str) -> None:
        """Let a server go on."""
        self._at_gate(self._place_of(member), gate, "open")

    def _place_of(self, member: int) -> Place:
        for view, place in zip(self._views, self._attachment.places, strict=True):
            if view.id == member:
                return place
        raise UserError(f"No server is called {member_name(member)}.")

    def _at_gate(self, place: Place, gate: str, do: str) -> None:
        if place.is_etcd or not place.watcher:
            raise UserError(f"{place.url} can't be held: it is no learnetcd that is watched.")
        if gate not in gates_of(place):
            raise unknown_name("gate", gate, gates_of(place))
        self._reins.do(self._attachment.gate, place, gate, do)


# --- one server -----------------------------------------------------------------------------------


def portrait_of(place: Place) -> Json | None:
    """What a server shows of itself; None if nothing is known now."""
    if place.trouble or not place.pages:
        return None
    try:
        portrait = outline.outline(place.pages) if place.is_etcd else dict(place.pages[MEMBER])
        view_of(portrait, {}).keyspace(0)  # can it be drawn?
    except (LookupError, TypeError, ValueError, AttributeError):
        place.trouble = "it says what this learnetcd can't read"
        return None
    return portrait


def held_at(place: Place, name: str) -> Iterator[Choice]:
    """What can be let through at the held gates of a server."""
    for gate, state in gates_of(place).items():
        if state.get("held"):
            count = state["waiting"]
            what = f"{count} wait, first {state['first']}" if count else "nothing waits yet"
            yield Choice(f"held: {name} {gate}: {what}", Waiting(place, gate), 0)


def gates_of(place: Place) -> Json:
    """The gates of a server by name; none of an etcd."""
    return dict(place.pages.get(MEMBER, {}).get("gates", {}))
