"""A queue: jobs in order, each done once, also when a worker is lost.

    put     POST /queues/mail/jobs "to ann"           -> .../jobs/00000000000000000041
    claim   create .../claims/00000000000000000041    by w1, to live 6 s; refreshed while w1 works
    done    write "done by w1" into .../jobs/...41    if nobody has: then w1's work counts

**Naive**: to take a job is to delete it (by compare-and-delete, so one worker gets it). The worker
dies; the job is in nobody's list any more.

**The recipe**: a job stays until it is done. A claim is a `presence` beside it: so of several
workers one gets it, and when that one is lost the claim expires, and the job is there again. It is
done when that is written into it, by compare-and-swap, which only one worker can: one that was
paused beyond its claim finds that another was faster, and throws its work away. The note stays for
a while, so that a worker that was not told whether it succeeded can look.

What it does not promise: that no job is *begun* twice. Only what goes along with that note counts
once; who sends a mail before that may send it twice. No queue can do better.

Numbers have gaps: they are the index of the whole cluster.

Next page: `election`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import trio

from learnetcd.client import Changed, Client, KeyMissing, KeyTaken, Mirror, Node, Unknown
from learnetcd.recipes.coordinate import until
from learnetcd.recipes.presence import PAUSE_S, Presence, only_one

TTL_S = 6
DONE_BY = "done by "
NOTE_TTL_S = 60
"""How long it can be seen who has done a job."""


def jobs(queue: str) -> str:
    """Where the jobs of a queue are."""
    return f"/queues/{queue}/jobs"


def claims(queue: str) -> str:
    """Where it is said who works at which of them."""
    return f"/queues/{queue}/claims"


async def put(client: Client, queue: str, job: str) -> Node:
    """Add a job behind all others."""
    return (await client.append(jobs(queue), job)).node


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job, and the worker's right to it."""

    client: Client
    job: Node
    claim: Presence

    async def done(self) -> bool:
        """Say that it is done; False if somebody else has, so that our work does not count."""
        note = f"{DONE_BY}{self.claim.value}"
        while True:
            try:
                index = self.job.modified_index
                await self.client.swap(self.job.key, note, index=index, ttl_s=NOTE_TTL_S)
            except Unknown:
                await trio.sleep(PAUSE_S)  # if it was done, it is noted now: by us
            except Changed:
                return (await self.client.get(self.job.key, quorum=True)).node.value == note
            except KeyMissing:
                return False
            else:
                return True


@asynccontextmanager
async def claimed(
    client: Client, queue: str, worker: str, ttl_s: int = TTL_S
) -> AsyncIterator[Claimed]:
    """Have the first job that nobody works at, while the block runs. Wait until there is one."""
    while True:
        mirror = await until(client, f"/queues/{queue}", lambda now: bool(unclaimed(now, queue)))
        for job in unclaimed(mirror, queue):
            claim = Presence(client, f"{claims(queue)}/{job.name}", only_one(worker), ttl_s)
            with suppress(KeyTaken):
                await claim.begin()
                async with claim.beside(claim.keep):
                    if await is_to_do(client, job):
                        yield Claimed(client, job, claim)
                        return


def unclaimed(mirror: Mirror, queue: str) -> list[Node]:
    """List the jobs that are to be done and that nobody works at, the oldest of them first."""
    taken = {file.name for key, file in mirror.files.items() if key.startswith(claims(queue))}
    found = [file for key, file in sorted(mirror.files.items()) if key.startswith(jobs(queue))]
    return [job for job in found if job.name not in taken and not is_done(job)]


def is_done(job: Node) -> bool:
    """Whether somebody has noted that it is done."""
    return (job.value or "").startswith(DONE_BY)


async def is_to_do(client: Client, job: Node) -> bool:
    """Whether a job that was just claimed has not been done meanwhile."""
    try:
        return not is_done((await client.get(job.key, quorum=True)).node)
    except KeyMissing:
        return False


async def take_naively(client: Client, queue: str) -> Node:
    """Take the first job out of the queue, and be the only one who knows of it."""
    while True:
        mirror = await until(client, jobs(queue), lambda now: bool(now.files))
        job = mirror.files[min(mirror.files)]
        with suppress(KeyMissing, Changed):
            await client.delete(job.key, index=job.modified_index)
            return job
