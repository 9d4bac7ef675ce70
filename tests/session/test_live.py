"""Real members, step by step: they do what the picture shows, and nothing else."""

import shutil
import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from learnetcd.errors import UserError
from learnetcd.raft.chance import draw
from learnetcd.runtime import connection, held_cluster, link
from learnetcd.session import signs
from learnetcd.session.session import Grain
from learnetcd.simulator.decisions import Impossible
from learnetcd.simulator.recording import Recording
from tests.session.live import Curl, go_until, put, ready, wait_for

pytestmark = pytest.mark.outside


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "data"
    shutil.rmtree(tmp_path)  # 64 MB for each member


def leader_of(session):
    return next(one.id for one in session.view().members if one.role == "leader")


def outcome_of(session, number):
    return next(one.outcome for one in session.view().clients if one.id == number)


def assert_that_members_and_picture_are_one(session):
    """Logs, commit indexes, stores: of the members, of the twin, of the recording."""
    assert session.live_mark() == session._world.mark()
    past = session.past()
    assert past._world.mark() == session.live_mark()
    assert past.state_lines() == session.state_lines()
    assert not session.view().violated


def test_nothing_happens_between_two_steps(folder):
    with ready(folder) as session:
        lines, view = session.state_lines(), session.view()
        assert not session.has_news()
        for url in session.client_urls:
            with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)):
                pass
        time.sleep(1.5)  # more than an election timeout, and many heartbeats
        assert session.state_lines() == lines
        assert (session.view().now_ms, session.view().step) == (view.now_ms, view.step)
        assert_that_members_and_picture_are_one(session)


@pytest.mark.parametrize("at_the_leader", [True, False])
def test_a_write_from_outside_hangs_until_the_step_at_which_it_is_applied_and_answered(
    folder, at_the_leader
):
    with ready(folder) as session:
        leader = leader_of(session)
        member = leader if at_the_leader else leader % 3 + 1
        curl = put(session, member, "msg", "hello")
        number = session.at_the_door()[0].request_id
        assert outcome_of(session, number) == "pending"
        assert session.choices()[0].text == f"S{member} takes c{number}: put msg=hello"
        while outcome_of(session, number) == "pending":
            assert curl.hangs
            applied = session.view().members[member - 1].applied_index
            session.forward(Grain.EFFECT)
        assert curl.outcome() == 201
        assert curl.said["node"]["value"] == "hello"
        view = session.view()
        assert view.members[member - 1].applied_index > applied
        told = [one.text for one in session.narration(view.step, view.step)]
        assert any(f"client c{number}" in text for text in told), told
        assert_that_members_and_picture_are_one(session)


def test_a_read_sees_what_was_written(folder):
    with ready(folder) as session:
        written = put(session, 1, "x", "1")
        go_until(session, lambda: not written.hangs)
        read = Curl(f"{session.client_urls[2]}/v2/keys/x?quorum=true")
        wait_for(session.at_the_door)
        go_until(session, lambda: not read.hangs)
        assert (read.status, read.said["node"]["value"]) == (200, "1")


def test_a_member_that_crashed_comes_back_with_what_its_files_hold(folder):
    with ready(folder) as session:
        leader = leader_of(session)
        other = leader % 3 + 1
        curl = put(session, leader, "x", "1")
        go_until(session, lambda: not curl.hangs)
        hanging = put(session, leader, "y", "2")
        session.forward(Grain.EFFECT)
        session.crash(leader)
        assert hanging.outcome() == 0, "its connection broke"
        assert session.view().members[leader - 1].role == "down"
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", urlsplit(session.client_urls[leader - 1]).port))
        session.run_until(f"S{other} leads or S{6 - leader - other} leads")
        session.restart(leader)
        go_until(session, lambda: session._cluster.places[leader].is_ready)
        read = Curl(f"{session.client_urls[leader - 1]}/v2/keys/x?quorum=true")
        wait_for(session.at_the_door)
        go_until(session, lambda: not read.hangs)
        assert read.said["node"]["value"] == "1"
        assert_that_members_and_picture_are_one(session)


