"""How learnetcd is put to the test: mutants that must be noticed, and a swarm of runs that must hold.

Pages, in reading order: `mutants` (42 classic bugs), `patching` (how one gets into a program),
`plans`, `swarm` (runs of chance), `verdict`, `child`, `runner`, `command`.
"""
