"""What must hold in every state, as data.

Pages, in reading order: `invariant`, `disk`, `step`, `elections`, ..., `judge`.
"""

from learnetcd.invariants.invariant import Invariant, Violation
from learnetcd.invariants.judge import Judge

__all__ = ["Invariant", "Judge", "Violation"]
