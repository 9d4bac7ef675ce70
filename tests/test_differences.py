"""Every `Differs:` of the sources is listed, with the place where it is said."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from learnetcd import cli
from learnetcd.differences import ROOT, Difference, differences, in_page

PAGE = '''"""A page.

Differs: etcd does one thing,
we the other.

Source: etcd. Differs: said here as well. Next page: `x`.
"""


class Clock:
    """A clock. Differs: in one line."""

    def tick(self):
        # Differs: etcd waits here,
        # we do not.
        return None

    async def tock(self):
        pass  # `Differs:` is only a word here
'''


def test_what_is_said_is_found_to_its_end_and_with_its_place():
    assert list(in_page("learnetcd.page", PAGE)) == [
        Difference("learnetcd.page", 3, "etcd does one thing, we the other."),
        Difference("learnetcd.page", 6, "said here as well."),
        Difference("learnetcd.page:Clock", 11, "in one line."),
        Difference("learnetcd.page:Clock.tick", 14, "etcd waits here, we do not."),
    ]


def test_none_is_missed():
    """As many as the word is there, beginning a sentence."""
    texts = [path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py")]
    said = sum(len(re.findall(r"(?<!`)\bDiffers: ", text)) for text in texts)
    assert said == len(list(differences())) > 40


@pytest.mark.parametrize("one", [*differences()], ids=lambda one: f"{one.symbol} {one.line}")
def test_each_difference_is_a_sentence_in_a_place_that_exists(one: Difference):
    module, _, name = one.symbol.partition(":")
    file = Path(*module.split(".")).with_suffix(".py")
    folder = Path(*module.split("."), "__init__.py")
    assert (ROOT.parent / file).exists() or (ROOT.parent / folder).exists()
    if name:
        assert reduce(getattr, name.split("."), import_module(module)) is not None
    assert one.sentence.endswith((".", ")"))
    assert len(one.sentence) > 25


def test_the_command_lists_them_all_or_those_about_a_word(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["differences"]) == 0
    assert f"{len(list(differences()))} differences." in capsys.readouterr().out
    assert cli.main(["differences", "padding"]) == 0
    said = capsys.readouterr().out
    assert "learnetcd.disk.record" in said
    assert "learnetcd.store" not in said
    assert cli.main(["differences", "quaternions"]) == 2
    assert "No difference has to do with 'quaternions'" in capsys.readouterr().err
