"""What lies under the pointer, in words."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.model.bar import Bar, Interval
from core.model.instrument import Instrument
from core.model.session import GLOBEX_EQUITY_INDEX
from panels.charts.crosshair import bar_words, price_at, start_words
from panels.charts.price_axis import PriceScale
from tests.panels.worlds import ES

CHICAGO = ZoneInfo("America/Chicago")
BAR = Bar(
    datetime(2025, 11, 11, 23, 0, tzinfo=UTC),
    Decimal("5050.25"),
    Decimal("5051"),
    Decimal("5050"),
    Decimal("5050.75"),
    Decimal(1234),
    200,
    Decimal(500),
    Decimal(556),
)


def test_a_bar_is_told_in_the_form_of_its_instrument() -> None:
    assert bar_words(BAR, ES) == ("O 5050.25  H 5051.00  L 5050.00  C 5050.75", "V 1\u2009234  Δ +56")
    note = Instrument("ZN", Decimal("0.015625"), Decimal("15.625"), price_format=134)
    thirds = replace(BAR, open=Decimal("110.515625"), ask_volume=Decimal(0), bid_volume=Decimal(0))
    assert bar_words(thirds, note)[0].startswith("O 110'165  H")
    assert "Δ" not in bar_words(thirds, note)[1]


def test_a_bar_of_which_trades_may_be_missing_says_so() -> None:
    assert "V ≥1" in bar_words(replace(BAR, is_gap=True), ES)[1]


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("5m", "2025-11-11 17:00 CST"),
        ("100t", "2025-11-11 17:00:00 CST"),
        ("15s", "2025-11-11 17:00:00 CST"),
        ("1d", "2025-11-12"),
    ],
)
def test_the_start_of_a_bar_is_its_time_and_of_a_day_the_trading_day(interval: str, words: str) -> None:
    assert start_words(BAR.start, Interval.parse(interval), CHICAGO, GLOBEX_EQUITY_INDEX) == words


def test_a_price_under_the_pointer_is_on_the_grid_and_more_than_nothing() -> None:
    scale = PriceScale(-1.0, 1.0, 0, 200)
    assert price_at(50, scale, ES) == Decimal("0.50")
    assert price_at(150, scale, ES) is None
    assert price_at(50, scale, Instrument("X")) is None
    assert price_at(50, scale, None) is None
