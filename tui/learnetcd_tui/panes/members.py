"""The members, a row each: who they are, what their timer does, what they know, and their logs.

    role        term   vote             index 1      2      3
 ▶S1 ◆ L leader    *term 2 *vote S1         x=1█   y=2▣   z=4·*
     heartbeat fires in 40 ms ━━╌╌╌╌         t1     t1     t2
     match→next S2:2→3 S3:2→3               ─────────┘ committed 2

Rows, not columns, so that five members fit and their logs stand one above the other. A star stands
before what changed in the last step. A cut is a wall between the rows, and letters tell the sides.
A proxy, if there is one, has a row below them (`proxy`).

Next page: `logs`.
"""

from __future__ import annotations

from learnetcd.session.signs import CRASHED, PAUSED, ROLES, VOTES, role_word
from learnetcd.session.views import ClusterView, MemberView
from learnetcd.tracing import member_name
from learnetcd_tui.canvas import Line, Target, fit, milliseconds
from learnetcd_tui.panes.logs import Window, draw_log
from learnetcd_tui.panes.proxy import HEIGHT as PROXY_HEIGHT
from learnetcd_tui.panes.proxy import draw_row as draw_proxy
from learnetcd_tui.picture import Picture


def draw(picture: Picture, width: int, height: int) -> list[Line]:
    """All rows, with as much space between them as there is."""
    view = picture.view
    left = left_width(width)
    chosen = picture.chosen.index if picture.chosen and picture.chosen.kind == "entry" else 0
    window = Window(view, width - left - 2, picture.scroll.get("members", 0), chosen)
    in_front = draw_proxy(picture, view.proxy, left) if view.proxy is not None else []
    height -= len(in_front)
    count = len(view.members)
    row_height = 3 if height >= 1 + 3 * count else 2
    gaps = height >= 1 + row_height * count + count - 1
    cut = "" if gaps else view.walls  # without gaps there is no place for a wall
    lines = [ruler(left, picture.jumping, cut).append(window.ruler())]
    for number, member in enumerate(view.members):
        if number and gaps:
            lines.append(gap(view, view.members[number - 1], member, width))
        lines += draw_row(picture, member, window, left, row_height)
    return [*lines[:height], *in_front]


def left_width(width: int) -> int:
    """The columns before the logs."""
    return 38 if width < 86 else 44


def heights_wanted(members: int, has_proxy: bool = False) -> tuple[int, int, int]:
    """The lines that this pane fills: when it may have all it wants, without gaps, at least."""
    others = 1 + (PROXY_HEIGHT if has_proxy else 0)
    return others + 4 * members - 1, others + 3 * members, others + 2 * members


def ruler(left: int, jumping: bool, cut: str) -> Line:
    """What the columns are; or, where the rows stand close, who is cut off from whom."""
    line = Line("[m]", "title") if jumping else Line()
    if cut:
        line.add(fit(f" cut {cut}", 18 - line.width), "wall")
    else:
        line.to(4).add("role", "dim")
    line.to(19).add("term", "dim").to(27).add("voted for", "dim")
    return line.to(left - 6).add("  index ", "dim")


def draw_row(
    picture: Picture, member: MemberView, window: Window, left: int, height: int
) -> list[Line]:
    """The three lines of a member, or the two that fit into a small terminal."""
    values, terms, committed = draw_log(member, window, picture.chosen)
    if height == 3:
        parts = [
            (first_line(picture, member, left), values),
            (timer_line(picture.view, member, left), terms),
            (knowledge_line(member), committed),
        ]
    else:
        second = timer_line(picture.view, member, left)
        if "candidate" in member.role:
            second = Line("    ").append(votes(member))
        elif member.peers:
            second = Line("    ").append(peers(member, short=True))
        parts = [(first_line(picture, member, left), values), (second, terms)]
    rule = "┃" if picture.member == member.id else "│"
    return [
        line.fit(left).add(rule, "key" if rule == "┃" else "rule").add(" ").append(log)
        for line, log in parts
    ]


def first_line(picture: Picture, member: MemberView, left: int) -> Line:
    """Name, role by shape and letter and word, term, vote."""
    shape, letter = ROLES[member.role]
    is_chosen = picture.member == member.id
    target = Target("member", member=member.id)
    style = member.role.removeprefix("pre-")
    line = Line("▶" if is_chosen else " ", "key", target)
    line.add(member.name, f"{style} chosen" if is_chosen else style, target)
    line.to(max(4, line.width + 1))  # a member of a real cluster has a longer name: S8e9e
    line.add(f"{shape} {letter}", style, target)
    line.append(star(member, "role")).cell(role_word(member), 10, style, target)
    line.append(star(member, "term"))
    line.cell(f"term {member.term}", 7, "strong", Target("term", member.id, index=member.term))
    line.append(star(member, "vote"))
    vote = member_name(member.vote) if member.vote else "nobody"
    line.cell(vote, 7, "strong" if member.vote else "dim", Target("vote", member=member.id))
    if side := side_of(picture.view.walls, member.id):
        line.to(left - 2).add(side, "wall")
    return line


