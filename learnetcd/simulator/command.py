"""`learnetcd simulate` and `learnetcd replay`: runs as plain text.

    $ learnetcd simulate first-leader
    first-leader: A leader needs the votes of a majority, not of everybody. (Raft §5.2)
    ...
      1102 ms  step
               S2 C t1 v2 c0 []

Without `--narrate`, an act is followed by the state lines that it changed; with it, by a sentence
for each thing that happened. There are no boxes and no colours: it reads aloud, and through a pipe.

A scene that is played otherwise than it was written (`--members 5`) can't be compared with what it
says. Its acts are played as far as they go.

Next page: `learnetcd/own/`.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from learnetcd.errors import UserError
from learnetcd.invariants import Judge
from learnetcd.simulator.library import load_scene
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.scenario import Line, Scene
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.share import opened
from learnetcd.simulator.stage import Result, Stage, client_line, improvise, play
from learnetcd.simulator.statelines import state_lines
from learnetcd.simulator.timeline import Timeline
from learnetcd.tracing import member_name


def run_simulate(args: Namespace) -> int:
    """`learnetcd simulate`: play a scene and tell it; the exit code says how it came out."""
    if args.record is not None:
        refuse_to_write_over(Path(args.record))
    written = load_scene(args.scene)
    scene = replace(written, setup=varied(written.setup, args.members, args.profile, args.seed))
    is_as_written = scene.setup == written.setup
    announce(scene)
    teller = Teller(narrate=args.narrate)
    result = (play if is_as_written else improvise)(scene, teller.watch)
    if args.record is not None:
        record(result, Path(args.record))
    return conclude(result, teller, is_as_written)


def run_replay(args: Namespace) -> int:
    """`learnetcd replay`: read a recording, make sure that it is whole, and play it."""
    recording = opened(args.recording)
    recording.play(Judge())  # refuses what comes out differently from what was recorded
    stage, teller = Stage(recording.setup), Teller(narrate=args.narrate)
    print(f"{recording.title or 'A recording'}: {about(recording.setup)}")
    for decision in recording.decisions:
        stage.moments = []
        stage.decide(decision)
        if args.narrate:
            teller.tell_moments(stage)
    print("\nat the end:")
    teller.tell_changes(stage, everything=True)
    if recording.breaks_off:
        print("\nHere the recording breaks off: nobody wrote its end.")
    print(f"\n{len(recording.decisions)} decisions, {stage.world.now} ms. {verdict(stage)}")
    return 0


# --- what is played ------------------------------------------------------------------------------


def varied(setup: Setup, members: int | None, profile: str | None, seed: int | None) -> Setup:
    """The setup of a scene, with what was asked for on the command line."""
    if members is not None:
        setup = with_members(setup, members)
    return replace(
        setup,
        profile=setup.profile if profile is None else profile,
        seed=setup.seed if seed is None else seed,
    )


def with_members(setup: Setup, count: int) -> Setup:
    """The same setup for so many voters; what speaks of others is left out."""
    if not 1 <= count <= 7:
        raise UserError(f"A cluster has 1 to 7 members, not {count}.")
    members = tuple(range(1, count + 1))
    if members == setup.members:
        return setup
    return replace(
        setup,
        members=members,
        learners=tuple(learner for learner in setup.learners if learner > count),
        member_knobs=tuple(knob for knob in setup.member_knobs if knob[0] in members),
        first_timers=tuple(timer for timer in setup.first_timers if timer[0] in members),
        link_ms=tuple(link for link in setup.link_ms if {link[0], link[1]} <= set(members)),
    )


def refuse_to_write_over(path: Path) -> None:
    """A run that somebody kept is not lost by a name that was typed twice."""
    if path.is_file():
        raise UserError(f"{path} is there already. Give another name, or remove it first.")


def record(result: Result, path: Path) -> None:
    """Write the run down, to be replayed or opened in the tui."""
    timeline = Timeline(result.scene.setup)
    for decision in result.decisions:
        timeline.decide(decision)
    path.write_text(Recording.of(timeline, result.scene.name).text(), encoding="utf-8")
    print(f"\nrecorded: {path} ({len(result.decisions)} decisions)")


# --- telling -------------------------------------------------------------------------------------

MARGIN = " " * 11


def announce(scene: Scene) -> None:
    """Say what will be shown."""
    print(f"{scene.name}: {scene.claim} ({scene.citation})")
    print(about(scene.setup))
    if scene.start:
        print(f"before: {'; '.join(act.text for act in scene.start)}")


def about(setup: Setup) -> str:
    """Say who takes part."""
    names = " ".join(member_name(member) for member in setup.members)
    learners = "".join(f", learner {member_name(member)}" for member in setup.learners)
    return f"{names}{learners}, profile {setup.profile}, seed {setup.seed}"


class Teller:
    """Prints what happens, while it happens."""

    def __init__(self, narrate: bool) -> None:
        """Tell each thing, or only what came of it."""
        self.narrate = narrate
        self.stage: Stage | None = None
        self._shown: dict[str, str] = {}

    def watch(self, stage: Stage, line: Line | None, trouble: str) -> None:
        """Tell the start, a note, or an act."""
        self.stage = stage
        if line is None:
            print()
        elif line.act is None:
            print(f"\n# {line.text}")
            return
        else:
            # What is told in between has its own times, none before that of the act.
            print(f"{stage.began if self.narrate else stage.world.now:>6} ms  {line.text}")
        if trouble:
            print(f"{MARGIN}not possible here: {trouble}")
        if self.narrate and line is not None:
            self.tell_moments(stage)
        self.tell_changes(stage, everything=line is None)

    def tell_moments(self, stage: Stage) -> None:
        """Tell everything that happened, a sentence a line."""
        for moment in stage.moments:
            for sentence in moment.sentences:
                print(f"{moment.now:>6} ms  | {sentence}")

    def tell_changes(self, stage: Stage, everything: bool) -> None:
        """Tell what looks different now: members, clients, broken rules."""
        lines = [(line.split(" ")[0], line) for line in state_lines(stage.world)]
        records = [client_line(record) for record in stage.world.clients.values()]
        lines += [(words.split(" ")[0], f"client {words}") for words in records]
        lines += [
            (one.invariant, f"VIOLATED: {one.name}: {one}.") for one in stage.judge.violations
        ]
        for name, line in lines:
            if everything or self._shown.get(name) != line:
                print(f"{MARGIN}{line}")
            self._shown[name] = line


def conclude(result: Result, teller: Teller, is_as_written: bool) -> int:
    """Say how it came out; give the exit code."""
    assert teller.stage is not None, "a scene is watched from its start"
    print(f"\n{verdict(teller.stage)}")
    if not is_as_written:
        print("Played otherwise than it was written: its expected lines were not compared.")
        return 1 if teller.stage.judge.violations and not result.scene.is_about_a_violation else 0
    if result.ok:
        print(f"The scene shows its claim: all {result.checked} expected lines are right.")
        return 0
    print("The scene does not show its claim:")
    for mismatch in result.mismatches:
        print(mismatch)
    return 1


def verdict(stage: Stage) -> str:
    """Say whether the rules held."""
    if stage.world.judge is None:
        return "This is one member of several: nobody can judge the cluster by it."
    judge = stage.judge
    if not judge.violations:
        return f"All {len(judge.invariants)} rules that must always hold did hold."
    names = ", ".join(violation.name for violation in judge.violations)
    return f"{judge.safe} of {len(judge.invariants)} rules held. Violated: {names}."
