"""What a market is said to have done before it was opened: made of random numbers, the same for the same seed. Pure.

It is made from the large to the small: days back from the price the market opened at, hours within a day, minutes
within an hour, trades within a minute. Each level keeps to the open, high, low, close and volume of the one above, so
bars of every length agree, and only what is asked for is made. It trades in the sessions of the product, holidays
included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from random import Random
from typing import Final

from core.model.bar import Bar
from core.model.session import session_of, trading_day
from services.simulator.contracts import Contract
from services.simulator.market_rhythm import activity
from services.simulator.orders import Side
from services.simulator.ports import Traded
from services.simulator.session_clock import hours_of, us_of

DAYS: Final = 780
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_TRADES_A_MINUTE: Final = 20.0  # at a pace of one event a second, in an ordinary hour
_DAYS_REMEMBERED: Final = 8


@dataclass(frozen=True, slots=True)
class DayShape:
    """A trading day in whole ticks; `minutes` long from `opens_at`."""

    day: date
    opens_at: datetime
    minutes: int
    open: int
    high: int
    low: int
    close: int


class Past:
    """The generated history of one contract.

    Attributes:
        ends_at: the minute in which the market was opened; what is generated is before it.
    """

    def __init__(self, contract: Contract, seed: int, opened_at: datetime, price: Decimal) -> None:
        """Begin; `price` is what the market opened at, the close of everything that is made here."""
        self.ends_at = opened_at.replace(second=0, microsecond=0)
        self._contract = contract
        self._seed = seed
        self._hours = hours_of(contract.symbol)
        self._last = int(price / contract.tick_size)
        self._days: list[DayShape] = []
        self.minutes = lru_cache(_DAYS_REMEMBERED)(self._minutes)

    def days(self, since: datetime) -> list[DayShape]:
        """Return the trading days that end after a moment, oldest first."""
        if not self._days:
            self._days = self._shapes()
        return [day for day in self._days if day.opens_at + day.minutes * _MINUTE > since]

    def daily(self, shape: DayShape) -> Bar:
        """Return a day as one bar."""
        volumes = self._volumes(shape)
        lots, trades = sum(lots for lots, _ in volumes), sum(trades for _, trades in volumes)
        return self._bar(shape.opens_at, (shape.open, shape.high, shape.low, shape.close), lots, trades)

    def hours(self, shape: DayShape) -> Iterator[Bar]:
        """Yield a day as bars of an hour, counted from its opening."""
        volumes = self._volumes(shape)
        for place, prices in enumerate(self._corners(shape)):
            part = volumes[place * 60 : place * 60 + 60]
            lots, trades = sum(lots for lots, _ in part), sum(trades for _, trades in part)
            yield self._bar(shape.opens_at + place * 60 * _MINUTE, prices, lots, trades)

    def trades(self, bar: Bar) -> list[Traded]:
        """Return trades that make a minute's bar."""
        symbol, tick, lot = self._contract.symbol, self._contract.tick_size, self._contract.character.lot
        rng = Random(f"{self._seed}|{symbol}|{bar.start.isoformat()}")
        opened, high, low, close = (int(price / tick) for price in (bar.open, bar.high, bar.low, bar.close))
        lots = int(bar.volume / lot)
        count = max(1, min(bar.trades, lots))
        prices = _path(rng, count - 1, (opened, high, low, close))
        sizes = _shared(lots - count, [rng.random() ** 3 for _ in range(count)])
        start_us = us_of(bar.start)
        times = sorted(rng.randrange(60_000_000) for _ in range(count))
        sides = [Side.BUY if price > before else Side.SELL for before, price in pairwise(prices)]
        sides.append(rng.choice((Side.BUY, Side.SELL)))
        return [
            Traded(symbol, start_us + at_us, self._contract.price_of(price), lot * (size + 1), side)
            for at_us, price, size, side in zip(times, prices, sizes, sides, strict=True)
        ]

    def _shapes(self) -> list[DayShape]:
        """Return the days, oldest first, made from the latest backwards."""
        day = trading_day(self.ends_at, self._hours)
        close = self._last
        shapes: list[DayShape] = []
        restless, underlying = self._contract.character.restlessness, self._contract.character.underlying
        while len(shapes) < DAYS:
            session = session_of(day, self._hours)
            until = None if session is None else min(session.closes_at, self.ends_at)
            minutes = 0 if session is None or until is None else (until - session.opens_at) // _MINUTE
            if session is not None and minutes > 0:
                rng = Random(f"{self._seed}|{underlying}|{day.isoformat()}")
                wander = restless * sqrt(60 * minutes) * min(close / self._last, 2.0)
                opened = max(close - round(rng.gauss(0, wander)), self._last // 10, 1)
                high = max(opened, close) + round(abs(rng.gauss(0, wander * 0.3)))
                low = max(min(opened, close) - round(abs(rng.gauss(0, wander * 0.3))), 1)
                shapes.append(DayShape(day, session.opens_at, minutes, opened, high, low, close))
                close = max(opened + round(rng.gauss(0, wander * 0.05)), 1)
            day -= _DAY
        return shapes[::-1]

    def _corners(self, shape: DayShape) -> list[tuple[int, int, int, int]]:
        """Return open, high, low and close of each hour from the opening on; the last may be a part of one."""
        rng = Random(f"{self._seed}|{self._contract.character.underlying}|{shape.day.isoformat()}|hours")
        spread = self._contract.character.restlessness * 30
        return _cut(rng, -(-shape.minutes // 60), (shape.open, shape.high, shape.low, shape.close), spread)

    def _minutes(self, shape: DayShape) -> tuple[Bar, ...]:
        rng = Random(f"{self._seed}|{self._contract.character.underlying}|{shape.day.isoformat()}|minutes")
        spread = self._contract.character.restlessness * 4
        corners: list[tuple[int, int, int, int]] = []
        for hour in self._corners(shape):
            corners += _cut(rng, min(60, shape.minutes - len(corners)), hour, spread)
        bars = []
        for place, (prices, (lots, trades)) in enumerate(zip(corners, self._volumes(shape), strict=True)):
            opened, high, low, close = prices
            bought = min(lots, max(0, round(lots * (0.5 + (close - opened) / (high - low + 1) * 0.3))))
            start = shape.opens_at + place * _MINUTE
            bars.append(self._bar(start, prices, lots, trades, (lots - bought, bought)))
        return tuple(bars)

    def _bar(
        self,
        start: datetime,
        prices: tuple[int, int, int, int],
        lots: int,
        trades: int,
        sides: tuple[int, int] = (0, 0),
    ) -> Bar:
        opened, high, low, close = (self._contract.price_of(ticks) for ticks in prices)
        lot = self._contract.character.lot
        return Bar(start, opened, high, low, close, lot * lots, trades, lot * sides[0], lot * sides[1])

    def _volumes(self, shape: DayShape) -> list[tuple[int, int]]:
        """Return lots and trades of each minute; at least as many trades as a bar has corners."""
        character = self._contract.character
        rng = Random(f"{self._seed}|{self._contract.symbol}|{shape.day.isoformat()}|volume")
        day = rng.uniform(0.6, 1.5) * character.pace * _TRADES_A_MINUTE
        rhythm = [activity(character.underlying, shape.opens_at + at * _MINUTE) for at in range(0, shape.minutes, 15)]
        volumes = []
        for place in range(shape.minutes):
            trades = max(4, round(day * rhythm[place // 15] * rng.uniform(0.4, 1.6)))
            volumes.append((round(trades * (1.0 + character.depth * rng.uniform(1.0, 3.0))), trades))
        return volumes


def _cut(rng: Random, parts: int, shape: tuple[int, int, int, int], spread: float) -> list[tuple[int, int, int, int]]:
    """Return the corners of so many bars that follow one another and make one of that shape.

    Args:
        spread: how far a bar reaches beyond its ends, about, in ticks.
    """
    _, highest, lowest, _ = shape
    corners = []
    for opened, close in pairwise(_path(rng, parts, shape)):
        high = min(max(opened, close) + int(abs(rng.gauss(0, spread))), highest)
        low = max(min(opened, close) - int(abs(rng.gauss(0, spread))), lowest)
        corners.append((opened, high, low, close))
    if parts == 1:
        return [shape]
    for place, extreme in ((1, highest), (2, lowest)):
        if all(corner[place] != extreme for corner in corners):  # a walk of few steps may not reach it
            chosen = list(corners[at := rng.randrange(parts)])
            chosen[place] = extreme
            corners[at] = (chosen[0], chosen[1], chosen[2], chosen[3])
    return corners


def _path(rng: Random, steps: int, shape: tuple[int, int, int, int]) -> list[int]:
    """Return a walk of whole ticks with that open, high, low and close, `steps` + 1 points long."""
    opened, high, low, close = shape
    if steps < 1:
        return [close]
    walk = [0.0]
    for _ in range(steps):
        walk.append(walk[-1] + rng.gauss(0.0, 1.0))
    drift = walk[-1]
    width = max(high - low, 1) / sqrt(steps)
    raw = [opened + (close - opened) * i / steps + (walk[i] - drift * i / steps) * width for i in range(steps + 1)]
    points = [round(value) for value in _stretched(raw, float(high), float(low))]
    points[0], points[-1] = opened, close
    _touch(points, high, low, rng)
    _touch(points, low, high, rng)
    return points


def _stretched(raw: Sequence[float], high: float, low: float) -> list[float]:
    """Scale what is above the higher end and below the lower one, so that it reaches as far as it should."""
    top, bottom = max(raw[0], raw[-1]), min(raw[0], raw[-1])
    above, below = max(raw) - top, bottom - min(raw)
    up = (high - top) / above if above > 0 else 0.0
    down = (bottom - low) / below if below > 0 else 0.0
    return [
        top + (value - top) * up if value > top else bottom - (bottom - value) * down if value < bottom else value
        for value in raw
    ]


def _touch(points: list[int], extreme: int, other: int, rng: Random) -> None:
    """Have one point at an extreme that rounding, or a short walk, left out."""
    free = [place for place in range(1, len(points) - 1) if points[place] != other]
    if extreme not in points and free:
        points[rng.choice(free)] = extreme


def _shared(whole: int, weights: Sequence[float]) -> list[int]:
    """Return a number cut into parts by weights; the parts add up to it."""
    total, run, given, parts = sum(weights), 0.0, 0, []
    for weight in weights:
        run += weight
        upto = round(whole * run / total)
        parts.append(upto - given)
        given = upto
    return parts
