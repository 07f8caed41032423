"""The figures of closed trades, as text: pure. Undefined is "—"; each says its formula and n in its tooltip."""

from dataclasses import dataclass
from decimal import Decimal

from core.model.statistics import Holding, Statistics
from core.model.uncertainty import Interval
from panels import formatting as f

# Object name, title, and what a screen reader calls it.
CELLS = (
    ("pnl", "TOTAL P&L", "Total P&L"),
    ("drawdown", "MAX DRAWDOWN", "Largest drawdown"),
    ("runup", "MAX RUN-UP", "Largest run-up"),
    ("expectancy", "EXPECTANCY", "Expectancy per trade"),
    ("time", "AVG TIME", "Average time held"),
    ("trades", "TRADES", "Number of trades"),
    ("best", "BEST", "Best trade"),
    ("worst", "WORST", "Worst trade"),
    ("hitrate", "HIT RATE", "Hit rate"),
    ("commissions", "COMMISSIONS", "Commissions"),
    ("avgr", "AVG R", "Average R"),
    ("pf", "PROFIT FACTOR", "Profit factor"),
    ("streak", "STREAK", "Streak"),
    ("mae", "MAE", "Mean adverse excursion"),
    ("mfe", "MFE", "Mean favourable excursion"),
)
SHARPE = "sharpe"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        spoken: what a screen reader says; empty when the text speaks for itself.
        formula: what it is. details: figures of its kind, each in a line.
    """

    value: str = f.UNKNOWN
    tone: str = "ink1"
    spoken: str = ""
    formula: str = ""
    details: tuple[str, ...] = ()

    def tooltip(self, s: Statistics) -> str:
        """Return formula, details, what p is, and n, in lines."""
        p = "p is gross: costs are unknown" if s.is_gross else "p is net of costs"
        sample = f"n {s.count}" + (" · small sample" if s.is_small else "")
        return "\n".join((self.formula, *self.details, f"{sample} · {p}"))


def figures(s: Statistics) -> dict[str, Figure]:
    """Return every figure by the name of its cell, the daily Sharpe too."""
    return {**_money(s), **_shares(s), **_paths(s), SHARPE: _sharpe(s)}


def caveat(s: Statistics) -> str:
    """Return what the figures leave out, costs or trades, in words; empty when nothing."""
    parts = ["gross: costs are unknown"] if s.is_gross else []
    left = left_out(s)
    return " · ".join([*parts, left] if left else parts)


def left_out(s: Statistics) -> str:
    """Return which trades the figures leave out, in words; empty when none."""
    parts = []
    if s.unpriced:
        parts.append(f"{s.unpriced} without price or cost")
    if s.foreign:
        parts.append(f"{s.foreign} in another currency")
    return f"left out: {', '.join(parts)}" if parts else ""


def _money(s: Statistics) -> dict[str, Figure]:
    expected = f"95 %: {_range(s.expectancy_interval)} (bootstrap)"
    return {
        "pnl": _result(s, s.net, "Sum of p"),
        "best": _result(s, s.best, "Largest p of a trade"),
        "worst": _result(s, s.worst, "Smallest p of a trade"),
        "expectancy": _result(s, s.expectancy, "Mean of p per trade", expected, f"SQN {_float(s.sqn_money)}"),
        "commissions": Figure(
            f.money(s.costs), formula="Sum of costs", details=(f"Share of gross gains {f.percent(s.cost_share)}",)
        ),
    }


def _shares(s: Statistics) -> dict[str, Figure]:
    no_losses = s.count > 0 and s.losses == 0
    interval = s.win_rate_interval
    percent = f.UNKNOWN if interval is None else f"{interval.low * 100:.1f} – {interval.high * 100:.1f} %"
    left = left_out(s)
    run = s.streaks
    return {
        "trades": Figure(
            str(s.count),
            formula="Closed trades, flat to flat",
            details=(f"{s.wins} won, {s.losses} lost, {s.scratches} scratched", *([left.capitalize()] if left else [])),
        ),
        "hitrate": Figure(f.percent(s.win_rate), formula="Wins ÷ n", details=(f"95 %: {percent} (Wilson)",)),
        "avgr": Figure(
            f.r_multiple(s.risked.mean),
            f.tone_of(s.risked.mean),
            formula="Mean of p ÷ initial risk",
            details=(
                f"{s.risked.count} trades with a known risk, {f.percent(s.risked.coverage)} of all",
                f"SQN {_float(s.risked.sqn)}, SQN100 {_float(s.risked.sqn100)}",
            ),
        ),
        "pf": Figure(
            "no losses" if no_losses else f.ratio(s.profit_factor),
            formula="Sum of wins ÷ sum of losses",
            details=(
                f"Payoff {f.ratio(s.payoff)}: average win {f.money(s.average_win)}, loss {f.money(s.average_loss)}",
            ),
        ),
        "streak": Figure(
            _run(run.current) if s.count else f.UNKNOWN,
            ("ink1", "up", "down")[(run.current > 0) - (run.current < 0)],
            formula="The run at the end; a scratch neither breaks nor extends it",
            details=(
                f"Longest: {_run(run.longest_win)}, {_run(-run.longest_loss)}",
                f"Losing run to expect {_float(s.losing_run, 1)}",
            ),
        ),
    }


def _paths(s: Statistics) -> dict[str, Figure]:
    drawdown, x = s.drawdown, s.excursions
    at_least = "" if x.complete else "≥"
    spread = "≥: prices were missed" if at_least else "of trades with known prices"
    return {
        "drawdown": Figure(
            f.money(drawdown.money if drawdown is not None else None),
            formula="Largest fall from a peak of the closed curve",
            details=(
                f"{f.percent(drawdown.share if drawdown is not None else None)} of the peak",
                f"Recovery factor {f.ratio(s.recovery)}: net ÷ drawdown",
            ),
        ),
        "runup": Figure(f.money(s.run_up), formula="Largest rise from a trough of the closed curve"),
        "time": Figure(
            _span(s.held.mean_s),
            formula="Mean time from first entry to last exit",
            details=(
                f"Median {_span(s.held.median_s)}",
                f"Wins {_both(s.held_wins)}, losses {_both(s.held_losses)} (mean / median)",
            ),
        ),
        "mae": Figure(
            _prefixed(at_least, x.mae),
            formula=f"Mean largest open loss, {spread}",
            details=(
                f"Heat {_timed(at_least, x.heat_s)} a trade on average, longest {_timed(at_least, x.longest_heat_s)}",
            ),
        ),
        "mfe": Figure(
            _prefixed(at_least, x.mfe),
            formula=f"Mean largest open profit, {spread}",
            details=(f"Capture {f.ratio(x.capture)}: Σ gross ÷ Σ MFE", f"Given back {f.money(x.give_back)} on average"),
        ),
    }


def _sharpe(s: Statistics) -> Figure:
    daily = s.daily
    few = () if daily.is_enough else ("Fewer than 20 days: grey",)
    return Figure(
        _float(daily.sharpe),
        "ink1" if daily.is_enough else "ink3",
        formula="Mean of daily returns ÷ their deviation × √(days a year), days without a trade included",
        details=(
            f"{daily.days} session days",
            *few,
            f"Sortino {_float(daily.sortino)}",
            f"Per trade {_float(s.sharpe)}: mean of p ÷ deviation of p",
        ),
    )


def _result(s: Statistics, value: Decimal | None, formula: str, *details: str) -> Figure:
    return Figure(f.result(value), f.tone_of(value), f.spoken_result(value, s.currency), formula, details)


def _float(value: float | None, places: int = 2) -> str:
    return f.UNKNOWN if value is None else f"{value:.{places}f}".replace("-", f.MINUS)


def _range(interval: Interval | None) -> str:
    if interval is None:
        return f.UNKNOWN
    return f"{_float(interval.low)} to {_float(interval.high)}"


def _run(length: int) -> str:
    word = "win" if length > 0 else "loss"
    plural = word if abs(length) == 1 else {"win": "wins", "loss": "losses"}[word]
    return f"{abs(length)} {plural}"


def _span(seconds: float | None) -> str:
    return f.UNKNOWN if seconds is None else f.duration(seconds)


def _both(held: Holding) -> str:
    return f"{_span(held.mean_s)} / {_span(held.median_s)}"


def _timed(at_least: str, seconds: float | None) -> str:
    return f.UNKNOWN if seconds is None else f"{at_least}{f.duration(seconds)}"


def _prefixed(at_least: str, value: Decimal | None) -> str:
    return f.UNKNOWN if value is None else f"{at_least}{f.money(value)}"
