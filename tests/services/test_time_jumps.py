"""A night of sleep and a machine under load: deadlines are judged by what has passed, and nothing fires as a burst."""

import pytest

from core.commands import ReversePosition
from core.events import ClockTicked
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import OrderState, OrderType
from services.order_service import ACK_LIMIT_S
from tests.fakes.broker import Answers
from tests.fakes.engine import Desk

NIGHT_S = 8 * 3600.0


@pytest.mark.row(144)
@pytest.mark.parametrize("monotonic_stands", [True, False])
def test_a_night_of_sleep_ends_with_reading_everything_once_and_no_entry_before(
    desk: Desk, monotonic_stands: bool
) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.tick(1)
    asked, looked = len(desk.broker.asked), desk.broker.position_requests
    desk.broker.script.snapshot = Answers.SILENT
    if monotonic_stands:
        desk.clock.jump_wall(NIGHT_S)
    else:
        desk.clock.advance(NIGHT_S)
    desk.handle(ClockTicked(desk.clock.now(), desk.clock.monotonic()))
    assert len(desk.broker.asked) - asked <= 1
    assert desk.broker.position_requests - looked <= 1
    assert len(desk.broker.received) == 2 and desk.broker.cancels == []
    if monotonic_stands:
        desk.buy(1)
        assert len(desk.broker.received) == 2, "the broker's state is read first"
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(30)
    assert desk.quantity() == desk.broker.positions[desk.position().key] == 1


@pytest.mark.row(147)
def test_an_answer_is_missed_by_the_time_that_has_passed_however_often_the_clock_ticked(desk: Desk) -> None:
    desk.broker.script.hold_acks = True
    desk.broker.script.snapshot = Answers.SILENT
    desk.buy(1)
    desk.tick(ACK_LIMIT_S - 1, step_s=0.01)
    assert desk.order().state is OrderState.SENT
    desk.tick(3, step_s=3)
    assert desk.order().state is OrderState.UNKNOWN


@pytest.mark.row(142)
def test_a_close_is_proven_although_the_clock_is_set_back_in_the_middle_of_it(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.market_price = None
    desk.close()
    desk.clock.jump_wall(-3600)
    desk.broker.fill(desk.broker.last())
    desk.settle()
    desk.tick(2)
    assert desk.operation().step is CloseStep.DONE


@pytest.mark.row(142)
def test_a_reversal_whose_age_cannot_be_told_opens_nothing(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.hold_acks = True
    desk.broker.script.lists_orders = False
    desk.broker.script.snapshot = Answers.SILENT
    desk.handle(ReversePosition("reverse", desk.position().key))
    desk.tick(60)
    desk.clock.jump_wall(-3600)
    desk.broker.fill(desk.broker.last())
    desk.settle()
    desk.tick(5)
    assert desk.operation().step is CloseStep.DONE and len(desk.broker.received) == 2
