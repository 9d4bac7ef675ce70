"""A call: a request that found its page, with all that the page may look at.

Every page of this package that answers something is a function from a call to a result.

Next page: `form`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from learnetcd.api.facts import Facts
from learnetcd.api.http import HttpRequest, Result
from learnetcd.member.member import Member
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One request, on the page that answers it."""

    member: Member
    """To look at, not to step: what it shall do is submitted to it."""
    facts: Facts
    request: HttpRequest
    path: str
    """Decoded and clean."""


Handler: TypeAlias = Callable[[Call], Result]
