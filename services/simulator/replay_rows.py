"""Rows of text as records: what CSV and Parquet recordings have in common. Pure.

    column              what is in it
    time                ISO 8601, UTC unless it names an offset; or microseconds since 1970
    symbol              may be missing: then the file is of one symbol
    kind                trade or quote; may be missing in a file with the columns of one kind only
    price, size         of a trade
    aggressor           of a trade: buy, sell (B, S), or empty where it is not known; may be missing
    bid, ask            of a quote; empty where nobody bids or offers
    bid_size, ask_size  of a quote; empty or missing where it is not known, 0 where nobody bids or offers

Columns come in any order, their names in any case; others are not read. Rows are in order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from services.simulator.errors import UnreadableRecording
from services.simulator.orders import Side
from services.simulator.replay_records import (
    EARLIEST_US,
    LATEST_US,
    Record,
    RecordedQuote,
    RecordedTrade,
    Terms,
    positive,
)

NUMBERED_ROW = tuple[int, Sequence[str]]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TRADE, _QUOTE = "trade", "quote"
_NOTHING_SHOWN: Final = ("0", "0.0", "0.00", "0.000")
_COLUMNS: Final = (
    "time",
    "symbol",
    "kind",
    "price",
    "size",
    "aggressor",
    "bid",
    "bid_size",
    "ask",
    "ask_size",
)
_AGGRESSORS: Final[Mapping[str, Side | None]] = {
    "": None,
    "buy": Side.BUY,
    "b": Side.BUY,
    "sell": Side.SELL,
    "s": Side.SELL,
}


class Columns:
    """Where the columns of a recording are; an absent one has no place."""

    def __init__(self, header: Sequence[str], file: str) -> None:
        """Find the columns.

        Raises:
            UnreadableRecording: columns are missing or there twice.
        """
        names = [name.strip().lower() for name in header]
        for name in _COLUMNS:
            if names.count(name) > 1:
                raise UnreadableRecording(f"{file}: there are {names.count(name)} columns {name}; expected one.")
        self.count = len(names)
        self.places = {name: names.index(name) for name in _COLUMNS if name in names}
        has_trades, has_quotes = self._has("price", "size"), self._has("bid", "ask")
        if not self._has("time") or not (has_trades or has_quotes):
            raise UnreadableRecording(
                f"{file}: the columns are {', '.join(names)[:200]}; expected time with price and size, or with bid "
                "and ask, or with all of these and kind."
            )
        if has_trades and has_quotes and not self._has("kind"):
            raise UnreadableRecording(f"{file}: trades and quotes in one file need a column kind.")
        self.kinds = [kind for kind, there in ((_TRADE, has_trades), (_QUOTE, has_quotes)) if there]

    def _has(self, *names: str) -> bool:
        return all(name in self.places for name in names)


class RowReader:
    """Turns numbered rows into records and checks them.

    Attributes:
        file, unit: what a complaint names: the file, and what its rows are called.
    """

    def __init__(self, columns: Columns, file: str, unit: str) -> None:
        self.file = file
        self.unit = unit
        self._columns = columns
        place = columns.places.get
        self._time, self._symbol, self._kind = place("time"), place("symbol"), place("kind")
        self._trade = (place("price"), place("size"), place("aggressor"))
        self._quote = (place("bid"), place("bid_size"), place("ask"), place("ask_size"))

    def symbols(self, rows: Iterable[NUMBERED_ROW]) -> dict[str, int]:
        """Return the symbols of some rows and when each is first seen."""
        found: dict[str, int] = {}
        for number, row in rows:
            self._check_length(number, row)
            symbol = _at(row, self._symbol)
            if symbol not in found:
                found[symbol] = self._time_of(number, row)
        return found

    def records(self, rows: Iterable[NUMBERED_ROW], terms: Mapping[str, Terms], from_us: int) -> Iterator[Record]:
        """Yield the records of rows.

        Raises:
            UnreadableRecording: a row is not what it should be.
        """
        before_us = 0
        for number, row in rows:
            self._check_length(number, row)
            at_us = self._time_of(number, row)
            if at_us < before_us:
                text = f"time {_at(row, self._time)} is before that of the {self.unit} before"
                raise self._wrong(number, text, "times that never go back")
            before_us = at_us
            if at_us < from_us:
                continue
            found = terms.get(_at(row, self._symbol))
            if found is not None:
                yield self._record(number, row, at_us, found)
            elif self._symbol is not None and not _at(row, self._symbol):
                raise self._wrong(number, "symbol is empty", "a name")

    def _record(self, number: int, row: Sequence[str], at_us: int, terms: Terms) -> Record:
        kind = self._columns.kinds[0] if self._kind is None else _at(row, self._kind).lower()
        if kind not in self._columns.kinds:
            raise self._wrong(number, f"kind is {kind!r}", " or ".join(self._columns.kinds))
        read = self._read_trade if kind == _TRADE else self._read_quote
        return read(number, row, at_us, terms)

    def _read_trade(self, number: int, row: Sequence[str], at_us: int, terms: Terms) -> RecordedTrade:
        price, size, aggressor = (_at(row, place) for place in self._trade)
        side = aggressor.lower()
        if side not in _AGGRESSORS:
            raise self._wrong(number, f"aggressor is {aggressor!r}", "buy, sell or nothing")
        return RecordedTrade(
            terms.symbol,
            at_us,
            self._price(number, "price", price, terms),
            self._number(number, "size", size),
            _AGGRESSORS[side],
        )

    def _read_quote(self, number: int, row: Sequence[str], at_us: int, terms: Terms) -> RecordedQuote:
        bid, bid_size, ask, ask_size = (_at(row, place) for place in self._quote)
        bids, asks = self._level(number, "bid", bid, bid_size, terms), self._level(number, "ask", ask, ask_size, terms)
        return RecordedQuote(terms.symbol, at_us, bids[0], asks[0], bids[1], asks[1])

    def _level(
        self, number: int, name: str, price: str, size: str, terms: Terms
    ) -> tuple[Decimal | None, Decimal | None]:
        """Return price and size of a side; a size of 0 is as good as no price."""
        if not price or size in _NOTHING_SHOWN:
            return None, None
        shown = self._number(number, f"{name}_size", size) if size else None
        return self._price(number, name, price, terms), shown

    def _time_of(self, number: int, row: Sequence[str]) -> int:
        written = _at(row, self._time)
        try:
            return time_us(written)
        except ValueError as error:
            raise self._wrong(number, f"time is {written[:40]!r}", str(error)) from None

    def _price(self, number: int, name: str, written: str, terms: Terms) -> Decimal:
        try:
            return terms.price(written)
        except ValueError as error:
            raise self._wrong(number, f"{name} is {written[:40]!r}", str(error)) from None

    def _number(self, number: int, name: str, written: str) -> Decimal:
        try:
            return positive(written)
        except ValueError as error:
            raise self._wrong(number, f"{name} is {written[:40]!r}", str(error)) from None

    def _check_length(self, number: int, row: Sequence[str]) -> None:
        if len(row) != self._columns.count:
            raise self._wrong(number, f"there are {len(row)} values", f"{self._columns.count}")

    def _wrong(self, number: int, found: str, expected: str) -> UnreadableRecording:
        return UnreadableRecording(f"{self.file}, {self.unit} {number}: {found[:100]}; expected {expected}.")


def _at(row: Sequence[str], place: int | None) -> str:
    return "" if place is None else row[place].strip()


def time_us(text: str) -> int:
    """Return a written time in microseconds since 1970.

    Raises:
        ValueError: it is no time between 1990 and 2100; the text says what was expected.
    """
    try:
        at_us = int(text) if text.isdigit() else _from_iso(text)
    except (ValueError, OverflowError):
        at_us = 0
    if not EARLIEST_US <= at_us < LATEST_US:
        raise ValueError("ISO 8601 or microseconds since 1970, from 1990 to 2100")
    return at_us


def _from_iso(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
