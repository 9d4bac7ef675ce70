"""The mutants, all of them.

    B01 to B42    of consensus                         `raft_mutants`
    S01 to S10    of the disk                          `disk_mutants`
    S11 to S33    of the store, and of what clients    `store_mutants`,
                  are told                             `server_mutants`
    A01 to A10    of accounts                          `door_mutants`
    P01 to P05    of the proxy                         `door_mutants`

Next page: `patching`, how the change gets into a running program.
"""

from __future__ import annotations

from learnetcd.checking.disk_mutants import DISK_MUTANTS
from learnetcd.checking.door_mutants import DOOR_MUTANTS
from learnetcd.checking.raft_mutants import RAFT_MUTANTS
from learnetcd.checking.server_mutants import SERVER_MUTANTS
from learnetcd.checking.store_mutants import STORE_MUTANTS

MUTANTS = tuple(
    sorted(
        (*RAFT_MUTANTS, *DISK_MUTANTS, *STORE_MUTANTS, *SERVER_MUTANTS, *DOOR_MUTANTS),
        key=lambda mutant: mutant.id,
    )
)
"""By their ids."""
