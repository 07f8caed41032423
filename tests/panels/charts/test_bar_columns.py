"""Bars as columns of floats: whatever a series does, the columns say what its bars say."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.bar import BarSeries, ChartKey, Interval, extended
from panels.charts.bar_columns import BarColumns
from tests.panels.charts.chart_worlds import KEY, bars, series
from tests.panels.worlds import NOW

ALL = bars(3000, NOW)


def agrees(columns: BarColumns, held: BarSeries) -> bool:
    """Say whether the columns are those of the series."""
    closed = [bar for chunk in held.chunks for bar in chunk]
    found = list(
        zip(columns.times, columns.opens, columns.highs, columns.lows, columns.closes, columns.volumes, strict=True)
    )
    wanted = [
        (one.start.timestamp(), *map(float, (one.open, one.high, one.low, one.close, one.volume))) for one in closed
    ]
    return found == wanted and columns.forming is held.forming and len(columns) == len(held)


@given(
    begin=st.integers(1000, 2000),
    steps=st.lists(st.tuples(st.sampled_from(["older", "newer", "same", "mended"]), st.integers(1, 700)), max_size=8),
)
def test_columns_follow_a_series_wherever_it_grows(begin: int, steps: list[tuple[str, int]]) -> None:
    first, end = begin, begin + 300
    held = BarSeries(KEY, extended((), ALL[first:end]))
    columns = BarColumns()
    columns.take(held)
    for word, amount in steps:
        if word == "older":
            older = max(0, first - amount)
            held, first, moved = (
                replace(held, chunks=(*extended((), ALL[older:first]), *held.chunks)),
                older,
                first - older,
            )
            assert columns.take(held) == moved
        elif word == "newer":
            more = min(len(ALL), end + amount)
            held, end = held.with_closed(ALL[end:more]), more
            assert columns.take(held) == 0
        elif word == "mended":
            last = held.chunks[-1]
            at = amount % len(last)
            mended = replace(last[at], volume=Decimal(amount))
            held = replace(held, chunks=(*held.chunks[:-1], (*last[:at], mended, *last[at + 1 :])))
            columns.take(held)
            assert mended == last[at] or columns.kept <= len(held) - len(last) + at
        else:
            assert columns.take(held) == 0
        assert agrees(columns, held)
        assert columns.between(0, columns.kept) == list(held)[: columns.kept]


def test_a_bar_mended_between_two_that_stay_is_taken_too() -> None:
    held, columns = series(100), BarColumns()
    columns.take(held)
    chunk = held.chunks[0]
    mended = replace(chunk[50], high=Decimal(6000))
    columns.take(replace(held, chunks=((*chunk[:50], mended, *chunk[51:]),)))
    assert columns.highs[50] == 6000.0


def test_a_tick_changes_the_forming_bar_and_converts_nothing() -> None:
    held, columns = series(), BarColumns()
    columns.take(held)
    version = columns.version
    assert held.forming is not None
    columns.take(replace(held, forming=replace(held.forming, close=Decimal("5052.00"))))
    assert columns.version == version
    assert columns.forming is not None
    assert columns.forming.close == Decimal("5052.00")


def test_bars_in_front_are_counted_also_when_the_chunks_are_cut_anew() -> None:
    columns = BarColumns()
    columns.take(BarSeries(KEY, extended((), ALL[1000:1300])))
    held = BarSeries(KEY, extended((), ALL[900:1300]))
    assert columns.take(held) == 100
    assert agrees(columns, held)


def test_another_series_begins_anew_and_none_is_empty() -> None:
    columns = BarColumns()
    columns.take(series())
    other = series(50, ChartKey("sim", "ESZ5", Interval.parse("5m")))
    assert columns.take(other) == 0
    assert agrees(columns, other)
    columns.take(None)
    assert len(columns) == 0


@pytest.mark.parametrize("seconds", [-30, 0, 59, 60, 3600])
def test_a_moment_is_in_the_last_bar_that_began_before_it(seconds: int) -> None:
    held, columns = series(100), BarColumns()
    columns.take(held)
    first = held[0].start
    moment = first + timedelta(seconds=seconds)
    assert columns.place_of(moment) == held.place_of(moment)
    assert columns.place_of(NOW) == held.place_of(NOW) == 100
