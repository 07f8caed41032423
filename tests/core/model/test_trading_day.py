"""A trading day begins at 17:00 in Chicago, whatever the season."""

from datetime import UTC, datetime

import pytest

from core.model.trading_day import CHICAGO, day_start


@pytest.mark.row(143)
@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-20T22:59:59", "2026-11-19T23:00:00"),  # 16:59:59 in winter
        ("2026-11-20T23:00:00", "2026-11-20T23:00:00"),
        ("2026-07-01T21:59:59", "2026-06-30T22:00:00"),  # 16:59:59 in summer
        ("2026-07-01T22:00:00", "2026-07-01T22:00:00"),
        ("2026-03-08T12:00:00", "2026-03-07T23:00:00"),  # the night the clocks go forward
        ("2026-03-09T12:00:00", "2026-03-08T22:00:00"),
        ("2026-11-01T12:00:00", "2026-10-31T22:00:00"),  # the night they go back
        ("2026-11-02T12:00:00", "2026-11-01T23:00:00"),
    ],
)
def test_the_day_began_at_five_in_chicago(now: str, start: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert day_start(moment) == datetime.fromisoformat(start).replace(tzinfo=UTC)


def test_the_day_is_told_in_the_zone_it_was_asked_in() -> None:
    moment = datetime(2026, 11, 20, 15, tzinfo=CHICAGO)
    assert day_start(moment).isoformat() == "2026-11-19T17:00:00-06:00"
