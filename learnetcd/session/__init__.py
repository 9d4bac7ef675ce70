"""One model behind every view: a cluster in the hands of a reader.

    from learnetcd.session.session import Grain, Session, Subject

    session = Session.open("first-leader")
    session.forward(Grain.CHANGE)                    # S2's timer fires: it stands for election
    session.run_until("S2 leads")
    print(session.state_lines()[1])                  # S2 L t1 v2 c0 []
    print(session.why(Subject.role(2)).title)        # S2 leads term 1.

The screens, the notebooks, the lessons and the book show clusters in many ways, but none of them
has a cluster of its own, and none computes anything about Raft. They ask a `Session`, which knows
three things that a world does not: where its reader stands (and what to undo), how to say in words
what happened and why, and how to draw a moment so that what changed is seen.

Everything here is as exact as the simulator below it: the same scene, seed and acts give the same
pictures and the same sentences, on every machine.

Pages, in reading order: `views`, `signs`, `truth`, `anatomy`, `marks`, `keyspace`, `exchange`,
`pictures`, `portrait` (what is seen); `narration` (what happened); `subjects`, `why`, `entries`,
`votes`, `causes` (why, and why not); `origins`, `spans`, `histories` (several steps as one
picture); `choosing`, `sources`; then `history`, `comparing`, `lock`, `reader`, `acting`, and
`session`, the whole of it; and behind the pages of the server, `live_views`, `real_scene`,
`lockstep` and `live`: the same over real members, and `outline`, `hearsay`, `onlooking`, `retold`,
`attached`: servers
that run by themselves.
"""
