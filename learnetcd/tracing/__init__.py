"""What a run says about itself: trace events, and rules that can explain their verdict.

A *trace event* is a fact in the past tense ("S3 refused its vote for S2"). Every place in the code
where a teacher would stop and point emits one, after the change, by one line. A *rule* is a tuple
of named clauses; deciding and explaining evaluate the same tuple, so that an explanation can't
drift from the decision.

This package is the ground floor: it imports the standard library alone, and everything else in the
project may import it.

Pages, in reading order: `rule`, `event`, then the vocabulary: `elections`, `replication`,
`membership`, `storage`, `clients`, `guard`.
"""

from learnetcd.tracing.event import TraceEvent, Tracer, discard, member_name
from learnetcd.tracing.rule import Clause, Rule, Verdict

__all__ = ["Clause", "Rule", "TraceEvent", "Tracer", "Verdict", "discard", "member_name"]
