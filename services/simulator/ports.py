"""What the simulator needs from outside: a market to trade against and a place to remember.

Time inside the simulator is a whole number of microseconds since 1970 UTC, named `…_us`: it is compared and
added hundreds of thousands of times in a back-test and becomes a date only on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from services.dtc.enums import TradingStatusEnum
from services.simulator.orders import Side

Level = tuple[Decimal, Decimal]
"""Price and displayed size."""

Row = Mapping[str, str]
"""One stored record: column to text. An absent value is the empty text."""

Batch = Mapping[str, Sequence[Row]]
"""Rows by table: `orders`, `fills`, `positions`, `accounts`, `evaluations`, `values`."""


@dataclass(frozen=True, slots=True)
class BookChanged:
    """The displayed book of a symbol, best level first, and the price of the last trade."""

    symbol: str
    at_us: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last: Decimal


@dataclass(frozen=True, slots=True)
class Traded:
    """Others traded. `aggressor` is the side that crossed the spread."""

    symbol: str
    at_us: int
    price: Decimal
    size: Decimal
    aggressor: Side


MarketEvent = BookChanged | Traded


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Trading in a symbol opened, closed or was halted; while it is not open nothing is quoted, printed or matched.

    Attributes:
        settles_at: the contract has ended, and whoever holds it is paid at this price; else None.
    """

    symbol: str
    at_us: int
    status: TradingStatusEnum
    settles_at: Decimal | None = None


VenueEvent = MarketEvent | StatusChanged


class MarketPort(Protocol):
    """A source of market events with a clock of its own: a generator, a replayed file, later a live feed."""

    @property
    def now_us(self) -> int:
        """Market time; it moves only in `step` and `jump`."""

    def opening(self) -> Sequence[VenueEvent]:
        """Return the book of every symbol as it stands now, and the status of those that do not trade."""

    def step(self, dt_us: int) -> Sequence[VenueEvent]:
        """Let time pass and return what happened in it, oldest first."""

    def jump(self, now_us: int) -> None:
        """Move the clock forward to a time without anything happening in between."""

    def state(self) -> str:
        """Return everything needed to continue from here, as text."""


class SimulatorStore(Protocol):
    """The broker's memory. One thread at a time uses it."""

    def load(self) -> Batch:
        """Return everything stored; fills in the order they were added."""

    def commit(self, changed: Batch, removed: Batch) -> None:
        """Replace or add rows, and remove rows by their key columns, in one durable transaction.

        Raises:
            PersistenceError: nothing was changed.
        """

    def close(self) -> None:
        """Release the file."""
