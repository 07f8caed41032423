"""Intervals: what they hold, when there is none, and that they are the same every time."""

from math import comb, log

import pytest

from core.model.uncertainty import DRAWN_UP_TO, Z95, Interval, bootstrap_mean, expected_losing_run, wilson


def test_wilson_of_half_of_eight() -> None:
    found = wilson(4, 8)
    assert found is not None
    assert (round(found.low, 6), round(found.high, 6)) == (0.215216, 0.784784)


@pytest.mark.parametrize(("wins", "count"), [(0, 1), (1, 1), (0, 50), (50, 50), (7, 9), (300, 1000)])
def test_the_ends_of_wilson_are_the_shares_the_count_is_just_z_away_from(wins: int, count: int) -> None:
    found = wilson(wins, count)
    assert found is not None and 0 <= found.low <= wins / count <= found.high <= 1
    for share in (found.low, found.high):
        if 0 < share < 1:
            away = abs(wins / count - share) / (share * (1 - share) / count) ** 0.5
            assert away == pytest.approx(Z95)


def test_no_trades_have_no_interval() -> None:
    assert wilson(0, 0) is None
    assert bootstrap_mean([]) is None and bootstrap_mean([5.0]) is None


def test_the_bootstrap_is_the_same_every_time() -> None:
    values = [195.0, -105.0, 295.0, -55.0, 0.0, -155.0, 145.0, 95.0]
    assert bootstrap_mean(values) == bootstrap_mean(values)


def test_the_bootstrap_of_two_outcomes_is_the_binomial_it_stands_for() -> None:
    count = 20
    found = bootstrap_mean([1.0] * 10 + [0.0] * 10)
    chances = [comb(count, k) / 2**count for k in range(count + 1)]
    below = [sum(chances[: k + 1]) for k in range(count + 1)]
    low = next(k for k, chance in enumerate(below) if chance >= 0.025) / count
    high = next(k for k, chance in enumerate(below) if chance >= 0.975) / count
    assert found == Interval(pytest.approx(low, abs=0.051), pytest.approx(high, abs=0.051))  # type: ignore[arg-type]
    assert found is not None and found.low == pytest.approx(1 - found.high, abs=0.051)


def test_the_limit_that_many_values_get_is_where_the_drawing_was_going() -> None:
    values = [float(at % 7 - 2) for at in range(DRAWN_UP_TO)]
    drawn, limit = bootstrap_mean(values), bootstrap_mean([*values, 1.0])
    assert drawn is not None and limit is not None
    assert drawn.low == pytest.approx(limit.low, abs=0.01) and drawn.high == pytest.approx(limit.high, abs=0.01)


def test_a_losing_run_is_expected_only_where_there_is_luck() -> None:
    assert expected_losing_run(0, 8) is None and expected_losing_run(8, 8) is None and expected_losing_run(0, 0) is None
    assert expected_losing_run(3, 8) == pytest.approx(log(8 * (1 - 3 / 8)) / log(8 / 3))
