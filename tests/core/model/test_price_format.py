"""Prices survive text and back in every form; what is no price is refused with where it points."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.price_format import FRACTIONS, UnreadablePrice, decimals, read_price, write_average, write_price

# Tick size and display format of every form there is, and of products that use it.
FORMS = [
    ("0.5", 102),
    ("0.25", 104),
    ("0.25", 108),
    ("0.125", 108),
    ("0.0625", 116),
    ("0.03125", 132),
    ("0.015625", 134),
    ("0.0078125", 136),
    ("0.00390625", 140),
    ("0.015625", 164),
    ("0.0078125", 228),
    ("0.00390625", 356),
    ("0.25", 2),
    ("0.1", 1),
    ("0.01", 2),
    ("0.00005", 5),
    ("0.0000005", 7),
    ("1", 0),
    ("10", 0),
    ("0.5", -1),
]


@pytest.mark.parametrize(
    ("size", "places"), [("0.25", 2), ("0.1", 1), ("0.00005", 5), ("1", 0), ("10", 0), ("0.50", 1), ("0.015625", 6)]
)
def test_decimals_are_the_fewest_that_write_the_tick_exactly(size: str, places: int) -> None:
    assert decimals(Decimal(size)) == places


@pytest.mark.parametrize(
    ("price", "tick", "form", "text"),
    [
        ("110.5", "0.03125", 132, "110'16"),
        ("110.515625", "0.015625", 134, "110'165"),
        ("110.5", "0.015625", 134, "110'160"),
        ("119.5234375", "0.0078125", 136, "119'167"),
        ("119.5078125", "0.0078125", 136, "119'162"),
        ("102.50390625", "0.00390625", 140, "102'161"),
        ("102.49609375", "0.00390625", 140, "102'158"),
        ("102.49609375", "0.00390625", -1, "102.49609375"),
        ("99.015625", "0.015625", 164, "99'01/64"),
        ("99.0078125", "0.0078125", 228, "99'001/128"),
        ("99.99609375", "0.00390625", 356, "99'255/256"),
        ("432.25", "0.25", 108, "432'2"),
        ("432.25", "0.25", 104, "432'1/4"),
        ("-0.515625", "0.015625", 134, "-0'165"),
        ("5050.5", "0.25", 2, "5050.50"),
        ("1.08455", "0.00005", 5, "1.08455"),
    ],
)
def test_a_price_is_written_in_the_form_of_its_product(price: str, tick: str, form: int, text: str) -> None:
    assert write_price(Decimal(price), Decimal(tick), form) == text


def test_the_eight_parts_of_a_thirty_second_end_in_the_digits_the_exchange_quotes() -> None:
    texts = [write_price(Decimal(102) + Decimal(part) / 256, Decimal(1) / 256, 140) for part in range(8)]
    assert [text[-1] for text in texts] == list("01235678")


@given(st.sampled_from(FORMS), st.integers(0, 4_000_000))
def test_every_price_survives_text_and_back_and_so_does_every_text(form: tuple[str, int], ticks: int) -> None:
    size, price_format = Decimal(form[0]), form[1]
    text = write_price(size * ticks, size, price_format)
    assert read_price(text, price_format) == size * ticks
    assert write_price(read_price(text, price_format), size, price_format) == text
    assert ("'" in text) == (price_format in FRACTIONS)


@given(st.sampled_from(FORMS), st.integers(1, 4_000_000))
def test_a_price_written_as_a_decimal_is_read_in_every_form(form: tuple[str, int], ticks: int) -> None:
    price = Decimal(form[0]) * ticks
    assert read_price(f"{price:f}", form[1]) == price


@given(st.sampled_from(sorted(FRACTIONS)), st.decimals("0.001", 1000, places=9))
def test_a_price_off_its_form_is_written_in_full(price_format: int, price: Decimal) -> None:
    text = write_price(price, None, price_format)
    assert "'" in text or Decimal(text) == price
    assert read_price(text, price_format) == price


@pytest.mark.parametrize(
    ("text", "form", "price"),
    [
        ("110'16", 132, "110.5"),
        ("110-16", 132, "110.5"),
        ("110 16/32", 132, "110.5"),
        ("110’16", 132, "110.5"),
        (" 110.5 ", 132, "110.5"),
        ("110 1/2", 132, "110.5"),
        ("110'165", 134, "110.515625"),
        ("110'16+", 134, "110.515625"),
        ("110-16+", 134, "110.515625"),
        ("110'16", 134, "110.5"),
        ("119'167", 136, "119.5234375"),
        ("119'1675", 136, "119.5234375"),
        ("119'16750", 136, "119.5234375"),
        ("102'161", 140, "102.50390625"),
        ("102'16125", 140, "102.50390625"),
        ("99'01/64", 164, "99.015625"),
        ("99 1/64", 164, "99.015625"),
        ("99.015625", 164, "99.015625"),
        ("432'2", 108, "432.25"),
        ("432-2", 108, "432.25"),
        ("432.25", 108, "432.25"),
    ],
)
def test_what_a_trader_types_is_read(text: str, form: int, price: str) -> None:
    assert read_price(text, form) == Decimal(price)


@pytest.mark.parametrize(
    ("text", "form", "near"),
    [
        ("110'164", 134, "110.5125"),  # no eighth of a thirty-second begins with 4
        ("110'169", 134, "110.528125"),
        ("110'32", 132, "111"),
        ("110'99+", 134, "111"),
        ("432'8", 108, "433"),
        ("99'64/64", 164, "100"),
        ("110'5", 132, None),  # five thirty-seconds, or fifty hundredths?
        ("110'16+5", 134, None),
        ("110'165+", 134, None),
        ("432'25", 108, None),
        ("432'2+", 108, None),
        ("99'01", 164, None),
        ("99'01/63", 164, None),
        ("110'", 132, None),
        ("'16", 132, None),
        ("110'1٦", 132, None),
        ("5050'2", 2, None),
        ("50 50", 2, None),
        ("", 132, None),
        ("1e3", 132, None),
    ],
)
def test_what_is_no_price_says_where_it_points(text: str, form: int, near: str | None) -> None:
    with pytest.raises(UnreadablePrice) as refused:
        read_price(text, form)
    assert refused.value.near == (None if near is None else Decimal(near))


@pytest.mark.parametrize(
    ("average", "tick", "form", "text"),
    [
        ("110.5078125", "0.015625", 134, "110'16.25"),
        ("110.5052083333333333333333333", "0.015625", 134, "110'16.17"),
        ("110.9999", "0.015625", 134, "111'00.00"),
        ("110.515625", "0.015625", 134, "110'165"),
        ("-0.0078125", "0.015625", 134, "-0'00.25"),
        ("99.01953125", "0.015625", 164, "99'01.25/64"),
        ("432.3", "0.25", 108, "432'2.40"),
        ("5050.3333333333", "0.25", 2, "5050.3333"),
    ],
)
def test_an_average_between_ticks_keeps_its_form_and_two_more_digits(
    average: str, tick: str, form: int, text: str
) -> None:
    assert write_average(Decimal(average), Decimal(tick), form) == text


@pytest.mark.parametrize(
    ("text", "form"),
    [("x", 2), ("110 5/7", 134), ("110 33/32", 134), ("x", 134), ("110'1", 134), ("110'167+", 134), ("110'169", 134)],
)
def test_a_refusal_repeats_what_was_typed(text: str, form: int) -> None:
    with pytest.raises(UnreadablePrice) as refused:
        read_price(f" {text} ", form)
    assert str(refused.value) == f"{text!r} is not a price"


def test_without_a_tick_size_a_price_is_written_as_it_is() -> None:
    assert write_price(Decimal("5050.500"), None, 2) == write_average(Decimal("5050.500"), None, 2) == "5050.5"
    assert write_price(Decimal("-0.0"), None, 2) == "0"
