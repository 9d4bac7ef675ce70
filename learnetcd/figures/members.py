"""The members of a ring: who each is, in a circle; around it its timer; beside it what it knows.

        follows S2                 the arc grows shorter until the timer fires; all arcs have one
     election fires in 820 ms      scale, so the shortest one fires first
           ╭──────╮
          │  ● S1  │               shape, name, role, term; a star before what changed in the
          │follower│               last step
          │ term 2 │
           ╰[vote S2]              its vote of this term; a candidate has a slip for each voter

Next page: `ring`.
"""

from __future__ import annotations

from learnetcd.figures.places import BOTTOM, CROWDED, SMALL, TOP, radius_of
from learnetcd.figures.svg import (
    Markup,
    Point,
    element,
    group,
    polygon,
    value_text,
    width_of,
    words,
)
from learnetcd.session.signs import CRASHED, ROLES, VOTES, knowledge, role_word, timer_words
from learnetcd.session.views import ClusterView, MemberView
from learnetcd.tracing import member_name


def members(view: ClusterView, places: dict[int, Point], chosen: int) -> Markup:
    """All of them."""
    longest = longest_timer(view)
    drawn = (Drawn(one, places, longest, is_chosen=one.id == chosen) for one in view.members)
    return Markup("".join(one.markup() for one in drawn))


def longest_timer(view: ClusterView) -> int:
    """What a whole circle stands for."""
    return max((one.timer.full_ms for one in view.members if one.timer), default=1)


class Drawn:
    """One member: who it is, in a circle; around it its timer; beside it what it knows."""

    def __init__(
        self, view: MemberView, places: dict[int, Point], longest: int, *, is_chosen: bool
    ) -> None:
        """Put it in its place."""
        self.view, self.at, self.longest = view, places[view.id], longest
        self.is_chosen = is_chosen
        self.count = len(places)
        self.radius = radius_of(self.count)
        self.is_above = self.at[1] < (TOP + BOTTOM) / 2 and self.count > 2

    def markup(self) -> Markup:
        """All of it, from the ground up."""
        view, at = self.view, self.at
        ground = element("circle", r=self.radius + 11, class_="paper", fill="currentColor")
        parts = [ground, self.body(), self.timer(), self.name(), self.ballot(), self.beside()]
        parts += [self.chosen_mark()] if self.is_chosen else []
        parts += [self.tally()] if view.votes else []
        return group(
            *parts,
            tip=f"{view.name}, {role_word(view)}, term {view.term}",
            transform=f"translate({value_text(at[0])},{value_text(at[1])})",
            data_id=f"member-{view.id}",
            data_target=f"member {view.id}",
            class_="member",
        )

    @property
    def look(self) -> str:
        """The colour of its role."""
        return self.view.role.removeprefix("pre-")

    def star(self, field: str) -> str:
        """A star if this changed in the last step."""
        return "*" if field in self.view.changed else ""

    def body(self) -> Markup:
        """The circle: thick for a leader, dotted for one that is down."""
        return element(
            "circle", r=self.radius, class_=self.look, stroke="currentColor",
            fill="currentColor", fill_opacity=0.1,
            stroke_width=4 if self.view.role == "leader" else 2,
            stroke_dasharray=None if self.view.alive else "3 5",
        )  # fmt: skip

    def name(self) -> Markup:
        """Shape and name, the role in words where there is room, the term."""
        view, (_, shape) = self.view, ROLES[self.view.role]
        is_small = self.count > CROWDED
        bold = words(
            0, -12 if is_small else -16, f"{shape} {view.name}", self.look, at="middle", size=17
        )
        term = f"{self.star('term')}term {view.term}"
        role = f"{self.star('role')}{role_word(view)}"
        parts = [
            element("g", bold, font_weight="bold"),
            words(0, 7 if is_small else 20, term, at="middle", size=SMALL),
        ]
        if not is_small:
            parts.append(words(0, 3, role, self.look, at="middle", size=SMALL))
        return Markup("".join(parts))

    def chosen_mark(self) -> Markup:
        """The sign of the member on which the next key acts."""
        x = -self.radius - 15
        return polygon([(x, 0), (x - 11, -8), (x - 11, 8)], "durable")

    def timer(self) -> Markup:
        """What is left until the timer fires, clockwise from the top."""
        view, radius = self.view, self.radius + 7
        track = element("circle", r=radius, class_="rule", stroke="currentColor", fill="none")
        if view.timer is None:
            return track
        part = min(1.0, view.timer.fires_in_ms / max(1, self.longest))
        arc = element(
            "circle", r=radius, transform="rotate(-90)", fill="none", stroke="currentColor",
            stroke_width=6, pathLength=100, stroke_dasharray="100 100",
            stroke_dashoffset=100 * (1 - part), data_id=f"timer-{view.id}",
            class_="leader" if view.timer.kind == "heartbeat" else "candidate",
        )  # fmt: skip
        return group(track, arc, tip=timer_words(view), data_target=f"timer {view.id}")

    def ballot(self) -> Markup:
        """The vote of this term, on the rim of the circle."""
        if not self.view.vote:
            return Markup()
        said = f"{self.star('vote')}vote {member_name(self.view.vote)}"
        return group(
            *slip(0, self.radius, width_of(said, 11) + 12, said, "follower", rim="8"),
            data_target=f"vote {self.view.id}",
        )

    def beside(self) -> Markup:
        """What it knows, and when its timer fires: over those above, under those below."""
        view, is_short = self.view, self.count >= CROWDED
        known = f"votes {granted(view)} of {view.votes_needed}" if view.votes else knowledge(view)
        lines = [(known, "follower"), (timer_words(view, short=is_short), "dim")]
        if self.count > CROWDED and not view.votes:
            del lines[0]
        if not view.alive:
            lines = [(CRASHED if not is_short else "crashed", "fault")]
        first = -self.radius - 22 - 15 * (len(lines) - 1) if self.is_above else self.radius + 22
        return Markup("".join(
            words(0, first + 15 * place, said, look, at="middle", size=SMALL)
            for place, (said, look) in enumerate(lines)
        ))  # fmt: skip

    def tally(self) -> Markup:
        """A slip for each voter: yes, no, or none yet."""
        votes = self.view.votes
        width = 48 if len(votes) <= 3 else 43 if self.count <= CROWDED else 30
        y = -self.radius - 56 if self.is_above else self.radius + 56
        slips = []
        for place, (voter, vote) in enumerate(votes):
            x = width * (place + 0.5 - len(votes) / 2)
            look = "commit" if vote else "dim" if vote is None else "fault"
            said = f"{member_name(voter)} {VOTES[vote]}" if width > 30 else VOTES[vote]
            slips += slip(x, y, width - 4, said, look, dash="2 3" if vote is None else None)
        return group(*slips, data_target=f"vote {self.view.id}")


def granted(view: MemberView) -> int:
    """How many have said yes."""
    return sum(1 for _, vote in view.votes if vote)


def slip(
    x: float, y: float, width: float, said: str, look: str, rim: str = "3", dash: str | None = None
) -> list[Markup]:
    """Words on a small piece of paper."""
    place = {"x": x - width / 2, "y": y - 9, "width": width, "height": 18}
    return [
        element("rect", **place, rx=rim, class_="paper", fill="currentColor"),
        element(
            "rect",
            **place,
            rx=rim,
            class_=look,
            fill="none",
            stroke="currentColor",
            stroke_dasharray=dash,
        ),
        words(x, y, said, look, at="middle", size=11),
    ]
