"""Which stretch of time a moment's bar is of. Pure.

Bars of a day are counted from the opening of the session, so that they are the same whatever the hour they were loaded
at, and none reaches over into the next trading day. Bars of days are trading days of the product's calendar, each from
the end of the one before: Monday's begins on Friday evening, whatever trades at the weekend. Of several days they are
counted from a Monday: 7d is a week. A bar of trades ends with its trading day too.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from core.model.bar import Interval
from core.model.contract import product_of
from core.model.session import AROUND_THE_CLOCK, SessionTemplate, day_ends, session_of, trading_day

_DAY: Final = timedelta(days=1)
_MOST_DAYS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, aware UTC; it holds its first moment and not its last."""

    start: datetime
    end: datetime


def hours_of(symbol: str) -> SessionTemplate:
    """Return the hours of a symbol's product; what is none of ours trades around the clock."""
    product = product_of(symbol)
    return AROUND_THE_CLOCK if product is None else product.hours


def trading_time_before(moment: datetime, span: timedelta, hours: SessionTemplate) -> datetime:
    """Return the moment from which on trading went on for so long before a moment (aware), by the calendar."""
    day, left = trading_day(moment, hours), span
    for _ in range(_MOST_DAYS):
        session = session_of(day, hours)
        if session is not None and session.opens_at < moment:
            until = min(moment, session.closes_at)
            if until - session.opens_at >= left:
                return until - left
            left -= until - session.opens_at
        day -= _DAY
    return moment - span


class BarClock:
    """Finds stretches for one interval of one product; it remembers the trading day it was last asked about.

    Attributes:
        interval: of the bars. hours: of the product.
    """

    def __init__(self, interval: Interval, hours: SessionTemplate) -> None:
        self.interval = interval
        self.hours = hours
        self._step = None if interval.seconds is None or interval.is_daily else timedelta(seconds=interval.seconds)
        self._opens = self._begins = self._ends = datetime(1970, 1, 1, tzinfo=UTC)

    def period(self, moment: datetime) -> Period:
        """Return the stretch a moment (aware) belongs to; of a bar of trades, what is left of the trading day."""
        if self.interval.is_daily:
            return self._days(moment)
        if not self._begins <= moment < self._ends:
            self._look_up(moment)
        if self._step is None:
            return Period(moment, self._ends)
        start = self._opens + (moment - self._opens) // self._step * self._step
        return Period(max(start, self._begins), min(start + self._step, self._ends))

    def day_of(self, moment: datetime) -> date:
        """Return the trading day a moment belongs to."""
        return trading_day(moment, self.hours)

    def day_start(self, day: date) -> datetime:
        """Return where the bar of a trading day starts; of a day without trading, where that of the next does."""
        while (session := session_of(day, self.hours)) is None:
            day += _DAY
        return self._days(session.opens_at).start

    def _look_up(self, moment: datetime) -> None:
        day = trading_day(moment, self.hours)
        session = session_of(day, self.hours)
        assert session is not None, f"{day} is no trading day"
        self._opens, self._ends = session.opens_at, day_ends(day, self.hours)
        self._begins = self._end_before(day)

    def _days(self, moment: datetime) -> Period:
        if not self._begins <= moment < self._ends:
            count = self.interval.count
            day = trading_day(moment, self.hours)
            monday = date.fromordinal((day.toordinal() - 1) // count * count + 1)
            self._begins = self._end_before(monday)
            self._ends = self._end_before(monday + _DAY * count)
        return Period(self._begins, self._ends)

    def _end_before(self, day: date) -> datetime:
        """Return when the last trading day before a date ends."""
        day -= _DAY
        while session_of(day, self.hours) is None:
            day -= _DAY
        return day_ends(day, self.hours)
