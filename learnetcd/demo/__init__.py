"""`learnetcd demo`: each recipe at work, and what becomes of it and of its naive form in trouble.

    learnetcd demo lock --naive --fault paused

    a       | has the lock, fence 12
    a       | is paused, in the middle of its work
    b       | has the lock, fence 15
    b       | writes
    a       | goes on
    a       | writes
    BROKEN: each has its turn, and nobody writes after somebody who came later.
    b (fence 15), then a (fence 12).

A demo is a small play for a few programs, each with a way of its own to the cluster. The faults
befall the programs; only one of them befalls the cluster: its leader is killed.

The same plays are tests, over a simulated cluster and in no time at all.

Next page: `stage`.
"""
