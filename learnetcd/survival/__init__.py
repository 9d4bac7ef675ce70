"""A cluster of real processes, everything that may happen to it, and whether it kept its word.

    clients      write, read, compare, queue, hold, watch ... and write down what they are told
    faults       SIGKILL, SIGSTOP, cut networks, full disks ... one after the other
    judgement    no acknowledged write is lost, every history is linearizable, no watcher misses or
                 doubles an event, and all stores are equal at the end

The simulator tries more, and can say why something went wrong. But it believes what we believe
about sockets, files and clocks. Here they are the real ones.

Pages, in reading order: `faulty_files`, `launcher`, `network`, `members`, `book`, `clients`,
`holders`, `queuers`, `watchers`, `faults`, `order`, `deadlines`, `judgement`, `ordeal`, `command`.
"""
