"""When a position is proven gone, what would have exited it is cancelled; never before, and nothing of others."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.events import Level
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from services.exit_service import GRACE_S
from tests.fakes.broker import Placed
from tests.fakes.engine import ES, MES, Desk
from tests.services.test_entry_service import enter, priced


def bracketed(desk: Desk) -> tuple[Placed, Placed]:
    """Hold two between a stop and a target nobody has linked."""
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    stop = desk.broker.last()
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    return stop, desk.broker.last()


def test_the_stop_is_cancelled_when_the_target_has_closed_the_position(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.fill(target, 2)
    desk.settle()
    desk.tick(GRACE_S + 0.5)
    assert not stop.alive
    assert desk.heard("is flat: SELL 2 STOP 4990.00 is being cancelled", Level.INFO)
    desk.tick(10)
    assert desk.snapshot.findings == ()
    assert len(desk.broker.cancels) == 1


def test_a_server_that_links_them_does_it_first(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.fill(target, 2)
    desk.broker.end(stop, OrderState.CANCELLED)
    desk.settle()
    desk.tick(5)
    assert desk.broker.cancels == []


def test_a_part_that_is_left_keeps_its_stop(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.fill(target, 1)
    desk.settle()
    desk.tick(5)
    assert stop.alive and desk.broker.cancels == []


def test_while_the_broker_still_holds_something_its_stop_stays(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.by_hand(ES, Side.BUY, 2, trace=False)
    desk.broker.fill(target, 2)
    desk.settle()
    desk.tick(10)
    assert desk.quantity() == 0 and desk.broker.positions[ES] == 2
    assert stop.alive, "our books alone cancel nothing"


def test_while_the_line_is_down_nothing_is_cancelled(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.fill(target, 2)
    desk.settle()
    desk.broker.drop()
    desk.settle()
    desk.tick(5)
    assert stop.alive and desk.broker.cancels == []


def test_another_position_opened_meanwhile_keeps_what_works(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.fill(target, 2)
    desk.settle()
    desk.buy(2)
    desk.tick(5)
    assert stop.alive


def test_entries_orders_of_others_and_other_symbols_are_left_alone(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4980")
    entry = desk.broker.last()
    stop, target = bracketed(desk)
    theirs = desk.broker.place_by_hand(ES, Side.SELL, OrderType.LIMIT, 2, "5030")
    desk.buy(1, key=MES)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990", key=MES)
    elsewhere = desk.broker.last()
    desk.settle()
    desk.broker.fill(target, 2)
    desk.settle()
    desk.tick(3)
    assert (stop.alive, entry.alive, theirs.alive, elsewhere.alive) == (False, True, True, True)


def test_what_cannot_be_cancelled_becomes_a_finding_and_is_not_asked_again_and_again(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.broker.script.refuse_cancels = True
    desk.broker.fill(target, 2)
    desk.settle()
    desk.tick(10)
    assert stop.alive
    assert len(desk.broker.cancels) == 1
    assert [one.kind.value for one in desk.snapshot.findings] == ["ORPHAN ORDER"]


def test_what_worked_before_a_restart_waits_for_the_trader(desk: Desk) -> None:
    stop, target = bracketed(desk)
    desk.stop()
    desk.broker.fill(target, 2)
    desk.clock.advance(60)
    desk.start()
    desk.tick(1)
    assert stop.alive
    assert [one.kind.value for one in desk.snapshot.findings] == ["ORPHAN ORDER"]


@pytest.mark.parametrize("before", [True, False])
def test_the_exits_of_an_entry_that_still_works_are_left_to_it(desk: Desk, before: bool) -> None:
    stop, target = bracketed(desk)
    exits: list[Order] = []

    def enter_with_a_stop() -> None:
        desk.press(Side.BUY, 1, OrderType.LIMIT, "4900")
        entry, now = desk.order(), desk.clock.now()
        one = replace(
            entry,
            client_order_id="child",
            parent_client_order_id=entry.client_order_id,
            side=Side.SELL,
            intent=Intent.PROTECT,
            type=OrderType.STOP,
            price=None,
            trigger_price=Decimal(4890),
            created_at=now,
        )
        desk.state.set_order(one)
        exits.append(one)

    if before:
        enter_with_a_stop()
    desk.broker.fill(target, 2)
    desk.settle()
    desk.tick(GRACE_S + 0.5)
    if not before:
        enter_with_a_stop()
    desk.tick(GRACE_S + 2)
    assert not stop.alive and len(exits) == 1
    assert not desk.heard("is flat: SELL 1 STOP 4890")


@pytest.mark.row(89, 118)
def test_the_sibling_of_an_exit_that_filled_while_we_were_away_is_cancelled_at_the_start() -> None:
    desk = Desk().start()
    priced(desk, "5000")
    enter(desk)
    desk.tick(3)
    desk.broker.script.no_oco = True
    target = next(one for one in desk.orders() if one.intent is Intent.REDUCE)
    desk.kill()
    desk.broker.fill(desk.broker.find(target.client_order_id), None, target.price)
    desk.clock.advance(60)
    desk.start()
    desk.tick(5)
    assert desk.quantity() == 0
    assert not [one for one in desk.orders() if one.is_alive]
    assert not [one for one in desk.broker.orders.values() if one.alive]
