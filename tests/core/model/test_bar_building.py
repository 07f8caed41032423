"""Bars out of trades: where they begin and end, that nothing is lost, and that shorter bars make the longer ones."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from core.model.bar import Bar, Interval
from core.model.bar_building import BarBuilder, folded
from core.model.bar_clock import BarClock, hours_of, trading_time_before
from core.model.market import Aggressor, Tick
from core.model.session import AROUND_THE_CLOCK, GLOBEX_EQUITY_INDEX

CHICAGO = ZoneInfo("America/Chicago")
ES = "ESZ26_FUT_CME"
# Wednesday before Thanksgiving; the Thursday ends at noon, the Friday at a quarter past.
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


def chicago(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


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


def test_bars_are_counted_from_the_opening_of_the_session_and_the_last_is_cut_at_its_day() -> None:
    clock = BarClock(Interval.parse("4h"), GLOBEX_EQUITY_INDEX)
    opening = chicago(24, 17)
    assert clock.period(opening).start == opening
    assert clock.period(chicago(24, 22)).start == chicago(24, 21)
    last = clock.period(chicago(25, 15, 59))
    assert (last.start, last.end) == (chicago(25, 13), chicago(25, 17))
    odd = BarClock(Interval.parse("7m"), GLOBEX_EQUITY_INDEX)
    assert odd.period(chicago(25, 16, 59)).end == chicago(25, 17)
    assert odd.period(chicago(25, 17)).start == chicago(25, 17)


def test_a_daily_bar_is_the_trading_day_that_opens_the_evening_before() -> None:
    clock = BarClock(Interval.parse("1d"), GLOBEX_EQUITY_INDEX)
    assert clock.period(chicago(25, 16, 59)).start == chicago(24, 17)
    assert clock.period(chicago(25, 17)).start == chicago(25, 17)
    assert clock.day_of(chicago(25, 17)) == date(2026, 11, 26)
    # the weekend belongs to Monday, whose session opens on Sunday
    for moment in (chicago(20, 17), chicago(21, 12), chicago(22, 17, 30)):
        period = clock.period(moment)
        assert (period.start, period.end) == (chicago(20, 17), chicago(23, 17))
        assert clock.day_of(period.start) == date(2026, 11, 23)
    assert clock.day_start(date(2026, 11, 28)) == chicago(27, 17)


def test_seven_days_are_a_week_from_monday() -> None:
    clock = BarClock(Interval.parse("7d"), GLOBEX_EQUITY_INDEX)
    period = clock.period(chicago(25, 9))
    assert (period.start, period.end) == (chicago(20, 17), chicago(27, 17))


@pytest.mark.parametrize("interval", ["7m", "1h", "4h", "1d", "3d"])
def test_stretches_lie_side_by_side_and_hold_every_moment(interval: str) -> None:
    clock, moment = BarClock(Interval.parse(interval), GLOBEX_EQUITY_INDEX), chicago(18, 3)
    while moment < chicago(28, 0):
        period = clock.period(moment)
        assert period.start <= moment < period.end
        assert clock.period(period.start) == period
        assert clock.period(period.end - timedelta(microseconds=1)) == period
        moment = period.end


@pytest.mark.parametrize(
    ("moment", "hours", "since"),
    [
        (chicago(25, 12), 2, chicago(25, 10)),
        (chicago(25, 18), 2, chicago(25, 15)),  # over the rest of an hour
        (chicago(21, 12), 3, chicago(20, 13)),  # on a Saturday
        (chicago(22, 18), 3, chicago(20, 14)),  # over a weekend
        (chicago(27, 10), 40, chicago(25, 12)),  # over Thanksgiving, which ends at noon
    ],
)
def test_trading_time_is_counted_back_over_what_is_closed(moment: datetime, hours: int, since: datetime) -> None:
    assert trading_time_before(moment, timedelta(hours=hours), GLOBEX_EQUITY_INDEX) == since
    day = trading_time_before(moment, timedelta(hours=hours), AROUND_THE_CLOCK)
    assert day == moment - timedelta(hours=hours)


def test_the_clocks_going_back_move_no_bar() -> None:
    clock = BarClock(Interval.parse("1h"), GLOBEX_EQUITY_INDEX)
    assert clock.period(chicago(30, 16, 30, month=10)).start == chicago(30, 16, month=10)
    assert clock.period(chicago(1, 17, 30)).start == chicago(1, 17)
    day = BarClock(Interval.parse("1h"), AROUND_THE_CLOCK).period(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    assert day.start == datetime(2026, 11, 1, 6, tzinfo=UTC)


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


def test_a_symbol_of_ours_keeps_the_hours_of_its_product_and_any_other_none() -> None:
    assert hours_of(ES) is GLOBEX_EQUITY_INDEX
    assert hours_of("XYZ") is AROUND_THE_CLOCK
