"""Futures end and roll on the days their exchanges say."""

from datetime import date

import pytest

from core.model import expiry


@pytest.mark.parametrize(
    ("year", "month", "ends", "rolls"),
    [
        (2026, 12, date(2026, 12, 18), date(2026, 12, 14)),
        (2026, 3, date(2026, 3, 20), date(2026, 3, 16)),
        (2026, 6, date(2026, 6, 18), date(2026, 6, 15)),  # the third Friday is Juneteenth
        (2027, 6, date(2027, 6, 17), date(2027, 6, 14)),  # Juneteenth observed
    ],
)
def test_index_futures_end_on_the_third_friday_and_roll_on_the_monday_before(
    year: int, month: int, ends: date, rolls: date
) -> None:
    assert expiry.index_ends(year, month) == ends
    assert expiry.index_rolls(year, month) == rolls


@pytest.mark.parametrize(
    ("year", "month", "ends"),
    [
        (2026, 4, date(2026, 3, 20)),
        (2026, 12, date(2026, 11, 20)),
        (2026, 11, date(2026, 10, 20)),  # the 25th is a Sunday
        (2027, 1, date(2026, 12, 21)),  # the 25th is Christmas Day
    ],
)
def test_crude_oil_ends_in_the_month_before_its_own(year: int, month: int, ends: date) -> None:
    assert expiry.crude_ends(year, month) == ends
    assert expiry.crude_rolls(year, month) == expiry.business_days_before(ends, 3)


def test_gold_ends_on_the_third_last_business_day_and_rolls_before_the_notice_of_delivery() -> None:
    assert expiry.gold_ends(2026, 12) == date(2026, 12, 29)
    assert expiry.gold_ends(2027, 2) == date(2027, 2, 24)
    assert expiry.gold_rolls(2026, 12) == date(2026, 11, 27)


def test_treasuries_end_seven_business_days_before_the_last_of_their_month() -> None:
    assert expiry.treasury_ends(2026, 12) == date(2026, 12, 21)
    assert expiry.treasury_ends(2025, 9) == date(2025, 9, 19)
    assert expiry.treasury_rolls(2026, 12) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("year", "month", "ends", "rolls"),
    [
        (2026, 12, date(2026, 12, 14), date(2026, 12, 7)),
        (2016, 3, date(2016, 3, 14), date(2016, 3, 7)),
        (2013, 12, date(2013, 12, 16), date(2013, 12, 9)),
    ],
)
def test_currencies_end_before_the_third_wednesday_and_roll_five_business_days_earlier(
    year: int, month: int, ends: date, rolls: date
) -> None:
    assert expiry.currency_ends(year, month) == ends
    assert expiry.currency_rolls(year, month) == rolls
