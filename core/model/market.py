"""What the market says: trades and the best prices, as the board hands them on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Aggressor(Enum):
    """Who crossed the spread: BUYER lifted the offer, SELLER hit the bid."""

    UNKNOWN = 0
    SELLER = 1
    BUYER = 2


@dataclass(frozen=True, slots=True)
class Tick:
    """One trade print.

    Attributes:
        price: points; off_tick says it is not on the grid.
        volume: quantity traded, positive.
        time: the venue's, aware UTC; received_at is ours.
        sequence: arrival number on this connection, rising.
    """

    symbol: str
    price: Decimal
    volume: Decimal
    aggressor: Aggressor
    time: datetime
    received_at: datetime
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """The latest of a symbol: last trade, best bid and ask; None on a side that has no value now.

    Attributes:
        received_at: when the newest part arrived, aware UTC.
        stale: the feed behind it is gone; the figures are history.
    """

    symbol: str
    last: Decimal | None = None
    last_size: Decimal | None = None
    bid: Decimal | None = None
    bid_size: Decimal | None = None
    ask: Decimal | None = None
    ask_size: Decimal | None = None
    received_at: datetime | None = None
    stale: bool = False
