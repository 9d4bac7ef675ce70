"""A scene for real members: how far its beginning can be theirs.

    setup: link S2 S3 40 40        yes: how long a message takes, the twin decides anyway
    setup: knob keep_entries 1     no: no server has this knob
    start: elect S2; put S2 x=1    yes: acts like any other, once all members let clients in

Real members begin a life of their own first: who they are and where clients find them stands in
their logs before the scene begins. So their terms and indexes are higher than in the scene; all
else is the same, step by step.

Left out: broken rules, knobs, bad weather, timers of the first moment.

Next page: `lockstep`.
"""

from __future__ import annotations

from dataclasses import fields

from learnetcd.errors import UserError
from learnetcd.simulator import library
from learnetcd.simulator.scenario import Scene
from learnetcd.simulator.setup import Setup

CAN_BE_REAL = {"members", "seed", "profile", "network_ms", "link_ms", "disk_ms", "apply_ms"}
"""The lines of a setup that are not about knobs, rules and faults."""


def real_scene(name: str) -> Scene:
    """A scene that real members can begin; a `UserError` that says what they can't."""
    scene, usual = library.load_scene(name), Setup()
    for one in fields(Setup):
        is_usual = getattr(scene.setup, one.name) == getattr(usual, one.name)
        if not is_usual and one.name not in CAN_BE_REAL:
            what = one.name.replace("_", " ")
            raise UserError(
                f"The scene {name} sets {what}, which no server has. Leave --live out to step it."
            )
    return scene
