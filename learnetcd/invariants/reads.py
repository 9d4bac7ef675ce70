"""Reads: no answer is older than what somebody already knows.

    S1   put x=2 ... done, at index 8
    S2                               get x (quorum) ... x=1, at index 7      stale

A client that was told "done" may tell others. Whoever asks after that, anywhere, must see it: that
is what users call consistent, and checkers linearizable. To check it in full, one searches for an
order that explains all answers. But a log gives every answer a number: the index that the answering
store had reached. A read must not be below the highest number that was given out before it was
asked, and that is one comparison.

Source: Raft §8; Thesis §6.4. Local reads promise nothing of the kind and are not looked at.

Left out: the values themselves. That equal indexes mean equal stores is G9; the search over values
is done by the checking package.

Next page: `stores`.
"""

from __future__ import annotations

from learnetcd.invariants.invariant import Invariant
from learnetcd.invariants.step import ASKED, Step
from learnetcd.member.inputs import RequestSubmitted
from learnetcd.member.request import KeyRequest, Method, Outcome, ReadKind, Request

NO_READ = -1
"""Stands for the floor of a request that is no read."""


class FreshReads(Invariant):
    """Ghost: the highest index that was given out, and where it stood when each read was asked."""

    id = "G8"
    name = "fresh reads"
    sentence = "A read is answered at no lower index than any answer given before it was asked."
    citation = "Raft §8; Thesis §6.4"
    wakes = ASKED

    def __init__(self) -> None:
        """Nothing was answered yet."""
        super().__init__()
        self.answered = 0
        """The highest index at which somebody was answered."""
        self.asked: dict[int, tuple[int, int]] = {}
        """By request id: (member, floor), for those who wait."""

    def check(self, step: Step) -> str:
        """Note the questions, compare the answers."""
        if isinstance(step.input, RequestSubmitted) and is_consistent(step.input.request):
            floor = self.answered if is_read(step.input.request) else NO_READ
            self.asked[step.input.request_id] = (step.id, floor)
        for reply in step.answers:
            if reply.request_id not in self.asked:
                continue
            _, floor = self.asked.pop(reply.request_id)
            answer = reply.answer
            if answer.outcome is Outcome.UNKNOWN:
                continue
            self.checked += floor != NO_READ
            if answer.raft_index < floor:
                return (
                    f"request {reply.request_id} read at index {answer.raft_index}; before it was "
                    f"asked, somebody was answered at {floor}"
                )
            self.answered = max(self.answered, answer.raft_index)
        return ""

    def crashed(self, member: int) -> None:
        """Those who waited there get no answer."""
        self.asked = {
            request: (where, floor)
            for request, (where, floor) in self.asked.items()
            if where != member
        }


def is_read(request: Request) -> bool:
    """Whether it only looks."""
    return isinstance(request, KeyRequest) and request.method is Method.GET


def is_consistent(request: Request) -> bool:
    """Whether the answer has to be fresh: of all but local reads."""
    return not (isinstance(request, KeyRequest) and is_read(request)) or (
        request.read is not ReadKind.LOCAL
    )