def test_a_wall_stops_what_has_arrived_through_real_sockets(folder):
    with ready(folder) as session:
        leader = leader_of(session)
        others = "".join(str(one) for one in (1, 2, 3) if one != leader)
        session.cut(f"{leader}|{others}")
        curl = put(session, leader, "x", "1")
        session.run_until("time 10 s", 4000)
        assert curl.hangs
        assert leader_of(session) != leader or len({one.term for one in session.view().members}) > 1
        session.heal()
        session.run_until("quiet", 5000)
        assert_that_members_and_picture_are_one(session)


def test_a_paused_member_takes_nothing_and_its_client_waits(folder):
    with ready(folder) as session:
        member = leader_of(session) % 3 + 1
        session.pause(member)
        curl = put(session, member, "x", "1")
        for _ in range(20):
            session.forward()
        assert curl.hangs
        session.resume(member)
        go_until(session, lambda: not curl.hangs)
        assert curl.status == 201


@pytest.mark.parametrize("gate", ["received", "synced", "committed"])
def test_a_write_waits_at_each_gate_of_its_leader_that_is_held_while_the_others_run(folder, gate):
    with ready(folder) as session:
        leader = leader_of(session)
        session.hold_gate(leader, gate)
        curl = put(session, leader, "x", "1")
        session.advance(500)
        assert curl.hangs
        held = [one for one in session.choices() if one.text.startswith(f"held: S{leader}")]
        assert held, [one.text for one in session.choices()]
        if gate == "committed":
            session.choose(held[0])
            assert curl.outcome() == 201, "let through, once"
        session.open_gate(leader, gate)
        session.advance(500)
        assert curl.outcome() == 201
        assert_that_members_and_picture_are_one(session)


def test_what_was_sent_to_an_earlier_life_of_a_member_is_lost_and_nobody_waits_for_it(
    folder, monkeypatch
):
    monkeypatch.setattr(held_cluster, "LOST_S", 60)
    with ready(folder) as session:
        leader = leader_of(session)
        other = leader % 3 + 1
        for number in range(3):
            session.put(leader, "x", str(number))
        session.run_until(f"S{leader} stored 11")
        before = [one.link for one in session.view().packets]
        assert before.count((leader, other)) >= 3
        session.crash(other)
        session.restart(other)
        began = time.monotonic()
        session.run_until("all applied 11")
        assert time.monotonic() - began < 30
        assert any("lost" in one.text for one in session.narration(1, session.view().step))
        assert_that_members_and_picture_are_one(session)


@pytest.mark.parametrize(
    ("condition", "hangs"), [("stored 9", True), ("committed 9", True), ("S1 applied x=1", False)]
)
def test_a_condition_holds_all_members_at_the_step_at_which_it_comes_true(folder, condition, hangs):
    with ready(folder) as session:
        curl = put(session, 1, "x", "1")
        assert session.run_until(condition).came_true
        lines = session.state_lines()
        if not hangs:
            assert curl.outcome() == 201
        time.sleep(0.3)
        assert curl.hangs is hangs
        assert session.state_lines() == lines
        assert_that_members_and_picture_are_one(session)
        go_until(session, lambda: not curl.hangs)


