"""Recordings of Sierra Chart: intraday data files of single trades (`.scid`).

A header of 56 bytes gives its own size and that of a record, then come records of 40 bytes, little endian: time
(microseconds since 1899-12-30 UTC, 64 bits), Open, High, Low, Close (32-bit floats), number of trades, volume, volume
at the bid, volume at the ask (32 bits each). In a file of single trades Open is 0 or one of two marks (first and last
trade of a bundle), High is the ask, Low the bid and Close the price of the trade. Equal prices make a trade without a
quote. Anything else is a bar and is refused: what happened within it is not in the file.

The program that records goes on writing while we read. What is read ends with the last whole record.

Source: Sierra Chart documentation, "Intraday Data File Format".
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

from services.simulator.errors import UnreadableRecording
from services.simulator.orders import Side
from services.simulator.replay_records import EARLIEST_US, LATEST_US, Record, RecordedQuote, RecordedTrade, Terms

HEADER: Final = struct.Struct("<4sII")
RECORD: Final = struct.Struct("<q4f4I")
SMALLEST_HEADER: Final = 56
LARGEST: Final = 4_096
EPOCH_US: Final = 2_209_161_600_000_000
"""From 1899-12-30 to 1970-01-01."""
FIRST_OF_BUNDLE, LAST_OF_BUNDLE = struct.unpack("<2f", struct.pack("<2f", -1.99900095e37, -1.99900197e37))

_MARKS: Final = (0.0, FIRST_OF_BUNDLE, LAST_OF_BUNDLE)
_AT_ONCE: Final = 4_096
_Values = tuple[int, float, float, float, float, int, int, int, int]


class ScidRecording:
    """An intraday data file of one symbol, which its name tells."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def symbols(self) -> Mapping[str, int]:
        """Return the one symbol, without a name; nothing for a file without records."""
        with self._opened() as file:
            header_size, record_size = self._sizes(file)
            if not _whole(file, header_size, record_size):
                return {}
            at_us = self._time_at(file, header_size)
            if not EARLIEST_US <= at_us < LATEST_US:
                raise self._wrong_time(1, at_us, 0)
            return {"": at_us}

    def records(self, terms: Mapping[str, Terms], from_us: int = 0) -> Iterator[Record]:
        """Yield the records from a time on, which is looked up and not read up to."""
        if "" not in terms:
            return
        with self._opened() as file:
            header_size, record_size = self._sizes(file)
            number = self._first_from(file, header_size, record_size, from_us) if from_us else 0
            file.seek(header_size + number * record_size)
            before_us = EARLIEST_US
            for values in self._values(file, record_size):
                number += 1
                at_us = values[0] - EPOCH_US
                if not before_us <= at_us < LATEST_US:
                    raise self._wrong_time(number, at_us, before_us)
                before_us = at_us
                try:
                    yield from _records(values, at_us, terms[""])
                except ValueError as error:
                    raise self._wrong(number, str(error)) from None

    def _values(self, file: BinaryIO, record_size: int) -> Iterator[_Values]:
        """Yield the values of the whole records from where the file stands."""
        count = _AT_ONCE
        while count == _AT_ONCE:
            try:
                block = file.read(_AT_ONCE * record_size)
            except OSError as error:
                raise self._unreadable(error) from error
            count = len(block) // record_size
            for place in range(count):
                yield RECORD.unpack_from(block, place * record_size)

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> UnreadableRecording:
        return UnreadableRecording(f"{self.path} cannot be read: {error.strerror or error}.")

    def _sizes(self, file: BinaryIO) -> tuple[int, int]:
        """Return the size of the header and of a record."""
        start = file.read(HEADER.size)
        if len(start) == HEADER.size:
            mark, header_size, record_size = HEADER.unpack(start)
            sizes_fit = SMALLEST_HEADER <= header_size <= LARGEST and RECORD.size <= record_size <= LARGEST
            if mark == b"SCID" and sizes_fit:
                return header_size, record_size
        raise UnreadableRecording(
            f"{self.path.name} begins with {start!r}; expected an intraday data file (SCID, a header of at least 56 "
            "bytes, records of at least 40)."
        )

    def _first_from(self, file: BinaryIO, header_size: int, record_size: int, from_us: int) -> int:
        """Return the number of the first record at or after a time, counted from 0."""
        low, high = 0, _whole(file, header_size, record_size)
        while low < high:
            middle = (low + high) // 2
            if self._time_at(file, header_size + middle * record_size) < from_us:
                low = middle + 1
            else:
                high = middle
        return low

    def _time_at(self, file: BinaryIO, place: int) -> int:
        file.seek(place)
        at_us: int = RECORD.unpack(file.read(RECORD.size))[0] - EPOCH_US
        return at_us

    def _wrong_time(self, number: int, at_us: int, before_us: int) -> UnreadableRecording:
        if at_us >= EARLIEST_US and at_us < before_us:
            return self._wrong(
                number, "its time is before that of the record before; expected times that never go back"
            )
        return self._wrong(number, f"its time is {at_us + EPOCH_US}; expected microseconds since 1899-12-30")

    def _wrong(self, number: int, text: str) -> UnreadableRecording:
        return UnreadableRecording(f"{self.path.name}, record {number}: {text}.")


def _whole(file: BinaryIO, header_size: int, record_size: int) -> int:
    """Return how many whole records there are now."""
    return max(os.fstat(file.fileno()).st_size - header_size, 0) // record_size


def _records(values: _Values, at_us: int, terms: Terms) -> Iterator[Record]:
    """Yield the quote a trade was made at, and the trade, split by aggressor if both sides are in it.

    Raises:
        ValueError: what is wrong and what was expected.
    """
    _, opened, high, low, close, trades, volume, bid_volume, ask_volume = values
    if opened in _MARKS:
        if math.isfinite(high) and 0 < low < high:
            yield RecordedQuote(terms.symbol, at_us, terms.price_of_float32(low), terms.price_of_float32(high))
    elif not opened == high == low == close:
        raise ValueError(
            f"it is a bar of {trades} trades; expected single trades (set the storage time unit to 1 Tick, or begin "
            "after the bars with --from)"
        )
    try:
        price = terms.price_of_float32(close)
    except ValueError as error:
        raise ValueError(f"its price is {close}; expected {error}") from None
    for size, aggressor in (
        (bid_volume, Side.SELL),
        (ask_volume, Side.BUY),
        (volume - bid_volume - ask_volume, None),
    ):
        if size > 0:
            yield RecordedTrade(terms.symbol, at_us, price, Decimal(size), aggressor)
