"""A stop that follows the price only ever comes closer, and goes to breakeven once the profit is there."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from core import commands
from core.events import Level, TicksWaiting
from core.model.bracket import Bracket, ExitPoint
from core.model.fill import Side
from core.model.market import Aggressor, Tick
from core.model.order import OrderType
from core.model.protection import protection_of
from tests.fakes.broker import Fate
from tests.fakes.engine import ES, Desk
from tests.services.test_entry_service import enter, priced

D = Decimal


@pytest.fixture(params=[Side.BUY, Side.SELL], ids=["long", "short"])
def side(request: pytest.FixtureRequest) -> Side:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def desk(side: Side) -> Iterator[Desk]:
    desk = Desk().start()
    priced(desk, "5000")
    desk.press(side, 2)
    opposite = Side.SELL if side is Side.BUY else Side.BUY
    desk.press(opposite, 2, OrderType.STOP, at(side, "-10"))
    yield desk


def at(side: Side, points: str) -> str:
    """Return the price so many points in our favour from 5000."""
    return f"{D(5000) + D(points) * side.sign:f}"


def stop(desk: Desk) -> Decimal | None:
    found = protection_of(desk.position(), desk.orders()).stop
    return None if found is None else found.trigger_price


def trail(desk: Desk, distance: str | None, action: str = "trail") -> None:
    desk.handle(commands.TrailStop(action, ES, None if distance is None else D(distance)))


def test_the_stop_follows_the_best_price_and_never_moves_away(desk: Desk, side: Side) -> None:
    trail(desk, "4")
    for points, wanted in (("0", "-4"), ("3", "-1"), ("1", "-1"), ("6.25", "2.25"), ("3", "2.25")):
        priced(desk, at(side, points))
        desk.tick(1)
        assert stop(desk) == D(at(side, wanted))


def test_a_best_price_between_two_looks_counts(desk: Desk, side: Side) -> None:
    trail(desk, "4")
    now = desk.clock.now()
    desk.state.put_tick("sim", Tick("ESZ6", D(at(side, "5")), D(1), Aggressor.UNKNOWN, now, now))
    desk.handle(TicksWaiting())
    priced(desk, at(side, "2"))
    desk.tick(1)
    assert stop(desk) == D(at(side, "1"))


def test_trailing_ends_when_it_is_switched_off_and_the_stop_stays(desk: Desk, side: Side) -> None:
    trail(desk, "4")
    priced(desk, at(side, "5"))
    desk.tick(1)
    assert desk.snapshot.trails == {ES: D(4)}
    trail(desk, None, "off")
    priced(desk, at(side, "9"))
    desk.tick(1)
    assert desk.snapshot.trails == {}
    assert stop(desk) == D(at(side, "1"))


def test_a_restart_goes_on_trailing(desk: Desk, side: Side) -> None:
    trail(desk, "4")
    desk.restart()
    priced(desk, at(side, "7"))
    desk.tick(1)
    assert desk.snapshot.trails == {ES: D(4)}
    assert stop(desk) == D(at(side, "3"))


def test_a_price_that_is_history_moves_nothing(desk: Desk, side: Side) -> None:
    trail(desk, "4")
    priced(desk, at(side, "5"))
    desk.state.mark_quotes_stale("sim")
    desk.tick(1)
    assert stop(desk) == D(at(side, "-10"))


def test_a_plan_ends_with_its_position(desk: Desk) -> None:
    trail(desk, "4")
    desk.close()
    desk.tick(3)
    assert desk.snapshot.trails == {}
    assert desk.memory.entries.plans() == ()


@pytest.mark.parametrize("distance", ["0", "-1", "0.10"])
def test_a_distance_that_is_none_is_refused(desk: Desk, distance: str) -> None:
    trail(desk, distance)
    assert desk.heard("Not trailed", Level.CAUTION)
    assert desk.snapshot.trails == {}


def test_the_stop_of_an_entry_goes_to_breakeven_and_then_trails(side: Side) -> None:
    desk = Desk().start()
    priced(desk, "5000")
    enter(desk, Bracket(ExitPoint(distance=D(5)), (), D(3), D(6)), 1, side=side)
    desk.tick(3)
    assert stop(desk) == D(at(side, "-5"))
    priced(desk, at(side, "2.75"))
    desk.tick(1)
    assert stop(desk) == D(at(side, "-3.25")), "it trails, and breakeven is not earned"
    priced(desk, at(side, "3"))
    desk.tick(1)
    assert stop(desk) == D(5000)
    priced(desk, at(side, "8"))
    desk.tick(1)
    assert stop(desk) == D(at(side, "2"))


def test_a_stop_the_trader_tightens_while_it_follows_is_not_moved_back(desk: Desk, side: Side) -> None:
    trail(desk, "8")
    desk.broker.script.hold_cancels = True
    tighter = commands.ChangeOrder("mine", desk.order().client_order_id, trigger_price=D(at(side, "-3")))
    desk.handle(tighter)
    desk.tick(1)
    desk.broker.release()
    desk.settle()
    desk.tick(2)
    assert stop(desk) == D(at(side, "-3"))


@pytest.mark.parametrize("unsent", [False, True], ids=["refused", "not sent"])
def test_a_move_that_failed_is_asked_for_again_and_not_all_the_time(desk: Desk, side: Side, unsent: bool) -> None:
    desk.broker.script.refuse_changes = not unsent
    desk.broker.script.change_fate = Fate.UNSENT if unsent else Fate.TAKEN
    trail(desk, "8")
    desk.tick(5)
    assert len(desk.broker.changes) <= 2
    assert stop(desk) == D(at(side, "-10"))
    desk.broker.script.refuse_changes = False
    desk.broker.connect()
    desk.settle()
    priced(desk, "5000")
    desk.tick(11)
    assert stop(desk) == D(at(side, "-8"))


def test_a_plan_that_outlived_its_position_in_a_crash_moves_no_stop_of_the_next(desk: Desk, side: Side) -> None:
    opposite = Side.SELL if side is Side.BUY else Side.BUY
    trail(desk, "8")
    desk.tick(1)
    desk.dies_at("fill.committed")
    assert desk.dies_in(lambda: desk.press(opposite, 2))
    desk.clock.advance(30)
    desk.start()
    priced(desk, "5000")
    desk.handle(commands.CancelOrder(next(one for one in desk.orders() if one.is_alive).client_order_id))
    desk.tick(5)
    desk.press(side, 1)
    desk.press(opposite, 1, OrderType.STOP, at(side, "-20"))
    desk.restart()
    priced(desk, "5000")
    desk.tick(3)
    assert desk.quantity() == side.sign
    assert stop(desk) == D(at(side, "-20"))


def test_an_addition_that_only_wants_breakeven_leaves_the_trail_on(desk: Desk, side: Side) -> None:
    trail(desk, "8")
    more = Bracket(ExitPoint(price=D(at(side, "-9"))), breakeven_after=D(4))
    enter(desk, more, 1, side=side, action="more")
    desk.tick(4)
    assert desk.snapshot.trails[ES] == 8
    priced(desk, at(side, "5"))
    desk.tick(2)
    assert stop(desk) == D(at(side, "0"))
    priced(desk, at(side, "10"))
    desk.tick(2)
    assert stop(desk) == D(at(side, "2"))
