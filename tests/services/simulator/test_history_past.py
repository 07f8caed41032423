"""The past a market is said to have: the same for the same seed, one piece with the market, whole at every level."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from core.model.session import GLOBEX_EQUITY_INDEX, session_of, trading_day
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.history_past import DAYS, Past

OPENED = datetime(2026, 11, 20, 15, 7, 33, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CONTRACTS = {each.root: each for each in listed_contracts(OPENED.date())}
ROOTS = ("ES", "CL", "ZN", "BTC-PERP")


def past(root: str = "ES", seed: int = 1, opened: datetime = OPENED) -> Past:
    contract = CONTRACTS[root]
    return Past(contract, seed, opened, contract.character.opens_at)


def is_on_grid(price: Decimal, contract: Contract) -> bool:
    return price % contract.tick_size == 0


@pytest.mark.parametrize("root", ROOTS)
def test_the_past_ends_at_the_price_the_market_opened_at(root: str) -> None:
    made = past(root)
    last = made.minutes(made.days(LONG_AGO)[-1])[-1]
    assert last.close == CONTRACTS[root].character.opens_at
    assert last.start == datetime(2026, 11, 20, 15, 6, tzinfo=UTC)


def test_the_same_seed_makes_the_same_past_and_another_another() -> None:
    first, again, other = past(), past(), past(seed=2)
    day = first.days(OPENED - timedelta(days=3))[0]
    assert again.days(OPENED - timedelta(days=3))[0] == day
    assert again.minutes(day) == first.minutes(day)
    bar = first.minutes(day)[500]
    assert again.trades(bar) == first.trades(bar)
    assert other.days(OPENED - timedelta(days=3))[0] != day


@pytest.mark.parametrize("root", ROOTS)
def test_a_days_minutes_make_the_day(root: str) -> None:
    made = past(root)
    for day in made.days(OPENED - timedelta(days=6)):
        minutes, whole = made.minutes(day), made.daily(day)
        assert len(minutes) == day.minutes
        assert (minutes[0].open, minutes[-1].close) == (whole.open, whole.close)
        assert max(bar.high for bar in minutes) == whole.high
        assert min(bar.low for bar in minutes) == whole.low
        assert sum(bar.volume for bar in minutes) == whole.volume
        assert sum(bar.trades for bar in minutes) == whole.trades
        assert all(before.close == after.open for before, after in pairwise(minutes))
        assert all(is_on_grid(bar.high, CONTRACTS[root]) and bar.low <= bar.close <= bar.high for bar in minutes)


@pytest.mark.parametrize("root", ROOTS)
def test_a_days_hours_are_what_its_minutes_make(root: str) -> None:
    made = past(root)
    for day in made.days(OPENED - timedelta(days=6)):
        minutes = made.minutes(day)
        for place, hour in enumerate(made.hours(day)):
            part = minutes[place * 60 : place * 60 + 60]
            assert (hour.start, hour.open, hour.close) == (part[0].start, part[0].open, part[-1].close)
            assert (hour.high, hour.low) == (max(bar.high for bar in part), min(bar.low for bar in part))
            assert (hour.volume, hour.trades) == (sum(bar.volume for bar in part), sum(bar.trades for bar in part))


@pytest.mark.parametrize("root", ROOTS)
def test_a_minutes_trades_make_the_minute(root: str) -> None:
    made = past(root)
    for bar in made.minutes(made.days(LONG_AGO)[-2])[::97]:
        trades = made.trades(bar)
        prices = [trade.price for trade in trades]
        assert (prices[0], prices[-1]) == (bar.open, bar.close)
        assert (max(prices), min(prices)) == (bar.high, bar.low)
        assert sum(trade.size for trade in trades) == bar.volume
        assert len(trades) == bar.trades
        times = [trade.at_us for trade in trades]
        assert times == sorted(times)
        start_us = int(bar.start.timestamp()) * 1_000_000
        assert start_us <= times[0]
        assert times[-1] < start_us + 60_000_000


def test_it_trades_in_sessions_and_not_on_holidays() -> None:
    made = past(opened=datetime(2026, 12, 1, 15, 0, tzinfo=UTC))
    days = {day.day: day for day in made.days(datetime(2026, 11, 20, tzinfo=UTC))}
    assert not any(day.weekday() > 4 for day in days)
    short = session_of(date(2026, 11, 27), GLOBEX_EQUITY_INDEX)  # the day after Thanksgiving
    assert short is not None
    assert short.is_short
    assert days[short.day].minutes == (short.closes_at - short.opens_at) // timedelta(minutes=1)
    for day in days.values():
        minutes = made.minutes(day)
        assert {trading_day(minutes[0].start, GLOBEX_EQUITY_INDEX), day.day} == {day.day}


@pytest.mark.parametrize("root", sorted(CONTRACTS))
def test_years_back_a_price_is_still_a_price(root: str) -> None:
    made = past(root)
    days = made.days(LONG_AGO)
    assert len(days) == DAYS
    assert all(0 < day.low <= min(day.open, day.close) <= max(day.open, day.close) <= day.high for day in days)
    assert all(day.opens_at < after.opens_at for day, after in pairwise(days))


def test_a_market_that_opens_with_its_session_has_no_minutes_of_that_day() -> None:
    session = session_of(date(2026, 11, 20), GLOBEX_EQUITY_INDEX)
    assert session is not None
    made = past(opened=session.opens_at)
    assert made.days(LONG_AGO)[-1].day == date(2026, 11, 19)
