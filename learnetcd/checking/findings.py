"""Findings: what `learnetcd check search` prints.

    $ learnetcd check search --broken own-term
    ...
    L1 own-term commit was broken, by 16 decisions (found with 41, in 0.9 s):

       1  S1 stands ...
       ...
      16  S2 committed entry 1 ...

      learnetcd tui --recording search-own-term.recording --step 15
      learnetcd replay LE1-eNpV...

A finding is shrunk, told, written down as a recording, and given a code that can be sent. And it is
held against the control: the same decisions with the rule switched on must break nothing.

Exit code 1 if a broken rule is not found, or if something is found while all rules are on.

Next page: `command`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from learnetcd.checking import runner
from learnetcd.checking.patience import Progress
from learnetcd.checking.shrinking import Broken, breaks, shrink, wishes_of
from learnetcd.errors import UserError, unknown_name
from learnetcd.own.file import Own
from learnetcd.own.fitting import with_own
from learnetcd.own.trial import loaded_after_trial
from learnetcd.raft.twins import TWINS, Twin
from learnetcd.simulator.decisions import Decision, parse
from learnetcd.simulator.library import load_scene
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.share import code_of
from learnetcd.simulator.stage import Stage
from learnetcd.simulator.timeline import Timeline

LONGEST = 240
"""A sentence with more characters is told in part."""

ALL = "all"
"""Stands for every broken twin, one after the other."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A finding, as short as it gets."""

    setup: Setup
    broken: Broken
    found_with: int
    """How many decisions it took when it was found."""

    @property
    def what(self) -> str:
        """The invariant."""
        return f"{self.broken.violation.invariant} {self.broken.violation.name}"


def run_search(args: Namespace) -> int:
    """`learnetcd check search`: is there any order of things that breaks a rule?"""
    if args.broken not in (None, ALL, *TWINS):
        raise unknown_name("rule", args.broken, [ALL, *TWINS])
    if args.broken and args.own:
        raise UserError(
            "--own and --broken don't go together: of what was found, nobody could say whether it "
            "was your part or the rule."
        )
    if args.scene:
        load_scene(args.scene)  # what is wrong with it is said here, not in the children
    own = loaded_after_trial(Path(args.own)) if args.own else None
    if args.broken == ALL:
        return search_for_all(args)
    explored = explore(args, args.broken or runner.SOUND)
    if explored.found is None:
        print(seen_line(explored))
        if args.broken is None:
            print("Every invariant held in every state.")
            return 0
        print(f"No run was found that shows what goes wrong without {args.broken}.")
        return 1
    shrunk = shrunk_of(explored.found, own)
    print(f"Found in {explored.elapsed:.1f} s. {seen_line(explored)}")
    tell(shrunk, TWINS.get(args.broken), own)
    return 0 if args.broken else 1


def search_for_all(args: Namespace) -> int:
    """Every broken twin, one line for each."""
    missing = []
    for twin in TWINS.values():
        explored = explore(args, twin.name)
        if explored.found is None:
            missing.append(twin.name)
            print(f"{twin.name:<24} NOTHING FOUND in {explored.elapsed:.0f} s", flush=True)
            continue
        shrunk = shrunk_of(explored.found)
        print(
            f"{twin.name:<24} {shrunk.what:<32} {explored.elapsed:5.1f} s "
            f"{explored.transitions:>9,} steps   {shrunk.found_with:>3} -> "
            f"{len(shrunk.broken.decisions):>3} decisions",
            flush=True,
        )
    print(f"{len(TWINS) - len(missing)} of {len(TWINS)} broken rules found.")
    if missing:
        print(f"Nothing was found for: {', '.join(missing)}.")
    return 1 if missing else 0


