"""The mutants, all of them.

    B01 to B42    of consensus                         `raft_mutants`
    S01 to S33    of the disk, the store, the server   `server_mutants`

Next page: `patching`, how the change gets into a running program.
"""

from __future__ import annotations

from learnetcd.checking.raft_mutants import RAFT_MUTANTS
from learnetcd.checking.server_mutants import SERVER_MUTANTS

MUTANTS = tuple(sorted((*RAFT_MUTANTS, *SERVER_MUTANTS), key=lambda mutant: mutant.id))
"""By their ids."""
