"""The latest of every symbol: book, last trade, trading status, and the numbers of its session.

A session is the trading day of the product's hours, also where the simulated market never rests. When the next one
begins, the last price settles the one before, and some of what was traded stays open. The first session the simulator
ever sees begins when the simulator does, and its settlement is the price it began at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from core.model.session import next_open, trading_day
from services.dtc.enums import TradingStatusEnum
from services.simulator.ports import BookChanged, MarketEvent, StatusChanged, Traded, VenueEvent
from services.simulator.session_clock import hours_of, moment_of, us_of

_FIRST_OPEN_INTEREST: Final = 250_000
_STAYS_OPEN: Final = 20  # one of so many contracts traded


@dataclass(slots=True)
class SymbolTape:
    """What market data is made of.

    Attributes:
        day: the session's trading date; it ends at `ends_us`.
        opened, high, low: of the session; None before its first trade.
        volume, trades: of the session.
        settlement: of the session before, made at `settled_us`.
        ended: trading date and volume of the session before; None in the first.
    """

    book: BookChanged
    day: date
    ends_us: int
    settlement: Decimal
    settled_us: int
    opened: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    volume: Decimal = Decimal(0)
    trades: int = 0
    open_interest: int = _FIRST_OPEN_INTEREST
    last: Traded | None = None
    ended: tuple[date, Decimal] | None = None
    status: TradingStatusEnum = TradingStatusEnum.TRADING_STATUS_OPEN


class Tape:
    """Follows the market; `symbols` has an entry for every symbol once its first book was seen."""

    def __init__(self, restored: Callable[[SymbolTape], SymbolTape] = lambda fresh: fresh) -> None:
        """Begin; `restored` gives a symbol back the session it was in."""
        self.symbols: dict[str, SymbolTape] = {}
        self._restored = restored

    def follow(self, events: Iterable[VenueEvent]) -> None:
        """Take over what happened."""
        for event in events:
            tape = self.symbols.get(event.symbol)
            if tape is None:
                if not isinstance(event, BookChanged):
                    continue
                fresh = SymbolTape(event, *_session(event), event.last, event.at_us)
                tape = self.symbols[event.symbol] = self._restored(fresh)
            if isinstance(event, StatusChanged):
                tape.status = event.status
                continue
            if event.at_us >= tape.ends_us:
                _begin_session(tape, event)
            if isinstance(event, BookChanged):
                tape.book = event
            else:
                _trade(tape, event)


def _trade(tape: SymbolTape, event: Traded) -> None:
    tape.last = event
    tape.opened = event.price if tape.opened is None else tape.opened
    tape.high = event.price if tape.high is None else max(tape.high, event.price)
    tape.low = event.price if tape.low is None else min(tape.low, event.price)
    tape.volume += event.size
    tape.trades += 1


def _begin_session(tape: SymbolTape, event: MarketEvent) -> None:
    day, tape.ends_us = _session(event)
    if day == tape.day:
        return
    tape.ended = (tape.day, tape.volume)
    tape.day = day
    tape.settlement, tape.settled_us = tape.book.last, event.at_us
    tape.open_interest += int(tape.volume) // _STAYS_OPEN
    tape.opened = tape.high = tape.low = None
    tape.volume, tape.trades = Decimal(0), 0


def _session(event: MarketEvent) -> tuple[date, int]:
    """Return the trading date an event belongs to, and when the next may begin."""
    hours, moment = hours_of(event.symbol), moment_of(event.at_us)
    return trading_day(moment, hours), us_of(next_open(moment, hours))