def test_a_gate_held_for_ten_times_the_patience_of_all_links_is_released_and_the_cluster_goes_on(
    folder, monkeypatch
):
    """Not ten minutes: who would give up meanwhile has less patience here.

    The clock of the members stands still, so only what runs by the clock on the wall could give up:
    links that hear nothing, and connections that are idle.
    """
    monkeypatch.setattr(link, "SILENCE_S", 0.2)
    monkeypatch.setattr(link, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(connection, "IDLE_S", 1)
    with ready(folder) as session:
        leader = leader_of(session)
        session.hold_gate(leader, "committed")
        curl = put(session, leader, "x", "1")
        session.advance(200)
        held = session.state_lines()
        time.sleep(2)
        assert (curl.hangs, session.state_lines()) == (True, held)
        session.open_gate(leader, "committed")
        session.advance(500)
        assert curl.outcome() == 201
        following = put(session, leader % 3 + 1, "y", "1")
        go_until(session, lambda: not following.hangs)
        assert following.status == 201
        assert_that_members_and_picture_are_one(session)


def test_who_asks_for_health_has_patience_by_the_clock_of_the_members(folder):
    with ready(folder) as session:
        curl = Curl(f"{session.client_urls[0]}/health")
        wait_for(session.at_the_door)
        go_until(session, lambda: not curl.hangs)
        assert (curl.status, curl.said) == (200, {"health": "true"})
        session.cut("1|2|3")
        curl = Curl(f"{session.client_urls[0]}/health")
        wait_for(session.at_the_door)
        session.advance(900)
        assert curl.hangs
        session.advance(200)
        assert curl.outcome() == 503
        assert_that_members_and_picture_are_one(session)


def test_a_hundred_clients_at_once_are_all_answered(folder):
    with ready(folder) as session:
        keys = session.client_urls[0] + "/v2/keys/k"
        curls = [Curl(f"{keys}{number}", "PUT", b"value=1") for number in range(100)]
        wait_for(lambda: len(session.at_the_door()) == 100)
        go_until(session, lambda: not any(curl.hangs for curl in curls), Grain.TURN)
        assert {curl.status for curl in curls} == {201}
        assert_that_members_and_picture_are_one(session)


def test_who_goes_away_while_a_member_is_asked_is_forgotten(folder):
    with ready(folder) as session:
        url = urlsplit(session.client_urls[0])
        with socket.create_connection((url.hostname, url.port)) as client:
            client.sendall(b"GET /v2/keys/x?wait=true HTTP/1.1\r\nHost: h\r\n\r\n")
            wait_for(session.at_the_door)
            number = session.at_the_door()[0].request_id
            session.forward()
            assert outcome_of(session, number) == "watching"
        wait_for(lambda: outcome_of(session, number) == "ended")
        assert_that_members_and_picture_are_one(session)


def test_there_is_no_way_back_but_the_past_can_be_opened(folder):
    with ready(folder) as session:
        for go in (session.back, session.undo, session.redo, lambda: session.seek(0)):
            with pytest.raises(UserError, match="the key v"):
                go()
        past = session.past()
        assert past.state_lines() == session.state_lines()
        past.back()
        past.crash(1)
        assert session.view().members[0].alive
        with pytest.raises(UserError, match="No server runs with a broken rule"):
            session.set_rule("vote-memory", False)


def test_a_member_that_fails_says_why_and_the_others_go_on(folder):
    with ready(folder) as session:
        member = leader_of(session) % 3 + 1

        async def fail():
            session._cluster.places[member].server.driver.fail(OSError("the disk is full"))

        session._reins.do(fail)
        wait_for(lambda: session._cluster.places[member].server is None)
        assert not session.view().members[member - 1].alive
        with pytest.raises(UserError, match=f"S{member} has stopped: the disk is full"):
            session.forward()
        curl = put(session, leader_of(session), "x", "1")
        go_until(session, lambda: not curl.hangs)
        assert curl.status == 201


def test_the_folder_of_a_cluster_can_be_opened_again(folder):
    with ready(folder) as session:
        curl = put(session, 1, "x", "1")
        go_until(session, lambda: not curl.hangs)
        urls = session.client_urls
    with ready(folder, seed=2) as session:
        assert session.client_urls == urls
        read = Curl(f"{session.client_urls[1]}/v2/keys/x?quorum=true")
        wait_for(session.at_the_door)
        go_until(session, lambda: not read.hangs)
        assert read.said["node"]["value"] == "1"
        assert_that_members_and_picture_are_one(session)


def test_a_member_alone_leads_and_answers(folder):
    with ready(folder, size=1) as session:
        curl = put(session, 1, "x", "1")
        go_until(session, lambda: not curl.hangs)
        assert curl.status == 201
        session.crash(1)
        session.restart(1)
        go_until(session, lambda: session._cluster.places[1].is_ready)
        assert_that_members_and_picture_are_one(session)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_recorded_of_a_rough_life_replays_to_the_same_logs_and_stores(folder, seed):
    """Clients, crashes, restarts, walls, pauses; at each step the twin is compared as well."""
    with ready(folder, seed=seed) as session:
        clients = []

        def chance(step, kind, below):
            return draw(seed, kind, step, below)

        for step in range(40):
            member = 1 + chance(step, 1, 3)
            is_up = session.view().members[member - 1].alive
            with suppress(UserError, Impossible):
                match chance(step, 2, 8):
                    case 0 | 1 | 2 if is_up and session._cluster.places[member].is_ready:
                        clients.append(put(session, member, f"k{step % 3}", step))
                    case 3:
                        session.cut(("1|23", "12|3", "2>3", "13|2")[chance(step, 3, 4)])
                    case 4:
                        session.heal()
                    case 5 if is_up:
                        session.crash(member)
                    case 6 if not is_up:
                        session.restart(member)
                    case 7 if is_up:
                        session.time_out(member)
            for _ in range(chance(step, 4, 12)):
                session.forward((Grain.EFFECT, Grain.MESSAGE)[step % 2])
        session.heal()
        for member in session.view().members:
            if not member.alive:
                session.restart(member.id)
        session.run_until("leader", 20_000)
        for _ in range(100):
            session.forward()
        assert_that_members_and_picture_are_one(session)
        assert session.view().step > 300
        assert any(one.status == 201 for one in clients)
        text = Recording.of(session._timeline).text()
        assert Recording.parse(text).play().world.mark() == session.live_mark()


# -- a proxy before them ----------------------------------------------------------------------


def test_what_a_proxy_passes_on_hangs_until_its_commit_is_stepped(folder):
    with ready(folder, proxy=True) as session:
        proxy = session.view().proxy
        assert not session.has_news()
        assert {*proxy.endpoints} == {"S1", "S2", "S3"}
        assert (proxy.avoided, proxy.under_way) == ((), ())
        curl = Curl(f"{session.proxy_url}/v2/keys/msg", "PUT", b"value=hello")
        wait_for(session.has_news)
        wait_for(session.at_the_door)
        asked = session.view().proxy.endpoints[0]
        assert session.view().proxy.under_way == (("PUT /v2/keys/msg", asked),)
        words = signs.proxy_words(session.view().proxy)
        assert words.endswith(f", PUT /v2/keys/msg waits for {asked}")
        assert session.view().clients[-1].text.endswith(f"→ {asked}")
        heard = session.view().clients[-1].exchange().asked
        told = [one.text for one in heard if one.data.startswith(b"x-forwarded-for: 127.0.0.1")]
        assert told == ["for whom a proxy asks"]
        go_until(session, lambda: not curl.hangs)
        assert curl.outcome() == 201
        assert session.view().proxy.under_way == ()
        assert_that_members_and_picture_are_one(session)


def test_a_proxy_asks_another_member_for_a_read_when_one_crashes_but_not_for_a_write(folder):
    with ready(folder, proxy=True) as session:
        url = f"{session.proxy_url}/v2/keys/msg"
        write = Curl(url, "PUT", b"value=hello")
        wait_for(session.at_the_door)
        read = Curl(url)
        wait_for(lambda: len(session.at_the_door()) == 2)
        first, second, third = session.view().proxy.endpoints
        session.crash(int(first[1:]))
        assert write.outcome() == 502
        wait_for(lambda: session.view().proxy.under_way == (("GET /v2/keys/msg", second),))
        proxy = session.view().proxy
        assert proxy.endpoints == (second, third)
        assert [name for name, _ in proxy.avoided] == [first]
        assert read.hangs
        wait_for(session.at_the_door)
        go_until(session, lambda: not read.hangs)
        assert read.outcome() == 404
