"""The time axis: labels at bars, clear of each other, right on the days the clocks change, and where sessions begin."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.session import AROUND_THE_CLOCK, GLOBEX_EQUITY_INDEX
from panels.charts.time_axis import LEAST_GAP, session_starts, stretch_of, time_labels

CHICAGO = ZoneInfo("America/Chicago")
BEGIN = datetime(2025, 11, 12, 14, 0, tzinfo=UTC)
# From 2023 to 2026.
SECONDS = st.integers(1_672_531_200, 1_798_761_600)


def times(begin: datetime, step_s: int, count: int) -> list[float]:
    return [begin.timestamp() + at * step_s for at in range(count)]


def texts(found: list[float], per_bar: float, zone: ZoneInfo = CHICAGO) -> list[tuple[str, str]]:
    """Return each label with the time of its bar in the zone."""
    return [
        (label.text, datetime.fromtimestamp(found[label.index], zone).strftime("%H:%M"))
        for label in time_labels(found, 0, len(found), per_bar, zone)
    ]


def test_minutes_are_labelled_at_round_times_of_the_display_zone() -> None:
    assert texts(times(BEGIN, 60, 120), 6.0)[:3] == [("08:15", "08:15"), ("08:30", "08:30"), ("08:45", "08:45")]
    assert texts(times(BEGIN, 60, 60), 30.0)[:2] == [("08:05", "08:05"), ("08:10", "08:10")]


def test_seconds_are_written_where_labels_are_closer_than_a_minute() -> None:
    assert texts(times(BEGIN, 1, 120), 10.0)[0][0] == "08:00:15"


def test_a_new_day_is_written_as_its_date_and_stays_before_an_hour() -> None:
    found = texts(times(BEGIN, 3600, 48), 30.0)
    assert ("2025-11-13", "00:00") in found
    assert ("2025-11-14", "00:00") in found


def test_a_bar_after_a_rest_carries_the_time_it_lies_in() -> None:
    friday = times(datetime(2025, 11, 14, 21, 0, tzinfo=UTC), 60, 60)
    sunday = times(datetime(2025, 11, 16, 23, 0, tzinfo=UTC), 60, 120)
    labels = time_labels([*friday, *sunday], 0, 180, 6.0, CHICAGO)
    first = next(label for label in labels if label.index >= 60)
    assert (first.index, first.text, first.rank) == (60, "2025-11-16", 1)


def test_the_hour_that_occurs_twice_is_written_with_its_offset() -> None:
    found = texts(times(datetime(2025, 11, 2, 4, 0, tzinfo=UTC), 300, 60), 12.0)
    words = [text for text, _ in found]
    assert "01:30 −05:00" in words
    assert "01:30 −06:00" in words
    assert "02:00" in words
    assert len(words) == len(set(words))


def test_the_hour_that_is_missing_in_spring_is_never_written() -> None:
    found = texts(times(datetime(2025, 3, 9, 6, 0, tzinfo=UTC), 300, 72), 12.0)
    assert not any(text.startswith("02:") for text, _ in found)
    assert ("03:00", "03:00") in found


@pytest.mark.parametrize("day", [datetime(2025, 3, 9, tzinfo=CHICAGO), datetime(2025, 11, 2, tzinfo=CHICAGO)])
def test_steps_of_hours_stay_on_the_clock_over_a_change(day: datetime) -> None:
    found = texts(times(day.astimezone(UTC) - timedelta(hours=6), 1800, 80), 10.0)
    # After midnight the labels are 4 h apart by the clock on the wall.
    assert all(text == at or (at == "00:00" and text.startswith("2025-")) for text, at in found)
    assert ("04:00", "04:00") in found
    assert ("08:00", "08:00") in found


def test_days_become_months_and_years() -> None:
    found = times(datetime(2024, 1, 1, 18, tzinfo=UTC), 86_400, 800)
    assert "Mar 2024" in [text for text, _ in texts(found, 3.0)]
    assert "2025" in [text for text, _ in texts(found, 1.0)]


@given(
    begin_s=SECONDS,
    step_s=st.sampled_from([1, 15, 60, 300, 3600, 14_400, 86_400]),
    count=st.integers(2, 400),
    per_bar=st.floats(0.5, 60),
    rests=st.lists(st.tuples(st.integers(0, 399), st.integers(1, 400_000)), max_size=4),
)
def test_labels_are_in_order_at_bars_and_never_overlap(
    begin_s: int, step_s: int, count: int, per_bar: float, rests: list[tuple[int, int]]
) -> None:
    found = times(datetime.fromtimestamp(begin_s, UTC), step_s, count)
    for at, rest in rests:
        found[at:] = [one + rest for one in found[at:]]
    labels = time_labels(found, 0, count, per_bar, CHICAGO)
    places = [label.index for label in labels]
    assert all(0 <= place < count for place in places)
    assert all((after - before) * per_bar >= LEAST_GAP for before, after in pairwise(places))


@given(moment_s=SECONDS, step_s=st.sampled_from([300, 3600, 14_400]))
def test_a_moment_lies_in_its_stretch(moment_s: int, step_s: int) -> None:
    at = datetime.fromtimestamp(moment_s, UTC)
    begun = stretch_of(at, step_s, CHICAGO)
    assert timedelta(0) <= at - begun < timedelta(seconds=step_s) + timedelta(hours=1)


def test_a_trading_day_begins_at_five_in_the_afternoon_in_winter_and_in_summer() -> None:
    for begin, opens in (
        (datetime(2025, 11, 12, 20, 0, tzinfo=UTC), datetime(2025, 11, 12, 23, 0, tzinfo=UTC)),
        (datetime(2025, 7, 9, 20, 0, tzinfo=UTC), datetime(2025, 7, 9, 22, 0, tzinfo=UTC)),
    ):
        found = times(begin, 300, 60)
        (index, day), *others = session_starts(found, 0, 60, GLOBEX_EQUITY_INDEX)
        assert not others
        assert found[index] == opens.timestamp()
        assert day == begin.date() + timedelta(days=1)


def test_a_bar_too_few_has_no_session_and_years_have_none_either() -> None:
    assert session_starts(times(BEGIN, 60, 1), 0, 1, GLOBEX_EQUITY_INDEX) == []
    assert session_starts(times(BEGIN, 86_400, 300), 0, 300, AROUND_THE_CLOCK) == []
    assert session_starts(times(BEGIN, 3600, 30), 0, 30, AROUND_THE_CLOCK) == [(10, date(2025, 11, 13))]
