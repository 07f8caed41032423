"""Reverse: close to proven flat, then open the other side; whatever comes between, nothing opens."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core import commands
from core.events import Level
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderType
from core.model.scope import Mode
from services.close_procedure import REVERSE_WITHIN
from tests.fakes.broker import FakeBroker, Fate
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk


def reverse(desk: Desk, action_id: str = "rev-1") -> None:
    desk.handle(commands.ReversePosition(action_id, ES))


def received(desk: Desk) -> list[tuple[Side, Decimal, Intent]]:
    return [(one.side, one.quantity, one.intent) for one in desk.broker.received]


@pytest.mark.parametrize(("side", "quantity"), [(Side.BUY, 2), (Side.SELL, 3)])
def test_a_reversal_closes_and_opens_as_much_on_the_other_side(desk: Desk, side: Side, quantity: int) -> None:
    desk.press(side, quantity)
    reverse(desk)
    desk.tick(3)
    assert desk.quantity() == -side.sign * quantity
    assert desk.broker.positions[ES] == -side.sign * quantity
    closing = Side.closing(Decimal(side.sign))
    size = Decimal(quantity)
    assert received(desk)[1:] == [(closing, size, Intent.CLOSE), (closing, size, Intent.OPEN)]
    assert len(desk.snapshot.trades) == 1


def test_twenty_presses_are_one_reversal(desk: Desk) -> None:
    desk.buy(2)
    for number in range(20):
        reverse(desk, f"rev-{number % 3}")
    desk.tick(3)
    for _ in range(3):
        reverse(desk, "rev-0")
    desk.tick(3)
    assert desk.quantity() == -2
    assert len(desk.broker.received) == 3


def test_nothing_opens_before_the_broker_has_said_flat(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.tells_positions = False
    desk.broker.script.lists_positions = False
    desk.broker.script.omitted = {"ESZ6"}
    reverse(desk)
    desk.tick(1)
    assert len(desk.broker.received) == 2


def test_a_close_that_is_refused_opens_nothing(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.refuse = ["No"] * 3
    reverse(desk)
    desk.tick(3)
    assert desk.operation().step is CloseStep.REJECTED
    assert desk.quantity() == 2
    desk.answer(CloseChoice.DISMISS)
    desk.tick(20)
    assert desk.quantity() == 2


def test_a_target_that_fills_first_is_not_reversed(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    target = desk.broker.last()
    desk.broker.script.hold_cancels = True
    reverse(desk)
    desk.broker.fill(target, 2)
    desk.settle()
    desk.broker.release()
    desk.settle()
    desk.tick(12)
    assert desk.quantity() == 0
    assert desk.heard("the other side was not opened", Level.CAUTION)


def test_a_reversal_that_took_too_long_opens_nothing(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    reverse(desk)
    closing = desk.broker.last()
    desk.tick(REVERSE_WITHIN.total_seconds() + 1)
    desk.broker.fill(closing, 2)
    desk.settle()
    desk.tick(5)
    assert desk.quantity() == 0
    assert desk.heard("the other side was not opened")


def test_after_a_crash_nothing_is_opened(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    desk.broker.script.market_price = None
    reverse(desk)
    desk.kill()
    desk.broker.fill(desk.broker.last(), 2)
    desk.start()
    desk.tick(10)
    assert desk.quantity() == 0
    assert len(desk.broker.received) == 2
    desk.stop()


def test_a_line_that_falls_between_close_and_opening_opens_nothing(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.fate = Fate.SEEN
    reverse(desk)
    desk.settle()
    desk.tick(20)
    desk.broker.connect()
    desk.settle()
    desk.tick(10)
    assert desk.quantity() == 0
    assert len(desk.broker.received) == 2


def disarmed() -> Desk:
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock)], clock=clock, simulated=frozenset(), classify={"Sim1": Mode.LIVE}).start()
    desk.handle(commands.ArmAccount(ACCOUNT))
    desk.buy(2)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    return desk


def halted() -> Desk:
    desk = Desk().start()
    desk.buy(2)
    desk.state.halt("A test said so.")
    return desk


@pytest.mark.parametrize(("made", "why"), [(disarmed, "not armed"), (halted, "entries are halted")])
def test_what_could_not_be_opened_is_not_closed_either(made: Callable[[], Desk], why: str) -> None:
    desk = made()
    reverse(desk)
    desk.tick(3)
    assert desk.quantity() == 2
    assert len(desk.broker.received) == 1
    assert desk.heard("Not reversed, and nothing was closed") and desk.heard(why)


def test_disarming_in_between_leaves_it_flat() -> None:
    desk = disarmed()
    desk.handle(commands.ArmAccount(ACCOUNT))
    desk.broker.script.market_price = None
    reverse(desk)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    desk.broker.fill(desk.broker.last(), 2)
    desk.settle()
    desk.tick(3)
    assert desk.quantity() == 0
    assert desk.heard("not armed")


def test_flat_there_is_nothing_to_reverse(desk: Desk) -> None:
    reverse(desk)
    assert desk.broker.received == []
    assert desk.heard("is flat here; nothing was sent")


def test_a_close_pressed_while_a_reversal_runs_leaves_it_flat(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    reverse(desk)
    desk.close()
    desk.broker.fill(desk.broker.last(), 2)
    desk.settle()
    desk.tick(5)
    assert (desk.quantity(), desk.operation().step) == (Decimal(0), CloseStep.DONE)
    assert desk.heard("only closes now")
    assert len(desk.broker.received) == 2


def test_flatten_pressed_while_a_reversal_waits_for_the_brokers_flat_leaves_it_flat(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.tells_positions = desk.broker.script.lists_positions = False
    reverse(desk)
    desk.tick(1)
    assert desk.operation().step is CloseStep.VERIFYING
    desk.handle(commands.FlattenAccount("all", ACCOUNT))
    desk.broker.script.tells_positions = desk.broker.script.lists_positions = True
    desk.tick(5)
    assert (desk.quantity(), desk.operation().step) == (Decimal(0), CloseStep.DONE)


def test_a_second_try_after_a_refused_close_opens_nothing(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.refuse = ["No"]
    reverse(desk)
    desk.answer(CloseChoice.RETRY)
    desk.tick(5)
    assert (desk.quantity(), desk.operation().step) == (Decimal(0), CloseStep.DONE)
    assert desk.heard("only closes now")


def test_closing_after_the_line_fell_in_a_reversal_opens_nothing(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    desk.broker.script.hold_cancels = True
    reverse(desk)
    desk.broker.drop()
    desk.settle()
    desk.tick(1)
    desk.broker.script.hold_cancels = False
    desk.broker.connect()
    desk.settle()
    desk.answer(CloseChoice.CLOSE_NOW)
    desk.tick(5)
    assert (desk.quantity(), desk.operation().step) == (Decimal(0), CloseStep.DONE)
