"""An entry that rests on the other side of the market is no exit of what is open: nothing fits, moves or counts it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands
from core.broker_report import ReportKind
from core.events import OrderReported
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.order import Intent, OrderState, OrderType
from core.model.protection import protection_of
from tests.fakes.broker import Placed
from tests.fakes.engine import ES, Desk
from tests.services.test_entry_service import enter, entry, priced, without_brackets

D = Decimal
LONG = Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(5010))),))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    priced(desk, "5000")
    yield desk


def breakout(desk: Desk, target: bool) -> None:
    """Rest a buy above and a sell below the market, each with its own exits; the market goes up."""
    for action, side, at, far in (("up", Side.BUY, "5010", "5030"), ("down", Side.SELL, "4990", "4970")):
        exits = (BracketTarget(D(2), ExitPoint(price=D(far))),) if target else ()
        press = commands.SubmitOrder(action, ES, side, OrderType.STOP, D(2), None, D(at), confirmed=True)
        desk.handle(commands.OpenWithBracket(press, Bracket(ExitPoint(price=D(5000)), exits)))
    priced(desk, "5010")
    desk.broker.fill(desk.broker.find(entry(desk, "up").legs[0].entry_id), 2, D(5010))
    desk.settle()
    desk.tick(5)


def resting_stop(desk: Desk) -> Placed:
    """Rest a sell below the market, then be long with a bracket."""
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    resting = desk.broker.last()
    enter(desk, LONG)
    desk.tick(4)
    return resting


@pytest.mark.parametrize("held", [True, False], ids=["brackets", "no brackets"])
def test_of_a_breakout_from_both_sides_the_one_that_fills_keeps_its_own_stop(desk: Desk, held: bool) -> None:
    if not held:
        without_brackets(desk)
    breakout(desk, target=held)
    found = protection_of(desk.position(), desk.orders())
    assert found.stop is not None
    assert (found.stop.trigger_price, found.stop_quantity) == (D(5000), D(2))
    other = desk.broker.find(entry(desk, "down").legs[0].entry_id)
    assert other.alive
    assert other.quantity == 2


def test_a_target_is_not_taken_back_because_an_entry_rests_beyond_it(desk: Desk) -> None:
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    resting = desk.broker.last()
    enter(desk, LONG)
    desk.tick(5)
    assert desk.broker.find(entry(desk).legs[0].target_id).alive
    assert (resting.alive, resting.quantity) == (True, D(2))


def test_an_order_that_is_to_reverse_keeps_the_size_it_was_sent_with(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 3, OrderType.LIMIT, "5020")
    assert desk.order().intent is Intent.REVERSE
    resting = desk.broker.last()
    desk.buy(1)
    desk.tick(5)
    assert resting.quantity == 3


def test_breakeven_moves_the_stop_and_no_entry(desk: Desk) -> None:
    resting = resting_stop(desk)
    priced(desk, "5005")
    desk.handle(commands.StopToBreakeven("be", ES))
    assert desk.broker.find(entry(desk).legs[0].stop_id).trigger_price == 5000
    assert resting.trigger_price == 4980


def test_a_trail_moves_the_stop_and_no_entry(desk: Desk) -> None:
    resting = resting_stop(desk)
    desk.handle(commands.TrailStop("trail", ES, D(5)))
    priced(desk, "5008")
    desk.tick(2)
    assert desk.broker.find(entry(desk).legs[0].stop_id).trigger_price == 5003
    assert resting.trigger_price == 4980


def test_a_stop_that_is_lost_is_missed_though_an_entry_rests_below(desk: Desk) -> None:
    resting_stop(desk)
    stop = desk.broker.find(entry(desk).legs[0].stop_id)
    desk.broker.forget_orders()
    gone = replace(desk.broker.report(stop, ReportKind.CANCELLED), state=OrderState.CANCELLED)
    desk.handle(OrderReported(gone))
    desk.tick(4)
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.MISSING_PROTECTION]
