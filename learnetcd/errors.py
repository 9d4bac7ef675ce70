"""What we say to a person who asked for something that we cannot do.

A `UserError` is an answer, not a failure of ours: the command line prints its sentence and stops,
without a traceback; the screens show it in a line. So write it as a sentence that helps: what was
found, what was expected, what to type instead. Everything may import this page; it needs nothing.

Next page: `value`.
"""

from collections.abc import Iterable


class UserError(Exception):
    """One clear sentence for the person at the keyboard."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [str(self)]


def unknown_name(kind: str, name: str, known_names: Iterable[str]) -> UserError:
    """A name that we do not know, the one that was probably meant, and all that there are.

    >>> print(unknown_name("profile", "papr", ["paper", "etcd-3.3"]))
    There is no profile 'papr'. Did you mean 'paper'? There are: etcd-3.3, paper.
    """
    known = sorted(known_names)
    words = [f"There is no {kind} {name!r}.", did_you_mean(name, known)]
    words.append(f"There are: {', '.join(known)}.")
    return UserError(" ".join(word for word in words if word))


def did_you_mean(word: str, known_words: Iterable[str]) -> str:
    """A question with the nearest known word, or nothing if none is near."""
    from difflib import get_close_matches  # here: most commands never need it

    nearest = get_close_matches(word, sorted(known_words), n=1)
    return f"Did you mean {nearest[0]!r}?" if nearest else ""
