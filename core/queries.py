"""What is asked of the stored history, and what comes back: questions and answers are immutable, and have a ticket.

A ticket names who asks ("statistics", "equity"); each has one question open and one answer in the snapshot, the newest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.scope import AccountKey, Mode

if TYPE_CHECKING:
    # Answers name these; whoever makes one has imported them. The first frame asks nothing yet.
    from core.model.breakdown import Breakdown, DayResult
    from core.model.equity import EquityPoint
    from core.model.statistics import Statistics
    from core.model.trade import Trade

PAGE_ROWS = 200
# Every row at once, for an export; an audit log of years is exported from the command line.
ALL_ROWS = -1
MOST_ROWS = 100_000


def always() -> bool:
    """Be the answer to whether a question is still to be gone on with where nobody can change his mind."""
    return True


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Closed trades of an account.

    Attributes:
        mode: what the account was when they were booked; None is unclassified.
        since: those that ended at or after it, aware UTC; None for all.
        symbol: of this symbol only; empty for all.
        direction: +1 long only, -1 short only, 0 both.
        others: further modes, only where the trader mixed them on purpose.
    """

    account: AccountKey
    mode: Mode | None
    since: datetime | None = None
    symbol: str = ""
    direction: int = 0
    others: frozenset[Mode | None] = frozenset()


@dataclass(frozen=True, slots=True)
class EquityFilter:
    """The closed equity of an account, since a moment (aware UTC) or from its beginning."""

    account: AccountKey
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Rows of the audit log in which every one of these words occurs, newest first; all for none."""

    words: str = ""


QueryFilter = TradeFilter | EquityFilter | EventFilter


@dataclass(frozen=True, slots=True)
class TradesFound:
    """Trades and what they amount to.

    Attributes:
        trades: one page, newest first. total: how many there are on all pages.
        base: equity before the first of them; None unknown.
        breakdown, days: the same trades by what they have in common, and by trading day.
        symbols: every symbol the account traded in, whatever the filter.
        curve: what the same trades added up to, from zero on, thinned to what a screen can show.
    """

    statistics: Statistics
    trades: tuple[Trade, ...]
    total: int
    base: Decimal | None
    breakdown: Breakdown = field(default_factory=dict)
    days: tuple[DayResult, ...] = ()
    symbols: tuple[str, ...] = ()
    curve: tuple[EquityPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class EquityFound:
    """The curve, oldest first, thinned to what a screen can show.

    Attributes:
        gained: what trading added over all of it, signed; money moved in or out is not part of it.
    """

    points: tuple[EquityPoint, ...]
    gained: Decimal


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """A row of the audit log.

    Attributes:
        sequence: its number, without gap. at: aware UTC.
        mode: of the account then; None is unclassified, or no account is meant.
        cause: what brought it about. data: further facts by name.
    """

    sequence: int
    at: datetime
    kind: str
    connection: str
    account: str
    mode: str
    text: str
    cause: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventRows:
    """Rows of the audit log, newest first, as the store has them; `total` and `is_whole` as in `EventsFound`."""

    events: tuple[AuditEvent, ...]
    total: int
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class EventsFound:
    """Rows of the audit log: one page, newest first.

    Attributes:
        total: how many there are on all pages; at least so many where the search did not go to the end.
        is_whole: it did.
        older_at: when the newest row of the page after this one was written, aware UTC; None on the last.
    """

    events: tuple[AuditEvent, ...]
    total: int
    older_at: datetime | None = None
    is_whole: bool = True


Found = TradesFound | EquityFound | EventsFound


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a question, or why there is none.

    Attributes:
        found: None when it failed; then `error` says why in a sentence.
    """

    ticket: str
    filter: QueryFilter
    page: int
    found: Found | None
    error: str = ""
