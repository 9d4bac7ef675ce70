"""A cluster in a notebook: the same desk as in the terminal, in a browser.

    from learnetcd.widgets import Cluster, LiveCluster

    c = Cluster(3, profile="paper", seed=7)      # as the last line of a cell: a cluster to step
    c.run_until("leader")                        # from another cell: the picture above moves
    c.why("S1", 1)                               # an answer in words

    live = LiveCluster(3)                        # real members; curl from a cell waits for a step

What is seen is drawn here, in Python, as SVG and HTML (`panes`); one small file of JavaScript swaps
one picture for the next, lets things move from where they were, and tells which key or button was
pressed (`cluster.js`). A step is one message to the browser. Without a kernel, on a page or in a
viewer of notebooks, there is still the picture, with its text.

Pages, in reading order: `panes`, `asking`, `looks`, `seat`, `told`, `tables`, `expressions`,
`cluster`, `live`.
"""

try:
    import anywidget as _needed  # noqa: F401  # so that who lacks it is told at once
except ImportError as error:
    raise ImportError(
        "learnetcd.widgets needs a few packages more: pip install 'learnetcd[lab]'"
    ) from error

from learnetcd.widgets.cluster import Cluster
from learnetcd.widgets.live import LiveCluster

__all__ = ["Cluster", "LiveCluster"]
