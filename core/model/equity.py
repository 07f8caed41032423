"""Equity over time: the closed curve of an account, how far it fell and rose, and what a day made of it.

Money is Decimal and exact. Ratios of returns (Sharpe, Sortino) are floats: they are estimates with a wide error, and
need roots. Source: the metric definitions named in each docstring.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from math import fsum, sqrt

from core.model.session import GLOBEX_EQUITY_INDEX, session_of
from core.model.trading_day import CHICAGO, day_start

MINIMUM_DAYS = 20


class EquityKind(Enum):
    """Why our own money figure stands where it does: first told by the broker, moved by a trade, or set anew."""

    ANCHOR = "ANCHOR"
    TRADE = "TRADE"
    RESET = "RESET"


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """Closed equity from a moment on, account currency, until the next point."""

    at: datetime
    cash: Decimal
    kind: EquityKind = EquityKind.TRADE


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The largest fall from a running peak, money, never negative.

    Attributes:
        share: of the peak it fell from, starting balance included; None without one, or with a peak not above zero.
    """

    money: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class DailyRatios:
    """Sharpe and Sortino of daily returns, scaled to a year; None where undefined.

    Attributes:
        days: session days they rest on, those without a trade included.
    """

    days: int
    sharpe: float | None
    sortino: float | None

    @property
    def is_enough(self) -> bool:
        """False below twenty days: show it, but grey."""
        return self.days >= MINIMUM_DAYS


def max_drawdown(results: Iterable[Decimal], base: Decimal | None = None) -> Drawdown:
    """Return the largest fall of the curve that begins at the base and adds one result after the other.

    Source: max over time of (running peak − equity); the start is a peak too.
    """
    start = Decimal(0) if base is None else base
    equity = peak = start
    deepest, fell_from = Decimal(0), start
    for result in results:
        equity += result
        peak = max(peak, equity)
        if peak - equity > deepest:
            deepest, fell_from = peak - equity, peak
    return Drawdown(deepest, deepest / fell_from if base is not None and fell_from > 0 else None)


def max_run_up(results: Iterable[Decimal]) -> Decimal:
    """Return the largest rise from a running trough, money, never negative; the start is a trough too."""
    equity = trough = highest = Decimal(0)
    for result in results:
        equity += result
        trough = min(trough, equity)
        highest = max(highest, equity - trough)
    return highest


def trading_date(moment: datetime) -> date:
    """Return the date a moment's trading day bears: that on which it ends."""
    return day_start(moment).astimezone(CHICAGO).date() + timedelta(days=1)


def is_session_day(day: date) -> bool:
    """Say whether futures trade on a date: by the calendar of the equity indices, whose holidays the others share."""
    return session_of(day, GLOBEX_EQUITY_INDEX) is not None


def day_results(
    results: Iterable[tuple[date, Decimal]], is_session: Callable[[date], bool] = is_session_day
) -> tuple[Decimal, ...]:
    """Return the net of every session day from the first to the last that has a result, zeros included."""
    by_day: dict[date, Decimal] = {}
    for day, amount in results:
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    if not by_day:
        return ()
    first, last = min(by_day), max(by_day)
    every = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return tuple(by_day.get(day, Decimal(0)) for day in every if day in by_day or is_session(day))


def daily_ratios(results: Sequence[Decimal], base: Decimal, days_a_year: int, riskless: float = 0.0) -> DailyRatios:
    """Return Sharpe and Sortino of a run of day results.

    Args:
        base: equity before the first day; without money there are no returns.
        days_a_year: 252 for futures, 365 for crypto.
        riskless: return of a day without risk.

    Source: Sharpe mean(r − rf) ÷ s(r) · √A with k − 1; Sortino mean(r) ÷ √(mean(min(0, r)²)) · √A over all days.
    """
    returns: list[float] = []
    equity = base
    for result in results:
        if equity <= 0:
            return DailyRatios(len(results), None, None)
        returns.append(float(result / equity))
        equity += result
    if not returns:
        return DailyRatios(0, None, None)
    year, mean = sqrt(days_a_year), _mean(returns)
    spread = deviation(returns)
    below = sqrt(_mean([min(0.0, one) ** 2 for one in returns]))
    return DailyRatios(
        len(returns),
        sharpe=(mean - riskless) / spread * year if spread else None,
        sortino=mean / below * year if below else None,
    )


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation of a sample (k − 1); None below two values."""
    if len(values) < 2:
        return None
    if min(values) == max(values):
        return 0.0  # exactly; the mean of equal floats may be off in the last digit
    mean = _mean(values)
    return sqrt(fsum((one - mean) ** 2 for one in values) / (len(values) - 1))


def _mean(values: Sequence[float]) -> float:
    """Return the mean; the module `statistics` has the same, and costs five milliseconds of the start."""
    return fsum(values) / len(values)


def performance(points: Sequence[EquityPoint]) -> Decimal:
    """Return what trading added between the first point and the last; money set anew or moved is not performance."""
    steps = pairwise(points)
    return sum((after.cash - before.cash for before, after in steps if after.kind is EquityKind.TRADE), Decimal(0))


def thinned(points: Sequence[EquityPoint], columns: int) -> tuple[EquityPoint, ...]:
    """Return at most four points per column of time that draw the same curve: first, lowest, highest, last of each.

    Points that are not of trades are all kept, each with the one before it: what was moved stays exact.
    """
    if columns < 1 or len(points) <= 4 * columns:
        return tuple(points)
    start, span = points[0].at, (points[-1].at - points[0].at).total_seconds() or 1.0
    kept: list[EquityPoint] = []
    column: list[EquityPoint] = []
    place = 0
    for point in points:
        at = min(columns - 1, int((point.at - start).total_seconds() / span * columns))
        if at != place and column:
            kept += _corners(column)
            column = []
        place = at
        column.append(point)
    return (*kept, *_corners(column))


def _corners(column: Sequence[EquityPoint]) -> list[EquityPoint]:
    numbers = range(len(column))
    wanted = {0, len(column) - 1}
    wanted |= {min(numbers, key=lambda at: column[at].cash), max(numbers, key=lambda at: column[at].cash)}
    moved = {at for at in numbers if column[at].kind is not EquityKind.TRADE}
    wanted |= moved | {max(0, at - 1) for at in moved}
    return [column[at] for at in sorted(wanted)]
