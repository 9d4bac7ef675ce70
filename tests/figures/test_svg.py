"""The element writer: what it writes is XML, whatever it is given."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnetcd.figures.svg import COLOURS, arrow, element, fitted, picture, width_of, words


@settings(max_examples=40)
@given(st.text(), st.text(), st.text())
def test_whatever_people_wrote_stays_words(title: str, description: str, value: str):
    root = ElementTree.fromstring(picture(9, 9, title, description, words(1, 1, value)))
    text = root.find("{*}text")
    assert text is not None
    assert len(root) == 5
    if value.isprintable():
        assert (text.text or "") == value


def test_words_are_escaped_and_markup_is_not():
    assert element("g", element("text", "a<b", x=1)) == '<g><text x="1">a&lt;b</text></g>'


def test_a_screen_reader_is_told_title_and_description_first():
    root = ElementTree.fromstring(picture(9, 9, "Who leads", "S2 leads.", words(1, 1, "x")))
    assert [(child.tag.partition("}")[2], child.text) for child in root[:2]] == [
        ("title", "Who leads"),
        ("desc", "S2 leads."),
    ]
    assert root.get("role") == "img"


@pytest.mark.parametrize(("value", "said"), [(3, "3"), (3.0, "3"), (2.25, "2.2"), (-0.04, "0")])
def test_numbers_are_short(value: float, said: str):
    assert element("circle", r=value) == f'<circle r="{said}"/>'


def test_large_numbers_are_written_out():
    assert element("rect", width=1234567.0) == '<rect width="1234567"/>'


def test_the_head_of_an_arrow_ends_where_the_arrow_ends():
    assert 'points="100,50 ' in arrow((0, 50), (100, 50))


def test_words_that_are_too_wide_are_cut():
    assert fitted("vote request", 200) == "vote request"
    assert fitted("vote request", width_of("vote r")) == "vote …"


def contrast(one: str, other: str) -> float:
    """How much two colours differ, as WCAG 2.1 counts it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted(COLOURS.keys() - {"paper", "rule", "down"}))
def test_every_colour_of_words_can_be_read_on_its_ground(name: str, ground: int):
    """WCAG 2.1, 1.4.3: a contrast of 4.5 at least."""
    assert contrast(COLOURS[name][ground], COLOURS["paper"][ground]) >= 4.5
