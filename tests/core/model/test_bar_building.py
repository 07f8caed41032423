"""Bars out of trades: where they begin and end, that nothing is lost, and that shorter bars make the longer ones."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from core.model.bar import Bar, Interval
from core.model.bar_building import BarBuilder, folded
from core.model.bar_clock import BarClock
from core.model.market import Aggressor, Tick
from core.model.session import GLOBEX_EQUITY_INDEX

ES = "ESZ26_FUT_CME"
# The Wednesday before Thanksgiving.
WEDNESDAY = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
SIDES = (Aggressor.BUYER, Aggressor.SELLER, Aggressor.UNKNOWN)


def tick(moment: datetime, price: str = "5000", volume: int = 1, side: Aggressor = Aggressor.BUYER) -> Tick:
    return Tick(ES, Decimal(price), Decimal(volume), side, moment, moment)


def walk(seed: int, count: int, start: datetime = WEDNESDAY, longest_s: float = 40.0) -> list[Tick]:
    rng, moment, price, made = Random(seed), start, 20_000, []
    for _ in range(count):
        moment += timedelta(seconds=rng.random() ** 3 * longest_s)
        price += rng.randint(-3, 3)
        made.append(tick(moment, str(Decimal(price) / 4), rng.randint(1, 9), rng.choice(SIDES)))
    return made


def bars_of(ticks: Sequence[Tick], interval: str, cut: int = 1_000_000) -> list[Bar]:
    builder = BarBuilder(Interval.parse(interval), GLOBEX_EQUITY_INDEX)
    bars = [bar for at in range(0, len(ticks), cut) for bar in builder.add(ticks[at : at + cut])]
    return [*bars, builder.forming] if builder.forming is not None else bars


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("short", "long"), [("1s", "1m"), ("1m", "5m"), ("15s", "7m"), ("1m", "4h"), ("30m", "1d")])
def test_longer_bars_made_of_shorter_ones_are_those_made_of_the_trades(seed: int, short: str, long: str) -> None:
    ticks = walk(seed, 4_000, longest_s=90.0)
    clock = BarClock(Interval.parse(long), GLOBEX_EQUITY_INDEX)
    assert list(folded(bars_of(ticks, short), clock)) == bars_of(ticks, long)


@pytest.mark.parametrize("interval", ["1t", "7t", "100t", "1s", "1m", "13m", "1h", "1d", "7d"])
def test_no_trade_and_no_contract_is_lost_or_counted_twice(interval: str) -> None:
    ticks = walk(3, 3_000, longest_s=300.0)
    bars = bars_of(ticks, interval)
    assert sum(bar.volume for bar in bars) == sum(one.volume for one in ticks)
    assert sum(bar.trades for bar in bars) == len(ticks)
    assert sum(bar.delta for bar in bars) == sum(
        one.volume * {Aggressor.BUYER: 1, Aggressor.SELLER: -1, Aggressor.UNKNOWN: 0}[one.aggressor] for one in ticks
    )
    assert max(bar.high for bar in bars) == max(one.price for one in ticks)
    assert min(bar.low for bar in bars) == min(one.price for one in ticks)
    starts = [bar.start for bar in bars]
    assert starts == sorted(starts if interval.endswith("t") else set(starts))
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)


@pytest.mark.parametrize("cut", [1, 2, 7, 997])
@pytest.mark.parametrize("interval", ["5t", "10s", "1m", "1d"])
def test_bars_do_not_depend_on_how_the_trades_were_handed_over(interval: str, cut: int) -> None:
    ticks = walk(5, 1_500)
    assert bars_of(ticks, interval, cut) == bars_of(ticks, interval)


def test_a_bar_of_trades_closes_with_its_last_one() -> None:
    ticks = [tick(WEDNESDAY + timedelta(seconds=n), str(5000 + n)) for n in range(7)]
    bars = bars_of(ticks, "3t")
    assert [(bar.open, bar.close, bar.trades) for bar in bars] == [
        (Decimal(5000), Decimal(5002), 3),
        (Decimal(5003), Decimal(5005), 3),
        (Decimal(5006), Decimal(5006), 1),
    ]


def test_a_late_trade_goes_into_the_bar_that_forms() -> None:
    builder = BarBuilder(Interval.parse("1m"), GLOBEX_EQUITY_INDEX)
    closed = builder.add([tick(WEDNESDAY), tick(WEDNESDAY + timedelta(minutes=1)), tick(WEDNESDAY, "4990")])
    assert [bar.trades for bar in closed] == [1]
    assert builder.forming is not None
    assert builder.forming.low == Decimal(4990)


@pytest.mark.parametrize(("after_s", "marked"), [(10, [True]), (70, [True, True])])
def test_bars_on_both_sides_of_missed_trades_are_marked(after_s: int, marked: list[bool]) -> None:
    builder = BarBuilder(Interval.parse("1m"), GLOBEX_EQUITY_INDEX)
    builder.add([tick(WEDNESDAY)])
    builder.miss()
    bars = builder.add([tick(WEDNESDAY + timedelta(seconds=after_s))])
    assert builder.forming is not None
    assert [bar.is_gap for bar in [*bars, builder.forming]] == marked
    later = builder.add([tick(WEDNESDAY + timedelta(minutes=n)) for n in (5, 6)])
    assert builder.forming.is_gap is False
    assert later[-1].is_gap is False


@pytest.mark.parametrize("interval", ["10t", "1m", "1d"])
def test_a_bar_that_was_not_closed_is_gone_on_with(interval: str) -> None:
    ticks = walk(8, 900)
    before = BarBuilder(Interval.parse(interval), GLOBEX_EQUITY_INDEX)
    closed = before.add(ticks[:333])
    after = BarBuilder(Interval.parse(interval), GLOBEX_EQUITY_INDEX)
    assert before.forming is not None
    after.resume(before.forming)
    closed += after.add(ticks[333:])
    assert after.forming is not None
    assert [*closed, after.forming] == bars_of(ticks, interval)
