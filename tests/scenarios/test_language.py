"""The scenario language: what may be written, and what is said about the rest."""

import pytest

from learnetcd.errors import UserError
from learnetcd.simulator import acts
from learnetcd.simulator.grains import Grain
from learnetcd.simulator.library import scene_names, scene_text
from learnetcd.simulator.scenario import BadScene, parse, render
from learnetcd.simulator.setup import Setup
from learnetcd.simulator.stage import improvise, play
from learnetcd.simulator.statelines import state_lines
from learnetcd.simulator.world import World

HEAD = "claim: It is so.\ncites: Raft §5\ntopic: elections\n"


def scene(body: str, head: str = ""):
    return parse("mine", f"{HEAD}{head}\n{body}\n")


# --- acts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", acts.FORMS, ids=lambda form: form.example)
def test_every_example_of_the_help_can_be_typed(form):
    assert acts.parse(form.example).text == form.example


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("pt S1 x=1", "Did you mean 'put'?"),
        ("put x=1", "It would be written: put S1 x=1."),
        ("crash", "It would be written: crash S2 keep 1, or crash S2 torn 3."),
        ("crash S9", "It would be written: crash S2 keep 1, or crash S2 torn 3."),
        ("rule own-trem off", "Did you mean 'own-term'?"),
        ("profile papr", "Did you mean 'paper'?"),
        ("run until leadr", "'leadr' is no condition."),
        ("get S1 x sometimes", "It would be written: get S1 x quorum."),
        ("", "is no act"),
    ],
)
def test_an_act_that_means_nothing_is_refused_with_what_was_meant(typed, sentence):
    with pytest.raises(UserError) as refused:
        acts.parse(typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("deliver S1>S2", "No message is on its way S1>S2; there is: nothing."),
        ("release S1>S2 append", "No held append is on its way"),
        ("cut 1|27", "1|23"),
        ("cut 1|1", "1|23"),
        ("restart S1", "S1 runs already."),
        ("crash S4", "There is no S4."),
        ("sync S1", "does not have a sync under way"),
    ],
)
def test_an_act_that_is_not_possible_now_says_why_and_changes_nothing(typed, sentence):
    world = World(Setup())
    before = world.digest()
    with pytest.raises(UserError) as refused:
        acts.parse(typed).plan(world)
    assert sentence in str(refused.value)
    assert world.digest() == before


def test_planning_changes_nothing():
    world = World(Setup())
    before = world.digest()
    assert acts.parse("elect S1").plan(world)
    assert world.digest() == before


def test_what_a_member_has_to_do_follows_an_act_unless_the_grain_is_effect():
    campaign = acts.parse("time out S1")
    world = World(Setup())
    assert [one.text() for one in campaign.plan(world)] == ["campaign S1", "sync S1"]
    assert [one.text() for one in campaign.plan(world, Grain.EFFECT)] == ["campaign S1"]


def test_a_run_for_a_time_ends_at_that_time():
    world = World(Setup())
    for decision in acts.parse("run 1234 ms").plan(world):
        world.decide(decision)
    assert world.now == 1234


def test_a_condition_that_never_holds_is_given_up():
    world = World(Setup(members=(1, 2)))
    world.decide(*acts.parse("crash S1").plan(world))
    with pytest.raises(UserError, match="never came true"):
        acts.parse("run until leader").plan(world)


# --- the head and the body ----------------------------------------------------------------------


