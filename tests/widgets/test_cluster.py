"""A cluster in a notebook, without a browser: what is typed, what is told, what is shown."""

import threading
import xml.etree.ElementTree as ElementTree

import pytest

from learnetcd.desk.desk import ACTS
from learnetcd.desk.keys import KEYS
from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session
from learnetcd.widgets import Cluster
from learnetcd.widgets.looks import style_sheet
from learnetcd.widgets.seat import KEYS_HERE, LEFT_TO_THE_BROWSER, NAMED, target_of


def tell(cluster: Cluster, **told: object) -> None:
    """As the browser does."""
    cluster._hear(cluster, told, [])


def pane(cluster: Cluster, name: str) -> str:
    return next(one["body"] for one in cluster.shown["panes"] if one["name"] == name)


def words(cluster: Cluster, name: str) -> str:
    return "".join(ElementTree.fromstring(f"<div>{pane(cluster, name)}</div>").itertext())


@pytest.fixture
def c():
    cluster = Cluster(3, profile="paper", seed=7)
    yield cluster
    cluster.close()


# --- what is typed ------------------------------------------------------------------------------


def test_what_is_typed_is_told_in_sentences_and_shown(c: Cluster):
    told = c.forward("change")
    assert "S2 votes for itself and stands in term 1" in str(told)
    assert "[Raft §5.2]" in repr(told)
    assert "candidate" in words(c, "ring")
    assert "S2 is a candidate now, in term 1." in c.shown["said"]


def test_what_is_typed_does_what_the_session_does(c: Cluster):
    session = Session.open(members=3, profile="paper", seed=7)
    c.run_until("leader")
    session.run_until("leader")
    c.put("S2", "x", "1")
    session.put(2, "x", "1")
    c.crash(1)
    session.crash(1)
    c.cut("1|23")
    session.cut("1|23")
    c.forward(Grain.EFFECT)
    session.forward(Grain.EFFECT)
    assert c.session.digest() == session.digest()


def test_run_until_is_a_condition(c: Cluster):
    assert c.run_until("leader")
    assert not c.run_until("S1 leads", limit_ms=100)
    assert str(c.run_until("leader")).startswith("leader: true at")


def test_back_undo_and_branches_can_be_typed(c: Cluster):
    c.run_until("leader")
    length = c.view().length
    assert str(c.back()) == f"At step {c.view().step} of branch main."
    c.undo()
    assert c.view().step == length
    c.seek(3)
    c.crash("S1")
    assert c.view().branch == "crash at 3"
    c.switch("main")
    assert c.view().branch == "main"


def test_why_answers_as_on_the_screen(c: Cluster):
    c.run_until("leader")
    assert c.put(2, "x", "1").request == 1
    assert str(c.why("S2", 1)).startswith("x=1 is not committed.\n- durable at S2: 1 of 2 needed")
    assert "leads term 1" in c.why("S2").title
    assert c.why("term 1").title
    assert c.why("c1").title


def test_what_cannot_be_done_is_one_sentence(c: Cluster):
    for attempt in (
        lambda: c.crash(9),
        lambda: c.cut("nonsense"),
        lambda: c.draw("nonsense"),
        lambda: c.rows("nonsense"),
        lambda: c.forward("nonsense"),
        lambda: c.choose(99),
        lambda: c.why("nonsense"),
        lambda: c.forward(10),
        lambda: c.seek("end"),
        lambda: c.run_until(5),
        lambda: c.cut(1),
        lambda: c.crash(None),
        lambda: c.put(1, "x", 5),
        lambda: c.put(1, "x", "5", "soon"),
        lambda: c.get(1, None),
        lambda: c.why(1, "x"),
        lambda: c.draw(5),
        lambda: c.rows(5),
        lambda: Cluster("cut-leader"),
        lambda: Cluster(seed="x"),
        lambda: Cluster(scene="nonsense"),
        lambda: Cluster(3, recording="x"),
        lambda: Cluster(recording="/nowhere/at-all"),
    ):
        with pytest.raises(UserError) as found:
            attempt()
        assert found.value._render_traceback_() == [str(found.value)]


def test_rows_are_plain(c: Cluster):
    c.run_until("leader")
    c.put(2, "x", "1")
    rows = c.rows()
    assert rows[0]["member"] == "S2"
    assert {row["sentence"] for row in rows} >= {"S2 is a candidate now, in term 1."}
    assert [row["role"] for row in c.rows("members")] == ["follower", "leader", "follower"]
    assert c.rows("entries")[0]["entry"] == "x=1"
    assert {"sender": "S2", "receiver": "S3"}.items() <= c.rows("messages")[-1].items()
    assert c.rows("clients")[0]["asked"] == "put x=1 → S2"


def test_every_picture_can_be_drawn(c: Cluster):
    c.run_until("leader")
    c.put(2, "x", "1")
    c.run_until("quiet")
    for picture in ("now", "space-time", "causes", "operations", "roles", "quorums"):
        assert c.draw(picture).text


def test_a_recording_opens_with_its_past(c: Cluster, tmp_path):
    c.run_until("leader")
    c.save(tmp_path / "run.recording")
    again = Cluster(recording=tmp_path / "run.recording")
    assert again.session.digest() == c.session.digest()
    again.close()


