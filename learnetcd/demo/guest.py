"""A guest: a play at somebody's cluster, which may be gone in the middle, and keeps nothing of it.

    there are keys below /locks already      the play does not begin
    the cluster has not answered for 5 s     the play is broken off, and nothing is judged
    it was away for 2 s, and back            a promise that was kept was kept; one that was broken
                                             says nothing of the recipe, and is not told
    the play is over                         its keys are removed

The recipes promise what a cluster lets them promise. If there is none, to say BROKEN would blame
the recipe.

Next page: `performance`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from learnetcd.client import Client, ClientError, KeyMissing, Refused
from learnetcd.demo.plays import Verdict
from learnetcd.demo.stage import first_of
from learnetcd.errors import UserError
from learnetcd.runtime.credentials import Credentials
from learnetcd.runtime.http_client import HttpClient

PLACES = ("/services", "/topics", "/config", "/locks", "/queues", "/elections")
SWEEP_S = 5
"""So long may it take to remove what a play leaves."""
FOUND_S = 3
"""Somebody who is there says so in this time, also while nobody leads."""
GONE_S = 5
"""A cluster that does not answer for so long is gone: an election takes a second or two."""
LOOK_S = 0.5


async def as_guest(url: str, shown: Credentials, play: Callable[[], Awaitable[Verdict]]) -> Verdict:
    """Play where nobody else has keys, and leave none; `UserError` if there is no cluster any more.

    A cluster that was away for a while may have been the reason why a promise was broken.
    """
    beside = Beside(url, shown)
    async with Client([url], HttpClient(FOUND_S, shown=shown), patience_s=FOUND_S) as etcd:
        await refuse_to_mix(etcd)
    async with Client([url], shown=shown) as etcd:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(beside.look, nursery.cancel_scope)
                verdict = await play()
                nursery.cancel_scope.cancel()
        except* ClientError as troubles:
            beside.missed = beside.missed or str(first_of(troubles))
            beside.is_gone = True
        finally:
            with trio.move_on_after(SWEEP_S, shield=True), suppress(ClientError):
                if not beside.is_gone:
                    await sweep(etcd)
    if beside.is_gone:
        raise UserError(
            f"The cluster is gone: {beside.missed}. So there is nothing to judge, and what the "
            "play had written may be there still."
        )
    if beside.missed and not verdict.kept:
        raise UserError(
            f"The cluster was away for a while: {beside.missed}. So a promise that was broken says "
            "nothing of the recipe: play once more."
        )
    return verdict


class Beside:
    """Somebody who asks all the time whether the cluster is there."""

    def __init__(self, url: str, shown: Credentials) -> None:
        """It was there a moment ago."""
        self.missed = ""
        """Why it did not answer, if it ever did not."""
        self.is_gone = False
        """Whether it was away for so long that the play was broken off."""
        self._client = Client([url], patience_s=0, shown=shown)

    async def look(self, play: trio.CancelScope) -> None:
        """Ask again and again; end the play when the cluster is gone."""
        there_at = trio.current_time()
        async with self._client as etcd:
            while not self.is_gone:
                try:
                    await etcd.get("/")
                    there_at = trio.current_time()
                except Refused:
                    there_at = trio.current_time()  # it says no, so it is there
                except ClientError as trouble:
                    self.missed = str(trouble)
                self.is_gone = trio.current_time() > there_at + GONE_S
                await trio.sleep(LOOK_S)
        play.cancel()


async def refuse_to_mix(etcd: Client) -> None:
    """Somebody's keys must not get into a play, nor be swept away after it."""
    try:
        found = [node.key for node in (await etcd.get("/")).node.nodes if node.key in PLACES]
    except Refused as refusal:
        raise UserError(f"The cluster does not let us play: {refusal}.") from refusal
    except ClientError as trouble:
        raise UserError(f"There is no cluster to play at: {trouble}.") from trouble
    if found:
        raise UserError(
            f"There are keys below {', '.join(found)} already, where the play would leave its own: "
            f"play at another cluster, or leave out --against."
        )


async def sweep(etcd: Client) -> None:
    """Remove what a play leaves."""
    for place in PLACES:
        with suppress(KeyMissing):
            await etcd.delete(place, recursive=True)
