"""A session may be used from any thread."""

import threading

from learnetcd.errors import UserError
from learnetcd.session.session import Grain, Session


def in_threads(*works) -> list[BaseException]:
    """Run these at the same time; what they raised."""
    raised: list[BaseException] = []

    def guarded(work) -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_one_thread_steps_while_another_draws(led: Session):
    drawn = []

    def draw() -> None:
        for _ in range(80):
            view = led.view()
            for member in view.members:
                entries = member.entries(1, 50)
                assert len(entries) == member.last_index
                member.after_crash()
            led.narration(view.step - 3, view.step)
            drawn.append((view.step, led.choices()))

    def work() -> None:
        for number in range(40):
            led.put(1, "x", str(number))
            led.forward(Grain.MESSAGE)
            led.forward(Grain.EFFECT)
            led.back()

    assert in_threads(draw, work) == []
    assert len(drawn) == 80


def test_two_threads_that_act_leave_a_run_that_can_be_played_again(led: Session):
    def act(member: int):
        def work() -> None:
            for number in range(25):
                try:
                    led.put(member, "k", str(number))
                    led.forward(Grain.MESSAGE)
                    led.cut(f"{member}|1")
                    led.heal()
                except UserError:
                    pass

        return work

    assert in_threads(act(2), act(3)) == []
    end, step = led.digest(), led.view().step
    led.seek(0)
    led.seek(step)
    assert led.digest() == end


def test_a_long_run_lets_others_in_and_ends_when_somebody_moves(led: Session):
    reached = []
    started = threading.Event()

    def run() -> None:
        started.set()
        reached.append(led.run_until("S3 leads", limit_ms=100_000_000))

    def interrupt() -> None:
        started.wait()
        while not reached:
            led.crash(2) if led.view().members[1].alive else led.restart(2)

    assert in_threads(run, interrupt) == []
    assert not reached[0].came_true
    assert "somebody else moved" in reached[0].sentence
