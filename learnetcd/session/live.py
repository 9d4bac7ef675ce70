"""A live session: the same views and keys as ever, over members with real sockets and real files.

    session = LiveSession(size=3)             # ports are open, nothing happens yet
    session.run_until("leader")
    ...                                       # elsewhere, etcdctl set /msg hello hangs ...
    session.forward(Grain.MESSAGE)            # ... until a step applies and answers it

Everything that can come to a real member waits at a gate (`learnetcd.runtime.held_cluster`). Beside
the members runs their *twin*: a simulated world that began with what they found on their disks, and
is told the same things in the same order. The twin says what can happen next and when, and it is
what a view draws; each step is first done by the members and then by the twin (`lockstep`).

So the pictures, the sentences, the invariants and the recording of a live run are those of a
simulated one, with nothing added, and each step checks the simulator against the real thing. What
lies between the members is the twin's alone to say: a wall, a pause, a slow link are decisions not
to let through.

A proxy before the members is held by nobody, and the twin knows nothing of it: it lives by the
clock on the wall. What it passes on comes to the members like all else, and waits there.

Time passes only with the steps, so timers stand still while nobody steps. The members can't go
back; but their past can be opened as a simulated session (`past`), in which one can.

Left out: broken rules (no server runs with one), other profiles on the way, and new machines.

Next page: `learnetcd.runtime.attachment`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.member.inputs import (
    RequestSubmitted,
)
from learnetcd.member.member import Member
from learnetcd.member.request import Request
from learnetcd.runtime.held_cluster import HeldCluster
from learnetcd.runtime.held_folder import proxy_settings, settings_in
from learnetcd.runtime.lent_folder import LentFolder
from learnetcd.runtime.reins import Reins
from learnetcd.runtime.server import config_of
from learnetcd.session.history import Beginning as FromWhere
from learnetcd.session.history import History
from learnetcd.session.live_views import Lookout
from learnetcd.session.lock import locked
from learnetcd.session.lockstep import Lockstep, Noted, as_decisions, followed
from learnetcd.session.session import Session
from learnetcd.session.views import Choice, ClusterView, ProxyView
from learnetcd.simulator import grains
from learnetcd.simulator.beginning import Beginning
from learnetcd.simulator.decisions import (
    Crash,
    Decision,
    Drop,
    Impossible,
    PassTime,
    Restart,
    SetProfile,
    SetRule,
    StartMember,
    Submit,
)
from learnetcd.simulator.digest import mark_of_members
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.scenario import Scene
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.tape import decision_of, knobs_of
from learnetcd.simulator.timeline import Timeline
from learnetcd.simulator.words import request_text
from learnetcd.tracing import member_name

MOST_STEPS_TO_BE_READY = 1000
"""It takes about a hundred."""

NO_WAY_BACK = (
    "Real members can't go back. Their past can be opened as a simulated run, in which you can "
    "step back, branch and ask why: that is the key v."
)


class LiveSession(Session):
    """Real members in the hands of one reader."""

    def __init__(
        self,
        size: int | None = None,
        folder: str | Path | None = None,
        *,
        seed: int = 1,
        profile: str = "etcd-3.3",
        scene: Scene | None = None,
        proxy: bool = False,
        wall_ms: int,
    ) -> None:
        """Start members in a folder, or in one that goes away at the end.

        `proxy`: whether there shall be one before them.
        """
        self._scene = scene
        """With what they shall begin (see `real_scene`)."""
        self._lent: LentFolder | None = None
        if folder is None:
            self._lent = LentFolder()
            folder = self._lent.path
        self._at_the_door: list[tuple[int, RequestSubmitted]] = []
        self._shown_door: list[int] = []
        self._shown_proxy: ProxyView | None = None
        self._trouble = ""
        """What went wrong while nobody did anything."""
        try:
            settings = settings_in(Path(folder), size, profile)
        except UserError:
            self._give_back_folder()
            raise
        self.client_urls = tuple(one.listen_client_urls[0] for one in settings)
        """Where each member can be asked."""
        self._in_front = proxy_settings(Path(folder), settings) if proxy else None
        self.proxy_url = self._in_front.listen_client_urls[0] if self._in_front else ""
        """Where the proxy can be asked, if there is to be one."""
        self._cluster = HeldCluster(settings, seed=seed, wall_ms=wall_ms)
        stored = {member: self._cluster.stored(member) for member in self._cluster.places}
        self._cluster.count_requests_after(stored.values())
        config = config_of(settings[0])
        setup = Setup(
            members=tuple(stored),
            seed=seed,
            profile=profile,
            knobs=knobs_of(config, profile),
            wall_ms=wall_ms,
            beginnings=tuple(Beginning.of(member, found) for member, found in stored.items()),
        )
        if scene is not None:
            setup = setup.with_times_of(scene.setup)
        ports = " ".join(url.removeprefix("http://127.0.0.1") for url in self.client_urls)
        title = f"live {ports}" if scene is None else f"live {scene.name} {ports}"
        super().__init__(History(Timeline(setup, Judge()), FromWhere(title)))
        self._reins = Reins(self._cluster)
        first_url = self.proxy_url or self.client_urls[0]
        self._lookout = Lookout(self._reins, self._cluster, self.client_urls, first_url)
        self._lockstep = Lockstep(self._cluster, self._reins)
        try:
            for member in stored:
                self._reins.do(self._cluster.start, member)
            self._record_what_followed()
        except BaseException:
            self.close()
            raise
        self._saved = self._branch_lengths()

    @locked
    def make_ready(self) -> None:
        """Go on until there is a leader and all members let clients in, and the proxy, too."""
        places = self._cluster.places.values()
        for _ in range(MOST_STEPS_TO_BE_READY):
            if all(place.is_ready for place in places):
                break
            self._decide_next()
            self._reins.do(self._cluster.settle)
        for act in self._scene.start if self._scene is not None else ():
            self.act(act.text)
        if self._in_front is not None:
            self._reins.do(self._cluster.start_proxy, self._in_front)
        self._history.stop(Grain.CHANGE)
        self._before = None
        self._saved = self._branch_lengths()

    def _decide_next(self) -> None:
        decision = self._next_decision()
        if decision is not None:
            self._decide(decision)

    def close(self) -> None:
        """End the members and close their ports; a folder that was given stays."""
        self._reins.close()
        self._give_back_folder()

    def _give_back_folder(self) -> None:
        lent, self._lent = self._lent, None
        if lent is not None:
            lent.give_back()

    @property
    def is_live(self) -> bool:
        """Whether its members are real ones: those have no way back."""
        return True

    @property
    def greeting(self) -> str:
        """Where the members can be asked, and why they don't answer yet."""
        first, *others = self.client_urls
        ports = "".join(f" :{url.rpartition(':')[2]}" for url in others)
        if self.proxy_url:
            ports += f", and a proxy before them at :{self.proxy_url.rpartition(':')[2]}"
        return (
            f"Real members, at {first}{ports}. Press h for how to ask them. They stand still:"
            " whoever asks waits until you step (.) or let them run (space). v opens their past."
        )

    @property
    def invitation(self) -> tuple[str, ...]:
        """What can be typed in another terminal, word by word."""
        return self._lookout.invitation

    def past(self) -> Session:
        """What has happened so far, as a simulated session in which one can go back."""
        with self.lock:
            recording = Recording.of(self._timeline, self._history.beginning.title)
        return Session.of(recording)

    # -- looking --------------------------------------------------------------------------------

    @locked
    def view(self) -> ClusterView:
        """The whole cluster, now; with the clients who wait to be let in."""
        try:
            self._catch_up()
        except UserError as error:
            self._trouble = str(error)  # a picture there is, whatever happens: the next act says it
        view = super().view()
        self._shown_door = [request.request_id for _, request in self._at_the_door]
        self._shown_proxy = self._proxy()
        view = replace(view, proxy=self._shown_proxy)
        if not self._at_the_door:
            return view
        waiting = tuple(self._lookout.at_the_door(*one) for one in self._at_the_door)
        return replace(view, clients=view.clients + waiting)

    def _draw(self) -> ClusterView:
        """The picture of the twin, with what is seen of the members themselves."""
        view, world, look = super()._draw(), self._world.fork(), self._lookout
        return replace(
            view,
            members=tuple(
                look.member(one, world.disk(one.id), world.machine(one.id).sync is not None)
                for one in view.members
            ),
            clients=tuple(look.client(one, world.clients[one.id]) for one in view.clients),
        )

    @locked
    def has_news(self) -> bool:
        """Whether a client came or went since the last picture, or the proxy does something else.

        What went wrong is raised.
        """
        self._tell_trouble()
        here = self._timeline.step
        self._catch_up()
        door = [request.request_id for _, request in self._at_the_door]
        return (
            door != self._shown_door
            or self._timeline.step != here
            or self._proxy() != self._shown_proxy
        )

    def _proxy(self) -> ProxyView | None:
        if self._cluster.proxy is None:
            return None
        try:
            return self._lookout.proxy(self.proxy_url)
        except UserError:
            return None  # all have ended: the next act says it

    @locked
    def choices(self) -> tuple[Choice, ...]:
        """What can happen next: clients at the door first; at last what is held."""
        first = self._door()
        held = [one for one in self._at_the_door if one not in first and self._world.alive(one[0])]
        return (
            *(taking(*one) for one in first),
            *super().choices(),
            *(replace(taking(*one), text=f"held: {taking(*one).text}") for one in held),
        )

    @locked
    def at_the_door(self) -> tuple[RequestSubmitted, ...]:
        """What clients ask who wait to be let in, in the order in which they came."""
        self._catch_up()
        return tuple(request for _, request in self._at_the_door)

    def _door(self) -> list[tuple[int, RequestSubmitted]]:
        """Clients at the doors of members who can let them in."""
        world = self._world
        return [
            (member, one)
            for member, one in self._at_the_door
            if world.alive(member) and not world.paused(member)
            if "received" not in world.machine(member).held
        ]

    @locked
    def live_mark(self) -> str:
        """The name of what can be seen of the members themselves; equal to that of the twin."""
        return mark_of_members(self._members(), None)

    def _members(self) -> list[Member]:
        servers = (place.server for place in self._cluster.places.values())
        return [server.driver.member for server in servers if server is not None]

    # -- going on -------------------------------------------------------------------------------

    @locked
    def advance(self, ms: int) -> None:
        """Let so much time pass for the members, and happen what is due."""
        self._tell_trouble()
        super().advance(ms)

    def _next_decision(self) -> Decision | None:
        """A client at the door goes first: they have waited while we looked."""
        self._catch_up()
        for member, one in self._door():
            return Submit(member, one.request_id, one.request)
        return super()._next_decision()

    def _plan(self, grain: Grain) -> list[Decision]:
        self._catch_up()
        for member, one in self._door():
            taken: Decision = Submit(member, one.request_id, one.request)
            trial = self._world.fork()
            trial.decide(taken)
            rest = [] if grain is Grain.EFFECT else grains.plan_after_act(trial, member)
            return [taken, *rest]
        return super()._plan(grain)

    def _carry_out(self, decisions: list[Decision]) -> None:
        """Do it; what was planned and is not possible any more is not done."""
        for place, decision in enumerate(decisions):
            try:
                self._decide(decision)
            except Impossible:
                if place == 0:
                    raise
                return

    @contextmanager
    def _move(self, grain: Grain | None) -> Iterator[None]:
        """Let the reader do one thing. There is no undoing."""
        self._tell_trouble()
        self._catch_up()
        before, step = self._world.fork(), self._timeline.step
        yield
        if self._timeline.step != step and grain is not None:
            self._before = before
            self._history.stop(grain)

    def _tell_trouble(self) -> None:
        trouble, self._trouble = self._trouble, ""
        if trouble:
            raise UserError(trouble)

    def _remember(self, start: object) -> None:
        """There is no undoing."""

    def _numbered(self, decisions: list[Decision]) -> list[Decision]:
        """Give what a scene's client asks a number that no other client has."""
        return [
            replace(one, request_id=next(self._cluster.request_ids))
            if isinstance(one, Submit)
            else one
            for one in decisions
        ]

    def _submit(self, member: int, request: Request, *first: Decision) -> int:
        number = next(self._cluster.request_ids)
        with self.lock:
            self._act(*first, Submit(member, number, request), member=member)
        return number

    # -- one step -------------------------------------------------------------------------------

    def _decide(self, decision: Decision, verb: str = "") -> None:
        """Let the members do it, then the twin."""
        refuse_what_no_server_does(decision)
        trial, told = self._world.fork(), Noted()
        trial.observer = lambda world, member, input, effects: told.append((member, input))
        trial.decide(decision)  # what is impossible is found out before anything is done
        wanted, decision = decision, self._lockstep.do(decision, self._world, trial, told)
        noted = self._lockstep.notes()
        if told and not noted and not isinstance(decision, Crash | Restart | Drop):
            raise UserError(
                f"{member_name(told[0][0])} was not told {decision.text()!r}: "
                "its machine does not answer."
            )
        if wanted != decision and trial.now > self._world.now:
            self._take_in(PassTime(trial.now), verb)  # what did not come took its time, too
        came = as_decisions(decision, noted)
        trial.observer = None
        for one in came:
            self._take_in(one, verb, trial if came == [wanted] else None)
        self._lockstep.compare({member for member, _ in noted}, self._world)

    def _catch_up(self) -> None:
        """Let happen what needs no decision: clients who went, peers that could not be reached."""
        cluster, world = self._cluster, self._world
        for member, place in cluster.places.items():
            if place.failure is not None and world.alive(member):
                self._decide(Crash(member))
                raise UserError(f"{member_name(member)} has stopped: {place.failure}")
        for member, about in self._reins.do(cluster.by_themselves):
            decision = decision_of(member, about)
            try:
                self._decide(decision)
            except Impossible:
                # Nobody waits for it in the twin: nothing comes of it.
                if not self._world.paused(member):
                    self._reins.do(cluster.forget, member, about)
        self._at_the_door = self._reins.do(cluster.at_the_door)

    def _record_what_followed(self) -> None:
        """Record what members did when they started, beyond what the twin does by itself."""
        for decision in followed(self._lockstep.notes()):
            self._take_in(decision, "")

    # -- what real members can't do -------------------------------------------------------------

    def seek(self, step: int) -> None:
        """No."""
        no_way_back()

    def back(self, grain: Grain = Grain.MESSAGE) -> None:
        """No."""
        no_way_back()

    def undo(self) -> None:
        """No."""
        no_way_back()

    def redo(self) -> None:
        """No."""
        no_way_back()

    def switch(self, name: str) -> None:
        """No."""
        no_way_back()

    def set_profile(self, name: str) -> None:
        """No."""
        refuse_what_no_server_does(SetProfile(name))


def taking(member: int, request: RequestSubmitted) -> Choice:
    """To let a client in."""
    who, number = member_name(member), request.request_id
    taken = Submit(member, number, request.request)
    return Choice(f"{who} takes c{number}: {request_text(request.request)}", taken, 0)


def no_way_back() -> NoReturn:
    """Say so."""
    raise UserError(NO_WAY_BACK)


def refuse_what_no_server_does(decision: Decision) -> None:
    """Say what the simulator is better for."""
    match decision:
        case SetRule():
            raise UserError(
                "No server runs with a broken rule. Open the past of this run (the key v), and "
                "switch rules off there."
            )
        case SetProfile():
            raise UserError("Real members keep the profile with which they were started.")
        case StartMember():
            raise UserError(
                "A new machine can't be started here yet: start one with --live --size."
            )
        case _:
            pass
