"""The desk: where a person sits in front of a session, whatever they see it on.

    key, click, word  ->  an act at the desk  ->  session  ->  sight  ->  whoever draws it

A session knows clusters and histories. A person in front of it has more: a chosen member on whom
the next key acts, a chosen thing that the next question is about, a speed, the last word that was
said to them. That is the desk, and the keys and acts are its own: the terminal, `--narrate` and the
notebook put the same acts into it, so what was learned on one of them is known on the others.

Next page: `target`.
"""
