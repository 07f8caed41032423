"""Item 2 of the acceptance list: each branch of the close is reached with a broker in memory and shows its text.

The trader's side is the whole window, the engine's the real routes and services: what is pressed here is a button, and
what is read stands in a label.
"""

from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from core.commands import ReconnectNow, SelectAccount, SelectSymbol
from core.errors import PersistenceError
from core.events import Level, LinkChanged
from core.link import Link
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseStep
from core.model.order import Intent, OrderType
from tests.fakes.broker import Answers, FakeBroker, Placed
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk
from tests.panels.conftest import Bench

COIN = Instrument("ESZ6", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))
Staged = Callable[..., "Stage"]


class Stage:
    """The engine without threads, and the window in front of it."""

    def __init__(self, desk: Desk, view: Bench) -> None:
        self.desk = desk
        self.view = view
        desk.handle(SelectAccount(ACCOUNT), SelectSymbol("sim", ES.symbol))
        self.draw()

    def draw(self) -> None:
        """Draw what the engine publishes, and hand on what the window asks for, until it asks for nothing."""
        for _ in range(10):
            clock = self.desk.clock
            self.view.widget.refresh(self.desk.snapshot, clock.now(), clock.monotonic())
            asked, self.view.intents[:] = list(self.view.intents), []
            if not asked:
                return
            self.desk.handle(*asked)
        raise AssertionError("the window never stops asking")

    def wait(self, seconds: float = 0.25) -> None:
        """Let time pass."""
        self.desk.tick(seconds)
        self.draw()

    def long_with_exits(self, quantity: int = 2) -> tuple[Placed, Placed]:
        """Buy, with a stop and a target; return them as the broker has them."""
        self.desk.buy(quantity)
        self.desk.press(Side.SELL, quantity, OrderType.STOP, "4980")
        stop = self.desk.broker.last()
        self.desk.press(Side.SELL, quantity, OrderType.LIMIT, "5020")
        self.draw()
        return stop, self.desk.broker.last()

    def close(self) -> None:
        """Press the Close button of the live trade."""
        self.view.press("p2Close")
        self.draw()

    def text(self) -> str:
        """Return the sentence of the strip; "" while it is hidden."""
        return self.view.text("closeText") if self.view.is_shown("closeState") else ""

    def answers(self) -> list[str]:
        """Return what may be answered, in the order of the buttons; the first is the default."""
        buttons = self.view.widget.findChildren(QPushButton)
        asked = {one.objectName(): one.text() for one in buttons if one.objectName().startswith("closeAction_")}
        return [asked[f"closeAction_{number}"] for number in range(len(asked))]

    def answer(self, words: str) -> None:
        """Press the answer with these words."""
        self.view.press(f"closeAction_{self.answers().index(words)}")
        self.draw()

    def closings(self) -> list[Decimal]:
        """Return the quantities of the closing orders that reached the broker."""
        return [one.quantity for one in self.desk.broker.received if one.intent is Intent.CLOSE]

    def quote(self, last: str | None = "5000", trading: TradingStatus = TradingStatus.OPEN) -> None:
        """Put a price and the state of the market on the board."""
        price = None if last is None else Decimal(last)
        bid = None if price is None else price - Decimal("0.25")
        made = Quote("ESZ6", last=price, bid=bid, ask=price, received_at=self.desk.clock.now(), trading=trading)
        self.desk.state.put_quote("sim", made)


@pytest.fixture
def staged(view: Bench) -> Staged:
    """Return a maker of stages; a real window stands before each."""

    def made(contract: Instrument | None = None) -> Stage:
        clock = ManualClock()
        broker = FakeBroker(clock) if contract is None else FakeBroker(clock, contracts=(contract,))
        return Stage(Desk(brokers=[broker], clock=clock).start(), view)

    return made


def test_02_b1_an_exit_that_filled_first_is_named_and_nothing_is_sent(staged: Staged) -> None:
    stage = staged()
    _, target = stage.long_with_exits()
    stage.desk.broker.script.hold_cancels = True
    stage.close()
    stage.desk.broker.fill(target, None, "5020")
    stage.desk.broker.release()
    stage.desk.settle()
    stage.wait()
    assert stage.text() == "Flat: target filled first. Nothing was sent."
    assert stage.closings() == []


