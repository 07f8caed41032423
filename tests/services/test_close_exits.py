"""Which stops a close puts back: never more than the position, never one the market has passed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.market import Quote
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from services.close_exits import put_back
from tests.fakes.broker import ES_CONTRACT
from tests.fakes.clock import START
from tests.fakes.engine import ES


def position(quantity: int) -> Position:
    side = Side.BUY if quantity > 0 else Side.SELL
    fill = Fill(ES, "E1", side, Decimal(abs(quantity)), Decimal(5000), START, START)
    after = apply_fill(None, fill, ES_CONTRACT).after
    assert after is not None
    return after


def stop(name: str, quantity: int, **changes: object) -> Order:
    made = Order(
        ES,
        name,
        Side.SELL,
        Intent.PROTECT,
        OrderType.STOP,
        Decimal(quantity),
        START,
        START,
        trigger_price=Decimal(4980),
        state=OrderState.CANCELLED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def again(held: Position, *orders: Order, last: int | None = None) -> list[tuple[str, Decimal]]:
    quote = None if last is None else Quote("ESZ6", last=Decimal(last))
    names = [one.client_order_id for one in orders]
    plan = put_back(held, names, dict(zip(names, orders, strict=True)), quote)
    return [(order.client_order_id, one.quantity) for one in plan.exits for order in (one.stop, one.target) if order]


def test_a_cancelled_stop_is_put_back_with_what_is_left_of_it() -> None:
    assert again(position(2), stop("a", 2)) == [("a", Decimal(2))]
    assert again(position(2), stop("a", 2, filled_quantity=Decimal(1))) == [("a", Decimal(1))]


def test_together_they_never_exceed_the_position_and_the_newest_come_first() -> None:
    assert again(position(3), stop("a", 2), stop("b", 2)) == [("b", Decimal(2)), ("a", Decimal(1))]


@pytest.mark.parametrize("state", [OrderState.SENT, OrderState.WORKING, OrderState.UNKNOWN, OrderState.PENDING_CANCEL])
def test_a_stop_that_may_still_work_counts(state: OrderState) -> None:
    assert again(position(2), stop("a", 2), stop("b", 2, state=state)) == []


@pytest.mark.parametrize(
    "other",
    [
        stop("x", 2, state=OrderState.FILLED),
        stop("x", 2, state=OrderState.REJECTED),
        stop("x", 2, type=OrderType.LIMIT, intent=Intent.CLOSE),
        stop("x", 2, side=Side.BUY),
        stop("x", 2, key=replace(ES, account="Sim2")),
    ],
)
def test_only_a_cancelled_exit_of_the_scope_on_the_closing_side_is_put_back(other: Order) -> None:
    assert again(position(2), other) == []


def test_a_stop_the_close_did_not_cancel_is_none_of_its_business() -> None:
    assert put_back(position(2), [], {"a": stop("a", 2)}, None).exits == ()


@pytest.mark.parametrize(("last", "placed"), [(4979, False), (4980, False), (4981, True)])
def test_a_stop_of_a_long_position_the_market_has_passed_is_left_out(last: int, placed: bool) -> None:
    held = position(2)
    assert bool(again(held, stop("a", 2), last=last)) is placed
    plan = put_back(held, ["a"], {"a": stop("a", 2)}, Quote("ESZ6", last=Decimal(last)))
    assert plan.bare == (0 if placed else 2)


@pytest.mark.parametrize(("last", "placed"), [(5019, True), (5020, False), (5021, False)])
def test_and_so_is_one_of_a_short_position(last: int, placed: bool) -> None:
    short = stop("a", 2, side=Side.BUY, trigger_price=Decimal(5020))
    assert bool(again(position(-2), short, last=last)) is placed
