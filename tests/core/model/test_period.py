"""Where a period begins: with a trading day, whatever the clocks did in between."""

from datetime import UTC, datetime

import pytest

from core.model.period import Period, period_start
from core.model.trading_day import CHICAGO

NOW = datetime(2026, 11, 20, 15, 30, 42, tzinfo=UTC)  # winter: the trading day began at 23:00 UTC


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period.LIVE, datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        (Period.DAY, datetime(2026, 11, 19, 23, tzinfo=UTC)),
        (Period.WEEK, datetime(2026, 11, 13, 23, tzinfo=UTC)),
        (Period.MONTH, datetime(2026, 10, 21, 22, tzinfo=UTC)),
        (Period.QUARTER, datetime(2026, 8, 21, 22, tzinfo=UTC)),
        (Period.YEAR, datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (Period.ALL, None),
    ],
)
def test_a_period_begins_with_a_trading_day(period: Period, expected: datetime | None) -> None:
    assert period_start(period, NOW) == expected


@pytest.mark.row(143)
def test_the_evening_of_the_last_day_of_the_year_is_the_new_year() -> None:
    evening = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert period_start(Period.YEAR, evening) == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_a_period_does_not_move_within_its_day_nor_live_within_its_minute() -> None:
    later = NOW.replace(second=59)
    assert all(period_start(period, NOW) == period_start(period, later) for period in Period)


def test_the_last_hour_is_of_whole_minutes_and_a_period_is_in_the_zone_it_was_asked_in() -> None:
    assert period_start(Period.LIVE, NOW.replace(microsecond=7)) == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    for period in (Period.LIVE, Period.DAY, Period.YEAR):
        began = period_start(period, NOW.astimezone(CHICAGO))
        assert began is not None
        assert began == period_start(period, NOW)
        assert began.utcoffset() == NOW.astimezone(CHICAGO).utcoffset()
