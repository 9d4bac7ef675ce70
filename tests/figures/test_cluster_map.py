"""The cluster map: nothing that a view holds is missing in the picture, nor in its words."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from learnetcd.figures.cluster_map import cluster_map, logs_picture, ring_picture, timeline_picture
from learnetcd.figures.logs import COLUMNS, first_column
from learnetcd.session.session import Grain, Session
from learnetcd.session.signs import aloud
from learnetcd.session.views import EntryView, Mark

SCENES = ("cut-leader", "figure7-f", "grow-from-one", "lost-vote", "one-way-cut", "snapshot")


def played(scene: str) -> Session:
    session = Session.open(scene)
    for line in session.script():
        session.act(line)
    return session


def moments(scene: str):
    """Every tenth step of a scene."""
    session = played(scene)
    for step in range(0, session.view().length + 1, 10):
        session.seek(step)
        yield session.view()


def names(svg: str, attribute: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [one.get(attribute, "") for one in root.iter() if one.get(attribute)]


@pytest.mark.parametrize("scene", SCENES)
def test_each_thing_has_a_name_and_none_has_two(scene: str):
    for view in moments(scene):
        found = names(cluster_map(view).svg, "data-id")
        assert len(found) == len(set(found))
        assert {f"member-{one.id}" for one in view.members} <= set(found)
        assert {f"timer-{one.id}" for one in view.members if one.timer} <= set(found)
        for one in view.packets:
            assert f"message-{one.link[0]}-{one.link[1]}-{one.number}-{one.copy_number}" in found
        for member in view.members:
            longest = max(one.last_index for one in view.members)
            for entry in member.entries(first_column(longest, COLUMNS), member.last_index):
                assert f"entry-{member.id}-{entry.index}-{entry.term}" in found


@pytest.mark.parametrize("scene", SCENES)
def test_the_words_say_what_the_picture_shows(scene: str):
    for view in moments(scene):
        text = cluster_map(view).text
        for member in view.members:
            assert re.search(rf"^{member.name} . {member.role}|learner, ", text, re.MULTILINE)
            for entry in member.entries(max(1, member.last_index - 3), member.last_index):
                assert f"{entry.index} {entry.text} t{entry.term} " in text
        for packet in view.packets:
            assert packet.text in text


def test_the_words_are_in_the_picture_for_those_who_listen():
    figure = cluster_map(Session.open(members=3, seed=7).view(), ["Nothing has happened yet."])
    root = ElementTree.fromstring(figure.svg)
    assert root.get("role") == "img"
    assert root[0].text == "3 members, profile paper, at 0 ms, step 0"
    assert root[1].text == aloud(figure.text)
    assert "Nothing has happened yet." in figure.text


def test_what_is_the_same_in_two_pictures_has_the_same_name():
    session = Session.open(members=3, seed=7)
    session.forward(Grain.CHANGE)
    before = set(names(ring_picture(session.view()), "data-id"))
    session.forward()
    after = set(names(ring_picture(session.view()), "data-id"))
    gone, new = before - after, after - before
    assert {one for one in gone if one.startswith("message")} == {"message-2-1-1-0"}  # arrived
    assert {one for one in new if one.startswith("message")} == {"message-1-2-1-0"}  # the answer


def test_colour_is_never_the_only_sign_of_a_role_or_a_mark():
    said = [one.text for one in ElementTree.fromstring(ring_picture(view_of_all_marks())).iter()]
    assert {"◆ S1", "● S2"} <= set(said)
    svg = logs_picture(view_of_all_marks())
    said = [one.text for one in ElementTree.fromstring(svg).iter()]
    assert {"·", "▪", "▣", "█"} <= set(said)
    assert {"· stored", "▪ durable", "▣ committed", "█ applied"} <= set(said)
    assert len(re.findall("<rect [^>]*stroke-dasharray", svg)) == said.count("·") == 1


def view_of_all_marks():
    """An entry of each kind in the logs of a cluster."""
    view = played("cut-leader").view()
    entries = tuple(
        EntryView(index, 1, f"x={index}", mark, conflicts=False, changed=False)
        for index, mark in enumerate(Mark, start=1)
    )
    leader, *others = view.members
    leader = replace(leader, role="leader", last_index=4, entries=lambda first, last: entries)
    return replace(view, members=(leader, replace(others[0], role="follower"), *others[1:]))


def test_what_changed_has_a_star():
    session = Session.open(members=3, seed=7)
    session.forward(Grain.CHANGE)
    assert "*candidate" in ring_picture(session.view())
    assert "*term 1" in ring_picture(session.view())


def test_a_cut_is_a_wall_and_a_word():
    session = Session.open(members=3)
    session.cut("1|23")
    assert cluster_map(session.view()).svg.count("the link is cut") == 2
    assert "cut 1|23" in cluster_map(session.view()).text
    session.heal()
    session.cut("1>3")
    assert cluster_map(session.view()).svg.count("the link is cut") == 1
    assert "cut S1⇏S3." in cluster_map(session.view()).text


def test_a_broken_rule_is_said_in_capitals():
    view = replace(Session.open().view(), violated=("one leader per term",))
    figure = cluster_map(view)
    assert "VIOLATED: one leader per term" in figure.text
    assert "VIOLATED: one leader per term" in "".join(ElementTree.fromstring(figure.svg).itertext())


@pytest.mark.parametrize("members", range(1, 8))
def test_every_size_of_cluster_has_a_picture_inside_its_frame(members: int):
    session = Session.open(members=members, seed=3)
    session.run_until("election")
    root = ElementTree.fromstring(ring_picture(session.view()))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for one in root.iter():
        if found := re.fullmatch(r"translate\((.*),(.*)\)", one.get("transform", "")):
            x, y = map(float, found.groups())
            assert 40 < x < width - 40
            assert 40 < y < height - 40


def test_the_timeline_has_the_marks_and_the_other_branches():
    session = Session.open(members=3, seed=7)
    session.run_until("leader")
    session.seek(3)
    session.crash(1)
    svg = timeline_picture(session.view(), session.landmarks(), session.branches())
    said = {one.text for one in ElementTree.fromstring(svg).iter()}
    assert {"e", "f", "▲", "┬ main"} <= said
    assert "branch main" in names(svg, "data-target")
    assert {f"step {step}" for step in range(5)} <= set(names(svg, "data-target"))


def test_the_window_of_a_long_log_moves_by_half_its_width():
    assert [first_column(last, 8) for last in (0, 8, 9, 12, 13)] == [1, 1, 5, 5, 9]
    assert first_column(100, 8) + 7 >= 100
