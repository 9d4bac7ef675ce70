"""Where the panes stand, at every size of the terminal."""

import itertools

import pytest

from learnetcd_tui.canvas import Line, fit, milliseconds, width_of, wrap
from learnetcd_tui.layout import Place, plan
from learnetcd_tui.panes.logs import first_column
from learnetcd_tui.panes.members import heights_wanted
from learnetcd_tui.panes.timeline import steps_per_column

SIZES = [(60, 16), (80, 24), (109, 30), (110, 30), (120, 40), (169, 50), (170, 50), (300, 90)]


def cells(place: Place) -> set[tuple[int, int]]:
    xs = range(place.x, place.x + place.width)
    return set(itertools.product(xs, range(place.y, place.y + place.height)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("members", [1, 3, 5, 7])
@pytest.mark.parametrize("has_proxy", [False, True])
@pytest.mark.parametrize("recent", [(), ("source",), ("disk", "flight")])
def test_the_panes_fill_the_screen_and_none_lies_over_another(
    size: tuple[int, int], members: int, has_proxy: bool, recent: tuple[str, ...]
):
    width, height = size
    places = plan(width, height, heights_wanted(members, has_proxy), recent).places
    assert all(place.height > 0 and place.width > 0 for place in places.values())
    covered = [cell for place in places.values() for cell in cells(place)]
    assert len(covered) == len(set(covered)) == width * height


def test_three_members_have_all_their_lines_at_80_by_24():
    places = plan(80, 24, heights_wanted(3), ()).places
    assert places["members"].height == 12
    assert places["story"].height >= 7


def test_the_window_of_the_logs_moves_by_half_its_width_at_once():
    firsts = [first_column(last, 6) for last in range(1, 15)]
    assert firsts == [1] * 6 + [4] * 3 + [7] * 3 + [10] * 2


def test_the_scale_of_the_timeline_doubles_so_that_marks_stay():
    assert [steps_per_column(n, 10) for n in (0, 9, 10, 19, 20, 40)] == [1, 1, 2, 2, 4, 8]


def test_a_line_is_cut_to_its_width_with_an_ellipsis():
    assert Line("S1 leads").add(" term 2").fit(11).text == "S1 leads t…"
    assert Line("S1").fit(4).text == "S1  "


def test_wide_letters_take_two_columns():
    assert width_of("键=1") == 4
    assert fit("键值存储", 5) == "键值…"
    assert width_of(fit("键值存储", 6)) == 6


def test_words_are_kept_whole_where_a_line_breaks():
    assert wrap("S1 leads term 2", 9) == ["S1 leads", "term 2"]


def test_thousands_stand_apart():
    assert milliseconds(1240) == "1 240 ms"