@pytest.mark.parametrize("name", scene_names())
def test_a_scene_is_written_as_it_is_read(name):
    text = scene_text(name)
    assert render(parse(name, text).source) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("clam: x\n", "line 1: 'clam: x' does not belong into the head. Did you mean 'claim'?"),
        ("claim\n", "line 1: 'claim' does not belong into the head."),
        ("claim:\n", "line 1: 'claim' has no value."),
        ("claim: no full stop\n", "line 1: A claim is a sentence"),
        ("claim: A.\nclaim: B.\n", "line 2: 'claim' was said already"),
        ("claim: A.\n", "the head ends without 'cites: ...'"),
        (f"{HEAD.replace('elections', 'electons')}", "Did you mean 'elections'?"),
        (f"{HEAD}grain: coarse\n", "line 4: A grain is one of effect, message; found 'coarse'."),
        (f"{HEAD}setup: timr S1 3\n", "'timr S1 3' does not belong into the setup of a run."),
        (f"{HEAD}setup: profile papr\n", "Did you mean 'paper'?"),
        (f"{HEAD}setup: members S1 S8\n", "A cluster has members of S1 to S7"),
        (f"{HEAD}start: elec S1\n", "line 4: 'elec S1' is no act. Did you mean 'elect'?"),
        (f"{HEAD}\nput x=1\n", "line 5: 'put x=1' is no act."),
        (f"{HEAD}\n> L t1\n", "line 5: a state line looks like '> S2 L t1 v2 c0 [x=1@1]'"),
        (f"{HEAD}\n! fine\n", "line 5: expected '! safe' or '! violated: NAME', not '! fine'."),
        (f"{HEAD}\n= done\n", "line 5: what a client was told looks like '= c1 done'"),
        (f"{HEAD}\n? S1 happy\n", "line 5: 'S1 happy' is no condition."),
        ("", "the head ends without 'claim: ...'"),
    ],
)
def test_a_bad_line_is_named_with_what_was_expected(text, sentence):
    with pytest.raises(BadScene) as refused:
        parse("mine", text)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("Scene mine, line ")


def test_empty_lines_and_spaces_mean_nothing():
    assert [act.text for act in scene("\n  step   2 \n\n\n heal").acts] == ["step 2", "heal"]


# --- playing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("> S1 F t0 v. c0 []", "S1 L t1 v1 c0 []"),
        ("| S1 leads term 2: …", "S1 leads term 1: it has the votes of S1, S2."),
        ("? S2 leads", "it does not hold"),
        ("= c1 done", "nothing of the kind"),
        ("! violated: election safety", "safe"),
    ],
)
def test_what_is_not_so_is_shown_with_what_is(line, found):
    result = play(scene(f"elect S1\n{line}"))
    assert not result.ok
    assert found in str(result.mismatches[0])


@pytest.mark.parametrize(
    "line",
    [
        "> S1 L t1 …",
        "> S1 L ... []",
        "| S1 leads term 1: …",
        "? S1 leads and not conflict",
        "! safe",
    ],
)
def test_a_line_may_leave_open_what_does_not_matter(line):
    assert play(scene(f"elect S1\n{line}")).ok


def test_an_act_that_is_not_possible_ends_the_scene():
    result = play(scene("deliver S1>S2\n> S1 L t1 v1 c0 []"))
    assert len(result.mismatches) == 1
    assert "No message is on its way" in str(result.mismatches[0])


def test_a_start_that_is_not_possible_fails_the_scene():
    result = play(scene("! safe", head="start: crash S5\n"))
    assert "There is no S5." in str(result.mismatches[0])


def test_a_scene_that_breaks_a_rule_without_saying_so_fails():
    text = scene_text("lost-vote").replace("! violated: election safety\n", "")
    assert "violated: election safety" in str(play(parse("mine", text)).mismatches[-1])


def test_expected_lines_are_rewritten_and_nothing_else():
    text = scene_text("first-leader")
    wrong = text.replace("> S2 L t1 v2", "> S2 L t9 v2").replace(
        "S2 leads term 1", "S2 leads term 3"
    )
    assert wrong != text
    assert play(parse("mine", wrong)).updated_text == text


def test_bare_signs_are_filled_in():
    result = play(scene("elect S1\n>\n|"))
    lines = result.updated_text.split("\n")
    assert "> S1 L t1 v1 c0 []" in lines
    assert "| S1 leads term 1: it has the votes of S1, S2." in lines


def test_acts_that_do_not_fit_another_setup_are_left_out():
    seen = []
    improvise(
        scene("crash S5\nelect S1"),
        lambda stage, line, trouble: seen.append((trouble, state_lines(stage.world)[0])),
    )
    assert seen[1] == ("There is no S5.", "S1 F t0 v. c0 []")
    assert seen[2] == ("", "S1 L t1 v1 c0 []")
