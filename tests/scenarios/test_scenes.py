"""Every scene that comes along shows what it claims.

After a change that is meant, write the scenes anew and read the difference:

    LEARNETCD_UPDATE_SCENES=1 python -m pytest tests/scenarios/test_scenes.py
    git diff learnetcd/simulator/scenes
"""

import os
from pathlib import Path

import pytest

import learnetcd.simulator
from learnetcd.errors import UserError
from learnetcd.simulator.library import load_scene, scene_names, scene_text, scenes
from learnetcd.simulator.recording import Recording
from learnetcd.simulator.scenario import TOPICS
from learnetcd.simulator.stage import play
from learnetcd.simulator.timeline import Timeline

FOLDER = Path(learnetcd.simulator.__file__).parent / "scenes"
UPDATE = "LEARNETCD_UPDATE_SCENES"

DEMOS = {"first-leader", "split", "split-2-of-3", "lost-vote", "one-write", "cut-leader", "fig8"}
"""The lecturer's scenes: their names are typed in front of a class."""


@pytest.mark.parametrize("name", scene_names())
def test_a_scene_shows_its_claim(name):
    result = play(load_scene(name))
    if os.environ.get(UPDATE) and not result.ok:
        (FOLDER / f"{name}.txt").write_text(result.updated_text, encoding="utf-8")
    assert result.ok, "\n".join(["", *map(str, result.mismatches)])


@pytest.mark.parametrize("name", scene_names())
def test_a_scene_can_be_read_by_a_student(name):
    scene = load_scene(name)
    signs = [line.sign for line in scene.body]
    assert "#" in signs, "it has a note"
    assert "|" in signs, "it has a sentence that a member says"
    assert {">", "?", "="} & set(signs), "it has something to look at"
    assert "!" in signs, "it has a verdict"
    assert scene.fails_under, "it says which broken member would show"
    assert len(scene.claim) <= 100, "its claim is a short sentence"
    notes = [line.text for line in scene.body if line.sign == "#"]
    assert all(note.endswith((".", "?", "...", ":")) for note in notes), "notes are sentences"


def test_there_are_scenes_for_every_topic():
    assert {info.topic for info in scenes()} == set(TOPICS)
    assert len(scenes()) >= 60


def test_scenes_are_listed_by_topic():
    topics = [TOPICS.index(info.topic) for info in scenes()]
    assert topics == sorted(topics)


def test_the_demos_are_there():
    assert set(scene_names()) >= DEMOS


def test_no_two_scenes_claim_the_same():
    assert len({info.claim for info in scenes()}) == len(scenes())


def test_the_same_scene_gives_the_same_run():
    first, second = play(load_scene("fig8")), play(load_scene("fig8"))
    assert first.decisions == second.decisions


def test_a_scene_is_a_recording():
    scene = load_scene("bad-weather")
    timeline = Timeline(scene.setup)
    for decision in play(scene).decisions:
        timeline.decide(decision)
    text = Recording.of(timeline, scene.name).text()
    assert Recording.parse(text).play().world.digest() == timeline.world.digest()


def test_a_scene_of_ones_own_is_found_by_its_path(tmp_path):
    (tmp_path / "mine.txt").write_text(scene_text("split"), encoding="utf-8")
    assert load_scene(str(tmp_path / "mine.txt")).claim == load_scene("split").claim


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cut-leadr", "Did you mean 'cut-leader'?"),
        ("", "There is no scene ''."),
        ("./", "is a folder"),
    ],
)
def test_a_scene_that_is_not_there_is_refused_in_a_sentence(name, sentence):
    with pytest.raises(UserError) as refused:
        load_scene(name)
    assert sentence in str(refused.value)


def test_a_file_that_is_no_text_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(UserError, match="is no scene"):
        load_scene(str(tmp_path / "picture.txt"))
