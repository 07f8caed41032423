"""Session figures, halts and the feed's state, as a client of the simulator hears them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import (
    MarketDataRequest,
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateLastTradeSnapshot,
    MarketDataUpdateSessionHigh,
    MarketDataUpdateSessionNumTrades,
    MarketDataUpdateSessionVolume,
    MarketDataUpdateTrade,
    MarketDataUpdateTradingSessionDate,
)
from services.dtc.messages.market_status import (
    MarketDataFeedStatus,
    MarketDataFeedSymbolStatus,
    TradingSymbolStatus,
)
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.trading import OrderUpdate
from services.simulator.contracts import listed_contracts
from services.simulator.errors import BadControl
from services.simulator.feed import Feed
from services.simulator.orders import Side
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from services.simulator.tape import Tape
from tests.services.simulator import venue
from tests.services.simulator.client import Client

ES, MES = (contract.symbol for contract in listed_contracts(datetime.now(UTC).date())[:2])
MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
NOON_US = (MONDAY + 18 * 3600) * 1_000_000
HALTED, OPEN, DOWN, UP = 4, 2, 1, 2


class Desk:
    """A feed on a tape without a socket."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.tape.follow([venue.book(at_us=NOON_US)])
        self.feed = Feed({contract.symbol: contract for contract in venue.contracts()}, self.tape)

    def subscribe(self) -> MarketDataSnapshot:
        (answer,) = self.feed.on_request(MarketDataRequest(RequestAction=1, SymbolID=7, Symbol=venue.ES))
        assert isinstance(answer, MarketDataSnapshot)
        return answer

    def trade(self, price: str, size: int, at_us: int) -> None:
        self.tape.follow([venue.trade(price, size, Side.BUY, at_us)])

    def told(self, at_us: int) -> dict[int, Message]:
        return {message.TYPE: message for message in self.feed.figures(at_us)}


def test_a_snapshot_carries_the_whole_session_and_leaves_out_what_has_no_value() -> None:
    desk = Desk()
    answer = desk.subscribe()
    assert (answer.SessionOpenPrice, answer.SessionHighPrice, answer.SessionLowPrice) == (None, None, None)
    assert (answer.SessionVolume, answer.SessionNumTrades, answer.TradingStatus) == (0.0, 0, OPEN)
    assert (answer.TradingSessionDate, answer.SessionSettlementPrice) == (MONDAY, 6500.0)
    assert answer.SessionSettlementDateTime == NOON_US // 1_000_000
    assert answer.OpenInterest == 250_000


def test_figures_follow_when_they_changed_and_only_those() -> None:
    desk = Desk()
    desk.subscribe()
    assert desk.told(NOON_US) == {}
    desk.trade("6501.00", 3, NOON_US + 1)
    assert set(desk.told(NOON_US + 300_000)) == {113, 135, 120, 114, 115}
    desk.trade("6502.00", 4, NOON_US + 400_000)
    assert desk.told(NOON_US + 500_000) == {}, "a quarter of a second has not passed"
    told = desk.told(NOON_US + 600_000)
    assert told == {
        113: MarketDataUpdateSessionVolume(SymbolID=7, Volume=7.0, TradingSessionDate=MONDAY),
        135: MarketDataUpdateSessionNumTrades(SymbolID=7, NumTrades=2, TradingSessionDate=MONDAY),
        114: MarketDataUpdateSessionHigh(SymbolID=7, Price=6502.0, TradingSessionDate=MONDAY),
    }


def test_the_final_volume_of_a_session_comes_before_the_date_of_the_next() -> None:
    desk = Desk()
    desk.subscribe()
    desk.trade("6501.00", 40, NOON_US + 1)
    list(desk.feed.figures(NOON_US + 300_000))
    evening = NOON_US + 6 * 3_600_000_000
    desk.tape.follow([venue.book(at_us=evening)])
    first, second, *rest = desk.feed.figures(evening)
    assert first == MarketDataUpdateSessionVolume(
        SymbolID=7, Volume=40.0, TradingSessionDate=MONDAY, IsFinalSessionVolume=1
    )
    assert second == MarketDataUpdateTradingSessionDate(SymbolID=7, Date=MONDAY + 86_400)
    assert [message.TYPE for message in rest] == [119, 124, 113, 135]
    assert desk.tape.symbols[venue.ES].day == date(2026, 11, 24)


def test_a_symbol_that_was_forgotten_is_told_of_no_more() -> None:
    desk = Desk()
    desk.subscribe()
    desk.feed.forget(venue.ES)
    desk.trade("6501.00", 40, NOON_US + 1)
    assert desk.told(NOON_US + 300_000) == {}
    assert list(desk.feed.messages([venue.book(bid="6400.00", at_us=NOON_US + 1)])) == []


