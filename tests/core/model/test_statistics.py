"""Statistics of trades: the golden vector, what is undefined, and every figure against a slow reference."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import log, sqrt
from statistics import mean, median, stdev
from typing import Any

import pytest
from hypothesis import given, settings

from core.model import uncertainty
from core.model.equity import trading_date
from core.model.statistics import Statistics, Streaks, curve_of, statistics_of, streaks
from core.model.trade import Trade
from tests.core.model.histories import FIRST_EXIT, closed, golden, histories

TRIES = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module", autouse=True)
def few_resamples() -> Iterator[None]:
    """Intervals have tests of their own; here they only cost time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uncertainty, "RESAMPLES", 40)
        yield


def near(value: Any, expected: float) -> bool:
    return value is not None and float(value) == pytest.approx(expected, abs=5e-7)


def test_the_golden_trades_give_the_golden_figures() -> None:
    s = statistics_of(golden())
    assert (s.count, s.wins, s.losses, s.scratches) == (8, 4, 3, 1)
    assert s.win_rate == Decimal("0.5")
    assert (s.average_win, s.average_loss) == (Decimal("182.5"), Decimal(105))
    assert near(s.payoff, 1.738095) and near(s.profit_factor, 2.317460)
    assert s.expectancy == Decimal("51.875")
    assert near(s.risked.mean, 0.319048) and s.risked.coverage == Decimal("0.875")
    assert near(s.risked.sqn, 0.643230) and s.risked.sqn == s.risked.sqn100
    assert s.drawdown is not None and s.drawdown.money == 210
    assert s.run_up == 415
    assert near(s.recovery, 1.976190)
    assert near(s.excursions.capture, 0.576190)
    assert (s.excursions.mfe, s.excursions.mae) == (Decimal("131.25"), Decimal("73.75"))
    assert s.excursions.give_back == Decimal("74.375")
    assert near(s.sharpe, 0.331275)
    assert s.streaks == Streaks(longest_win=2, longest_loss=2, current=2)
    assert s.win_rate_interval is not None
    assert near(s.win_rate_interval.low, 0.215216) and near(s.win_rate_interval.high, 0.784784)
    assert (s.net, s.costs, s.best, s.worst) == (Decimal(415), Decimal(40), Decimal(295), Decimal(-155))


@TRIES
@given(histories())
def test_the_curve_begins_at_nothing_ends_at_the_net_and_falls_as_deep_as_the_drawdown(trades: list[Trade]) -> None:
    s, curve = statistics_of(trades), curve_of(trades)
    assert len(curve) == (s.count + 1 if s.count else 0)
    if not curve:
        return
    sums = [point.cash for point in curve]
    deepest = max(max(sums[: at + 1]) - sums[at] for at in range(len(sums)))
    assert s.drawdown is not None
    assert (sums[0], sums[-1], deepest) == (Decimal(0), s.net, s.drawdown.money)


def test_the_golden_sixth_trade_has_no_capture_of_its_own() -> None:
    assert golden()[5].capture is None


# Numbers that are right when nothing happened; every other figure must be unknown.
COUNTED = {"count", "wins", "losses", "scratches", "unpriced", "foreign", "currency", "is_gross", "streaks"}


def unknown(value: object) -> bool:
    if value is None:
        return True
    parts = getattr(value, "__dataclass_fields__", None)
    assert parts, value
    own = {name: getattr(value, name) for name in parts if name not in ("count", "days", "complete")}
    return all(one is None for one in own.values())


def test_without_trades_every_figure_is_unknown_and_none_is_zero() -> None:
    s = statistics_of([], Decimal(10_000))
    figures = {field.name: getattr(s, field.name) for field in fields(Statistics) if field.name not in COUNTED}
    assert {name for name, value in figures.items() if not unknown(value)} == set()


def test_without_a_loss_what_divides_by_losses_is_unknown() -> None:
    s = statistics_of([closed("100"), closed("50")])
    assert (s.average_loss, s.payoff, s.profit_factor, s.recovery, s.losing_run) == (None,) * 5
    assert s.drawdown is not None and s.drawdown.money == 0


def test_with_losses_only_the_profit_factor_is_zero_and_the_payoff_unknown() -> None:
    s = statistics_of([closed("-100"), closed("-50")])
    assert (s.profit_factor, s.payoff, s.average_win, s.losing_run) == (Decimal(0), None, None, None)


def test_one_trade_has_a_mean_and_no_spread() -> None:
    s = statistics_of([closed("100", risk="50")])
    assert (s.sharpe, s.sqn_money, s.risked.sqn, s.expectancy_interval) == (None,) * 4
    assert s.risked.mean == 2


def test_equal_results_have_no_spread_to_divide_by() -> None:
    assert statistics_of([closed("0.1"), closed("0.1"), closed("0.1")]).sharpe is None


def test_a_trade_whose_price_or_cost_is_unknown_is_left_out_and_counted() -> None:
    s = statistics_of([closed("100"), closed(None), replace(closed("70"), commissions=None)])
    assert (s.count, s.unpriced, s.net, s.expectancy) == (1, 2, Decimal(100), Decimal(100))


