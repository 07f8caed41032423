"""Each fault a person can name: the terminal buys, the fault strikes, it closes, and its books are the broker's."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count

import pytest

from core import commands
from core.events import Link
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryStep
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import OrderState, OrderType
from services.simulator.fault_switches import planned_fault
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import ASKING, Driver

# What strikes before the purchase, and what before the close.
TOLD_OTHERWISE = (
    ("delay:ms=700", "delay:ms=700,types=ORDER_UPDATE"),
    ("duplicate:types=ORDER_UPDATE,POSITION_UPDATE,ACCOUNT_BALANCE_UPDATE,count=20", "duplicate:types=301,count=20"),
    ("reorder:types=ORDER_UPDATE,behind=1,count=20", "reorder:types=ORDER_UPDATE,behind=2,count=20"),
    ("reorder:types=POSITION_UPDATE,behind=1,count=20", "mute:types=POSITION_UPDATE,unasked=yes"),
    ("mute:types=ORDER_UPDATE,unasked=yes,skip=1", "mute:types=ORDER_UPDATE,unasked=yes,count=2"),
    ("reject:text=Margin", "reject:text=Margin"),
)
BETRAYALS = ("reject-stop", "reject-child", "reject-child:which=both")
LINE_FALLS = ("drop", "logoff:reason=Maintenance", "restart:ms=300")
FORGETS = "restart:ms=300,memory=no"
FINAL = {"FILLED", "REJECTED", "DENIED", "CANCELLED"}


@pytest.fixture
def driver(world: World) -> Iterator[Driver]:
    made = Driver(world.folder, f"dtc://127.0.0.1:{world.venue.port}?name=venue", {})
    made.engine.start()
    made.ready()
    yield made
    made.engine.stop()
    invariants.check(world.database)


def strike(world: World, words: str) -> None:
    fault = planned_fault(words)
    world.venue.control(fault.verb, **fault.arguments)


def press_until_flat(world: World, driver: Driver) -> None:
    """Press Close again and again, answering what it asks as pre-selected, until both sides are flat."""
    number = count()

    def flat() -> bool:
        driver.ready()
        snapshot = driver.engine.state.snapshot()
        operation = snapshot.operations.get(driver.key)
        if operation is not None and operation.step in ASKING and operation.choices:
            driver.engine.post(commands.AnswerClose(operation.operation_id, operation.choices[0]))
        elif driver.key in snapshot.positions:
            driver.engine.post(commands.ClosePosition(f"close-{next(number)}", driver.key))
        over = all(one.is_over for one in snapshot.operations.values())
        return over and not snapshot.positions and world.broker_quantity() == 0.0

    until(flat, "both sides to be flat")
    driver.settle()


def check_orders(world: World, driver: Driver) -> None:
    """Every order the broker has is one of ours, once; one buy and one sale filled, and none is left in doubt."""
    assert driver.engine.state.snapshot().halted == ""
    there = Counter(order["client_order_id"] for order in world.state()["orders"])
    ours = {order["client_order_id"]: order for order in invariants.rows(world.database, "order_record")}
    assert [name for name, times in there.items() if times > 1 or name not in ours] == []
    assert [order for order in ours.values() if order["state"] not in FINAL] == []
    filled = [order for order in ours.values() if order["state"] == "FILLED"]
    assert [(order["side"], Decimal(order["qty"])) for order in filled] == [("BUY", Decimal(2)), ("SELL", Decimal(2))]


def send_slowly(world: World, driver: Driver) -> None:
    """Buy 2, and return when the order is at the broker and waits there."""
    world.venue.control("latency", ms=500)
    buy = commands.SubmitOrder("buy", driver.key, Side.BUY, OrderType.MARKET, Decimal(2), confirmed=True)
    driver.engine.post(buy)
    until(lambda: len(world.state()["orders"]) == 1, "the order to arrive")


def open_with_exits(driver: Driver) -> None:
    """Buy 2 at the market with a stop and a target, and return when the entry is over and covered."""
    buy = commands.SubmitOrder("entry", driver.key, Side.BUY, OrderType.MARKET, Decimal(2), confirmed=True)
    target = BracketTarget(Decimal(2), ExitPoint(distance=Decimal(60)))
    driver.engine.post(commands.OpenWithBracket(buy, Bracket(ExitPoint(distance=Decimal(50)), (target,))))
    driver.wait(
        lambda s: "entry" in s.entries and s.entries["entry"].step is EntryStep.ACTIVE, "the entry to be covered"
    )


def working(world: World) -> list[tuple[str, str]]:
    """Return what the broker works: kind and quantity."""
    orders = world.state()["orders"]
    return [(order["kind"], order["quantity"]) for order in orders if order["status"] == "WORKING"]


@pytest.mark.parametrize("words", BETRAYALS)
def test_an_entry_whose_exits_the_broker_refuses_is_covered_by_another_stop(
    world: World, driver: Driver, words: str
) -> None:
    strike(world, words)
    open_with_exits(driver)
    until(lambda: [kind for kind, _ in working(world)].count("STOP") == 1, "a stop to work")
    assert ("STOP", "2") in working(world)
    press_until_flat(world, driver)
    assert working(world) == []


def test_a_stop_that_stays_when_the_target_has_filled_is_cancelled(world: World, driver: Driver) -> None:
    strike(world, "no-oco")
    open_with_exits(driver)
    target = next(order for order in world.state()["orders"] if order["kind"] == "LIMIT")
    world.venue.control("fill_now", server_order_id=target["server_order_id"])
    until(lambda: working(world) == [], "the stop that was left to be cancelled")
    stop = next(order for order in world.state()["orders"] if order["kind"] == "STOP")
    assert (stop["status"], stop["text"]) == ("CANCELLED", "Cancelled by the client")
    driver.settle()
    assert world.broker_quantity() == 0.0


@pytest.mark.parametrize(("before", "between"), TOLD_OTHERWISE)
def test_what_is_bought_and_closed_is_booked_once_however_it_is_told(
    world: World, driver: Driver, before: str, between: str
) -> None:
    strike(world, before)
    driver.buy(Decimal(2))
    if before.startswith("reject"):
        assert world.broker_quantity() == 0.0
        driver.buy(Decimal(2))
    driver.until(Decimal(2))
    strike(world, between)
    press_until_flat(world, driver)
    check_orders(world, driver)


@pytest.mark.parametrize("words", LINE_FALLS)
def test_an_order_on_its_way_when_the_line_falls_is_found_again_and_so_is_a_close(
    world: World, driver: Driver, words: str
) -> None:
    send_slowly(world, driver)
    strike(world, words)
    world.venue.control("latency")
    driver.until(Decimal(2))
    driver.ready()
    strike(world, words)
    press_until_flat(world, driver)
    check_orders(world, driver)


def test_what_is_held_when_a_server_forgets_its_orders_and_fills_can_be_closed(world: World, driver: Driver) -> None:
    driver.buy(Decimal(2))
    strike(world, FORGETS)
    press_until_flat(world, driver)
    check_orders(world, driver)


def test_an_order_written_into_a_half_open_line_is_never_sent_again(world: World, driver: Driver) -> None:
    driver.buy(Decimal(2))
    strike(world, "half_open")
    driver.engine.post(commands.ClosePosition("close", driver.key))
    driver.wait(lambda s: any(one.state is OrderState.SENT for one in s.orders.values()), "the sale to be sent")
    strike(world, "drop:reset=yes")
    driver.wait(lambda s: s.connections["venue"].link is Link.OFFLINE, "the line to be dead")
    strike(world, "half_open:on=no")
    driver.settle()
    assert world.broker_quantity() == 2.0
    press_until_flat(world, driver)
    check_orders(world, driver)


def test_what_a_half_open_line_kept_is_told_when_it_wakes(world: World, driver: Driver) -> None:
    driver.buy(Decimal(2))
    strike(world, "half_open")
    driver.engine.post(commands.ClosePosition("close", driver.key))
    driver.wait(lambda s: any(one.state is OrderState.SENT for one in s.orders.values()), "the sale to be sent")
    strike(world, "half_open:on=no")
    driver.wait(lambda s: s.operations[driver.key].step is CloseStep.DONE, "the close to be over")
    press_until_flat(world, driver)
    check_orders(world, driver)


def test_a_server_that_forgot_the_order_it_filled_leaves_a_difference_to_decide(world: World, driver: Driver) -> None:
    send_slowly(world, driver)
    strike(world, FORGETS)
    world.venue.control("latency")
    driver.ready()
    driver.until(Decimal(2))  # adopted, as pre-selected
    press_until_flat(world, driver)
    assert driver.engine.state.snapshot().halted == ""
    ours = [(order["side"], order["state"]) for order in invariants.rows(world.database, "order_record")]
    assert ours == [("BUY", "CANCELLED"), ("SELL", "FILLED")]
    assert [order["side"] for order in world.state()["orders"]] == ["SELL"]
