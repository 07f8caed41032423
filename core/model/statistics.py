"""What a list of closed trades amounts to: every figure has one definition, and is None where it has none.

Trade i is everything between two flat states of a scope: g gross money, c costs, p = g − c net. A win has p > 0, a
loss p < 0, a scratch p = 0. All trades are of one currency; those whose p is unknown are left out and counted. Where
the costs of every trade are unknown, p is g, and the figures say that they are gross.
Money, shares and quotients of money are Decimal; what needs a root (SQN, Sharpe) and intervals are floats.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from math import sqrt
from statistics import fmean, median

from core.model.equity import (
    DailyRatios,
    Drawdown,
    EquityKind,
    EquityPoint,
    daily_ratios,
    day_results,
    deviation,
    is_session_day,
    max_drawdown,
    max_run_up,
    trading_date,
)
from core.model.trade import Trade
from core.model.uncertainty import SMALL_SAMPLE, Interval, bootstrap_mean, expected_losing_run, wilson

FUTURES_DAYS, CRYPTO_DAYS = 252, 365


@dataclass(frozen=True, slots=True)
class Streaks:
    """Runs of wins and losses; a scratch neither breaks nor extends one.

    Attributes:
        current: the run at the end, positive of wins, negative of losses.
    """

    longest_win: int = 0
    longest_loss: int = 0
    current: int = 0


@dataclass(frozen=True, slots=True)
class Risked:
    """Trades with a known initial risk: their R-multiples.

    Attributes:
        count: how many. coverage: their share of all.
        sqn: √k · mean(R) ÷ s(R). sqn100: the same with at most a hundred under the root.
    """

    count: int
    coverage: Decimal | None
    mean: Decimal | None
    sqn: float | None
    sqn100: float | None


@dataclass(frozen=True, slots=True)
class Excursions:
    """How far, and how long, trades went against and for us; distances in money, times in seconds.

    Attributes:
        capture: Σg ÷ ΣMFE over trades with MFE above zero, at most 1.
        give_back: mean of MFE − g.
        heat_s: mean time below zero per trade. longest_heat_s: the longest such time without a break.
        complete: False when prices of one were missed: show the means, and the times, with "≥".
    """

    mae: Decimal | None
    mfe: Decimal | None
    capture: Decimal | None
    give_back: Decimal | None
    heat_s: float | None
    longest_heat_s: int | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """How long trades were held, seconds from first entry to last exit; None without a known entry time."""

    mean_s: float | None
    median_s: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a list of trades; None is undefined, never zero.

    Attributes:
        count: n, the trades they rest on. unpriced: left out, price or cost unknown. foreign: of another currency.
        is_gross: no trade's costs are known, so p is gross.
        average_loss: a positive number. recovery: net ÷ largest drawdown. cost_share: costs ÷ all gross gains.
        sqn_money: √n · mean(p) ÷ s(p). sharpe: mean(p) ÷ s(p), per trade, never annualised.
    """

    count: int
    wins: int
    losses: int
    scratches: int
    unpriced: int
    foreign: int
    currency: str
    is_gross: bool
    net: Decimal | None
    costs: Decimal | None
    win_rate: Decimal | None
    win_rate_interval: Interval | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff: Decimal | None
    profit_factor: Decimal | None
    expectancy: Decimal | None
    expectancy_interval: Interval | None
    best: Decimal | None
    worst: Decimal | None
    cost_share: Decimal | None
    drawdown: Drawdown | None
    run_up: Decimal | None
    recovery: Decimal | None
    sqn_money: float | None
    sharpe: float | None
    risked: Risked
    excursions: Excursions
    streaks: Streaks
    losing_run: float | None
    held: Holding
    held_wins: Holding
    held_losses: Holding
    daily: DailyRatios

    @property
    def is_small(self) -> bool:
        """True where a few more trades could turn the figures over."""
        return self.count < SMALL_SAMPLE


def statistics_of(trades: Sequence[Trade], base: Decimal | None = None) -> Statistics:
    """Return the figures of trades in the order of their exits.

    Args:
        base: equity before the first of them; None leaves shares and daily ratios undefined.
    """
    currency = _main_currency(trades)
    own = [one for one in trades if one.currency == currency]
    is_gross = _is_gross(own)
    known = results_of(trades)
    results = [net for _, net in known]
    floats = [float(net) for net in results]
    won, lost = [p for p in results if p > 0], [-p for p in results if p < 0]
    count, net = len(results), sum(results, Decimal(0))
    drawdown = max_drawdown(results, base) if results else None
    average_win, average_loss = _mean(won), _mean(lost)
    spread = deviation(floats)
    sharpe = fmean(floats) / spread if spread else None
    return Statistics(
        count=count,
        wins=len(won),
        losses=len(lost),
        scratches=count - len(won) - len(lost),
        unpriced=len(own) - count,
        foreign=len(trades) - len(own),
        currency=currency,
        is_gross=is_gross,
        net=net if results else None,
        costs=_costs([one for one, _ in known]),
        win_rate=_quotient(Decimal(len(won)), Decimal(count)),
        win_rate_interval=wilson(len(won), count),
        average_win=average_win,
        average_loss=average_loss,
        payoff=None if average_win is None or average_loss is None else average_win / average_loss,
        profit_factor=_quotient(sum(won, Decimal(0)), sum(lost, Decimal(0))),
        expectancy=_mean(results),
        expectancy_interval=bootstrap_mean(floats),
        best=max(results, default=None),
        worst=min(results, default=None),
        cost_share=_cost_share([one for one, _ in known]),
        drawdown=drawdown,
        run_up=max_run_up(results) if results else None,
        recovery=_quotient(net, drawdown.money) if drawdown is not None else None,
        sqn_money=None if sharpe is None else sqrt(count) * sharpe,
        sharpe=sharpe,
        risked=_risked(known),
        excursions=_excursions(own),
        streaks=streaks(results),
        losing_run=expected_losing_run(len(lost), count),
        held=_held(one for one, _ in known),
        held_wins=_held(one for one, p in known if p > 0),
        held_losses=_held(one for one, p in known if p < 0),
        daily=_daily(known, base),
    )


