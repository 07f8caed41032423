"""B9: a close in a market that does not trade takes no protection away, says when it opens, and sends nothing."""

from dataclasses import replace

import pytest

from core.events import Level
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseChoice, CloseStep
from core.model.order import OrderType
from core.model.position import apply_fill
from core.model.scope import PositionKey
from services.close_words import resting
from tests.fakes.engine import ES, Desk
from tests.services.test_position_service import fill_of


def market(desk: Desk, status: TradingStatus) -> None:
    held = desk.snapshot.quotes.get(("sim", "ESZ6"), Quote("ESZ6"))
    desk.state.put_quote("sim", replace(held, trading=status))


def closed(desk: Desk, status: TradingStatus = TradingStatus.CLOSED) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    market(desk, status)
    desk.close()
    desk.tick(4)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (TradingStatus.CLOSED, "The market is closed; LONG 2 stays as it is and nothing was sent."),
        (TradingStatus.HALTED, "Trading is halted; LONG 2 stays as it is and nothing was sent. When it opens"),
        (TradingStatus.PRE_OPEN, "The market is not open yet"),
    ],
)
def test_nothing_is_sent_or_cancelled_and_the_trader_is_asked(desk: Desk, status: TradingStatus, says: str) -> None:
    closed(desk, status)
    operation = desk.operation()
    assert (operation.step, operation.branch) == (CloseStep.ASKING, "B9")
    assert says in operation.text
    assert len(desk.broker.received) == 2 and desk.broker.cancels == []
    assert operation.choices[0] is CloseChoice.REMIND_AT_OPEN


def test_of_a_product_with_known_hours_the_opening_is_told(desk: Desk) -> None:
    future = PositionKey("sim", "Sim1", "ESZ26_FUT_CME")
    held = apply_fill(None, fill_of(desk, key=future), Instrument(future.symbol)).after
    assert held is not None
    told = resting(held, TradingStatus.CLOSED, desk.clock.now())
    assert "Opens " in told and "America/Chicago, in " in told


def test_the_reminder_comes_once_when_it_trades_again_and_nothing_is_sent(desk: Desk) -> None:
    closed(desk)
    desk.answer(CloseChoice.REMIND_AT_OPEN)
    desk.tick(10)
    assert not desk.heard("trades again")
    market(desk, TradingStatus.OPEN)
    desk.tick(10)
    assert sum("trades again: LONG 2 is still open" in text for text in desk.texts()) == 1
    assert desk.heard("trades again", Level.ALARM)
    assert len(desk.broker.received) == 2


def test_no_reminder_of_what_is_closed_meanwhile(desk: Desk) -> None:
    closed(desk)
    desk.answer(CloseChoice.REMIND_AT_OPEN)
    desk.broker.by_hand(ES, Side.SELL, 2)
    desk.settle()
    market(desk, TradingStatus.OPEN)
    desk.tick(5)
    assert not desk.heard("trades again")


def test_the_trader_may_have_it_sent_all_the_same(desk: Desk) -> None:
    closed(desk)
    desk.answer(CloseChoice.SEND_ANYWAY)
    desk.tick(3)
    assert desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE


def test_a_market_of_which_nothing_is_said_is_closed_in_as_ever(desk: Desk) -> None:
    closed(desk, TradingStatus.UNKNOWN)
    assert desk.quantity() == 0
