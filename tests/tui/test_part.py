"""Where only members are seen, no pane claims anything about what lies between them."""

from dataclasses import replace

from learnetcd_tui.panes import flight, header, safety
from tests.tui.stills import cut_leader, cut_leader_picture

PART = replace(
    cut_leader(), packets=(), violated=(), broken_rules=(), safe=0, invariants=0, is_part=True
)


def text(lines):
    return " ".join(" ".join(line.text for line in lines).split())


def test_of_a_part_of_a_cluster_nothing_is_claimed_that_nobody_has_seen():
    picture = replace(cut_leader_picture(), view=PART, invariants=())
    assert "is not seen from here" in text(flight.draw(picture, 80, 9))
    assert "nobody can judge" in text(safety.draw(picture, 80, 9))
    assert "not judged" in text(header.draw(picture, 160, 1))


def test_of_a_whole_cluster_it_is():
    picture = replace(cut_leader_picture(), view=replace(PART, is_part=False))
    assert text(flight.draw(picture, 80, 9)) == "no message is under way"
    assert "held after every step" in text(safety.draw(picture, 80, 99))
    assert "safe 0/0" in text(header.draw(picture, 160, 1))
