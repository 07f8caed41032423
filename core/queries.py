"""What is asked of the stored history, and what comes back: questions and answers are immutable, and have a ticket.

A ticket names who asks ("statistics", "equity"); each has one question open and one answer in the snapshot, the newest.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.model.equity import EquityPoint
from core.model.scope import AccountKey, Mode
from core.model.statistics import Statistics
from core.model.trade import Trade

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Closed trades of an account.

    Attributes:
        mode: what the account was when they were booked; None is unclassified. Modes never mix.
        since: those that ended at or after it, aware UTC; None for all.
    """

    account: AccountKey
    mode: Mode | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EquityFilter:
    """The closed equity of an account, since a moment (aware UTC) or from its beginning."""

    account: AccountKey
    since: datetime | None = None


QueryFilter = TradeFilter | EquityFilter


@dataclass(frozen=True, slots=True)
class TradesFound:
    """Trades and what they amount to.

    Attributes:
        trades: one page, newest first. total: how many there are on all pages.
        base: equity before the first of them; None unknown.
    """

    statistics: Statistics
    trades: tuple[Trade, ...]
    total: int
    base: Decimal | None


@dataclass(frozen=True, slots=True)
class EquityFound:
    """The curve, oldest first, thinned to what a screen can show.

    Attributes:
        gained: what trading added over all of it, signed; money moved in or out is not part of it.
    """

    points: tuple[EquityPoint, ...]
    gained: Decimal


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a question, or why there is none.

    Attributes:
        found: None when it failed; then `error` says why in a sentence.
    """

    ticket: str
    filter: QueryFilter
    page: int
    found: TradesFound | EquityFound | None
    error: str = ""
