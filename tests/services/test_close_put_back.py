"""What a close took away is put back: after a refusal, a late answer, a fallen line, a crash; and what is not."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import CancelOrder
from core.events import GapDetected, Level
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from tests.fakes.broker import Answers, Fate
from tests.fakes.engine import Desk, seen
from tests.services.test_close_service import closings, long_with_exits, stops, unanswered_cancel
from tests.services.test_close_setbacks import refused, targets


@pytest.mark.row(67)
def test_a_stop_put_back_and_refused_after_it_was_taken_is_placed_once_more_and_then_is_the_traders(desk: Desk) -> None:
    refused(desk, "No", 2)
    (stop,) = stops(desk)
    desk.broker.end(stop, OrderState.REJECTED, "Stop too close")
    desk.settle()
    assert desk.heard("The broker refused SELL 2 ESZ6: Stop too close", Level.ALARM)
    (again,) = stops(desk)
    assert seen(again.quantity, again.trigger_price) == (2, Decimal(4980))
    assert "it is placed once more" in desk.operation().text
    desk.broker.end(again, OrderState.REJECTED, "Stop too close")
    desk.settle()
    desk.tick(6)
    assert stops(desk) == []
    assert desk.heard("LONG 2 UNPROTECTED", Level.ALARM)


@pytest.mark.row(67)
def test_a_stop_refused_after_it_was_taken_is_an_alarm_and_a_remedy_away(desk: Desk) -> None:
    stop, _ = long_with_exits(desk)
    desk.broker.end(stop, OrderState.REJECTED, "Stop too close")
    desk.settle()
    desk.tick(6)
    assert desk.heard("The broker refused SELL 2 ESZ6: Stop too close", Level.ALARM)
    assert [one.quantity for one in desk.snapshot.findings] == [2]
    assert stops(desk) == []


@pytest.mark.row(67)
def test_a_stop_refused_while_a_close_cancels_it_does_not_hold_the_close_up(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.end(stop, OrderState.REJECTED, "Stop too close")
    desk.settle()
    desk.tick()
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.DONE


def test_exits_a_crash_kept_from_being_put_back_are_put_back_once_the_broker_was_heard(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    long_with_exits(desk)
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = ["Margin"]
    desk.dies_at("order.before_intent", 2)
    assert desk.dies_in(desk.close)
    assert stops(desk) == []
    desk.start()
    assert stops(desk) == []
    desk.decide(RecoveryChoice.ADOPT)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.REJECTED, "B3")
    assert seen([one.quantity for one in stops(desk)], [one.quantity for one in targets(desk)]) == ([2], [2])
    desk.answer(CloseChoice.RETRY)
    desk.tick(1)
    assert desk.quantity() == 0 and not any(one.alive for one in desk.broker.orders.values())
    desk.kill()


def test_a_close_a_crash_interrupted_after_its_cancels_protects_again_and_asks(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    long_with_exits(desk)
    desk.dies_at("order.before_intent")
    assert desk.dies_in(desk.close)
    assert stops(desk) == []
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.operation().text.startswith("The line is back and reconciled. Nothing was sent; LONG 2 is still open.")
    assert [one.quantity for one in stops(desk)] == [2]
    assert closings(desk) == []
    desk.answer(CloseChoice.CLOSE_NOW)
    desk.tick(1)
    assert desk.quantity() == 0 and len(closings(desk)) == 1
    desk.kill()


def test_exits_that_were_being_cancelled_when_line_and_program_went_are_put_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    stop = unanswered_cancel(desk)
    desk.broker.drop()
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.LINK_DOWN
    desk.kill()
    desk.broker.end(stop, OrderState.CANCELLED)
    desk.start()
    assert desk.operation().text.startswith("Interrupted before the close was sent. Its cancels may have been")
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(5)
    assert "Close now?" in desk.operation().text
    assert seen([(one.quantity, one.trigger_price) for one in stops(desk)], closings(desk)) == (
        [(2, Decimal(4980))],
        [],
    )
    desk.kill()


def test_a_stop_whose_cancel_is_answered_long_after_the_line_was_back_is_put_back(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.drop()
    desk.settle()
    desk.tick()
    desk.broker.script.lists_orders = False
    held, desk.broker.order_rows = desk.broker.order_rows, tuple  # type: ignore[method-assign]
    desk.broker.connect()
    desk.settle()
    desk.broker.order_rows = held  # type: ignore[method-assign]
    assert stop.alive and len(stops(desk)) == 1
    desk.broker.end(stop, OrderState.CANCELLED)
    desk.settle()
    assert [one.quantity for one in stops(desk)] == [2]


def test_a_stop_left_working_that_the_trader_then_cancels_is_not_put_back(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.LEAVE_PROTECTED)
    desk.handle(CancelOrder(stop.client_order_id))
    desk.broker.release()
    desk.settle()
    desk.tick(3)
    assert not stop.alive and stops(desk) == []


def test_a_stop_no_cancel_of_which_left_is_not_put_back_when_the_trader_cancels_it(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.cancel_fate = Fate.UNSENT
    desk.close()
    desk.tick()
    desk.broker.connect()
    desk.settle()
    assert len(stops(desk)) == 1 and desk.operation().branch == "B6"
    for order in desk.orders(OrderState.WORKING):
        desk.handle(CancelOrder(order.client_order_id))
    desk.tick(3)
    assert stops(desk) == [] and targets(desk) == []


def test_a_question_that_a_later_close_answered_is_not_asked_again_by_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    desk.close()
    desk.tick(1)
    assert desk.quantity() == 0
    assert desk.store.operations.unfinished() == ()
    desk.kill()


def test_a_question_goes_when_the_position_it_is_about_is_closed_otherwise(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.close()
    desk.broker.connect()
    desk.settle()
    assert desk.operation().choices == (CloseChoice.CLOSE_NOW, CloseChoice.DISMISS)
    desk.sell(2)
    assert desk.operation().choices == () and desk.operation().text == "Flat now."
    desk.sell(1)
    assert desk.quantity() == -1, "what comes after is another position"


def test_an_exit_that_waits_for_its_entry_is_cancelled_after_it_and_never_put_back(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 1, OrderType.STOP, "4980")
    stop = desk.order()
    desk.press(Side.SELL, 1, OrderType.STOP, "4940")
    child = desk.order()
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4950")
    entry = desk.order()
    child = replace(child, parent_client_order_id=entry.client_order_id, intent=Intent.PROTECT)
    desk.services.orders._book.keep(child)
    desk.state.set_order(child)
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = ["No"]
    desk.close()
    names = {one.server_order_id: one.client_order_id for one in (stop, entry, child)}
    assert len(names) == 3
    assert [names[one] for one in desk.broker.cancels][-1] == child.client_order_id
    assert [one.trigger_price for one in stops(desk)] == [Decimal(4980)]


def test_what_a_close_had_cancelled_when_the_line_fell_falls_to_the_close_pressed_after_it(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    desk.broker.script.fate = Fate.UNSENT  # the cancel is answered, and the closing order never leaves
    desk.close()
    desk.tick(1)
    assert desk.operation().step is CloseStep.LINK_DOWN and stops(desk) == []
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    desk.close()  # before anything is read
    desk.tick(4)
    assert desk.operation().step is CloseStep.ASKING
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(130)
    desk.answer(CloseChoice.CANCEL)
    (stop,) = stops(desk)
    assert seen(stop.trigger_price, stop.quantity) == (Decimal(4980), Decimal(2))


def test_a_stop_that_was_put_back_and_the_trader_cancelled_does_not_come_back_with_the_next_reading(desk: Desk) -> None:
    refused(desk, "No")
    desk.handle(CancelOrder(stops(desk)[0].client_order_id))
    desk.handle(GapDetected("sim", "something was lost"))
    desk.tick(1)
    desk.answer(CloseChoice.DISMISS)
    assert stops(desk) == [] and len(closings(desk)) == 1


def test_nor_does_it_when_the_rest_of_a_close_that_stood_still_is_kept(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.market_price = None
    desk.close()
    closing = desk.broker.last()
    desk.broker.fill(closing, 1)
    desk.settle()
    desk.tick(5)
    assert CloseChoice.KEEP in desk.operation().choices
    desk.handle(CancelOrder(stops(desk)[0].client_order_id))
    desk.answer(CloseChoice.KEEP)
    assert stops(desk) == []
