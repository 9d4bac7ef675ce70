"""The members under trial: processes that are killed, stopped and started again.

A member that ends by itself has a reason: its disk failed. If it ends without one, or says
something that only a mistake of ours explains, that is a finding like a lost write.

Next page: `book`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from learnetcd.runtime.http_client import HttpClient, NoAnswer
from learnetcd.runtime.local_member import (
    ETCD,
    Address,
    LocalMember,
    environment,
    local_members,
)
from learnetcd.survival.faulty_files import DiskFault

HEARTBEAT_MS = 50
ELECTION_MS = 500
SNAPSHOT_ENTRIES = 500
"""So that snapshots are taken, and read again, many times in a run."""
ANSWER_S = 2
PATIENCE_S = 60
"""For a member to be back, on a machine that may be busy."""
OPTIONS = (
    f"--heartbeat-interval={HEARTBEAT_MS}",
    f"--election-timeout={ELECTION_MS}",
    f"--snapshot-count={SNAPSHOT_ENTRIES}",
)
LEADS = "StateLeader"


async def until(condition: Callable[[], bool]) -> bool:
    """Look now and then whether something has become true; False if it has not for too long."""
    with trio.move_on_after(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # what it looks at knows nothing of events
            await trio.sleep(0.02)
        return True
    return False


class Finding(Exception):
    """Something is not as it must be; the sentence says what."""


@dataclass(slots=True)
class Survivor:
    """One member."""

    member: LocalMember
    data: Path
    faults: Path | None
    """The folder that says what its disk has; None for a real etcd, which has the real disk."""
    journal: Path
    process: trio.Process | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.member.name

    @property
    def runs(self) -> bool:
        """Whether there is a process."""
        return self.process is not None and self.process.poll() is None

    async def start(self) -> None:
        """Start it, for the first time or again; unless it runs."""
        if self.runs:
            return
        with self.journal.open("ab") as journal:
            self.process = await trio.lowlevel.open_process(
                self.member.command,
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=subprocess.STDOUT,
                env=environment(),
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.process is not None and self.runs:
            self.process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, and wait for that."""
        if self.process is not None:
            self.send(number)
            with trio.move_on_after(PATIENCE_S):
                await self.process.wait()
                return
            raise Finding(f"{self.name} did not end by {number.name} within {PATIENCE_S} s")

    async def ended_by_its_disk(self) -> None:
        """Wait for a member to end by itself, with a sentence about its disk."""
        assert self.process is not None, "it was started"
        with trio.move_on_after(PATIENCE_S):
            if await self.process.wait() == 1:
                return
            raise Finding(f"{self.name} ended by {self.process.returncode}, not by a sentence")
        raise Finding(f"{self.name} lives on with a disk that fails")

    def give(self, fault: DiskFault) -> None:
        """Let its disk have a fault."""
        assert self.faults is not None, "the disk of a real etcd is the real one"
        (self.faults / fault.value).touch()

    def cure(self) -> None:
        """Let its disk be well."""
        if self.faults is not None:
            for fault in DiskFault:
                (self.faults / fault.value).unlink(missing_ok=True)


class Members:
    """All of them."""

    def __init__(
        self, folder: Path, addresses: Sequence[Address], client: HttpClient, etcds: int = 0
    ) -> None:
        """Nobody runs yet. The first `etcds` are real ones."""
        self._client = client
        real = local_members(folder, addresses, ETCD, OPTIONS)[:etcds]
        ours = local_members(folder, addresses, ("serve",), OPTIONS)[etcds:]
        self.all = [real_survivor(folder, one) for one in real]
        self.all += [survivor_of(folder, one) for one in ours]

    def by_name(self, name: str) -> Survivor:
        """The member of that name."""
        return next(one for one in self.all if one.name == name)

    async def start(self) -> None:
        """Start all that don't run, and wait until all of them answer clients."""
        for one in self.all:
            await one.start()
        for one in self.all:
            await self._until_it_answers(one)

    async def _until_it_answers(self, one: Survivor) -> None:
        with trio.move_on_after(PATIENCE_S):
            while one.runs:
                try:
                    await self._client.request(one.member.client_url, "GET", "/version")
                except NoAnswer:
                    await trio.sleep(0.05)
                else:
                    return
            raise Finding(f"{one.name} has ended by itself: {last_words(one.journal)}")
        raise Finding(f"{one.name} does not answer within {PATIENCE_S} s, and nothing is broken")

    async def leader(self) -> Survivor:
        """Wait until somebody leads, by its own belief."""
        with trio.move_on_after(PATIENCE_S):
            while True:
                for one in self.all:
                    if one.runs and await self._leads(one):
                        return one
                await trio.sleep(0.05)
        raise Finding(f"nobody leads within {PATIENCE_S} s, and nothing is broken")

    async def _leads(self, one: Survivor) -> bool:
        try:
            said = await self._client.request(one.member.client_url, "GET", "/v2/stats/self")
        except NoAnswer:
            return False
        return said.status == 200 and json.loads(said.body)["state"] == LEADS

    async def end(self) -> None:
        """End all of them, whatever else ends."""
        with trio.CancelScope(shield=True):
            for one in self.all:
                await one.end()

    def refuse_mistakes(self) -> None:
        """No journal may speak of a mistake: neither of ours, nor of one that we made etcd make."""
        for one in self.all:
            said = one.journal.read_text("utf-8", errors="replace")
            if "Traceback" in said or "panic" in said:
                raise Finding(f"{one.name} ended by a mistake: {last_words(one.journal)}")


def survivor_of(folder: Path, member: LocalMember) -> Survivor:
    """The member, started by the launcher instead of `serve`."""
    faults = folder / f"{member.name}.faults"
    faults.mkdir()
    launcher = (sys.executable, "-m", "learnetcd.survival.launcher", str(faults))
    started = LocalMember(member.name, member.client_url, (*launcher, *member.command[1:]))
    return Survivor(started, folder / member.name, faults, folder / f"{member.name}.journal")


def real_survivor(folder: Path, member: LocalMember) -> Survivor:
    """A real etcd."""
    return Survivor(member, folder / member.name, None, folder / f"{member.name}.journal")


def last_words(journal: Path) -> str:
    """The last lines of a journal."""
    return " / ".join(journal.read_text("utf-8", errors="replace").splitlines()[-3:])
