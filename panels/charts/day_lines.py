"""The VWAP of each trading day as a line through its bars, reckoned once for each bar that closes.

A day has a line where its bars reach back to its beginning; of any other the sum is not known. From a bar on of which
trades may be missing the line is broken.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from core.model.bar import Bar, Interval
from core.model.bar_clock import BarClock, Period
from core.model.bar_studies import DayFigures, DayTotals
from core.model.session import AROUND_THE_CLOCK, SessionTemplate, session_of
from panels.charts.bar_columns import BarColumns

MOST_DAYS_S = 40 * 86_400.0
DAY = Interval.parse("1d")


@dataclass(slots=True)
class DayLine:
    """The closed bars of a day.

    Attributes:
        first: the place of its first bar.
        prices: VWAP after each bar, points; None while nothing was traded.
        gap: the place of the first bar of which trades may be missing; None without one.
    """

    first: int
    totals: DayTotals
    prices: list[Decimal | None] = field(default_factory=list)
    gap: int | None = None

    @property
    def end(self) -> int:
        """The place behind its last bar."""
        return self.first + len(self.prices)

    def extend(self, bars: list[Bar]) -> None:
        """Add bars that closed since."""
        for bar in bars:
            if bar.is_gap and self.gap is None:
                self.gap = self.end
            self.totals.add(bar)
            self.prices.append(self.totals.vwap)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The day of the last bar.

    Attributes:
        begins: of its first bar. ends: of the trading day, aware UTC.
        before: VWAP before the bar that forms, at the place before it; None where that one is of another day.
        is_broken: trades of it may be missing.
    """

    begins: datetime
    ends: datetime
    figures: DayFigures
    before: Decimal | None
    is_broken: bool


class DayLines:
    """The lines of the days somebody looked at; the others cost nothing."""

    def __init__(self) -> None:
        self._columns = BarColumns()
        self._tick: Decimal | None = None
        self._clock = BarClock(DAY, AROUND_THE_CLOCK)
        self._lines: dict[datetime, DayLine] = {}

    def follow(self, columns: BarColumns, older: int, hours: SessionTemplate, tick: Decimal | None) -> None:
        """Follow bars that took a series: after each time, or a change in between would be missed.

        Args:
            older: how many bars came in front.
            tick: of the instrument, points.
        """
        if columns is not self._columns or tick != self._tick or hours != self._clock.hours:
            self._lines.clear()
            self._columns, self._tick, self._clock = columns, tick, BarClock(DAY, hours)
            return
        for begins, line in list(self._lines.items()):
            line.first += older
            line.gap = None if line.gap is None else line.gap + older
            if line.end > columns.kept:
                del self._lines[begins]

    def between(self, first: int, end: int) -> list[DayLine]:
        """Return the lines of the days closed bars from `first` up to `end` are of; none of too many to tell apart."""
        times, found = self._columns.times, []
        if not first < end or times[end - 1] - times[first] > MOST_DAYS_S:
            return []
        while first < end:
            period = self._period(times[first])
            line = self._line(period)
            if line is not None:
                found.append(line)
            first = bisect_left(times, period.end.timestamp(), first)
        return found

    def at(self, place: int) -> Decimal | None:
        """Return the VWAP of its day after the closed bar at a place; None where it is not known."""
        if not 0 <= place < self._columns.closed:
            return None
        line = self._line(self._period(self._columns.times[place]))
        return None if line is None else line.prices[place - line.first]

    def last(self) -> LastDay | None:
        """Return the day of the last bar; None where its bars do not reach back to its beginning."""
        columns, forming = self._columns, self._columns.forming
        if not len(columns):
            return None
        period = self._period(columns.times[-1]) if forming is None else self._clock.period(forming.start)
        line = self._line(period)
        first = None if line is None else columns.bar(line.first)
        if line is None or first is None:
            return None
        is_broken = line.gap is not None or (forming is not None and forming.is_gap)
        before = line.prices[-1] if line.prices else None
        return LastDay(first.start, period.end, line.totals.figures(forming), before, is_broken)

    def _period(self, second: float) -> Period:
        return self._clock.period(datetime.fromtimestamp(second, UTC))

    def _line(self, period: Period) -> DayLine | None:
        """Return the line of a day with all bars that closed, None where they do not reach back to its beginning."""
        columns = self._columns
        line = self._lines.get(period.start)
        if line is None:
            first = bisect_left(columns.times, period.start.timestamp())
            if not self._reaches_back(first, period):
                return None
            line = self._lines[period.start] = DayLine(first, DayTotals(self._tick))
        end = bisect_left(columns.times, period.end.timestamp(), line.end)
        if end > line.end:
            line.extend(columns.between(line.end, end))
        return line

    def _reaches_back(self, first: int, period: Period) -> bool:
        """Say whether the bar at a place is the first of its day: one of a day before is known, or it is the opening's.

        Of a bar that may lack trades it is not known what was before it.
        """
        bar = self._columns.bar(first)
        if bar is None or bar.is_gap:
            return False
        if first > 0:
            return True
        session = session_of(self._clock.day_of(bar.start), self._clock.hours)
        return session is not None and period.start <= bar.start <= session.opens_at
