"""Prices between the wire and the screen, in both directions."""

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidOrder
from core.model.instrument import Instrument
from services.dtc.price_scale import MEMO_SIZE, PriceScale, exact, tidy


def single(value: float) -> float:
    """Return a number as it comes out of a float32."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def scale(tick: str = "0.25", multiplier: str = "1") -> PriceScale:
    return PriceScale(Instrument("X", Decimal(tick)), Decimal(multiplier))


@pytest.mark.parametrize(
    "text", ["0.01", "0.1", "1934.3", "0.0065435", "0.25", "110.015625", "6500", "-37.63", "0.005"]
)
def test_a_number_that_went_through_a_float32_is_what_it_was(text: str) -> None:
    assert tidy(single(float(text))) == Decimal(text)


def test_the_multiplier_of_a_hundredth_is_read_as_such_however_it_is_printed() -> None:
    assert tidy(0.009999999776482582) == Decimal("0.01")
    assert tidy(0.00999999977) == Decimal("0.01")
    assert tidy(0.01) == Decimal("0.01")


def test_a_double_that_never_was_a_float32_is_kept() -> None:
    assert tidy(4000.123456789) == Decimal("4000.123456789")
    assert tidy(1e300) == Decimal("1e300")


def test_es_at_4000_50_travels_as_400050_and_back() -> None:
    es = scale("0.25", "0.01")
    assert es.wire(Decimal("4000.50")) == 400050.0
    assert es.shown(400050.0) == (Decimal("4000.50"), True)


@pytest.mark.parametrize(
    ("tick", "multiplier", "wire", "shown", "on_grid"),
    [
        ("0.25", "1", 6500.25, "6500.25", True),
        ("0.25", "1", 6500.2500001, "6500.25", True),
        ("0.25", "1", 6500.26, "6500.26", False),
        ("0.1", "1", single(1934.3), "1934.3", True),
        ("0.0000005", "1", single(0.0065435), "0.0065435", True),
        ("0.0078125", "1", 110.0078125, "110.0078125", True),
        ("0.015625", "1", single(110.015625), "110.015625", True),
        ("0.0078125", "1", single(123456.7578125), "123456.7578125", True),
        ("0.25", "0.01", 400062.5, "4000.625", False),
        ("0.01", "0.01", -3763.0, "-37.63", True),
        ("5", "1", 65430.0, "65430", True),
        ("0.25", "1", 0.0, "0", True),
    ],
)
def test_a_price_is_put_onto_the_grid_or_kept_exactly(
    tick: str, multiplier: str, wire: float, shown: str, on_grid: bool
) -> None:
    assert scale(tick, multiplier).shown(wire) == (Decimal(shown), on_grid)


def test_a_price_of_a_symbol_without_a_known_grid_is_kept() -> None:
    assert PriceScale(Instrument("X")).shown(1934.3) == (Decimal("1934.3"), True)
    assert PriceScale(Instrument("X")).shown(single(1934.3)) == (Decimal("1934.3"), True)


def test_an_average_is_scaled_but_never_put_onto_the_grid() -> None:
    assert scale("0.25", "0.01").average(400050.0000001) == Decimal("4000.500000001")
    assert scale("0.25").average(6500.333333333333) == Decimal("6500.333333333333")


@pytest.mark.parametrize("price", ["4000.51", "4000.500001"])
def test_a_price_off_the_grid_is_not_sent(price: str) -> None:
    with pytest.raises(InvalidOrder, match="not a price on the tick grid"):
        scale("0.25", "0.01").wire(Decimal(price))


@given(
    ticks=st.integers(-(10**7), 10**7),
    tick=st.sampled_from(["0.25", "0.01", "0.1", "5", "0.0000005", "0.0078125", "0.03125", "1"]),
    multiplier=st.sampled_from(["1", "0.01", "0.001", "100", "0.0001"]),
)
def test_every_price_of_the_grid_comes_back_from_the_wire(ticks: int, tick: str, multiplier: str) -> None:
    one = scale(tick, multiplier)
    price = ticks * Decimal(tick)
    assert one.shown(one.wire(price)) == (price, True)


def test_the_memory_of_a_scale_is_bounded() -> None:
    one = scale("0.01")
    for cents in range(3 * MEMO_SIZE):
        one.shown(cents / 100)
    assert len(one._memo) <= MEMO_SIZE


def test_money_is_exact() -> None:
    assert exact(100000.0) == Decimal(100000)
    assert exact(21.66) == Decimal("21.66")
    assert exact(-864.125) == Decimal("-864.125")
