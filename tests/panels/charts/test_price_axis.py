"""Prices and pixels: there and back without loss, and an axis that writes round prices of the grid."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.instrument import Instrument
from panels.charts.price_axis import LEAST_GAP, PriceScale, price_marks, price_step

TICKS = [Decimal(one) for one in ("0.25", "0.01", "0.00005", "0.1", "5", "0.03125", "0.015625", "0.0078125", "0.3")]


def instrument(tick: Decimal) -> Instrument:
    forms = {Decimal("0.03125"): 132, Decimal("0.015625"): 134, Decimal("0.0078125"): 136}
    return Instrument("X", tick, Decimal("1"), price_format=forms.get(tick, -1))


@given(
    tick=st.sampled_from(TICKS),
    at=st.integers(1, 400_000),
    below=st.integers(1, 5000),
    above=st.integers(1, 5000),
    height=st.integers(40, 3000),
)
def test_a_price_of_the_grid_comes_back_from_its_pixel(
    tick: Decimal, at: int, below: int, above: int, height: int
) -> None:
    price = at * tick
    scale = PriceScale(float(price - below * tick), float(price + above * tick), 8.0, 8.0 + height)
    assert scale.on_grid(scale.y(float(price)), tick) == price


@given(tick=st.sampled_from(TICKS), low=st.integers(1, 100_000), span=st.integers(2, 50_000), y=st.floats(0, 900))
def test_whatever_the_height_the_price_is_on_the_grid(tick: Decimal, low: int, span: int, y: float) -> None:
    scale = PriceScale(float(low * tick), float((low + span) * tick), 0.0, 900.0)
    found = scale.on_grid(y, tick)
    assert found % tick == 0
    assert abs(float(found) - scale.price(y)) <= float(tick) * 0.51


@given(
    tick=st.sampled_from(TICKS), low=st.integers(1, 100_000), span=st.integers(1, 50_000), room=st.integers(60, 2000)
)
def test_marks_are_on_the_grid_evenly_spaced_and_not_too_close(tick: Decimal, low: int, span: int, room: int) -> None:
    scale = PriceScale(float(low * tick), float((low + span) * tick), 0.0, float(room))
    marks = price_marks(scale, instrument(tick))
    assert all(mark % tick == 0 for mark in marks)
    gaps = {after - before for before, after in pairwise(marks)}
    assert len(gaps) <= 1
    if gaps:
        assert float(gaps.pop()) * room / (scale.high - scale.low) >= LEAST_GAP * 0.999


@pytest.mark.parametrize(
    ("tick", "span", "step"),
    [
        ("0.25", 1.0, "0.25"),
        ("0.25", 10.0, "1"),
        ("0.25", 100.0, "10"),
        ("0.01", 1.0, "0.1"),
        ("5", 100.0, "10"),
        ("0.03125", 0.5, "0.0625"),
        ("0.03125", 3.0, "0.5"),
        ("0.03125", 20.0, "2"),
        ("0.3", 30.0, "3"),
    ],
)
def test_the_step_is_round_in_the_form_of_the_instrument(tick: str, span: float, step: str) -> None:
    assert price_step(span, 400.0, instrument(Decimal(tick))) == Decimal(step)


def test_without_a_known_tick_there_is_an_axis_all_the_same() -> None:
    marks = price_marks(PriceScale(99.0, 101.0, 0.0, 300.0), Instrument("X"))
    assert Decimal(100) in marks
    assert price_marks(PriceScale(99.0, 101.0, 0.0, 300.0), None) == marks
