"""The market board: where the network thread leaves ticks and the trading thread collects them.

Quotes, session figures and books are conflated to the latest. Trades are kept one by one, bounded per symbol; when the
bound is reached the oldest go and are counted, so that extremes can be marked incomplete. Fills never pass through
here. The board has no lock of its own: StateManager owns one and guards it.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from core.model.depth import Depth
from core.model.market import Quote, SessionFigures, Tick

TICKS_PER_SYMBOL = 65_536
SymbolKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TickBatch:
    """Every trade of a symbol since the last drain.

    Attributes:
        dropped: how many older ones did not fit; 0 in normal running.
    """

    connection: str
    symbol: str
    ticks: tuple[Tick, ...]
    dropped: int


@dataclass(slots=True)
class _Trades:
    ticks: deque[Tick] = field(default_factory=lambda: deque(maxlen=TICKS_PER_SYMBOL))
    dropped: int = 0


class MarketBoard:
    """Latest quotes, figures and books, undrained trades. Not thread-safe: the owner locks around every call."""

    def __init__(self) -> None:
        self.quotes: dict[SymbolKey, Quote] = {}
        self.session_figures: dict[SymbolKey, SessionFigures] = {}
        self.depths: dict[SymbolKey, Depth] = {}
        self._trades: dict[SymbolKey, _Trades] = {}
        self._waiting = False

    def put_tick(self, connection: str, tick: Tick) -> bool:
        """Add a trade; return True when the reader must be woken (it was not told since the last drain)."""
        trades = self._trades.setdefault((connection, tick.symbol), _Trades())
        if len(trades.ticks) == TICKS_PER_SYMBOL:
            trades.dropped += 1
        trades.ticks.append(tick)
        woken, self._waiting = self._waiting, True
        return not woken

    def put_quote(self, connection: str, quote: Quote) -> None:
        """Set the latest of a symbol."""
        self.quotes[(connection, quote.symbol)] = quote

    def put_session_figures(self, connection: str, figures: SessionFigures) -> None:
        """Set the latest of a symbol."""
        self.session_figures[(connection, figures.symbol)] = figures

    def put_depth(self, connection: str, depth: Depth) -> None:
        """Set the latest of a symbol."""
        self.depths[(connection, depth.symbol)] = depth

    def drop_depth(self, connection: str, symbol: str) -> None:
        """Forget a symbol's book."""
        self.depths.pop((connection, symbol), None)

    def mark_stale(self, connection: str) -> None:
        """Mark every quote and book of a connection as history."""
        for place, depth in self.depths.items():
            if place[0] == connection and not depth.stale:
                self.depths[place] = replace(depth, stale=True)
        for key, quote in self.quotes.items():
            if key[0] == connection and not quote.stale:
                self.quotes[key] = replace(quote, stale=True)

    def drain(self) -> tuple[TickBatch, ...]:
        """Take every trade put since the last call."""
        self._waiting = False
        taken, self._trades = self._trades, {}
        return tuple(
            TickBatch(connection, symbol, tuple(trades.ticks), trades.dropped)
            for (connection, symbol), trades in taken.items()
        )