def test_where_no_costs_are_known_the_figures_are_gross_and_say_so() -> None:
    trades = [replace(closed("100", gross="102", risk="51"), commissions=None), closed(None)]
    s = statistics_of(trades)
    assert (s.is_gross, s.net, s.costs, s.cost_share, s.count, s.unpriced) == (True, Decimal(102), None, None, 1, 1)
    assert s.risked.mean == 2
    both = statistics_of([*trades, closed("100")])
    assert (both.is_gross, both.net, both.unpriced) == (False, Decimal(100), 2)
    assert not statistics_of([]).is_gross


def test_money_of_another_currency_is_never_added() -> None:
    s = statistics_of([closed("100"), closed("7", currency="EUR"), closed("50")])
    assert (s.currency, s.count, s.foreign, s.net) == ("USD", 2, 1, Decimal(150))


def test_a_risk_of_zero_is_no_risk_to_measure_by() -> None:
    s = statistics_of([closed("100", risk="0"), closed("100", risk="100")])
    assert (s.risked.count, s.risked.coverage, s.risked.mean) == (1, Decimal("0.5"), Decimal(1))


def test_a_missed_price_makes_the_excursions_at_least() -> None:
    whole, gap = closed("1", mfe="5", mae="5"), replace(closed("1", mfe="5", mae="5"), extremes_complete=False)
    assert statistics_of([whole]).excursions.complete
    assert not statistics_of([whole, gap]).excursions.complete


def test_heat_is_the_mean_of_the_totals_and_the_longest_of_the_stretches() -> None:
    trades = [replace(closed("1"), heat_total_s=total, heat_max_s=longest) for total, longest in ((90, 60), (0, 0))]
    excursions = statistics_of([*trades, closed("1")]).excursions  # the third was closed before heat was kept
    assert (excursions.heat_s, excursions.longest_heat_s) == (45.0, 60)


def test_sqn_100_stops_growing_at_a_hundred_trades() -> None:
    s = statistics_of([closed("100" if at % 2 else "-50", risk="100") for at in range(400)])
    assert s.risked.sqn is not None and s.risked.sqn100 is not None
    assert s.risked.sqn == pytest.approx(2 * s.risked.sqn100)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("", Streaks()),
        ("000", Streaks()),
        ("110", Streaks(2, 0, 2)),
        ("101", Streaks(2, 0, 2)),
        ("1-0-", Streaks(1, 2, -2)),
        ("11--1", Streaks(2, 2, 1)),
    ],
)
def test_a_scratch_neither_breaks_nor_extends_a_run(results: str, expected: Streaks) -> None:
    money = {"1": Decimal(5), "-": Decimal(-5), "0": Decimal(0)}
    assert streaks(money[one] for one in results) == expected


def test_holding_times_of_wins_and_losses_are_apart() -> None:
    s = statistics_of(
        [closed("1", held_s=10), closed("1", held_s=50), closed("-1", held_s=600), closed("2", held_s=None)]
    )
    assert (s.held_wins.mean_s, s.held_wins.median_s) == (30, 30)
    assert (s.held_losses.mean_s, s.held.median_s) == (600, 50)


def test_daily_ratios_count_the_days_between_without_a_trade() -> None:
    days = [closed(net, at=FIRST_EXIT + timedelta(days=day)) for net, day in (("385", 0), ("-210", 2), ("240", 3))]
    daily = statistics_of(days, Decimal(10_000)).daily
    assert daily.days == 4 and not daily.is_enough
    assert near(daily.sharpe, 6.419987) and near(daily.sortino, 16.432981)


def test_who_trades_on_a_weekend_trades_every_day_of_the_year() -> None:
    days = [closed(net, at=FIRST_EXIT + timedelta(days=day)) for net, day in (("10", 0), ("-5", 5), ("7", 7))]
    assert statistics_of(days, Decimal(1000)).daily.days == 8


# -- against a slow reference ----------------------------------------------------------------------------------------


def exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def same(value: Any, expected: Any) -> bool:
    if expected is None or value is None:
        return value is None and expected is None
    return float(value) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def average(values: list[Fraction]) -> Fraction | None:
    return mean(values) if values else None


def nets(trades: list[Trade]) -> list[Fraction]:
    if all(one.commissions is None for one in trades):
        return [Fraction(one.realized_pnl) for one in trades if one.realized_pnl is not None]
    return [
        Fraction(one.realized_pnl) - Fraction(one.commissions)
        for one in trades
        if one.realized_pnl is not None and one.commissions is not None
    ]


