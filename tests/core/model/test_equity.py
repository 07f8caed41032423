"""The equity curve: its days, its falls, its returns, and the same curve with fewer points."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.equity import (
    DailyRatios,
    Drawdown,
    EquityKind,
    EquityPoint,
    daily_ratios,
    day_results,
    is_session_day,
    max_drawdown,
    max_run_up,
    performance,
    thinned,
    trading_date,
)

START = datetime(2026, 11, 16, 15, tzinfo=UTC)
GOLDEN_DAYS = [Decimal(385), Decimal(0), Decimal(-210), Decimal(240)]


def curve(*cash: int, kind: EquityKind = EquityKind.TRADE) -> list[EquityPoint]:
    return [EquityPoint(START + timedelta(minutes=at), Decimal(one), kind) for at, one in enumerate(cash)]


def test_the_golden_days_give_the_golden_ratios() -> None:
    found = daily_ratios(GOLDEN_DAYS, Decimal(10_000), 252)
    assert found.sharpe == pytest.approx(6.419987, abs=5e-7)
    assert found.sortino == pytest.approx(16.432981, abs=5e-7)
    assert not found.is_enough


def test_crypto_has_more_days_a_year() -> None:
    futures, crypto = (daily_ratios(GOLDEN_DAYS, Decimal(10_000), days).sharpe for days in (252, 365))
    assert futures is not None and crypto == pytest.approx(futures * (365 / 252) ** 0.5)


def test_what_money_earns_without_risk_is_no_merit() -> None:
    without, with_it = (daily_ratios(GOLDEN_DAYS, Decimal(10_000), 252, rf).sharpe for rf in (0.0, 0.001))
    assert without is not None and with_it is not None and with_it < without


def test_an_account_without_money_has_no_returns() -> None:
    found = daily_ratios([Decimal(-100), Decimal(50)], Decimal(100), 252)
    assert (found.sharpe, found.sortino) == (None, None)
    assert daily_ratios([], Decimal(100), 252).sharpe is None


def test_days_that_never_lost_have_no_sortino() -> None:
    found = daily_ratios([Decimal(5), Decimal(7)], Decimal(100), 252)
    assert found.sortino is None and found.sharpe is not None


def test_a_drawdown_is_shared_by_the_peak_it_fell_from_and_the_start_is_one() -> None:
    fell = max_drawdown([Decimal(-100), Decimal(300), Decimal(-240)], Decimal(1000))
    assert (fell.money, fell.share) == (Decimal(240), Decimal(240) / 1200)
    assert max_drawdown([Decimal(-100)], Decimal(1000)).share == Decimal("0.1")
    assert max_drawdown([Decimal(-100)]).share is None


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2026, 11, 16, 22, 59, 59, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 16, 23, 0, 0, tzinfo=UTC), date(2026, 11, 17)),
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 11, 15, 23, 30, tzinfo=UTC), date(2026, 11, 16)),
    ],
)
def test_a_trading_day_bears_the_date_it_ends_on(utc: datetime, expected: date) -> None:
    assert trading_date(utc) == expected


def test_days_between_without_a_trade_are_days_and_weekends_are_not() -> None:
    friday, monday = date(2026, 11, 13), date(2026, 11, 16)
    assert day_results([(friday, Decimal(5)), (monday, Decimal(2)), (friday, Decimal(1))]) == (Decimal(6), Decimal(2))
    assert day_results([(friday, Decimal(5)), (monday, Decimal(2))], lambda _: True) == tuple(
        map(Decimal, (5, 0, 0, 2))
    )
    assert day_results([]) == ()


def test_a_holiday_between_is_no_day_without_a_trade() -> None:
    thursday, monday = date(2026, 12, 24), date(2026, 12, 28)  # Christmas lies between
    assert day_results([(thursday, Decimal(5)), (monday, Decimal(2))]) == (Decimal(5), Decimal(2))
    assert not is_session_day(date(2026, 12, 25)) and is_session_day(date(2026, 12, 24))


def test_money_that_was_moved_is_no_performance() -> None:
    points = [*curve(1000), EquityPoint(START, Decimal(6000), EquityKind.RESET), *curve(6100, 6050)]
    assert performance(points) == 50
    assert performance([]) == 0 and performance(points[:1]) == 0


POINTS = st.lists(st.tuples(st.integers(0, 500), st.integers(-1000, 1000)), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(POINTS, st.integers(1, 40))
def test_a_thinned_curve_keeps_its_ends_its_extremes_and_its_order(steps: list[tuple[int, int]], columns: int) -> None:
    at, points = START, []
    for wait, cash in steps:
        at += timedelta(seconds=wait)
        points.append(EquityPoint(at, Decimal(cash)))
    thin = thinned(points, columns)
    assert len(thin) <= max(4 * columns, 1) and set(thin) <= set(points)
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert [one.at for one in thin] == sorted(one.at for one in thin)
    for extreme in (min, max):
        assert extreme(one.cash for one in thin) == extreme(one.cash for one in points)


def test_no_mark_of_moved_money_is_lost_by_thinning() -> None:
    points = curve(*range(1000))
    points[3] = EquityPoint(points[3].at, points[3].cash, EquityKind.RESET)
    assert {points[2], points[3]} <= set(thinned(points, 5))


# -- exactly -----------------------------------------------------------------------------------------------------------


def money(*amounts: int) -> list[Decimal]:
    return [Decimal(one) for one in amounts]


@pytest.mark.parametrize(
    ("results", "base", "fall", "share"),
    [
        ((), None, 0, None),
        ((5, -3, 1, -4), None, 6, None),
        ((100, -50, 20, -40), 400, 70, "0.14"),
        ((-50,), 100, 50, "0.5"),
        # Of two falls as deep the first is told: its peak is the one it is a share of.
        ((-50, 150, -50), 100, 50, "0.5"),
        ((-5,), 0, 5, None),
        ((-5,), -1, 5, None),
        (("-0.5",), "0.5", "0.5", "1"),
        ((3, 2), 100, 0, "0"),
    ],
)
def test_the_deepest_fall_and_its_share(
    results: tuple[int | str, ...], base: int | str | None, fall: int | str, share: str | None
) -> None:
    found = max_drawdown([Decimal(one) for one in results], None if base is None else Decimal(base))
    assert found == Drawdown(Decimal(fall), None if share is None else Decimal(share))


@pytest.mark.parametrize(
    ("results", "rise"), [((), 0), ((-5,), 0), ((5,), 5), ((5, -8, 4, 6, -1), 10), ((5, -3, 4, -9, 2), 6), ((-4, 3), 3)]
)
def test_the_largest_rise_is_from_the_lowest_before_it(results: tuple[int, ...], rise: int) -> None:
    assert max_run_up(money(*results)) == rise


def test_twenty_days_are_enough_and_days_are_counted_where_nothing_can_be_said() -> None:
    assert [DailyRatios(days, None, None).is_enough for days in (19, 20, 21)] == [False, True, True]
    assert daily_ratios([], Decimal(100), 252) == DailyRatios(0, None, None)
    assert daily_ratios(money(-100, 5), Decimal(100), 252) == DailyRatios(2, None, None)
    assert daily_ratios(money(5), Decimal(1), 252).days == 1
    assert daily_ratios(money(5), Decimal(1), 252).sharpe is None
    still = daily_ratios(money(0, 0), Decimal(100), 252)
    assert (still.sharpe, still.sortino) == (None, None)


def test_performance_of_nothing_is_a_decimal() -> None:
    nothing = performance([])
    assert isinstance(nothing, Decimal)
    assert nothing == 0


def thin(cash: list[int], columns: int) -> list[int]:
    return [int(one.cash) for one in thinned(curve(*cash), columns)]


def test_a_curve_is_thinned_to_the_corners_of_each_column() -> None:
    assert thin([5, 6, 9, 7, 1, 2, 3], 1) == [5, 9, 1, 3]
    # Ten minutes in two columns: the one at the half is of the second, the one at the end too.
    assert thin([5, 7, 9, 8, 6, 5, 1, 2, 9, 4, 3], 2) == [5, 9, 6, 5, 1, 9, 3]
    assert thin([1, 2, 3, 4, 5], 1) == [1, 5]


def test_a_curve_of_few_points_is_drawn_as_it_is() -> None:
    assert thin([1, 2, 3, 4], 1) == [1, 2, 3, 4]
    assert thin([1, 2, 3, 4, 5, 6, 7, 8], 2) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert thin([1, 2, 3, 4, 5, 6, 7, 8, 9], 0) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert thin([1, 2, 3, 4, 5, 6, 7, 8, 9], 2) == [1, 4, 5, 9]


def test_points_of_one_moment_are_one_column() -> None:
    together = [EquityPoint(START, Decimal(cash)) for cash in (3, 4, 1, 9, 5)]
    assert [int(one.cash) for one in thinned(together, 1)] == [3, 1, 9, 5]


def test_moved_money_is_kept_with_the_point_before_it() -> None:
    points = curve(5, 6, 7, 8, 9, 10, 11)
    points[4] = EquityPoint(points[4].at, points[4].cash, EquityKind.RESET)
    assert [int(one.cash) for one in thinned(points, 1)] == [5, 8, 9, 11]
    points[0] = EquityPoint(points[0].at, points[0].cash, EquityKind.ANCHOR)
    assert [int(one.cash) for one in thinned(points, 1)] == [5, 8, 9, 11]
