"""The text of a chapter, cut into its parts."""

import pytest

from learnetcd.errors import UserError
from learnetcd_lessons import lesson
from learnetcd_lessons.lesson import Asked, Cell, Played, Prose, Source, Tried, Typed

TEXT = """\
---
kernelspec:
  name: python3
---

# Votes

A {term}`quorum` decides. {claim}`A4`

```{code-cell} python
x = 1

print(x)
```
```{source} learnetcd.raft.rules:GRANT_VOTE
```

```{scene} vote-once
```
```{quiz} who
```
```{exercise} grant_vote
```

```{terminal} alone
$ echo hello
hello
```

```python
an = "ordinary fence"
```
"""


def test_a_text_is_cut_at_its_fences():
    assert lesson.parse(TEXT) == (
        Prose("# Votes\n\nA {term}`quorum` decides. {claim}`A4`"),
        Cell("x = 1\n\nprint(x)"),
        Source("learnetcd.raft.rules:GRANT_VOTE"),
        Played("vote-once"),
        Asked("who"),
        Tried("grant_vote"),
        Typed("alone", "$ echo hello\nhello"),
        Prose('```python\nan = "ordinary fence"\n```'),
    )


@pytest.mark.parametrize("fence", ["nobody\n$ ls", "alone\nls", "alone"])
def test_commands_without_a_sign_or_beside_nobody_are_refused(fence: str):
    with pytest.raises(UserError, match="takes alone or three, and commands below it"):
        lesson.parse(f"```{{terminal}} {fence}\n```\n")


def test_marks_are_found_and_taken_out_where_there_is_no_index():
    assert lesson.roles(TEXT, "claim") == ("A4",)
    assert lesson.roles(TEXT, "term") == ("quorum",)
    assert lesson.plain("A {term}`quorum` {term}`decides <decide>`.") == "A quorum decides."


def test_code_is_shown_by_its_symbol_functions_and_values_alike():
    assert lesson.source_text("learnetcd.raft.rules:GRANT_VOTE").startswith("GRANT_VOTE: Rule[")
    assert lesson.source_text("learnetcd.raft.election:stand").startswith("def stand(raft: Raft")


def test_a_terminal_is_shown_code_and_tables_line_by_line_and_no_marks():
    text = "Run **this now**:\n\n```\nlearnetcd serve\ncurl x\n```\n\n> one\n> two"
    assert lesson.for_terminal(text) == (
        "Run this now:\n\n    learnetcd serve\n    curl x\n\n> one\ntwo"
    )
    table = "| | default | flag |\n|---|---|---|\n| name | `default` | `--name` |"
    assert lesson.for_terminal(table) == "- name: `default`, `--name`"
