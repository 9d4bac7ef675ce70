"""What comes over the panes: lists to pick from, texts to read.

Next page: `overlay`.
"""
