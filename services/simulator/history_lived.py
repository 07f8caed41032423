"""What a market really did while the simulator ran: minutes in a file for each contract, the latest trades in memory.

The first line of a file says when the market was opened and at what price; before that, history is generated. Minutes
are appended when they are over. A file that cannot be written, or has lines that cannot be read, costs history and
nothing else.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from core.model.bar import Bar, Interval, IntervalUnit
from core.model.bar_building import BarBuilder
from core.model.market import Aggressor, Tick
from services.simulator.orders import Side
from services.simulator.ports import Traded
from services.simulator.session_clock import hours_of, us_of

FOLDER: Final = "history"
TRADES_KEPT: Final = 8_000
MINUTES_KEPT: Final = 100_000
_ONE_MINUTE: Final = Interval(1, IntervalUnit.MINUTES)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SIDES: Final = {Side.BUY: Aggressor.BUYER, Side.SELL: Aggressor.SELLER}

_log = logging.getLogger(__name__)


class Lived:
    """One contract's own history; one thread at a time uses it.

    Attributes:
        opened_at, opened_price: when this contract was first seen here, aware UTC, and its price.
        trades: the latest, oldest first.
    """

    def __init__(self, folder: Path, symbol: str, opened_at: datetime, price: Decimal) -> None:
        """Continue what is stored, or begin now at this price."""
        self.opened_at, self.opened_price = opened_at, price
        self.trades: deque[Traded] = deque(maxlen=TRADES_KEPT)
        self._path = folder / FOLDER / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', symbol)}.csv"
        self._symbol = symbol
        self._builder = BarBuilder(_ONE_MINUTE, hours_of(symbol))
        self._unwritten: list[Bar] = []
        self._is_broken = False
        self._begin()

    def follow(self, trades: Iterable[Traded]) -> None:
        """Take what traded."""
        ticks = []
        for trade in trades:
            self.trades.append(trade)
            moment = _EPOCH + timedelta(microseconds=trade.at_us)
            ticks.append(Tick(self._symbol, trade.price, trade.size, _SIDES[trade.aggressor], moment, moment))
        self._unwritten.extend(self._builder.add(ticks))

    def save(self) -> None:
        """Write the minutes that are over."""
        if self._unwritten and self._append("".join(_line(bar) for bar in self._unwritten)):
            self._unwritten.clear()
        del self._unwritten[:-MINUTES_KEPT]

    def close(self) -> None:
        """Write everything, the minute that has begun included; again and again is fine."""
        if self._builder.forming is not None:
            self._unwritten.append(self._builder.forming)
            self._builder = BarBuilder(_ONE_MINUTE, hours_of(self._symbol))
        self.save()

    def minutes(self, since: datetime) -> list[Bar]:
        """Return the minutes from a moment on, oldest first, the one that forms included."""
        forming = self._builder.forming
        bars = [*self._stored(since), *self._unwritten, *((forming,) if forming is not None else ())]
        whole: list[Bar] = []
        for bar in bars:
            if bar.start < since:
                continue
            if whole and bar.start <= whole[-1].start:  # it ended and began again within a minute
                whole[-1] = whole[-1].joined(bar)
            else:
                whole.append(bar)
        return whole

    def _begin(self) -> None:
        try:
            with self._path.open(encoding="ascii") as file:
                at_us, price = file.readline().split(",")[1:3]
                self.opened_at, self.opened_price = _EPOCH + timedelta(microseconds=int(at_us)), Decimal(price)
        except FileNotFoundError:
            self._append(f"opened,{us_of(self.opened_at)},{self.opened_price}\n")
        except (OSError, ValueError, InvalidOperation, OverflowError) as error:
            self._give_up(error)

    def _stored(self, since: datetime) -> Iterator[Bar]:
        since_us = us_of(since)
        try:
            with self._path.open(encoding="ascii", errors="replace") as file:
                for line in file:
                    at, _, rest = line.partition(",")
                    if at.isdigit() and int(at) >= since_us and (bar := _bar(int(at), rest)) is not None:
                        yield bar
        except OSError as error:
            self._give_up(error)

    def _append(self, text: str) -> bool:
        if self._is_broken:
            return False
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._path.open("a", encoding="ascii", newline="\n") as file:
                file.write(text)
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _give_up(self, error: Exception) -> None:
        if not self._is_broken:
            _log.warning("the history of %s is not kept: %s", self._symbol, error)
        self._is_broken = True


def _line(bar: Bar) -> str:
    prices = f"{bar.open},{bar.high},{bar.low},{bar.close}"
    return f"{us_of(bar.start)},{prices},{bar.volume},{bar.trades},{bar.bid_volume},{bar.ask_volume}\n"


def _bar(at_us: int, rest: str) -> Bar | None:
    """Return the bar of a line; None when it is cut off or no such line."""
    try:
        opened, high, low, close, volume, trades, sold, bought = rest.rstrip("\n").split(",")
        start = _EPOCH + timedelta(microseconds=at_us)
        prices = Decimal(opened), Decimal(high), Decimal(low), Decimal(close)
        return Bar(start, *prices, Decimal(volume), int(trades), Decimal(sold), Decimal(bought))
    except (ValueError, InvalidOperation, OverflowError):
        return None
