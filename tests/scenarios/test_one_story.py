"""A scene is one story: what is tested on the stage is what the session shows."""

import pytest

from learnetcd.session.session import Session
from learnetcd.simulator.library import load_scene, scenes
from learnetcd.simulator.stage import Stage

ONE_OF_EACH_TOPIC = sorted({info.topic: info.name for info in scenes()}.values())


@pytest.mark.parametrize("name", [*ONE_OF_EACH_TOPIC, "fig8", "cut-leader", "apply-after-sync"])
def test_a_session_plays_the_run_that_was_tested(name):
    scene = load_scene(name)
    stage, session = Stage(scene.setup), Session.open(name)
    for act in scene.start:
        stage.do(act, scene.grain)
    assert session.digest() == stage.world.digest()
    for act in scene.acts:
        stage.do(act, scene.grain)
        session.act(act.text)
    assert session.digest() == stage.world.digest()
