"""Failures: how a command ends that did not do what it was asked for, in etcdctl's words.

    $ learnetcd ctl get /nothing
    Error:  100: Key not found (/nothing) [7]         stderr
    $ echo $?
    4

    1  wrong usage, and what `member` could not do
    2  no endpoint could even be asked who the members are
    3  a verb that does not exist
    4  the cluster said no, or did not answer
    5  `cluster-health` found trouble

Source: etcd 3.4 etcdctl/ctlv2/command/error.go; client/cluster_error.go, keys.go.

Next page: `endpoints`.
"""

from __future__ import annotations

from collections.abc import Sequence

BAD_USAGE = 1
NO_CONNECTION = 2
NO_SUCH_VERB = 3
REFUSED = 4
UNHEALTHY = 5


class Ended(Exception):
    """The command ends here: with this exit code, and this text on stderr."""

    def __init__(self, exit_code: int, text: str = "") -> None:
        """End without a text if all was said."""
        super().__init__(text)
        self.exit_code = exit_code
        self.text = text


class Trouble(Exception):
    """Why a question got no good answer. What becomes of it, the verb decides."""

    is_connection_error = False
    """Whether nobody was reached at all."""

    @property
    def detail(self) -> str:
        """What is said again below, one line for each endpoint."""
        return ""


class NotReached(Trouble):
    """No connection came about, or it broke before the answer."""

    is_connection_error = True


class DeadlineExceeded(Trouble):
    """`--total-timeout` is over."""

    is_connection_error = True

    def __init__(self) -> None:
        """It has one sentence."""
        super().__init__("context deadline exceeded")


class NobodyAnswered(Trouble):
    """All endpoints were tried, and each has its own trouble."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        """One trouble for each endpoint, in the order in which they were asked."""
        lines = [f"error #{number}: {trouble}\n" for number, trouble in enumerate(troubles)]
        what = "client: etcd cluster is unavailable or misconfigured"
        super().__init__("; ".join([what, *lines]))
        self._lines = lines
        self.is_connection_error = all(trouble.is_connection_error for trouble in troubles)

    @property
    def detail(self) -> str:
        """Each endpoint's trouble once more, a line each."""
        return "".join(self._lines)


class NotAnEtcd(Trouble):
    """Somebody answered, but no etcd."""

    def __init__(self) -> None:
        """It has one sentence."""
        super().__init__(
            "client: response is invalid json. "
            "The endpoint is probably not valid etcd cluster endpoint"
        )


def error(trouble: Trouble | str, exit_code: int = REFUSED) -> Ended:
    """End as etcdctl's verbs for keys do: `Error:`, two spaces, and what it was."""
    text = f"Error:  {trouble}\n"
    if isinstance(trouble, Trouble) and trouble.detail:
        text += f"{trouble.detail}\n"
    return Ended(exit_code, text)


def usage_error(text: str) -> Ended:
    """End because something is missing."""
    return error(text, BAD_USAGE)


def plainly(trouble: Trouble | str, exit_code: int = BAD_USAGE) -> Ended:
    """End as `member` does: what it was, and nothing else."""
    return Ended(exit_code, f"{trouble}\n")
