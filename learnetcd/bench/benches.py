"""Which bench was asked for.

Next page: `lessons/learnetcd_lessons/`, the chapters.
"""

from __future__ import annotations

from argparse import Namespace


def run(args: Namespace) -> int:
    """Measure, and print the table."""
    if args.what == "http":
        from learnetcd.bench import http  # here: each bench imports much that the other does not

        return http.run(args)
    if args.what == "cluster":
        from learnetcd.bench import cluster

        return cluster.run(args)
    if args.what == "check":
        from learnetcd.bench import checks

        return checks.run(args)
    from learnetcd.bench import core

    return core.run(args)
