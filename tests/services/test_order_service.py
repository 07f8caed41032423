"""Orders: one action is one order, stored before it leaves, asked about and never repeated."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands
from core.broker_report import ReportKind
from core.errors import PersistenceError
from core.events import FillReceived, Level, OrderReported, SendFailed
from core.model.fill import Fill, Side
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import PositionKey
from services.order_service import ACK_LIMIT_S
from tests.fakes.broker import Answers, Fate
from tests.fakes.engine import ES, Desk, seen


def working(desk: Desk, quantity: int = 2, price: str = "4990", side: Side = Side.BUY) -> str:
    """Place a limit order; return its name."""
    desk.press(side, quantity, OrderType.LIMIT, price)
    return desk.order().client_order_id


# -- sending --------------------------------------------------------------------------------------------------------


@pytest.mark.row(126)
def test_one_action_is_one_order_however_often_it_arrives(desk: Desk) -> None:
    for _ in range(20):
        desk.press(Side.BUY, action_id="the-press")
    assert len(desk.broker.received) == 1
    assert desk.quantity() == 1


def test_an_action_is_remembered_over_a_restart(desk: Desk) -> None:
    desk.press(Side.BUY, action_id="the-press")
    desk.restart()
    desk.press(Side.BUY, action_id="the-press")
    assert len(desk.broker.received) == 1


def test_an_order_is_stored_before_it_is_sent(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    desk.buy(1)
    (order,) = desk.store.orders.recent(9)
    assert desk.memory.orders.saved[0].state is OrderState.SENT
    assert order.client_order_id == desk.order().client_order_id


@pytest.mark.row(92, 93)
def test_an_entry_the_database_did_not_store_is_not_sent(desk: Desk) -> None:
    desk.memory.disk.error = PersistenceError("no room")
    desk.buy(1)
    assert desk.broker.received == [] and desk.orders() == []
    assert "no room" in desk.snapshot.halted


@pytest.mark.row(93)
def test_an_exit_goes_out_though_the_database_refuses(desk: Desk) -> None:
    desk.buy(2)
    desk.unsaved = True
    desk.memory.disk.error = PersistenceError("no room")
    desk.sell(1)
    assert [order.side for order in desk.broker.received] == [Side.BUY, Side.SELL]
    assert desk.heard("closing goes on unsaved", Level.ALARM)
    desk.memory.disk.error = None


def test_that_the_database_refuses_is_said_once_and_not_for_every_step(desk: Desk) -> None:
    desk.buy(3)
    desk.unsaved = True
    desk.memory.disk.error = PersistenceError("no room")
    desk.broker.script.market_price = None
    for _ in range(3):
        desk.sell(1)
    assert sum("goes on unsaved" in text for text in desk.texts()) == 1
    desk.memory.disk.error = None


def test_an_intent_is_read_from_the_position(desk: Desk) -> None:
    desk.buy(2)
    desk.buy(1)
    desk.press(Side.SELL, 3, OrderType.STOP, "4980")
    desk.press(Side.SELL, 1, OrderType.LIMIT, "5020")
    desk.press(Side.SELL, 9)
    assert [order.intent for order in desk.broker.received] == [
        Intent.OPEN,
        Intent.ADD,
        Intent.PROTECT,
        Intent.REDUCE,
        Intent.REVERSE,
    ]


def test_a_refusal_is_told_in_the_brokers_words(desk: Desk) -> None:
    desk.broker.script.refuse = ["Margin exceeded"]
    desk.buy(1)
    assert desk.order().state is OrderState.REJECTED
    assert desk.order().reason == "Margin exceeded"
    assert desk.heard("The broker refused BUY 1 ESZ6: Margin exceeded", Level.ERROR)


# -- no answer ------------------------------------------------------------------------------------------------------


@pytest.mark.row(68)
def test_an_order_without_an_answer_for_ten_seconds_is_unknown_asked_about_and_not_sent_again(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.buy(1)
    asked = len(desk.broker.asked)
    desk.tick(ACK_LIMIT_S)
    assert desk.order().state is OrderState.SENT
    desk.tick(0.5)
    assert desk.order().state is OrderState.UNKNOWN
    assert desk.heard("will not be sent again", Level.ALARM)
    assert len(desk.broker.asked) == asked + 1
    desk.tick(120)
    assert len(desk.broker.received) == 1


@pytest.mark.row(142)
@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0, 86400.0])
def test_a_jump_of_the_wall_clock_makes_no_order_unknown_and_saves_none(desk: Desk, jump_s: float) -> None:
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.buy(1)
    desk.clock.jump_wall(jump_s)
    desk.tick(ACK_LIMIT_S - 1)
    assert desk.order().state is OrderState.SENT
    desk.tick(2)
    assert desk.order().state is OrderState.UNKNOWN


def test_an_order_the_line_lost_before_its_first_byte_was_not_sent(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSENT
    desk.buy(1)
    assert desk.order().state is OrderState.DENIED
    desk.broker.connect()
    desk.settle()
    desk.tick(30)
    assert desk.broker.received == [] and desk.order().state is OrderState.DENIED


def test_an_order_on_a_line_that_is_down_is_refused_and_never_queued(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.sell(1)
    assert desk.order().state is OrderState.DENIED
    assert desk.heard("Not sent: SELL 1 ESZ6. The line is down", Level.ERROR)
    desk.broker.connect()
    desk.settle()
    desk.tick(30)
    assert len(desk.broker.received) == 1


@pytest.mark.parametrize("fate", [Fate.UNSEEN, Fate.SEEN])
def test_an_order_the_line_lost_while_it_was_sent_is_unknown(desk: Desk, fate: Fate) -> None:
    desk.broker.script.fate = fate
    desk.broker.script.market_price = None
    desk.buy(1)
    assert desk.order().state is OrderState.UNKNOWN


def test_an_unknown_order_found_working_works(desk: Desk) -> None:
    desk.broker.script.fate = Fate.SEEN
    working(desk)
    desk.broker.connect()
    desk.settle()
    assert desk.order().state is OrderState.WORKING
    assert desk.order().server_order_id == desk.broker.last().server_order_id


def test_an_unknown_order_that_filled_is_found_by_its_fill(desk: Desk) -> None:
    desk.broker.script.fate = Fate.SEEN
    desk.buy(2)
    assert desk.quantity() == 0
    desk.broker.connect()
    desk.settle()
    assert desk.quantity() == 2
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.FILLED, 2)
    assert desk.order().server_order_id == desk.broker.last().server_order_id
    assert desk.heard("While away: Bought 2")


@pytest.mark.row(79)
def test_an_unknown_order_is_proven_absent_by_two_snapshots_apart_in_time(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    desk.buy(1)
    desk.broker.connect()
    desk.settle()
    assert desk.order().state is OrderState.UNKNOWN
    desk.tick(2)
    assert desk.order().state is OrderState.UNKNOWN
    desk.tick(1)
    assert desk.order().state is OrderState.DENIED
    assert "not placed" in desk.order().reason
    assert desk.broker.received == []


def test_a_snapshot_without_fills_proves_no_absence(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    desk.broker.script.lists_fills = False
    desk.buy(1)
    desk.broker.connect()
    desk.settle()
    for _ in range(10):
        desk.handle(commands.AskBroker("sim"))
        desk.tick(5)
    assert desk.order().state is OrderState.UNKNOWN


def test_a_hundred_failed_snapshots_change_nothing(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    desk.buy(1)
    desk.broker.script.snapshot = Answers.FAILS
    desk.broker.connect()
    desk.settle()
    asked = len(desk.broker.asked)
    while len(desk.broker.asked) < asked + 100:
        desk.tick(60)
    assert desk.order().state is OrderState.UNKNOWN


@pytest.mark.row(79)
def test_a_partly_filled_order_that_is_absent_was_cancelled(desk: Desk) -> None:
    working(desk)
    desk.broker.fill(desk.broker.last(), 1)
    desk.settle()
    desk.broker.forget_orders()
    desk.handle(commands.AskBroker("sim"))
    desk.tick(10)
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.CANCELLED, 1)


def test_two_equal_unknown_orders_share_the_fills_found_between_them(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.buy(1)
    desk.clock.advance(1)
    desk.buy(1)
    first, second = desk.broker.orders.values()
    desk.broker.drop()
    desk.settle()
    desk.broker.fill(first, 1)
    desk.broker.fill(second, 1)
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.broker.script.hold_acks = False
    desk.broker.connect()
    desk.settle()
    desk.tick(10)
    assert [order.state for order in desk.orders()] == [OrderState.FILLED, OrderState.FILLED]
    assert desk.quantity() == 2


def test_a_proof_that_nothing_was_sent_does_not_deny_an_order_the_broker_named(desk: Desk) -> None:
    name = working(desk)
    desk.broker.drop()
    desk.settle()
    desk.handle(SendFailed("sim", name, "The line fell."))
    assert desk.order().state is OrderState.WORKING


# -- cancelling -----------------------------------------------------------------------------------------------------


def test_a_cancel_ends_the_order_when_the_broker_says_so(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.CancelOrder(name))
    assert desk.order().state is OrderState.PENDING_CANCEL
    desk.broker.release()
    desk.settle()
    assert desk.order().state is OrderState.CANCELLED


def test_pressing_cancel_again_at_once_sends_nothing(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.hold_cancels = True
    for _ in range(20):
        desk.handle(commands.CancelOrder(name))
    assert len(desk.broker.cancels) == 1
    desk.tick(3)
    desk.handle(commands.CancelOrder(name))
    assert len(desk.broker.cancels) == 2


@pytest.mark.row(69)
def test_a_refused_cancel_puts_the_order_back_to_work_and_is_told(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.refuse_cancels = True
    desk.handle(commands.CancelOrder(name))
    assert desk.order().state is OrderState.WORKING
    assert desk.heard("refused to cancel BUY 2 ESZ6: Too late to cancel", Level.ERROR)
    desk.handle(commands.CancelOrder(name))
    assert len(desk.broker.cancels) == 2


@pytest.mark.row(69)
def test_a_refused_cancel_that_does_not_say_what_the_order_is_has_the_broker_asked(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.CancelOrder(name))
    asked = len(desk.broker.asked)
    refused = replace(desk.broker.report(desk.broker.last(), ReportKind.CANCEL_REFUSED), text="Who knows")
    desk.handle(OrderReported(refused))
    assert len(desk.broker.asked) == asked
    desk.handle(commands.CancelOrder(name), OrderReported(replace(refused, state=None)))
    assert len(desk.broker.asked) == asked + 1


def test_a_cancel_on_a_line_that_is_down_changes_nothing_and_is_told(desk: Desk) -> None:
    name = working(desk)
    desk.broker.drop()
    desk.settle()
    desk.handle(commands.CancelOrder(name))
    assert desk.order().state is OrderState.WORKING
    assert desk.heard("Not cancelled: The line is down", Level.ERROR)


def test_an_order_the_broker_has_not_named_cannot_be_cancelled_and_is_asked_about(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    name = working(desk)
    asked = len(desk.broker.asked)
    desk.handle(commands.CancelOrder(name))
    assert desk.broker.cancels == []
    assert len(desk.broker.asked) == asked + 1


def test_a_cancel_lost_with_the_line_is_forgotten_when_the_order_is_found_working(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.cancel_fate = Fate.UNSEEN
    desk.handle(commands.CancelOrder(name))
    assert desk.order().state is OrderState.PENDING_CANCEL
    desk.broker.connect()
    desk.settle()
    assert desk.order().state is OrderState.WORKING


@pytest.mark.row(58)
def test_a_fill_and_a_cancel_that_cross_end_as_the_broker_says(desk: Desk) -> None:
    name = working(desk)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.CancelOrder(name))
    desk.broker.fill(desk.broker.last(), 1)
    desk.settle()
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.PARTIAL, 1)
    desk.broker.release()
    desk.settle()
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.CANCELLED, 1)
    assert desk.quantity() == 1


@pytest.mark.row(93)
def test_a_cancel_goes_out_though_the_database_refuses(desk: Desk) -> None:
    name = working(desk)
    desk.memory.disk.error = PersistenceError("no room")
    desk.handle(commands.CancelOrder(name))
    assert desk.order().state is OrderState.CANCELLED
    desk.memory.disk.error = None


# -- what the broker says -------------------------------------------------------------------------------------------


@pytest.mark.row(51)
def test_a_late_acknowledgement_does_not_take_a_partial_fill_back(desk: Desk) -> None:
    working(desk)
    order = desk.broker.last()
    early = desk.broker.order_rows()[0]
    desk.broker.fill(order, 1)
    desk.settle()
    desk.handle(OrderReported(early))
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.PARTIAL, 1)


def test_a_final_state_stays_whatever_comes_late(desk: Desk) -> None:
    name = working(desk)
    early = desk.broker.order_rows()[0]
    desk.handle(commands.CancelOrder(name), OrderReported(early))
    assert desk.order().state is OrderState.CANCELLED


@pytest.mark.row(56)
def test_a_filled_quantity_never_falls(desk: Desk) -> None:
    working(desk, 9)
    order = desk.broker.last()
    desk.broker.fill(order, 7)
    desk.settle()
    row = replace(desk.broker.order_rows()[0], filled_quantity=Decimal(5))
    desk.handle(OrderReported(row))
    assert desk.order().filled_quantity == 7


@pytest.mark.row(65, 78)
def test_an_order_of_another_program_is_shown_and_may_be_cancelled(desk: Desk) -> None:
    desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 3, "4980")
    desk.settle()
    order = desk.order()
    assert order.external and order.state is OrderState.WORKING and order.reason == "EXTERNAL"
    desk.handle(commands.CancelOrder(order.client_order_id))
    assert desk.order().state is OrderState.CANCELLED


@pytest.mark.row(59)
def test_a_replaced_server_id_stays_a_name_of_the_order(desk: Desk) -> None:
    working(desk)
    order = desk.broker.last()
    old = order.server_order_id
    desk.broker.replace_id(order)
    desk.settle()
    assert desk.order().server_order_id != old
    now = desk.clock.now()
    late = Fill(ES, "X9", Side.BUY, Decimal(1), Decimal(4990), now, now, server_order_id=old)
    desk.handle(FillReceived(late))
    assert len(desk.orders()) == 1
    assert desk.order().filled_quantity == 1


@pytest.mark.row(66)
def test_a_server_id_used_again_in_another_account_is_another_order(desk: Desk) -> None:
    working(desk)
    other = PositionKey("sim", "Sim2", "ESZ6")
    row = replace(desk.broker.order_rows()[0], key=other, client_order_id="", quantity=Decimal(5))
    desk.handle(OrderReported(row))
    assert [order.key.account for order in desk.orders()] == ["Sim1", "Sim2"]
    assert desk.orders()[0].quantity == 2


@pytest.mark.row(79)
def test_a_list_that_lacks_a_working_order_has_everything_asked_for(desk: Desk) -> None:
    working(desk)
    desk.broker.forget_orders()
    desk.tick(3)
    asked = len(desk.broker.asked)
    desk.broker.request_orders()
    desk.settle()
    assert len(desk.broker.asked) == asked + 1
    desk.tick(5)
    assert desk.order().state is OrderState.CANCELLED


# -- restart --------------------------------------------------------------------------------------------------------


@pytest.mark.row(112)
def test_an_order_in_flight_when_the_program_died_is_unknown_until_the_broker_tells(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.buy(1)
    desk.kill()
    desk.broker.script.hold_acks = False
    desk.start(connect=False)
    assert desk.order().state is OrderState.UNKNOWN
    (stored,) = desk.store.orders.alive()
    assert stored.state is OrderState.UNKNOWN


@pytest.mark.row(116)
def test_the_ledger_outranks_the_stored_quantity_of_an_order(stored_desk: Desk) -> None:
    desk = stored_desk
    working(desk, 3)
    desk.dies_at("fill.committed")
    assert desk.dies_in(lambda: desk.handle(FillReceived(desk.broker.fill(desk.broker.last(), 1, report=False))))
    desk.start(connect=False)
    assert seen(desk.order().state, desk.order().filled_quantity) == (OrderState.PARTIAL, 1)


# -- orders nobody can have meant -----------------------------------------------------------------------------------


def test_an_odd_entry_goes_only_when_it_is_confirmed(desk: Desk) -> None:
    desk.press(Side.BUY, 11, confirmed=False)
    assert desk.broker.received == []
    assert desk.heard("11 is a large order (more than 10). It was not confirmed.", Level.CAUTION)
    desk.press(Side.BUY, 11)
    assert desk.quantity() == 11


def test_the_same_entry_twice_within_seconds_goes_once_unless_confirmed(desk: Desk) -> None:
    desk.press(Side.BUY, 1, confirmed=False)
    desk.press(Side.BUY, 1, confirmed=False)
    assert desk.quantity() == 1
    desk.tick(10)
    desk.press(Side.BUY, 1, confirmed=False)
    assert desk.quantity() == 2


def test_an_entry_past_a_hard_limit_goes_never(desk: Desk) -> None:
    desk.press(Side.BUY, 101)
    assert desk.broker.received == []
    assert desk.heard("101 is more than one order may have here (100).", Level.CAUTION)


def test_what_reduces_is_measured_by_no_limit(desk: Desk) -> None:
    for _ in range(3):
        desk.press(Side.BUY, 100)
    desk.press(Side.SELL, 150, confirmed=False)
    desk.press(Side.SELL, 150, confirmed=False)
    assert desk.quantity() == 0


def test_an_order_a_correction_may_stand_for_is_never_called_not_placed(desk: Desk) -> None:
    desk.broker.script.fate = Fate.UNSEEN
    desk.buy(2)
    desk.broker.by_hand(ES, Side.BUY, 2, told=False, trace=False)
    desk.broker.connect()
    desk.settle()
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(10)
    assert desk.quantity() == 2
    (order,) = [one for one in desk.orders() if not one.external]
    assert order.state is OrderState.CANCELLED
    assert "the correction booked since may be its fill" in order.reason
