"""One chart's bars as they grow: what trades fold into, what history put in front, what is still to be asked."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from core.history import HistoryArrived
from core.market_board import TickBatch
from core.model.bar import CHUNK_BARS, Bar, BarSeries, BarSource, ChartKey, IntervalUnit, extended
from core.model.bar_building import BarBuilder
from core.model.bar_clock import BarClock, hours_of
from core.model.bar_splicing import complete_from, spliced, spliced_trades

MOST_BARS: Final = 100_000
# Trades older than the bars by more than this mean that the venue's clock was set back: another market begins.
_SET_BACK: Final = timedelta(hours=1)
# A server may tell of a trade before it is in its history.
_SETTLES_IN: Final = timedelta(seconds=10)


class ChartBars:
    """The bars of one chart (trading thread).

    Attributes:
        is_dirty: there is something to publish.
        marked_from: the start of the oldest bar of which trades may be missing; None when none is.
    """

    def __init__(self, key: ChartKey) -> None:
        self.key = key
        self.clock = BarClock(key.interval, hours_of(key.symbol))
        self.is_dirty = True
        self.marked_from: datetime | None = None
        self._left_marked: datetime | None = None
        self._is_of_trades = key.interval.unit is IntervalUnit.TICKS
        self._begin()

    def _begin(self) -> None:
        self._builder = BarBuilder(self.key.interval, self.clock.hours)
        self._builder.miss()  # nobody looked before the first trade
        self._chunks: tuple[tuple[Bar, ...], ...] = ()
        self._complete_from: datetime | None = None
        self.source = BarSource.NOTHING
        self.has_older = False
        self.last_trade: datetime | None = None

    @property
    def forming(self) -> Bar | None:
        """The bar that trades go into."""
        return self._builder.forming

    @property
    def count(self) -> int:
        """How many bars are closed."""
        return sum(map(len, self._chunks))

    @property
    def first(self) -> datetime | None:
        """When the oldest bar begins."""
        if self._chunks:
            return self._chunks[0][0].start
        return None if self.forming is None else self.forming.start

    @property
    def doubtful_from(self) -> datetime | None:
        """The start of the bar before the oldest marked one: between the two whole bars may be missing."""
        marked = self.marked_from
        if marked is None:
            return None
        before = [chunk for chunk in self._chunks if chunk[0].start < marked]
        return max(bar.start for bar in before[-1] if bar.start < marked) if before else marked

    def fold(self, batch: TickBatch) -> bool:
        """Take the trades of a batch; True when they are of a market that begins anew, and all before was dropped."""
        ticks = batch.ticks
        if batch.dropped:
            self._builder.miss()
        if not ticks:
            return False
        is_anew = self.last_trade is not None and ticks[0].time < self.last_trade - _SET_BACK
        if is_anew:
            self._begin()
            self.marked_from = None
        closed = self._builder.add(ticks)
        if closed or (self._builder.is_gap and self.marked_from is None):
            self._close(closed)
        self.last_trade = ticks[-1].time
        self.is_dirty = True
        return is_anew

    def miss(self) -> None:
        """Note that trades may be missed until the next one."""
        self._builder.miss()

    def leave_marked(self) -> None:
        """Take the bars that are marked and over for all there will be of them."""
        forming = self.forming
        if self._chunks and (forming is None or self._chunks[-1][-1].start < forming.start):
            self._left_marked = self._chunks[-1][-1].start
        self.marked_from = forming.start if forming is not None and forming.is_gap else None

    def take(self, answer: HistoryArrived, venue_now: datetime) -> None:
        """Put history in front of what was seen and into its gaps; asked for up to now.

        Bars before the history stay the very objects they were, chunk by chunk.
        """
        past, forming = list(answer.bars), self.forming
        if past:
            if not self._is_of_trades:
                self._mark_unsettled(past, venue_now)
            first = self.first
            kept = tuple(chunk for chunk in self._chunks if chunk[-1].start < past[0].start)
            seen = [bar for chunk in self._chunks[len(kept) :] for bar in chunk]
            if forming is not None:
                # What the history has seen and we have not is of this bar, too.
                is_behind = self._builder.is_missing or past[-1].start > forming.start
                seen.append(replace(forming, is_gap=forming.is_gap or is_behind))
            whole = spliced_trades(past, seen) if self._is_of_trades else spliced(past, seen)
            self._replace(kept, whole, venue_now)
            self._tell_source(answer, adds_front=first is None or past[0].start <= first)
        elif self.first is None:
            self._tell_source(answer, adds_front=True)

    def take_older(self, answer: HistoryArrived) -> None:
        """Put older bars in front."""
        first = self.first
        older = tuple(bar for bar in answer.bars if first is None or bar.start < first)
        room = MOST_BARS - self.count
        older = older[-room:] if room > 0 else ()
        cut = tuple(older[at : at + CHUNK_BARS] for at in range(0, len(older), CHUNK_BARS))
        self._chunks = (*cut, *self._chunks)
        if older:
            self._look_for_marks()
        self._tell_source(answer, adds_front=True)
        self.has_older = self.has_older and bool(older)

    def published(self, progress: tuple[int, int] | None, problem: str) -> BarSeries:
        """Return the bars as they are shown."""
        self.is_dirty = False
        forming = self.forming
        since = self._complete_from
        if since is None and forming is not None and not forming.is_gap:
            since = forming.start
        return BarSeries(
            self.key,
            self._chunks,
            forming,
            None if forming is not None and forming.is_gap else since,
            self.source,
            progress,
            problem,
            self.has_older,
            self.last_trade,
        )

    def _close(self, closed: Sequence[Bar]) -> None:
        self._chunks = extended(self._chunks, tuple(closed))
        for bar in closed:
            if bar.is_gap:
                self._complete_from = None
            elif self._complete_from is None:
                self._complete_from = bar.start
        if self.marked_from is None:
            forming = self.forming
            latest = (*closed, forming) if forming is not None else closed
            self.marked_from = self._marked(latest)
        self._drop_oldest()

    def _mark_unsettled(self, past: list[Bar], venue_now: datetime) -> None:
        """Mark the latest bars of a history: it may not have their last trades yet."""
        since = self.clock.period(venue_now - _SETTLES_IN).start
        place = len(past) - 1
        while place >= 0 and past[place].start >= since:
            past[place] = replace(past[place], is_gap=True)
            place -= 1

    def _replace(self, kept: tuple[tuple[Bar, ...], ...], bars: list[Bar], venue_now: datetime) -> None:
        """Have these bars behind those kept; the last goes on if its time is not over, or it is the one that forms."""
        if bars and (self.forming is not None or self._goes_on(bars[-1], venue_now)):
            self._builder.resume(bars.pop())
        self._chunks = extended(kept, tuple(bars[-MOST_BARS:]))
        self._drop_oldest()
        self._look_for_marks()

    def _drop_oldest(self) -> None:
        while len(self._chunks) > 1 and self.count - len(self._chunks[0]) >= MOST_BARS:
            self._chunks = self._chunks[1:]
            self.has_older = False

    def _goes_on(self, bar: Bar, venue_now: datetime) -> bool:
        is_full = self._is_of_trades and bar.trades >= self.key.interval.count
        return not is_full and self.clock.period(bar.start).end > venue_now

    def _look_for_marks(self) -> None:
        bars = [bar for chunk in self._chunks for bar in chunk]
        forming = self.forming
        self._complete_from = complete_from(bars)
        if forming is not None:
            bars.append(forming)
        self.marked_from = self._marked(bars)
        self.is_dirty = True

    def _marked(self, bars: Iterable[Bar]) -> datetime | None:
        left = self._left_marked
        return next((bar.start for bar in bars if bar.is_gap and (left is None or bar.start > left)), None)

    def _tell_source(self, answer: HistoryArrived, *, adds_front: bool) -> None:
        if answer.bars and self.source is not BarSource.VENUE:
            self.source = answer.source
        if adds_front:
            self.has_older = answer.has_older and self.count < MOST_BARS
        self.is_dirty = True
