"""A stop is being moved while its target trades: the broker moves its size, and the move is his answer all the same."""

from decimal import Decimal

import pytest

from core import commands
from core.events import Level
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.order import OrderState
from tests.fakes.engine import Desk
from tests.services.test_entry_service import enter, entry, priced

D = Decimal
PAIR = Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(5020))),))


@pytest.mark.row(59)
@pytest.mark.parametrize("moves", [("4995",), ("4995", "4996"), ("4995", "4996", "4997")])
def test_a_stop_moved_while_its_target_fills_in_part_is_moved_and_smaller(desk: Desk, moves: tuple[str, ...]) -> None:
    priced(desk, "5000")
    enter(desk, PAIR)
    desk.tick(4)
    leg = entry(desk).legs[0]
    desk.broker.script.hold_cancels = True
    for number, at in enumerate(moves):
        desk.handle(commands.ChangeOrder(f"move-{number}", leg.stop_id, trigger_price=D(at)))
    desk.broker.fill(desk.broker.find(leg.target_id), 1, D(5020))
    desk.settle()
    desk.broker.release()
    desk.settle()
    stop = desk.snapshot.orders[leg.stop_id]
    assert (stop.state, stop.quantity, stop.trigger_price) == (OrderState.WORKING, D(1), D(moves[-1]))
    desk.tick(15)
    assert not desk.heard("was not changed", Level.ERROR)
    assert desk.broker.find(leg.stop_id).quantity == 1
