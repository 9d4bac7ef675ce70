"""learnetcd: etcd, written to be read.

This package holds everything but the screens: one member of a cluster as a deterministic
function (`raft`, `store`, `member`), the simulator that drives members with a virtual network, disk
and clock (`simulator`), the rules that must hold in every state (`invariants`), the machines that
try to break them (`checking`), and the one model that every view speaks to (`session`).

`ARCHITECTURE.md`, at the root of the repository, is the reading path: every module, in an order in
which each page needs only the pages before it.

Next page: `errors`.
"""

__version__ = "0.1.0"
