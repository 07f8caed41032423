"""What was typed is read exactly or refused with a sentence; nothing is rounded, nothing guessed."""

from decimal import Decimal

import pytest

from core.model.instrument import Instrument
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
