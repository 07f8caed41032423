"""A working order is changed at a real broker: price and size, a stop moved by ticks and to breakeven, and races."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core import commands
from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import SYMBOL, Driver

D = Decimal


@pytest.fixture
def driver(world: World) -> Iterator[Driver]:
    made = Driver(world.folder, world.address, {})
    made.engine.start()
    made.ready()
    world.venue.control("freeze")
    yield made
    made.engine.stop()
    invariants.check(world.database)


def working(world: World, kind: str = "LIMIT") -> dict[str, Any]:
    """Return the one order of a kind the broker works."""
    (found,) = [
        one for one in world.state()["orders"] if one["kind"] == kind and one["status"] in ("WORKING", "PARTIAL")
    ]
    return dict(found)


def shown(driver: Driver, kind: OrderType = OrderType.LIMIT) -> Order:
    return [one for one in driver.engine.state.snapshot().orders.values() if one.type is kind][-1]


def at_work(driver: Driver, kind: OrderType = OrderType.LIMIT) -> Order:
    """Wait until the order is neither under change nor on its way."""
    driver.wait(
        lambda s: any(
            one.type is kind and one.state in (OrderState.WORKING, OrderState.PARTIAL) for one in s.orders.values()
        ),
        "an order at work",
    )
    return shown(driver, kind)


def bid(world: World, driver: Driver, below: int = 20) -> Decimal:
    """Bid for two some points below the market; return the price."""
    price = D(world.state()["last"][SYMBOL]) // 1 - below
    driver.engine.post(commands.SubmitOrder("bid", driver.key, Side.BUY, OrderType.LIMIT, D(2), price))
    at_work(driver)
    return price


def change(driver: Driver, action: str, **terms: Decimal) -> None:
    name = shown(driver).client_order_id
    driver.engine.post(commands.ChangeOrder(action, name, confirmed=True, by_rule=False, **terms))


def test_price_and_quantity_of_a_working_order_are_changed_at_the_broker(world: World, driver: Driver) -> None:
    price = bid(world, driver)
    before = working(world)
    change(driver, "c1", price=price - D("0.25"), quantity=D(3))
    until(lambda: D(working(world)["quantity"]) == 3, "three at the broker")
    order = at_work(driver)
    assert (order.price, order.quantity) == (price - D("0.25"), D(3))
    held = working(world)
    assert (held["server_order_id"], D(held["limit_price"])) == (before["server_order_id"], price - D("0.25"))
    assert order.client_order_id == held["client_order_id"]


def test_a_stop_is_moved_by_ticks_and_to_breakeven(world: World, driver: Driver) -> None:
    price = bid(world, driver)
    world.venue.control("fill_now", client_order_id=shown(driver).client_order_id, quantity="2", price=str(price))
    driver.until(D(2))
    driver.stop(D(2))
    first = shown(driver, OrderType.STOP).trigger_price
    assert first is not None
    for press in range(3):
        driver.engine.post(commands.MoveExit(f"m{press}", driver.key, True, 1))
    until(lambda: D(working(world, "STOP")["stop_price"]) == first + D("0.75"), "three ticks at the broker")
    at_work(driver, OrderType.STOP)
    driver.engine.post(commands.StopToBreakeven("be", driver.key))
    until(lambda: D(working(world, "STOP")["stop_price"]) == price, "the stop at the entry price")
    assert at_work(driver, OrderType.STOP).trigger_price == price
    driver.engine.post(commands.StopToBreakeven("be2", driver.key))
    until(lambda: any("at breakeven or better already" in one for one in driver.said), "the sentence")


def test_a_fill_on_the_way_of_a_change_is_too_late_to_change(world: World, driver: Driver) -> None:
    price = bid(world, driver)
    world.venue.control("latency", ms=60_000)
    change(driver, "c1", price=price - 1)
    driver.wait(lambda s: any(one.state is OrderState.PENDING_CHANGE for one in s.orders.values()), "the change")
    world.venue.control("latency", ms=0)
    world.venue.control("fill_now", client_order_id=shown(driver).client_order_id, quantity="2", price=str(price))
    driver.until(D(2))
    until(lambda: shown(driver).state is OrderState.FILLED, "the order filled")
    assert world.broker_quantity() == 2.0
    assert shown(driver).filled_quantity == 2


def test_a_change_unanswered_when_the_line_falls_ends_as_the_broker_has_it(world: World, driver: Driver) -> None:
    price = bid(world, driver)
    world.venue.control("hold_acks")
    change(driver, "c1", price=price - 1)
    until(lambda: D(working(world)["limit_price"]) == price - 1, "the change at the broker")
    assert shown(driver).state is OrderState.PENDING_CHANGE
    world.venue.control("drop")
    world.venue.control("hold_acks", ms=0)
    driver.ready()
    until(lambda: shown(driver).state is OrderState.WORKING, "the broker's word")
    assert shown(driver).price == price - 1
