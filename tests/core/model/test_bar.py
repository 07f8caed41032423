"""Bars and series of them: how intervals are written, how bars are found, and that growing copies little."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.model.bar import CHUNK_BARS, Bar, BarSeries, ChartKey, Interval, IntervalUnit

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = ChartKey("sim", "ESZ26_FUT_CME", Interval.parse("1m"))


def bar(minute: int, price: int = 5000) -> Bar:
    value = Decimal(price)
    return Bar(START + timedelta(minutes=minute), value, value + 2, value - 1, value + 1, Decimal(10), 5)


def series(closed: int, forming: bool = True) -> BarSeries:
    grown = BarSeries(KEY, forming=bar(closed) if forming else None)
    return grown.with_closed(tuple(bar(minute) for minute in range(closed)))


@pytest.mark.parametrize("text", ["1m", "5m", "15s", "1h", "4h", "1d", "100t", "1t"])
def test_an_interval_reads_back_what_it_writes(text: str) -> None:
    assert str(Interval.parse(text)) == text


def test_an_interval_is_read_however_it_is_typed() -> None:
    assert Interval.parse(" 5 M ") == Interval(5, IntervalUnit.MINUTES)


@pytest.mark.parametrize("text", ["", "m", "0m", "-1m", "5", "5w", "25h", "1.5m", "100001t", "９m"])
def test_what_no_chart_can_have_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"bar length|is possible"):
        Interval.parse(text)


def test_a_bar_of_time_knows_its_length_and_a_bar_of_trades_has_none() -> None:
    assert Interval.parse("4h").seconds == 14_400
    assert Interval.parse("100t").seconds is None


def test_two_bars_join_to_what_their_trades_make() -> None:
    first = Bar(START, Decimal(1), Decimal(5), Decimal(0), Decimal(2), Decimal(10), 3, Decimal(4), Decimal(6))
    later = bar(1, price=3)
    joined = first.joined(later)
    assert joined.start == START
    assert [joined.open, joined.high, joined.low, joined.close] == [Decimal(n) for n in (1, 5, 0, 4)]
    assert [joined.volume, joined.delta, joined.trades] == [Decimal(20), Decimal(2), 8]


def test_the_forming_bar_is_the_last_of_a_series() -> None:
    grown = series(3)
    assert len(grown) == 4
    assert grown[3] is grown[-1] is grown.forming
    assert [one.start for one in grown] == [bar(minute).start for minute in range(4)]
    with pytest.raises(IndexError):
        grown[4]


@pytest.mark.parametrize("closed", [0, 1, CHUNK_BARS - 1, CHUNK_BARS, CHUNK_BARS + 1, 3 * CHUNK_BARS + 7])
def test_a_bar_is_found_by_its_place_and_by_its_time(closed: int) -> None:
    grown = series(closed)
    everything = list(grown)
    for place in {0, closed // 2, closed}:
        assert grown[place] == everything[place]
        assert grown.place_of(everything[place].start + timedelta(seconds=59)) == place
    assert grown.place_of(START - timedelta(seconds=1)) == -1


@pytest.mark.parametrize(("first", "end"), [(0, 0), (-5, 3), (510, 515), (0, 2000), (1020, 1024), (600, 500)])
def test_a_stretch_is_what_a_list_would_give(first: int, end: int) -> None:
    grown = series(1023)
    assert grown.between(first, end) == list(grown)[max(0, first) : max(0, end)]


def test_growing_shares_every_chunk_but_the_last() -> None:
    before = series(2 * CHUNK_BARS + 10)
    after = before.with_closed((bar(5000),))
    assert len(after.chunks) == 3
    assert after.chunks[0] is before.chunks[0]
    assert after.chunks[1] is before.chunks[1]
    assert len(before.chunks[2]) == 10
    assert len(after.chunks[2]) == 11
