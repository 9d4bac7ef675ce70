"""Recipes: what people use etcd for, each with the trap that its naive form falls into.

    discovery    who is there?           a dead service stays in the list
    pubsub       who wants to know?      a message is missed between two questions
    balance      who shall do it?        the list was read once
    coordinate   is it time?             what is waited for has happened already
    lock         me, and nobody else     who was paused wakes up late, and writes
    queue        each job once           a job dies with its worker
    election     one of us               two who think that it is they

A cluster keeps small things in order, and tells whoever asks. All the rest is done by the programs
that use it, which crash, are paused for seconds, and lose their connections. So each page says what
its recipe promises, and what it can't.

`learnetcd demo lock --naive --fault paused` plays the trap, and without `--naive` the recipe in the
same trouble.

Next page: `presence`.
"""