# --- what the browser tells ---------------------------------------------------------------------


def test_each_key_of_the_table_means_something_or_is_left_to_the_browser():
    for key in KEYS:
        assert (key in KEYS_HERE) != (key.act in LEFT_TO_THE_BROWSER)
    assert {".", ",", "n", " ", "PageDown", "P", "?", "F1", "Escape", "1"} <= set(NAMED)


def test_keys_and_buttons_step(c: Cluster):
    tell(c, key="n")
    assert c.view().step > 0
    assert "vote request" in words(c, "flight")
    assert words(c, "next").startswith("▸deliver vote request")
    step = c.view().step
    tell(c, target="choice 0")
    assert c.view().step == step + 1
    tell(c, key=",")
    assert c.view().step < step + 1
    tell(c, target="step 0")
    assert c.view().step == 0


def test_a_key_that_needs_words_asks_for_them(c: Cluster):
    c.run_until("leader")
    tell(c, key="2")
    tell(c, key="P")
    assert "put at S2: x=1" in words(c, "ask")
    tell(c, act="put", words="x=1")
    assert words(c, "ask") == ""
    assert "put x=1 → S2" in words(c, "clients")
    tell(c, key="P")
    tell(c, key="Escape")
    assert words(c, "ask") == ""
    tell(c, act="put", words="")
    assert "Type a key and a value, as in x=1." in words(c, "head")


def test_lists_are_picked_from(c: Cluster):
    tell(c, key="S")
    assert "cut-leader" in words(c, "ask")
    tell(c, act="scene", words="cut-leader")
    assert c.view().scene == "cut-leader"
    tell(c, key="F1")
    assert "one step: a message arrives, or a timer fires" in words(c, "ask")


def test_what_is_pressed_in_a_picture_is_explained(c: Cluster):
    c.run_until("leader")
    c.put(2, "x", "1")
    tell(c, target="entry 2 1")
    assert "x=1 is not committed." in words(c, "why")
    tell(c, target="member 3")
    assert "Keys act on S3 now." in words(c, "head")
    tell(c, target="member 3")
    assert words(c, "why").startswith("S3")
    with pytest.raises(UserError):
        target_of("nonsense 1")


def test_what_is_said_and_not_so_is_struck_through(c: Cluster):
    c.run_until("leader")
    c.get(2, "x")
    tell(c, target="client 1")
    assert "<s>all members are consistent, so read from any</s>" in pane(c, "why")


def test_a_cluster_that_runs_goes_on_with_each_pulse(c: Cluster):
    tell(c, key=" ")
    assert c.shown["running"] is True
    before = c.session.view().now_ms
    c.seat.pulsed_at -= 1
    tell(c, pulse=True)
    assert c.session.view().now_ms > before
    tell(c, key=" ")
    assert c.shown["running"] is False


def test_nobody_is_sent_what_they_have(c: Cluster):
    sent = []
    c.observe(lambda change: sent.append(1), "shown")
    tell(c, pulse=True)
    tell(c, key="no such key")
    assert sent == []
    tell(c, key="n")
    assert sent == [1]


def test_every_act_of_the_desk_is_told_as_such():
    assert {key.act for key in KEYS_HERE if key.asks} <= set(ACTS)


def test_threads_take_turns(c: Cluster):
    def step():
        for _ in range(10):
            tell(c, key="e")

    threads = [threading.Thread(target=step) for _ in range(4)]
    for one in threads:
        one.start()
    for _ in range(10):
        c.forward("effect")
    for one in threads:
        one.join()
    assert c.view().step == 50
    assert c.shown["step"] == 50


# --- what is shown ------------------------------------------------------------------------------


def test_every_pane_is_well_formed_whatever_clients_wrote(c: Cluster):
    c.run_until("leader")
    c.put(2, "<script>", '"><img src=x>')
    c.run_until("quiet")
    tell(c, target="client 1")
    for one in c.shown["panes"]:
        root = ElementTree.fromstring(f"<div>{one['body']}</div>")
        assert not root.findall(".//script")
        assert not root.findall(".//img")


def test_buttons_are_buttons_with_words(c: Cluster):
    c.run_until("leader")
    for one in c.shown["panes"]:
        root = ElementTree.fromstring(f"<div>{one['body']}</div>")
        for button in root.iter("button"):
            assert "".join(button.itertext()).strip()
        for field in root.iter("input"):
            assert field in [child for label in root.iter("label") for child in label]


def test_without_a_kernel_there_is_the_picture_and_its_words(c: Cluster):
    c.run_until("leader")
    data, _ = c._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    root = ElementTree.fromstring(data["image/svg+xml"])
    assert root[0].text.startswith("3 members, profile paper, at ")
    assert "S2 ◆ leader, term 1" in data["text/plain"]
    assert repr(c) == data["text/plain"]


def test_the_page_has_the_colours_of_the_figures_and_asks_nobody_else():
    sheet = style_sheet()
    assert '.learnetcd[data-ground="dark"]{--paper:' in sheet
    assert "http" not in sheet
    assert "@import" not in sheet
    assert "http" not in str(Cluster._esm)
