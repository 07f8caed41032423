"""Manual close: cancel, wait, re-read, send once, verify; and each way in which that can go wrong."""

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations

import pytest

from core import commands
from core.broker_report import PositionReport
from core.errors import PersistenceError
from core.events import FillReceived, Level, Link, LinkChanged, PositionReported
from core.model.fill import Side
from core.model.market import Quote
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import Mode, PositionKey
from services.position_recovery import LOOK_S
from tests.fakes.broker import Answers, FakeBroker, Fate, Placed
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, MES, Desk, seen


def long_with_exits(desk: Desk, quantity: int = 2) -> tuple[Placed, Placed]:
    """Buy, with a stop and a target; return them as the broker has them."""
    desk.buy(quantity)
    desk.press(Side.SELL, quantity, OrderType.STOP, "4980")
    stop = desk.broker.last()
    desk.press(Side.SELL, quantity, OrderType.LIMIT, "5020")
    return stop, desk.broker.last()


def closings(desk: Desk) -> list[tuple[Side, Decimal]]:
    """The closing orders that reached a broker."""
    received = [order for broker in desk.brokers.values() for order in broker.received]
    return [(order.side, order.quantity) for order in received if order.intent is Intent.CLOSE]


def stops(desk: Desk) -> list[Placed]:
    """The stops that work at the broker."""
    return [one for one in desk.broker.orders.values() if one.type is OrderType.STOP and one.alive]


def held_close(desk: Desk, quantity: int = 2) -> Placed:
    """Buy and close with a market order that works without filling; return it."""
    desk.buy(quantity)
    desk.broker.script.market_price = None
    desk.close()
    return desk.broker.last()


# -- the straight way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "quantity"), [(Side.BUY, 2), (Side.SELL, 5)])
def test_a_close_sends_exactly_the_quantity_and_is_done_when_the_broker_says_flat(
    desk: Desk, side: Side, quantity: int
) -> None:
    desk.press(side, quantity)
    desk.close()
    assert closings(desk) == [(Side.closing(Decimal(side.sign)), Decimal(quantity))]
    assert desk.operation().step is CloseStep.DONE
    assert desk.quantity() == 0
    assert desk.heard(f"Closed ESZ6 {quantity} @ 5000", Level.INFO), "its costs made it a loss, which is no success"


def test_a_close_cancels_what_works_first_and_waits_for_each_answer(desk: Desk) -> None:
    stop, target = long_with_exits(desk)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4950")
    entry = desk.broker.last()
    desk.broker.script.hold_cancels = True
    desk.close()
    assert desk.operation().step is CloseStep.CANCELLING and closings(desk) == []
    assert set(desk.broker.cancels) == {one.server_order_id for one in (stop, target, entry)}
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    assert desk.operation().step is CloseStep.DONE
    assert not any(one.alive for one in desk.broker.orders.values())


@pytest.mark.row(126)
@pytest.mark.parametrize("same_action", [True, False])
def test_twenty_presses_are_one_order(desk: Desk, same_action: bool) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    for number in range(20):
        desk.close(action_id="close" if same_action else f"close-{number}")
        desk.tick(0.05)
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    desk.broker.fill(desk.broker.last())
    desk.settle()
    desk.tick(1)
    for number in range(20):
        desk.close(action_id="close" if same_action else f"again-{number}")
    assert closings(desk) == [(Side.SELL, Decimal(2))] and desk.quantity() == 0


