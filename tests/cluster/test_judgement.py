"""Each way to break a promise is noticed; and a history that keeps them is left in peace."""

import json
from argparse import Namespace
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from learnetcd.api.http import HttpResponse
from learnetcd.checking.history import Operation, Told
from learnetcd.member.request import KeyRequest, Method
from learnetcd.survival import command
from learnetcd.survival.book import MOST_AHEAD, Book, Seen, seen_of
from learnetcd.survival.clients import Plain
from learnetcd.survival.judgement import judge
from learnetcd.survival.ordeal import Outcome

ONE = Seen(7, "set", "/trial/0/a", "c1-1")
TWO = Seen(8, "set", "/trial/0/b", "c2-1")
GONE = Seen(9, "delete", "/trial/0/a", None)


def store(*nodes):
    held = [{"key": one.key, "value": one.value, "modifiedIndex": one.index} for one in nodes]
    return {"etcd_index": 9, "tree": {"dir": True, "nodes": held}}


def a_book():
    book = Book(acknowledged=[ONE, GONE])
    book.watched = {"watcher 1": [ONE, TWO, GONE], "watcher 2": [ONE, TWO, GONE]}
    book.streams = [[TWO, GONE], []]
    return book


def findings(book, **stores):
    found, wrong, unknown = judge(book, stores or {"m1": store(TWO), "m2": store(TWO)})
    assert unknown == 0
    assert len(wrong) == sum("is not linearizable" in one for one in found)
    return found


def test_who_kept_its_word_is_left_in_peace():
    assert findings(a_book()) == ()


def test_a_lost_write_is_noticed():
    book = a_book()
    book.acknowledged.append(Seen(10, "set", "/trial/0/a", "c1-2"))
    assert any("acknowledged, and lost" in one for one in findings(book))


def test_a_write_that_is_done_twice_is_noticed():
    book = a_book()
    again = Seen(10, "set", "/trial/0/b", "c2-1")
    for seen in book.watched.values():
        seen.append(again)
    stores = {"m1": store(again)}
    assert findings(book, **stores) == ("the one request that writes c2-1 was done 2 times",)


def test_a_watcher_that_missed_an_event_is_noticed():
    book = a_book()
    book.watched["watcher 2"].remove(TWO)
    assert findings(book) == (f"watcher 2 missed {TWO}, which watcher 1 saw",)


def test_a_watcher_that_is_told_twice_is_noticed():
    book = a_book()
    book.watched["watcher 2"].insert(1, ONE)
    assert findings(book) == (f"watcher 2 saw {ONE} after {ONE}",)


def test_a_gap_in_a_stream_is_noticed():
    book = a_book()
    book.streams = [[ONE, GONE]]
    assert any(one.startswith("stream 1 saw 2 events where 3 happened") for one in findings(book))


def test_stores_that_differ_are_noticed():
    found = findings(a_book(), m1=store(TWO), m2=store(TWO, ONE))
    assert found == ("the stores of m1 and m2 differ",)


def test_stores_that_hold_something_else_than_what_happened_are_noticed():
    found = findings(a_book(), m1=store(ONE, TWO), m2=store(ONE, TWO))
    assert found == ("/trial/0/a: the history leaves None, the stores hold (7, 'c1-1')",)


def test_a_read_of_the_past_is_noticed():
    book = a_book()
    put = KeyRequest(Method.PUT, "/trial/0/b", "c2-1")
    get = KeyRequest(Method.GET, "/trial/0/b")
    book.operations["/trial/0/b"] = [
        Operation("c2", 1.0, 2.0, put, Told(True, None)),
        Operation("c1", 3.0, 4.0, get, Told(False, None)),
    ]
    (found,) = findings(book)
    assert found.startswith("/trial/0/b is not linearizable")


def test_an_answer_says_what_the_key_held_and_what_it_holds():
    async def play():
        book = Book()
        client = Plain("c1", ["http://m1"], book, Random(1))
        put = KeyRequest(Method.PUT, "/trial/0/a", "new")
        node = {"key": "/trial/0/a", "value": "new", "modifiedIndex": 12, "createdIndex": 12}
        done = {"action": "set", "node": node, "prevNode": {**node, "value": "old"}}
        refused = {"errorCode": 101, "message": "Compare failed", "index": 12}
        answers = [
            HttpResponse(200, (("x-etcd-index", "12"),), json.dumps(done).encode()),
            HttpResponse(412, (), json.dumps(refused).encode()),
            HttpResponse(503, ()),
            HttpResponse(503, ()),
        ]
        asked = Answering(answers)
        for request in (put, put, put, KeyRequest(Method.GET, "/trial/0/a")):
            await client.ask(asked, request)
        assert asked.answers == []
        return book, done

    book, said = trio.run(play)
    done, refused, unknown = book.operations["/trial/0/a"]  # the read that failed is none
    assert done.told == Told(True, "old")
    assert refused.told is not None
    assert not refused.told.done
    assert (unknown.returned, unknown.told, book.open_ends) == (None, None, 1)
    assert book.acknowledged == [seen_of(said)] == [Seen(12, "set", "/trial/0/a", "new")]


def test_clients_wait_for_a_watcher_who_is_far_behind():
    """A member keeps the last thousand events, and no watcher may miss one."""

    async def play():
        book = a_book()
        book.acknowledged.append(Seen(GONE.index + MOST_AHEAD + 1, "set", "/trial/0/a", "c1-2"))
        gone = json.dumps({"errorCode": 100, "index": 400}).encode()
        asked = Answering([HttpResponse(404, (), gone)])
        client = Plain("c1", ["http://m1"], book, Random(1))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(client.ask, asked, KeyRequest(Method.GET, "/trial/0/a"))
            await trio.sleep(1)
            assert asked.answers
            for seen in book.watched.values():
                seen.append(Seen(GONE.index + 1, "set", "/trial/0/a", "c1-1"))
        assert not asked.answers

    trio.run(play, clock=MockClock(autojump_threshold=0))


class Answering:
    """Gives these answers, one after the other."""

    def __init__(self, answers):
        self.answers = answers

    async def request(self, *_):
        return self.answers.pop(0)


def test_a_history_that_does_not_fit_is_drawn_beside_the_journals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    book = a_book()
    put, get = (KeyRequest(method, "/trial/0/b", "c2-1") for method in (Method.PUT, Method.GET))
    book.operations["/trial/0/b"] = [
        Operation("c2", 1.0, 2.0, put, Told(True, None)),
        Operation("c1", 3.0, 4.0, get, Told(False, None)),
    ]
    judged = judge(book, {"m1": store(TWO)})
    outcome = Outcome(findings=judged.findings, wrong=judged.wrong)
    monkeypatch.setattr(command, "survive", lambda *_: outcome)
    monkeypatch.setattr(command.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    assert command.run(Namespace(seed=1, minutes=1.0, etcd=0)) == 1
    said = capsys.readouterr().out
    assert f"{tmp_path}/trial-0-b.svg shows which answer about /trial/0/b does not fit." in said
    assert "c1 get trial/0/b: nothing there" in (tmp_path / "trial-0-b.svg").read_text("utf-8")
