"""How busy the markets are by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.simulator.contracts import CHARACTERS
from services.simulator.market_rhythm import activity, flattened

UNDERLYINGS = sorted({each.underlying for each in CHARACTERS.values()})


def at(hour: int, minute: int = 0) -> datetime:
    """Return an hour of Chicago on a day of winter time."""
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour + 6, minutes=minute)


def test_indices_burst_at_the_cash_open_rest_at_noon_burst_into_the_close_and_sleep_at_night() -> None:
    opening, noon, closing, after, night = (
        activity("ES", when) for when in (at(8, 31), at(12), at(14, 59), at(15, 5), at(22))
    )
    assert opening > 3 * noon
    assert closing > 3 * noon
    assert after < noon
    assert night < noon / 2


@pytest.mark.parametrize(("underlying", "hour", "minute"), [("CL", 13, 29), ("GC", 12, 29), ("ZN", 13, 59)])
def test_the_others_burst_into_their_settlement(underlying: str, hour: int, minute: int) -> None:
    settling = activity(underlying, at(hour, minute))
    assert settling > 1.5 * activity(underlying, at(hour - 1, 15))
    assert settling > 2 * activity(underlying, at(hour, minute + 4))


def test_the_clocks_of_chicago_decide_in_summer_too() -> None:
    summer = datetime(2026, 7, 14, 13, 31, tzinfo=UTC)
    assert activity("ES", summer) == activity("ES", at(8, 31))


@pytest.mark.parametrize("underlying", UNDERLYINGS)
def test_flattened_there_is_something_to_see_at_every_minute_of_the_day(underlying: str) -> None:
    day = [flattened(activity(underlying, at(0) + timedelta(minutes=minute))) for minute in range(24 * 60)]
    assert min(day) > 0.5
    assert max(day) < 1.5
