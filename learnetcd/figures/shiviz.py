r"""A log for ShiViz: the same run for a tool that others wrote, with vector clocks.

    (?<step>\d+) (?<ms>\d+) (?<event>.*)\n(?<host>\S*) (?<clock>{.*})

    1 1100 S2 votes for itself and stands in term 1 ...
    S2 {"S2": 1}
    3 1110 S1 votes for S2 in term 1 ...
    S1 {"S1": 1, "S2": 1}

ShiViz (bestchai.bitbucket.io/shiviz) draws space-time diagrams from logs in which each event knows,
for each host, how many of its events may have led to it. Our members keep no such clocks: the walk
over a span knows who heard from whom, so it counts for them. A step is one event; a message brings
the clock that its sender had when it was sent.

The first line is the expression by which ShiViz reads the rest: paste it into the field for it. The
world (a cut, a rule switched off) is a host of its own, to which nobody listens.

Source: Fidge, Timestamps in Message-Passing Systems That Preserve the Partial Ordering, 1988; for
the form, ShiViz's js/model/parser.js.

Next page: `exports`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from learnetcd.session.views import MessageView, SpanView, StepView
from learnetcd.tracing import member_name

PARSER = r"(?<step>\d+) (?<ms>\d+) (?<event>.*)\n(?<host>\S*) (?<clock>{.*})"
"""How ShiViz is to read the log."""

Clock = dict[str, int]


def shiviz(span: SpanView) -> str:
    """The events of a span with their clocks."""
    return "\n".join([PARSER, "", *_lines(span)]) + "\n"


def _lines(span: SpanView) -> Iterator[str]:
    told: dict[int, list[str]] = defaultdict(list)
    for sentence in span.sentences:
        told[sentence.step].append(sentence.text)
    for step, host, clock in clocks(span):
        event = " ".join(" ".join(told[step.step]).split())
        yield f"{step.step} {step.at_ms} {event}"
        yield f"{host} {json.dumps(dict(sorted(clock.items())))}"


def clocks(span: SpanView) -> Iterator[tuple[StepView, str, Clock]]:
    """Each step with its host and the host's clock after it."""
    arriving = {one.ended_step: one for one in span.messages if one.fate == "delivered"}
    first_sent = {(m.link, m.number): m.sent_step for m in span.messages if m.copy_number == 0}
    at: dict[str, Clock] = defaultdict(dict)
    after: dict[int, Clock] = {}
    for step in span.steps:
        host = member_name(step.member) if step.member else "world"
        clock = at[host]
        clock[host] = clock.get(host, 0) + 1
        if message := arriving.get(step.step):
            for other, count in after.get(_sent(message, first_sent), {}).items():
                clock[other] = max(count, clock.get(other, 0))
        after[step.step] = clock.copy()
        yield step, host, after[step.step]


def _sent(message: MessageView, first_sent: dict[tuple[tuple[int, int], int], int]) -> int:
    """The step of its sender; a copy was made by the network, later, but knows no more."""
    return first_sent.get((message.link, message.number), 0)
