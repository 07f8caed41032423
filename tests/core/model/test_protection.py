"""What protects a position is what works on its closing side; the nearest is shown, the sum is covered."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from core.model.protection import protection_of
from core.model.scope import PositionKey

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
WORKING = (OrderState.WORKING, OrderState.PARTIAL, OrderState.PENDING_CHANGE, OrderState.PENDING_CANCEL)


def position(signed: int) -> Position:
    side = Side.BUY if signed > 0 else Side.SELL
    fill = Fill(KEY, "E1", side, Decimal(abs(signed)), Decimal(5000), AT, AT)
    held = apply_fill(None, fill, Instrument("ESZ6")).after
    assert held is not None
    return held


def stop(trigger: str | None, side: Side = Side.SELL, quantity: str = "1", kind: OrderType = OrderType.STOP) -> Order:
    return Order(
        key=KEY,
        client_order_id=f"S{trigger}{quantity}",
        side=side,
        intent=Intent.PROTECT,
        type=kind,
        quantity=Decimal(quantity),
        created_at=AT,
        updated_at=AT,
        trigger_price=None if trigger is None else Decimal(trigger),
        state=OrderState.WORKING,
    )


def target(price: str | None, side: Side = Side.SELL, quantity: str = "1") -> Order:
    limit = None if price is None else Decimal(price)
    return replace(stop(None, side, quantity), client_order_id=f"T{price}", type=OrderType.LIMIT, price=limit)


def test_the_nearest_stop_and_target_of_a_long_are_the_highest_below_and_the_lowest_above() -> None:
    orders = [stop("4980"), stop("4990"), stop("4985"), target("5020"), target("5010"), target("5030")]
    found = protection_of(position(3), orders)
    assert found.stop is orders[1] and found.target is orders[4]
    assert (str(found.stop_quantity), str(found.target_quantity)) == ("3", "3")


def test_the_nearest_stop_and_target_of_a_short_are_mirrored() -> None:
    orders = [stop("5020", Side.BUY), stop("5010", Side.BUY), target("4980", Side.BUY), target("4990", Side.BUY)]
    found = protection_of(position(-2), orders)
    assert found.stop is orders[1] and found.target is orders[3]


@pytest.mark.parametrize(("signed", "side", "price"), [(2, Side.SELL, "4990"), (-2, Side.BUY, "5010")])
def test_an_exit_without_a_price_is_never_the_nearest_but_covers(signed: int, side: Side, price: str) -> None:
    unpriced, priced = stop(None, side), stop(price, side)
    found = protection_of(position(signed), [unpriced, priced])
    assert found.stop is priced
    assert found.unprotected(position(signed)) == 0
    goal = target("5010" if signed > 0 else "4990", side)
    assert protection_of(position(signed), [target(None, side), goal]).target is goal


def test_an_order_of_the_same_side_of_another_scope_or_at_market_protects_nothing() -> None:
    others = [
        stop("4990", Side.BUY),
        replace(stop("4990"), key=replace(KEY, account="Sim2")),
        replace(stop("4990"), key=replace(KEY, symbol="MESZ6")),
        replace(stop("4990"), key=replace(KEY, connection="live")),
        replace(stop(None), type=OrderType.MARKET),
    ]
    found = protection_of(position(1), others)
    assert (found.stop, found.target) == (None, None)
    assert found.unprotected(position(1)) == 1


@pytest.mark.parametrize("state", OrderState)
def test_only_what_the_broker_said_he_works_protects(state: OrderState) -> None:
    found = protection_of(position(1), [replace(stop("4990"), state=state)])
    assert (found.stop is not None) is (state in WORKING)
    assert found.unprotected(position(1)) == (0 if state in WORKING else 1)


def test_a_partly_filled_stop_covers_what_remains_of_it() -> None:
    partly = replace(stop("4990", quantity="3"), filled_quantity=Decimal(1), state=OrderState.PARTIAL)
    found = protection_of(position(3), [partly])
    assert (str(found.stop_quantity), str(found.unprotected(position(3)))) == ("2", "1")


def test_a_stop_limit_is_a_stop_and_more_stops_than_needed_leave_nothing_unprotected() -> None:
    found = protection_of(position(1), [stop("4990", quantity="5", kind=OrderType.STOP_LIMIT)])
    assert found.stop is not None
    assert found.unprotected(position(1)) == 0


def test_an_exit_of_a_bracket_covers_as_far_as_its_entry_filled() -> None:
    entry = replace(target("5000", Side.BUY, "3"), client_order_id="entry", filled_quantity=Decimal(1))
    exits = [
        replace(one, parent_client_order_id="entry")
        for one in (stop("4990", quantity="3"), replace(target("5010", quantity="3")))
    ]
    found = protection_of(position(3), [entry, *exits])
    assert (found.stop_quantity, found.target_quantity) == (Decimal(1), Decimal(1))
    assert found.unprotected(position(3)) == 2
    waiting = protection_of(position(3), [replace(entry, filled_quantity=Decimal(0)), *exits])
    assert waiting.stop is None and waiting.target is None
    assert waiting.stop_quantity == waiting.target_quantity == 0
    assert protection_of(position(3), exits).unprotected(position(3)) == 0


def test_of_exits_without_a_price_none_comes_before_one_at_or_below_zero() -> None:
    spread = position(1)
    for price in ("0", "-5"):
        assert protection_of(spread, [target(None), target(price)]).target == target(price)
        assert protection_of(spread, [stop(None), stop(price)]).stop == stop(price)