def test_02_b2_an_unanswered_cancel_is_asked_about_after_four_seconds(staged: Staged) -> None:
    stage = staged()
    stage.long_with_exits()
    stage.desk.broker.script.hold_cancels = True
    stage.close()
    stage.wait(4.5)
    assert stage.text().startswith("Stop may still be working.")
    assert stage.answers() == ["Keep waiting", "Send close for 2 anyway", "Leave protected"]
    stage.answer("Send close for 2 anyway")
    assert stage.closings() == [2]


def test_02_b3_a_refused_close_says_the_brokers_words_their_cause_and_what_can_be_done(staged: Staged) -> None:
    stage = staged()
    stage.long_with_exits()
    stage.quote()
    stage.desk.broker.script.refuse = ["Insufficient margin"]
    stage.close()
    assert stage.text() == (
        "Close rejected: Insufficient margin. The account lacks margin or funds for it. Still LONG 2. "
        "Stop and target are being placed again at their old prices."
    )
    assert stage.answers() == ["Retry", "Close in clips of 1", "Limit at bid − 4 ticks", "Copy desk details", "Dismiss"]
    assert stage.view.tone("closeState") == "danger" and stage.desk.heard("Close rejected", Level.ALARM)
    stage.answer("Copy desk details")
    copied = QApplication.clipboard().text()
    assert "Account: Sim1" in copied and "Broker's text: Insufficient margin" in copied and "LONG 2" in copied
    stage.answer("Limit at bid − 4 ticks")
    last = stage.desk.broker.last()
    assert (last.type, last.price) == (OrderType.LIMIT, Decimal("4998.75"))


def test_02_b3_a_stop_the_market_has_passed_leaves_the_position_unprotected_and_says_so(staged: Staged) -> None:
    stage = staged()
    stage.long_with_exits()
    stage.quote("4979")
    stage.desk.broker.script.refuse = ["No"]
    stage.close()
    assert "Price is beyond old stop – UNPROTECTED 2." in stage.text()


def test_02_b4_a_close_that_stands_still_says_how_much_is_left_and_protects_it(staged: Staged) -> None:
    stage = staged()
    stage.long_with_exits(3)
    stage.desk.broker.script.market_price = None
    stage.close()
    stage.desk.broker.fill(stage.desk.broker.last(), 1)
    stage.desk.settle()
    stage.wait(3.5)
    assert stage.text().startswith("1 of 3 closed, 2 left.")
    assert stage.answers() == ["Close rest", "Limit at bid − 4 ticks", "Keep"]
    working = [one.quantity for one in stage.desk.broker.orders.values() if one.alive]
    assert working == [2, 2], "a stop and a target for the rest"


