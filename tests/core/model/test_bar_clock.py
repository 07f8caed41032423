"""Which stretch a moment's bar is of: from the opening of the session, by trading days, over holidays and clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.model.bar import Interval
from core.model.bar_clock import BarClock, hours_of, trading_time_before
from core.model.session import AROUND_THE_CLOCK, GLOBEX_EQUITY_INDEX

CHICAGO = ZoneInfo("America/Chicago")
ES = "ESZ26_FUT_CME"
# 25 November is the Wednesday before Thanksgiving; the Thursday ends at noon, the Friday at a quarter past.


def chicago(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def test_bars_are_counted_from_the_opening_of_the_session_and_the_last_is_cut_at_its_day() -> None:
    clock = BarClock(Interval.parse("4h"), GLOBEX_EQUITY_INDEX)
    opening = chicago(24, 17)
    assert clock.period(opening).start == opening
    assert clock.period(chicago(24, 22)).start == chicago(24, 21)
    last = clock.period(chicago(25, 15, 59))
    assert (last.start, last.end) == (chicago(25, 13), chicago(25, 17))
    odd = BarClock(Interval.parse("7m"), GLOBEX_EQUITY_INDEX)
    assert odd.period(chicago(25, 16, 59)).end == chicago(25, 17)
    assert odd.period(chicago(25, 17)).start == chicago(25, 17)


def test_a_daily_bar_is_the_trading_day_that_opens_the_evening_before() -> None:
    clock = BarClock(Interval.parse("1d"), GLOBEX_EQUITY_INDEX)
    assert clock.period(chicago(25, 16, 59)).start == chicago(24, 17)
    assert clock.period(chicago(25, 17)).start == chicago(25, 17)
    assert clock.day_of(chicago(25, 17)) == date(2026, 11, 26)
    # the weekend belongs to Monday, whose session opens on Sunday
    for moment in (chicago(20, 17), chicago(21, 12), chicago(22, 17, 30)):
        period = clock.period(moment)
        assert (period.start, period.end) == (chicago(20, 17), chicago(23, 17))
        assert clock.day_of(period.start) == date(2026, 11, 23)
    assert clock.day_start(date(2026, 11, 28)) == chicago(27, 17)


def test_seven_days_are_a_week_from_monday() -> None:
    clock = BarClock(Interval.parse("7d"), GLOBEX_EQUITY_INDEX)
    period = clock.period(chicago(25, 9))
    assert (period.start, period.end) == (chicago(20, 17), chicago(27, 17))


@pytest.mark.parametrize("interval", ["7m", "1h", "4h", "1d", "3d"])
def test_stretches_lie_side_by_side_and_hold_every_moment(interval: str) -> None:
    clock, moment = BarClock(Interval.parse(interval), GLOBEX_EQUITY_INDEX), chicago(18, 3)
    while moment < chicago(28, 0):
        period = clock.period(moment)
        assert period.start <= moment < period.end
        assert clock.period(period.start) == period
        assert clock.period(period.end - timedelta(microseconds=1)) == period
        moment = period.end


@pytest.mark.parametrize(
    ("moment", "hours", "since"),
    [
        (chicago(25, 12), 2, chicago(25, 10)),
        (chicago(25, 18), 2, chicago(25, 15)),  # over the rest of an hour
        (chicago(21, 12), 3, chicago(20, 13)),  # on a Saturday
        (chicago(22, 18), 3, chicago(20, 14)),  # over a weekend
        (chicago(27, 10), 40, chicago(25, 12)),  # over Thanksgiving, which ends at noon
    ],
)
def test_trading_time_is_counted_back_over_what_is_closed(moment: datetime, hours: int, since: datetime) -> None:
    assert trading_time_before(moment, timedelta(hours=hours), GLOBEX_EQUITY_INDEX) == since
    day = trading_time_before(moment, timedelta(hours=hours), AROUND_THE_CLOCK)
    assert day == moment - timedelta(hours=hours)


def test_the_clocks_going_back_move_no_bar() -> None:
    clock = BarClock(Interval.parse("1h"), GLOBEX_EQUITY_INDEX)
    assert clock.period(chicago(30, 16, 30, month=10)).start == chicago(30, 16, month=10)
    assert clock.period(chicago(1, 17, 30)).start == chicago(1, 17)
    day = BarClock(Interval.parse("1h"), AROUND_THE_CLOCK).period(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    assert day.start == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_a_symbol_of_ours_keeps_the_hours_of_its_product_and_any_other_none() -> None:
    assert hours_of(ES) is GLOBEX_EQUITY_INDEX
    assert hours_of("XYZ") is AROUND_THE_CLOCK
