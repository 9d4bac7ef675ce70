"""The binding: the chapters and the registers, as the Markdown that Sphinx makes a book of.

    index.md                   the title page
    03_timers_and_votes.md     a page for each chapter
    glossary.md                the words
    rules.md                   every rule: its clauses, and what goes wrong without each
    events.md                  every trace event: what it says, and where it happens in our code
    claims.md                  what the article says amiss, what many believe, and where it is met

All of it is made from what is there: rules and events from the code itself, claims from where the
texts meet them. So no register can be forgotten.

Next page: `book`.
"""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Iterator
from importlib import import_module

from learnetcd.figures.figure import Figure
from learnetcd.raft.rules import Rules
from learnetcd.raft.twins import TWINS
from learnetcd.session.sources import source_of
from learnetcd.tracing import Rule, TraceEvent
from learnetcd_lessons import cells, frames, guiding, lesson, sheet
from learnetcd_lessons.beliefs import BELIEFS, CLAIMS
from learnetcd_lessons.chapter import Chapter, chapters
from learnetcd_lessons.exercise import Exercise, Predict, Quiz, Right, Wrong
from learnetcd_lessons.glossary import GLOSSARY
from learnetcd_lessons.judging import to_open

TRACING = ("elections", "replication", "membership", "storage", "clients")
"""The modules of trace events, in reading order."""

HEAD = """\
---
file_format: mystnb
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


def pages() -> dict[str, str]:
    """All pages of the book, by the names of their files."""
    return {
        "index.md": title_page(),
        **{f"{chapter.slug}.md": chapter_page(chapter) for chapter in chapters()},
        "glossary.md": glossary_page(),
        "rules.md": rules_page(),
        "events.md": events_page(),
        "claims.md": claims_page(),
    }


def title_page() -> str:
    """What it is, and where to begin."""
    rows = "\n".join(
        f"- **[{chapter.number} {chapter.title}]({chapter.slug}.md)** {chapter.summary}"
        for chapter in chapters()
    )
    slugs = "\n".join(chapter.slug for chapter in chapters())
    return f"""# How etcd works

Chapters to read, each with runs of a cluster that you can repeat, step through and break. All code
that is shown is the code that runs; all figures are drawn from runs of it.

{rows}

To do the exercises, in a folder of your own and with your own editor:

```console
$ learnetcd lesson start raft && cd raft
$ learnetcd lesson check --watch
```

```{{toctree}}
:hidden:
:caption: Chapters

{slugs}
```

```{{toctree}}
:hidden:
:caption: To look up

glossary
rules
events
claims
```
"""


# --- chapters -------------------------------------------------------------------------------------


def chapter_page(chapter: Chapter) -> str:
    """A chapter, part for part."""
    parts = lesson.parse(chapter.text("lesson.md"))
    return HEAD + "\n\n".join(part_text(chapter, part) for part in parts) + "\n"


def part_text(chapter: Chapter, part: lesson.Part) -> str:
    """One part."""
    match part:
        case lesson.Prose(text):
            return lesson.ROLE.sub(lambda found: role_text(found[0], found[1], found[2]), text)
        case lesson.Cell(code):
            return f"```{{code-cell}} python\n{code}\n```"
        case lesson.Typed(_, text):
            return f"```console\n{text}\n```"
        case lesson.Source(symbol):
            return source_block(symbol)
        case lesson.Played(name):
            scene = chapter.scene(name)
            caption = f"{scene.claim} Watch it: {to_open(chapter, name)}"
            drawn = figure_block(cells.picture_of(guiding.played(scene)), caption)
            return f"{drawn}\n\n{raw(frames.fold(name))}"
        case lesson.Asked(name):
            return quiz_block(chapter, chapter.quiz(name))
        case lesson.Tried(name):
            return exercise_block(chapter, chapter.exercise(name))


def runs() -> dict[str, str]:
    """What the pages read when a run is unfolded, by the names of the files."""
    named = {name: chapter for chapter in chapters() for name in chapter.scenes_played()}
    return {
        f"{name}.js": frames.file_of(
            name, guiding.played(chapter.scene(name)), to_open(chapter, name)
        )
        for name, chapter in named.items()
    }


def role_text(whole: str, role: str, word: str) -> str:
    """A claim leads to its register; a term is Sphinx's own."""
    return f"[[{word}]](#claim-{word.lower()})" if role == "claim" else whole


def source_block(symbol: str) -> str:
    """Our own code, with the place where it stands."""
    path, first_line, lines = source_of(symbol)
    options = f":lineno-start: {first_line}\n:caption: {path}"
    return f"```{{code-block}} python\n{options}\n\n" + "\n".join(lines) + "\n```"


def figure_block(figure: Figure, caption: str) -> str:
    """A picture as it is, with its words for those who want or need them."""
    words = f"<details><summary>The same in words</summary><pre>{html.escape(figure.text)}</pre>"
    drawn = f'<div class="run">{figure.svg}</div>' if figure.svg else ""
    head = f"<figcaption>{html.escape(caption)}</figcaption>"
    return raw(f'<figure class="run">{drawn}{head}{words}</details></figure>')


def raw(markup: str) -> str:
    """Markup that is not Markdown's."""
    return f"```{{raw}} html\n{markup}\n```"


