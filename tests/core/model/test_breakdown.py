"""Trades told apart by time, weekday, duration, side and symbol, and added up by trading day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.model.breakdown import ENOUGH, By, breakdown_of, days_of
from core.model.trade import Trade
from tests.core.model.histories import closed

# A Wednesday, in Chicago 08:41 in winter.
ENTRY = datetime(2025, 11, 12, 14, 41, tzinfo=UTC)


def trade(p: str, entry: datetime = ENTRY, held: timedelta = timedelta(minutes=3), **changes: object) -> Trade:
    """Return a round trip that made p, net of costs."""
    made = replace(closed(p, at=entry + held), entry_time=entry)
    return replace(made, **changes)  # type: ignore[arg-type]


def counts(trades: list[Trade], by: By) -> dict[str, int]:
    """Return how many trades each bucket has, in order."""
    return {one.name: one.count for one in breakdown_of(trades)[by]}


def test_half_hours_are_those_of_the_exchange_across_the_change_of_clocks() -> None:
    summer = datetime(2025, 7, 9, 13, 41, tzinfo=UTC)
    late = ENTRY.replace(hour=15, minute=0)
    assert counts([trade("1"), trade("1", summer), trade("-1", late)], By.HOUR) == {"08:30": 2, "09:00": 1}


def test_an_evening_entry_belongs_to_the_weekday_of_the_next_trading_day() -> None:
    sunday_evening = datetime(2025, 11, 9, 23, 30, tzinfo=UTC)
    before_five = datetime(2025, 11, 12, 22, 59, 59, tzinfo=UTC)
    at_five = datetime(2025, 11, 12, 23, 0, tzinfo=UTC)
    found = counts([trade("1", at_five), trade("1", sunday_evening), trade("1", before_five)], By.WEEKDAY)
    assert list(found.items()) == [("Monday", 1), ("Wednesday", 1), ("Thursday", 1)]


def test_durations_stand_from_short_to_long() -> None:
    spans = [timedelta(hours=5), timedelta(seconds=59), timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=4)]
    assert counts([trade("1", held=one) for one in spans], By.DURATION) == {
        "under 1 min": 1,
        "1 to 5 min": 1,
        "15 to 60 min": 1,
        "4 h and longer": 2,
    }


def test_an_unknown_entry_time_is_a_bucket_of_its_own() -> None:
    unknown = trade("1", entry_time=None)
    assert counts([unknown], By.HOUR) == counts([unknown], By.WEEKDAY) == counts([unknown], By.DURATION)
    assert counts([unknown], By.HOUR) == {"unknown": 1}


def test_below_ten_trades_a_bucket_hides_its_means_and_shows_its_sum() -> None:
    few, enough = [trade("10")] * (ENOUGH - 1), [trade("10")] * (ENOUGH - 1) + [trade("-40")]
    (bucket,) = breakdown_of(few)[By.SIDE]
    assert (bucket.net, bucket.mean, bucket.mean_r, bucket.win_rate) == (Decimal(90), None, None, None)
    (bucket,) = breakdown_of(enough)[By.SIDE]
    assert (bucket.mean, bucket.win_rate, bucket.losses) == (Decimal(5), Decimal("0.9"), 1)


def test_days_add_up_what_ended_on_them() -> None:
    evening = timedelta(hours=9)  # after five in Chicago: it belongs to the next day
    days = days_of([trade("100"), trade("-30"), trade("0"), trade("5", ENTRY + evening)])
    assert [(one.day.isoformat(), one.net, one.count, one.wins, one.losses) for one in days] == [
        ("2025-11-12", Decimal(70), 3, 1, 1),
        ("2025-11-13", Decimal(5), 1, 1, 0),
    ]


@given(st.lists(st.integers(-500, 500), max_size=40), st.integers(0, 10**6))
def test_every_way_to_tell_trades_apart_keeps_their_sum_and_number(results: list[int], seconds: int) -> None:
    trades = [trade(str(p), ENTRY + timedelta(seconds=seconds * at)) for at, p in enumerate(results)]
    for buckets in breakdown_of(trades).values():
        assert sum(one.count for one in buckets) == len(results)
        assert sum((one.net for one in buckets), Decimal(0)) == sum(results)
        assert len({one.name for one in buckets}) == len(buckets)
    assert sum((one.net for one in days_of(trades)), Decimal(0)) == sum(results)
