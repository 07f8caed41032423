"""The manual close against a real broker that misbehaves: B1 to B4, B6, B7, and twenty presses."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core import commands
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Order, OrderState, OrderType
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


def answer(driver: Driver, choice: CloseChoice) -> None:
    operation = driver.engine.state.snapshot().operations[driver.key]
    assert choice in operation.choices, operation
    driver.engine.post(commands.AnswerClose(operation.operation_id, choice))


def working_exits(driver: Driver) -> list[Order]:
    """Return the stop and the target that work, the stop first."""
    orders = driver.engine.state.snapshot().orders.values()
    return sorted(
        (one for one in orders if one.state is OrderState.WORKING), key=lambda one: one.type.value, reverse=True
    )


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


def test_b2_a_cancel_nobody_answers_is_asked_about_and_the_close_may_be_sent(world: World, driver: Driver) -> None:
    driver.stop(Decimal(2))
    world.venue.control("cancel_ack", on=False, effect=True)
    press(driver)
    snapshot = step(driver, CloseStep.ASKING, CloseStep.VERIFYING, CloseStep.DONE)
    if snapshot.operations[driver.key].step is CloseStep.ASKING:  # unless the list of orders told that it is gone
        assert snapshot.operations[driver.key].branch == "B2"
        answer(driver, CloseChoice.SEND_ANYWAY)
    step(driver, CloseStep.DONE)
    assert world.broker_quantity() == 0.0 and len(sells(world)) == 1


def test_b3_in_clips_each_is_sent_when_the_one_before_is_filled(world: World, driver: Driver) -> None:
    driver.buy(Decimal(3))
    driver.stop(Decimal(5))
    world.venue.control("reject", count=1, text="Order quantity 5 exceeds maximum order size of 2")
    press(driver)
    assert step(driver, CloseStep.REJECTED).operations[driver.key].clip == 2
    answer(driver, CloseChoice.CLIPS)
    step(driver, CloseStep.DONE)
    assert [float(one["filled"]) for one in sells(world)] == [0.0, 2.0, 2.0, 1.0]
    assert world.broker_quantity() == 0.0


def test_b3_at_a_limit_through_the_touch_it_fills_at_once(world: World, driver: Driver) -> None:
    world.venue.control("reject", count=1, text="Market orders are not accepted now")
    press(driver)
    step(driver, CloseStep.REJECTED)
    answer(driver, CloseChoice.LIMIT)
    step(driver, CloseStep.DONE)
    kinds = [one["kind"].upper() for one in world.state()["orders"] if one["side"] == "SELL"]
    assert kinds == ["MARKET", "LIMIT"] and world.broker_quantity() == 0.0


def test_b3_a_linked_stop_and_target_come_back_linked(world: World, driver: Driver) -> None:
    driver.enter(Decimal(1))
    # What was open before has no stop; it is given one, and the close takes all three away.
    driver.wait(lambda s: len(working_exits(driver)) == 3, "stop and target, and the stop of the rest")
    world.venue.control("reject", count=1, text="Insufficient margin")
    press(driver)
    step(driver, CloseStep.REJECTED)
    driver.wait(lambda s: len(working_exits(driver)) == 3, "all of them again")
    stop, target = (one for one in working_exits(driver) if one.oco_client_order_id)
    held = {one["client_order_id"]: one for one in world.state()["orders"]}
    assert held[stop.client_order_id]["linked_id"] == target.server_order_id
    assert held[target.client_order_id]["linked_id"] == stop.server_order_id
    answer(driver, CloseChoice.RETRY)
    step(driver, CloseStep.DONE)
    assert world.broker_quantity() == 0.0 and working_exits(driver) == []


@pytest.mark.row(67)
def test_b3_a_stop_put_back_and_refused_after_it_was_taken_is_placed_once_more(world: World, driver: Driver) -> None:
    driver.stop(Decimal(2))
    world.venue.control("reject_stop", count=1, text="Stop cannot be placed")
    world.venue.control("reject", count=1, text="Insufficient margin")
    press(driver)
    step(driver, CloseStep.REJECTED)

    def stops() -> list[dict[str, str]]:
        return [one for one in world.state()["orders"] if one["kind"].upper() == "STOP"]

    until(lambda: len(stops()) == 3, "the stop to be placed once more")
    until(lambda: stops()[-1]["status"] == "WORKING", "it to work")
    assert stops()[1]["status"] == "REJECTED"
    assert any("Stop cannot be placed" in text for text in driver.said)


@pytest.mark.row(62)
def test_b4_a_close_that_fills_in_part_is_cancelled_and_the_rest_protected(world: World, driver: Driver) -> None:
    driver.stop(Decimal(2))
    world.venue.control("hold_fills")
    press(driver)
    step(driver, CloseStep.SENT)
    until(lambda: len(sells(world)) == 1, "the close to arrive")
    world.venue.control("fill_now", server_order_id=sells(world)[0]["server_order_id"], quantity=1)
    snapshot = step(driver, CloseStep.ASKING)
    assert snapshot.operations[driver.key].branch == "B4"
    assert snapshot.operations[driver.key].text.startswith("1 of 2 closed, 1 left.")
    driver.wait(lambda s: [one.quantity for one in working_exits(driver)] == [1], "a stop for what is left")
    world.venue.control("hold_fills", on=False)
    answer(driver, CloseChoice.CLOSE_REST)
    step(driver, CloseStep.DONE)
    assert world.broker_quantity() == 0.0 and working_exits(driver) == []


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
