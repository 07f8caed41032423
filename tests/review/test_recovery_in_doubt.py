"""Recovery decides on what is so now, and takes silence for nothing but silence."""

from dataclasses import replace

import pytest

from core.commands import AskBroker
from core.errors import PersistenceError
from core.events import GapDetected, InstrumentReported, LinkChanged, SnapshotReceived
from core.model.fill import Side
from core.model.operation import CloseChoice
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice, Situation
from core.snapshot import Certainty
from services.position_recovery import LOOK_S
from tests.fakes.broker import Answers, Fate
from tests.fakes.engine import ES, MES, Desk


def away(desk: Desk) -> None:
    """Lose the line."""
    desk.broker.drop()
    desk.settle()


def back(desk: Desk) -> None:
    """Bring it back and read everything."""
    desk.broker.connect()
    desk.settle()


# -- decisions ------------------------------------------------------------------------------------------------------


def test_a_decision_on_a_figure_the_broker_has_corrected_since_is_refused(desk: Desk) -> None:
    desk.buy(2)
    away(desk)
    desk.broker.by_hand(ES, Side.SELL, 1, told=False, trace=False)
    back(desk)
    assert desk.row().situation is Situation.SIZE_DIFFERS
    version = desk.row().version
    desk.tick(1)
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)  # told as a position, and by nothing else
    desk.settle()
    assert desk.row().version == version
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.quantity() == 2 and desk.heard("facts changed")
    desk.tick(6)
    assert desk.row().situation is Situation.CLOSED_AT_BROKER
    desk.decide(RecoveryChoice.RECORD_CLOSED)
    assert desk.quantity() == 0


@pytest.mark.parametrize("choice", [RecoveryChoice.ADOPT, RecoveryChoice.CLOSE_BROKER])
def test_a_figure_of_before_the_line_fell_is_not_booked_and_hides_no_fill_made_since(
    desk: Desk, choice: RecoveryChoice
) -> None:
    desk.buy(2)
    desk.broker.by_hand(ES, Side.SELL, 1, trace=False)
    desk.settle()
    desk.tick(6)
    assert desk.row().situation is Situation.SIZE_DIFFERS and desk.row().broker_quantity == 1
    away(desk)
    desk.tick(5)
    desk.broker.by_hand(ES, Side.BUY, 2, told=False)
    desk.decide(choice)
    assert desk.quantity() == 2 and desk.heard("has not stated it again")
    back(desk)
    assert desk.quantity() == 4, "what was done while the line was down is booked"
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(1)
    assert desk.quantity() == 3 and desk.scope().certainty is Certainty.CONFIRMED


def test_an_ignored_difference_can_be_decided_later(desk: Desk) -> None:
    desk.buy(2)
    away(desk)
    desk.broker.by_hand(ES, Side.SELL, 1, told=False, trace=False)
    back(desk)
    desk.decide(RecoveryChoice.IGNORE)
    assert desk.scope().lock and not desk.has_row()
    desk.tick(60)
    desk.decide(RecoveryChoice.ADOPT)
    desk.settle()
    assert desk.quantity() == 1 and desk.scope().lock == ""
    desk.tick(1)
    assert desk.scope().certainty is Certainty.CONFIRMED


def test_an_ignored_scope_that_moved_meanwhile_can_still_be_decided(desk: Desk) -> None:
    desk.broker.script.lists_positions = False
    desk.buy(2)
    desk.restart(clean=False)
    assert desk.row().situation is Situation.FILLS_ONLY
    desk.decide(RecoveryChoice.IGNORE)
    desk.tick(1)
    desk.sell(1)
    assert desk.quantity() == 1
    desk.decide(RecoveryChoice.ADOPT)  # the row still showed LONG 2: refused, and everything is asked for
    desk.settle()
    assert desk.scope().lock
    desk.decide(RecoveryChoice.ADOPT)
    assert desk.scope().lock == ""
    desk.buy(1)
    assert desk.quantity() == 2


# -- an account the broker does not name any more -------------------------------------------------------------------


