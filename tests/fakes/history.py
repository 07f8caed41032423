"""A source of history in memory: the trades it is given are all there ever were, and it answers at once."""

from collections.abc import Callable, Sequence

from core.history import HistoryArrived, HistoryWanted
from core.messages import Message
from core.model.bar import BarSource
from core.model.bar_building import BarBuilder
from core.model.bar_clock import BarClock, hours_of
from core.model.market import Tick


class MemoryHistory:
    """Answers out of a list of trades, oldest first."""

    def __init__(self, trades: Sequence[Tick], post: Callable[[Message], None]) -> None:
        self._trades = trades
        self._post = post

    def request_history(self, wanted: HistoryWanted) -> None:
        """Answer by `post`."""
        interval, hours = wanted.key.interval, hours_of(wanted.key.symbol)
        is_of_time = interval.seconds is not None
        since = BarClock(interval, hours).period(wanted.since).start if is_of_time else wanted.since
        mine = [one for one in self._trades if one.symbol == wanted.key.symbol]
        told = [one for one in mine if since <= one.time and (wanted.until is None or one.time < wanted.until)]
        builder = BarBuilder(interval, hours)
        bars = builder.add(told)
        if builder.forming is not None:
            bars.append(builder.forming)
        has_older = bool(mine) and mine[0].time < since
        self._post(HistoryArrived(wanted.ticket, wanted.key, tuple(bars), BarSource.VENUE, has_older))
