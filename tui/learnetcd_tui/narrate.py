r"""The same desk without a screen: lines with keys in, sentences and state lines out.

    $ printf 'n\nP x=1\nn\n' | learnetcd tui --narrate
    S1 F t0 v. c0 []
    S2 F t0 v. c0 []
    S3 F t0 v. c0 []
    > n
    S2 stood for election in term 1: its timer ran out. [Raft §5.2]
    ...

For screen readers, for pipes, and for tests: no boxes, no colour, one sentence for each event, and
each answer ends where the next line is awaited.

Next page: `film`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

from learnetcd.desk.desk import ACTS, Desk
from learnetcd.desk.keys import GROUPS, KEYS, Key, key_of_label
from learnetcd.desk.lists import LISTS
from learnetcd.desk.sight import Sight
from learnetcd.session.signs import cited, proxy_words
from learnetcd.session.views import ClusterView

HINT = "Type a key and Enter: n goes on until something changes, . is one step, F1 lists all keys."
LEAVES = ("q", "quit")
PANE = (100, 60)
"""Columns and lines of a pane that is told."""
FRAMES = str.maketrans("", "", "─▓╌")
RUN_MS = 1000
"""How long `space` runs, in milliseconds of the cluster."""


def narrate(desk: Desk, lines: Iterable[str], say: Callable[[str], None]) -> None:
    """Tell the start, then carry out line after line."""
    view = desk.session.view()
    say(f"{view.scene or 'A cluster'}, profile {view.profile}, seed {view.seed}, paused at tick 0.")
    if desk.notice:
        say(desk.notice)
    tell_state(desk, say)
    say(HINT)
    for line in lines:
        words = line.strip()
        if words in LEAVES:
            return
        if words:
            carry_out(desk, words, say)


def carry_out(desk: Desk, line: str, say: Callable[[str], None]) -> None:
    """One line: a key and its words, or several keys that need none."""
    label, _, rest = line.partition(" ")
    key = key_of_label(label)
    if key is None:
        say(f"There is no key {label!r}. F1 lists all keys.")
        return
    takes_words = key.asks or key.act in LISTS
    tell(desk, key, rest.strip() if takes_words else "", say)
    if rest.strip() and not takes_words:
        carry_out(desk, rest.strip(), say)


def tell(desk: Desk, key: Key, words: str, say: Callable[[str], None]) -> None:
    """Do what a key means, and tell what came of it."""
    before = desk.session.view()
    if key.act == "help":
        say_keys(say)
    elif key.act in LISTS:
        choosable = LISTS[key.act]
        if not words:
            for row in choosable.rows(desk):
                say(str(row))
            return
        desk.do(choosable.act, words)
    elif key.act == "safety":
        say_invariants(desk, say)
    elif key.act == "show":
        say_pane(desk, key.words, say)
    elif key.act == "run":
        desk.session.advance(RUN_MS)
    elif key.act in ACTS:
        desk.do(key.act, key.words or words)
    else:
        say(f"{key.label} is for the screen: {key.help}.")
        return
    tell_changes(desk, before, say)
    if key.act == "why" and desk.answer is not None:
        say(desk.answer.title)
        for sign, sentence, citation in desk.answer.lines:
            say(f"{sign} {sentence}" + (f" [{citation}]" if citation else ""))


def tell_changes(desk: Desk, before: ClusterView, say: Callable[[str], None]) -> None:
    """The sentences of the new steps, then the state lines, then what the desk has to say."""
    view = desk.session.view()
    is_further = view.step > before.step and view.branch == before.branch
    if is_further:
        for narration in desk.session.narration(before.step + 1, view.step):
            say(cited(narration))
    elif (view.step, view.branch) != (before.step, before.branch):
        say(f"At step {view.step} of branch {view.branch}.")
    if (view.step, view.branch) != (before.step, before.branch):
        tell_state(desk, say)
    if desk.notice:
        say(desk.notice)


def tell_state(desk: Desk, say: Callable[[str], None]) -> None:
    """A line for each member and for the proxy, and what broke."""
    view = desk.session.view()
    for line in desk.session.state_lines():
        say(line)
    if view.proxy is not None:
        say(proxy_words(view.proxy))
    for violation in view.violated:
        say(f"VIOLATED: {violation}")


def say_keys(say: Callable[[str], None]) -> None:
    """All keys."""
    for group, title in GROUPS.items():
        say(f"{title}:")
        for key in KEYS:
            if key.group == group:
                say(f"  {key.label}: {key.help}" + (f" ({key.asks})" if key.asks else ""))


def say_pane(desk: Desk, name: str, say: Callable[[str], None]) -> None:
    """What stands in a pane, line by line, without its frames."""
    from learnetcd_tui.contents import CONTENTS  # who only listens need not wait for the screen
    from learnetcd_tui.picture import Picture

    picture = Picture(**{one.name: getattr(desk.sight(), one.name) for one in fields(Sight)})
    for line in CONTENTS[name].draw(picture, *PANE):
        if words := line.text.translate(FRAMES).strip():
            say(words)


def say_invariants(desk: Desk, say: Callable[[str], None]) -> None:
    """Each invariant: holds, or VIOLATED and what was found."""
    for one in desk.session.invariants():
        say(f"VIOLATED {one.name}: {one.violation}" if one.violation else f"holds: {one.name}")
