"""Contracts are counted at their worst: every entry on one side of a symbol fills, and nothing reduces."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import SubmitOrder
from core.guard_figures import size_used
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey

D = Decimal
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ES, NQ = PositionKey("sim", "Sim1", "ESZ6"), PositionKey("sim", "Sim1", "NQZ6")
CONTRACT = Instrument("ESZ6", D("0.25"), D("12.5"), "USD")


def held(quantity: int, key: PositionKey = ES) -> list[Position]:
    if not quantity:
        return []
    side = Side.BUY if quantity > 0 else Side.SELL
    after = apply_fill(None, Fill(key, "E", side, D(abs(quantity)), D(1), AT, AT), CONTRACT).after
    assert after is not None
    return [after]


def order(side: Side, quantity: int, intent: Intent = Intent.OPEN, key: PositionKey = ES, filled: int = 0) -> Order:
    made = Order(key, f"{key}{side}{intent}{quantity}", side, intent, OrderType.LIMIT, D(quantity), AT, AT)
    return replace(made, filled_quantity=D(filled), state=OrderState.UNKNOWN)


BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.row(158)
@pytest.mark.parametrize(
    ("position", "orders", "size"),
    [
        (0, [], 0),
        (-2, [], 2),
        (2, [order(BUY, 1, Intent.ADD)], 3),
        (2, [order(SELL, 2, Intent.PROTECT), order(SELL, 1, Intent.REDUCE)], 2),
        (2, [order(BUY, 3, Intent.ADD, filled=1)], 4),
        (0, [order(BUY, 2), order(SELL, 3)], 3),
        (2, [order(SELL, 5, Intent.REVERSE)], 3),
        (0, [order(BUY, 2), order(BUY, 1, key=NQ)], 3),
    ],
)
def test_contracts_with_what_may_still_come(position: int, orders: list[Order], size: int) -> None:
    assert size_used(held(position), orders) == size


@pytest.mark.row(158)
@given(
    position=st.integers(-5, 5),
    orders=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 5)), max_size=5),
    side=st.sampled_from(Side),
    quantity=st.integers(1, 5),
)
def test_whatever_fills_the_position_is_never_larger(
    position: int, orders: list[tuple[Side, int]], side: Side, quantity: int
) -> None:
    alive = [order(one, amount) for one, amount in orders]
    wanted = SubmitOrder("a", ES, side, OrderType.MARKET, D(quantity))
    worst = size_used(held(position), alive, wanted)
    every = [*orders, (side, quantity)]
    for chosen in range(1 << len(every)):
        filled = sum(one.sign * amount for at, (one, amount) in enumerate(every) if chosen >> at & 1)
        assert abs(position + filled) <= worst
    assert worst >= size_used(held(position), alive)
