"""One real member on this machine: sockets, files and clocks around the Member that is pure.

Up to here nothing knew what time it is. This package is the other driver beside the simulator: the
same inputs go into the same `Member`, only now a timer is a timer, a message is a socket, and a
write is a file that somebody has to sync.

Next page: `settings`.
"""
