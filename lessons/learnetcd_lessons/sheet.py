"""A sheet: questions with room for answers, as a text that a learner fills in.

    question 2: Who leads first?

          S1 F t0 v. c0 []        stands in 1400 ms
          S2 F t0 v. c0 []        stands in 1100 ms
      A   S1
      B   S2
    answer 2: B

Nobody is told an answer before there is one on the sheet: only then is that run played. What is
right is read off the end of the run, so it stands nowhere.

The options of a quiz come in an order drawn by chance, the same for everybody: an author who always
writes the right one first gives nothing away.

Next page: `verdict`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from string import ascii_uppercase
from zlib import crc32

from learnetcd.errors import UserError
from learnetcd.raft.chance import draw
from learnetcd.session.pictures import Painter
from learnetcd.session.views import MemberView
from learnetcd.simulator import conditions
from learnetcd.simulator.scenario import Scene, parse
from learnetcd.simulator.stage import Stage, begin
from learnetcd.simulator.statelines import state_line
from learnetcd.simulator.words import message_text
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name
from learnetcd_lessons.exercise import Option, Predict, Quiz, Right, Round, Wrong
from learnetcd_lessons.run import Run

WIDTH = 96
LEGEND = """\
S1 L t2 v1 c1 [x@1 y@2] means: S1 leads (F follows, C is a candidate, - is down) in term 2, has
voted for S1 (v. for nobody), knows entry 1 as committed, and has two entries: x of term 1, y of
term 2.
"""
"""How a line of a picture is read; once on each sheet."""
LEGEND_OF_MESSAGES = """\
append t1 after 2@1 [z] commit 2 means: in term 1, z comes behind entry 2, which is of term 1 (0@0
is the start of the log); and the leader knows entry 2 as committed.
"""
"""How a message is read, where there are some."""
ANSWER = re.compile(r"^answer (\d+):[ \t]*(.*)$", re.MULTILINE)


# --- reading --------------------------------------------------------------------------------------


def answers(text: str, options: Sequence[int]) -> tuple[int | None, ...]:
    """The answers on a sheet, by question, as places of options; None where there is none yet.

    `options` says how many options each question has.
    """
    given = {int(number): words.strip().upper() for number, words in ANSWER.findall(text)}
    found: list[int | None] = []
    for number, count in enumerate(options, 1):
        words, letters = given.get(number), ascii_uppercase[:count]
        if words is None:
            raise UserError(f"The line 'answer {number}:' is gone; write it again.")
        if words and (len(words) > 1 or words not in letters):
            known = ", ".join(letters)
            raise UserError(f"Answer {number} is one of {known}; found {words!r}.")
        found.append(letters.index(words) if words else None)
    return tuple(found)


def with_answer(text: str, number: int, letter: str) -> str:
    """The sheet with one answer filled in."""
    return ANSWER.sub(
        lambda found: f"answer {number}: {letter}" if int(found[1]) == number else found[0], text
    )


# --- predictions ----------------------------------------------------------------------------------


def predict_sheet(exercise: Predict) -> str:
    """The sheet of an exercise."""
    blocks = [
        question_text(number, one.question, [option.text for option in one.options], before(one))
        for number, one in enumerate(exercise.rounds, 1)
    ]
    return "\n".join([legend(exercise), *blocks])


def legend(exercise: Predict) -> str:
    """What one must know to read its pictures."""
    has_messages = any("append t" in line for one in exercise.rounds for line in before(one))
    return LEGEND + (LEGEND_OF_MESSAGES if has_messages else "")


def before(one: Round) -> list[str]:
    """The cluster at the moment of the question, and what will be done to it."""
    stage = begun(one)
    return [*picture(stage.world), f"Then: {one.then}."]


def picture(world: World) -> list[str]:
    """Members with their timers, and what is on its way: all that one needs to know."""
    painter = Painter(world)
    lines = [
        f"{state_line(world, member.id):<34} {timer_text(member)}".rstrip()
        for member in painter.members()
    ]
    for packet in painter.packets():
        sender, receiver = map(member_name, packet.link)
        words = message_text(
            world.packet((*packet.link, packet.number, packet.copy_number)).message
        )
        wall = " (cut off)" if packet.blocked else ""
        lines.append(f"{sender} -> {receiver} in {packet.arrives_in_ms} ms: {words}{wall}")
    slow = [f"S{a} -> S{b} {low} ms" for a, b, low, _ in world.setup.link_ms]
    usual = world.setup.network_ms[0]
    lines.append(f"A message takes {', '.join([f'{usual} ms', *slow])}.")
    if walls := [f"S{a} -> S{b}" for a, b in sorted(world.cuts)]:
        lines.append(f"Cut: {', '.join(walls)}.")
    return lines


def timer_text(member: MemberView) -> str:
    """When a member will stand for election."""
    if member.timer is None or member.timer.kind != "election":
        return ""
    return f"stands in {member.timer.fires_in_ms} ms"


def scene_of(one: Round, claim: str = "What happens?") -> Scene:
    """The same as a scene."""
    head = [f"claim: {claim}.", "cites: Raft §5", "topic: elections"]
    head += [
        f"{key}: {words}" for key, words in (("setup", one.setup), ("start", one.start)) if words
    ]
    return parse("question", "\n".join([*head, "", *one.then.split("; ")]))


def begun(one: Round) -> Stage:
    """The cluster at the moment of the question."""
    stage, trouble = begin(scene_of(one))
    if trouble:
        raise UserError(trouble)
    return stage


def played(one: Round) -> tuple[Run, int]:
    """The whole run, and the step at which the question was asked."""
    stage = begun(one)
    asked_at = stage.world.step
    for act in scene_of(one).acts:
        stage.do(act, scene_of(one).grain)
    return Run(stage.world.setup, stage.decisions), asked_at


def right_option(one: Round, world: World) -> int:
    """Which option holds after the run: exactly one does, or the question is no question."""
    holding = [place for place, option in enumerate(one.options) if holds(option, world)]
    if len(holding) != 1:
        texts = ", ".join(one.options[place].text for place in holding) or "none"
        raise UserError(f"Of the options of {one.question!r}, {texts} hold at the end.")
    return holding[0]


def holds(option: Option, world: World) -> bool:
    """Whether an option is the right one."""
    return conditions.parse(option.holds, world.member_ids).holds(world)


# --- quizzes --------------------------------------------------------------------------------------


def quiz_sheet(quizzes: Sequence[Quiz]) -> str:
    """The sheet of all quizzes of a chapter."""
    return "\n".join(
        question_text(number, quiz.question, [option.text for option in shuffled(quiz)])
        for number, quiz in enumerate(quizzes, 1)
    )


def shuffled(quiz: Quiz) -> tuple[Right | Wrong, ...]:
    """The options in the order in which they are shown."""
    options, seed = list(quiz.options), crc32(quiz.name.encode())
    order = [options.pop(draw(seed, 1, len(options), len(options))) for _ in quiz.options]
    return tuple(order)


# --- writing --------------------------------------------------------------------------------------


def question_text(
    number: int, question: str, options: Sequence[str], picture: Sequence[str] = ()
) -> str:
    """One question with its options, and room for the answer."""
    lines = textwrap.wrap(f"question {number}: {question}", WIDTH)
    lines += ["", *(f"    {line}" for line in picture)] if picture else []
    lines.append("")
    for letter, option in zip(ascii_uppercase, options, strict=False):
        lines += textwrap.wrap(
            option, WIDTH, initial_indent=f"  {letter}   ", subsequent_indent=" " * 6
        )
    return "\n".join([*lines, f"answer {number}:", ""])
