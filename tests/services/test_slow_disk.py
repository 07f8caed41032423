"""A commit that takes seconds: an entry that waited for it is not sent, an exit is, no fill is lost, readers go on."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core import commands
from core.events import Level
from core.messages import Message
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryStep
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from core.state_manager import StateManager
from services.order_guards import ENTRY_WITHIN_S
from services.trading_loop import TradingLoop
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ES, Desk

SLOW_S = 2.0


def slow(desk: Desk, save: Callable[..., Any]) -> Callable[..., Any]:
    """Return a write that takes its time; meanwhile no reader waits."""

    def taking_its_time(*args: Any, **named: Any) -> Any:
        assert not desk.state.held(), "a reader of the state would wait for the disk"
        desk.clock.advance(SLOW_S)
        return save(*args, **named)

    return taking_its_time


@pytest.fixture
def slow_desk(desk: Desk) -> Desk:
    desk.memory.orders.save = slow(desk, desk.memory.orders.save)  # type: ignore[method-assign]
    desk.memory.positions.record = slow(desk, desk.memory.positions.record)  # type: ignore[method-assign]
    return desk


@pytest.mark.row(104)
def test_an_entry_whose_commit_took_too_long_is_not_sent_and_is_said_to_be_unsent(slow_desk: Desk) -> None:
    slow_desk.buy(1)
    assert slow_desk.broker.received == []
    assert slow_desk.order().state is OrderState.DENIED
    assert slow_desk.heard("Not sent: BUY 1 ESZ6. The disk took 2.0 s to keep it. Press again.", Level.ERROR)
    slow_desk.tick(60)
    assert slow_desk.broker.received == [], "nor later by surprise"


@pytest.mark.row(104)
def test_an_entry_that_waited_too_long_for_its_turn_is_refused_and_an_exit_is_not(desk: Desk) -> None:
    desk.buy(2)
    late = desk.clock.monotonic() - ENTRY_WITHIN_S - 0.1
    sent = len(desk.broker.received)
    entry = commands.SubmitOrder("late", ES, Side.BUY, OrderType.MARKET, Decimal(1), pressed_s=late)
    desk.handle(entry)
    assert len(desk.broker.received) == sent and desk.heard("it waited 1.9 s for its turn", Level.CAUTION)
    desk.handle(replace(entry, action_id="exit", side=Side.SELL))
    assert len(desk.broker.received) == sent + 1 and desk.quantity() == 1


@pytest.mark.row(104)
def test_an_entry_with_its_exits_that_the_disk_took_too_long_to_keep_is_not_sent_at_all(slow_desk: Desk) -> None:
    entry = commands.SubmitOrder("b1", ES, Side.BUY, OrderType.LIMIT, Decimal(1), Decimal(5000), confirmed=True)
    target = BracketTarget(Decimal(1), ExitPoint(price=Decimal(5010)))
    slow_desk.handle(commands.OpenWithBracket(entry, Bracket(ExitPoint(price=Decimal(4990)), (target,))))
    slow_desk.tick(30)
    assert slow_desk.broker.received == []
    assert {one.state for one in slow_desk.orders()} == {OrderState.DENIED}
    assert slow_desk.snapshot.entries["b1"].step is EntryStep.FAILED
    assert slow_desk.snapshot.findings == ()


@pytest.mark.row(104)
def test_exits_and_fills_wait_for_a_slow_disk_and_none_is_lost(desk: Desk) -> None:
    desk.press(Side.BUY, 3, OrderType.LIMIT, "5000")
    entry = desk.broker.last()
    desk.memory.orders.save = slow(desk, desk.memory.orders.save)  # type: ignore[method-assign]
    desk.memory.positions.record = slow(desk, desk.memory.positions.record)  # type: ignore[method-assign]
    for _ in range(3):
        desk.broker.fill(entry, 1)
    desk.settle()
    assert desk.quantity() == 3 and len(desk.store.positions.recent_fills(9)) == 3
    desk.close()
    desk.tick(5)
    assert desk.quantity() == 0 and not desk.snapshot.halted


def test_the_door_of_the_loop_notes_when_a_press_came(desk: Desk) -> None:
    seen: list[Message] = []
    clock = ManualClock()

    def note(press: Message) -> list[Message]:
        seen.append(press)
        return []

    loop = TradingLoop({commands.SubmitOrder: (note,)}, StateManager(), clock)
    loop.thread.start()
    loop.post(commands.SubmitOrder("one", ES, Side.BUY, OrderType.MARKET, Decimal(1)))
    loop.stop()
    (press,) = seen
    assert isinstance(press, commands.SubmitOrder) and press.pressed_s == clock.monotonic()