def explore(args: Namespace, twin: str) -> runner.Explored:
    """Search, with a line on the terminal that says how far it is."""
    explored, progress = runner.Explored(), Progress()
    for explored in runner.explore(
        twin,
        members=args.members,
        depth=args.depth,
        seconds=60 * args.minutes,
        seed=args.seed,
        scene=args.scene or "",
        own=args.own or "",
    ):
        progress.show(explored.elapsed, f"{twin}: {seen_line(explored)}")
    progress.end()
    return explored


def seen_line(explored: runner.Explored) -> str:
    """What was seen so far."""
    spread, wander = explored.spread, explored.wander
    rate = explored.transitions / explored.elapsed if explored.elapsed else 0.0
    return (
        f"{spread.get('states', 0):,} distinct states level by level (all of them to depth "
        f"{spread.get('complete', 0)}), {wander.get('states', 0):,} by chance; "
        f"{explored.transitions:,} steps, {rate:,.0f} steps/s."
    )


def shrunk_of(report: runner.Report, own: Own | None = None) -> Shrunk:
    """Leave out what is not needed."""
    setup = Setup.parse(report["setup"])
    if own is not None:
        setup = with_own(setup, own)
    decisions = [parse(line) for line in report["decisions"]]
    return Shrunk(setup, shrink(setup, decisions, report["invariant"]), len(decisions))


# -- telling -------------------------------------------------------------------------------------


def tell(shrunk: Shrunk, twin: Twin | None, own: Own | None = None) -> None:
    """The story of a finding, and how to see it again."""
    setup, decisions = shrunk.setup, shrunk.broken.decisions
    if twin is not None:
        print(f"\nSwitched off: {twin.name}. {twin.sentence}")
    print(
        f"\n{shrunk.what} was broken, by {len(decisions)} decisions "
        f"(found with {shrunk.found_with}):\n"
    )
    for number, sentences in enumerate(story(setup, decisions), 1):
        for place, sentence in enumerate(sentences):
            print(f"  {number if not place else '':>3}  {shortened(sentence)}")
    print(f"\n  {shrunk.broken.violation}.")
    if twin is not None or own is not None:
        print(f"  {control(setup, decisions)}")
    print(f"\n{ways_to_see(shrunk, twin, own)}")


def shortened(sentence: str) -> str:
    """Without the middle of a value that takes several lines."""
    return sentence if len(sentence) < LONGEST else f"{sentence[:60]} ... {sentence[-30:]}"


def story(setup: Setup, decisions: Sequence[Decision]) -> list[tuple[str, ...]]:
    """What each decision brought, in sentences."""
    stage = Stage(setup)
    for decision in decisions:
        stage.decide(decision)
    return [moment.sentences for moment in stage.moments]


def control(setup: Setup, decisions: Sequence[Decision]) -> str:
    """What the same decisions do while the rule is on, and all parts are ours."""
    wishes = wishes_of(setup, decisions)
    if setup.parts:
        otherwise = "With the reference in place of yours"
    else:
        otherwise = "With the rule switched on"
    if breaks(replace(setup, broken_rules=(), parts=()), wishes) is None:
        return f"{otherwise}, the same decisions break nothing."
    return f"{otherwise}, the same decisions break something as well: a bug of ours."


def ways_to_see(shrunk: Shrunk, twin: Twin | None, own: Own | None = None) -> str:
    """Write the recording, and say how to open it."""
    path = Path(f"search-{twin.name if twin else 'own' if own else 'finding'}.recording")
    decisions = shrunk.broken.decisions
    timeline = Timeline(shrunk.setup)
    for decision in decisions:
        timeline.decide(decision)
    title = f"{shrunk.what}{f' without {twin.name}' if twin else ''}"
    code = f"  learnetcd replay {code_of(shrunk.setup, decisions)}"
    try:
        path.write_text(Recording.of(timeline, title).text(), encoding="utf-8")
    except OSError as error:
        return f"{code}\n  {path} can't be written here: {error.strerror}."
    way = f"  learnetcd tui --recording {path} --step {len(decisions) - 1}"
    return f"{way} --own {own.path}" if own is not None else f"{way}\n{code}"
