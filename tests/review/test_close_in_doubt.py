"""A close whose figures are in doubt sends nothing that could open a position, and says no more than is known."""

from decimal import Decimal

import pytest

from core.events import FillReceived, GapDetected, Link, LinkChanged, PositionReported
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from core.snapshot import Certainty
from services.position_recovery import LOOK_S
from tests.fakes.broker import Answers, Placed
from tests.fakes.engine import ES, Desk


def sent(desk: Desk) -> list[tuple[Intent, Side, Decimal]]:
    """What reached the broker."""
    return [(one.intent, one.side, one.quantity) for one in desk.broker.received]


def long_with_stop(desk: Desk, quantity: int = 2) -> Placed:
    """Buy, with a stop; return it."""
    desk.buy(quantity)
    desk.press(Side.SELL, quantity, OrderType.STOP, "4980")
    return desk.broker.last()


def without(desk: Desk, *kinds: type) -> None:
    """Lose messages of these kinds on their way."""
    desk.broker.out = type(desk.broker.out)(one for one in desk.broker.out if not isinstance(one, kinds))


# -- before the broker's state was read -----------------------------------------------------------------------------


def test_a_close_pressed_before_the_brokers_state_is_read_does_not_reverse_what_was_closed_elsewhere(
    desk: Desk,
) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 2, told=False)
    desk.by_hand = True
    desk.broker.connect()
    up = next(one for one in desk.broker.out if isinstance(one, LinkChanged) and one.link is Link.SYNCING)
    desk.broker.out.remove(up)
    desk.deliver(up)
    desk.close()  # it overtakes everything the broker says
    desk.by_hand = False
    desk.settle()
    desk.tick(10)
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0
    assert [one for one in sent(desk) if one[0] is Intent.CLOSE] == []


