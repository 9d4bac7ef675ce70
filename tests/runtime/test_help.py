"""The help of `learnetcd serve`."""

import re

import pytest

from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.flags import FLAGS, Fate
from learnetcd.runtime.help import help_text


def test_the_help_names_every_flag_once_and_says_what_becomes_of_it():
    text = help_text()
    flags_text = text[text.index("Where settings come from") :]
    for flag in FLAGS:
        mentioned = re.findall(rf"(?m)--{flag.name}(?:,| '|$)", flags_text)
        assert len(mentioned) == 1, flag.name
    honoured, rest = flags_text.split("Refused, if asked")
    for flag in FLAGS:
        assert (f"--{flag.name} '{flag.default}'" in honoured) == (flag.fate is Fate.HONOURED)
        assert flag.help in (honoured if flag.fate is Fate.HONOURED else rest)


@pytest.mark.parametrize("line", re.findall("(?m)^  learnetcd serve.*$", help_text()))
def test_every_example_of_the_help_can_be_typed(line: str):
    [_, _, *words] = line.strip().split("  ")[0].split()
    read_settings(words, {}, lambda path: "")


def test_the_help_fits_a_terminal():
    assert max(map(len, help_text().splitlines())) <= 100