def results_of(trades: Sequence[Trade]) -> list[tuple[Trade, Decimal]]:
    """Return the trades that figures rest on, each with its p: those of one currency whose p is known."""
    currency = _main_currency(trades)
    own = [one for one in trades if one.currency == currency]
    is_gross = _is_gross(own)
    priced = [(one, one.realized_pnl if is_gross else one.net) for one in own]
    return [(one, p) for one, p in priced if p is not None]


def curve_of(trades: Sequence[Trade]) -> tuple[EquityPoint, ...]:
    """Return what the trades that figures rest on add up to, exit by exit, from zero at the first entry on."""
    known = results_of(trades)
    if not known:
        return ()
    first = known[0][0]
    sums = accumulate(p for _, p in known)
    start = EquityPoint(first.entry_time or first.exit_time, Decimal(0), EquityKind.ANCHOR)
    return (start, *(EquityPoint(one.exit_time, total) for (one, _), total in zip(known, sums, strict=True)))


def streaks(results: Iterable[Decimal]) -> Streaks:
    """Return the longest runs of wins and of losses, and the one at the end."""
    longest = {True: 0, False: 0}
    current = 0
    for result in results:
        if result == 0:
            continue
        step = 1 if result > 0 else -1
        current = current + step if current * step > 0 else step
        longest[result > 0] = max(longest[result > 0], abs(current))
    return Streaks(longest[True], longest[False], current)


def _main_currency(trades: Sequence[Trade]) -> str:
    """Return the currency most trades are in: money of different ones is never added."""
    counted = Counter(one.currency for one in trades).most_common(1)
    return counted[0][0] if counted else ""


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None


def _quotient(above: Decimal, below: Decimal) -> Decimal | None:
    return above / below if below else None


def _is_gross(trades: Sequence[Trade]) -> bool:
    priced = [one for one in trades if one.realized_pnl is not None]
    return bool(priced) and all(one.commissions is None for one in priced)


def _costs(trades: Sequence[Trade]) -> Decimal | None:
    costs = [one.commissions for one in trades if one.commissions is not None]
    return sum(costs, Decimal(0)) if costs else None


def _cost_share(trades: Sequence[Trade]) -> Decimal | None:
    costs = _costs(trades)
    earned = [max(Decimal(0), one.realized_pnl or Decimal(0)) for one in trades]
    return None if costs is None else _quotient(costs, sum(earned, Decimal(0)))


def _risked(trades: Sequence[tuple[Trade, Decimal]]) -> Risked:
    known = [p / one.initial_risk for one, p in trades if one.initial_risk]
    floats = [float(r) for r in known]
    spread = deviation(floats)
    quality = fmean(floats) / spread if spread else None
    return Risked(
        count=len(known),
        coverage=_quotient(Decimal(len(known)), Decimal(len(trades))),
        mean=_mean(known),
        sqn=None if quality is None else sqrt(len(known)) * quality,
        sqn100=None if quality is None else sqrt(min(len(known), 100)) * quality,
    )


def _excursions(trades: Sequence[Trade]) -> Excursions:
    seen = [(one.mfe, one.realized_pnl) for one in trades]
    both = [(mfe, gross) for mfe, gross in seen if mfe is not None and gross is not None]
    went = [(mfe, gross) for mfe, gross in both if mfe > 0]
    heats = [one.heat_total_s for one in trades if one.heat_total_s is not None]
    return Excursions(
        mae=_mean([one.mae for one in trades if one.mae is not None]),
        mfe=_mean([one.mfe for one in trades if one.mfe is not None]),
        capture=_quotient(sum((g for _, g in went), Decimal(0)), sum((mfe for mfe, _ in went), Decimal(0))),
        give_back=_mean([mfe - gross for mfe, gross in both]),
        heat_s=fmean(heats) if heats else None,
        longest_heat_s=max((one.heat_max_s for one in trades if one.heat_max_s is not None), default=None),
        complete=all(one.extremes_complete for one in trades if one.mae is not None or one.mfe is not None),
    )


def _held(trades: Iterable[Trade]) -> Holding:
    spans = [(one.exit_time - one.entry_time).total_seconds() for one in trades if one.entry_time is not None]
    return Holding(fmean(spans), median(spans)) if spans else Holding(None, None)


def _daily(known: Sequence[tuple[Trade, Decimal]], base: Decimal | None) -> DailyRatios:
    """Return ratios over session days; an account that traded on a day without a session trades every day."""
    dated = [(trading_date(one.exit_time), net) for one, net in known]
    always = any(not is_session_day(day) for day, _ in dated)
    results = day_results(dated, (lambda _: True) if always else is_session_day)
    if base is None:
        return DailyRatios(len(results), None, None)
    return daily_ratios(results, base, CRYPTO_DAYS if always else FUTURES_DAYS)
