"""The acts: what a key means at the desk, one plain function each, `act(desk, words)`.

Next page: `going`.
"""
