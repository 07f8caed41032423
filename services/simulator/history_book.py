"""The history of everything the simulator lists: what it lived, and before that what it is said to have done.

Answers are made as they are sent, a few records at a time, since the market stands still while they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Final

from core.model.bar import Bar, Interval, IntervalUnit
from core.model.bar_building import folded
from core.model.bar_clock import BarClock
from services.simulator.contracts import Contract
from services.simulator.history_lived import Lived
from services.simulator.history_past import Past
from services.simulator.orders import Side
from services.simulator.ports import Traded, VenueEvent
from services.simulator.session_clock import hours_of, us_of

DAY_S: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAILY: Final = Interval(1, IntervalUnit.DAYS)
# Single trades, and bars shorter than a minute, are made this far back.
TRADES_FOR: Final = timedelta(days=5)
_MINUTE: Final = timedelta(minutes=1)


class HistoryBook:
    """Follows the market and answers for its past; the server's thread uses it."""

    def __init__(self, folder: Path, contracts: Mapping[str, Contract], seed: int, *, is_made_up: bool) -> None:
        """Begin.

        Args:
            is_made_up: what was before the market was opened is generated; not of a replayed file.
        """
        self._folder = folder
        self._contracts = contracts
        self._seed = seed
        self._is_made_up = is_made_up
        self._lived: dict[str, Lived] = {}
        self._past: dict[str, Past] = {}

    def open(self, now_us: int, prices: Mapping[str, Decimal]) -> None:
        """Begin with the contracts the market has now, at their prices."""
        now = _EPOCH + timedelta(microseconds=now_us)
        for symbol, price in prices.items():
            lived = self._lived[symbol] = Lived(self._folder, symbol, now, price)
            if self._is_made_up:
                self._past[symbol] = Past(self._contracts[symbol], self._seed, lived.opened_at, lived.opened_price)

    def follow(self, events: Iterable[VenueEvent]) -> None:
        """Take what happened."""
        traded: dict[str, list[Traded]] = {}
        for event in events:
            if isinstance(event, Traded):
                traded.setdefault(event.symbol, []).append(event)
        for symbol, trades in traded.items():
            if (lived := self._lived.get(symbol)) is not None:
                lived.follow(trades)

    def save(self) -> None:
        """Write down what is over."""
        for lived in self._lived.values():
            lived.save()

    def close(self) -> None:
        """Write down everything."""
        for lived in self._lived.values():
            lived.close()

    def knows(self, symbol: str) -> bool:
        """Say whether a symbol has a history."""
        return symbol in self._lived

    def bars(self, symbol: str, seconds: int, since: datetime, until: datetime) -> Iterator[Bar]:
        """Yield bars that begin in a stretch, oldest first; shorter than a minute only for the last few days."""
        clock = BarClock(DAILY if seconds == DAY_S else Interval(seconds, IntervalUnit.SECONDS), hours_of(symbol))
        begins = clock.period(since).start
        if seconds == DAY_S:
            made: Iterator[Bar] = self._days(symbol, begins, clock)
        elif seconds % 60:
            made = folded(self._seconds(symbol, begins, until), clock)
        elif seconds % 3600:
            made = folded(self._minutes(symbol, begins, until), clock)
        else:
            made = folded(self._hours(symbol, begins), clock)
        return (bar for bar in made if begins <= bar.start < until)

    def trades(self, symbol: str, since: datetime, until: datetime) -> Iterator[Traded]:
        """Yield trades of a stretch, oldest first, of the last few days."""
        since_us, until_us = us_of(since), us_of(until)
        lived = self._lived[symbol]
        latest = list(lived.trades)
        # What is remembered may begin within a minute; that minute is then made of what is remembered alone.
        known_us = latest[0].at_us // 60_000_000 * 60_000_000 if latest else us_of(until)
        maker = self._past.get(symbol)
        for bar in self._minutes(symbol, max(since, until - TRADES_FOR) - _MINUTE, until) if maker is not None else ():
            if us_of(bar.start) >= known_us:
                break
            assert maker is not None
            yield from (trade for trade in maker.trades(bar) if since_us <= trade.at_us < until_us)
        yield from (trade for trade in latest if since_us <= trade.at_us < until_us)

    def _seconds(self, symbol: str, since: datetime, until: datetime) -> Iterator[Bar]:
        for trade in self.trades(symbol, since, until):
            start = _EPOCH + timedelta(seconds=trade.at_us // 1_000_000)
            sold, bought = (Decimal(0), trade.size) if trade.aggressor is Side.BUY else (trade.size, Decimal(0))
            yield Bar(start, trade.price, trade.price, trade.price, trade.price, trade.size, 1, sold, bought)

    def _minutes(self, symbol: str, since: datetime, until: datetime) -> Iterator[Bar]:
        past, lived = self._past.get(symbol), self._lived[symbol].minutes(since)
        days = () if past is None else past.days(since)
        made = (bar for day in days if day.opens_at < until for bar in past.minutes(day)) if past is not None else ()
        return (bar for bar in chain(made, lived) if since <= bar.start < until)

    def _hours(self, symbol: str, since: datetime) -> Iterator[Bar]:
        past, lived = self._past.get(symbol), self._lived[symbol].minutes(since)
        made = (bar for day in past.days(since) for bar in past.hours(day)) if past is not None else ()
        return chain(made, lived)

    def _days(self, symbol: str, since: datetime, clock: BarClock) -> Iterator[Bar]:
        past = self._past.get(symbol)
        made = () if past is None else (past.daily(day) for day in past.days(since))
        return folded(chain(made, self._lived[symbol].minutes(since)), clock)
