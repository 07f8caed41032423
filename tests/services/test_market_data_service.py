"""Ticks reach those who count them; symbols that matter are subscribed."""

from decimal import Decimal

from core import commands
from core.events import TicksWaiting
from core.model.fill import Side
from core.model.market import Aggressor, Quote, Tick
from core.model.order import OrderType
from tests.fakes.engine import ES, MES, Desk


def test_a_selected_symbol_is_shown_and_subscribed(desk: Desk) -> None:
    desk.handle(commands.SelectSymbol("sim", "MESZ6"))
    assert desk.snapshot.selected_symbol["sim"] == "MESZ6"
    assert desk.broker.subscribed == ["MESZ6"]


def test_a_symbol_of_no_connection_or_no_name_is_nothing(desk: Desk) -> None:
    desk.handle(commands.SelectSymbol("elsewhere", "MESZ6"), commands.SelectSymbol("sim", ""))
    assert not desk.snapshot.selected_symbol


def test_what_is_opened_is_subscribed(desk: Desk) -> None:
    desk.buy(1)
    assert "ESZ6" in desk.broker.subscribed


def test_what_is_open_working_or_shown_is_subscribed_again_when_the_line_is_back(desk: Desk) -> None:
    desk.buy(1)
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990", key=MES)
    desk.handle(commands.SelectSymbol("sim", "NQZ6"))
    desk.broker.drop()
    desk.settle()
    desk.broker.subscribed.clear()
    desk.broker.connect()
    desk.settle()
    assert desk.broker.subscribed == ["ESZ6", "MESZ6", "NQZ6"]


def test_prices_are_history_when_the_line_falls(desk: Desk) -> None:
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000)))
    desk.broker.drop()
    desk.settle()
    assert desk.snapshot.quotes["sim", "ESZ6"].stale


def test_ticks_are_taken_from_the_board_once(desk: Desk) -> None:
    desk.buy(1)
    now = desk.clock.now()
    desk.state.put_tick("sim", Tick("ESZ6", Decimal(4990), Decimal(1), Aggressor.BUYER, now, now))
    desk.handle(TicksWaiting(), TicksWaiting())
    desk.tick()
    assert desk.position(ES).mae == 500
    assert desk.state.drain_ticks() == ()