def quiz_block(chapter: Chapter, quiz: Quiz) -> str:
    """A question; each answer opens, and says what is behind it."""
    rows = [f"<p><strong>A question.</strong> {markup(quiz.question)}</p>"]
    for option in sheet.shuffled(quiz):
        if isinstance(option, Right):
            said = f"Right. {markup(option.because)}"
        else:
            belief = markup(BELIEFS[option.belief])
            link = f'<a href="claims.html#belief-{option.belief.lower()}">Many believe this</a>'
            said = f"{link}: {belief} {markup(option.because)}"
        run = frames.fold(option.refuted_by) if isinstance(option, Wrong) else ""
        rows.append(
            f"<details><summary>{markup(option.text)}</summary><p>{said}</p>{run}</details>"
        )
    return raw(f'<div class="quiz">{"".join(rows)}</div>')


def markup(text: str) -> str:
    """A sentence where Markdown is not read: what stands in backticks is code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))


def exercise_block(chapter: Chapter, exercise: Exercise) -> str:
    """What to do, and how it is checked."""
    id_ = chapter.id_of(exercise)
    lines = [f"````{{admonition}} Exercise {id_}: {exercise.title}", ":class: exercise", ""]
    lines += [exercise.task.strip(), ""]
    if isinstance(exercise, Predict):
        lines += [f"```text\n{sheet.legend(exercise)}```", ""]
        for number, one in enumerate(exercise.rounds, 1):
            options = guiding.options_text(tuple(option.text for option in one.options))
            seen = "\n".join([*sheet.before(one), "", options])
            lines += [f"**{number}.** {one.question}", "", f"```text\n{seen}\n```", ""]
            figure = cells.picture_of(guiding.played(sheet.scene_of(one)))
            lines += [revealed(figure), ""]
    lines += [f"`learnetcd lesson check {id_}`", "````"]
    return "\n".join(lines)


def revealed(figure: Figure) -> str:
    """The run, for those who have said what they expect."""
    return raw(
        f'<details class="run"><summary>You have an answer? Then see the run.</summary>'
        f'<div class="run">{figure.svg}</div><pre>{html.escape(figure.text)}</pre></details>'
    )


# --- registers ------------------------------------------------------------------------------------


def glossary_page() -> str:
    """The words."""
    lines = ["# The words", "", "```{glossary}"]
    for word, meaning in GLOSSARY.items():
        lines += [word, f"  {meaning}", ""]
    return "\n".join([*lines, "```", ""])


def rules_page() -> str:
    """Every rule, from the table by which members live."""
    lines = ["# The rules", "", "What members decide by, clause for clause.", ""]
    twins = {(twin.rule, twin.clause): twin for twin in TWINS.values()}
    for field, rule in vars_of(Rules()):
        lines += [f"## To {rule.name}", "", f"{rule.citation}. Asked in `{rule.source}`.", ""]
        for clause in rule.clauses:
            twin = twins.get((field, clause.name))
            without = f" Without it (`rule {twin.name} off`): {twin.sentence}" if twin else ""
            lines.append(f"- **{clause.name}.**{without}")
        shown = [c for c in chapters() if rule.source in c.text("lesson.md")]
        if shown:
            lines += ["", f"Shown in {', '.join(link(chapter) for chapter in shown)}."]
        lines.append("")
    return "\n".join(lines)


def vars_of(rules: Rules) -> Iterator[tuple[str, Rule[object]]]:
    """The rules by the names of their fields."""
    for name in Rules.__slots__:
        rule = getattr(rules, name)
        if isinstance(rule, Rule):
            yield name, rule


def events_page() -> str:
    """Every trace event, from its class."""
    lines = ["# The trace events", "", "What a run says about itself.", ""]
    for name in TRACING:
        module = import_module(f"learnetcd.tracing.{name}")
        about = inspect.getdoc(module) or ""
        lines += [f"## {about.splitlines()[0].rstrip('.')}", ""]
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, TraceEvent) and kind is not TraceEvent:
                told = (inspect.getdoc(kind) or "").splitlines()[0]
                where = f"{kind.citation}. In `{kind.source}`."
                lines += [f"**{kind.__name__}**", f": {told} {where}", ""]
    return "\n".join(lines)


def claims_page() -> str:
    """The article's claims, and common beliefs, with the chapters that meet them."""
    lines = ["# What the article says, and what many believe", "", "## The article", ""]
    for id_, claim in CLAIMS.items():
        met = [c for c in chapters() if id_ in lesson.roles(c.text("lesson.md"), "claim")]
        lines += entry("claim", id_, claim, met)
    lines += ["## Beliefs that a run refutes", ""]
    for id_, belief in BELIEFS.items():
        met = [c for c in chapters() if id_ in c.targets]
        lines += entry("belief", id_, belief, met)
    return "\n".join(lines)


def entry(kind: str, id_: str, text: str, met: list[Chapter]) -> list[str]:
    """One of them, to which others can lead."""
    where = f" Met in {', '.join(map(link, met))}." if met else ""
    return [f"({kind}-{id_.lower()})=", f"**{id_}** {text.rstrip('.')}.{where}", ""]


def link(chapter: Chapter) -> str:
    """To a chapter."""
    return f"[{chapter.number} {chapter.title}]({chapter.slug}.md)"
