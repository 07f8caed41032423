"""What the stored history amounts to: statistics of trades and the equity curve, computed when asked (query thread)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.commands import RunQuery
from core.model.breakdown import Breakdown, DayResult, breakdown_of, days_of
from core.model.equity import EquityPoint, performance, thinned
from core.model.statistics import Statistics, curve_of, statistics_of
from core.model.trade import Trade
from core.ports import TradeRepository
from core.queries import (
    ALL_ROWS,
    MOST_ROWS,
    PAGE_ROWS,
    EquityFilter,
    EquityFound,
    EventFilter,
    EventsFound,
    Found,
    TradeFilter,
    TradesFound,
    always,
)
from services.event_history import EventHistory, NoEvents

# Up to a thousand points: about what panel 1 has columns for, and cheap to lay out on the thread that draws.
CURVE_COLUMNS = 250


@dataclass(frozen=True)
class _Computed:
    """The figures of some trades, kept while pages of them are turned."""

    trades: tuple[Trade, ...]
    base: Decimal | None
    statistics: Statistics
    breakdown: Breakdown
    days: tuple[DayResult, ...]
    curve: tuple[EquityPoint, ...]


class StatsService:
    """Answers questions; belongs to one thread, reads nothing but its repositories, writes nothing."""

    def __init__(self, history: TradeRepository, events: EventHistory | None = None) -> None:
        self._history = history
        self._events = events or NoEvents()
        self._last: _Computed | None = None

    def answer(self, query: RunQuery, goes_on: Callable[[], bool] = always) -> Found:
        """Answer one question.

        Args:
            goes_on: whether it is still to be gone on with; a search asks now and then.

        Raises:
            PersistenceError: the store cannot be read.
            QuestionAbandoned: it was not.
        """
        if isinstance(query.filter, TradeFilter):
            return self._trades(query.filter, query.page)
        if isinstance(query.filter, EventFilter):
            return self._happenings(query.filter, query.page, goes_on)
        return self._equity(query.filter)

    def _trades(self, wanted: TradeFilter, page: int) -> TradesFound:
        every, base = self._history.trades(replace(wanted, symbol="", direction=0))
        trades = tuple(one for one in every if _fits(one, wanted))
        known = self._computed(trades, base)
        start, count = _stretch(page)
        return TradesFound(
            known.statistics,
            trades[::-1][start : start + count],
            len(trades),
            base,
            known.breakdown,
            known.days,
            tuple(sorted({one.key.symbol for one in every})),
            known.curve,
        )

    def _computed(self, trades: tuple[Trade, ...], base: Decimal | None) -> _Computed:
        """Return the figures, computed once while a page is turned."""
        if self._last is None or (self._last.trades, self._last.base) != (trades, base):
            curve = thinned(curve_of(trades), CURVE_COLUMNS)
            figures = statistics_of(trades, base)
            self._last = _Computed(trades, base, figures, breakdown_of(trades), days_of(trades), curve)
        return self._last

    def _equity(self, wanted: EquityFilter) -> EquityFound:
        points = self._history.equity(wanted)
        return EquityFound(thinned(points, CURVE_COLUMNS), performance(points))

    def _happenings(self, wanted: EventFilter, page: int, goes_on: Callable[[], bool]) -> EventsFound:
        start, count = _stretch(page)
        rows = self._events.events(wanted.words, start, count + 1, goes_on)
        older_at = rows.events[count].at if len(rows.events) > count else None
        return EventsFound(rows.events[:count], rows.total, older_at, rows.is_whole)


def _fits(trade: Trade, wanted: TradeFilter) -> bool:
    of_symbol = not wanted.symbol or trade.key.symbol == wanted.symbol
    return of_symbol and (not wanted.direction or trade.direction == wanted.direction)


def _stretch(page: int) -> tuple[int, int]:
    """Return the first row of a page and how many rows it may hold."""
    return (0, MOST_ROWS) if page == ALL_ROWS else (page * PAGE_ROWS, PAGE_ROWS)
