"""Clients in a session: times to live and watches, in pictures and in explanations."""

import pytest

from learnetcd.errors import UserError
from learnetcd.session.session import Session
from learnetcd.session.subjects import Subject


@pytest.fixture
def led():
    session = Session.open("cut-leader")
    session.act("heal")
    session.act("settle")
    return session


def shown(session, number):
    (client,) = [one for one in session.view().clients if one.id == number]
    return client.outcome, client.result


def test_a_watcher_is_shown_with_what_it_was_told(led):
    watcher = led.watch(1, "x", stream=True)
    assert shown(led, watcher) == ("watching", "")
    led.put(1, "x", "new", ttl=60)
    led.act("settle")
    assert shown(led, watcher) == ("watching", "set x=new ttl 60")
    led.cancel(watcher)
    assert shown(led, watcher) == ("ended", "set x=new ttl 60")


def test_a_client_that_there_is_not_can_not_go_away(led):
    with pytest.raises(UserError, match="There is no request c99"):
        led.cancel(99)


def test_why_a_watcher_was_told_or_not(led):
    watcher = led.watch(1, "x")
    why = led.why(Subject.client(watcher))
    assert "It was told nothing. Now: watching." in why.title
    led.put(1, "x", "new")
    led.act("settle")
    assert "It was told: set x=new. Now: told." in led.why(Subject.client(watcher)).title
