"""The terminal application: a lecturer single-steps a cluster in front of a class.

    keys, clicks  ->  desk  ->  session  ->  picture  ->  panes  ->  the rows that differ

Three decisions shape these pages. One *desk* holds all that a person can do, and two faces share
it: the screen, and `--narrate` for pipes and for those who listen. Each pane is a plain function
from a picture and a size to lines, so it can be tested as text and knows no widget. And no page
here computes anything about Raft: what is seen comes out of `learnetcd.session` ready to be drawn.

Next page: `main`.
"""
