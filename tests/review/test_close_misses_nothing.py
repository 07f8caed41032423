"""What is open, or about to be, is not taken for flat: a press of Close that does nothing leaves a trader exposed."""

from decimal import Decimal

from core.commands import ClosePosition, FlattenAccount
from core.events import FillReceived, OrderReported, PositionReported
from core.messages import Message
from core.model.operation import CloseStep
from tests.fakes.engine import ACCOUNT, ES, Desk


def bought_but_not_booked(desk: Desk, *told: type) -> list[Message]:
    """Buy one, tell only what is of these kinds, and return the rest."""
    desk.by_hand = True
    desk.buy(1)
    held = list(desk.broker.out)
    desk.broker.out.clear()
    for message in held:
        if isinstance(message, told):
            desk.deliver(message)
    return [one for one in held if not isinstance(one, told)]


def closed(desk: Desk, press: Message, rest: list[Message]) -> None:
    """Press, let the rest arrive, and find everything flat."""
    desk.deliver(press)
    desk.broker.out.extendleft(reversed(rest))
    desk.by_hand = False
    desk.settle()
    desk.tick(5)
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE
    assert [one.quantity for one in desk.broker.received] == [Decimal(1), Decimal(1)]


def test_a_close_between_the_report_of_a_filled_entry_and_its_fill_closes_it(desk: Desk) -> None:
    rest = bought_but_not_booked(desk, OrderReported)
    closed(desk, ClosePosition("press", ES), rest)


def test_a_close_between_the_brokers_figure_and_the_fill_closes_it(desk: Desk) -> None:
    rest = bought_but_not_booked(desk, OrderReported, PositionReported)
    closed(desk, ClosePosition("press", ES), rest)


def test_flatten_finds_a_scope_whose_entry_is_filled_and_not_booked(desk: Desk) -> None:
    rest = bought_but_not_booked(desk, OrderReported)
    closed(desk, FlattenAccount("press", ACCOUNT), rest)


def test_a_close_pressed_before_a_fill_that_was_lost_closes_it_once_it_is_found(desk: Desk) -> None:
    rest = bought_but_not_booked(desk, OrderReported)
    closed(desk, ClosePosition("press", ES), [one for one in rest if not isinstance(one, FillReceived)])
