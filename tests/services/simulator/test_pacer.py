"""Time in equal steps, however it passes."""

import pytest

from services.simulator.pacer import Pacer


@pytest.mark.parametrize("turns", [[1.0], [0.25] * 4, [0.003] * 300 + [0.1], [0.015, 0.985]])
def test_a_second_is_fifty_steps_however_it_is_cut(turns: list[float]) -> None:
    pacer, now = Pacer(2.0, 100.0), 100.0
    steps = 0
    for turn in turns:
        now += turn
        steps += pacer.due(now)
    assert steps in (49, 50)
    assert pacer.step_us == 40_000


def test_of_a_stretch_that_was_missed_a_second_is_made_up() -> None:
    pacer = Pacer(1.0, 0.0)
    assert not pacer.missed(1.0)
    assert pacer.missed(30.0)
    assert pacer.due(30.0) == 50
    assert pacer.due(30.02) in (0, 1)


def test_time_before_it_begins_does_not_count() -> None:
    pacer = Pacer(1.0, 0.0)
    pacer.begin(50.0)
    assert pacer.due(50.01) == 0
    assert pacer.due(50.03) == 1


def test_the_slowest_market_moves() -> None:
    assert Pacer(0.000001, 0.0).step_us == 1
