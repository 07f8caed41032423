"""An order that evidence ended here and the broker lists again works: it is seen, said and can be cancelled."""

from decimal import Decimal

from core import commands
from core.events import Level, OrderReported
from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from tests.fakes.broker import Placed
from tests.fakes.engine import Desk

D = Decimal


def came_back(desk: Desk) -> Placed:
    """Have a bid missing from every list until it is taken for ended, then listed again."""
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    placed = desk.broker.last()
    del desk.broker.orders[placed.server_order_id]
    desk.handle(commands.AskBroker("sim"))
    desk.tick(60)
    assert desk.order().state is OrderState.CANCELLED
    desk.broker.orders[placed.server_order_id] = placed
    desk.handle(commands.AskBroker("sim"))
    desk.tick(1)
    return placed


def alive(desk: Desk) -> list[Order]:
    return [one for one in desk.orders() if one.is_alive]


def test_it_is_shown_as_external_with_an_alarm_once_and_can_be_cancelled(desk: Desk) -> None:
    placed = came_back(desk)
    desk.handle(commands.AskBroker("sim"))
    desk.tick(40)
    (shown,) = alive(desk)
    assert (shown.external, shown.quantity, shown.price) == (True, D(1), D(4990))
    assert sum("which was cancelled here" in text for text in desk.texts()) == 1
    assert desk.heard("The broker works BUY 1 ESZ6", Level.ALARM)
    desk.handle(commands.CancelOrder(shown.client_order_id))
    assert placed.state is OrderState.CANCELLED
    assert alive(desk) == []


def test_what_it_fills_is_booked_once_and_it_is_over(desk: Desk) -> None:
    placed = came_back(desk)
    desk.broker.fill(placed)
    desk.settle()
    desk.tick(2)
    assert desk.quantity() == 1
    assert alive(desk) == []


def test_it_is_found_again_after_a_restart(desk: Desk) -> None:
    placed = came_back(desk)
    desk.restart()
    assert len(alive(desk)) == 1
    desk.broker.fill(placed)
    desk.settle()
    assert alive(desk) == []
    assert desk.quantity() == 1


def test_a_list_that_crosses_the_end_of_an_order_brings_nothing_back(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    rows = desk.broker.order_rows()
    desk.handle(commands.CancelOrder(desk.order().client_order_id))
    desk.clock.advance(1)
    desk.handle(*(OrderReported(row) for row in rows))
    assert alive(desk) == []
