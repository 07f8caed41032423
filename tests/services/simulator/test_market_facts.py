"""What is known of real markets and has to be seen in this one: the stylised facts, on one day of one future."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from statistics import correlation, fmean, pstdev

import pytest

from services.simulator.market import SyntheticMarket
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Traded
from services.simulator.session_clock import us_of
from tests.services.simulator.venue import contracts

MINUTES = 9 * 60
START_US = us_of(datetime(2026, 11, 23, tzinfo=UTC))


@dataclass
class Day:
    """One figure a minute, in ticks, lots and pieces; `trades` are those of the whole day in their order."""

    closes: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    depths: list[float] = field(default_factory=list)
    volumes: list[float] = field(default_factory=list)
    trades: list[Traded] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)
    displayed: list[float] = field(default_factory=list)

    @property
    def moves(self) -> list[float]:
        return [after - before for before, after in pairwise(self.closes)]

    @property
    def sizes_of_moves(self) -> list[float]:
        return [abs(each) for each in self.moves]


@pytest.fixture(scope="module")
def day() -> Day:
    """Nine hours of ES at a seventh of its pace: the price is the same one, and it is quick."""
    es = contracts()[0]
    market = SyntheticMarket([replace(es, character=replace(es.character, pace=4.0))], 9, START_US)
    made = Day()
    for _ in range(MINUTES):
        events = market.step(60_000_000)
        shown = [each for each in events if isinstance(each, BookChanged)]
        traded = [each for each in events if isinstance(each, Traded)]
        made.closes.append(float(shown[-1].bids[0][0] + shown[-1].asks[0][0]) * 2)
        made.spreads.append(fmean(float(each.asks[0][0] - each.bids[0][0]) * 4 for each in shown))
        made.depths.append(fmean(float(each.bids[1][1] + each.asks[1][1]) for each in shown))
        made.volumes.append(sum(float(each.size) for each in traded))
        made.trades += traded
        made.arrivals += [each.at_us for each in shown]
        made.displayed += [float(sum(size for _, size in (*each.bids, *each.asks))) for each in shown]
    return made


def lagged(values: Sequence[float], by: int) -> float:
    return correlation(values[:-by], values[by:])


def kurtosis(values: Sequence[float]) -> float:
    middle = fmean(values)
    return fmean((each - middle) ** 4 for each in values) / pstdev(values) ** 4


def test_what_the_price_did_does_not_tell_what_it_will_do(day: Day) -> None:
    assert all(abs(lagged(day.moves, by)) < 0.15 for by in (1, 2, 3, 5))


def test_a_lively_minute_is_followed_by_lively_ones(day: Day) -> None:
    assert lagged(day.sizes_of_moves, 1) > 0.15
    assert fmean(lagged(day.sizes_of_moves, by) for by in range(2, 11)) > 0.05


def test_extreme_minutes_are_more_frequent_than_chance(day: Day) -> None:
    assert kurtosis(day.moves) > 4
    fives = [after - before for before, after in pairwise(day.closes[::5])]
    assert kurtosis(fives) > 3.3


def test_spread_depth_and_volume_react_to_how_lively_it_is(day: Day) -> None:
    assert correlation(day.spreads[1:], day.sizes_of_moves) > 0.2
    assert correlation(day.depths[1:], day.sizes_of_moves) < -0.1
    assert correlation(day.volumes[1:], day.sizes_of_moves) > 0.15


def test_a_shock_pulls_quotes_all_at_once(day: Day) -> None:
    left = sorted(after / before for before, after in pairwise(day.displayed))
    assert left[3] < 0.65, "several times a day"
    assert left[len(left) // 100] > 0.8, "otherwise one quote at a time"


def test_the_book_that_thinned_fills_again(day: Day) -> None:
    thin = day.depths.index(min(day.depths))
    assert max(day.depths[thin : thin + 120]) > 2 * day.depths[thin]


def test_aggressors_come_in_runs(day: Day) -> None:
    runs = [len(list(run)) for _, run in groupby(day.trades, key=lambda each: each.aggressor)]
    assert fmean(runs) > 2.5, "a fair coin makes runs of 2"
    buys = sum(each.aggressor is Side.BUY for each in day.trades)
    assert 0.4 < buys / len(day.trades) < 0.6


def test_most_trades_are_small_and_a_few_are_very_large_and_round(day: Day) -> None:
    sizes = sorted(int(each.size) for each in day.trades)
    assert sizes[len(sizes) // 2] <= 2
    assert sizes[-1] >= 25
    assert sum(size % 5 == 0 for size in sizes if size >= 10) > 0.4 * sum(size >= 10 for size in sizes)


def test_events_come_in_flurries(day: Day) -> None:
    waits = [after - before for before, after in pairwise(day.arrivals)]
    assert pstdev(waits) > 1.2 * fmean(waits), "those of a Poisson process are as wide as they are long"
