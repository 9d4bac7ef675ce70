"""Exports: what can be taken out of a session, in which form, by name.

    export(session, Wish("svg", "space-time", first=1, last=17))        "<svg ..."
    export(session, Wish("text", "causes", of="leads term 2"))          "What led to step 75 ..."

The command line, a key at the desk and a notebook wish for the same few things in the same words.
What makes no sense together is refused with a sentence.

Next page: `learnetcd/desk/`.
"""

from __future__ import annotations

from learnetcd.checking.history import Judged
from learnetcd.errors import UserError, unknown_name
from learnetcd.figures.cause_graph import cause_graph
from learnetcd.figures.cluster_map import cluster_map
from learnetcd.figures.figure import Figure
from learnetcd.figures.layout import WAY_OUT
from learnetcd.figures.operations import operations
from learnetcd.figures.quorum_overlap import quorum_overlap
from learnetcd.figures.role_diagram import role_diagram
from learnetcd.figures.shiviz import shiviz
from learnetcd.figures.space_time import space_time
from learnetcd.raft.config import PROFILES
from learnetcd.session.session import Session
from learnetcd.session.views import ClusterView, Narration
from learnetcd.value import dataclass

PICTURES = {
    "space-time": "who told whom what, from step to step",
    "now": "members, messages and logs at the last of the steps",
    "causes": "what led to one thing that happened",
    "operations": "what clients asked about a key, and whether it fits together",
    "roles": "follower, candidate, leader: what makes one of them another",
    "quorums": "whom each two majorities share",
}
"""What can be drawn."""

FORMS = {"svg": "space-time", "text": "space-time", "dot": "causes", "shiviz": ""}
"""In which forms, and the picture that is meant when none is named."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have."""

    form: str
    picture: str = ""
    """Empty for the one that is usual in this form."""
    first: int | None = None
    last: int | None = None
    """The steps; None for the first and the last one of the branch."""
    of: str = ""
    """For causes: of what? A step, or words of a sentence; empty for the last landmark.

    For operations: of which key? Empty for one that is not linearizable, if there is one."""
    axis: str = "logical"
    """For space-time: `logical` or `real`."""


def export(session: Session, wish: Wish) -> str:
    """What was wished for, as the text of a file."""
    if wish.form not in FORMS:
        raise unknown_name("format", wish.form, FORMS)
    if not FORMS[wish.form]:
        if wish.picture:
            raise UserError(f"{wish.form} is a log of all events: it takes no --picture.")
        return shiviz(session.span(*span_of(session, wish)))
    figure = figure_of(session, wish)
    match wish.form:
        case "text":
            return figure.text.rstrip("\n") + "\n"
        case "dot" if not figure.dot:
            raise UserError(
                f"The picture {wish.picture} is not made by dot. These are: causes, roles."
            )
        case "dot":
            return figure.dot
        case _ if not figure.svg:
            raise UserError(WAY_OUT)
        case _:
            return figure.svg + "\n"


def figure_of(session: Session, wish: Wish) -> Figure:
    """The picture that is wished for; the session stays where it is."""
    picture = wish.picture or FORMS[wish.form]
    first, last = span_of(session, wish)
    match picture:
        case "space-time":
            return space_time(session.span(first, last), wish.axis)
        case "causes":
            return cause_graph(session.causes(event_of(session, wish).event_id))
        case "operations":
            return operations(*history_of(session, wish))
        case "now":
            return cluster_map(view_of(session, last))
        case "roles":
            view = view_of(session, last)
            config = PROFILES.get(view.profile)
            return role_diagram(view, pre_vote=config is not None and config.pre_vote)
        case "quorums":
            members = view_of(session, last).members
            return quorum_overlap(member.id for member in members if not member.learner)
        case _:
            raise unknown_name("picture", picture, PICTURES)


def view_of(session: Session, step: int) -> ClusterView:
    """The cluster at a step: at the present one as it is seen now, be it by looking at servers."""
    view = session.view()
    return view if view.step == step else session.view_at(step)


def span_of(session: Session, wish: Wish) -> tuple[int, int]:
    """The steps that are meant."""
    length = session.view().length
    first = 1 if wish.first is None else wish.first
    last = length if wish.last is None else wish.last
    if length and not 1 <= first <= last <= length:
        raise UserError(
            f"There are no steps {first} to {last}: this run has the steps 1 to {length}."
        )
    return first, last


def history_of(session: Session, wish: Wish) -> Judged:
    """The history that is wanted, as far as the last of the steps."""
    histories = session.histories(span_of(session, wish)[1])
    found = [one for one in histories if not wish.of or one.key.strip("/") == wish.of.strip("/")]
    if not histories:
        raise UserError("No client has asked for anything that could be judged.")
    if not found:
        raise unknown_name("history of the key", wish.of, [one.key for one in histories])
    return found[0]


def event_of(session: Session, wish: Wish) -> Narration:
    """The sentence whose causes are wanted."""
    told = session.narration(*span_of(session, wish))
    if not told:
        raise UserError("Nothing has happened yet, so nothing was caused.")
    if wish.of.isdigit():
        found = [one for one in told if one.step == int(wish.of)]
    elif wish.of:
        found = [one for one in told if wish.of.lower() in one.text.lower()]
    else:
        found = [one for one in told if one.landmark and one.member] or list(told)
    if not found:
        raise UserError(
            f"Nothing that was told in these steps is called {wish.of!r}: give the number of a "
            "step, or words of a sentence that `learnetcd replay --narrate` prints."
        )
    return found[-1]
