"""Faults of entries with exits that simulated lives found, each cut down to what it takes; the seed that showed it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core import commands
from core.events import FillReceived, PositionReported
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Side
from core.model.market import Quote
from core.model.order import Intent, OrderState, OrderType
from core.model.protection import protection_of
from tests.fakes.broker_script import Answers, Placed
from tests.fakes.engine import ES, Desk

D = Decimal
STOP = ExitPoint(price=D(4990))
STOP_ONLY = Bracket(STOP)
ONE_TARGET = Bracket(STOP, (BracketTarget(D(2), ExitPoint(price=D(5020))),))
TWO_TARGETS = Bracket(STOP, tuple(BracketTarget(D(1), ExitPoint(price=D(price))) for price in (5010, 5020)))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().start()
    desk.state.put_quote("sim", Quote("ESZ6", D(5000), D(1), D(5000), D(1), D(5000), D(1), desk.clock.now()))
    yield desk


def enter(desk: Desk, bracket: Bracket, type_: OrderType = OrderType.LIMIT) -> None:
    """Buy two at 4995, or at the market."""
    price = D(4995) if type_ is OrderType.LIMIT else None
    entry = commands.SubmitOrder("entry-1", ES, Side.BUY, type_, D(2), price, confirmed=True)
    desk.handle(commands.OpenWithBracket(entry, bracket))


def without_brackets(desk: Desk) -> None:
    line = desk.snapshot.connections["sim"]
    desk.state.set_connection(replace(line, brackets_supported=False))


def entry(desk: Desk) -> EntryOperation:
    return desk.snapshot.entries["entry-1"]


def entries(desk: Desk) -> list[Placed]:
    """Return the entry orders as the broker has them."""
    return [desk.broker.find(leg.entry_id) for leg in entry(desk).legs]


def covered(desk: Desk) -> Decimal:
    return protection_of(desk.position(), desk.orders()).stop_quantity


def test_a_line_that_fell_unsaid_when_the_stop_was_to_go_neither_halts_nor_closes_but_waits(desk: Desk) -> None:
    """Seed 78: the stop was refused by the line twice at once, the entry undone, and the undoing repeated endlessly."""
    enter(desk, STOP_ONLY)
    (working,) = entries(desk)
    desk.broker.fill(working, 1, D(4995))
    desk.broker.drop()
    desk.settle()
    assert not desk.snapshot.halted
    assert entry(desk).step is EntryStep.STOP_PENDING
    desk.tick(3)
    desk.broker.connect()
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 1
    assert covered(desk) == 1


def test_undoing_an_entry_on_a_dead_line_is_tried_again_each_second_not_for_ever_at_once(desk: Desk) -> None:
    """Seed 78: cancels that could not be sent called for the same cancels again, within one message."""
    without_brackets(desk)
    enter(desk, STOP_ONLY)
    (working,) = entries(desk)
    desk.broker.script.refuse = ["No stops today"]
    desk.broker.fill(working, 1, D(4995))
    desk.settle()
    desk.broker.script.refuse = ["No stops today"]
    desk.broker.up = False
    desk.tick(2)
    assert not desk.snapshot.halted


def test_a_leg_that_filled_nothing_gets_no_stop_of_nothing(desk: Desk) -> None:
    """Seed 703: the stop of a cancelled leg was taken for one that failed, and placed again for a quantity of zero."""
    enter(desk, TWO_TARGETS)
    first, second = entries(desk)
    desk.broker.end(second, OrderState.CANCELLED, "The venue says so")
    desk.broker.script.refuse_stop = "Not this stop"
    desk.broker.script.hold_acks = True
    desk.broker.fill(first, 1, D(4995))
    desk.settle()
    desk.tick(3)
    assert all(one.quantity > 0 for one in desk.broker.received)
    stops = [one for one in desk.broker.received if one.intent is Intent.PROTECT and not one.parent_client_order_id]
    assert [one.quantity for one in stops] == [1]


def test_an_entry_is_not_over_while_its_fill_is_reported_and_not_booked(desk: Desk) -> None:
    """Seed 136: five seconds after the report the entry was called closed; the fill came later and had no stop."""
    enter(desk, STOP_ONLY)
    (working,) = entries(desk)
    desk.broker.script.snapshot = Answers.FAILS
    desk.broker.fill(working, 2, D(4995))
    lost = [one for one in desk.broker.out if isinstance(one, FillReceived | PositionReported)]
    for one in lost:
        desk.broker.out.remove(one)
    desk.settle()
    desk.tick(8)
    assert desk.quantity() == 0
    assert not entry(desk).is_over
    desk.broker.script.snapshot = Answers.COMPLETE
    desk.tick(25)
    assert covered(desk) == 2, "the broker was asked, and his history has the fill"


def test_an_entry_that_may_have_filled_is_not_called_failed_and_keeps_its_stop(desk: Desk) -> None:
    """Seed 186: of two equal entries one filled unheard; both were called cancelled, and the working stop with them."""
    desk.broker.script.hold_acks = True
    enter(desk, TWO_TARGETS, OrderType.MARKET)
    desk.broker.drop()
    desk.settle()
    first, second = entries(desk)
    desk.broker.fill(first, 1, D(5000))
    desk.broker.end(second, OrderState.CANCELLED)
    desk.clock.advance(30)
    desk.broker.script.hold_acks = False
    desk.broker.connect()
    desk.settle()
    desk.tick(40)
    assert desk.quantity() == 1
    assert entry(desk).step is not EntryStep.FAILED
    assert covered(desk) == 1


@pytest.mark.parametrize("bracket", [ONE_TARGET, STOP_ONLY], ids=["by the broker", "by us"])
def test_an_entry_the_broker_ended_unfilled_is_failed_beside_fills_of_others(desk: Desk, bracket: Bracket) -> None:
    """What speaks against FAILED is an entry that has no name; one the broker named and ended is proven."""
    enter(desk, bracket)
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.broker.end(entries(desk)[0], OrderState.CANCELLED)
    desk.settle()
    desk.tick(5)
    assert entry(desk).step is EntryStep.FAILED


def test_exits_a_broker_leaves_behind_an_entry_that_ended_are_cancelled_from_here(desk: Desk) -> None:
    """No seed: nobody noticed when this was left out, since every broker of the tests does it himself."""
    enter(desk, ONE_TARGET)
    exits = [one for one in desk.broker.orders.values() if one.parent is not None]
    for one in exits:
        one.parent = None
    desk.broker.end(entries(desk)[0], OrderState.CANCELLED)
    desk.settle()
    desk.tick(4)
    assert entry(desk).step is EntryStep.FAILED
    assert len(exits) == 2
    assert not any(one.alive for one in exits)


def test_a_part_is_not_closed_in_the_moment_an_entry_brings_its_exits(desk: Desk) -> None:
    """Seed 154: it went between the stop and the target of an entry that just filled, and all together was more."""
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    without_brackets(desk)
    desk.state.set_connection(replace(desk.snapshot.connections["sim"], oco_supported=False))
    enter(desk, ONE_TARGET)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.ReducePosition("half", ES, D(1)))
    desk.broker.script.market_price = None
    desk.broker.fill(entries(desk)[0], 1, D(4995))
    desk.settle()
    assert not [one for one in desk.broker.received if one.type is OrderType.MARKET and one.intent is Intent.REDUCE]
    desk.broker.script.hold_cancels = False
    desk.broker.release()
    desk.settle()
    desk.tick(3)
    (part,) = [one for one in desk.broker.received if one.type is OrderType.MARKET and one.intent is Intent.REDUCE]
    assert part.quantity == 1


def refused_addition(desk: Desk) -> None:
    """Add to two that have their stop; a part fills, and the broker takes no stop for it."""
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    without_brackets(desk)
    enter(desk, STOP_ONLY)
    desk.broker.script.refuse = ["No stops today"] * 2
    desk.broker.fill(entries(desk)[0], 1, D(4995))


def test_the_rest_of_an_addition_that_is_undone_is_cancelled(desk: Desk) -> None:
    """No seed: nobody noticed when this was left out."""
    refused_addition(desk)
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 2
    assert not entries(desk)[0].alive


def test_an_entry_is_rolled_back_only_when_what_undoes_it_is_filled(desk: Desk) -> None:
    """No seed: nobody noticed when this was said at once."""
    refused_addition(desk)
    desk.broker.script.market_price = None
    desk.settle()
    desk.tick(5)
    assert desk.quantity() == 3
    assert entry(desk).step is EntryStep.ROLLING_BACK
    undo = desk.broker.find(entry(desk).legs[0].undo_id)
    desk.broker.fill(undo, 1, D(4994))
    desk.settle()
    assert entry(desk).step is EntryStep.ROLLED_BACK


def test_a_stop_refused_a_moment_after_it_was_taken_is_placed_again(desk: Desk) -> None:
    """No seed: nobody noticed when a stop that works was believed at once."""
    enter(desk, ONE_TARGET, OrderType.MARKET)
    desk.tick(1)
    desk.broker.end(desk.broker.find(entry(desk).legs[0].stop_id), OrderState.REJECTED, "Stop too close")
    desk.settle()
    desk.tick(3)
    assert covered(desk) == 2


def test_a_stop_placed_again_is_as_large_as_what_is_open(desk: Desk) -> None:
    """No seed: nobody noticed when it was as large as all of the entry."""
    enter(desk, ONE_TARGET)
    desk.broker.script.refuse_stop = "Not this stop"
    desk.broker.fill(entries(desk)[0], 1, D(4995))
    desk.settle()
    again = desk.broker.find(entry(desk).legs[0].again_id)
    assert again.asked == 1


def test_what_another_leg_filled_meanwhile_is_undone_too(desk: Desk) -> None:
    """Seed 773: all was called closed again while the cancel of the other leg had come too late."""
    desk.buy(2)
    without_brackets(desk)
    enter(desk, TWO_TARGETS)
    desk.broker.script.refuse = ["No stops today"] * 2
    desk.broker.script.hold_cancels, desk.broker.script.market_price = True, None
    desk.broker.fill(entries(desk)[0], 1, D(4995))
    desk.settle()
    desk.tick(5)
    assert entry(desk).step is EntryStep.ROLLING_BACK
    desk.broker.fill(entries(desk)[1], 1, D(4995))
    desk.settle()
    desk.broker.fill(desk.broker.find(entry(desk).legs[0].undo_id), 1, D(4994))
    desk.settle()
    desk.tick(5)
    desk.broker.fill(desk.broker.find(entry(desk).legs[1].undo_id), 1, D(4994))
    desk.settle()
    desk.tick(5)
    assert desk.quantity() == 2
    assert entry(desk).step is EntryStep.ROLLED_BACK


def test_a_stop_the_broker_refused_is_not_one_that_was_taken_away(desk: Desk) -> None:
    """Seed 1827: its cancel crossed with the refusal, and what filled then was left without a stop, in silence."""
    enter(desk, ONE_TARGET)
    desk.tick(1)
    stop = desk.broker.find(entry(desk).legs[0].stop_id)
    desk.broker.script.hold_cancels = True
    desk.handle(commands.CancelOrder(stop.client_order_id))
    desk.broker.end(stop, OrderState.REJECTED, "Exit refused")
    desk.settle()
    desk.broker.fill(entries(desk)[0], 1, D(4995))
    desk.settle()
    desk.tick(5)
    assert covered(desk) == 1


def test_a_stop_the_trader_takes_from_a_resting_entry_is_not_called_refused(desk: Desk) -> None:
    enter(desk, ONE_TARGET)
    desk.tick(1)
    desk.handle(commands.CancelOrder(entry(desk).legs[0].stop_id))
    desk.settle()
    desk.tick(6)
    assert entry(desk).doubt == ""
