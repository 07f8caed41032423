"""What a recording consists of: trades and quotes of one symbol each, as read from a file. Pure.

A recording says what the market was; it is checked where it enters. Times lie between 1990 and 2100, which catches
seconds, milliseconds and nanoseconds taken for microseconds. A price within 1e-6 of a tick is snapped to it, any
other is kept as it is, as everywhere in this program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from services.simulator.orders import Side
from services.simulator.rules import on_grid

EARLIEST_US: Final = 631_152_000_000_000
"""1990-01-01."""
LATEST_US: Final = 4_102_444_800_000_000
"""2100-01-01."""
_FLOAT32_STEP: Final = Decimal(2) ** -23
_KNOWN_PRICES: Final = 50_000
_SMALLEST: Final = Decimal("1e-12")
_LARGEST: Final = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class RecordedTrade:
    """Others traded. `aggressor` is None where the recording does not say."""

    symbol: str
    at_us: int
    price: Decimal
    size: Decimal
    aggressor: Side | None = None


@dataclass(frozen=True, slots=True)
class RecordedQuote:
    """Best bid and ask from a time on.

    Attributes:
        bid, ask: None: nobody bids or offers.
        bid_size, ask_size: None: the recording does not say.
    """

    symbol: str
    at_us: int
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None


Record = RecordedTrade | RecordedQuote


@dataclass(frozen=True)
class Terms:
    """How the prices of a symbol in a file become true ones.

    Attributes:
        symbol: as listed here.
        multiplier: what a price in the file is multiplied with.
    """

    symbol: str
    tick_size: Decimal
    multiplier: Decimal = Decimal(1)
    _known: dict[str | float, Decimal] = field(default_factory=dict, repr=False, compare=False)

    def price(self, text: str) -> Decimal:
        """Return the true price of a written one.

        Raises:
            ValueError: it is no number that could be a price.
        """
        known = self._known.get(text)
        if known is None:
            exact = positive(text) * self.multiplier
            is_on_grid = on_grid(exact, self.tick_size) is not None
            known = self._keep(text, self._nearest(exact) if is_on_grid else exact)
        return known

    def price_of_float32(self, value: float) -> Decimal:
        """Return the true price of one stored with 24 bits: the tick nearest to it, if it can stand for that tick.

        Raises:
            ValueError: it is no number that could be a price.
        """
        known = self._known.get(value)
        if known is None:
            exact = positive(repr(value)) * self.multiplier
            nearest = self._nearest(exact)
            stands_for_it = abs(nearest - exact) <= exact * _FLOAT32_STEP
            known = self._keep(value, nearest if stands_for_it else Decimal(f"{exact:.7g}").normalize() + 0)
        return known

    def _nearest(self, price: Decimal) -> Decimal:
        """Return the nearest tick, written as all prices of the grid are."""
        return self.tick_size * round(price / self.tick_size)

    def _keep(self, written: str | float, price: Decimal) -> Decimal:
        if len(self._known) < _KNOWN_PRICES:
            self._known[written] = price
        return price


class Recording(Protocol):
    """A file of records, oldest first."""

    @property
    def path(self) -> Path:
        """Where it is."""

    def symbols(self) -> Mapping[str, int]:
        """Return the symbols as written, with the time of the first record of each; empty text for an unnamed one.

        Raises:
            UnreadableRecording: the file cannot be read or is not what it should be.
        """

    def records(self, terms: Mapping[str, Terms], from_us: int = 0) -> Iterator[Record]:
        """Yield the records from a time on, as they are read.

        Args:
            terms: by symbol as written; records of other symbols are left out.

        Raises:
            UnreadableRecording: naming the file, the place in it, and what was expected there.
        """


@lru_cache(maxsize=10_000)
def positive(text: str) -> Decimal:
    """Return a written number.

    Raises:
        ValueError: it is not a number of a size that prices and quantities have.
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not _SMALLEST <= number < _LARGEST:
        raise ValueError("a number greater than 0, less than 10^12")
    return number.normalize() + 0
