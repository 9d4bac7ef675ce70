"""What a gate holds back, and in which order it lets it go."""

from learnetcd.runtime.gates import Gate, Gates


def test_what_comes_to_an_open_gate_is_done_at_once():
    done = []
    Gate("written").then(lambda: done.append(1))
    assert done == [1]


def test_what_comes_to_a_held_gate_waits_in_order():
    gate, done = Gate("written"), []
    gate.hold()
    for number in range(3):
        gate.then(lambda number=number: done.append(number))
    assert done == []
    assert gate.let_one_through()
    assert done == [0]
    gate.release()
    assert done == [0, 1, 2]
    assert not gate.let_one_through()


def test_what_comes_while_a_gate_is_released_may_be_held_again():
    gate, done = Gate("written"), []
    gate.hold()
    gate.then(gate.hold)
    gate.then(lambda: done.append("behind"))
    gate.release()
    assert done == []
    assert len(gate.waiting) == 1


def test_a_member_has_a_gate_behind_each_of_the_ten_moments():
    gates = Gates()
    assert {name: getattr(gates, name).name for name in Gates.__slots__} == {
        name: name
        for name in [
            "answered",
            "applied",
            "committed",
            "delivered",
            "due",
            "proposed",
            "received",
            "sent",
            "synced",
            "written",
        ]
    }