# -- over a socket ---------------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimulatorServer]:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V"), store)
    server.start()
    yield server
    server.stop()
    store.close()


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    with Client(server.port) as client:
        client.send(MarketDataRequest(SymbolID=1, Symbol=ES), MarketDataRequest(SymbolID=2, Symbol=MES))
        client.next(MarketDataSnapshot, lambda each: each.SymbolID == 2)
        yield client


def buy(name: str) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(
        Symbol=ES, TradeAccount="Sim1", ClientOrderID=name, OrderType=1, BuySell=1, Quantity=1.0
    )


def test_a_halt_is_told_and_nothing_is_quoted_printed_or_filled_until_its_end(
    server: SimulatorServer, client: Client
) -> None:
    client.next(MarketDataUpdateTrade, lambda each: each.SymbolID == 1)
    server.control("halt", symbol=ES)
    assert client.next(TradingSymbolStatus) == TradingSymbolStatus(SymbolID=1, Status=HALTED)
    assert client.next(MarketDataUpdateLastTradeSnapshot).SymbolID == 1
    since = len(client.received)
    client.send(buy("C1"))
    assert client.next(OrderUpdate).OrderUpdateReason == 2
    for _ in range(5):
        client.next(MarketDataUpdateBidAsk, lambda each: each.SymbolID == 2)
    prices = [
        each for each in client.received[since:] if isinstance(each, MarketDataUpdateBidAsk | MarketDataUpdateTrade)
    ]
    assert {each.SymbolID for each in prices} == {2}
    assert server.control("state")["fills"] == []
    with Client(server.port) as other:
        other.send(MarketDataRequest(SymbolID=3, Symbol=ES))
        assert other.next(MarketDataSnapshot).TradingStatus == HALTED
    server.control("halt", symbol=ES, on=False)
    assert client.next(TradingSymbolStatus).Status == OPEN
    assert client.next(OrderUpdate).OrderUpdateReason == 4


def test_a_release_of_held_fills_does_not_end_a_halt(server: SimulatorServer, client: Client) -> None:
    server.control("halt", symbol=ES)
    server.control("hold_fills")
    client.send(buy("C1"))
    client.next(OrderUpdate)
    server.control("hold_fills", on=False)
    assert server.control("state")["fills"] == []
    server.control("halt", symbol=ES, on=False)
    assert client.next(OrderUpdate).OrderUpdateReason == 4


def test_a_feed_that_is_down_is_told_and_comes_back_to_those_who_ask_again(
    server: SimulatorServer, client: Client
) -> None:
    logon = client.session.logon
    assert logon is not None
    assert logon.ResubscribeWhenMarketDataFeedAvailable == 1
    server.control("feed_down")
    assert client.next(MarketDataFeedStatus).Status == DOWN
    since = len(client.received)
    client.send(buy("C1"))
    assert client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4), "trading goes on"
    with Client(server.port) as other:
        assert other.next(MarketDataFeedStatus).Status == DOWN
    assert not [each for each in client.received[since:] if 100 <= each.TYPE < 200]
    server.control("feed_down", on=False)
    assert client.next(MarketDataFeedStatus).Status == UP
    client.send(MarketDataRequest(SymbolID=2, Symbol=MES))
    client.next(MarketDataSnapshot)
    client.next(MarketDataUpdateBidAsk)
    assert {getattr(each, "SymbolID", 2) for each in client.received[since:] if 100 <= each.TYPE < 200} == {2}


def test_the_feed_of_one_symbol_can_be_down(server: SimulatorServer, client: Client) -> None:
    server.control("feed_down", symbol=ES)
    assert client.next(MarketDataFeedSymbolStatus) == MarketDataFeedSymbolStatus(SymbolID=1, Status=DOWN)
    since = len(client.received)
    client.next(MarketDataUpdateBidAsk)
    with Client(server.port) as other:
        other.send(MarketDataRequest(SymbolID=9, Symbol=ES))
        other.next(MarketDataSnapshot)
        assert other.next(MarketDataFeedSymbolStatus) == MarketDataFeedSymbolStatus(SymbolID=9, Status=DOWN)
    assert {getattr(each, "SymbolID", 2) for each in client.received[since:]} == {2}
    server.control("feed_down", symbol=ES, on=False)
    assert client.next(MarketDataFeedSymbolStatus) == MarketDataFeedSymbolStatus(SymbolID=1, Status=UP)
    client.send(MarketDataRequest(SymbolID=1, Symbol=ES))
    client.next(MarketDataUpdateBidAsk, lambda each: each.SymbolID == 1)


@pytest.mark.parametrize("verb", ["halt", "feed_down"])
def test_a_symbol_nobody_knows_is_refused(server: SimulatorServer, verb: str) -> None:
    with pytest.raises(BadControl, match="symbol X is unknown"):
        server.control(verb, symbol="X")
