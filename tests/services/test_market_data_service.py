"""Ticks reach those who count them; symbols that matter are subscribed."""

from decimal import Decimal

from core import commands
from core.depth_commands import FollowDepth
from core.events import TicksWaiting
from core.market_board import TICKS_PER_SYMBOL
from core.model.fill import Side
from core.model.market import Aggressor, Quote, Tick
from core.model.order import OrderType
from core.model.session_studies import SessionStudies
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


# -- what a session's trades add up to --------------------------------------------------------------------------------


def trades(desk: Desk, *prices: str, side: Aggressor = Aggressor.BUYER, symbol: str = "ESZ6") -> None:
    now = desk.clock.now()
    for price in prices:
        desk.state.put_tick("sim", Tick(symbol, Decimal(price), Decimal(2), side, now, now))
    desk.handle(TicksWaiting())


def studies(desk: Desk, symbol: str = "ESZ6") -> SessionStudies:
    return desk.snapshot.studies["sim", symbol]


def test_studies_are_published_with_the_clock_and_not_with_the_ticks(desk: Desk) -> None:
    trades(desk, "5000", "5001")
    assert not desk.snapshot.studies
    desk.tick()
    assert (studies(desk).vwap, studies(desk).delta) == (Decimal("5000.5"), Decimal(4))
    before = desk.snapshot.studies
    desk.tick()
    assert desk.snapshot.studies is before


def test_every_symbol_is_counted_by_itself(desk: Desk) -> None:
    trades(desk, "5000")
    trades(desk, "21000", side=Aggressor.SELLER, symbol="NQZ6")
    desk.tick()
    assert (studies(desk).vwap, studies(desk, "NQZ6").vwap) == (Decimal(5000), Decimal(21000))


def test_a_fill_finds_the_studies_as_they_are_at_that_moment(desk: Desk) -> None:
    trades(desk, "5000", "5001")
    desk.buy(1)
    assert studies(desk).ticks == 2
    assert desk.position().entry_marks == studies(desk).marks


def test_a_lost_line_cuts_the_count_and_the_next_trade_dates_the_gap(desk: Desk) -> None:
    trades(desk, "5000")
    desk.broker.drop()
    desk.settle()
    desk.tick()
    assert (studies(desk).is_cut, studies(desk).missed_at) == (True, None)
    desk.broker.connect()
    desk.settle()
    trades(desk, "5002")
    desk.tick()
    assert (studies(desk).is_cut, studies(desk).missed_at) == (False, studies(desk).at)


def test_a_venue_without_its_feed_cuts_the_count(desk: Desk) -> None:
    trades(desk, "5000")
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000), stale=True))
    desk.tick()
    assert studies(desk).is_cut


def test_ticks_the_board_had_no_room_for_are_a_gap(desk: Desk) -> None:
    trades(desk, "5000")
    desk.clock.advance(60)
    now = desk.clock.now()
    for _ in range(TICKS_PER_SYMBOL + 1):
        desk.state.put_tick("sim", Tick("ESZ6", Decimal(5000), Decimal(1), Aggressor.BUYER, now, now))
    desk.handle(TicksWaiting())
    desk.tick()
    assert studies(desk).missed_at == now


def test_ticks_are_taken_from_the_board_once(desk: Desk) -> None:
    desk.buy(1)
    now = desk.clock.now()
    desk.state.put_tick("sim", Tick("ESZ6", Decimal(4990), Decimal(1), Aggressor.BUYER, now, now))
    desk.handle(TicksWaiting(), TicksWaiting())
    desk.tick()
    assert desk.position(ES).mae == 500
    assert desk.state.drain_ticks() == ()


# -- depth ------------------------------------------------------------------------------------------------------------


def test_depth_is_told_of_what_somebody_looks_at_and_of_nothing_else(desk: Desk) -> None:
    wishes = desk.broker.depth_wishes
    desk.handle(FollowDepth("dom", "sim", "ESZ6"), FollowDepth("dom", "sim", "ESZ6"))
    assert wishes == [("ESZ6", True)]
    desk.handle(FollowDepth("dom", "sim", "MESZ6"))
    assert wishes[1:] == [("ESZ6", False), ("MESZ6", True)]
    desk.handle(FollowDepth("dom", "sim", ""), FollowDepth("dom", "elsewhere", "ESZ6"))
    assert wishes[3:] == [("MESZ6", False)]


def test_depth_that_two_look_at_stays_until_both_look_away(desk: Desk) -> None:
    desk.handle(*(FollowDepth(viewer, "sim", "ESZ6") for viewer in ("one", "two")))
    desk.handle(FollowDepth("one", "sim", ""))
    assert desk.broker.depth_wishes == [("ESZ6", True)]
    desk.handle(FollowDepth("two", "sim", ""))
    assert desk.broker.depth_wishes[1:] == [("ESZ6", False)]


def test_what_was_traded_at_each_price_is_told_of_what_somebody_looks_at(desk: Desk) -> None:
    trades(desk, "5000", "5000", "5000.25")
    trades(desk, "6000", symbol="MESZ6")
    desk.tick(1)
    assert not desk.snapshot.volumes
    desk.handle(FollowDepth("dom", "sim", "ESZ6"))
    assert desk.snapshot.volumes == {("sim", "ESZ6"): {Decimal(5000): Decimal(4), Decimal("5000.25"): Decimal(2)}}
    trades(desk, "5000.25")
    desk.tick(1)
    assert desk.snapshot.volumes["sim", "ESZ6"][Decimal("5000.25")] == 4
    desk.handle(FollowDepth("dom", "sim", ""))
    assert not desk.snapshot.volumes
