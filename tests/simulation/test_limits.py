"""The rules about limits notice an entry that passes one: the guards are taken away, and each rule has to speak."""

from decimal import Decimal

import pytest

from core import commands
from core.messages import Message
from core.model.fill import Side
from core.model.guard_rules import GuardRules
from core.model.order import OrderType
from core.settings_commands import ChangeGuards
from tests.fakes.engine import ACCOUNT, ES, MES, Desk
from tests.simulation.limits import LimitWatch


class Watched:
    """A desk without guards, and the rules."""

    def __init__(self) -> None:
        self.desk = Desk().start()
        self.watch = LimitWatch(self.desk)
        self.watch.born(lost=False)

    def does(self, message: Message) -> None:
        """Handle a message, and hold what was sent against the rules."""
        before = self.desk.snapshot
        self.desk.handle(message)
        now = self.desk.snapshot
        self.watch.after(message, before, now)
        for name in now.orders.keys() - before.orders.keys():
            self.watch.entered(now.orders[name], now)

    def bids(self, name: str, quantity: int, symbol: str = "ESZ6") -> None:
        """Bid far below the market, where nothing fills."""
        key = ES if symbol == "ESZ6" else MES
        bid = (Side.BUY, OrderType.LIMIT, Decimal(quantity), Decimal(4900))
        self.does(commands.SubmitOrder(name, key, *bid, confirmed=True))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr("services.order_guards.guard_refusal", lambda *_: "")
    return Watched()


def test_more_contracts_than_the_strictest_limit_of_today_are_noticed(watched: Watched) -> None:
    watched.does(ChangeGuards(ACCOUNT, GuardRules(size=Decimal(3))))
    watched.does(ChangeGuards(ACCOUNT, GuardRules(size=Decimal(9))))
    watched.bids("a", 2)
    with pytest.raises(AssertionError, match="makes it 4; at most 3 are allowed"):
        watched.bids("b", 2, "MESZ6")


def test_an_entry_that_may_begin_a_trade_too_many_is_noticed(watched: Watched) -> None:
    watched.does(ChangeGuards(ACCOUNT, GuardRules(trades=1)))
    watched.bids("a", 1)
    watched.bids("b", 1)
    with pytest.raises(AssertionError, match="begins trade 2 of 1"):
        watched.bids("c", 1, "MESZ6")


def test_an_entry_in_a_locked_session_is_noticed(watched: Watched) -> None:
    watched.does(commands.LockSession(ACCOUNT))
    with pytest.raises(AssertionError, match="was sent in a locked account"):
        watched.bids("a", 1)
