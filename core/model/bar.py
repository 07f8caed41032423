"""Bars: what the trades of a stretch of time, or a number of trades, add up to. Pure values.

A series grows at its end many times a minute and is shared with whoever draws it. So its closed bars are kept in chunks
that never change: what is added makes a new last chunk, and all others are the very objects of the series before.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from typing import Final

CHUNK_BARS: Final = 512
_ZERO: Final = Decimal(0)


class IntervalUnit(Enum):
    """What a bar is long in; the value is the letter it is written with."""

    TICKS = "t"
    SECONDS = "s"
    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"


_SECONDS: Final = {
    IntervalUnit.SECONDS: 1,
    IntervalUnit.MINUTES: 60,
    IntervalUnit.HOURS: 3600,
    IntervalUnit.DAYS: 86400,
}
_MOST: Final = {
    IntervalUnit.TICKS: 100_000,
    IntervalUnit.SECONDS: 86_400,
    IntervalUnit.MINUTES: 1_440,
    IntervalUnit.HOURS: 24,
    IntervalUnit.DAYS: 366,
}
_WRITTEN: Final = re.compile(r"([1-9]\d{0,5})\s*([tsmhd])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Interval:
    """How long a bar is: a number of trades, or a stretch of time; days are trading days."""

    count: int
    unit: IntervalUnit

    def __post_init__(self) -> None:
        """Refuse what no chart can have.

        Raises:
            ValueError: no trade, no time, or more than a unit allows.
        """
        if not 1 <= self.count <= _MOST[self.unit]:
            raise ValueError(f"{self.count}{self.unit.value}: 1 to {_MOST[self.unit]}{self.unit.value} is possible")

    def __str__(self) -> str:
        """Return it as it is written: "5m"."""
        return f"{self.count}{self.unit.value}"

    @property
    def seconds(self) -> int | None:
        """How long in seconds; None for a number of trades."""
        length = _SECONDS.get(self.unit)
        return None if length is None else self.count * length

    @property
    def is_daily(self) -> bool:
        """Whether a bar is of whole trading days."""
        return self.unit is IntervalUnit.DAYS

    @staticmethod
    def parse(text: str) -> "Interval":
        """Read "1m", "5m", "1h", "1d", "100t", "15s".

        Raises:
            ValueError: it is none, or one no chart can have.
        """
        match = _WRITTEN.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(f'"{text}" is no bar length; write a number and t, s, m, h or d: 5m, 1h, 1d, 100t')
        return Interval(int(match[1]), IntervalUnit(match[2]))


@dataclass(frozen=True, slots=True)
class ChartKey:
    """Which bars: of a symbol on a connection, in an interval."""

    connection: str
    symbol: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Bar:
    """The trades of one stretch; prices in points, volumes in contracts or coins.

    Attributes:
        start: of the stretch, not of its first trade, aware UTC; of a bar of trades, the first of them.
        trades: how many.
        bid_volume: of which the seller, ask_volume: of which the buyer was the aggressor; what is left is unknown.
        is_gap: trades of it, or between it and the bar before, may have been missed.
    """

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int = 0
    bid_volume: Decimal = _ZERO
    ask_volume: Decimal = _ZERO
    is_gap: bool = False

    @property
    def delta(self) -> Decimal:
        """Volume bought by aggressors less that sold by them, signed."""
        return self.ask_volume - self.bid_volume

    def joined(self, later: "Bar") -> "Bar":
        """Return this bar and the one that follows it as one."""
        return Bar(
            self.start,
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
            self.trades + later.trades,
            self.bid_volume + later.bid_volume,
            self.ask_volume + later.ask_volume,
            self.is_gap or later.is_gap,
        )


class BarSource(Enum):
    """Where the closed bars of a series come from, as the trader is told."""

    NOTHING = "no history"
    VENUE = "history of the venue"
    OWN = "ticks seen by this program"


@dataclass(frozen=True, slots=True)
class BarSeries:
    """The bars of a chart, oldest first; a sequence of the closed ones and, last, the forming one.

    Attributes:
        chunks: the closed bars; every chunk that is in two series is the same object in both.
        forming: the bar that trades still go into; None before the first trade of its stretch.
        complete_from: since when no trade is missing, aware UTC; None: not known, or not so.
        progress: bars loaded and how many are expected while history is on its way; None when none is.
        problem: why history is missing, in a sentence, to be retried; empty when it is not.
        has_older: asking for older bars may bring some.
        last_trade: of the newest trade seen, aware UTC.
    """

    key: ChartKey
    chunks: tuple[tuple[Bar, ...], ...] = ()
    forming: Bar | None = None
    complete_from: datetime | None = None
    source: BarSource = BarSource.NOTHING
    progress: tuple[int, int] | None = None
    problem: str = ""
    has_older: bool = False
    last_trade: datetime | None = None
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note where each chunk ends, to find a bar by its place."""
        object.__setattr__(self, "_ends", tuple(accumulate(map(len, self.chunks))))

    @property
    def closed_count(self) -> int:
        """How many closed bars there are."""
        return self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        """Return how many bars there are, the forming one included."""
        return self.closed_count + (self.forming is not None)

    def __getitem__(self, place: int) -> Bar:
        """Return the bar at a place; 0 is the oldest, -1 the newest.

        Raises:
            IndexError: there is none.
        """
        index = place + len(self) if place < 0 else place
        if not 0 <= index < len(self):
            raise IndexError(f"bar {place} of {len(self)}")
        if index == self.closed_count:
            assert self.forming is not None
            return self.forming
        chunk = bisect_right(self._ends, index)
        return self.chunks[chunk][index - self._ends[chunk]]

    def __iter__(self) -> Iterator[Bar]:
        """Yield every bar, oldest first."""
        for chunk in self.chunks:
            yield from chunk
        if self.forming is not None:
            yield self.forming

    def between(self, first: int, end: int) -> list[Bar]:
        """Return the bars from one place up to another, without that one; places that do not exist are left out."""
        first, end = max(0, first), min(end, len(self))
        found: list[Bar] = []
        for chunk, stop in zip(self.chunks, self._ends, strict=True):
            start = stop - len(chunk)
            if stop > first and start < end:
                found.extend(chunk[max(0, first - start) : end - start])
        if self.forming is not None and first <= self.closed_count < end:
            found.append(self.forming)
        return found

    def place_of(self, moment: datetime) -> int:
        """Return the place of the last bar that began at or before a moment; -1 when all began later."""
        if self.forming is not None and self.forming.start <= moment:
            return self.closed_count
        chunk = bisect_right(self.chunks, moment, key=lambda one: one[0].start) - 1
        if chunk < 0:
            return -1
        before = self._ends[chunk - 1] if chunk else 0
        return before + bisect_right(self.chunks[chunk], moment, key=lambda one: one.start) - 1

    def with_closed(self, bars: tuple[Bar, ...]) -> "BarSeries":
        """Return it with closed bars added at its end."""
        return replace(self, chunks=extended(self.chunks, bars))


def extended(chunks: tuple[tuple[Bar, ...], ...], bars: tuple[Bar, ...]) -> tuple[tuple[Bar, ...], ...]:
    """Return chunks with bars added at the end; of those given only the last is copied, and only if it had room."""
    if not bars:
        return chunks
    last: tuple[Bar, ...] = ()
    if chunks and len(chunks[-1]) < CHUNK_BARS:
        chunks, last = chunks[:-1], chunks[-1]
    whole = last + bars
    cut = tuple(whole[at : at + CHUNK_BARS] for at in range(0, len(whole), CHUNK_BARS))
    return (*chunks, *cut)
