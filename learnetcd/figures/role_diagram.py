"""The role diagram: follower, candidate, leader, and what makes one of them another.

It is drawn from the very table against which members change their roles (`learnetcd/raft/roles.py`,
`TRANSITIONS`), so it can't tell another story than the code. With a picture of a cluster it also
says who is in which role now.

Source: Raft Figure 4; Thesis §9.6 for pre-vote.

Next page: `cause_graph`.
"""

from __future__ import annotations

from learnetcd.figures.figure import Figure
from learnetcd.figures.graph import Arrow, Box, Graph
from learnetcd.raft.roles import FIRST_ROLE, TRANSITIONS
from learnetcd.session.views import ClusterView

BEFORE_VOTE = "pre-candidate"
START = "start"


def role_diagram(cluster: ClusterView | None = None, *, pre_vote: bool = False) -> Figure:
    """Draw the roles; those of pre-vote only if asked for."""
    roles = [role for role, _ in dict.fromkeys(TRANSITIONS)]
    roles = [role for role in dict.fromkeys(roles) if pre_vote or role != BEFORE_VOTE]
    arrows = [
        Arrow(before, after, when)
        for (before, after), when in TRANSITIONS.items()
        if {before, after} <= set(roles)
    ]
    return Graph(
        title="The roles of a member",
        description=" ".join(
            f"From {arrow.tail} to {arrow.head} when {arrow.said}." for arrow in arrows
        ),
        boxes=(Box(START, ("starts up",), look="dim"), *(_box(role, cluster) for role in roles)),
        arrows=(Arrow(START, FIRST_ROLE), *arrows),
    ).figure()


def _box(role: str, cluster: ClusterView | None) -> Box:
    """A role, and who is in it."""
    members = [m for m in cluster.members if m.role == role] if cluster else []
    who = " ".join(f"{member.name}:t{member.term}" for member in members)
    look = "candidate" if role == BEFORE_VOTE else role
    return Box(role, (role, who) if who else (role,), look=look, strong=bool(members))
