"""Entries with their exits at a real broker over a real line: held, reduced with the position, betrayed by him."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.protection import protection_of
from core.snapshot import Certainty, Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.engine_process import SYMBOL, Driver

D = Decimal
FAR = Bracket(ExitPoint(distance=D(40)), (BracketTarget(D(2), ExitPoint(distance=D(60))),))
TWO = Bracket(
    ExitPoint(distance=D(40)),
    (BracketTarget(D(1), ExitPoint(distance=D(50))), BracketTarget(D(1), ExitPoint(distance=D(60)))),
)


@pytest.fixture
def driver(world: World) -> Iterator[Driver]:
    made = Driver(world.folder, world.address, {})
    made.engine.start()
    made.ready()
    made.wait(lambda s: (made.key.connection, SYMBOL) in s.quotes, "a price")
    world.venue.control("freeze")
    yield made
    made.engine.stop()
    invariants.check(world.database)


def snapshot(driver: Driver) -> Snapshot:
    return driver.engine.state.snapshot()


def enter(driver: Driver, bracket: Bracket = FAR, type_: OrderType = OrderType.MARKET, below: int = 0) -> Order:
    """Buy two with a bracket; return the first entry."""
    last = snapshot(driver).quotes[(driver.key.connection, SYMBOL)].last
    assert last is not None
    price = last // 1 - below if type_ is OrderType.LIMIT else None
    entry = commands.SubmitOrder("enter", driver.key, Side.BUY, type_, D(2), price, confirmed=True)
    driver.engine.post(commands.OpenWithBracket(entry, bracket))
    driver.wait(lambda s: "enter" in s.entries and bool(orders(s, Intent.OPEN)), "an entry")
    return orders(snapshot(driver), Intent.OPEN)[0]


def orders(now: Snapshot, intent: Intent) -> list[Order]:
    return [one for one in now.orders.values() if one.intent is intent]


def entry(driver: Driver) -> EntryOperation:
    return snapshot(driver).entries["enter"]


def covered(now: Snapshot, driver: Driver) -> Decimal:
    position = now.positions.get(driver.key)
    return D(0) if position is None else protection_of(position, now.orders.values()).stop_quantity


def held(now: Snapshot, driver: Driver) -> Decimal:
    position = now.positions.get(driver.key)
    return D(0) if position is None else position.quantity


def step(wanted: EntryStep) -> Callable[[Snapshot], bool]:
    return lambda s: s.entries["enter"].step is wanted


def test_exits_go_out_with_the_entry_and_stand_off_from_its_fill(driver: Driver, world: World) -> None:
    enter(driver)
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    now = snapshot(driver)
    (stop,), (target,) = orders(now, Intent.PROTECT), orders(now, Intent.REDUCE)
    at = now.positions[driver.key].entry_price
    assert at is not None
    assert (stop.trigger_price, target.price) == (at - 40, at + 60)
    assert now.positions[driver.key].initial_risk is not None
    broker = {row["client_order_id"]: row for row in world.state()["orders"]}
    assert {broker[one.client_order_id]["status"] for one in (stop, target)} == {"WORKING"}


def test_the_target_takes_the_stop_along(driver: Driver, world: World) -> None:
    enter(driver)
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    target = orders(snapshot(driver), Intent.REDUCE)[0]
    world.venue.control("fill_now", client_order_id=target.client_order_id)
    driver.wait(lambda s: held(s, driver) == 0, "flat")
    driver.wait(lambda s: not any(one.is_alive for one in s.orders.values()), "nothing at work")
    assert snapshot(driver).findings == ()
    assert snapshot(driver).trades[-1].exit_reason


@pytest.mark.row(62)
def test_a_partial_fill_of_a_bid_is_covered_and_the_rest_can_be_cancelled(driver: Driver, world: World) -> None:
    bid = enter(driver, type_=OrderType.LIMIT, below=20)
    driver.wait(lambda s: all(one.state is OrderState.WORKING for one in s.orders.values()), "three orders at work")
    assert covered(snapshot(driver), driver) == 0
    world.venue.control("fill_now", client_order_id=bid.client_order_id, quantity=1)
    driver.wait(lambda s: held(s, driver) == 1 and covered(s, driver) == 1, "one covered by one")
    driver.engine.post(commands.CancelOrder(bid.client_order_id))
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    assert covered(snapshot(driver), driver) == 1


@pytest.mark.row(154)
def test_an_entry_that_is_cancelled_takes_its_exits_along(driver: Driver) -> None:
    bid = enter(driver, type_=OrderType.LIMIT, below=20)
    driver.wait(lambda s: all(one.state is OrderState.WORKING for one in s.orders.values()), "three orders at work")
    driver.engine.post(commands.CancelOrder(bid.client_order_id))
    driver.wait(step(EntryStep.FAILED), "an entry that came to nothing")
    assert not any(one.is_alive for one in snapshot(driver).orders.values())


def test_half_is_closed_with_its_half_of_the_exits(driver: Driver, world: World) -> None:
    enter(driver, TWO)
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    assert covered(snapshot(driver), driver) == 2
    driver.engine.post(commands.ReducePosition("half", driver.key, D(1)))
    driver.wait(lambda s: held(s, driver) == 1, "half of it")
    alive = [one for one in snapshot(driver).orders.values() if one.is_working]
    assert sorted(one.intent.value for one in alive) == ["PROTECT", "REDUCE"]
    assert world.broker_quantity() == 1


def test_a_stop_that_is_rejected_after_it_was_taken_is_placed_once_more(driver: Driver, world: World) -> None:
    world.venue.control("freeze", on=False)
    world.venue.control("reject_stop")
    enter(driver)
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    assert covered(snapshot(driver), driver) == 2
    assert any("placed again" in one for one in driver.said)


@pytest.mark.row(67, 152, 153)
def test_when_the_broker_takes_no_stop_at_all_what_was_opened_is_closed(driver: Driver, world: World) -> None:
    world.venue.control("freeze", on=False)
    world.venue.control("reject_stop", count=9)
    enter(driver)
    driver.wait(step(EntryStep.ROLLED_BACK), "an entry undone")
    assert world.broker_quantity() == 0
    assert held(snapshot(driver), driver) == 0
    assert snapshot(driver).scopes[driver.key].certainty is Certainty.CONFIRMED
    assert not any(one.is_alive for one in snapshot(driver).orders.values())


def test_a_stop_the_broker_left_beside_a_filled_target_is_taken_away(driver: Driver, world: World) -> None:
    world.venue.control("no_oco")
    enter(driver)
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    world.venue.control("fill_now", client_order_id=orders(snapshot(driver), Intent.REDUCE)[0].client_order_id)
    driver.wait(lambda s: held(s, driver) == 0, "flat")
    driver.wait(lambda s: not any(one.is_alive for one in s.orders.values()), "nothing at work")
    assert world.broker_quantity() == 0


def test_at_a_venue_without_brackets_a_stop_follows_the_fill(driver: Driver, world: World) -> None:
    line = snapshot(driver).connections[driver.key.connection]
    driver.engine.state.set_connection(replace(line, brackets_supported=False))
    bid = enter(driver, type_=OrderType.LIMIT, below=20)
    driver.wait(lambda s: s.orders[bid.client_order_id].state is OrderState.WORKING, "a bid")
    for filled in (1, 2):
        world.venue.control("fill_now", client_order_id=bid.client_order_id, quantity=1)
        driver.wait(lambda s, n=filled: held(s, driver) == n and covered(s, driver) == n, "covered")  # type: ignore[misc]
    driver.wait(step(EntryStep.ACTIVE), "an active entry")
    assert len([one for one in orders(snapshot(driver), Intent.PROTECT) if one.is_working]) == 1
