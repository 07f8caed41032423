"""The manual close against a real broker that misbehaves: B1, B3, B6, B7, and twenty presses."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core import commands
from core.model.operation import CloseStep
from core.model.order import OrderState, OrderType
from core.snapshot import Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import Driver


@pytest.fixture
def driver(world: World) -> Iterator[Driver]:
    made = Driver(world.folder, world.address, {})
    made.engine.start()
    made.ready()
    made.buy(Decimal(2))
    yield made
    made.engine.stop()
    invariants.check(world.database)


def press(driver: Driver, action: str = "close") -> None:
    driver.engine.post(commands.ClosePosition(action, driver.key))


def step(driver: Driver, *steps: CloseStep) -> Snapshot:
    """Wait until the close stands at one of these steps."""
    driver.wait(
        lambda s: driver.key in s.operations and s.operations[driver.key].step in steps,
        f"the close to be {[one.value for one in steps]}",
    )
    return driver.engine.state.snapshot()


def sells(world: World) -> list[dict[str, str]]:
    return [order for order in world.state()["orders"] if order["side"] == "SELL" and order["kind"].upper() == "MARKET"]


def test_b1_an_exit_that_fills_first_leaves_nothing_to_send(world: World, driver: Driver) -> None:
    driver.stop(Decimal(2))
    world.venue.control("cancel_ack", on=False)
    press(driver)
    step(driver, CloseStep.CANCELLING)
    (stop,) = [order for order in world.state()["orders"] if order["side"] == "SELL"]
    world.venue.control("fill_now", server_order_id=stop["server_order_id"])
    snapshot = step(driver, CloseStep.DONE)
    assert snapshot.operations[driver.key].branch == "B1"
    assert sells(world) == []
    assert world.broker_quantity() == 0.0


def test_b3_a_refused_close_puts_the_stop_back_at_its_old_price(world: World, driver: Driver) -> None:
    driver.stop(Decimal(2))
    world.venue.control("reject", count=1, text="Exchange is closed for this product")
    press(driver)
    snapshot = step(driver, CloseStep.REJECTED)
    assert "Exchange is closed for this product" in snapshot.operations[driver.key].text
    driver.wait(
        lambda s: any(o.type is OrderType.STOP and o.state is OrderState.WORKING for o in s.orders.values()),
        "the stop to work again",
    )
    stops = [order for order in driver.engine.state.snapshot().orders.values() if order.type is OrderType.STOP]
    assert len({stop.trigger_price for stop in stops}) == 1
    assert world.broker_quantity() == 2.0
    press(driver, "again")
    step(driver, CloseStep.DONE)
    assert world.broker_quantity() == 0.0


def test_b6_with_the_line_down_nothing_is_queued(world: World, driver: Driver) -> None:
    world.line.cut()
    driver.wait(lambda s: s.connections["venue"].link.value == "OFFLINE", "the line to be seen down")
    press(driver)
    step(driver, CloseStep.LINK_DOWN)
    world.line.mend()
    driver.engine.post(commands.ReconnectNow("venue"))
    driver.ready()
    assert sells(world) == []
    assert world.broker_quantity() == 2.0
    press(driver, "again")
    step(driver, CloseStep.DONE)
    assert len(sells(world)) == 1


def test_b7_a_close_without_an_answer_is_unknown_and_never_sent_again(world: World, driver: Driver) -> None:
    world.venue.control("hold_acks", ms=60_000)
    press(driver)
    snapshot = step(driver, CloseStep.UNKNOWN)
    assert snapshot.operations[driver.key].branch == "B7"
    assert len(sells(world)) == 1
    for again in range(20):
        press(driver, f"again-{again}")
    world.venue.control("hold_acks", ms=0)
    step(driver, CloseStep.DONE)
    until(lambda: world.broker_quantity() == 0.0, "the broker to be flat")
    assert len(sells(world)) == 1


@pytest.mark.row(126)
def test_twenty_presses_are_one_order(world: World, driver: Driver) -> None:
    driver.close()
    assert len(sells(world)) == 1
    assert world.broker_quantity() == 0.0
