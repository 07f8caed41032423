"""Bars out of trades, and longer bars out of shorter ones. Pure.

Trades are taken in the order in which they arrive. One that is told late, after its bar has closed, goes into the bar
that forms: a closed bar never changes again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from core.model.bar import Bar, Interval, IntervalUnit
from core.model.bar_clock import BarClock
from core.model.market import Aggressor, Tick
from core.model.session import SessionTemplate

_ZERO: Final = Decimal(0)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WITHOUT_END: Final = 1 << 62
# A date the wire can tell and the calendar cannot reckon with is no date.
_CALENDAR_ENDS: Final = datetime(9999, 1, 1, tzinfo=UTC)


class BarBuilder:
    """Folds the trades of one symbol into bars of one interval; not thread-safe.

    Attributes:
        forming: the bar that trades go into now; None before the first.
        is_gap: trades of that bar may be missed. is_missing: they may be, until the next one is added.
    """

    def __init__(self, interval: Interval, hours: SessionTemplate) -> None:
        self._clock = BarClock(interval, hours)
        self._most = interval.count if interval.unit is IntervalUnit.TICKS else _WITHOUT_END
        self.is_missing = False
        self._start = self._end = _NEVER
        self._open = self._high = self._low = self._close = _ZERO
        self._volume = self._sold = self._bought = _ZERO
        self._trades = 0
        self.is_gap = False

    @property
    def forming(self) -> Bar | None:
        """The bar so far."""
        if not self._trades:
            return None
        return Bar(
            self._start,
            self._open,
            self._high,
            self._low,
            self._close,
            self._volume,
            self._trades,
            self._sold,
            self._bought,
            self.is_gap,
        )

    def miss(self) -> None:
        """Note that trades may be missed until the next one: its bar is marked."""
        self.is_missing = True

    def resume(self, bar: Bar) -> None:
        """Go on from a bar that is not closed yet."""
        period = self._clock.period(bar.start)
        self._start, self._end = bar.start, period.end
        self._open, self._high, self._low, self._close = bar.open, bar.high, bar.low, bar.close
        self._volume, self._sold, self._bought = bar.volume, bar.bid_volume, bar.ask_volume
        self._trades, self.is_gap = max(bar.trades, 1), bar.is_gap

    def add(self, ticks: Sequence[Tick]) -> list[Bar]:
        """Fold trades in, in their order; return the bars that closed by it, oldest first.

        Names of its own rather than attributes: this is what every trade of a shown symbol runs through.
        """
        closed: list[Bar] = []
        if self.is_missing and self._trades and ticks:
            self.is_gap = True
            self.is_missing = ticks[0].time >= self._end or self._trades >= self._most
        end, most, trades = self._end, self._most, self._trades
        high, low, close = self._high, self._low, self._close
        volume, sold, bought = self._volume, self._sold, self._bought
        seller, buyer = Aggressor.SELLER, Aggressor.BUYER
        for tick in ticks:
            price, size = tick.price, tick.volume
            if tick.time >= end or trades >= most:
                if tick.time >= _CALENDAR_ENDS:
                    continue
                self._high, self._low, self._close, self._trades = high, low, close, trades
                self._volume, self._sold, self._bought = volume, sold, bought
                closed.extend(self._begin(tick))
                end, trades, high, low = self._end, 0, price, price
                volume = sold = bought = _ZERO
            elif price > high:
                high = price
            elif price < low:
                low = price
            close = price
            trades += 1
            volume += size
            if tick.aggressor is buyer:
                bought += size
            elif tick.aggressor is seller:
                sold += size
        self._high, self._low, self._close, self._trades = high, low, close, trades
        self._volume, self._sold, self._bought = volume, sold, bought
        return closed

    def _begin(self, tick: Tick) -> Iterator[Bar]:
        """Begin a bar with a trade; yield the one that is over by it."""
        before = self.forming
        if before is not None:
            yield before
        period = self._clock.period(max(tick.time, self._start))
        self._start, self._end, self._open = period.start, period.end, tick.price
        self.is_gap, self.is_missing = self.is_missing, False


def folded(bars: Iterable[Bar], clock: BarClock) -> Iterator[Bar]:
    """Yield longer bars out of shorter ones, oldest first; the last may not be over yet.

    Args:
        clock: of the longer interval, which is of time, and whose stretches the shorter bars do not cross.
    """
    whole: Bar | None = None
    end = _NEVER
    for bar in bars:
        if whole is not None and bar.start < end:
            whole = whole.joined(bar)
            continue
        if whole is not None:
            yield whole
        period = clock.period(bar.start)
        end = period.end
        whole = Bar(
            period.start,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.trades,
            bar.bid_volume,
            bar.ask_volume,
            bar.is_gap,
        )
    if whole is not None:
        yield whole
