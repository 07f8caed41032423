"""What the calendar asks of the venue."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.model.session import AROUND_THE_CLOCK, GLOBEX_ENERGY_AND_METALS, GLOBEX_EQUITY_INDEX
from services.simulator.contracts import listed_contracts
from services.simulator.session_clock import CLOSED, NEVER_US, OPEN, PRE_OPEN, ends_us, moment_of, phase_at, us_of


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> int:
    return us_of(datetime(2026, month, day, hour, minute, tzinfo=UTC))


def test_a_weekday_ends_at_four_in_chicago_gathers_a_quarter_before_five_and_opens_at_five() -> None:
    told = [phase_at(at, GLOBEX_EQUITY_INDEX) for at in (utc(23, 15), utc(23, 22), utc(23, 22, 45), utc(23, 23))]
    assert told == [
        (OPEN, utc(23, 22)),
        (CLOSED, utc(23, 22, 45)),
        (PRE_OPEN, utc(23, 23)),
        (OPEN, utc(24, 22)),
    ]


def test_the_last_microsecond_of_a_session_still_belongs_to_it() -> None:
    assert phase_at(utc(23, 22) - 1, GLOBEX_EQUITY_INDEX) == (OPEN, utc(23, 22))


def test_sunday_gathers_for_an_hour_after_a_closed_weekend() -> None:
    assert phase_at(utc(20, 22), GLOBEX_EQUITY_INDEX) == (CLOSED, utc(22, 22))
    assert phase_at(utc(22, 22, 30), GLOBEX_EQUITY_INDEX) == (PRE_OPEN, utc(22, 23))


def test_a_short_day_closes_when_its_calendar_says_so_and_christmas_not_at_all() -> None:
    assert phase_at(utc(26, 17), GLOBEX_EQUITY_INDEX) == (OPEN, utc(26, 18))
    assert phase_at(utc(26, 17), GLOBEX_ENERGY_AND_METALS) == (OPEN, utc(26, 19, 30))
    christmas = phase_at(utc(25, 15, month=12), GLOBEX_EQUITY_INDEX)
    assert christmas == (CLOSED, utc(27, 22, month=12))


def test_what_never_rests_is_open_for_ever() -> None:
    assert phase_at(utc(22, 3), AROUND_THE_CLOCK) == (OPEN, NEVER_US)


@pytest.mark.parametrize(
    ("root", "last"),
    [
        ("ES", datetime(2026, 12, 18, 14, 30, tzinfo=UTC)),
        ("CL", datetime(2026, 12, 21, 19, 30, tzinfo=UTC)),
        ("GC", datetime(2026, 12, 29, 18, 30, tzinfo=UTC)),
        ("ZN", datetime(2026, 12, 21, 18, 1, tzinfo=UTC)),
        ("6E", datetime(2026, 12, 14, 15, 16, tzinfo=UTC)),
    ],
)
def test_a_future_ends_on_its_last_day_at_the_hour_of_its_rulebook(root: str, last: datetime) -> None:
    contract = next(each for each in listed_contracts(date(2026, 11, 23)) if each.root == root)
    assert moment_of(ends_us(contract)) == last


def test_a_perpetual_has_no_end() -> None:
    (bitcoin,) = (each for each in listed_contracts(date(2026, 11, 23)) if each.root == "BTC-PERP")
    assert ends_us(bitcoin) == NEVER_US
