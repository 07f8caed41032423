"""What a close does after a setback: in clips, at a limit, with its exits put back; and what it cannot close."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import CancelOrder
from core.events import Level, LinkChanged
from core.link import Link
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from tests.fakes.broker import Answers, FakeBroker, Fate, Placed
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ES, Desk, seen
from tests.services.test_close_service import closings, held_close, long_with_exits, stops, unanswered_cancel

COIN = Instrument("ESZ6", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))


def targets(desk: Desk) -> list[Placed]:
    """The targets that work at the broker."""
    return [one for one in desk.broker.orders.values() if one.type is OrderType.LIMIT and one.alive]


def refused(desk: Desk, text: str, quantity: int = 5) -> None:
    """Close with exits, the market order refused."""
    long_with_exits(desk, quantity)
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = [text]
    desk.close()


# -- B3: clips ------------------------------------------------------------------------------------------------------


def test_b3_offers_what_can_be_done_and_says_the_plain_cause(desk: Desk) -> None:
    refused(desk, "Order quantity 5 exceeds maximum order size of 2")
    operation = desk.operation()
    assert operation.choices == (CloseChoice.RETRY, CloseChoice.CLIPS, CloseChoice.LIMIT, CloseChoice.DISMISS)
    assert operation.clip == 2
    assert "The order is larger than the broker allows." in operation.text
    assert seen([one.quantity for one in stops(desk)], [one.quantity for one in targets(desk)]) == ([5], [5])


def test_b3_clips_go_one_after_the_other_each_when_the_one_before_is_filled(desk: Desk) -> None:
    refused(desk, "Order quantity 5 exceeds maximum order size of 2")
    desk.broker.script.market_price = None
    desk.answer(CloseChoice.CLIPS)
    for number, (clip, left) in enumerate([(2, 3), (2, 1), (1, 0)], start=2):
        desk.tick(1)
        assert len(closings(desk)) == number
        assert closings(desk)[-1] == (Side.SELL, Decimal(clip))
        desk.tick(1)
        assert len(closings(desk)) == number, "a clip was sent before the one before it was filled"
        desk.broker.fill(desk.broker.last())
        desk.settle()
        assert desk.quantity() == left
    desk.tick(1)
    assert desk.operation().step is CloseStep.DONE and desk.operation().branch != "B1"
    assert not any(one.alive for one in desk.broker.orders.values())


def test_b3_a_clip_whose_fill_is_late_is_waited_for(desk: Desk) -> None:
    refused(desk, "No", 4)
    desk.broker.script.market_price = None
    desk.answer(CloseChoice.CLIPS)
    desk.broker.script.tells_positions = False
    desk.by_hand = True
    desk.broker.fill(desk.broker.last())
    report, fill = desk.broker.out
    desk.broker.out.clear()
    desk.by_hand = False
    desk.handle(report)
    desk.tick(1)
    assert len(closings(desk)) == 2
    desk.handle(fill)
    desk.tick(1)
    assert closings(desk)[1:] == [(Side.SELL, Decimal(2))] * 2


def test_b3_a_refused_clip_protects_what_is_left(desk: Desk) -> None:
    refused(desk, "No", 4)
    desk.broker.script.refuse_market = True
    desk.broker.script.market_price = None
    desk.answer(CloseChoice.CLIPS)
    desk.broker.script.refuse = ["Margin"]
    desk.broker.fill(desk.broker.last())
    desk.settle()
    desk.tick(1)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.REJECTED, "B3")
    assert seen(desk.quantity(), [one.quantity for one in stops(desk)]) == (2, [2])
    assert desk.operation().clip == 1


def test_b3_one_contract_cannot_be_closed_in_parts(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.refuse = ["No"]
    desk.close()
    assert CloseChoice.CLIPS not in desk.operation().choices


# -- B3, B4: at a limit ---------------------------------------------------------------------------------------------


def quoted(desk: Desk) -> None:
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000), bid=Decimal("4999.75"), ask=Decimal(5000)))


def test_b3_the_limit_goes_through_the_touch_and_is_followed_like_a_market_order(desk: Desk) -> None:
    refused(desk, "Price band", 2)
    quoted(desk)
    desk.answer(CloseChoice.LIMIT)
    close = desk.broker.last()
    assert seen(close.type, close.side, close.quantity, close.price) == (
        OrderType.LIMIT,
        Side.SELL,
        2,
        Decimal("4998.75"),
    )
    assert stops(desk) == []
    desk.broker.fill(close)
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE


def test_b3_a_limit_nobody_takes_is_cancelled_and_the_position_protected_again(desk: Desk) -> None:
    refused(desk, "No", 2)
    quoted(desk)
    desk.answer(CloseChoice.LIMIT)
    close = desk.broker.last()
    desk.tick(4)
    assert not close.alive
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.ASKING, "B4")
    assert desk.operation().text.startswith("0 of 2 closed, 2 left.")
    assert [one.quantity for one in stops(desk)] == [2]


def test_without_a_price_no_limit_is_sent_and_the_question_stays(desk: Desk) -> None:
    refused(desk, "No", 2)
    sent = len(desk.broker.received)
    desk.answer(CloseChoice.LIMIT)
    assert desk.heard("No price is known to set a limit at; nothing was sent.")
    assert desk.operation().step is CloseStep.REJECTED and len(desk.broker.received) == sent


def test_a_short_position_is_closed_at_a_limit_above_the_ask(desk: Desk) -> None:
    desk.sell(2)
    desk.broker.script.refuse = ["No"]
    desk.close()
    desk.state.put_quote("sim", Quote("ESZ6", ask=Decimal(5000)))
    desk.answer(CloseChoice.LIMIT)
    assert seen(desk.broker.last().side, desk.broker.last().price) == (Side.BUY, Decimal(5001))


# -- B4 -------------------------------------------------------------------------------------------------------------


@pytest.mark.row(62)
def test_b4_a_close_that_stands_still_is_cancelled_before_its_exits_are_made_anew_for_the_rest(desk: Desk) -> None:
    long_with_exits(desk, 3)
    desk.broker.script.market_price = None
    desk.close()
    close = desk.broker.last()
    desk.broker.fill(close, 1)
    desk.settle()
    desk.broker.script.hold_cancels = True
    desk.tick(3.5)
    assert desk.operation().text == "1 of 3 closed, 2 left"
    assert close.server_order_id in desk.broker.cancels and stops(desk) == []
    desk.broker.release()
    desk.settle()
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.ASKING, "B4")
    assert desk.operation().choices == (CloseChoice.CLOSE_REST, CloseChoice.LIMIT, CloseChoice.KEEP)
    assert seen([one.quantity for one in stops(desk)], [one.quantity for one in targets(desk)]) == ([2], [2])
    quoted(desk)
    desk.answer(CloseChoice.LIMIT)
    assert seen(desk.broker.last().price, desk.broker.last().quantity) == (Decimal("4998.75"), 2)


def test_b4_a_rest_that_fills_while_it_is_cancelled_is_flat(desk: Desk) -> None:
    close = held_close(desk, 3)
    desk.broker.fill(close, 1)
    desk.settle()
    desk.broker.script.hold_cancels = True
    desk.tick(3.5)
    desk.broker.fill(close, 2)
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE and desk.operation().text.startswith("Closed ESZ6 3")


def stuck_rest(desk: Desk) -> Placed:
    """A close of three of which one fills, and whose rest does not let itself be cancelled."""
    close = held_close(desk, 3)
    desk.broker.fill(close, 1)
    desk.settle()
    desk.broker.script.hold_cancels = True
    desk.tick(8)
    return close


def test_b4_a_rest_whose_cancel_goes_unanswered_is_asked_about(desk: Desk) -> None:
    close = stuck_rest(desk)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.ASKING, "B2")
    assert desk.operation().text.startswith("The rest of the close may still be working.")
    desk.answer(CloseChoice.KEEP_WAITING)
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert not close.alive and desk.operation().branch == "B4"


def test_b4_a_rest_that_is_left_and_ends_after_all_has_its_exits_back(desk: Desk) -> None:
    long_with_exits(desk, 3)
    desk.broker.script.market_price = None
    desk.close()
    desk.broker.fill(desk.broker.last(), 1)
    desk.settle()
    desk.broker.script.hold_cancels = True
    desk.tick(8)
    desk.answer(CloseChoice.LEAVE_PROTECTED)
    assert stops(desk) == []
    desk.broker.release()
    desk.settle()
    assert [one.quantity for one in stops(desk)] == [2]


# -- B2 -------------------------------------------------------------------------------------------------------------


def test_b2_its_answers_name_what_is_open_now(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    assert desk.operation().quantity == 2
    desk.broker.fill(stop, 1, "4980")
    desk.settle()
    desk.tick(1)
    assert desk.operation().quantity == 1
    assert "Sending the close for 1 anyway could overshoot." in desk.operation().text


def test_b2_what_was_to_be_sent_unconfirmed_is_not_asked_about_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    desk.kill()
    desk.broker.script.snapshot = Answers.SILENT
    desk.start()
    desk.close()
    desk.tick(4)
    desk.broker.script.hold_cancels = True
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(5)
    assert desk.operation().branch == "B2"
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    desk.kill()


# -- what is put back ------------------------------------------------------------------------------------------------


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


# -- B9, B10, B11 ---------------------------------------------------------------------------------------------------


def test_b9_the_countdown_goes_on_while_the_question_stands(desk: Desk) -> None:
    desk.buy(2)
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.CLOSED))
    desk.close()
    desk.tick(4)
    assert desk.operation().branch == "B9"
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.HALTED))
    desk.tick(1)
    assert desk.operation().text.startswith("Trading is halted")
    assert closings(desk) == []


def coins(quantity: str) -> Desk:
    """A desk that holds a fraction of a coin the venue trades in thousandths of."""
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock, contracts=(COIN,))], clock=clock).start()
    order = desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 2, "7750")
    desk.broker.fill(order, Decimal(quantity), "7750")
    desk.broker.end(order, OrderState.CANCELLED)
    desk.settle()
    return desk


def test_b10_less_than_the_venue_trades_is_said_and_nothing_is_cancelled_or_sent() -> None:
    desk = coins("0.0004")
    assert desk.quantity() == Decimal("0.0004")
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(7750)))
    stop = desk.broker.place_by_hand(ES, Side.SELL, OrderType.STOP, 1, "7000")
    desk.settle()
    desk.close()
    operation = desk.operation()
    assert (operation.step, operation.branch) == (CloseStep.STOPPED, "B10")
    assert operation.text == "0.0004 ESZ6 (3.10) cannot be closed: ESZ6 trades in steps of 0.001."
    assert closings(desk) == [] and desk.broker.cancels == []
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(1)
    assert closings(desk) == [(Side.SELL, Decimal("0.0004"))] and not stop.alive


def test_b10_of_a_larger_position_all_whole_steps_are_closed_and_the_dust_is_left_and_said() -> None:
    desk = coins("1.0004")
    desk.close()
    desk.tick(5)
    assert closings(desk) == [(Side.SELL, Decimal("1.000"))]
    assert desk.quantity() == Decimal("0.0004")
    assert desk.operation().branch == "B10"


def hedging(desk: Desk) -> None:
    """Have the line come up anew at a broker who keeps legs apart."""
    desk.broker.drop()
    desk.settle()
    told = LinkChanged("sim", Link.SYNCING, desk.clock.now(), server="Fake", hedging=True)
    desk.broker.up = True
    desk.handle(told)
    desk.tick(1)


def test_b11_at_a_broker_who_keeps_legs_apart_entries_are_refused_and_a_close_asks_first(desk: Desk) -> None:
    desk.buy(2)
    hedging(desk)
    desk.buy(1)
    assert desk.heard("keeps long and short positions of one symbol apart") and desk.quantity() == 2
    desk.close()
    operation = desk.operation()
    assert (operation.step, operation.branch) == (CloseStep.ASKING, "B11")
    assert operation.choices == (CloseChoice.CANCEL, CloseChoice.SEND_ANYWAY)
    assert "LONG 2 is the net of them" in operation.text and closings(desk) == []
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.CLOSED))
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert desk.operation().branch == "B9", "each is asked once, in its order"
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(1)
    assert desk.quantity() == 0


# -- entries with exits that wait for them ----------------------------------------------------------------------------


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
