"""The stretch of time a figure is about, counted back from now in trading days."""

from datetime import date, datetime, timedelta
from enum import Enum

from core.model.equity import trading_date
from core.model.trading_day import CHICAGO, OPENS, day_start


class Period(Enum):
    """A choice of the timeframe pills."""

    LIVE = "LIVE"
    DAY = "1D"
    WEEK = "1W"
    MONTH = "1M"
    QUARTER = "3M"
    YEAR = "YTD"
    ALL = "ALL"


# Trading days by the calendar, today's included.
_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 91}
_LIVE = timedelta(hours=1)


def period_start(period: Period, now: datetime) -> datetime | None:
    """Return when a period began, aware, in the zone of `now`; None for all there is.

    LIVE is the last hour, by whole minutes; the others begin with a trading day, YTD with the year's first.
    """
    if period is Period.ALL:
        return None
    if period is Period.LIVE:
        return now.replace(second=0, microsecond=0) - _LIVE
    if period is Period.YEAR:
        eve = date(trading_date(now).year, 1, 1) - timedelta(days=1)
        return datetime.combine(eve, OPENS, CHICAGO).astimezone(now.tzinfo)
    return day_start(now - timedelta(days=_DAYS[period] - 1))
