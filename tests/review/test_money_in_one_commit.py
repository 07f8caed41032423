"""Our own money figure moves in the commit of the fill that moves it: no kill can part the two."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.crash_points import CRASH_POINTS
from core.model.fill import Side
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, Desk

FILL_POINTS = [name for name in CRASH_POINTS if name.startswith("fill.")]


@pytest.mark.parametrize("name", FILL_POINTS)
def test_a_kill_around_a_fill_loses_nothing_of_our_own_figure(tmp_path: Path, name: str) -> None:
    clock = ManualClock()
    desk = Desk(tmp_path, brokers=[FakeBroker(clock)], clock=clock).start()
    desk.buy(2)
    desk.broker.script.market_price = Decimal(5010)
    desk.dies_at(name)
    assert desk.dies_in(lambda: desk.press(Side.SELL, 2))
    desk.clock.advance(60)
    desk.start()
    assert desk.quantity() == 0
    # 10 points of 50 USD for two, less four sides at 2.10.
    expected = Decimal(50_000) + 1_000 - 4 * Decimal("2.10")
    assert desk.store.accounts.last_equity(ACCOUNT) == expected
    assert desk.snapshot.ledger[ACCOUNT].cash == expected
    desk.kill()


def test_what_is_shown_of_our_own_figure_is_what_is_stored(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    start = desk.snapshot.ledger[ACCOUNT].cash
    assert start == 50_000
    desk.buy(1)
    assert desk.store.accounts.last_equity(ACCOUNT) == Decimal("49997.9")
    desk.broker.script.market_price = Decimal(4990)
    desk.sell(1)
    assert desk.snapshot.ledger[ACCOUNT].cash == Decimal("49495.8") == desk.store.accounts.last_equity(ACCOUNT)
    desk.restart()
    assert desk.snapshot.ledger[ACCOUNT].cash == Decimal("49495.8")
    desk.kill()
