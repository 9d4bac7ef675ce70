"""What a simulated client would send and get over HTTP, and what the lines of it mean."""

import json

from learnetcd.session.session import Session
from tests.session.demos import Simulated


def exchange_of(session: Session, number: int):
    return next(one for one in session.view().clients if one.id == number).exchange()


def meanings(pieces):
    return {piece.data.partition(b":")[0].decode(): piece.text for piece in pieces}


def test_a_write_that_waits_has_been_asked_and_told_nothing():
    session = Session.open("cut-leader")
    found = exchange_of(session, session.put(1, "x", "a b", ttl=9))
    assert b"".join(piece.data for piece in found.asked) == (
        b"PUT /v2/keys/x HTTP/1.1\r\nHost: S1:2379\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 15\r\n\r\n"
        b"ttl=9&value=a+b"
    )
    assert (found.told, found.silence) == ((), "")
    assert found.curl == "curl -X PUT http://S1:2379/v2/keys/x -d 'ttl=9&value=a+b'"


def test_an_answer_says_how_far_the_member_was():
    session = Session.open("cut-leader")
    number = session.put(1, "x", "2")
    session.run_until("quiet")
    told = exchange_of(session, number).told
    assert told[0].data == b"HTTP/1.1 200 OK\r\n"
    assert b"X-Etcd-Index: 2\r\n" in [piece.data for piece in told]
    assert meanings(told)["X-Raft-Index"] == "up to here it has applied the log"
    assert json.loads(told[-1].data)["node"]["modifiedIndex"] == 2
    assert told[-1].text == "done at etcd index 2"


def test_a_time_out_is_an_answer_and_a_broken_connection_is_none():
    demo = Simulated("one-write")
    demo.play("P 1 x=1; n; n")
    demo.play("P 1 x=2; n; n; K 3; K 1; P 2 x=3; space 8")
    told = demo.client("put x=3 → S2").exchange().told
    assert told[0].data == b"HTTP/1.1 500 Internal Server Error\r\n"
    assert json.loads(told[-1].data)["errorCode"] == 300
    nobody = exchange_of(demo.session, demo.session.put(3, "x", "4"))
    assert nobody.silence == "nothing: nobody listens at S3"
    number = demo.session.put(2, "x", "5")
    demo.session.crash(2)
    broken = exchange_of(demo.session, number)
    assert broken.told == ()
    assert broken.silence.startswith("nothing: the connection to S2 is broken")


def test_who_watches_is_told_that_it_is_heard_and_then_of_each_event():
    session = Session.open("cut-leader")
    number = session.watch(1, "x", stream=True)
    session.forward()
    session.put(1, "x", "8")
    session.run_until("quiet")
    found = exchange_of(session, number)
    assert found.told[0].text == "it is heard: an event follows when there is one"
    assert json.loads(found.told[-1].data)["node"]["value"] == "8"
    assert "watch --recursive --forever /x" in found.etcdctl


def test_what_no_client_of_etcd_can_ask_has_no_bytes():
    session = Session.open("cut-leader")
    found = exchange_of(session, session.get(1, "x", "index"))
    assert (found.curl, found.etcdctl, found.asked) == ("", "", ())
