"""Keys and clicks on the real screen; what each act does is held by `test_acts`."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from looks import NAMED_KEYS, play, screen_text, still
from stills import cut_leader_picture, five_members
from textual.events import Paste

from learnetcd.desk.desk import ACTS, Desk
from learnetcd.desk.keys import KEYS
from learnetcd.desk.lists import LISTS
from learnetcd.session.session import Session
from learnetcd.simulator.library import scene_names
from learnetcd_tui.app import Application
from learnetcd_tui.contents import CONTENTS
from learnetcd_tui.pane import Pane


def keys_of(script: str) -> list[str]:
    """`C "1|23" enter` as Textual names the keys; what stands in quotes is typed."""
    keys: list[str] = []
    for word in script.split():
        keys += (
            [NAMED_KEYS.get(c, c) for c in word.strip('"')]
            if word.startswith('"')
            else [NAMED_KEYS.get(word, word)]
        )
    return keys


def teach(app: Application, script: str, size: tuple[int, int] = (80, 24)) -> str:
    """Press the keys, and give back the screen."""
    return play(app, *keys_of(script), size=size)


def plain() -> Application:
    """An application in front of a new cluster."""
    return Application(Desk(Session.open()))


# --- the table of keys ---------------------------------------------------------------------------


def test_every_key_of_the_table_has_an_act():
    of_the_screen = {name.removeprefix("do_") for name in dir(Application) if name[:3] == "do_"}
    known = {*ACTS, *LISTS, *of_the_screen, "show", ""}
    assert {key.act for key in KEYS} - known == set()
    assert {key.words for key in KEYS if key.act == "show"} <= set(CONTENTS)


def test_no_key_has_two_acts():
    names = [name for key in KEYS for name in key.keys.split(",")]
    assert len(names) == len(set(names))


def test_help_lists_every_key():
    text = teach(plain(), "f1", size=(120, 60))
    for key in KEYS:
        assert key.label in text or key.words


def test_the_palette_offers_the_acts():
    assert "kill the chosen member" in teach(plain(), 'ctrl+p "kill"', size=(120, 40))


# --- going on ------------------------------------------------------------------------------------


def test_the_screen_at_the_start_shows_timers_and_what_to_press():
    seen = teach(plain(), "")
    assert seen.count("fires in") == 3
    assert "Press n" in seen
    assert "paused" in seen
    assert "safe 20/20" in seen


def test_three_keys_lead_to_the_first_leader_on_the_screen():
    assert "L ◆" in teach(plain(), "n n n")


def test_page_keys_of_a_clicker_step_and_step_back():
    app = plain()
    teach(app, "pagedown pagedown pageup")
    assert app.desk.session.view().length > app.desk.session.view().step > 0


def test_the_arrow_chooses_what_happens_next():
    app = plain()
    assert "▸ S1 election timer" in teach(app, "down")
    first, second = plain(), plain()
    teach(first, "enter")
    teach(second, "down enter")
    assert first.desk.session.state_lines() != second.desk.session.state_lines()


def test_the_cluster_runs_by_itself_and_pauses():
    async def lecture() -> tuple[int, int]:
        app = plain()
        app.desk.pace.place = 13
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("space")
            assert "as fast as possible" in screen_text(app)
            for _ in range(200):
                await pilot.pause(0.02)
                if app.desk.session.view().step > 20:
                    break
            assert "RUNNING" in screen_text(app)
            await pilot.press("space")
            step = app.desk.session.view().step
            await pilot.pause(0.1)
            return step, app.desk.session.view().step

    before, after = asyncio.run(lecture())
    assert before == after > 20


def test_the_speed_is_shown_as_so_many_milliseconds_a_second():
    assert "1 s = 100 ms" in teach(plain(), "+")
    assert "1 s = 20 ms" in teach(plain(), "-")


# --- prompts, lists, screens ---------------------------------------------------------------------


def test_a_cut_is_typed_and_drawn_as_a_wall():
    assert "cut 1|23 ═" in teach(plain(), 'C "1|23" enter')


def test_a_one_way_cut_is_named_by_its_link():
    assert "S1⇏S3" in teach(plain(), 'C "1>3" enter')


def test_the_prompt_says_what_can_be_typed():
    assert "1|23, or one way: 1>3" in teach(plain(), "C")


@pytest.mark.parametrize("key", ["S", "B", "u", "f1", "ctrl+p", "G", "w"])
def test_escape_closes_what_a_key_opened_and_the_keys_are_back(key: str):
    app = plain()
    assert "F1 all keys" in teach(app, f"{key} escape n")
    assert app.desk.session.view().step > 0
    assert not app.desk.session.view().clients


def test_a_scene_is_chosen_by_a_few_letters():
    assert "cut-leader" in teach(plain(), 'S "cut" enter')


def test_a_rule_is_switched_off_and_the_screen_says_so():
    assert "off: vote-memory" in teach(plain(), 'O "vote-m" enter')


def test_a_condition_is_typed_or_taken_from_the_examples():
    assert "true at" in teach(plain(), 'u "leader" enter', size=(120, 40))
    assert "true at" in teach(plain(), "u enter", size=(120, 40))


def test_branches_stand_side_by_side_with_the_first_difference_marked():
    seen = teach(plain(), 'n n home 1 T B "m" enter', size=(120, 40))
    assert "differ first at step 1" in seen
    assert "≠" in seen
    app = plain()
    teach(app, 'n home 1 T B "m" enter enter')
    assert app.desk.session.view().branch == "main"


def test_letters_typed_into_a_list_are_found_anywhere_and_in_any_order():
    seen = teach(plain(), 'S "cut" space "leader"')
    assert "cut-leader" in seen
    assert "first-leader" not in seen
    assert f"Scenes ({len(scene_names())})" in teach(plain(), 'S "cut" ctrl+u')
    assert teach(plain(), 'S "cup" backspace "t"') == teach(plain(), 'S "cut"')


def test_enter_in_a_list_without_a_row_picks_nothing():
    app = plain()
    assert "Nothing holds all of this." in teach(app, 'S "nonsense" enter')
    assert app.desk.session.view().scene == ""


def test_the_row_that_is_lit_is_seen_however_far_down_it_is():
    assert "▸ alone" in teach(plain(), "S up")
    assert "▸" in teach(plain(), "S end")
    assert "more line" not in teach(plain(), "S end")
    assert teach(plain(), "S pagedown down pageup up") == teach(plain(), "S")
    assert teach(plain(), "S down left tab") == teach(plain(), "S down")


def test_the_palette_presses_the_key_that_is_picked():
    app = plain()
    assert "Whose Raft? (3)" in teach(app, 'ctrl+p "whose" enter')
    app = plain()
    teach(app, 'ctrl+p "smallest" enter')
    assert app.desk.session.view().step == 1
    assert "put at the chosen member: x=1" in teach(plain(), "ctrl+p P enter", size=(120, 40))


def test_all_keys_stand_on_one_screen_of_120_by_40():
    seen = teach(plain(), "f1", size=(120, 40))
    assert "more line" not in seen
    assert "quit" in seen
    small = teach(plain(), "f1")
    assert "↓" in small
    assert teach(plain(), "f1 " + "pagedown " * 9).count("▲ here") == 1
    assert teach(plain(), "f1 " + "pagedown " * 9 + "pageup " * 9) == small


def test_pasted_words_go_where_words_are_typed():
    async def lecture() -> None:
        app = plain()
        async with app.run_test(size=(80, 24)) as pilot:
            for keys in ("S", "P"):
                await pilot.press(keys)
                app.post_message(Paste("cut\nq leader"))
                await pilot.pause()
                assert "cut q leader▏" in screen_text(app)
                await pilot.press("escape")
            app.post_message(Paste("nn"))
            await pilot.pause()
            assert app.desk.session.view().step == 0

    asyncio.run(lecture())


def test_ctrl_c_leaves_from_a_list_and_from_a_question():
    for opens in ("S", "f1", "P"):
        app = plain()
        teach(app, f"{opens} ctrl+c")
        assert app.return_code == 0
    assert "save this run?" in teach(plain(), "n S ctrl+q")


def test_a_terminal_that_shrinks_under_a_list_says_so_and_shows_the_list_again():
    async def lecture() -> None:
        app = plain()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("F")
            await pilot.resize_terminal(40, 10)
            await pilot.pause()
            assert "learnetcd needs" in screen_text(app)
            await pilot.resize_terminal(60, 16)
            await pilot.pause()
            assert "Whose Raft? (3)" in screen_text(app)

    asyncio.run(lecture())


def test_a_branch_is_compared_with_another_one_never_with_itself():
    other = "Enter goes to main"
    assert other in teach(plain(), "n home 1 T B enter")
    assert "You are on campaign at 0." in teach(plain(), "n home 1 T B down enter")
    assert "You are on main." in teach(plain(), "B enter")


# --- panes and mouse -----------------------------------------------------------------------------


def test_why_brings_its_pane_to_the_front_and_escape_sends_it_back():
    assert "▸WHY" in teach(plain(), "n ?")
    assert "▸NEXT" in teach(plain(), "n ? escape")


def test_the_invariants_are_shown_and_hidden_by_one_key():
    assert "election safety" in teach(plain(), "!")
    assert "▸NEXT" in teach(plain(), "! !")


def test_tab_goes_through_all_panes_and_back():
    there, back = plain(), plain()
    teach(there, "tab tab", size=(120, 40))
    assert there.gaze.focus == "explain"
    teach(back, "tab tab shift+tab shift+tab", size=(120, 40))
    assert back.gaze.focus == "next"


def test_arrows_choose_an_entry_and_why_is_about_it():
    app = Application(Desk(Session.open("cut-leader")))
    seen = teach(app, "j m right ?")
    assert app.desk.chosen is not None
    assert (app.desk.chosen.kind, app.desk.chosen.index) == ("entry", 1)
    assert "x=1" in seen.split("WHY")[1]


def test_the_logs_follow_the_chosen_entry_and_the_wheel():
    picture = replace(cut_leader_picture(), view=five_members(1000))
    assert "k1000=0" in teach(still(picture), "j m")
    seen = teach(still(picture), "j m " + "left " * 8)
    assert "k993=3" in seen
    assert "k1000=0" not in seen


def test_a_click_chooses_a_member_a_message_a_step_and_a_key():
    async def lecture() -> None:
        app = plain()
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.click("#members", offset=(1, 5))
            assert app.desk.member == 2
            await pilot.press("T")
            await pilot.click("#flight", offset=(10, 1))
            assert app.desk.chosen is not None
            assert app.desk.chosen.kind == "message"
            await pilot.click("#timeline", offset=(2, 0))
            assert app.desk.session.view().step == 0
            await pilot.click("#footer", offset=(1, 0))
            assert app.desk.session.view().step > 0

    asyncio.run(lecture())


def test_a_click_picks_a_row_and_the_wheel_moves_on():
    async def lecture() -> None:
        app = plain()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("F")
            line = next(y for y, row in enumerate(screen_text(app).split("\n")) if "3.5" in row)
            await pilot.click("#over", offset=(2, line))
            assert app.overlay is not None  # beside the frame is nothing to pick
            await pilot.click("#over", offset=(20, line))
            assert app.desk.session.view().profile == "etcd-3.5"
            assert app.overlay is None
            await pilot.press("F")
            app.on_pane_scrolled(Pane.Scrolled(app.panes[-1], 1))
            await pilot.pause()
            assert "▸      etcd-3.3" in screen_text(app)
            line = next(y for y, row in enumerate(screen_text(app).split("\n")) if "Esc" in row)
            await pilot.click("#over", offset=(10, line))
            assert app.overlay is None
            await pilot.click("#footer", offset=(1, 0))
            assert app.desk.session.view().step > 0

    asyncio.run(lecture())


# --- leaving -------------------------------------------------------------------------------------


def test_an_untouched_run_is_left_at_once():
    app = plain()
    teach(app, "q")
    assert app.return_code == 0


def test_an_unsaved_run_is_offered_to_be_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    app = plain()
    assert "save this run?" in teach(app, "n q")
    assert app.return_code is None
    app = plain()
    teach(app, 'n q "kept" enter')
    assert app.return_code == 0
    assert (tmp_path / "kept").exists()


# --- what a small screen has room for -------------------------------------------------------------


def test_of_a_vote_that_is_given_the_vote_is_seen():
    seen = teach(Application(Desk(Session.open("first-leader"))), "n .")
    assert "* S1 votes for S2 in term 1" in seen
    assert "it has not" in seen


def test_a_claim_and_a_complaint_are_read_to_their_end():
    seen = teach(Application(Desk(Session.open("cut-leader"))), "")
    assert "what it took in is\n removed when it comes back." in seen
    seen = teach(plain(), 'Z "foo" enter')
    assert "pause, remove, resume, skew, timer, transfer." in seen
    assert "F1 all keys" in teach(plain(), 'Z "foo" enter 1')


def test_what_is_asked_last_is_what_a_question_is_about():
    seen = teach(Application(Desk(Session.open("cut-leader"))), '1 G "x" enter ?')
    assert "c2 asked S1: get x. It was told: done, 1." in seen


def test_choices_are_shortened_alike():
    seen = teach(Application(Desk(Session.open("cut-leader"))), 'C "1|23" enter P "x=A" enter')
    assert "lose heartbeat S1→S2 " in seen
    assert "lose append S1→S2 " in seen
    assert ": cut" not in seen


def test_a_long_verdict_keeps_its_words():
    desk = Desk(Session.open("fig8"))
    desk.do("play")
    seen = teach(Application(desk), "end")
    assert "off: own-term   VIOLATED: same content and 3 more" in seen


def test_the_invariants_are_told_to_the_last():
    text = teach(plain(), "! " + "down " * 60)
    assert "All 20 held" not in text
    assert "more lines" not in text
    assert "All 20 held after every step so far." in teach(plain(), "!")


def test_scenes_stand_under_their_topics_and_are_found_by_them():
    seen = teach(plain(), "S")
    assert f"Scenes ({len(scene_names())})" in seen
    assert "│  elections " in seen
    assert "fast-clock" in teach(plain(), 'S "clocks"')
    assert teach(plain(), "S pagedown pagedown") != teach(plain(), "S")
    assert "A cluster of one" in teach(plain(), "S enter")


def test_a_cut_is_seen_however_close_the_rows_stand():
    seven = Application(Desk(Session.open(members=7)))
    seen = teach(seven, 'C "1|23" enter')
    assert " cut 1|23 " in seen.splitlines()[1]
    assert "═" not in seen
    small = teach(Application(Desk(Session.open())), 'C "1>3" enter', size=(60, 16))
    assert " cut 1>3 " in small.splitlines()[1]
    tall = teach(Application(Desk(Session.open(members=7))), 'C "1|23" enter', size=(120, 60))
    assert tall.count("═ cut 1|23 ═") == 1


def test_the_help_says_all_that_may_be_typed():
    assert "cut links (1|23, or one way: 1>3)" in teach(plain(), "f1", size=(120, 60))


def test_a_message_opens_to_its_cause_and_its_fields():
    seen = teach(Application(Desk(Session.open("fig8"))), "1 T j f down ?")
    assert "sender: S1" in seen
    assert "receiver: S2" in seen
    assert "last_term: 0" in seen
    assert "S1 is a candidate now, in term 1." in seen
    assert "drew a new" not in seen


def test_why_a_read_is_old_names_what_is_said_of_reads_and_not_so():
    app = Application(Desk(Session.open("cut-leader")))
    seen = teach(app, "G x enter j w ?", size=(120, 40))
    assert "~ all members are consistent," in seen.split("WHY")[1]
