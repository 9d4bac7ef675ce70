"""What members say to each other over HTTP, as values: etcd's own peer protocol.

Members trust their messages to a network that may lose, delay and reorder them; Raft is built for
that, so the transport may be simple. etcd's is HTTP, and each pair of members has four ways:

    POST /raft                    one message, one request: always works, costs the most
    GET  /raft/stream/message     an endless response that the *other* side writes messages into
    GET  /raft/stream/msgapp      the same, for appends only, in fewer bytes
    POST /raft/snapshot           a whole snapshot, with its database

There are no sockets here. These pages say what is in the bytes and which requests are refused;
whoever has the sockets does the rest.

Pages, in reading order: `messages`, `streams`, `delivery`, `handshake`,
`endpoints`.
"""
