"""What a close cannot do: in a market at rest, with less than the venue trades, at a broker who keeps legs apart."""

from decimal import Decimal

from core.events import LinkChanged
from core.link import Link
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseChoice, CloseStep
from core.model.order import OrderState, OrderType
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ES, Desk
from tests.services.test_close_service import closings

COIN = Instrument("ESZ6", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))


def test_b9_the_countdown_goes_on_while_the_question_stands(desk: Desk) -> None:
    desk.buy(2)
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.CLOSED))
    desk.close()
    desk.tick(4)
    assert desk.operation().branch == "B9"
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.HALTED))
    desk.tick(1)
    assert desk.operation().text.startswith("Trading is halted")
    assert closings(desk) == []


def coins(quantity: str) -> Desk:
    """A desk that holds a fraction of a coin the venue trades in thousandths of."""
    clock = ManualClock()
    desk = Desk(brokers=[FakeBroker(clock, contracts=(COIN,))], clock=clock).start()
    order = desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 2, "7750")
    desk.broker.fill(order, Decimal(quantity), "7750")
    desk.broker.end(order, OrderState.CANCELLED)
    desk.settle()
    return desk


def test_b10_less_than_the_venue_trades_is_said_and_nothing_is_cancelled_or_sent() -> None:
    desk = coins("0.0004")
    assert desk.quantity() == Decimal("0.0004")
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(7750)))
    stop = desk.broker.place_by_hand(ES, Side.SELL, OrderType.STOP, 1, "7000")
    desk.settle()
    desk.close()
    operation = desk.operation()
    assert (operation.step, operation.branch) == (CloseStep.STOPPED, "B10")
    assert operation.text == "0.0004 ESZ6 (3.10) cannot be closed: ESZ6 trades in steps of 0.001."
    assert closings(desk) == [] and desk.broker.cancels == []
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(1)
    assert closings(desk) == [(Side.SELL, Decimal("0.0004"))] and not stop.alive


def test_b10_of_a_larger_position_all_whole_steps_are_closed_and_the_dust_is_left_and_said() -> None:
    desk = coins("1.0004")
    desk.close()
    desk.tick(5)
    assert closings(desk) == [(Side.SELL, Decimal("1.000"))]
    assert desk.quantity() == Decimal("0.0004")
    assert desk.operation().branch == "B10"


def hedging(desk: Desk) -> None:
    """Have the line come up anew at a broker who keeps legs apart."""
    desk.broker.drop()
    desk.settle()
    told = LinkChanged("sim", Link.SYNCING, desk.clock.now(), server="Fake", hedging=True)
    desk.broker.up = True
    desk.handle(told)
    desk.tick(1)


def test_b11_at_a_broker_who_keeps_legs_apart_entries_are_refused_and_a_close_asks_first(desk: Desk) -> None:
    desk.buy(2)
    hedging(desk)
    desk.buy(1)
    assert desk.heard("keeps long and short positions of one symbol apart") and desk.quantity() == 2
    desk.close()
    operation = desk.operation()
    assert (operation.step, operation.branch) == (CloseStep.ASKING, "B11")
    assert operation.choices == (CloseChoice.CANCEL, CloseChoice.SEND_ANYWAY)
    assert "LONG 2 is the net of them" in operation.text and closings(desk) == []
    desk.state.put_quote("sim", Quote("ESZ6", trading=TradingStatus.CLOSED))
    desk.answer(CloseChoice.SEND_ANYWAY)
    assert desk.operation().branch == "B9", "each is asked once, in its order"
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(1)
    assert desk.quantity() == 0
