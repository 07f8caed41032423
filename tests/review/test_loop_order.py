"""The loop keeps what the trader meant: a close ends what he pressed before it, and the end keeps what moved."""

from decimal import Decimal

from core import commands, events
from core.clock import SystemClock
from core.messages import Message
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import AccountKey, PositionKey
from core.state_manager import StateManager
from services.trading_loop import TradingLoop
from tests.fakes.clock import ManualClock

ES = PositionKey("sim", "Sim1", "ESZ6")
MES = PositionKey("sim", "Sim1", "MESZ6")
OTHER = PositionKey("sim", "Sim2", "ESZ6")


def press(name: str, key: PositionKey = ES) -> commands.SubmitOrder:
    return commands.SubmitOrder(name, key, Side.BUY, OrderType.MARKET, Decimal(1))


def handled(*messages: Message) -> tuple[list[Message], StateManager]:
    """Queue everything before the loop runs; return what it handled, clocks aside, and what it published."""
    seen: list[Message] = []
    state = StateManager()

    def take(message: Message) -> list[Message]:
        seen.append(message)
        return []

    kinds = {type(one) for one in messages}
    loop = TradingLoop(dict.fromkeys(kinds, (take,)), state, SystemClock())
    for message in messages:
        loop.post(message)
    loop.start()
    loop.stop()
    return seen, state


def test_a_close_voids_the_presses_it_overtakes_in_its_scope() -> None:
    close = commands.ClosePosition("c1", ES)
    seen, state = handled(press("b1"), press("b2", MES), press("b3", OTHER), close)
    assert seen == [close, press("b2", MES), press("b3", OTHER)]
    (said,) = state.snapshot().notices
    assert "Not sent: BUY 1 ESZ6" in said.text and said.key == ES


def test_flattening_an_account_voids_the_presses_it_overtakes_there() -> None:
    flatten = commands.FlattenAccount("f1", AccountKey("sim", "Sim1"))
    seen, state = handled(press("b1"), press("b2", MES), press("b3", OTHER), flatten)
    assert seen == [flatten, press("b3", OTHER)]
    assert len(state.snapshot().notices) == 2


def test_a_close_voids_the_reversal_it_overtakes() -> None:
    close = commands.ClosePosition("c1", ES)
    seen, state = handled(commands.ReversePosition("r1", ES), commands.ReversePosition("r2", MES), close)
    assert seen == [close, commands.ReversePosition("r2", MES)]
    assert "Not sent: reverse ESZ6" in state.snapshot().notices[0].text


def test_a_press_after_the_close_is_the_traders_next_wish() -> None:
    close = commands.ClosePosition("c1", ES)
    seen, _ = handled(close, press("b1"))
    assert seen == [close, press("b1")]


def test_a_cancel_voids_nothing() -> None:
    seen, _ = handled(press("b1"), commands.CancelOrder("x"))
    assert seen == [commands.CancelOrder("x"), press("b1")]


def test_the_clock_is_handled_once_more_when_everything_else_has_been() -> None:
    seen: list[Message] = []

    def take(message: Message) -> list[Message]:
        seen.append(message)
        return []

    clock = ManualClock()
    loop = TradingLoop({events.ClockTicked: (take,), commands.SubmitOrder: (take,)}, StateManager(), clock)
    loop.start()
    loop.post(press("b1"))
    loop.stop()  # this clock stands still: no second tick is due by itself
    assert isinstance(seen[-1], events.ClockTicked) and press("b1") in seen
    assert seen.index(press("b1")) < len(seen) - 1
