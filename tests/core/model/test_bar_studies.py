"""VWAP and point of control out of bars: by hand, however often they are asked for, and near the count of trades."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.model.bar import Bar, Interval
from core.model.bar_building import BarBuilder
from core.model.bar_studies import DayFigures, DayTotals
from core.model.market import Aggressor, Tick
from core.model.session import AROUND_THE_CLOCK
from core.model.session_studies import SessionCount

BEGIN = datetime(2025, 11, 12, tzinfo=UTC)
TICK = Decimal("0.25")


def bar(low: str, high: str, close: str, volume: int) -> Bar:
    """Return a bar; what it opened at tells nothing here."""
    return Bar(BEGIN, Decimal(low), Decimal(high), Decimal(low), Decimal(close), Decimal(volume))


def totals(*bars: Bar, tick: Decimal | None = TICK) -> DayTotals:
    """Return the sums of bars."""
    made = DayTotals(tick)
    for one in bars:
        made.add(one)
    return made


def test_a_bar_counts_with_its_typical_price_and_its_volume() -> None:
    # Typical prices 101 and 104, volumes 3 and 1.
    made = totals(bar("100", "102", "101", 3), bar("103", "105", "104", 1))
    assert made.vwap == (Decimal(101) * 3 + Decimal(104)) / 4


def test_the_point_of_control_is_where_the_ranges_of_bars_lie_over_each_other() -> None:
    made = totals(bar("100", "100.50", "100", 30), bar("100.50", "101", "101", 30), bar("103", "103", "103", 15))
    assert made.figures().poc == Decimal("100.50")


def test_of_several_prices_with_the_most_volume_the_nearest_to_the_vwap_counts() -> None:
    made = totals(bar("100", "100", "100", 10), bar("110", "110", "110", 10), bar("109", "109", "109", 3))
    assert made.figures().poc == Decimal(110)


def test_the_bar_that_forms_is_in_the_figures_and_not_in_the_sums() -> None:
    made, forming = totals(bar("100", "100", "100", 10)), bar("102", "102", "102", 11)
    assert made.figures(forming) == DayFigures((Decimal(100) * 10 + Decimal(102) * 11) / 21, Decimal(102))
    assert made.figures() == DayFigures(Decimal(100), Decimal(100))
    more = replace(forming, volume=Decimal(40))
    whole = totals(bar("100", "100", "100", 10), more)
    assert made.figures(more) == whole.figures()


def test_without_volume_and_without_a_tick_nothing_is_made_up() -> None:
    assert totals().figures() == totals(bar("100", "101", "100", 0)).figures() == DayFigures()
    assert totals(bar("100", "102", "101", 3), tick=None).figures() == DayFigures(Decimal(101), None)


def test_a_market_of_small_ticks_is_counted_in_steps_and_told_on_the_grid() -> None:
    # 0.002 % of 100 000 is 2 points: 20 ticks of 0.1.
    tick = Decimal("0.1")
    wide, narrow = bar("99990", "100010", "100000", 10), bar("100004.2", "100004.9", "100004.5", 10)
    poc = totals(wide, narrow, tick=tick).figures().poc
    assert poc is not None
    assert poc % tick == 0
    assert abs(poc - Decimal("100004.5")) <= 2


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.integers(0, 50)), min_size=1, max_size=30))
def test_asking_in_between_changes_nothing(parts: list[tuple[int, int, int]]) -> None:
    bars = [bar(f"{400 + low}", f"{400 + low + wide}", f"{400 + low}", volume) for low, wide, volume in parts]
    asked = DayTotals(TICK)
    for one in bars:
        asked.figures(one)
        asked.add(one)
        asked.figures()
    assert asked.figures() == totals(*bars).figures()
    vwap = asked.vwap
    assert vwap is None or min(one.low for one in bars) <= vwap <= max(one.high for one in bars)


def test_bars_of_a_minute_come_near_to_the_count_of_their_trades() -> None:
    rng, price, trades = Random(5), Decimal(5000), []
    for second in range(0, 6 * 3600, 2):
        price += TICK * rng.choice((-1, 0, 0, 1))
        moment = BEGIN + timedelta(seconds=second)
        trades.append(Tick("ESZ5", price, Decimal(rng.randrange(1, 9)), Aggressor.UNKNOWN, moment, moment))
    counted, builder = SessionCount("ESZ5"), BarBuilder(Interval.parse("1m"), AROUND_THE_CLOCK)
    counted.add(trades)
    closed = builder.add(trades)
    forming, exact = builder.forming, counted.studies()
    figures = totals(*closed).figures(forming)
    assert exact is not None
    assert figures.vwap is not None
    assert figures.poc is not None
    assert abs(figures.vwap - exact.vwap) < TICK / 4
    volumes = counted.volumes()
    assert volumes[figures.poc] > volumes[exact.poc] * Decimal("0.8")
