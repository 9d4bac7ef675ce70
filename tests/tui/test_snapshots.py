"""What the screen looks like, at each size, from pictures made by hand."""

from dataclasses import replace

import pytest
from looks import assert_looks_like, play, still
from stills import cut_leader_picture, five_members, with_a_proxy

from learnetcd.desk.desk import Desk
from learnetcd.session.session import Session
from learnetcd_tui.app import Application


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (180, 45)])
def test_a_cut_leader(size: tuple[int, int]):
    text = play(still(cut_leader_picture()), size=size)
    assert_looks_like(f"cut-leader-{size[0]}x{size[1]}", text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_five_members_with_long_logs(size: tuple[int, int]):
    picture = replace(cut_leader_picture(), view=five_members(), landmarks=())
    assert_looks_like(f"five-members-{size[0]}x{size[1]}", play(still(picture), size=size))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
def test_a_proxy_has_a_row_below_the_members(size: tuple[int, int]):
    text = play(still(with_a_proxy()), size=size)
    assert_looks_like(f"proxy-{size[0]}x{size[1]}", text)


@pytest.mark.parametrize(
    ("letter", "name"),
    [
        ("f", "flight"),
        ("c", "clients"),
        ("w", "why"),
        ("o", "source"),
        ("d", "disk"),
        ("e", "safe"),
        ("a", "tasks"),
    ],
)
def test_each_tab_at_80_columns(letter: str, name: str):
    text = play(still(cut_leader_picture()), "j", letter, size=(80, 24))
    assert_looks_like(f"tab-{name}-80x24", text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("keys", "name"),
    [(["d", "up"], "record"), (["b"], "wire"), (["h"], "http"), (["k"], "keys")],
)
def test_bytes_beside_what_they_mean(keys: list[str], name: str, size: tuple[int, int]):
    session = Session.open("cut-leader")
    session.put(1, "x", "5")
    session.forward()
    text = play(Application(Desk(session)), *keys, size=size)
    assert_looks_like(f"bytes-{name}-{size[0]}x{size[1]}", text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("keys", "name"),
    [(["f1"], "keys"), (["F"], "profiles"), (["ctrl+p", *"chosen"], "palette")],
)
def test_what_lies_over_the_panes(keys: list[str], name: str, size: tuple[int, int]):
    app = Application(Desk(Session.open()))
    assert_looks_like(f"over-{name}-{size[0]}x{size[1]}", play(app, *keys, size=size))


def test_a_list_has_glyphs_that_ascii_has():
    app = Application(Desk(Session.open()), ascii_only=True)
    text = play(app, "F", "down", size=(80, 24))
    assert text.isascii()
    assert "> " in text


def test_the_letters_of_jump_mode():
    text = play(still(cut_leader_picture()), "j", size=(80, 24))
    for letter in [
        "[m]",
        "Story",
        "Flight",
        "Clients",
        "Why",
        "cOde",
        "Disk",
        "wIre",
        "Http",
        "Keys",
        "safE",
        "tAsks",
        "Next",
        "[t]",
    ]:
        assert letter in text


def test_a_terminal_that_shows_ascii_only():
    text = play(still(cut_leader_picture(), ascii_only=True), size=(80, 24))
    assert text.isascii()
    for mark in ("x=1a", "x=Bc*", "y=hellod", "z=4s*", "x=A%%%%d"):
        assert mark in text


def test_the_light_theme_shows_the_same_words():
    dark = play(still(cut_leader_picture()), size=(80, 24))
    assert play(still(cut_leader_picture(), light=True), size=(80, 24)) == dark
    assert play(still(cut_leader_picture()), "t", size=(80, 24)) == dark


def test_a_violation_is_a_word_not_only_a_colour():
    picture = replace(cut_leader_picture(), view=five_members())
    assert "VIOLATED: one leader per term" in play(still(picture), size=(80, 24))


def test_a_terminal_that_is_too_small_is_told_so_until_it_grows():
    seen: list[str] = []

    async def grow(pilot) -> None:  # type: ignore[no-untyped-def]
        from looks import screen_text

        await pilot.pause()
        seen.append(screen_text(pilot.app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()

    text = play(still(cut_leader_picture()), size=(50, 12), then=grow)
    assert "learnetcd needs" in seen[0].replace("\n", " ")
    assert "S1" not in seen[0]
    assert "S1 L" in text
