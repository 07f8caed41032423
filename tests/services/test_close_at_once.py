"""A close goes on with the broker's word, not with the next look at the clock."""

from decimal import Decimal

from core.broker_report import PositionReport
from core.events import PositionReported
from core.model.operation import CloseStep
from tests.fakes.engine import ES, Desk, seen


def test_a_close_is_done_as_soon_as_the_broker_says_flat() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.tick(1)
    desk.close()
    assert desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE, "no time has passed"


def test_a_close_pressed_just_after_a_fill_leaves_as_soon_as_the_broker_has_confirmed_the_fill() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.deliver(PositionReported(PositionReport(ES, Decimal(1), None, desk.clock.now())))
    desk.close()
    assert desk.operation().step is CloseStep.WAITING
    desk.deliver(PositionReported(PositionReport(ES, Decimal(2), None, desk.clock.now())))
    desk.settle()
    assert seen(desk.quantity(), desk.operation().step) == (0, CloseStep.DONE), "no time has passed"
