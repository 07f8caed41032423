"""A market that was recorded, and happens again.

The clock starts at the first record and moves only in `step`, so the same recording, the same orders at the same
market times make the same run, however time is cut. A silence of more than five minutes in all symbols together,
such as a night, is cut short to five.

The book has one level a side: the quote as recorded. Where no quote is recorded, or a trade outside of it shows
that it has gone, the book is derived from the trade: who bought paid the ask, who sold got the bid, and the other
side is one tick away. Where a trade does not say who came, it is the side whose price it was, else the buyer of a
higher price and the seller of a lower. Where no size is recorded, a fixed one is shown. A quote whose bid is not below
its ask, as in an auction, is shown as an empty book: nobody could have traded with it.

Every symbol opens with an empty book, at the time of the first record and the first price of its own.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from core.errors import ConfigurationError
from services.simulator.contracts import Contract
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Level, MarketEvent, StatusChanged, Traded, VenueEvent
from services.simulator.replay_records import Record, RecordedTrade
from services.simulator.rules import on_grid
from services.simulator.session_clock import CLOSED

LONGEST_SILENCE_US: Final = 300_000_000
_LOOK_AHEAD: Final = 10_000


@dataclass(slots=True)
class _Book:
    """What is shown of a symbol."""

    tick_size: Decimal
    size: Decimal
    last: Decimal
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    derived: bool = True
    came: Side = Side.BUY

    def follow(self, record: Record) -> list[MarketEvent]:
        """Return what a record shows: a changed book, then a trade."""
        before = (self.bids, self.asks, self.last)
        events: list[MarketEvent] = []
        if isinstance(record, RecordedTrade):
            self.came = record.aggressor or self._who_came(record.price)
            if self.derived or not self._holds(record.price):
                self._derive(record.price)
            self.last = record.price
            events.append(Traded(record.symbol, record.at_us, record.price, record.size, self.came))
        else:
            self.derived = False
            crossed = record.bid is not None and record.ask is not None and record.bid >= record.ask
            self.bids = () if crossed else self._level(record.bid, record.bid_size)
            self.asks = () if crossed else self._level(record.ask, record.ask_size)
        if (self.bids, self.asks, self.last) != before:
            events.insert(0, BookChanged(record.symbol, record.at_us, self.bids, self.asks, self.last))
        return events

    def _who_came(self, price: Decimal) -> Side:
        if self.asks and price >= self.asks[0][0]:
            return Side.BUY
        if self.bids and price <= self.bids[0][0]:
            return Side.SELL
        if price == self.last:
            return self.came
        return Side.BUY if price > self.last else Side.SELL

    def _holds(self, price: Decimal) -> bool:
        """Whether a price lies within the quote."""
        return (not self.bids or price >= self.bids[0][0]) and (not self.asks or price <= self.asks[0][0])

    def _derive(self, price: Decimal) -> None:
        bid = price - self.tick_size if self.came is Side.BUY else price
        self.derived = True
        self.bids, self.asks = self._level(bid, None), self._level(bid + self.tick_size, None)

    def _level(self, price: Decimal | None, size: Decimal | None) -> tuple[Level, ...]:
        if price is None or price <= 0:
            return ()
        return ((price, self.size if size is None else size),)


class ReplayMarket:
    """A recorded market in a set of contracts; it implements `MarketPort`.

    Attributes:
        now_us: market time.
        ended: the last record has happened; nothing will any more.
    """

    def __init__(
        self, contracts: Sequence[Contract], records: Iterator[Record], shown_size: Decimal, state: str = ""
    ) -> None:
        """Open the market, or continue from a text of `state()`.

        Args:
            records: in order of time; after the time of the state, if there is one.
            shown_size: displayed where the recording has no size.

        Raises:
            ConfigurationError: there is nothing to replay, or the first price of a symbol is between its ticks.
        """
        saved: dict[str, Any] = json.loads(state) if state else {}
        lasts = {symbol: Decimal(price) for symbol, price in saved.get("last", {}).items()}
        self._records = records
        self._waiting: deque[Record] = deque()
        found = self._look_ahead({contract.symbol for contract in contracts})
        if not self._waiting and not saved:
            raise ConfigurationError("There is nothing to replay: no trade or quote of the symbols wanted.")
        self.now_us: int = saved["now_us"] if saved else self._waiting[0].at_us
        self.ended = not self._waiting
        self._heard_us = self.now_us
        self._books: dict[str, _Book] = {}
        for contract in contracts:
            first = found.get(contract.symbol)
            if first is not None and contract.symbol not in lasts:
                _check_grid(first, contract)
            last = lasts.get(contract.symbol, first)
            if last is not None:
                self._books[contract.symbol] = _Book(contract.tick_size, shown_size, last)
        self._unseen = {each.symbol: each for each in contracts if each.symbol not in self._books}
        self._shown_size = shown_size

    def opening(self) -> list[VenueEvent]:
        """Return the empty book of every symbol that is known to come."""
        books: list[VenueEvent] = [
            BookChanged(symbol, self.now_us, (), (), book.last) for symbol, book in self._books.items()
        ]
        return books + self._closings(self.now_us) if self.ended else books

    def step(self, dt_us: int) -> list[VenueEvent]:
        """Let time pass and return what happened in it, oldest first.

        Raises:
            UnreadableRecording: the file is wrong further on.
        """
        end = self.now_us + dt_us
        events: list[VenueEvent] = []
        while (record := self._next()) is not None:
            silence_us = record.at_us - self._heard_us
            if silence_us > LONGEST_SILENCE_US and end >= self._heard_us + LONGEST_SILENCE_US:
                end += silence_us - LONGEST_SILENCE_US
                self._heard_us = record.at_us
            if record.at_us > end:
                break
            self._heard_us = record.at_us
            events += self._follow(self._waiting.popleft())
        if record is None and not self.ended:
            self.ended = True
            events += self._closings(self._heard_us)
        self.now_us = end
        return events

    def jump(self, now_us: int) -> None:
        """Do nothing: recorded time waits for nobody's clock."""

    def state(self) -> str:
        """Return the time reached and the last prices, as JSON; the rest is in the recording.

        Of one that has ended it is the time of its last record: a file that has grown by then goes on there.
        """
        reached_us = self._heard_us if self.ended else self.now_us
        lasts = {symbol: str(book.last) for symbol, book in self._books.items()}
        return json.dumps({"now_us": reached_us, "last": lasts}, separators=(",", ":"))

    def _closings(self, at_us: int) -> list[VenueEvent]:
        return [StatusChanged(symbol, at_us, CLOSED) for symbol in self._books]

    def _next(self) -> Record | None:
        if not self._waiting:
            following = next(self._records, None)
            if following is None:
                return None
            self._waiting.append(following)
        return self._waiting[0]

    def _look_ahead(self, symbols: set[str]) -> dict[str, Decimal]:
        """Return the first price of every symbol that comes soon."""
        found: dict[str, Decimal] = {}
        while len(found) < len(symbols) and len(self._waiting) < _LOOK_AHEAD:
            record = next(self._records, None)
            if record is None:
                break
            self._waiting.append(record)
            price = _price(record)
            if price is not None:
                found.setdefault(record.symbol, price)
        return found

    def _follow(self, record: Record) -> list[MarketEvent]:
        book = self._books.get(record.symbol)
        if book is None:  # it came later than we looked ahead
            price = _price(record)
            if price is None:
                return []
            contract = self._unseen.pop(record.symbol)
            _check_grid(price, contract)
            book = self._books[record.symbol] = _Book(contract.tick_size, self._shown_size, price)
        return book.follow(record)


def _price(record: Record) -> Decimal | None:
    if isinstance(record, RecordedTrade):
        return record.price
    return record.ask if record.bid is None else record.bid


def _check_grid(price: Decimal, contract: Contract) -> None:
    if on_grid(price, contract.tick_size) is None:
        raise ConfigurationError(
            f"The first price of {contract.symbol} is {price}, which is no multiple of its tick {contract.tick_size}; "
            "is it another --tick-size or --price-multiplier?"
        )
