"""Pictures of a run that need no screen: drawn once, to be kept, printed, sent, put on a page.

    from learnetcd.figures.space_time import space_time

    figure = space_time(session.span(1, 17))
    figure.svg                      # for a page, in light and in dark
    figure.text                     # for a terminal, a mail, or somebody who listens

Each page draws one kind of picture, as a plain function from what a `Session` says to a `Figure`.
None of them knows Raft, and none reads a clock or a file: the same run gives the same bytes.

Pages, in reading order: `figure`, `svg`, `places`, `flight`, `members`, `ring`, `logs`, `timeline`,
`cluster_map`, `rows`, `space_time`, `layout`, `graph`, `role_diagram`, `cause_graph`,
`quorum_overlap`, `operations`, `shiviz`, `exports`.
"""
