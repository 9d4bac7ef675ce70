"""Flags are read as Go and urfave/cli 1.22 read them; each row was tried on etcdctl."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.ctl.flags import Flag, Kind, Misused, duration, in_order, number, parse
from learnetcd.ctl.verbs import VERBS, find

RECURSIVE = find("exec-watch").flags
SET = find("set").flags


@pytest.mark.parametrize(
    ("flags", "typed", "read"),
    [
        (SET, "/k v --ttl 5", "--ttl 5 /k v"),
        (SET, "/k --ttl=5 v", "--ttl=5 /k v"),
        (SET, "/k v -ttl 5", "-ttl 5 /k v"),
        (SET, "--ttl -5 /k v", "--ttl -5 /k v"),
        (SET, "/k -x", "/k -x"),
        (SET, "-- /k --ttl 5", "-- /k --ttl 5"),
        # Nobody looks whether a flag takes a value: the word after it goes with it.
        (RECURSIVE, "a b -r c", "-r c a b"),
        # So the `--` is lost on the way if no flag stands in front.
        (RECURSIVE, "/k -- sh -c ls", "-- /k sh -c ls"),
        (RECURSIVE, "-r /k -- sh -c ls", "-r /k -- sh -c ls"),
        (RECURSIVE, "--recursive=true /k -- sh", "--recursive=true -- /k sh"),
    ],
)
def test_the_flags_of_a_verb_go_to_the_front(flags, typed, read):
    assert in_order(flags, typed.split()) == read.split()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("---ttl 5", "bad flag syntax: ---ttl"),
        ("--=5", "bad flag syntax: --=5"),
        ("-=5", "bad flag syntax: -=5"),
        ("--bogus=3", "flag provided but not defined: -bogus"),
        ("--ttl", "flag needs an argument: -ttl"),
        ("--ttl x", 'invalid value "x" for flag -ttl: parse error'),
        ("--ttl=", 'invalid value "" for flag -ttl: parse error'),
        ("--ttl 1.5", 'invalid value "1.5" for flag -ttl: parse error'),
        (f"--ttl {2**63}", f'invalid value "{2**63}" for flag -ttl: value out of range'),
    ],
)
def test_what_makes_no_sense_is_refused_in_gos_words(words, complaint):
    with pytest.raises(Misused) as refused:
        parse(SET, words.split())
    assert str(refused.value) == complaint


@pytest.mark.parametrize("text", ["maybe", "", "yes", "TrUe"])
def test_a_switch_takes_gos_words_for_yes_and_no_alone(text):
    with pytest.raises(Misused, match="invalid boolean value"):
        parse(RECURSIVE, [f"--recursive={text}"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x10", 16), ("010", 8), ("0b11", 3), ("-5", -5), ("+5", 5), ("0", 0), ("12", 12)]
    + [(text, None) for text in ("", " 5", "5 ", "1e3", "08", "0x", "--5", "½")],
)
def test_numbers_are_gos(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2), ("1h2m3.5s", 3723.5), ("100ms", 0.1), ("0", 0), ("-1s", -1), (".5s", 0.5)]
    + [(text, None) for text in ("5", "", "s", "bad", "1", "1s ", "--1s", "1x", "1s1")],
)
def test_durations_are_gos(text, seconds):
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


FLAGS = (Flag(("s",), Kind.SWITCH, ""), Flag(("text", "t"), Kind.TEXT, ""))
WORDS = st.lists(st.sampled_from(["-s", "--text", "-t=1", "--", "-", "a", "-x", "--s=true"]))


@given(WORDS)
def test_putting_words_in_order_loses_none_and_adds_none(words):
    assert sorted(in_order(FLAGS, words)) == sorted(words)


@given(st.lists(st.text(alphabet="abc/_", min_size=1), max_size=4))
def test_words_without_a_dash_are_arguments_in_their_order(words):
    assert parse(FLAGS, in_order(FLAGS, words)) == ({}, words)


def test_each_verb_has_its_name_once():
    names = [verb.name for verb in VERBS]
    assert len(set(names)) == len(names)