def star(member: MemberView, field: str) -> Line:
    """A star if this field changed in the last step; its place is kept free."""
    return Line("*", "changed") if field in member.changed else Line(" ")


def timer_line(view: ClusterView, member: MemberView, left: int) -> Line:
    """What fires next and when. All bars have one scale: the shortest one fires first."""
    line = Line("    ")
    timer = member.timer
    if not member.alive:
        return line.add(CRASHED, "dim")
    if member.paused:
        return line.add(PAUSED, "warn")
    if timer is None:
        return line.add("no timer", "dim")
    target = Target("timer", member=member.id)
    longest = max(other.timer.full_ms for other in view.members if other.timer)
    length = left - 33
    filled = min(length, round(length * timer.fires_in_ms / max(1, longest)))
    line.cell(timer.kind, 10, "dim", target)
    line.cell(f"fires in {milliseconds(timer.fires_in_ms)}", 18, "timer", target)
    return line.add("━" * filled, "timer", target).add("╌" * (length - filled), "rule", target)


def knowledge_line(member: MemberView) -> Line:
    """What it knows: a candidate its votes, a leader its followers, a follower who leads."""
    line = Line("    ")
    if not member.alive:
        return line.add(f"disk: {member.after_crash()}", "dim")
    if member.role in ("candidate", "pre-candidate"):
        return line.append(votes(member))
    if member.peers:
        return line.append(peers(member, short=len(member.peers) > 2))
    line = Line("   ").append(star(member, "leader"))
    line.add(f"follows {member_name(member.leader)}" if member.leader else "knows no leader", "dim")
    return line.append(oddities(member))


def votes(member: MemberView) -> Line:
    """The votes so far against those needed."""
    granted = sum(1 for _, vote in member.votes if vote)
    line = Line(
        f"votes {granted} of {member.votes_needed}:", "candidate", Target("vote", member.id)
    )
    for voter, vote in member.votes:
        if vote is None and len(member.votes) > 3:
            continue  # no room for those who have not answered yet
        line.add(f" {member_name(voter)} {VOTES[vote]}", "good" if vote else "dim")
    return line


def peers(member: MemberView, short: bool) -> Line:
    """What a leader knows of each follower: its last matching entry, the next one to send.

    With many followers the next one is named only where it is not the one after the match.
    """
    line = Line("match→next" if not short else "match", "dim")
    for peer in member.peers:
        words = f" {member_name(peer.member)}:{peer.match_index}"
        if not short or peer.next_index != peer.match_index + 1:
            words += f"→{peer.next_index}"
        line.add(words, "follower")
        if peer.paused:
            line.add("‖", "warn")
        if peer.mode == "snapshot":
            line.add("≡", "warn")
    return line


def oddities(member: MemberView) -> Line:
    """What is not as it is with everybody else."""
    line = Line()
    if member.clock_rate != 1000:
        line.add(f"  clock ×{member.clock_rate / 1000:g}", "warn")
    if member.own_parts:
        line.add(f"  yours: {' '.join(member.own_parts)}", "warn")
    if member.unsynced_records:
        line.add(f"  {member.unsynced_records} unsynced", "warn")
    if member.snapshot_index:
        line.add(f"  snapshot to {member.snapshot_index}", "dim")
    return line


# --- cuts ---------------------------------------------------------------------------------------


def gap(view: ClusterView, above: MemberView, below: MemberView, width: int) -> Line:
    """The line between two rows: empty, or a wall if a cut lies between them."""
    words = f" cut {view.walls} "
    sides = {side_of(view.walls, above.id), side_of(view.walls, below.id)}
    if len(sides) == 1 or "" in sides:  # whom no group names, nothing separates
        cuts = one_way_cuts(view)
        if not cuts or above is not view.members[0]:
            return Line(" " * width)
        words = f" cut {cuts} "
    return Line("═" * 4 + words + "═" * (width - 4 - len(words)), "wall")


def side_of(walls: str, member: int) -> str:
    """The letter of the side on which a member stands: A and B for `1|23`; none without a cut."""
    if "|" not in walls:
        return ""
    groups = walls.split("|")
    return next((chr(65 + n) for n, group in enumerate(groups) if str(member) in group), "")


def one_way_cuts(view: ClusterView) -> str:
    """Cuts that no wall can show: `S1⇏S3`."""
    if "|" in view.walls:
        return ""
    return "  ".join(
        f"{member_name(sender)}⇏{member_name(receiver)}" for sender, receiver in view.cuts
    )
