"""The latest of every symbol: book, last trade, and the session's numbers since the simulator started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.simulator.ports import BookChanged, MarketEvent, Traded


@dataclass(slots=True)
class SymbolTape:
    """What a market data snapshot is made of."""

    book: BookChanged
    first: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal = Decimal(0)
    trades: int = 0
    last: Traded | None = None


class Tape:
    """Follows the market; `symbols` has an entry for every symbol once its first book was seen."""

    def __init__(self) -> None:
        self.symbols: dict[str, SymbolTape] = {}

    def follow(self, events: Iterable[MarketEvent]) -> None:
        """Take over what happened."""
        for event in events:
            tape = self.symbols.get(event.symbol)
            if isinstance(event, BookChanged):
                if tape is None:
                    self.symbols[event.symbol] = SymbolTape(event, event.last, event.last, event.last)
                else:
                    tape.book = event
            elif tape is not None:
                tape.last = event
                tape.high, tape.low = max(tape.high, event.price), min(tape.low, event.price)
                tape.volume += event.size
                tape.trades += 1
