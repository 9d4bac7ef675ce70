"""What `?` asks the session about the chosen thing, and its answer in the form that is drawn.

    the proxy                           whom it asks, and whom not
    an entry that is not committed      why not?
    a candidate that has not won        why not?
    everything else                     why?

Next page: `speed`.
"""

from __future__ import annotations

from learnetcd.desk.sight import Answer
from learnetcd.desk.target import Target
from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.session.subjects import Subject
from learnetcd.session.views import ClusterView, PacketView, ProxyView

DIRECTOR = "etcd proxy/httpproxy/director.go"


def answer(session: Session, target: Target) -> Answer:
    """Ask."""
    view = session.view()
    if target.kind == "proxy":
        return about_proxy(view.proxy)
    subject = subject_of(target)
    ask = session.why_not if is_lacking(view, target) else session.why
    explanation = ask(subject)
    lines = tuple(explanation.lines)
    if target.kind == "message" and (packet := packet_of(view, target)):
        fields = "   ".join(f"{name}: {value}" for name, value in packet.fields)
        lines = ((" ", fields, ""), *lines)
    return Answer(explanation.title, lines)


def about_proxy(proxy: ProxyView | None) -> Answer:
    """Whom the proxy asks, and why nobody else."""
    if proxy is None:
        raise UserError("There is no proxy in this run.")
    if proxy.endpoints:
        title = f"Why the proxy asks {proxy.endpoints[0]}"
        order = "It found the members by asking one of them, and asks them in a random order."
        lines = [("+", f"{order} Now: {', '.join(proxy.endpoints)}.", DIRECTOR)]
    else:
        title = "Why the proxy asks nobody"
        lines = [("-", "No member has told it where clients find the members.", DIRECTOR)]
    lines += [
        ("-", f"{name} failed ({why}), so it is avoided for some seconds.", DIRECTOR)
        for name, why in proxy.avoided
    ]
    lines += [(" ", f"{words} waits for {name}.", "") for words, name in proxy.under_way]
    return Answer(title, tuple(lines))


def subject_of(target: Target) -> Subject:
    """The same thing in the words of the session."""
    match target.kind:
        case "entry":
            return Subject.entry(target.member, target.index)
        case "vote":
            return Subject.vote(target.member)
        case "timer":
            return Subject.timer(target.member)
        case "term":
            return Subject.term(target.index)
        case "message":
            return Subject.message(*target.link, target.index)
        case "client":
            return Subject.client(target.index)
        case "event":
            return Subject.event(target.event)
        case _:
            return Subject.role(target.member)


def is_lacking(view: ClusterView, target: Target) -> bool:
    """Is the question rather why *not*?"""
    member = next((one for one in view.members if one.id == target.member), None)
    if member is None:
        return False
    if target.kind == "entry":
        return target.index > member.commit_index
    return target.kind == "member" and "candidate" in member.role


def packet_of(view: ClusterView, target: Target) -> PacketView | None:
    """The chosen message, if it is still under way."""
    return next(
        (p for p in view.packets if (p.link, p.number) == (target.link, target.index)), None
    )
