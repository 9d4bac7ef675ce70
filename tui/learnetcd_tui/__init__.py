"""The terminal application: one pane a file, each a thin view of one `learnetcd.session`."""
