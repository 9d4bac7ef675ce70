"""The panes: each is a plain function from what is seen at the desk to a piece of a page.

    panes(sight, asked)["next"]    <ol><li><button data-target="choice 0">deliver append S1→S2 ...

The terminal has panes of the same names, words and signs. Whatever can be pressed says what it
means: `data-key` a key of the table, `data-target` a thing, `data-act` an act with its words. A
button is a button, so it can be reached and heard.

Next page: `asking`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.desk.keys import GROUPS, KEYS, Key
from learnetcd.desk.sight import Answer, Sight, Source
from learnetcd.figures.cluster_map import (
    logs_picture,
    ring_picture,
    safety,
    timeline_picture,
    title_of,
)
from learnetcd.figures.svg import Markup, element
from learnetcd.session.signs import aloud, fate, milliseconds, told
from learnetcd.session.views import ClientView, InvariantView, MemberView, Narration
from learnetcd.tracing import member_name

TITLES = {
    "head": "",
    "keys": "Keys",
    "ask": "",
    "ring": "Members and messages",
    "logs": "Logs",
    "timeline": "Timeline",
    "story": "What happened",
    "next": "Next",
    "flight": "In flight",
    "clients": "Clients",
    "why": "Why",
    "disk": "Disk",
    "keyspace": "Keys and watchers",
    "safety": "Invariants",
    "source": "Source",
}
"""Each pane and its title, in the order of the page."""

FOLDED = ("disk", "keyspace", "safety", "source")
"""These open when somebody opens them."""

STORY_LENGTH = 14
CHOICES = 9
CLIENTS = 6
RECORDS = 8

FIRST_WORDS = (
    "Nothing has happened yet: the cluster is paused.",
    "Press n to go on until something changes, . for one step, space to let it run.",
    "The shortest arc fires first. Who will stand for election?",
)


def panes(sight: Sight, ask: Markup) -> dict[str, str]:
    """The whole page; `ask` is what is being asked of the person."""
    view = sight.view
    member = next((one for one in view.members if one.id == sight.member), view.members[0])
    return {
        "head": head(sight),
        "keys": keys(sight),
        "ask": ask,
        "ring": ring_picture(view, sight.member),
        "logs": logs_picture(view),
        "timeline": timeline_picture(view, sight.landmarks, sight.branches),
        "story": story(sight),
        "next": choices(sight),
        "flight": flight(sight),
        "clients": clients(view.clients[-CLIENTS:]),
        "why": why(sight.answer),
        "disk": disk(member),
        "keyspace": keyspace(member),
        "safety": invariants(sight.invariants),
        "source": source(sight.source),
    }


def sentence_of(sight: Sight) -> str:
    """What is heard: what the last act brought, or why it brought nothing; else where we are."""
    new = [one for one in sight.story if one.step > sight.since]
    said = [one.text for one in new if not one.aside] or [one.text for one in new]
    heard = [*said[-SPOKEN:], *([sight.notice] if sight.notice else [])]
    return aloud(" ".join(heard)) if heard else where(sight)


def where(sight: Sight) -> str:
    """For whoever went back, or turned to something else."""
    view = sight.view
    return f"Step {view.step} of {view.length}, at {milliseconds(view.now_ms)}."


SPOKEN = 4
"""So many sentences at once can be listened to."""


# --- small pieces ---------------------------------------------------------------------------------


def button(said: str | Markup, **attributes: str | None) -> Markup:
    """Something to press."""
    return element("button", said, type="button", **attributes)


def paragraph(said: str | Markup, look: str = "") -> Markup:
    """A line of its own."""
    return element("p", said, class_=look or None)


def span(said: str, look: str) -> Markup:
    """Words in a colour."""
    return element("span", said, class_=look)


def star(said: str) -> Markup:
    """A sign before a line, for the eye alone."""
    return element("span", said, class_="star", aria_hidden="true")


def joined(*parts: str) -> Markup:
    """One after the other, with a space between them; what is no markup yet is escaped."""
    return Markup(" ".join(part if isinstance(part, Markup) else span(part, "") for part in parts))


def listed(items: Sequence[Markup], name: str = "ul") -> Markup:
    """A list."""
    return element(name, *(element("li", item) for item in items))


# --- above the picture ----------------------------------------------------------------------------


def head(sight: Sight) -> Markup:
    """Which story this is, where we are in it, whether all is well, and the last word."""
    view = sight.view
    where = f"step {view.step}" + (f" of {view.length}" if view.length > view.step else "")
    parts = [
        element("strong", view.scene or "a cluster"),
        span(f"{view.profile}, seed {view.seed}, branch {view.branch}", "dim"),
        element("strong", f"t = {milliseconds(view.now_ms)}"),
        span("RUNNING" if sight.running else "paused", "running" if sight.running else "dim"),
        span(sight.speed, "dim"),
        span(where, "here"),
        span(safety(view), "bad" if view.violated else "commit"),
    ]
    if view.broken_rules:
        parts.append(span(f"off: {', '.join(view.broken_rules)}", "fault"))
    lines = [element("p", joined(*parts), class_="head-line")]
    if sight.notice:
        lines.append(paragraph(sight.notice, "notice"))
    return Markup("".join(lines))


USEFUL = ("back", "step", "next_change", "run")
"""What is pressed most stands first, in this order."""


def keys(sight: Sight) -> Markup:
    """The keys that are most useful, as buttons, in groups."""
    useful = {key.act: key for key in KEYS if key.short}
    first = [useful.pop(act) for act in USEFUL]
    groups = [first, *([key for key in useful.values() if key.group == name] for name in GROUPS)]
    chosen = member_name(sight.member)
    return Markup("".join(
        element("div", *(key_button(key, sight.running, chosen) for key in group), class_="keys")
        for group in groups
        if group
    ))  # fmt: skip


def key_button(key: Key, is_running: bool, chosen: str) -> Markup:
    """A key with its letter; its whole sentence is heard after its name."""
    said = "pause" if key.act == "run" and is_running else key.short
    help_text = key.help.replace("the chosen member", chosen)
    return button(
        Markup(element("kbd", key.label) + span(said, "")),
        data_key=key.label,
        title=help_text,
        aria_label=said,
        aria_keyshortcuts=key.label.capitalize() if len(key.label) > 1 else key.label,
    )


# --- beside it ------------------------------------------------------------------------------------


def story(sight: Sight) -> Markup:
    """One sentence for each thing that happened, the newest at the bottom, with a star."""
    if not sight.story:
        return Markup("".join(map(paragraph, FIRST_WORDS)))
    told = [one for one in sight.story if is_worth_its_line(one, sight.story)]
    new = [one for one in told if one.step > sight.since]
    shown = told[-max(STORY_LENGTH, len(new)) :]
    return listed([sentence(one, one.step > sight.since) for one in shown])


def is_worth_its_line(one: Narration, story: Sequence[Narration]) -> bool:
    """Not an aside, unless the very last step brought nothing else."""
    last = [other for other in story if other.step == story[-1].step]
    return not one.aside or (one in last and all(other.aside for other in last))


def sentence(one: Narration, is_new: bool) -> Markup:
    """A sentence that can be asked about, and the place in the paper that it shows."""
    look = "bad" if one.text.startswith("VIOLATED") else "strong" if one.landmark else ""
    number = " ".join(map(str, (*one.event_id, one.step)))
    said = button(
        Markup(star("*" if is_new else " ") + span(one.text, look)),
        class_=f"sentence{' new' if is_new else ''}",
        data_target=f"event {number}",
    )
    return joined(said, span(one.citation, "cite")) if one.citation else said


def choices(sight: Sight) -> Markup:
    """What can happen next; pressing one lets just that happen."""
    if not sight.choices:
        return paragraph("nothing: no timer runs, nothing is in flight", "dim")
    items = []
    for place, one in enumerate(sight.choices[:CHOICES]):
        is_here = place == sight.cursor
        when = "now" if one.in_ms == 0 else milliseconds(one.in_ms)
        said = Markup(
            star("▸" if is_here else " ")
            + span(one.text.replace("->", "→"), "strong" if is_here else "")
            + span(when, "when")
        )
        items.append(button(said, class_="choice", data_target=f"choice {place}"))
    more = len(sight.choices) - len(items)
    rest = paragraph(f"and {more} more", "dim") if more > 0 else Markup()
    return Markup(listed(items, "ol") + rest)


def flight(sight: Sight) -> Markup:
    """The messages in flight, in words."""
    packets = sight.view.packets
    if not packets:
        return paragraph("no message is under way", "dim")
    items = []
    for one in packets[:CHOICES]:
        sender, receiver = map(member_name, one.link)
        said = Markup(
            star("*" if one.new else " ")
            + span(f"{sender} → {receiver} {'copy of ' * one.copy}{one.text}", "")
            + span(fate(one), "when")
        )
        target = f"message {one.link[0]} {one.link[1]} {one.number}"
        items.append(button(said, class_="choice", data_target=target))
    more = len(packets) - len(items)
    return Markup(listed(items) + (paragraph(f"and {more} more", "dim") if more > 0 else ""))


OUTCOME_LOOKS = {"pending": "candidate", "done": "commit", "refused": "fault", "unknown": "leader"}


def clients(requests: Sequence[ClientView]) -> Markup:
    """What each asked for, what it was told, and beside it what really holds."""
    if not requests:
        return paragraph("nobody has asked for anything: P puts a key, G gets one", "dim")
    items = []
    for one in requests:
        asked = span(f"c{one.id} {one.text.replace('->', '→')}", "strong")
        heard = span(told(one), OUTCOME_LOOKS.get(one.outcome, "candidate"))
        truth = span(f"truth: {one.truth}" if one.truth else "", "dim")
        said = joined(asked, heard, truth)
        items.append(button(said, class_="choice", data_target=f"client {one.id}"))
    return listed(items)


HOW = (
    "Press a member, an entry, a message, a sentence: then this says why it is so, or why not."
    " The key ? asks about what is chosen."
)


def why(answer: Answer | None) -> Markup:
    """The answer, reason by reason: + holds, - is lacking, ~ is said, and not so."""
    if answer is None:
        return paragraph(HOW, "dim")
    reasons, cited = [], ""
    for sign, said, citation in answer.lines:
        words = element("s", said) if sign == "~" else span(said, "")
        parts = [span(sign, "commit" if sign == "+" else "fault"), words]
        if citation and citation != cited:
            parts.append(span(citation, "cite"))
            cited = citation
        reasons.append(joined(*parts))
    return Markup(paragraph(answer.title, "strong") + (listed(reasons) if reasons else ""))


def disk(member: MemberView) -> Markup:
    """What a crash now would leave, then the records, with the line that fsync has reached."""
    words = "a crash now would leave" if member.alive else "its disk keeps"
    lines = [paragraph(f"{member.name}: {words} {member.after_crash()}", "strong")]
    records = member.records(RECORDS)
    synced = [paragraph(one.text) for one in records if one.synced]
    unsynced = [paragraph(one.text, "fault") for one in records if not one.synced]
    fsync = paragraph("─── fsync: below is lost in a crash", "commit")
    return Markup("".join([*lines, *synced, fsync, *unsynced]))


def keyspace(member: MemberView) -> Markup:
    """What readers see at a member, who watches, what happened last."""
    if not member.alive:
        return paragraph(f"{member.name} is down: nobody can read there", "dim")
    shown = member.keyspace(12)
    lines = [paragraph(f"{member.name}: etcd index {shown.etcd_index}", "strong")]
    for key in shown.keys:
        what = f"{key.path}/" if key.is_dir else f"{key.path} = {key.value}"
        lives = "" if key.seconds_left is None else f", lives {key.seconds_left} s"
        lines.append(element("p", joined(what, span(f"{key.modified_index}{lives}", "when"))))
    lines += [paragraph(words, "candidate") for words in shown.watchers]
    lines += [paragraph(" · ".join(shown.events), "dim")] if shown.events else []
    return Markup("".join(lines))


def invariants(all_of_them: Sequence[InvariantView]) -> Markup:
    """What must hold in every state: the broken ones first."""
    broken = [one for one in all_of_them if one.violation]
    lines = [
        element("p", joined(
            span(f"VIOLATED {one.name}", "bad"), one.violation,
            button(f"at step {one.violated_at}", data_target=f"step {one.violated_at}"),
        ))
        for one in broken
    ]  # fmt: skip
    if not broken:
        lines.append(paragraph(f"All {len(all_of_them)} held after every step so far.", "commit"))
    held = [one for one in all_of_them if not one.violation]
    return Markup("".join(lines) + listed([
        joined(span("✓", "commit"), element("strong", one.name), span(one.sentence, "dim"))
        for one in held
    ]))  # fmt: skip


def source(shown: Source | None) -> Markup:
    """Our own code in which the last event happened."""
    if shown is None:
        return paragraph("follows the run through our code", "dim")
    code = "\n".join(f"{n:>4} {text}" for n, text in enumerate(shown.lines, start=shown.first_line))
    return Markup(paragraph(f"{shown.path}:{shown.first_line}", "strong") + element("pre", code))


def page_title(sight: Sight) -> str:
    """What the whole is called."""
    return f"Cluster: {title_of(sight.view)}"