def test_02_b5_an_overshoot_is_red_locks_entries_and_offers_to_close_it(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.desk.broker.script.market_price = None
    stage.draw()
    stage.close()
    stage.desk.broker.fill(stage.desk.broker.last(), 3)
    stage.desk.settle()
    stage.wait()
    assert stage.text() == "Now SHORT 1, expected flat."
    assert stage.answers()[0] == "Close 1"
    assert stage.view.tone("closeState") == "danger" and stage.desk.heard("Now SHORT 1", Level.ALARM)
    sent = len(stage.desk.broker.received)
    stage.desk.sell(1)
    assert len(stage.desk.broker.received) == sent


def test_02_b6_with_the_line_down_the_card_shows_the_facts_and_afterwards_asks(staged: Staged) -> None:
    stage = staged()
    stage.long_with_exits()
    stage.quote()
    stage.desk.broker.drop()
    stage.desk.settle()
    stage.close()
    assert stage.view.is_shown("emergencyCard")
    said = {one.objectName(): one.text() for one in stage.view.find("emergencyCard").findChildren(QLabel)}
    assert said["emergencyAccount"] == "Sim1"
    assert said["emergencyPosition"].startswith("ESZ6 LONG 2")
    assert said["emergencyHeldbybroker"] == "SELL 2 STOP 4980.00, SELL 2 LIMIT 5020.00"
    assert said["emergencyHeldhereonly"] == "none"
    assert "5000.00" in said["emergencyLastprice"]
    assert said["emergencyDeskphone"] == "not set: [desk] in settings.toml"
    stage.view.press("emergencyReconnect")
    assert stage.view.intents == [ReconnectNow("sim")]
    stage.draw()
    stage.wait(1)
    assert stage.text() == "The line is back and reconciled. Nothing was sent; LONG 2 is still open. Close now?"
    assert stage.answers()[0] == "Close 2 now" and stage.closings() == []
    stage.answer("Close 2 now")
    stage.wait()
    assert stage.closings() == [2]


def test_02_b7_without_an_answer_it_counts_then_is_unknown_and_is_never_sent_again(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.desk.broker.script.hold_acks = True
    stage.desk.broker.script.snapshot = Answers.SILENT
    stage.desk.broker.script.lists_orders = False
    stage.draw()
    stage.close()
    stage.wait(3.5)
    assert stage.text() == "Waiting for broker 3 s"
    stage.wait(7)
    assert stage.text().startswith("UNKNOWN: no answer for the close of 2.")
    assert stage.answers()[0] == "Open reconcile"
    stage.view.press("closeAction_0")
    assert stage.view.widget.dialogs.reconcile.isVisible()
    stage.view.widget.dialogs.reconcile.reject()
    stage.desk.close()
    stage.wait(5)
    assert stage.closings() == [2]


def test_02_b8_a_database_that_refuses_does_not_stop_a_close_and_the_trade_is_kept(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.desk.unsaved = True
    stage.desk.memory.disk.error = PersistenceError("no room")
    stage.draw()
    stage.close()
    stage.wait(1)
    assert stage.closings() == [2] and stage.desk.broker.positions[ES] == 0
    banners = [one.text() for one in stage.view.find("bannerArea").findChildren(QLabel)]
    assert any(text.startswith("Trade saved to emergency log") for text in banners)


def test_02_b9_a_market_that_does_not_trade_sends_nothing_and_offers_to_remind(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.quote(trading=TradingStatus.CLOSED)
    stage.draw()
    stage.close()
    stage.wait(4)
    assert stage.text().startswith("The market is closed; LONG 2 stays as it is and nothing was sent.")
    assert stage.answers()[0] == "Remind me at open"
    stage.answer("Remind me at open")
    stage.quote(trading=TradingStatus.OPEN)
    stage.wait(1)
    assert stage.desk.heard("trades again: LONG 2 is still open", Level.ALARM) and stage.closings() == []


def test_02_b10_less_than_the_venue_trades_is_told_with_its_worth_and_the_rule(staged: Staged) -> None:
    stage = staged(COIN)
    order = stage.desk.broker.place_by_hand(ES, Side.BUY, OrderType.LIMIT, 1, "7750")
    stage.desk.broker.fill(order, Decimal("0.0004"), "7750")
    stage.desk.settle()
    stage.quote("7750")
    stage.draw()
    stage.close()
    assert stage.text() == "0.0004 ESZ6 (3.10) cannot be closed: ESZ6 trades in steps of 0.001."
    assert stage.closings() == []


def test_02_b11_a_broker_who_keeps_legs_apart_is_told_before_anything_is_sent(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.desk.broker.drop()
    stage.desk.settle()
    stage.desk.broker.up = True
    stage.desk.handle(LinkChanged("sim", Link.SYNCING, stage.desk.clock.now(), server="Fake", hedging=True))
    stage.wait(1)
    banners = [one.text() for one in stage.view.find("bannerArea").findChildren(QLabel)]
    assert any("keeps long and short positions of one symbol apart" in text for text in banners)
    stage.close()
    assert "LONG 2 is the net of them" in stage.text()
    assert stage.answers() == ["Cancel", "Send close for 2 anyway"]
    assert stage.closings() == []


def test_02_b12_waits_for_strategies_none_of_which_can_own_a_position_yet(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.draw()
    assert find_spec("services.strategies") is None, "strategies exist: a close must pause the one that owns the scope"
    stage.close()
    stage.wait()
    assert stage.closings() == [2]


def test_02_b13_without_the_brokers_word_it_stays_unverified_until_he_speaks(staged: Staged) -> None:
    stage = staged()
    stage.desk.buy(2)
    stage.desk.broker.script.tells_positions = False
    stage.desk.broker.script.omitted.add("ESZ6")
    stage.draw()
    stage.close()
    stage.wait(11)
    assert stage.text() == "Unverified: broker has not confirmed flat."
    assert stage.answers()[0] == "Verify now" and stage.view.tone("closeState") == "caution"
    stage.desk.broker.script.omitted.clear()
    stage.answer("Verify now")
    stage.wait(1)
    assert stage.desk.operation().step is CloseStep.DONE
    assert stage.text().startswith("Closed ESZ6 2 @ 5000")
