"""An order passes as one that reduces only if it reduces by everything that is known."""

from decimal import Decimal

from core.errors import PersistenceError
from core.events import FillReceived, Level, Link, LinkChanged, PositionReported
from core.model.fill import Side
from core.model.order import OrderType
from core.snapshot import Certainty
from tests.fakes.broker import Answers
from tests.fakes.engine import ES, Desk


def test_what_an_exit_has_filled_cannot_be_sold_again_before_its_fill_is_booked(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    desk.by_hand = True
    desk.broker.fill(desk.broker.last(), 2, "5020")
    fill = next(one for one in desk.broker.out if isinstance(one, FillReceived))
    desk.broker.out.remove(fill)
    report = desk.broker.out.popleft()
    desk.deliver(report)
    desk.sell(2)  # pressed between the report and its fill
    desk.deliver(fill)
    desk.by_hand = False
    desk.settle()
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0
    assert desk.heard("already being closed")


def test_a_fill_the_database_refused_is_not_sold_a_second_time() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.memory.disk.error = PersistenceError("no")
    desk.unsaved = True
    desk.sell(2)
    assert desk.broker.positions[ES] == 0
    desk.sell(2)
    assert desk.broker.positions[ES] == 0


def test_what_the_broker_does_not_hold_any_more_cannot_be_reduced(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.by_hand(ES, Side.SELL, 2)
    desk.broker.out = type(desk.broker.out)(one for one in desk.broker.out if not isinstance(one, FillReceived))
    desk.settle()
    desk.tick(4)
    assert desk.scope().certainty is Certainty.MISMATCH and desk.quantity() == 2
    desk.sell(1)
    assert desk.broker.positions[ES] == 0
    assert desk.heard("Not sent", Level.CAUTION)


def test_what_the_broker_still_holds_of_a_mismatch_can_be_reduced(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.settle()
    desk.tick(4)
    assert desk.scope().certainty is Certainty.MISMATCH
    desk.sell(1)
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 1
    desk.tick(4)
    desk.sell(1)
    assert desk.broker.positions[ES] == 0


def test_what_the_broker_said_after_our_last_fill_counts_at_once(desk: Desk) -> None:
    desk.buy(2)
    desk.tick(1)
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.settle()
    assert desk.scope().certainty is Certainty.PENDING and desk.quantity() == 2
    desk.sell(2)
    assert desk.broker.positions[ES] == 0


def test_a_position_the_broker_has_not_been_heard_about_cannot_be_reduced_blindly(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 2, told=False)
    desk.by_hand = True
    desk.broker.connect()
    up = next(one for one in desk.broker.out if isinstance(one, LinkChanged) and one.link is Link.SYNCING)
    desk.broker.out.remove(up)
    desk.deliver(up)
    desk.sell(2)
    desk.by_hand = False
    desk.settle()
    assert desk.broker.positions[ES] == 0 and desk.quantity() == 0
    assert desk.heard("not confirmed")


def test_a_quick_exit_before_the_position_is_reported_reduces(desk: Desk) -> None:
    desk.by_hand = True
    desk.buy(2)
    late = [one for one in desk.broker.out if isinstance(one, PositionReported)]
    desk.broker.out = type(desk.broker.out)(one for one in desk.broker.out if not isinstance(one, PositionReported))
    while desk.broker.out:
        desk.deliver(desk.broker.out.popleft())
    desk.sell(2)
    desk.by_hand = False
    desk.handle(*late)
    desk.settle()
    assert desk.broker.positions[ES] == Decimal(0) and desk.quantity() == 0
