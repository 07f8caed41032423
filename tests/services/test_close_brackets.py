"""A close and entries that carry their exits: what is linked comes back linked, what waits is no exit and goes."""

from decimal import Decimal

import pytest

from core import commands
from core.events import Level
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.market import Quote
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from tests.fakes.broker_script import Placed
from tests.fakes.engine import ES, Desk, seen
from tests.services.test_close_service import closings, stops

BRACKET = Bracket(ExitPoint(price=Decimal(4990)), (BracketTarget(Decimal(3), ExitPoint(price=Decimal(5020))),))


def enter(desk: Desk, quantity: int = 3, type_: OrderType = OrderType.MARKET, price: str | None = None) -> None:
    """Buy with a stop at 4990 and a target at 5020."""
    at = None if price is None else Decimal(price)
    quote = Quote("ESZ6", last=Decimal(5000), bid=Decimal(5000), ask=Decimal(5000), received_at=desk.clock.now())
    desk.state.put_quote("sim", quote)
    entry = commands.SubmitOrder(f"entry-{price}", ES, Side.BUY, type_, Decimal(quantity), at, confirmed=True)
    desk.handle(commands.OpenWithBracket(entry, BRACKET))
    desk.tick(3)


def targets(desk: Desk) -> list[Placed]:
    """The targets that work at the broker."""
    return [one for one in desk.broker.orders.values() if one.type is OrderType.LIMIT and one.alive]


def alive(desk: Desk) -> list[Placed]:
    """What works at the broker."""
    return [one for one in desk.broker.orders.values() if one.alive]


def quiet(desk: Desk) -> bool:
    """Say whether nothing was loud."""
    return not any(one.level in (Level.ALARM, Level.ERROR) for one in desk.said)


def test_a_position_with_linked_exits_is_closed_without_them_and_without_a_word_too_many(desk: Desk) -> None:
    enter(desk)
    desk.close()
    desk.tick(2)
    assert desk.operation().step is CloseStep.DONE
    assert seen(desk.quantity(), closings(desk), alive(desk)) == (0, [(Side.SELL, 3)], [])
    assert quiet(desk)


def test_b3_linked_exits_come_back_linked(desk: Desk) -> None:
    enter(desk)
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    (stop,), (target,) = stops(desk), targets(desk)
    assert seen(stop.quantity, stop.trigger_price, target.quantity, target.price) == (3, 4990, 3, 5020)
    assert stop.other is target and target.other is stop
    assert {one.oco_client_order_id for one in desk.orders(OrderState.WORKING)} == {
        stop.client_order_id,
        target.client_order_id,
    }
    desk.tick(6)
    assert desk.snapshot.findings == ()
    desk.broker.fill(target, price="5020")
    desk.settle()
    desk.tick(2)
    assert desk.quantity() == 0 and alive(desk) == []


@pytest.mark.row(62)
def test_b4_a_linked_pair_is_made_anew_for_what_is_left(desk: Desk) -> None:
    enter(desk)
    desk.broker.script.market_price = None
    desk.close()
    desk.broker.fill(desk.broker.last(), 1)
    desk.settle()
    desk.tick(4)
    (stop,), (target,) = stops(desk), targets(desk)
    assert seen(stop.quantity, target.quantity, stop.other is target) == (2, 2, True)
    desk.broker.script.market_price = Decimal(4999)
    desk.answer(CloseChoice.CLOSE_REST)
    desk.tick(2)
    assert desk.operation().step is CloseStep.DONE
    assert seen(desk.quantity(), alive(desk)) == (0, [])


def test_a_close_where_an_entry_waits_cancels_it_with_its_exits_and_alarms_nobody(desk: Desk) -> None:
    enter(desk, 3, OrderType.LIMIT, "4995")
    assert len(alive(desk)) == 3
    desk.close()
    desk.tick(3)
    assert alive(desk) == [] and closings(desk) == []
    assert desk.operation().step is CloseStep.DONE
    assert quiet(desk)


def test_exits_that_wait_for_an_entry_are_cancelled_with_it_and_not_put_back(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    enter(desk, 3, OrderType.LIMIT, "4995")
    desk.broker.script.refuse_market = True
    desk.broker.script.refuse = ["Margin"]
    desk.close()
    assert seen([(one.quantity, one.trigger_price) for one in alive(desk)]) == ([(2, 4980)],)
    desk.tick(6)
    assert desk.snapshot.findings == ()
    assert [one.intent for one in desk.orders(OrderState.WORKING)] == [Intent.PROTECT]


def test_an_entry_that_fills_while_it_is_being_cancelled_is_closed_with_the_rest(desk: Desk) -> None:
    desk.buy(2)
    enter(desk, 3, OrderType.LIMIT, "4995")
    entry = next(one for one in desk.broker.orders.values() if one.side is Side.BUY and one.alive)
    desk.broker.script.hold_cancels = True
    desk.close()
    desk.broker.fill(entry, 3, "4995")
    desk.broker.release()
    desk.settle()
    desk.tick(3)
    assert seen(desk.quantity(), desk.broker.positions[ES], alive(desk)) == (0, 0, [])
    assert closings(desk) == [(Side.SELL, Decimal(5))]


def test_a_position_half_entered_is_closed_and_the_rest_of_its_entry_goes(desk: Desk) -> None:
    enter(desk, 3, OrderType.LIMIT, "4995")
    entry = next(one for one in desk.broker.orders.values() if one.side is Side.BUY)
    desk.broker.fill(entry, 1, "4995")
    desk.settle()
    desk.close()
    desk.tick(3)
    assert seen(desk.quantity(), closings(desk), alive(desk)) == (0, [(Side.SELL, 1)], [])
    desk.tick(30)
    assert desk.operation().step is CloseStep.DONE and desk.broker.positions[ES] == 0
