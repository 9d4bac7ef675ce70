"""The poller: who is told when, and what leaves together."""

from functools import partial

from learnetcd.runtime.poller import Poller


def test_what_comes_of_a_round_leaves_at_its_end_and_anything_else_at_once():
    poller = Poller()
    said: list[str] = []

    def answer(name: str) -> None:
        said.append(f"{name} is answered")
        poller.at_the_end(partial(said.append, f"{name} is sent to"))

    def answer_two() -> None:
        answer("7")
        poller.in_a_round(partial(answer, "12"))  # which is part of this round

    poller.in_a_round(answer_two)
    assert said == ["7 is answered", "12 is answered", "7 is sent to", "12 is sent to"]
    answer("9")
    assert said[4:] == ["9 is answered", "9 is sent to"]
    poller.close()
