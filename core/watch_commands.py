"""What the trader wants of the watchlist."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchSymbol:
    """Keep a symbol of a connection in sight, last in the list; nothing happens when it is there."""

    connection: str
    symbol: str


@dataclass(frozen=True, slots=True)
class UnwatchSymbol:
    """Take a symbol off the list."""

    connection: str
    symbol: str
