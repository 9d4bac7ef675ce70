"""The panes: one page each, and each a function from a picture and a size to lines.

Next page: `header`.
"""
