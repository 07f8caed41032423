"""No exit on the wrong side: not beside a limit that fills at once, not by moving the entry, not by moving the stop."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core import commands
from core.events import Level
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.order import OrderType
from tests.fakes.engine import ES, Desk
from tests.services.test_entry_service import enter, entry, priced

D = Decimal
PAIR = Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(price=D(5020))),))
NEAR = Bracket(ExitPoint(distance=D("2.5")), (BracketTarget(D(2), ExitPoint(distance=D(5))),))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    priced(desk, "5000")
    yield desk


@pytest.mark.parametrize("bracket", [Bracket(ExitPoint(price=D(5005))), NEAR], ids=["price", "distance"])
def test_a_limit_that_fills_at_once_below_its_stop_is_not_sent(desk: Desk, bracket: Bracket) -> None:
    enter(desk, bracket, 2, OrderType.LIMIT, "5010")
    assert desk.broker.received == []
    assert desk.heard("it would fill at 5000.00 at once", Level.CAUTION)


def test_a_limit_a_little_through_the_market_is_sent(desk: Desk) -> None:
    enter(desk, NEAR, 2, OrderType.LIMIT, "5000.50")
    assert len(desk.broker.received) == 3


@pytest.mark.parametrize(("exit_", "at"), [(False, "4985"), (False, "4990"), (True, "4995"), (True, "4996")])
def test_an_entry_and_the_stop_that_waits_for_it_do_not_change_sides(desk: Desk, exit_: bool, at: str) -> None:
    enter(desk, PAIR, 2, OrderType.LIMIT, "4995")
    leg = entry(desk).legs[0]
    name = leg.stop_id if exit_ else leg.entry_id
    terms = {"trigger_price": D(at)} if exit_ else {"price": D(at)}
    desk.handle(commands.ChangeOrder("move", name, **terms, confirmed=True))  # type: ignore[arg-type]
    assert desk.broker.changes == []
    assert desk.heard("must be below its entry", Level.CAUTION)


def test_an_entry_may_move_as_long_as_its_stop_stays_behind_it(desk: Desk) -> None:
    enter(desk, PAIR, 2, OrderType.LIMIT, "4995")
    desk.handle(commands.ChangeOrder("move", entry(desk).legs[0].entry_id, price=D(4991), confirmed=True))
    assert len(desk.broker.changes) == 1


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_a_stop_is_not_moved_to_where_the_market_is(desk: Desk, side: Side) -> None:
    desk.press(side, 2)
    closing = Side.SELL if side is Side.BUY else Side.BUY
    desk.press(closing, 2, OrderType.STOP, f"{5000 - 10 * side.sign}")
    stop = desk.order().client_order_id
    for number, points in enumerate((0, 5)):
        to = D(5000 + points * side.sign)
        desk.handle(commands.ChangeOrder(f"move-{number}", stop, trigger_price=to, confirmed=True))
    desk.handle(commands.MoveExit("ticks", ES, True, 40 * side.sign))
    assert desk.broker.changes == []
    assert desk.heard("would close at once", Level.CAUTION)
    desk.handle(commands.MoveExit("tick", ES, True, 39 * side.sign))
    assert len(desk.broker.changes) == 1


@pytest.mark.parametrize("quantity", ["1.5", "NaN", "-1"])
def test_a_part_that_cannot_be_traded_is_refused_and_halts_nothing(desk: Desk, quantity: str) -> None:
    enter(desk, Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(quantity), ExitPoint(price=D(5010))),)), 3)
    assert desk.broker.received == []
    assert desk.heard("Not sent", Level.CAUTION)
    assert not desk.snapshot.halted


@pytest.mark.parametrize("stop", [ExitPoint(price=D("NaN")), ExitPoint(distance=D("Infinity"))])
def test_a_stop_that_is_no_number_is_refused_and_halts_nothing(desk: Desk, stop: ExitPoint) -> None:
    enter(desk, Bracket(stop))
    assert desk.broker.received == []
    assert not desk.snapshot.halted


def test_a_stop_that_has_a_price_keeps_it_though_the_target_is_a_distance(desk: Desk) -> None:
    desk.broker.script.market_price = D(5003)
    enter(desk, Bracket(ExitPoint(price=D(4990)), (BracketTarget(D(2), ExitPoint(distance=D(10))),)))
    desk.tick(3)
    leg = entry(desk).legs[0]
    assert desk.snapshot.orders[leg.stop_id].trigger_price == 4990
    assert desk.snapshot.orders[leg.target_id].price == 5010
