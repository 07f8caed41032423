"""What was typed is read exactly or refused with a sentence; nothing is rounded, nothing guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.instrument import Instrument
from panels import formatting
from panels.parsing import InputRefused, parse_price, parse_quantity

ES = Instrument("ESZ5", Decimal("0.25"), Decimal("12.50"), "USD")


@pytest.mark.parametrize("text", ["2", " 2 ", "2.0", "007"])
def test_a_plain_whole_number_is_a_quantity(text: str) -> None:
    assert parse_quantity(text) == Decimal(text.strip())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("1e3", "is not a number"),
        ("-1", "without a sign"),
        ("−1", "without a sign"),
        ("+1", "without a sign"),
        ("1,5", "decimal point as a dot"),
        ("1 000", "is not a number"),
        ("0", "more than zero"),
        ("0.0", "more than zero"),
        ("two", "is not a number"),
        (".5", "is not a number"),
        ("5.", "is not a number"),
        ("٣", "is not a number"),
        ("NaN", "is not a number"),
        ("Infinity", "is not a number"),
        ("1" * 30, "is not a number"),
        ("1.5", "steps of 1"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(InputRefused, match=says):
        parse_quantity(text)


def test_a_fractional_quantity_is_read_where_the_venue_has_one() -> None:
    assert parse_quantity("0.004", Decimal("0.001")) == Decimal("0.004")
    with pytest.raises(InputRefused, match=r"steps of 0\.001"):
        parse_quantity("0.0005", Decimal("0.001"))


def test_a_price_on_the_grid_is_taken_as_it_stands() -> None:
    assert parse_price("5050.25", ES) == Decimal("5050.25")
    assert parse_price("5050", ES) == Decimal(5050)


def test_an_off_tick_price_is_refused_with_the_two_nearest() -> None:
    with pytest.raises(InputRefused, match=r"5050\.30 is between ticks: 5050\.25 or 5050\.50\?"):
        parse_price("5050.30", ES)


def test_a_price_is_refused_while_the_tick_is_unknown() -> None:
    with pytest.raises(InputRefused, match="tick size of ESZ5 is not known yet"):
        parse_price("5050", Instrument("ESZ5"))


NOTE = Instrument("ZNZ6", Decimal("0.015625"), Decimal("15.625"), "USD", price_format=134)
BOND = Instrument("ZBZ6", Decimal("0.03125"), Decimal("31.25"), "USD", price_format=132)
CORN = Instrument("ZCZ6", Decimal("0.25"), Decimal("12.5"), "USD", price_format=108)
BILL = Instrument("X", Decimal("0.015625"), Decimal("1"), "USD", price_format=164)


@pytest.mark.parametrize(
    ("text", "instrument", "says"),
    [
        ("110'167", NOTE, "110'167 is between ticks: 110'165 or 110'170?"),
        ("110.51", NOTE, "110.51 is between ticks: 110'160 or 110'165?"),
        ("110'164", NOTE, "110'164 is not a price: 110'160 or 110'165?"),
        ("110'32", NOTE, "110'32 is not a price: 110'315 or 111'000?"),
        ("110'16+", BOND, "110'16+ is between ticks: 110'16 or 110'17?"),
        ("432'3", CORN, "432'3 is between ticks: 432'2 or 432'4?"),
        ("432.2", CORN, "432.2 is between ticks: 432'0 or 432'2?"),
        ("99 3/128", BILL, "99 3/128 is between ticks: 99'01/64 or 99'02/64?"),
        ("0'001", NOTE, "0'001 is between ticks: 0'005 or 0'010?"),
        ("0'000", NOTE, "Price must be more than zero."),
        ("110'5", NOTE, "is not a number like 110'160."),
        ("99'01", BILL, "is not a number like 110'32/64."),
        ("110'16", ES, "is not a number like 2 or 5050.25."),
        ("-110'16", NOTE, "Price is written without a sign."),
    ],
)
def test_a_fraction_that_is_no_price_is_refused_with_prices_in_its_form(
    text: str, instrument: Instrument, says: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        parse_price(text, instrument)
    assert says in str(refused.value)


@given(st.sampled_from([NOTE, BOND, CORN, BILL, ES]), st.integers(1, 400_000))
def test_what_a_panel_shows_can_be_typed_back(instrument: Instrument, ticks: int) -> None:
    assert instrument.tick_size is not None
    price = instrument.tick_size * ticks
    assert parse_price(formatting.price(price, instrument), instrument) == price
