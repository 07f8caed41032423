"""Sessions open and close at the venue's hours through every change of clock, and keep the holidays."""

import importlib.util
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.holidays import FIRST, LAST, NO_BUSINESS_DAYS, SHORT_DAYS, HolidayGroup
from core.model.session import (
    AROUND_THE_CLOCK,
    GLOBEX_ENERGY_AND_METALS,
    GLOBEX_EQUITY_INDEX,
    GLOBEX_FX,
    GLOBEX_INTEREST_RATE,
    SessionTemplate,
    day_ends,
    is_open,
    next_open,
    session_of,
    trading_day,
)
from core.model.trading_day import CHICAGO, day_start

GLOBEX = [GLOBEX_EQUITY_INDEX, GLOBEX_INTEREST_RATE, GLOBEX_FX, GLOBEX_ENERGY_AND_METALS]
ALL = [*GLOBEX, AROUND_THE_CLOCK]
ES = GLOBEX_EQUITY_INDEX
FROM = datetime(2026, 1, 5, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=717)).map(lambda passed: FROM + passed)


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "opened", "day"),
    [
        ("2026-11-18 15:59:59", True, date(2026, 11, 18)),
        ("2026-11-18 16:00:00", False, date(2026, 11, 18)),
        ("2026-11-18 16:59:59", False, date(2026, 11, 18)),
        ("2026-11-18 17:00:00", True, date(2026, 11, 19)),
        ("2026-11-20 15:59:59", True, date(2026, 11, 20)),
        ("2026-11-20 16:59:59", False, date(2026, 11, 20)),
        ("2026-11-20 17:00:00", False, date(2026, 11, 23)),
        ("2026-11-21 12:00:00", False, date(2026, 11, 23)),
        ("2026-11-22 16:59:59", False, date(2026, 11, 23)),
        ("2026-11-22 17:00:00", True, date(2026, 11, 23)),
    ],
)
@pytest.mark.parametrize("template", GLOBEX, ids=lambda each: each.name)
def test_globex_trades_from_five_to_four_and_its_day_changes_at_five(
    at: str, opened: bool, day: date, template: SessionTemplate
) -> None:
    assert is_open(chicago(at), template) is opened
    assert trading_day(chicago(at), template) == day


@pytest.mark.row(143)
@pytest.mark.parametrize(
    ("before", "opens"),
    [
        ("2026-03-06T21:59:59", "2026-03-08T22:00:00"),  # clocks go forward on Sunday morning
        ("2026-03-05T23:00:00", "2026-03-08T22:00:00"),
        ("2026-03-05T22:59:59", "2026-03-05T23:00:00"),
        ("2026-10-30T20:59:59", "2026-11-01T23:00:00"),  # clocks go back on Sunday morning
        ("2026-10-29T22:00:00", "2026-11-01T23:00:00"),
        ("2026-11-01T22:59:59", "2026-11-01T23:00:00"),
        ("2027-03-14T21:59:59", "2027-03-14T22:00:00"),
    ],
)
def test_the_opening_follows_chicago_through_the_change_of_clocks(before: str, opens: str) -> None:
    assert next_open(utc(before), ES) == utc(opens)
    assert is_open(utc(opens), ES)
    assert not is_open(utc(opens) - timedelta(seconds=1), ES)


def test_a_session_is_as_long_on_either_side_of_the_change_of_clocks() -> None:
    for day in (date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2)):
        session = session_of(day, ES)
        assert session is not None
        assert session.closes_at - session.opens_at == timedelta(hours=23)


@pytest.mark.row(143)
def test_a_full_holiday_has_no_session_and_its_evening_belongs_to_the_next_day() -> None:
    assert session_of(date(2026, 12, 25), ES) is None
    assert not is_open(chicago("2026-12-25 10:00"), ES)
    assert trading_day(chicago("2026-12-24 17:00"), ES) == date(2026, 12, 28)
    assert next_open(chicago("2026-12-24 13:00"), ES) == chicago("2026-12-27 17:00")


@pytest.mark.parametrize(
    ("template", "closes"),
    [
        (GLOBEX_EQUITY_INDEX, "12:15"),
        (GLOBEX_INTEREST_RATE, "12:15"),
        (GLOBEX_FX, "12:15"),
        (GLOBEX_ENERGY_AND_METALS, "12:45"),
    ],
)
def test_an_early_close_ends_trading_and_not_the_trading_day(template: SessionTemplate, closes: str) -> None:
    close = chicago(f"2026-12-24 {closes}")
    session = session_of(date(2026, 12, 24), template)
    assert session is not None and session.is_short and session.closes_at == close
    assert is_open(close - timedelta(seconds=1), template)
    assert not is_open(close, template)
    assert trading_day(chicago("2026-12-24 16:59:59"), template) == date(2026, 12, 24)


