"""`learnetcd ctl`: a client with the verbs, the words and the exit codes of etcdctl 3.4's v2 half.

    $ learnetcd ctl set /msg hello           a verb becomes a request      keys
    hello                                    an answer becomes lines       output
    $ learnetcd ctl --debug get /msg         which member is asked?        client, endpoints
    $ learnetcd ctl watch --forever /msg     a request that stays open     watch

It speaks to every etcd that serves the v2 API, ours or a real one, and knows of it only what HTTP
says: nothing here imports Raft, a store or trio. So a command costs no more than Python's own
start and a socket. (`backup` and `restore` work on files, and import what reads them when they are
called.)

Scripts were written against etcdctl, so stdout, stderr and exit codes are its own to the letter,
also where it is strange; where a person reads along, a sentence that explains may follow.

Source: etcd 3.4 etcdctl/ctlv2, client.

Next page: `flags`.
"""
