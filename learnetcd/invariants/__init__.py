"""What must hold in every state, as data.

An *invariant* is a sentence that is true after every step of every run, whatever is lost, delayed,
repeated or crashed:

    A term has at most one leader, ever.

Tests show that some runs end well. An invariant speaks of all states in between, and it fails at
the step in which the harm is done, not when somebody notices. With a simulator that can reach any
state, that is nearly a proof, and a much better teacher: *here*, S2 forgot its vote.

**Safety and liveness.** "Nothing bad ever happens" is safety: a run that breaks it does so in one
step, and nothing that comes later mends it. "Something good happens at last" is liveness: somebody
is elected, a write is answered. No single step breaks that, because there is always a later one; so
it is no invariant. Raft promises safety always, and liveness only while a majority hears each other
in time (Raft §5.6). A checker gives a healthy cluster some time and looks whether it moved.

**Ghosts.** Most of these sentences say *ever*, *first* or *before*, so a picture of the present
does not suffice. What an invariant has to remember is called its ghost: no member can see it, and
nothing would go differently without it.

**Far and near.** G1 to G9 are what users depend on. They break late: a vote that was forgotten does
harm only if two candidates, a crash and a majority fall together. L1 to L11 are the rules that make
G1 to G9 true, looked at in the member that must keep them; they break at once.

    sync before reply forgotten    L2, L3 at the first vote      G1 after a crash at the right time
    old term committed by count    L1 at once                    G4 in Figure 8 alone

Every broken twin in `learnetcd.raft.rules` names the invariant that a run can break with it.

Source: Raft Figure 3; the sentences L1 to L10 are its rules, seen from outside. Lamport 1977 for
safety and liveness.

Pages, in reading order: `invariant`, `step`, `disk`, `history`, `elections`, `logs`, `commits`,
`promises`, `membership`, `reads`, `stores`, `judge`.
"""

from learnetcd.invariants.invariant import Invariant, Violation
from learnetcd.invariants.judge import ALL, GLOBAL, LOCAL, Judge, catalogue

__all__ = ["ALL", "GLOBAL", "LOCAL", "Invariant", "Judge", "Violation", "catalogue"]
