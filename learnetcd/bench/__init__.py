"""`learnetcd bench`: what readable code costs on this machine.

    learnetcd bench         the core and the simulator: events a second, memory, time travel
    learnetcd bench check   the search and the swarm: transitions and events a second
    learnetcd bench http    a real server beside a real etcd: requests a second, watchers, start

Ratios come first: a machine that is twice as fast is so for both. A figure that misses its goal
says so.

Pages, in reading order: `figure`, `core`, `checks`, `load`, `servers`, `http`, `proxy`, `lock`,
`failover`, `cluster`, `benches`.
"""
