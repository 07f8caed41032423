"""The order book of a symbol as it can be shown: what the venue tells of resting orders, price by price. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

Level = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Depth:
    """A ladder at one moment; shown as it was received, also where it cannot be right.

    Attributes:
        bids, asks: (price in points, size), the best first.
        complete: the venue has told all of it on this connection; until then nothing of it is here.
        received_at: when the newest part arrived, aware UTC.
        stale: the feed behind it is gone; the figures are history.
        refused: the venue's words when it tells none; empty otherwise.
        is_served: False where the venue tells depth of no symbol.
    """

    symbol: str
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    complete: bool = False
    received_at: datetime | None = None
    stale: bool = False
    refused: str = ""
    is_served: bool = True

    @property
    def is_crossed(self) -> bool:
        """Say whether a bid is at or above an ask, which no market keeps: a part of what was told is missing."""
        return bool(self.bids and self.asks) and self.bids[0][0] >= self.asks[0][0]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing rests in it."""
        return not self.bids and not self.asks
