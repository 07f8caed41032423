"""What a close does after a setback: in clips, at a limit, and in part."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.commands import CancelOrder
from core.model.fill import Side
from core.model.market import Quote
from core.model.operation import CloseChoice, CloseStep
from core.model.order import OrderType
from tests.fakes.broker import Answers, Placed
from tests.fakes.engine import Desk, seen
from tests.services.test_close_service import closings, held_close, long_with_exits, stops, unanswered_cancel


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


# -- nothing is filled ------------------------------------------------------------------------------------------------


def test_a_close_that_works_and_does_not_fill_says_how_long_and_cancelling_it_ends_it(desk: Desk) -> None:
    long_with_exits(desk)
    desk.broker.script.market_price = None
    desk.close()
    desk.tick(2)
    assert desk.operation().text == "Closing…"
    desk.tick(5)
    assert "works the close for 7 s and nothing is filled" in desk.operation().text
    desk.handle(CancelOrder(desk.operation().close_order_id))
    desk.tick(1)
    assert desk.operation().step is CloseStep.ASKING and len(stops(desk)) == 1