@TRIES
@given(histories())
def test_money_figures_are_what_counting_by_hand_gives(trades: list[Trade]) -> None:
    s, p = statistics_of(trades), nets(trades)
    won, lost = [one for one in p if one > 0], [-one for one in p if one < 0]
    assert s.count == len(p) == s.wins + s.losses + s.scratches
    assert s.unpriced == len(trades) - len(p)
    assert same(s.net, sum(p) if p else None)
    assert same(s.expectancy, average(p))
    assert same(s.average_win, average(won)) and same(s.average_loss, average(lost))
    assert same(s.profit_factor, sum(won) / sum(lost) if lost else None)
    assert same(s.payoff, mean(won) / mean(lost) if won and lost else None)
    if won and lost:
        rate, share = Fraction(len(won), len(p)), Fraction(len(lost), len(p))
        assert same(s.expectancy, rate * mean(won) - share * mean(lost))
    assert s.expectancy_interval is None or s.expectancy_interval.low <= s.expectancy_interval.high


@TRIES
@given(histories())
def test_drawdown_and_run_up_are_the_widest_pair_of_points_of_the_curve(trades: list[Trade]) -> None:
    s, p = statistics_of(trades), nets(trades)
    curve = [sum(p[:at], Fraction(0)) for at in range(len(p) + 1)]
    pairs = [(curve[a], curve[b]) for a in range(len(curve)) for b in range(a, len(curve))]
    assert same(s.drawdown.money if s.drawdown else None, max(a - b for a, b in pairs) if p else None)
    assert same(s.run_up, max(b - a for a, b in pairs) if p else None)
    if p and s.drawdown and s.drawdown.money:
        assert same(s.recovery, sum(p) / Fraction(s.drawdown.money))


@TRIES
@given(histories())
def test_ratios_with_a_spread_are_those_of_exact_arithmetic(trades: list[Trade]) -> None:
    s, p = statistics_of(trades), nets(trades)
    spread = stdev(p) if len(p) > 1 else 0
    assert same(s.sharpe, float(mean(p)) / float(spread) if spread else None)
    assert same(s.sqn_money, sqrt(len(p)) * float(mean(p)) / float(spread) if spread else None)
    gross = all(one.commissions is None for one in trades)
    priced = [one for one in trades if one.commissions is not None or gross]
    r = [result / Fraction(one.initial_risk) for one, result in zip(priced, p, strict=True) if one.initial_risk]
    assert s.risked.count == len(r) and same(s.risked.mean, average(r))
    width = stdev(r) if len(r) > 1 else 0
    assert same(s.risked.sqn, sqrt(len(r)) * float(mean(r)) / float(width) if width else None)
    lost = sum(one < 0 for one in p)
    q = lost / len(p) if p else 0
    assert same(s.losing_run, log(len(p) * (1 - q)) / log(1 / q) if 0 < q < 1 else None)


@TRIES
@given(histories())
def test_excursions_are_pooled_never_the_mean_of_ratios(trades: list[Trade]) -> None:
    x = statistics_of(trades).excursions
    known = [(exact(one.mfe), exact(one.realized_pnl)) for one in trades]
    both = [(mfe, g) for mfe, g in known if mfe is not None and g is not None]
    above = [(mfe, g) for mfe, g in both if mfe > 0]
    assert same(x.capture, sum(g for _, g in above) / sum(mfe for mfe, _ in above) if above else None)
    assert same(x.give_back, average([mfe - g for mfe, g in both]))
    assert same(x.mae, average([Fraction(one.mae) for one in trades if one.mae is not None]))


@TRIES
@given(histories())
def test_runs_are_the_groups_of_equal_signs_once_scratches_are_gone(trades: list[Trade]) -> None:
    s, signs = statistics_of(trades), [one > 0 for one in nets(trades) if one]
    groups = [(won, len(list(group))) for won, group in groupby(signs)]
    assert s.streaks.longest_win == max((length for won, length in groups if won), default=0)
    assert s.streaks.longest_loss == max((length for won, length in groups if not won), default=0)
    assert s.streaks.current == ((groups[-1][1] if groups[-1][0] else -groups[-1][1]) if groups else 0)


@TRIES
@given(histories())
def test_holding_and_daily_figures_follow_from_times(trades: list[Trade]) -> None:
    s = statistics_of(trades, Decimal(1_000_000))
    gross = all(one.commissions is None for one in trades)
    priced = [one for one in trades if one.commissions is not None or gross]
    spans = [(one.exit_time - one.entry_time).total_seconds() for one in priced if one.entry_time is not None]
    assert same(s.held.mean_s, mean(spans) if spans else None)
    assert same(s.held.median_s, median(spans) if spans else None)
    days: dict[Any, Fraction] = defaultdict(Fraction)
    for one, result in zip(priced, nets(trades), strict=True):
        days[trading_date(one.exit_time)] += result
    if not days:
        assert s.daily.sharpe is None
        return
    every = [min(days) + timedelta(days=at) for at in range((max(days) - min(days)).days + 1)]
    weekend = any(day.weekday() > 4 for day in days)
    used = [day for day in every if weekend or day.weekday() < 5]
    equity, returns = Fraction(1_000_000), []
    for day in used:
        returns.append(days[day] / equity)
        equity += days[day]
    spread = stdev(returns) if len(returns) > 1 else 0
    year = sqrt(365 if weekend else 252)
    assert s.daily.days == len(used)
    assert same(s.daily.sharpe, float(mean(returns)) / float(spread) * year if spread else None)