def test_a_press_that_was_handled_does_not_start_again_when_it_is_told_twice(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.refuse = ["No"]
    desk.close(action_id="close")
    assert desk.operation().step is CloseStep.REJECTED
    desk.close(action_id="close")
    assert len(closings(desk)) == 1


def test_closing_what_is_flat_sends_nothing(desk: Desk) -> None:
    desk.close()
    assert closings(desk) == [] and desk.heard("ESZ6 is flat here; nothing was sent.")


def test_closing_a_flat_scope_cancels_its_working_entries(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4950")
    desk.close()
    desk.tick()
    assert not desk.broker.last().alive and closings(desk) == []
    assert desk.operation().text == "Nothing was open here; the working orders are cancelled."
    assert desk.operation().step is CloseStep.DONE


def test_a_close_waits_for_an_order_in_flight(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4950")
    desk.close()
    assert desk.operation().step is CloseStep.WAITING and closings(desk) == []
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    assert not any(one.alive for one in desk.broker.orders.values())


def test_the_quantity_is_read_after_the_cancels_not_before(desk: Desk) -> None:
    stop, _ = long_with_exits(desk, 3)
    desk.broker.script.hold_cancels = True
    desk.close()
    desk.broker.fill(stop, 1, "4980")
    desk.broker.release()
    desk.settle()
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    desk.tick()
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.DONE


def test_each_step_is_stored_before_its_call(desk: Desk) -> None:
    long_with_exits(desk)
    seen: list[CloseStep] = []
    steps = {"order.before_intent": CloseStep.SENT, "close.cancel_sent": CloseStep.CANCELLING}

    def reached(name: str) -> None:
        if name in steps:
            (stored,) = desk.memory.operations.operations.values()
            assert stored.step is steps[name], name
            seen.append(stored.step)

    desk.reached = reached
    desk.close()
    assert CloseStep.CANCELLING in seen and CloseStep.SENT in seen


def test_a_close_on_a_connection_without_position_reports_is_verified_by_fills(desk: Desk) -> None:
    desk.kill()
    fills_only = Desk(clock=desk.clock)
    fills_only.broker.script.lists_positions = False
    fills_only.start()
    fills_only.buy(2)
    fills_only.close()
    fills_only.tick()
    assert fills_only.operation().step is CloseStep.DONE


def test_a_zero_told_before_the_fill_it_follows_from_counts(desk: Desk) -> None:
    desk.broker.script.position_first = True
    desk.buy(2)
    desk.broker.script.omitted.add("ESZ6")
    desk.close()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE


# -- nothing stands in its way --------------------------------------------------------------------------------------


def halt(desk: Desk) -> None:
    desk.state.halt("a test said so")


def lock(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()
    desk.restart(clean=False)


@pytest.mark.parametrize("obstacle", [halt, lock])
def test_a_close_works_whatever_refuses_entries(desk: Desk, obstacle: Callable[[Desk], None]) -> None:
    desk.buy(2)
    obstacle(desk)
    desk.close()
    desk.tick()
    assert closings(desk) == [(Side.SELL, Decimal(2))] and desk.quantity() == 0


@pytest.mark.parametrize("mode", [None, Mode.LIVE, Mode.EVAL])
def test_a_close_works_in_an_account_that_takes_no_entries(mode: Mode | None) -> None:
    desk = Desk(simulated=frozenset(), classify={} if mode is None else {"Sim1": mode}).start()
    desk.broker.by_hand(ES, Side.BUY, 2)
    desk.settle()
    desk.buy(1)
    assert desk.quantity() == 2
    desk.close()
    desk.tick()
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.DONE


@pytest.mark.row(93)
def test_a_close_works_with_a_database_that_refuses_everything(desk: Desk) -> None:
    stop, _ = long_with_exits(desk)
    desk.unsaved = True
    desk.memory.disk.error = PersistenceError("no room")
    desk.close()
    desk.tick(1)
    assert closings(desk) == [(Side.SELL, Decimal(2))] and not stop.alive
    assert desk.broker.positions[ES] == 0
    assert desk.snapshot.halted and desk.heard("closing goes on unsaved", Level.ALARM)
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.DONE
    assert desk.snapshot.unsaved.holds(ES) and desk.store.positions.get_open_position(ES) is not None
    desk.memory.disk.error = None
    desk.tick(20)
    assert desk.store.positions.get_open_position(ES) is None and not desk.snapshot.unsaved.entries
    assert desk.store.operations.unfinished() == () and desk.store.positions.recent_trades(9) == desk.snapshot.trades
    assert len(closings(desk)) == 1


# -- B1, and everything that crosses --------------------------------------------------------------------------------


@pytest.mark.row(127)
def test_b1_an_exit_that_filled_before_its_cancel_leaves_nothing_to_send(desk: Desk) -> None:
    stop, _ = long_with_exits(desk)
    desk.broker.script.hold_cancels = True
    desk.close()
    desk.broker.fill(stop, None, "4980")
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert closings(desk) == []
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.DONE, "B1")
    assert desk.operation().text == "Flat: stop filled first. Nothing was sent."


MOMENTS = ("stop fills", "cancel is answered", "time passes")


@pytest.mark.row(127)
@pytest.mark.parametrize("order", list(permutations(MOMENTS)))
@pytest.mark.parametrize("filled", [1, 2])
@pytest.mark.parametrize("position_first", [True, False])
def test_closing_while_a_stop_fills_never_opens_the_other_side(
    desk: Desk, order: tuple[str, ...], filled: int, position_first: bool
) -> None:
    stop, _ = long_with_exits(desk)
    desk.broker.script.position_first = position_first
    desk.broker.script.hold_cancels = True
    desk.close()
    for moment in order:
        if moment == "stop fills" and stop.alive:
            desk.broker.fill(stop, filled, "4980")
        elif moment == "cancel is answered":
            desk.broker.release()
        else:
            desk.tick(1)
        desk.settle()
        assert desk.broker.positions[ES] >= 0
    desk.tick(2)
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE
    assert not any(one.alive for one in desk.broker.orders.values())


@pytest.mark.row(127)
def test_every_message_of_a_crossing_stop_and_close_may_come_in_any_order() -> None:
    """The stop fills at the broker while our cancel is on its way; its reports arrive shuffled."""
    for order in permutations(range(4)):
        desk = Desk().start()
        stop, _ = long_with_exits(desk)
        desk.broker.script.hold_cancels = True
        desk.close()
        desk.broker.fill(stop, None, "4980")
        desk.broker.release()
        said = list(desk.broker.out)
        desk.broker.out.clear()
        for index in order:
            if index < len(said):
                desk.handle(said[index])
        for message in said[len(order) :]:
            desk.handle(message)
        desk.tick(6)
        assert desk.broker.positions[ES] == 0, order
        assert closings(desk) == [], order
        assert desk.quantity() == 0, order


@pytest.mark.row(127)
@pytest.mark.parametrize("filled", [1, 2])
def test_between_the_report_of_a_filled_stop_and_its_fill_nothing_is_sent(desk: Desk, filled: int) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.script.tells_positions = False
    desk.broker.fill(stop, filled, "4980")
    desk.broker.release()
    fill = next(message for message in desk.broker.out if isinstance(message, FillReceived))
    desk.broker.out.remove(fill)
    desk.settle()
    assert not stop.alive and closings(desk) == []
    desk.tick(1)
    assert closings(desk) == []
    desk.handle(fill)
    desk.tick(2)
    assert desk.quantity() == 0 and desk.broker.positions[ES] == 0
    assert closings(desk) == ([] if filled == 2 else [(Side.SELL, Decimal(1))])


def test_a_close_that_asks_sends_nothing_between_the_fills_that_were_missed(desk: Desk) -> None:
    desk.buy(3)
    desk.press(Side.SELL, 3, OrderType.STOP, "4990")
    stop = desk.broker.last()
    desk.kill()
    desk.broker.by_hand(ES, Side.SELL, 3)
    desk.clock.advance(1)
    desk.broker.fill(stop, price="4990")
    desk.clock.advance(1)
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.clock.advance(60)
    desk.broker.script.snapshot = Answers.FAILS
    desk.start()
    desk.close()
    desk.tick(4)
    assert desk.operation().step is CloseStep.ASKING
    desk.handle(PositionReported(PositionReport(ES, Decimal(-2), None, desk.clock.now())))
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(20)
    assert seen(desk.quantity(), desk.broker.positions[ES], closings(desk)) == (-2, -2, [])


def test_while_the_broker_states_another_figure_a_close_waits_and_then_asks(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.script.lists_positions = False
    desk.broker.end(stop, OrderState.CANCELLED)
    desk.deliver(PositionReported(PositionReport(ES, Decimal(1), None, desk.clock.now())))
    desk.settle()
    assert closings(desk) == []
    desk.tick(5)
    assert seen(desk.operation().step, closings(desk)) == (CloseStep.ASKING, [])


def test_a_fill_that_never_comes_is_fetched_and_the_close_goes_on(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.fill(stop, 1, "4980")
    desk.broker.release()
    desk.broker.out = type(desk.broker.out)(one for one in desk.broker.out if not isinstance(one, FillReceived))
    desk.settle()
    desk.tick(6)
    assert desk.quantity() == 0 and closings(desk) == [(Side.SELL, Decimal(1))]


def test_a_fill_that_cannot_be_had_leaves_the_decision_to_the_trader(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.fill(stop, 1, "4980", report=True)
    desk.broker.release()
    desk.broker.out = type(desk.broker.out)(
        one for one in desk.broker.out if not isinstance(one, FillReceived | PositionReported)
    )
    desk.settle()
    desk.tick(5)
    assert desk.operation().step is CloseStep.ASKING and closings(desk) == []
    assert "its fill has not arrived" in desk.operation().text
    desk.tick(LOOK_S + 5)  # until the positions are looked at, nobody can know more


def test_fills_from_before_an_accounts_first_sync_do_not_hold_a_close_up() -> None:
    desk = Desk()
    desk.broker.by_hand(ES, Side.BUY, 3)
    order = desk.broker.place_by_hand(ES, Side.SELL, OrderType.STOP, 3, "4980")
    desk.broker.fill(order, 1, "4980")
    desk.clock.advance(60)
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 2 and desk.order().filled_quantity == 1
    desk.tick(5)
    desk.close()
    desk.tick(8)
    assert desk.quantity() == 0 and closings(desk) == [(Side.SELL, Decimal(2))]


# -- B2 -------------------------------------------------------------------------------------------------------------


def unanswered_cancel(desk: Desk) -> Placed:
    """Close, with a broker that does not answer cancels; return the stop."""
    stop, target = long_with_exits(desk)
    desk.broker.end(target, OrderState.CANCELLED)
    desk.settle()
    desk.broker.script.hold_cancels = True
    desk.close()
    return stop


def test_b2_an_unanswered_cancel_is_queried_after_two_seconds_and_asked_about_after_four(desk: Desk) -> None:
    unanswered_cancel(desk)
    desk.tick(2)
    assert desk.broker.order_requests == 0
    desk.tick(0.5)
    assert desk.broker.order_requests == 1
    desk.tick(2)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.ASKING, "B2")
    assert desk.operation().choices[0] is CloseChoice.KEEP_WAITING
    assert "Stop may still be working." in desk.operation().text
    assert closings(desk) == []


def test_b2_keep_waiting_waits_and_goes_on_when_the_answer_comes(desk: Desk) -> None:
    unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.KEEP_WAITING)
    assert desk.operation().step is CloseStep.CANCELLING
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE and desk.quantity() == 0


def test_b2_send_anyway_sends_and_cancels_the_stop_again_once_flat(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert closings(desk) == [(Side.SELL, Decimal(2))]
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE and not stop.alive


def test_b2_leave_protected_leaves_the_stop_and_sends_nothing(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.LEAVE_PROTECTED)
    assert desk.operation().step is CloseStep.STOPPED
    assert closings(desk) == [] and stop.alive and stops(desk) == [stop]


def test_b2_a_stop_whose_cancel_comes_through_after_all_is_put_back(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.LEAVE_PROTECTED)
    desk.broker.release()
    desk.settle()
    assert not stop.alive
    (again,) = stops(desk)
    assert seen(again.quantity, again.trigger_price) == (2, Decimal(4980))


def test_a_question_that_is_gone_takes_no_answer(desk: Desk) -> None:
    unanswered_cancel(desk)
    desk.tick(5)
    desk.broker.release()
    name = desk.operation().operation_id
    desk.handle(commands.AnswerClose(name, CloseChoice.RETRY))
    assert desk.operation().step is CloseStep.ASKING
    desk.handle(commands.AnswerClose(name, CloseChoice.KEEP_WAITING))
    desk.settle()
    desk.tick()
    desk.handle(commands.AnswerClose(name, CloseChoice.SEND_ANYWAY))
    assert len(closings(desk)) == 1


# -- B3 -------------------------------------------------------------------------------------------------------------


def test_b3_a_refused_close_puts_the_stop_back_at_its_price_and_says_the_brokers_words(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.refuse = ["Market is closed"]
    desk.close()
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.REJECTED, "B3")
    assert "Close rejected: Market is closed." in desk.operation().text
    assert "Market is closed. The market is closed or halted. Still LONG 2." in desk.operation().text
    assert "Stop and target are being placed again" in desk.operation().text
    assert desk.heard("Close rejected: Market is closed.", Level.ALARM)
    (stop,) = stops(desk)
    assert seen(stop.side, stop.quantity, stop.trigger_price) == (Side.SELL, 2, Decimal(4980))
    assert desk.quantity() == 2


def test_b3_a_stop_the_market_has_passed_is_not_placed_and_the_position_called_unprotected(desk: Desk) -> None:
    long_with_exits(desk)
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(4979)))
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    assert stops(desk) == []
    assert "Price is beyond old stop – UNPROTECTED 2." in desk.operation().text


def test_b3_a_refused_close_without_a_stop_says_nothing_of_protection(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    assert desk.operation().text == "Close rejected: Margin. The account lacks margin or funds for it. Still LONG 2."


def test_b3_retry_cancels_the_stop_again_and_closes(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    desk.answer(CloseChoice.RETRY)
    desk.tick()
    assert desk.operation().step is CloseStep.DONE and desk.quantity() == 0
    assert stops(desk) == []


def test_b3_refused_again_and_again_there_is_one_stop_for_the_position(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = ["No", "No", "No"]
    desk.close()
    desk.answer(CloseChoice.RETRY)
    desk.answer(CloseChoice.RETRY)
    assert len(closings(desk)) == 3
    (stop,) = stops(desk)
    assert stop.quantity == 2
    desk.answer(CloseChoice.DISMISS)
    assert desk.operation().step is CloseStep.STOPPED and stops(desk) == [stop]


def test_b3_a_refused_stop_is_an_alarm_and_tried_again_with_the_next_refusal(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.refuse = ["No", "No stop either", "No target either", "No again"]
    desk.close()
    assert stops(desk) == []
    assert desk.heard("The broker refused SELL 2 ESZ6: No stop either", Level.ALARM)
    desk.answer(CloseChoice.RETRY)
    assert [one.quantity for one in stops(desk)] == [2]


def test_b3_the_stops_put_back_never_exceed_what_is_left(desk: Desk) -> None:
    long_with_exits(desk, 3)
    desk.broker.script.hold_cancels = True
    desk.broker.script.market_price = None
    desk.close()
    desk.broker.release()
    desk.settle()
    close = desk.broker.last()
    desk.broker.fill(close, 1)
    desk.broker.end(close, OrderState.REJECTED, "Enough")
    desk.settle()
    assert desk.quantity() == 2
    assert sum(one.quantity for one in stops(desk)) == 2


def test_b3_a_late_fill_of_the_refused_close_takes_the_stop_away_again(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.refuse = ["No"]
    desk.close()
    close = desk.broker.find(desk.operation().close_order_id)
    desk.broker.fill(close)
    desk.settle()
    desk.tick()
    assert desk.quantity() == 0 and stops(desk) == []


# -- B4, B5 ---------------------------------------------------------------------------------------------------------


def test_b4_a_partial_fill_that_stands_still_is_said(desk: Desk) -> None:
    close = held_close(desk, 3)
    desk.broker.fill(close, 1)
    desk.settle()
    desk.tick(4)
    assert desk.operation().branch == "B4"
    assert desk.operation().text.startswith("1 of 3 closed, 2 left.")


def test_b4_when_the_order_is_gone_the_rest_is_protected_and_closed_on_demand(desk: Desk) -> None:
    long_with_exits(desk, 3)
    desk.broker.script.market_price = None
    desk.close()
    close = desk.broker.last()
    desk.broker.fill(close, 1)
    desk.broker.end(close, OrderState.CANCELLED)
    desk.settle()
    assert desk.operation().branch == "B4" and "1 of 3 closed, 2 left." in desk.operation().text
    assert [one.quantity for one in stops(desk)] == [2]
    desk.broker.script.market_price = Decimal(4999)
    desk.answer(CloseChoice.CLOSE_REST)
    desk.tick()
    assert closings(desk) == [(Side.SELL, Decimal(3)), (Side.SELL, Decimal(2))]
    assert desk.quantity() == 0 and stops(desk) == []


def test_b4_keeping_the_rest_keeps_its_stop(desk: Desk) -> None:
    long_with_exits(desk, 3)
    desk.broker.script.market_price = None
    desk.close()
    close = desk.broker.last()
    desk.broker.fill(close, 1)
    desk.broker.end(close, OrderState.CANCELLED)
    desk.settle()
    desk.answer(CloseChoice.KEEP)
    assert desk.operation().step is CloseStep.STOPPED
    assert [one.quantity for one in stops(desk)] == [2]


@pytest.mark.row(60)
def test_b5_an_overshoot_is_an_alarm_locks_entries_and_offers_to_close_the_rest(desk: Desk) -> None:
    close = held_close(desk, 2)
    desk.broker.fill(close, 3)
    desk.settle()
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.ASKING, "B5")
    assert desk.heard("Now SHORT 1, expected flat.", Level.ALARM)
    sent = len(desk.broker.received)
    desk.sell(1)
    assert len(desk.broker.received) == sent
    desk.broker.script.market_price = Decimal(5001)
    desk.answer(CloseChoice.CLOSE_REST)
    desk.tick()
    assert closings(desk)[-1] == (Side.BUY, Decimal(1)) and desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE


def test_b5_a_stop_that_fills_after_the_close_is_an_overshoot_too(desk: Desk) -> None:
    stop = unanswered_cancel(desk)
    desk.tick(5)
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.VERIFYING
    desk.broker.fill(stop, 2, "4980")
    desk.settle()
    assert desk.operation().branch == "B5" and desk.quantity() == -2
    assert desk.heard("Now SHORT 2, expected flat.", Level.ALARM)


def test_a_close_that_is_flat_while_its_order_still_works_cancels_the_rest_of_it(desk: Desk) -> None:
    close = held_close(desk, 2)
    desk.broker.by_hand(ES, Side.SELL, 2)
    desk.settle()
    assert desk.quantity() == 0
    desk.tick()
    assert not close.alive and desk.operation().step is CloseStep.DONE


# -- B6 -------------------------------------------------------------------------------------------------------------


def test_b6_with_the_line_down_nothing_is_queued(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    for _ in range(5):
        desk.close()
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.LINK_DOWN, "B6")
    assert len(desk.memory.operations.operations) == 1
    desk.broker.connect()
    desk.settle()
    desk.tick(30)
    assert closings(desk) == [] and desk.quantity() == 2
    assert desk.operation().step is CloseStep.STOPPED
    assert "LONG 2 is still open. Close now?" in desk.operation().text
    desk.close()
    desk.tick()
    assert desk.quantity() == 0


def test_b6_a_line_that_falls_before_the_first_byte_leaves_the_close_unsent(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.fate = Fate.UNSENT
    desk.close()
    desk.tick()
    assert desk.operation().step is CloseStep.LINK_DOWN and closings(desk) == []
    desk.broker.connect()
    desk.settle()
    desk.tick(30)
    assert closings(desk) == [] and desk.quantity() == 2


def test_b6_a_line_that_falls_after_the_stop_was_cancelled_alarms_and_protects_again_when_it_is_back(
    desk: Desk,
) -> None:
    long_with_exits(desk)
    desk.broker.script.fate = Fate.UNSENT
    desk.close()
    desk.tick()
    assert desk.heard("LONG 2 may be bare", Level.ALARM)
    assert stops(desk) == []
    desk.broker.connect()
    desk.settle()
    assert [one.quantity for one in stops(desk)] == [2]
    assert closings(desk) == []


def test_b6_a_line_that_falls_while_cancelling_sends_no_close(desk: Desk) -> None:
    unanswered_cancel(desk)
    desk.broker.drop()
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.LINK_DOWN
    desk.broker.connect()
    desk.settle()
    desk.tick(10)
    assert closings(desk) == []


# -- B7 -------------------------------------------------------------------------------------------------------------


def test_b7_without_an_answer_it_waits_aloud_then_is_unknown_and_is_never_sent_again(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.script.lists_orders = False
    desk.close()
    desk.tick(3.5)
    assert desk.operation().text == "Waiting for broker 3 s"
    desk.tick(7)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.UNKNOWN, "B7")
    desk.broker.orders.clear()
    for _ in range(20):
        desk.close()
        desk.tick(5)
    assert len(closings(desk)) == 1 and desk.operation().step is CloseStep.UNKNOWN


def test_b7_found_working_it_goes_on(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.hold_acks = True
    desk.close()
    desk.tick(11)
    assert desk.operation().step is CloseStep.SENT
    desk.broker.fill(desk.broker.last())
    desk.settle()
    desk.tick()
    assert desk.operation().step is CloseStep.DONE and len(closings(desk)) == 1


def test_b7_lost_with_the_line_and_filled_it_is_found_and_verified(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.fate = Fate.SEEN
    desk.close()
    assert desk.operation().step is CloseStep.UNKNOWN and desk.quantity() == 2
    desk.broker.connect()
    desk.settle()
    desk.tick()
    assert desk.quantity() == 0 and desk.operation().step is CloseStep.DONE
    assert len(closings(desk)) == 1


def test_b7_proven_absent_it_is_over_and_the_stop_is_put_back(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.fate = Fate.UNSEEN
    desk.close()
    assert desk.operation().step is CloseStep.UNKNOWN
    desk.broker.connect()
    desk.settle()
    desk.tick(5)
    assert desk.operation().step is CloseStep.REJECTED
    assert "The close was not placed." in desk.operation().text
    assert [one.quantity for one in stops(desk)] == [2] and closings(desk) == []
    desk.answer(CloseChoice.RETRY)
    desk.tick()
    assert desk.quantity() == 0 and len(closings(desk)) == 1


def test_b7_may_be_let_go_and_a_new_close_asks_before_it_sends_beside_the_unknown_one(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.lists_fills = False
    desk.broker.script.fate = Fate.UNSEEN
    desk.close()
    desk.broker.connect()
    desk.settle()
    desk.tick(10)
    assert desk.operation().step is CloseStep.UNKNOWN
    desk.answer(CloseChoice.DISMISS)
    assert desk.operation().step is CloseStep.STOPPED and "not known" in desk.operation().text
    assert stops(desk) == []  # it may still fill: a stop beside it could open the other side
    desk.close()
    desk.tick(5)
    assert desk.operation().branch == "B2" and closings(desk) == []
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert closings(desk) == [(Side.SELL, Decimal(2))] and desk.quantity() == 0


# -- B13, and what is not confirmed ---------------------------------------------------------------------------------


def test_b13_without_the_brokers_word_it_stays_unverified_until_he_speaks(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.tells_positions = False
    desk.broker.script.omitted.add("ESZ6")
    desk.close()
    desk.tick(11)
    assert (desk.operation().step, desk.operation().branch) == (CloseStep.UNVERIFIED, "B13")
    assert desk.operation().text == "Unverified: broker has not confirmed flat."
    assert desk.operation().choices[0] is CloseChoice.VERIFY_NOW
    desk.broker.script.omitted.clear()
    desk.tick(2)
    assert desk.operation().step is CloseStep.DONE


def test_b13_waiting_on_stores_nothing_more(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.tells_positions = False
    desk.broker.script.omitted.add("ESZ6")
    desk.close()
    desk.tick(11)
    stored = len(desk.memory.operations.saved)
    desk.tick(30)
    assert len(desk.memory.operations.saved) == stored


def test_every_step_is_audited_under_the_mode_of_the_account(desk: Desk) -> None:
    desk.buy(2)
    desk.close(action_id="the-close")
    desk.tick()
    rows = [row for row in desk.memory.audit.rows if row.kind == "operation"]
    assert [row.text for row in rows] == ["WAITING", "SENT", "VERIFYING", "DONE"]
    assert {(row.mode, row.cause) for row in rows} == {(Mode.SIM, "the-close")}


def test_b13_may_be_verified_now_or_dismissed(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.tells_positions = False
    desk.broker.script.omitted.add("ESZ6")
    desk.close()
    desk.tick(11)
    asked = desk.broker.position_requests
    desk.answer(CloseChoice.VERIFY_NOW)
    assert desk.operation().step is CloseStep.VERIFYING and desk.broker.position_requests == asked + 1
    desk.tick(11)
    desk.answer(CloseChoice.DISMISS)
    assert desk.operation().step is CloseStep.STOPPED and len(closings(desk)) == 1


def mismatched(desk: Desk, change: int = -1) -> None:
    """Be LONG 2 here and another size at the broker, for long enough."""
    long_with_exits(desk)
    desk.broker.by_hand(ES, Side.BUY if change > 0 else Side.SELL, abs(change), trace=False)
    desk.settle()
    desk.tick(4)


def test_a_position_that_is_not_confirmed_asks_before_anything_is_sent(desk: Desk) -> None:
    mismatched(desk)
    desk.close()
    operation = desk.operation()
    assert operation.step is CloseStep.ASKING
    assert operation.text == "Position is not confirmed (MISMATCH: here LONG 2, broker LONG 1)."
    assert operation.choices == (CloseChoice.ASK_BROKER, CloseChoice.CLOSE_BROKER_QUANTITY, CloseChoice.CANCEL)
    assert closings(desk) == [] and desk.broker.cancels == []


def test_closing_the_brokers_quantity_cancels_first_and_closes_that(desk: Desk) -> None:
    mismatched(desk)
    desk.close()
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    desk.tick()
    assert closings(desk) == [(Side.SELL, Decimal(1))]
    assert desk.broker.positions[ES] == 0 and stops(desk) == []
    desk.tick(14)
    assert desk.operation().step is CloseStep.DONE and "Here LONG 1 is left" in desk.operation().text
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 0


def test_asking_the_broker_sends_nothing(desk: Desk) -> None:
    mismatched(desk)
    desk.close()
    asked = len(desk.broker.asked)
    desk.answer(CloseChoice.ASK_BROKER)
    assert len(desk.broker.asked) == asked + 1
    assert desk.operation().step is CloseStep.STOPPED and closings(desk) == []


def test_a_position_the_broker_calls_flat_offers_no_close_of_his_quantity(desk: Desk) -> None:
    mismatched(desk, -2)
    desk.close()
    assert desk.operation().choices == (CloseChoice.ASK_BROKER, CloseChoice.CANCEL)
    assert "broker flat" in desk.operation().text


def test_a_position_only_the_broker_has_can_be_closed(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.SELL, 3, trace=False)
    desk.settle()
    desk.tick(4)
    desk.close()
    assert "here flat, broker SHORT 3" in desk.operation().text
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    assert closings(desk) == [(Side.BUY, Decimal(3))] and desk.broker.positions[ES] == 0


def test_a_difference_that_is_seconds_old_is_waited_out_before_closing(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.settle()
    desk.close()
    assert desk.operation().step is CloseStep.WAITING
    desk.tick(4)
    assert desk.operation().branch == "MISMATCH" and closings(desk) == []


# -- flatten --------------------------------------------------------------------------------------------------------


def test_flattening_an_account_closes_every_scope_of_it_and_nothing_else() -> None:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock, accounts=("Sim1", "Sim2"))], clock=clock).start()
    other = PositionKey("sim", "Sim2", "ESZ6")
    desk.buy(2)
    desk.sell(1, key=MES)
    desk.buy(4, key=other)
    desk.handle(*[commands.FlattenAccount("flat", ACCOUNT)] * 5)
    desk.tick()
    assert sorted(closings(desk), key=str) == sorted([(Side.SELL, Decimal(2)), (Side.BUY, Decimal(1))], key=str)
    assert seen(desk.quantity(), desk.quantity(MES), desk.quantity(other)) == (0, 0, 4)


def test_flattening_cancels_entries_where_nothing_is_open(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4950")
    desk.handle(commands.FlattenAccount("flat", ACCOUNT))
    desk.tick()
    assert not desk.broker.last().alive and closings(desk) == []


def test_flattening_an_empty_account_says_so(desk: Desk) -> None:
    desk.handle(commands.FlattenAccount("flat", ACCOUNT))
    assert desk.heard("Sim1 has nothing open or working here; nothing was sent.")


def test_a_close_is_tried_on_a_doubtful_line(desk: Desk) -> None:
    desk.buy(2)
    desk.handle(LinkChanged("sim", Link.DOUBTFUL, desk.clock.now()))
    desk.close()
    assert closings(desk) == [(Side.SELL, Decimal(2))] and desk.quantity() == 0
