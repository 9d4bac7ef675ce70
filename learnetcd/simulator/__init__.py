"""A whole cluster in one process, in which nothing happens unless somebody decides it.

The members are the real ones: the very code that serves clients runs here, on a network, disks and
clocks that are plain values. Time is a number. So a cluster can be stopped between any two things
that happen, run again, run otherwise, and looked into without disturbing it.

    world = World(Setup(members=(1, 2, 3), seed=7))
    world.decide(Campaign(2))                   # S2 stands for election
    world.decide(world.next_decision())         # whatever is due next: here, S2's disk is done
    print(world.now, world.choices())

Pages, in reading order: `request_words` (what clients ask), `decisions` (what can happen),
`beginning`, `setup` (the start), `disk`, `file_disk`, `network`, `machine` and `clients` (what is
around a member), `world` and `interventions` (carrying decisions out), `digest` (naming a state),
`schedule` (what comes next), `timeline` (going back), `recording`, `share` (keeping a run as text)
and `tape` (a live one). Then how people deal with a world: `moment`, `conditions`, `grains`,
`words`, `statelines`, `sentences` (looking and telling), `acts` (what is typed), `scenario`,
`stage`, `library` (scenes), `command`.
"""
