"""Where a stop is to be is remembered through late news and settled differences, so that its loss is never silent."""

from dataclasses import replace
from decimal import Decimal

from core import commands
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice
from services.stop_plan import planned_stop
from tests.fakes.engine import ES, Desk


def test_late_news_of_a_stop_that_filled_long_ago_does_not_forget_the_one_there_is() -> None:
    desk = Desk().start()
    desk.buy(3)
    desk.press(Side.SELL, 1, OrderType.STOP, "4995")
    filled = desk.broker.last()
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.broker.fill(filled, None, Decimal(4995))
    desk.settle()
    order = desk.snapshot.orders[filled.client_order_id]
    assert order.state is OrderState.FILLED
    assert planned_stop(desk.position(), replace(order, reason="too late to change"), order, ()) == 4990


def test_a_stop_lost_after_a_difference_was_settled_is_missed() -> None:
    desk = Desk().start()
    desk.broker.by_hand(ES, Side.BUY, 2, told=False, trace=False)
    desk.restart()
    desk.tick(5)
    desk.decide(RecoveryChoice.ADOPT)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.tick(1)
    desk.broker.end(desk.broker.last(), OrderState.CANCELLED)
    desk.settle()
    desk.tick(4)
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.MISSING_PROTECTION]


def test_a_stop_that_is_lost_stays_missed_when_an_entry_on_the_other_side_is_cancelled() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.press(Side.BUY, 1, OrderType.STOP, "5050")
    entry = desk.broker.last()
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    desk.tick(1)
    desk.broker.end(desk.broker.last(), OrderState.REJECTED, "Too far")
    desk.settle()
    desk.tick(4)
    desk.handle(commands.CancelOrder(entry.client_order_id))
    desk.settle()
    desk.tick(4)
    assert not entry.alive
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.MISSING_PROTECTION]
