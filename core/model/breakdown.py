"""Closed trades by what they have in common: time of day, weekday, how long they were held, side, symbol; and by day.

Time of day is that of the first entry on the clock of the product's exchange, in half hours; the weekday that of the
trading day of the first entry. A trade whose entry time is not known stands in a bucket of its own there. p is as in
`statistics`: net of costs, or gross where the costs of no trade are known. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from core.model.contract import product_of
from core.model.equity import trading_date
from core.model.statistics import results_of
from core.model.trade import Trade
from core.model.trading_day import CHICAGO

ENOUGH: Final = 10
"""Trades below which a bucket hides its means: they would say nothing."""
UNKNOWN: Final = "unknown"
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPANS: Final = (
    (timedelta(minutes=1), "under 1 min"),
    (timedelta(minutes=5), "1 to 5 min"),
    (timedelta(minutes=15), "5 to 15 min"),
    (timedelta(hours=1), "15 to 60 min"),
    (timedelta(hours=4), "1 to 4 h"),
)
_LONGEST: Final = "4 h and longer"


class By(Enum):
    """What trades are told apart by."""

    HOUR = "Hour"
    WEEKDAY = "Weekday"
    DURATION = "Duration"
    SIDE = "Side"
    SYMBOL = "Symbol"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Trades that have something in common.

    Attributes:
        net: sum of p. wins, losses: how many; the others were scratches.
        mean: of p. mean_r: of p ÷ initial risk, over those with one. win_rate: wins ÷ count.
            None below ten trades (mean_r: below ten with a risk).
    """

    name: str
    count: int
    wins: int
    losses: int
    net: Decimal
    mean: Decimal | None
    mean_r: Decimal | None
    win_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class DayResult:
    """What the trades that ended on a trading day amount to; `net` is the sum of p."""

    day: date
    net: Decimal
    count: int
    wins: int
    losses: int


Breakdown = Mapping[By, tuple[Bucket, ...]]
_Name = TypeVar("_Name", str, date)
_Known = Sequence[tuple[Trade, Decimal]]


def breakdown_of(trades: Sequence[Trade]) -> Breakdown:
    """Return the trades in buckets, those of each kind in their natural order."""
    known = results_of(trades)
    return MappingProxyType(
        {
            By.HOUR: _buckets(known, _half_hour, sorted),
            By.WEEKDAY: _buckets(known, _weekday, lambda names: sorted(names, key=_place_in(WEEKDAYS))),
            By.DURATION: _buckets(known, _duration, lambda names: sorted(names, key=_place_in(_DURATIONS))),
            By.SIDE: _buckets(known, lambda one: "LONG" if one.direction > 0 else "SHORT", sorted),
            By.SYMBOL: _buckets(known, lambda one: one.key.symbol, sorted),
        }
    )


def days_of(trades: Sequence[Trade]) -> tuple[DayResult, ...]:
    """Return what each trading day amounts to on which a trade ended, oldest first."""
    by_day = _grouped(results_of(trades), lambda one: trading_date(one.exit_time))
    return tuple(_day(day, [p for _, p in of_it]) for day, of_it in sorted(by_day.items()))


def _day(day: date, results: Sequence[Decimal]) -> DayResult:
    won, lost = sum(p > 0 for p in results), sum(p < 0 for p in results)
    return DayResult(day, sum(results, Decimal(0)), len(results), won, lost)


_DURATIONS: Final = (*(name for _, name in _SPANS), _LONGEST)


def _half_hour(trade: Trade) -> str:
    if trade.entry_time is None:
        return UNKNOWN
    product = product_of(trade.key.symbol)
    local = trade.entry_time.astimezone(CHICAGO if product is None else product.hours.zone)
    return f"{local.hour:02d}:{local.minute // 30 * 30:02d}"


def _weekday(trade: Trade) -> str:
    return UNKNOWN if trade.entry_time is None else WEEKDAYS[trading_date(trade.entry_time).weekday()]


def _duration(trade: Trade) -> str:
    if trade.entry_time is None:
        return UNKNOWN
    held = trade.exit_time - trade.entry_time
    return next((name for below, name in _SPANS if held < below), _LONGEST)


def _place_in(names: Sequence[str]) -> Callable[[str], int]:
    return lambda name: names.index(name) if name in names else len(names)


def _buckets(
    known: _Known, name_of: Callable[[Trade], str], ordered: Callable[[Iterable[str]], list[str]]
) -> tuple[Bucket, ...]:
    by_name = _grouped(known, name_of)
    return tuple(_bucket(name, by_name[name]) for name in ordered(by_name))


def _grouped(known: _Known, name_of: Callable[[Trade], _Name]) -> dict[_Name, _Known]:
    found: dict[_Name, list[tuple[Trade, Decimal]]] = {}
    for trade, p in known:
        found.setdefault(name_of(trade), []).append((trade, p))
    return dict(found)


def _bucket(name: str, known: _Known) -> Bucket:
    results = [p for _, p in known]
    multiples = [p / one.initial_risk for one, p in known if one.initial_risk]
    count, wins = len(results), sum(p > 0 for p in results)
    return Bucket(
        name=name,
        count=count,
        wins=wins,
        losses=sum(p < 0 for p in results),
        net=sum(results, Decimal(0)),
        mean=_mean(results),
        mean_r=_mean(multiples),
        win_rate=Decimal(wins) / count if count >= ENOUGH else None,
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if len(values) >= ENOUGH else None
