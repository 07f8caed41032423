"""Figures and times are written exactly, with signs in words and arrows, and unknown as a dash."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.instrument import Instrument
from panels import formatting as f
from panels.parsing import parse_price

CHICAGO = ZoneInfo("America/Chicago")
ES = Instrument("ESZ5", Decimal("0.25"), Decimal("12.50"), "USD")


def tick(size: str) -> Instrument:
    return Instrument("X", Decimal(size))


@pytest.mark.parametrize(
    ("value", "size", "text"),
    [
        ("5050.5", "0.25", "5050.50"),
        ("5050", "0.25", "5050.00"),
        ("-37.5", "0.25", "−37.50"),
        ("1.08455", "0.00005", "1.08455"),
        ("5050.123", "0.25", "5050.123"),
        ("2.5E+3", "1", "2500"),
    ],
)
def test_a_price_shows_the_decimals_of_its_tick_and_off_the_grid_all_of_its_own(
    value: str, size: str, text: str
) -> None:
    assert f.price(Decimal(value), tick(size)) == text


@given(st.integers(1, 10**9), st.sampled_from(["0.25", "0.1", "0.00005", "1", "0.015625", "0.01"]))
def test_every_price_on_the_grid_survives_text_and_back(ticks: int, size: str) -> None:
    instrument = tick(size)
    value = ticks * Decimal(size)
    assert parse_price(f.price(value, instrument), instrument) == value


def test_an_average_between_ticks_keeps_two_more_decimals_and_no_zeros_beyond_its_tick() -> None:
    assert f.average(Decimal("5050.333333333333333333333333"), ES) == "5050.3333"
    assert f.average(Decimal("5050.375"), ES) == "5050.375"
    assert f.average(Decimal("5050.50"), ES) == "5050.50"


def test_a_fractional_product_shows_its_prices_averages_and_distances_in_its_form() -> None:
    note = Instrument("ZNZ6", Decimal("0.015625"), Decimal("15.625"), "USD", price_format=134)
    assert f.price(Decimal("110.515625"), note) == "110'165"
    assert f.average(Decimal("110.5078125"), note) == "110'16.25"
    assert f.points(Decimal("0.046875"), note) == "+0'015"
    assert f.points(Decimal("-0.046875"), note) == "−0'015"


def test_a_fractional_quantity_is_written_to_the_venues_step() -> None:
    coin = Instrument("BTC-PERP", Decimal("0.5"), Decimal("0.5"), "USD", quantity_step=Decimal("0.001"))
    assert f.quantity(Decimal("0.5"), coin) == "0.500"
    assert f.quantity(Decimal(2), coin) == "2.000"
    assert f.quantity(Decimal("0.00004"), coin) == "0.00004"
    assert f.held(Decimal("-0.25"), coin) == "SHORT 0.250"
    assert f.quantity(Decimal("2.0"), ES) == "2"


@pytest.mark.parametrize(
    ("value", "text", "tone"),
    [
        ("125", "+125.00 ▲", "up"),
        ("-125", "−125.00 ▼", "down"),
        ("0", "0.00", "ink1"),
        ("-0.001", "0.00", "ink1"),
        ("12345678.905", "+12\u2009345\u2009678.90 ▲", "up"),
    ],
)
def test_a_result_carries_sign_arrow_and_tone(value: str, text: str, tone: str) -> None:
    assert f.result(Decimal(value)) == text
    assert f.tone_of(Decimal(value)) == tone


def test_a_result_is_spoken_in_words() -> None:
    assert f.spoken_result(Decimal("-125"), "USD") == "minus 125.00 USD, loss"
    assert f.spoken_result(Decimal("12.5"), "USD") == "plus 12.50 USD, profit"
    assert f.spoken_result(None) == "unknown"


@pytest.mark.parametrize(
    "written",
    [
        f.price(None, ES),
        f.average(None, ES),
        f.money(None),
        f.result(None),
        f.quantity(None),
        f.held(None),
        f.ticks(None),
        f.r_multiple(None),
        f.ratio(None),
        f.percent(None),
        f.clock(None),
        f.zoned(None),
        f.points(None, ES),
    ],
)
def test_unknown_is_a_dash_and_never_zero(written: str) -> None:
    assert written == "—"


@pytest.mark.parametrize(
    ("value", "text"), [("2", "2"), ("2.0", "2"), ("1E+2", "100"), ("0.0040", "0.004"), ("-0", "0")]
)
def test_a_quantity_has_neither_exponent_nor_trailing_zeros(value: str, text: str) -> None:
    assert f.quantity(Decimal(value)) == text


def test_a_held_quantity_is_a_side_in_words() -> None:
    assert [f.held(Decimal(one)) for one in ("2", "-1", "0")] == ["LONG 2", "SHORT 1", "FLAT"]


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [("12", False, "12t"), ("12", True, "+12t"), ("-3", True, "−3t"), ("5.5", True, "+5.5t"), ("0", True, "0t")],
)
def test_ticks_are_whole_unless_an_average_makes_them_fractional(value: str, signed: bool, text: str) -> None:
    assert f.ticks(Decimal(value), signed) == text


@pytest.mark.parametrize(("value", "text"), [("1.25", "+1.25R"), ("-0.504", "−0.50R"), ("0.001", "0.00R")])
def test_r_has_two_decimals_and_a_sign(value: str, text: str) -> None:
    assert f.r_multiple(Decimal(value)) == text


@pytest.mark.row(146)
@pytest.mark.parametrize(
    ("seconds", "text"), [(7, "0:07"), (750, "12:30"), (3723, "1:02:03"), (-5, "0:00"), (59.99, "0:59")]
)
def test_durations_grow_from_minutes_to_hours(seconds: float, text: str) -> None:
    assert f.duration(seconds) == text


def test_a_time_carries_its_zone() -> None:
    at = datetime(2025, 11, 12, 15, 41, 7, tzinfo=UTC)
    assert f.zoned(at, CHICAGO) == "09:41:07 CST"
    assert f.offset(at, CHICAGO) == "−06:00"
    assert f.day(datetime(2025, 11, 12, 3, tzinfo=UTC), CHICAGO) == "2025-11-11"


@pytest.mark.row(143)
def test_the_hour_that_occurs_twice_says_which_one_it_is() -> None:
    first = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    second = datetime(2025, 11, 2, 7, 30, tzinfo=UTC)
    assert f.clock(first, CHICAGO) == "01:30:00 −05:00"
    assert f.clock(second, CHICAGO) == "01:30:00 −06:00"
    assert f.clock(datetime(2025, 11, 2, 9, 30, tzinfo=UTC), CHICAGO) == "03:30:00"


@pytest.mark.parametrize("nothing", [Decimal("-0"), Decimal("-0.00"), Decimal("-0.001")])
def test_what_rounds_to_nothing_has_no_sign(nothing: Decimal) -> None:
    assert f.ratio(nothing) == "0.00"
    assert f.percent(nothing / 100) == "0.0 %"
    assert f.ratio(Decimal("-0.01")) == f"{f.MINUS}0.01"


def test_a_distance_of_nothing_has_no_sign() -> None:
    assert f.points(Decimal("-0"), ES) == "0.00"