def test_groups_keep_their_own_holidays() -> None:
    memorial_day = chicago("2026-05-25 12:30")
    assert not is_open(memorial_day, GLOBEX_EQUITY_INDEX)
    assert is_open(memorial_day, GLOBEX_ENERGY_AND_METALS)
    assert is_open(memorial_day, GLOBEX_FX)
    good_friday = chicago("2026-04-03 08:00")
    assert is_open(good_friday, GLOBEX_EQUITY_INDEX)
    assert not is_open(good_friday, GLOBEX_ENERGY_AND_METALS)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-12-24T23:59:59", date(2026, 12, 24)),
        ("2026-12-25T00:00:00", date(2026, 12, 25)),
        ("2026-11-22T12:00:00", date(2026, 11, 22)),
    ],
)
def test_crypto_never_rests_and_its_day_changes_at_midnight_utc(at: str, day: date) -> None:
    assert is_open(utc(at), AROUND_THE_CLOCK)
    assert trading_day(utc(at), AROUND_THE_CLOCK) == day
    assert next_open(utc(at), AROUND_THE_CLOCK) == datetime.combine(day + timedelta(1), time(0), UTC)


@given(MOMENTS, st.sampled_from(ALL))
def test_next_open_is_the_first_moment_of_a_session_and_nothing_opens_before_it(
    moment: datetime, template: SessionTemplate
) -> None:
    opens = next_open(moment, template)
    assert opens > moment
    assert is_open(opens, template)
    day = trading_day(opens, template)
    session = session_of(day, template)
    assert session is not None and session.opens_at == opens
    earlier = (session_of(day - timedelta(n), template) for n in range(1, 9))
    assert all(each.opens_at <= moment for each in earlier if each is not None)


@given(MOMENTS, st.sampled_from(ALL))
def test_sessions_hold_their_first_moment_and_not_their_last(moment: datetime, template: SessionTemplate) -> None:
    session = session_of(trading_day(moment, template), template)
    assert session is not None
    tick = timedelta(microseconds=1)
    assert is_open(session.opens_at, template) and is_open(session.closes_at - tick, template)
    assert is_open(session.closes_at, template) is (template is AROUND_THE_CLOCK)
    assert is_open(session.opens_at - tick, template) is (template is AROUND_THE_CLOCK)


@given(MOMENTS)
def test_the_trading_day_of_a_session_begins_where_day_start_says(moment: datetime) -> None:
    session = session_of(trading_day(moment, ES), ES)
    assert session is not None
    assert day_start(session.opens_at) == session.opens_at
    assert day_start(session.closes_at) == session.opens_at


@given(MOMENTS, st.sampled_from(ALL))
def test_a_trading_day_ends_where_the_next_one_begins(moment: datetime, template: SessionTemplate) -> None:
    day = trading_day(moment, template)
    end = day_ends(day, template)
    assert moment < end
    assert trading_day(end - timedelta(microseconds=1), template) == day
    assert trading_day(end, template) > day


def test_the_tables_hold_weekdays_of_their_years_and_closes_within_the_day() -> None:
    for days in SHORT_DAYS.values():
        assert all(FIRST <= day <= LAST and day.weekday() < 5 for day in days)
        assert all(closes is None or time(8) <= closes < time(16) for closes in days.values())
        assert {date(2026, 1, 1), date(2026, 12, 25), date(2027, 1, 1), date(2027, 12, 24)} <= set(days)
    assert len([day for day in NO_BUSINESS_DAYS if day.year == 2026]) == 10
    assert date(2026, 11, 26) in NO_BUSINESS_DAYS
    assert date(2026, 11, 27) not in NO_BUSINESS_DAYS


def test_outside_the_tables_every_weekday_is_a_full_one() -> None:
    assert session_of(date(2031, 12, 25), ES) is not None
    assert session_of(date(2031, 12, 27), ES) is None


def test_the_hours_of_globex_are_from_five_to_four_in_chicago() -> None:
    # Made anew, beside those everybody uses.
    spec = importlib.util.find_spec("core.model.session")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = {"EQUITY_INDEX": "equity index", "INTEREST_RATE": "interest rate", "FX": "FX"}
    for group, name in {**names, "ENERGY_AND_METALS": "energy and metals"}.items():
        made = getattr(module, f"GLOBEX_{group}")
        assert (made.name, made.opens, made.closes) == (f"CME Globex {name}", time(17), time(16))
        assert (made.zone, made.holidays) == (ZoneInfo("America/Chicago"), HolidayGroup[group])


def test_a_session_knows_its_day_and_tells_its_times_in_utc() -> None:
    day = date(2026, 11, 20)
    around = session_of(day, AROUND_THE_CLOCK)
    assert around is not None
    assert (around.day, around.is_short) == (day, False)
    index = session_of(day, GLOBEX_EQUITY_INDEX)
    assert index is not None
    assert (index.day, index.is_short) == (day, False)
    assert (index.opens_at.tzinfo, index.closes_at.tzinfo) == (UTC, UTC)
