"""Why prices move: volatility that wanders around 1, and news."""

from __future__ import annotations

from random import Random
from statistics import fmean

from services.simulator.market_forces import STEPS_PER_S, Force

NEVER = 1e18


def test_volatility_wanders_and_is_one_on_average() -> None:
    squares = []
    for seed in range(8):
        force = Force(Random(seed), NEVER)
        for _ in range(20_000):
            force.pass_second()
            squares.append(force.volatility**2)
    assert 0.7 < fmean(squares) < 1.4
    assert min(squares) < 0.1
    assert max(squares) > 5


def test_news_moves_the_price_once_by_minutes_worth_and_leaves_excitement_that_dies_away() -> None:
    force = Force(Random(3), 1.0)
    calm = force.volatility
    force.pass_second()
    force.news_every_s = NEVER
    excited = force.volatility
    first, second = force.move(), force.move()
    assert abs(first) > (60 * STEPS_PER_S) ** 0.5 > 4 * abs(second)
    assert excited > 1.5 * calm
    for _ in range(1_800):
        force.pass_second()
    assert force.excitement < 0.02


def test_a_force_goes_on_as_it_was_saved() -> None:
    force = Force(Random(3), 5.0)
    for _ in range(10):
        force.pass_second()
    other = Force(Random(0), 5.0)
    other.restore(force.saved())
    other.random.setstate(force.random.getstate())
    for _ in range(50):
        force.pass_second()
        other.pass_second()
        assert force.move() == other.move()
