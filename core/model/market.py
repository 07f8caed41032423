"""What the market says: trades, the best prices and the figures of the session, as the board hands them on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum


class Aggressor(Enum):
    """Who crossed the spread: BUYER lifted the offer, SELLER hit the bid."""

    UNKNOWN = 0
    SELLER = 1
    BUYER = 2


class FeedState(Enum):
    """Whether the venue receives market data itself; UP until it says otherwise."""

    UP = "UP"
    DOWN = "DOWN"


class TradingStatus(Enum):
    """What the venue says about trading in a symbol."""

    UNKNOWN = "UNKNOWN"
    PRE_OPEN = "PRE-OPEN"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    HALTED = "HALTED"


_OTHER_TIMES = timedelta(hours=1)
_WORDS = {
    TradingStatus.PRE_OPEN: "Pre-open",
    TradingStatus.CLOSED: "Market closed",
    TradingStatus.HALTED: "Trading halted",
}


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
        feed: what the venue says of its own feed; DOWN is always stale, UP may still be until something arrives.
        ahead: the venue's time of the last trade less ours, signed; a replayed market lives in the past.
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
    feed: FeedState = FeedState.UP
    trading: TradingStatus = TradingStatus.UNKNOWN
    ahead: timedelta = timedelta(0)

    def venue_time(self, now: datetime) -> datetime:
        """Return the venue's time for ours; clocks that differ by less than an hour are taken for the same."""
        return now + self.ahead if abs(self.ahead) > _OTHER_TIMES else now

    @property
    def text(self) -> str:
        """What the trader has to know before reading the figures; empty in normal trading."""
        return "Market data feed down" if self.feed is FeedState.DOWN else _WORDS.get(self.trading, "")


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """The figures of a symbol's trading session, as the venue states them; None is not stated.

    Attributes:
        day: the trading date of the session.
        open, high, low: points.
        settlement: the latest, points; usually of the session before. `settled_at` is aware UTC.
        volume: contracts since the session began; `volume_is_final` when it has ended.
        trades: how many since the session began.
        open_interest: contracts.
        received_at: when the newest part arrived, aware UTC.
    """

    symbol: str
    day: date | None = None
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    settlement: Decimal | None = None
    settled_at: datetime | None = None
    volume: Decimal | None = None
    volume_is_final: bool = False
    trades: int | None = None
    open_interest: int | None = None
    received_at: datetime | None = None