def test_orders_of_an_account_the_broker_does_not_name_are_not_called_cancelled(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    stop = desk.order().client_order_id
    away(desk)
    accounts, placed, held = desk.broker.accounts, desk.broker.orders, desk.broker.positions
    desk.broker.accounts, desk.broker.orders, desk.broker.positions = (), {}, {}
    desk.clock.advance(60)
    back(desk)
    desk.tick(LOOK_S)
    assert desk.snapshot.orders[stop].state is OrderState.WORKING
    assert desk.row().situation is Situation.NO_ANSWER
    assert desk.scope().certainty is not Certainty.CONFIRMED and desk.scope().certainty is not Certainty.FILLS_ONLY
    desk.buy(1, key=MES)
    assert desk.quantity(MES) == 0
    desk.broker.accounts, desk.broker.orders, desk.broker.positions = accounts, placed, held
    away(desk)
    back(desk)
    assert desk.scope().certainty is Certainty.CONFIRMED and desk.quantity() == 2


# -- gaps -----------------------------------------------------------------------------------------------------------


def test_a_snapshot_asked_for_before_a_gap_does_not_open_the_line(desk: Desk) -> None:
    desk.buy(1)
    desk.by_hand = True
    away(desk)
    desk.broker.connect()
    kinds = (LinkChanged, InstrumentReported)
    while isinstance(desk.broker.out[0], kinds):
        desk.deliver(desk.broker.out.popleft())
    early = desk.broker.out.popleft()
    assert isinstance(early, SnapshotReceived)
    desk.clock.advance(0.5)
    desk.deliver(GapDetected("sim", "The server dropped 1 messages."))
    assert isinstance(desk.broker.out[0], SnapshotReceived)
    desk.deliver(early)
    assert desk.snapshot.entry_block.get("sim")
    assert desk.scope().certainty is not Certainty.CONFIRMED
    desk.by_hand = False
    desk.settle()
    assert not desk.snapshot.entry_block.get("sim")


@pytest.mark.row(144)
def test_a_computer_that_slept_reads_everything_again_before_anything_else(desk: Desk) -> None:
    desk.buy(1)
    desk.tick(1)
    asked = len(desk.broker.asked)
    desk.clock.jump_wall(3600)  # where the monotonic clock stands still while the computer sleeps
    desk.tick()
    assert len(desk.broker.asked) > asked
    assert desk.heard("stood still") or desk.heard("slept")


def test_a_clock_that_is_set_by_a_second_is_no_gap(desk: Desk) -> None:
    desk.buy(1)
    desk.tick(1)
    asked = len(desk.broker.asked)
    for jump_s in (1.5, -1.5, -3600.0):
        desk.clock.jump_wall(jump_s)
        desk.tick(1)
    assert len(desk.broker.asked) == asked


# -- a store that refuses -------------------------------------------------------------------------------------------


def test_a_missed_fill_the_database_refuses_is_not_made_a_difference_to_decide(desk: Desk) -> None:
    desk.buy(2)
    away(desk)
    desk.broker.by_hand(ES, Side.SELL, 1, told=False)
    desk.broker.connect()
    desk.memory.disk.error = PersistenceError("no")
    desk.settle()
    assert desk.quantity() == 1 and desk.snapshot.unsaved.holds(ES)
    rows = desk.snapshot.recovery.rows if desk.snapshot.recovery else ()
    assert all(row.situation is not Situation.SIZE_DIFFERS for row in rows)
    desk.memory.disk.error = None
    desk.tick(LOOK_S)
    assert desk.quantity() == 1 and desk.scope().certainty is Certainty.CONFIRMED


# -- an answer that is being gathered -------------------------------------------------------------------------------


def test_an_answer_that_is_being_gathered_is_not_asked_for_again(desk: Desk) -> None:
    desk.buy(1)
    away(desk)
    desk.broker.script.snapshot = Answers.SILENT
    back(desk)
    asked = len(desk.broker.asked)
    desk.tick(16)
    assert desk.snapshot.recovery is not None and not desk.snapshot.recovery.asking  # shown as no answer
    desk.handle(AskBroker("sim"))
    desk.tick(100)
    assert len(desk.broker.asked) == asked
    desk.handle(SnapshotReceived("sim", desk.broker.snapshot(desk.broker.asked[-1])))
    assert desk.scope().certainty is Certainty.CONFIRMED and not desk.snapshot.entry_block.get("sim")


def test_a_question_without_any_outcome_is_asked_again_after_two_minutes(desk: Desk) -> None:
    away(desk)
    desk.broker.script.snapshot = Answers.SILENT
    back(desk)
    asked = len(desk.broker.asked)
    desk.tick(130)
    assert len(desk.broker.asked) == asked + 1


def test_an_order_is_not_called_never_placed_while_an_execution_of_its_scope_cannot_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.buy(2)
    desk.broker.script.lists_positions = desk.broker.script.tells_positions = False
    listed = desk.broker.snapshot
    monkeypatch.setattr(desk.broker, "snapshot", lambda since: replace(listed(since), fills=(), unread=frozenset({ES})))
    desk.broker.script.fate = Fate.SEEN
    desk.close()
    desk.tick(1)
    back(desk)
    desk.tick(20)
    assert desk.order().state is OrderState.UNKNOWN and not desk.heard("it was not placed")
    assert CloseChoice.RETRY not in desk.operation().choices
    monkeypatch.undo()
    desk.handle(AskBroker("sim"))
    desk.tick(5)
    assert desk.quantity() == 0 and desk.order().state is OrderState.FILLED
