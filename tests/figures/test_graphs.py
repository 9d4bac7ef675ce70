"""Role diagram, graph of causes, overlap of quorums: each says the same as code and run."""

import re
import subprocess
from itertools import combinations

import pytest

from learnetcd.errors import UserError
from learnetcd.figures import layout as layouts
from learnetcd.figures.cause_graph import cause_graph
from learnetcd.figures.graph import Arrow, Box, Graph
from learnetcd.figures.layout import engine, layout, read
from learnetcd.figures.quorum_overlap import quorum_overlap
from learnetcd.figures.role_diagram import role_diagram
from learnetcd.raft.roles import TRANSITIONS
from learnetcd.session.session import Session
from tests.figures.drawings import SVG, opened, played, said

pytestmark = pytest.mark.outside


def causes_of(session: Session, words: str):
    told = session.narration(1, session.view().length)
    event = next(one for one in told if words in one.text)
    return session.causes(event.event_id)


# --- roles ----------------------------------------------------------------------------------------


def test_the_role_diagram_has_an_arrow_for_each_change_of_the_table():
    figure = role_diagram(pre_vote=True)
    curves = list(opened(figure.svg).iter(f"{SVG}path"))
    assert len(curves) == len(TRANSITIONS) + 1, "one more for the start"
    for before, after in TRANSITIONS:
        assert f'"{before}" -> "{after}"' in figure.dot


def test_the_papers_roles_are_three():
    assert {"follower", "candidate", "leader"} <= set(said(role_diagram().svg))
    assert "pre-candidate" not in role_diagram().text


def test_with_a_cluster_the_role_diagram_says_who_is_what():
    figure = role_diagram(played("first-leader").view())
    assert "  leader: S1:t2\n" in figure.text
    assert "S2:t2 S3:t2" in said(figure.svg)


# --- causes ---------------------------------------------------------------------------------------

WHY_S2_LEADS = """\
What led to step 5
  step 1, 1100 ms, S2
    → step 2, 1102 ms, S2: disk
    → step 3, 1110 ms, S1: message
  step 2, 1102 ms, S2
    → step 5, 1122 ms, S2: counted
  step 3, 1110 ms, S1
    → step 4, 1112 ms, S1: disk
  step 4, 1112 ms, S1
    → step 5, 1122 ms, S2: message
  step 5, 1122 ms, S2
"""


def test_who_leads_was_caused_by_the_votes_that_it_counted():
    text = cause_graph(causes_of(played("first-leader"), "S2 leads")).text
    heads = re.sub(r"^(  step .*?): .*", r"\1", text, flags=re.MULTILINE)
    assert heads == WHY_S2_LEADS
    assert "  step 5, 1122 ms, S2: S2 has a yes from S1: 2 of 2 votes. S2 leads term 1" in text


def test_a_commit_was_caused_by_what_was_counted_and_each_cause_lies_before_its_effect():
    causes = causes_of(played("cut-leader"), "S2 committed entry 2")
    steps = [cause.step for cause in causes]
    assert steps == sorted(set(steps))
    assert causes[-1].counts, "its own sync, at least"
    for cause in causes:
        assert all(earlier < cause.step for earlier in (cause.follows, *cause.counts))
    root = opened(cause_graph(causes).svg)
    assert len(list(root.iter(f"{SVG}path"))) == sum(
        (cause.follows in steps) + len(set(cause.counts) & set(steps)) for cause in causes
    )


def test_long_stories_of_causes_are_cut_where_they_are_furthest_back():
    session = played("cut-leader")
    last = [one for one in session.narration(1, session.view().length) if one.member][-1]
    causes = session.causes(last.event_id)
    assert len(causes) == 24
    assert causes[-1].step == last.step


def test_nothing_has_no_causes():
    with pytest.raises(UserError, match="nothing was caused"):
        cause_graph(())


# --- quorums --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_each_two_majorities_share_somebody(count: int):
    text = quorum_overlap(range(1, count + 1)).text
    assert "NOBODY" not in text
    assert text.endswith(
        "Each two of them share somebody, who carries what the first decided to the second.\n"
    )


def test_sets_that_are_too_small_miss_each_other():
    figure = quorum_overlap((1, 2, 3, 4), needed=2)
    assert figure.text.count("NOBODY") == 3
    assert said(figure.svg).count("✕") == 3
    assert "In 3 of 15 pairs they share nobody" in (opened(figure.svg)[1].text or "")


def test_every_pair_of_majorities_has_its_cell():
    sets = list(combinations((1, 2, 3, 4, 5), 3))
    words = said(quorum_overlap((1, 2, 3, 4, 5)).svg)
    for one, other in combinations(sets, 2):
        assert "".join(str(member) for member in one if member in other) in words


@pytest.mark.parametrize("voters", [(), (1,), (1, 2, 3, 4, 5, 6, 7)])
def test_a_table_that_nobody_could_read_is_refused(voters: tuple[int, ...]):
    with pytest.raises(UserError, match="take 2 to 5 members"):
        quorum_overlap(voters)


# --- layout ---------------------------------------------------------------------------------------


def test_without_graphviz_there_are_words_and_dot_but_no_picture(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(layouts, "which", lambda name: None)
    figure = role_diagram()
    assert figure.svg == ""
    assert figure.dot.startswith("digraph {")
    assert "candidate" in figure.text
    assert figure._repr_mimebundle_() == {"text/plain": figure.text}


def test_the_program_of_the_machine_comes_first_and_then_the_package(
    monkeypatch: pytest.MonkeyPatch,
):
    there: set[str] = set()
    monkeypatch.setattr(layouts, "which", lambda name: name if name in there else None)
    assert engine() is None
    there.add("graphviz-pure")
    assert engine() == "graphviz-pure"
    there.add("dot")
    assert engine() == "dot"


def test_words_that_dot_would_misread_are_quoted():
    nasty = 'a "b" \\ -> {c}; <d>'
    figure = Graph(
        "t", "d", (Box(nasty, (nasty,)), Box("x", ("x",))), (Arrow(nasty, "x", nasty),)
    ).figure()
    assert nasty in said(figure.svg)


def test_a_layout_is_read_from_the_upper_left():
    plain = 'graph 1 1 2\nnode "a b" 0.5 1.75 1 0.5 "a b" solid box black lightgrey\n' + (
        'edge "a b" "a b" 4 0 2 0 1 1 1 1 \\\n0 "why so" 0.5 1 solid black\nstop\n'
    )
    placed = read(plain)
    assert placed.centres == {"a b": (36, 18)}
    assert placed.routes[0].points == ((0, 0), (0, 72), (72, 72), (72, 144))
    assert placed.routes[0].label_at == (36, 72)


def test_what_graphviz_can_not_read_is_no_empty_picture():
    with pytest.raises(subprocess.CalledProcessError):
        layout("this is no graph")
