"""The library: the scenes that come with learnetcd, and those that a reader wrote.

    load_scene("cut-leader")         by name, from the folder `scenes`
    load_scene("my/scene.txt")       a file of one's own
    scenes()                         all that come along: name, claim, topic

Next page: `command`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from learnetcd.errors import UserError, did_you_mean
from learnetcd.simulator.scenario import TOPICS, Scene, parse
from learnetcd.value import dataclass

SUFFIX = ".txt"


@dataclass(frozen=True, slots=True)
class SceneInfo:
    """A scene in a list."""

    name: str
    claim: str
    topic: str


@cache
def scene_names() -> tuple[str, ...]:
    """The names of all scenes that come along, sorted."""
    folder = files("learnetcd.simulator") / "scenes"
    names = [entry.name for entry in folder.iterdir()]
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def scene_text(name: str) -> str:
    """The text of a scene that comes along."""
    return (files("learnetcd.simulator") / "scenes" / f"{name}{SUFFIX}").read_text(encoding="utf-8")


def load_scene(name: str) -> Scene:
    """Find a scene by name, or by the path of a file; `UserError` if there is none."""
    if name in scene_names():
        return parse(name, scene_text(name))
    path = Path(name)
    if path.suffix or "/" in name:
        return parse(path.stem, _read(path))
    words = [f"There is no scene {name!r}.", did_you_mean(name, scene_names())]
    words.append(f"`learnetcd check scenes` lists all {len(scene_names())} of them.")
    raise UserError(" ".join(word for word in words if word))


def _read(path: Path) -> str:
    if path.is_dir():
        raise UserError(f"{path} is a folder; a scene is a file of text.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path} is no scene: a scene is a file of text.") from None


@cache
def scenes() -> tuple[SceneInfo, ...]:
    """All scenes that come along, by topic and name."""
    loaded = [load_scene(name) for name in scene_names()]
    loaded.sort(key=lambda scene: (TOPICS.index(scene.topic), scene.name))
    return tuple(SceneInfo(scene.name, scene.claim, scene.topic) for scene in loaded)
