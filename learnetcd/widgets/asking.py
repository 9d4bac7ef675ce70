"""Asking: what is asked of the person, over the picture. Esc closes it.

    question(P)         put at S2: x=1, or x=1 ttl:5   [          ] put
    choosable(S)        a list: scenes, rules, profiles, branches, conditions
    all_keys()          F1

Next page: `looks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from learnetcd.desk.keys import GROUPS, Key
from learnetcd.desk.lists import Choosable, Row
from learnetcd.figures.svg import Markup, element
from learnetcd.widgets.panes import button, joined, listed, span


def question(key: Key, chosen: str) -> Markup:
    """A line to be typed: `C`, then `1|23`."""
    asks = key.asks.replace("the chosen member", chosen)
    field = element("input", name="words", type="text", autocomplete="off", spellcheck="false")
    label = element("label", joined(span(asks, ""), field))
    buttons = element("button", key.short or key.help, type="submit"), closing_button()
    return element("form", label, *buttons, data_act=key.act, class_="question")


def choosable(shown: Choosable, rows: Sequence[Row]) -> Markup:
    """A list to pick from; where something else may be typed, a line for that."""
    line = Markup()
    if shown.is_free:
        field = element("input", name="words", type="text", autocomplete="off", spellcheck="false")
        label = element("label", joined("or in your own words:", field))
        line = element("form", label, button_of_form("go"), data_act=shown.act, class_="question")
    items: list[Markup] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            items.append(element("strong", group))
        said = joined(span(row.name, "strong"), *([row.sign] if row.sign else []),
                      span(row.text, "dim"))  # fmt: skip
        items.append(button(said, class_="choice", data_act=shown.act, data_words=row.name))
    heading = element("p", joined(element("strong", shown.title), closing_button()))
    return element("div", heading, line, listed(items), class_="choosable")


def button_of_form(said: str) -> Markup:
    """What sends what was typed."""
    return element("button", said, type="submit")


def closing_button() -> Markup:
    """Closes what is open."""
    return button(Markup(element("kbd", "Esc") + span("close", "")), data_key="Esc")


def all_keys(offered: Sequence[Key]) -> Markup:
    """All keys, by groups."""
    parts = [element("p", joined(element("strong", "Keys"), closing_button()))]
    for group, title in GROUPS.items():
        rows = [
            joined(element("kbd", key.label), span(key.help, ""), span(key.asks, "dim"))
            for key in offered
            if key.group == group
        ]
        parts += [element("strong", title), listed(rows)] if rows else []
    return element("div", *parts, class_="choosable")
