"""Tables: a run as rows, each a plain dictionary, as `pandas.DataFrame` takes them.

    c.rows()              [{"step": 1, "at_ms": 1400, "member": "S2", "sentence": ...
    c.rows("entries")     [{"member": "S2", "index": 1, "term": 1, "entry": "x=1", "mark": ...

Next page: `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from learnetcd.session.session import Session

Row = dict[str, object]


def story_rows(session: Session) -> Iterable[Row]:
    """A row for each sentence up to here."""
    for one in session.narration(1, session.view().step) if session.view().step else ():
        yield {
            "step": one.step,
            "at_ms": one.at_ms,
            "member": f"S{one.member}" if one.member else "",
            "sentence": one.text,
            "citation": one.citation,
            "landmark": one.landmark,
        }


def member_rows(session: Session) -> Iterable[Row]:
    """A row for each member, now."""
    for one in session.view().members:
        yield {
            "member": one.name,
            "role": one.role,
            "term": one.term,
            "vote": f"S{one.vote}" if one.vote else "",
            "leader": f"S{one.leader}" if one.leader else "",
            "last_index": one.last_index,
            "durable_index": one.durable_index,
            "commit_index": one.commit_index,
            "applied_index": one.applied_index,
        }


def entry_rows(session: Session) -> Iterable[Row]:
    """A row for each entry of each log, now."""
    for member in session.view().members:
        for one in member.entries(member.first_index, member.last_index):
            yield {
                "member": member.name,
                "index": one.index,
                "term": one.term,
                "entry": one.text,
                "mark": one.mark.value,
                "conflicts": one.conflicts,
            }


def message_rows(session: Session) -> Iterable[Row]:
    """A row for each message in flight, now."""
    for one in session.view().packets:
        yield {
            "sender": f"S{one.link[0]}",
            "receiver": f"S{one.link[1]}",
            "number": one.number,
            "kind": one.kind,
            "message": one.text,
            "arrives_in_ms": one.arrives_in_ms,
            "held": one.held,
            "blocked": one.blocked,
        }


def client_rows(session: Session) -> Iterable[Row]:
    """A row for each request, with what the client was told and what really holds."""
    for one in session.view().clients:
        yield {
            "request": one.id,
            "asked": one.text,
            "outcome": one.outcome,
            "result": one.result,
            "truth": one.truth,
        }


TABLES: dict[str, Callable[[Session], Iterable[Row]]] = {
    "story": story_rows,
    "members": member_rows,
    "entries": entry_rows,
    "messages": message_rows,
    "clients": client_rows,
}
"""What there are rows of, by the name that is typed."""
