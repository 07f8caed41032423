"""The price grid and the worth of a tick, over contracts whose numbers differ in every way they can."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.instrument import Instrument
from core.model.price_format import write_price


def contract(tick: str | None, value: str | None) -> Instrument:
    return Instrument("X", None if tick is None else Decimal(tick), None if value is None else Decimal(value), "USD")


# tick size, tick value, money of one full point; the last two have a point value no decimal can hold.
CONTRACTS = [
    ("0.25", "12.5", 50),
    ("0.25", "1.25", 5),
    ("0.015625", "15.625", 1000),
    ("0.00390625", "7.8125", 2000),
    ("0.00005", "6.25", 125_000),
    ("0.0000005", "6.25", 12_500_000),
    ("0.01", "10", 1000),
    ("0.1", "10", 100),
    ("0.1", "0.1", 1),
    ("5", "25", 5),
    ("3", "10", None),
    ("0.7", "0.01", None),
]
GRIDS = [tick for tick, _, _ in CONTRACTS]


@pytest.mark.parametrize(("tick", "value", "point"), CONTRACTS)
def test_a_number_of_ticks_is_worth_exactly_that_many_tick_values(tick: str, value: str, point: int | None) -> None:
    instrument = contract(tick, value)
    for ticks in (1, -1, 3, 7, 1_000_001):
        for quantity in (Decimal(1), Decimal(-4), Decimal("0.00000001")):
            assert instrument.money(Decimal(tick) * ticks, quantity) == Decimal(value) * ticks * quantity
    if point is not None:
        assert instrument.point_value == Decimal(point)


@pytest.mark.parametrize(("tick", "value"), [(None, "12.5"), ("0.25", None), (None, None)])
def test_money_of_an_unknown_contract_is_unknown(tick: str | None, value: str | None) -> None:
    assert contract(tick, value).point_value is None
    assert contract(tick, value).money(Decimal(1), Decimal(1)) is None


@given(st.sampled_from(GRIDS), st.integers(-50_000, 5_000_000))
def test_a_price_on_the_grid_stays_and_is_its_own_neighbour(tick: str, ticks: int) -> None:
    instrument, price = contract(tick, "1"), Decimal(tick) * ticks
    assert instrument.snap(price) == (price, True)
    assert instrument.neighbours(price) == (price, price)


@given(st.sampled_from(GRIDS), st.integers(-50_000, 5_000_000), st.integers(-999_999, 999_999))
def test_a_price_a_millionth_of_a_tick_away_is_snapped(tick: str, ticks: int, part: int) -> None:
    price = Decimal(tick) * ticks
    off = price + Decimal(tick) * Decimal(part) / 10**12
    assert contract(tick, "1").snap(off) == (price, True)


@given(st.sampled_from(GRIDS), st.integers(-50_000, 5_000_000), st.integers(2, 999_998))
def test_a_price_between_two_ticks_is_kept_exact_and_said_to_be_off(tick: str, ticks: int, part: int) -> None:
    instrument = contract(tick, "1")
    off = Decimal(tick) * ticks + Decimal(tick) * Decimal(part) / 10**6
    assert instrument.snap(off) == (off, False)
    below, above = instrument.neighbours(off)
    assert below < off < above
    assert above - below == Decimal(tick)
    assert instrument.snap(below) == (below, True)


def test_what_a_float_makes_of_a_price_comes_back_to_the_grid() -> None:
    assert contract("0.1", "1").snap(Decimal(0.1 + 0.2)) == (Decimal("0.3"), True)
    assert contract("0.00005", "6.25").snap(Decimal(108235 / 100000)) == (Decimal("1.08235"), True)


def test_without_a_tick_size_every_price_is_as_good_as_it_is_and_has_no_neighbours() -> None:
    instrument = contract(None, None)
    assert instrument.snap(Decimal("1.23456")) == (Decimal("1.23456"), True)
    assert instrument.ticks(Decimal(1)) is None
    with pytest.raises(ValueError, match="tick size"):
        instrument.neighbours(Decimal(1))


def test_a_distance_in_ticks_keeps_its_sign() -> None:
    assert contract("0.25", "12.5").ticks(Decimal("-1.5")) == -6


def test_a_price_exactly_a_millionth_of_a_tick_away_is_still_snapped() -> None:
    instrument = contract("0.25", "12.5")
    assert instrument.snap(Decimal("5000.25000025")) == (Decimal("5000.25"), True)
    assert instrument.snap(Decimal("5000.25000026")) == (Decimal("5000.25000026"), False)


def test_a_price_is_written_as_its_product_is_quoted() -> None:
    note = Instrument("ZN", Decimal("0.015625"), Decimal("15.625"), "USD", price_format=134)
    assert note.written(Decimal("110.515625")) == write_price(Decimal("110.515625"), Decimal("0.015625"), 134)
    assert note.written(Decimal("110.515625")) != contract("0.015625", "1").written(Decimal("110.515625"))
    assert contract("0.25", "12.5").written(Decimal(5000)) == "5000.00"
    assert contract(None, None).written(Decimal(5000)) == "5000"
