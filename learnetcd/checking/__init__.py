"""How learnetcd is put to the test: mutants must be noticed, and a swarm of runs must hold.

Pages, in reading order: `mutant`, `raft_mutants`, `disk_mutants`, `store_mutants`,
`server_mutants`, `door_mutants`, `mutants` (90 classic bugs), `patching` (how one gets into a
program), `plans`, `chaos`, `verdict`, `linearizability`, `events`, `history`, `swarm` (runs of
chance), `ledger`, `lives`, `crashes`, `beginnings`, `moves`, `state_key`, `search` (all runs there
are), `shrinking`, `child`, `runner`, `patience`, `findings`, `command`.
"""
