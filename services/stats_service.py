"""What the stored history amounts to: statistics of trades and the equity curve, computed when asked (query thread)."""

from decimal import Decimal

from core.commands import RunQuery
from core.model.equity import performance, thinned
from core.model.statistics import Statistics, statistics_of
from core.model.trade import Trade
from core.ports import TradeRepository
from core.queries import PAGE_ROWS, EquityFilter, EquityFound, TradeFilter, TradesFound

# Up to a thousand points: about what panel 1 has columns for, and cheap to lay out on the thread that draws.
CURVE_COLUMNS = 250


class StatsService:
    """Answers questions; belongs to one thread, reads nothing but its repository, writes nothing."""

    def __init__(self, history: TradeRepository) -> None:
        self._history = history
        self._last: tuple[tuple[Trade, ...], Decimal | None, Statistics] | None = None

    def answer(self, query: RunQuery) -> TradesFound | EquityFound:
        """Answer one question.

        Raises:
            PersistenceError: the store cannot be read.
        """
        if isinstance(query.filter, TradeFilter):
            return self._trades(query.filter, query.page)
        return self._equity(query.filter)

    def _trades(self, wanted: TradeFilter, page: int) -> TradesFound:
        trades, base = self._history.trades(wanted)
        rows = trades[::-1][page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
        return TradesFound(self._statistics(trades, base), rows, len(trades), base)

    def _statistics(self, trades: tuple[Trade, ...], base: Decimal | None) -> Statistics:
        """Return the figures, computed once while a page is turned."""
        if self._last is None or self._last[:2] != (trades, base):
            self._last = (trades, base, statistics_of(trades, base))
        return self._last[2]

    def _equity(self, wanted: EquityFilter) -> EquityFound:
        points = self._history.equity(wanted)
        return EquityFound(thinned(points, CURVE_COLUMNS), performance(points))
