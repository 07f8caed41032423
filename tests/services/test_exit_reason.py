"""A closed trade says what closed it, in the panel and in the table a trader reads with any tool."""

import sqlite3
from pathlib import Path

from core import commands
from core.model.fill import Side
from core.model.order import OrderType
from core.model.recovery import RecoveryChoice
from tests.fakes.engine import ES, Desk


def reason(desk: Desk) -> str:
    return desk.snapshot.trades[-1].exit_reason


def test_a_stop_a_target_a_close_and_a_market_order_are_told_apart(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4990")
    desk.broker.fill(desk.broker.last(), 1, "4990")
    desk.settle()
    assert reason(desk) == "stop"
    desk.buy(1)
    desk.press(Side.SELL, 1, OrderType.LIMIT, "5020")
    desk.broker.fill(desk.broker.last(), 1, "5020")
    desk.settle()
    assert reason(desk) == "target"
    desk.buy(1)
    desk.close()
    desk.tick(2)
    assert reason(desk) == "close order"
    desk.buy(1)
    desk.sell(1)
    assert reason(desk) == "market order"


def test_what_others_did_and_what_was_decided_is_told(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.by_hand(ES, Side.SELL, 2)
    desk.settle()
    assert reason(desk) == "other platform"
    desk.buy(2)
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.settle()
    desk.tick(5)
    desk.handle(commands.DecideRecovery(ES, RecoveryChoice.RECORD_CLOSED, desk.row().version))
    assert reason(desk) == "recorded by hand"


def test_it_is_stored_with_the_trade(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(1)
    desk.close()
    desk.tick(2)
    desk.stop()
    with sqlite3.connect(tmp_path / "stanchion.sqlite3") as connection:
        assert connection.execute("SELECT exit_reason FROM trade_record").fetchall() == [("close order",)]