def test_a_close_on_a_line_that_is_being_read_goes_on_when_it_has_been_read(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.by_hand = True
    desk.broker.connect()
    desk.deliver(desk.broker.out.popleft())
    desk.close()
    assert desk.operation().step is CloseStep.WAITING
    desk.by_hand = False
    desk.settle()
    desk.tick(1)
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0 and desk.operation().step is CloseStep.DONE


def test_a_broker_that_does_not_answer_leaves_the_close_to_the_trader(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.script.lists_positions = False
    desk.broker.connect()
    desk.settle()
    desk.close()
    desk.tick(4)
    assert desk.operation().step is CloseStep.ASKING
    assert CloseChoice.SEND_ANYWAY in desk.operation().choices and desk.operation().choices[0] is not (
        CloseChoice.SEND_ANYWAY
    )
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert desk.broker.positions[ES] == 0
    assert sent(desk)[-1] == (Intent.CLOSE, Side.SELL, Decimal(2))


def test_a_close_of_an_unread_position_cancels_its_stop_only_once_the_trader_says_so(desk: Desk) -> None:
    stop = long_with_stop(desk)
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    desk.close()
    desk.tick(4)
    assert stop.alive and desk.operation().step is CloseStep.ASKING
    desk.answer(CloseChoice.KEEP_WAITING)
    assert desk.operation().step is CloseStep.WAITING
    desk.tick(4)
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(1)
    assert not stop.alive and desk.broker.positions[ES] == 0


# -- what is put back -----------------------------------------------------------------------------------------------


def test_leaving_a_close_whose_exit_fill_is_missing_puts_no_stop_back_for_what_may_be_gone(desk: Desk) -> None:
    long_with_stop(desk)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    target = desk.broker.last()
    desk.broker.script.hold_cancels = True
    desk.close()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.fill(target, 2, "5020")
    without(desk, FillReceived, PositionReported)
    desk.settle()
    desk.broker.release()
    desk.settle()
    desk.tick(5)
    assert desk.operation().step is CloseStep.ASKING
    desk.answer(CloseChoice.CANCEL)
    assert [one for one in desk.broker.orders.values() if one.alive] == []
    assert "No stop is put back for 2" in desk.operation().text


def test_dismissing_a_close_that_the_broker_calls_flat_puts_no_stop_back(desk: Desk) -> None:
    long_with_stop(desk)
    desk.broker.script.market_price = None
    desk.close()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.fill(desk.broker.last(), 2)
    without(desk, FillReceived)  # lost; the position report came through
    desk.settle()
    desk.tick(20)
    assert desk.scope().certainty is Certainty.MISMATCH and desk.scope().broker_quantity == 0
    desk.answer(CloseChoice.DISMISS)
    assert [one for one in desk.broker.orders.values() if one.alive] == []


def test_a_stop_is_put_back_for_no_more_than_the_broker_says_is_open(desk: Desk) -> None:
    long_with_stop(desk, 3)
    desk.broker.script.refuse.append("no")
    desk.broker.script.refuse_market = True
    desk.by_hand = True
    desk.close()
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)  # another program; only the position is told
    told = next(one for one in desk.broker.out if isinstance(one, PositionReported))
    desk.broker.out.remove(told)
    desk.deliver(told)
    desk.by_hand = False
    desk.settle()
    desk.tick(1)
    working = [one for one in desk.broker.orders.values() if one.alive]
    assert sum(one.quantity for one in working) <= desk.broker.positions[ES]


# -- by the broker's figure -----------------------------------------------------------------------------------------


def test_a_close_by_the_brokers_figure_is_over_when_he_says_flat_whatever_our_books_hold(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(4)
    assert desk.scope().certainty is Certainty.MISMATCH
    desk.close()
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    desk.tick(15)
    assert desk.broker.positions[ES] == 0
    assert not desk.heard("expected flat")
    assert desk.operation().step is CloseStep.DONE
    assert "SHORT 1" in desk.operation().text


# -- cancels --------------------------------------------------------------------------------------------------------


def test_waiting_on_cancels_an_order_that_could_not_be_cancelled_before_it_had_a_name(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    entry = desk.broker.last()
    desk.broker.script.lists_orders = False
    desk.broker.script.snapshot = Answers.SILENT
    desk.close()
    desk.tick(3.5)  # nobody waits longer for an answer: the cancels go out, but this order has no name to cancel by
    desk.broker.release()
    desk.settle()
    desk.tick(2)
    if desk.operation().step is CloseStep.ASKING:
        desk.answer(CloseChoice.KEEP_WAITING)
    desk.tick(1)
    assert entry.state is OrderState.CANCELLED
    assert desk.broker.positions[ES] == 0
    desk.tick(LOOK_S)


def test_a_position_that_is_still_open_after_the_close_filled_is_offered_to_be_closed(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    desk.close()
    closing = desk.broker.last()
    desk.broker.by_hand(ES, Side.BUY, 1)  # another program buys into it
    desk.settle()
    desk.broker.fill(closing, 2)
    desk.settle()
    desk.tick(5)
    assert desk.operation().step is CloseStep.ASKING and CloseChoice.CLOSE_REST in desk.operation().choices
    desk.broker.script.market_price = Decimal(5000)
    desk.answer(CloseChoice.CLOSE_REST)
    desk.tick(1)
    assert desk.broker.positions[ES] == 0


def asked_whose_figure(desk: Desk) -> Placed:
    """Be asked by which figure to close: LONG 2 with a stop here, LONG 1 at the broker; return the stop."""
    stop = long_with_stop(desk)
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.tick(4)
    desk.close()
    assert desk.operation().choices[1] is CloseChoice.CLOSE_BROKER_QUANTITY
    return stop


def test_closing_by_a_figure_the_broker_has_not_stated_on_this_line_takes_no_protection_away(desk: Desk) -> None:
    stop = asked_whose_figure(desk)
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    desk.tick(1)
    assert stop.alive and desk.operation().step is CloseStep.ASKING
    assert "broker no answer" in desk.operation().text
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(130)
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    desk.tick(1)
    assert desk.broker.positions[ES] == 0 and not stop.alive


def test_a_figure_that_is_lost_while_the_exits_are_cancelled_is_asked_for_and_nothing_called_flat(desk: Desk) -> None:
    stop = asked_whose_figure(desk)
    desk.broker.script.hold_cancels = True
    desk.answer(CloseChoice.CLOSE_BROKER_QUANTITY)
    desk.broker.script.snapshot = Answers.SILENT
    desk.handle(GapDetected("sim", "something was lost"))
    desk.broker.release()
    desk.settle()
    assert not stop.alive and desk.operation().step is CloseStep.ASKING
    assert "broker no answer" in desk.operation().text


def test_the_question_by_whose_figure_to_close_follows_the_figures(desk: Desk) -> None:
    asked_whose_figure(desk)
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.handle(PositionReported(desk.broker.position_row(ES)))
    desk.tick(1)
    assert "here LONG 2, broker SHORT 1" in desk.operation().text
    desk.broker.by_hand(ES, Side.BUY, 3, trace=False)
    desk.handle(PositionReported(desk.broker.position_row(ES)))
    desk.tick(1)
    assert desk.operation().text == "Confirmed again: LONG 2 here and at the broker."
    assert desk.operation().quantity == 2


@pytest.mark.parametrize("gone", [True, False])
def test_leaving_a_close_before_the_broker_has_confirmed_the_position_places_no_stop_for_what_may_be_gone(
    desk: Desk, gone: bool
) -> None:
    stop = long_with_stop(desk)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    target = desk.broker.last()
    desk.broker.script.hold_cancels = True
    desk.close()
    desk.broker.release_one()
    desk.tick(5)
    assert CloseChoice.LEAVE_PROTECTED in desk.operation().choices and (stop.alive, target.alive) == (False, True)
    desk.broker.drop()
    desk.settle()
    if gone:
        desk.broker.by_hand(ES, Side.SELL, 2, told=False)
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    desk.answer(CloseChoice.LEAVE_PROTECTED)
    assert [one for one in desk.broker.orders.values() if one.alive] == [target]
    assert "it may be bare" in desk.operation().text
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(140)
    assert desk.quantity() == (0 if gone else 2)
    missing = [one for one in desk.snapshot.findings if one.kind is FindingKind.MISSING_PROTECTION]
    assert bool(missing) is not gone


@pytest.mark.parametrize(("ends", "step"), [("REJECTED", CloseStep.REJECTED), ("CANCELLED", CloseStep.ASKING)])
def test_a_close_that_ends_before_the_broker_has_confirmed_the_position_protects_it_once_he_has(
    desk: Desk, ends: str, step: CloseStep
) -> None:
    long_with_stop(desk)
    desk.broker.script.market_price = None
    desk.close()
    closing = desk.broker.last()
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    desk.broker.end(closing, OrderState(ends), "No")
    desk.settle()
    assert desk.operation().step is step and "it may be bare" in desk.operation().text
    assert [one for one in desk.broker.orders.values() if one.alive] == []
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(140)
    assert [one.type for one in desk.broker.orders.values() if one.alive] == [OrderType.STOP]
    assert desk.operation().step is step and "placed again at its old price" in desk.operation().text
