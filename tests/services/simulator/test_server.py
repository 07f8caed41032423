"""The simulator over a real loopback socket, seen by a client that shares nothing with it but the protocol."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import PersistenceError
from data.simulator_store import SqliteSimulatorStore
from services.dtc.enums import EncodingEnum
from services.dtc.messages.accounts import (
    AccountBalanceReject,
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.market_data import (
    MarketDataReject,
    MarketDataRequest,
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateTrade,
)
from services.dtc.messages.market_depth import (
    MarketDepthRequest,
    MarketDepthSnapshotLevel,
    MarketDepthUpdateLevel,
)
from services.dtc.messages.order_entry import (
    CancelOrder,
    CancelReplaceOrder,
    SubmitFlattenPositionOrder,
    SubmitNewOCOOrder,
    SubmitNewSingleOrder,
)
from services.dtc.messages.symbols import (
    SecurityDefinitionForSymbolRequest,
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
)
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsReject,
    HistoricalOrderFillsRequest,
    OpenOrdersReject,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.simulator.contracts import listed_contracts
from services.simulator.errors import PortBusy, UnlistenableAddress
from services.simulator.ports import Batch
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client

BINARY, JSON = EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING
COMPACT = EncodingEnum.JSON_COMPACT_ENCODING
BUY, SELL, MARKET, LIMIT, STOP = 1, 2, 1, 2, 3

Start = Callable[..., SimulatorServer]


def es() -> str:
    return listed_contracts(datetime.now(UTC).date())[0].symbol


def buy(name: str = "C1", quantity: float = 1, account: str = "Sim1", **more: object) -> SubmitNewSingleOrder:
    terms: dict[str, object] = {"Symbol": es(), "OrderType": MARKET, "BuySell": BUY, **more}
    return SubmitNewSingleOrder(ClientOrderID=name, TradeAccount=account, Quantity=quantity, **terms)  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> SimulatorSettings:
    return SimulatorSettings(tmp_path, venue="V", control_file=False)


@pytest.fixture
def start(settings: SimulatorSettings) -> Iterator[Start]:
    running: list[tuple[SimulatorServer, SqliteSimulatorStore]] = []

    def start(**changes: object) -> SimulatorServer:
        stop_all()
        store = SqliteSimulatorStore(settings.data_dir / "simulator.sqlite3")
        server = SimulatorServer(replace(settings, **changes), store)  # type: ignore[arg-type]
        server.start()
        running.append((server, store))
        return server

    def stop_all() -> None:
        while running:
            server, store = running.pop()
            server.stop()
            store.close()

    yield start
    stop_all()


@pytest.fixture
def server(start: Start) -> SimulatorServer:
    return start()


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    with Client(server.port) as client:
        yield client


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_a_client_logs_on_and_learns_what_the_server_can(server: SimulatorServer, encoding: EncodingEnum) -> None:
    with Client(server.port, encoding) as client:
        logon = client.session.logon
        assert logon is not None
        assert (logon.ServerName, logon.TradingIsSupported, logon.SecurityDefinitionsSupported) == (
            "Stanchion simulator",
            1,
            1,
        )
        assert (logon.OCOOrdersSupported, logon.BracketOrdersSupported, logon.MarketDataSupported) == (1, 1, 1)
        accounts = client.ask(TradeAccountsRequest(RequestID=7), TradeAccountResponse)
        assert [(each.TradeAccount, each.MessageNumber, each.TotalNumberMessages) for each in accounts] == [
            ("Sim1", 1, 4),
            ("Sim2", 2, 4),
            ("Eval50K", 3, 4),
            ("EurSim", 4, 4),
        ]


def test_a_security_definition_tells_the_facts_of_the_contract(client: Client) -> None:
    (es_definition,) = client.ask(
        SecurityDefinitionForSymbolRequest(RequestID=1, Symbol=es()), SecurityDefinitionResponse
    )
    assert (es_definition.MinPriceIncrement, es_definition.CurrencyValuePerIncrement) == (0.25, 12.5)
    assert (es_definition.Currency, es_definition.DisplayPriceMultiplier) == ("USD", 1.0)
    assert es_definition.Description.startswith("E-mini S&P 500")
    (refused,) = client.ask(SecurityDefinitionForSymbolRequest(RequestID=2, Symbol="X"), SecurityDefinitionReject)
    assert refused.RejectText == "Symbol X is unknown"


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_a_subscription_brings_a_snapshot_then_quotes_and_trades(
    server: SimulatorServer, encoding: EncodingEnum
) -> None:
    with Client(server.port, encoding) as client:
        client.send(MarketDataRequest(RequestAction=1, SymbolID=5, Symbol=es()))
        snapshot = client.next(MarketDataSnapshot)
        assert snapshot.SymbolID == 5
        assert snapshot.BidPrice is not None and snapshot.AskPrice is not None
        assert snapshot.AskPrice - snapshot.BidPrice >= 0.25
        quote = client.next(MarketDataUpdateBidAsk)
        trade = client.next(MarketDataUpdateTrade)
        assert quote.SymbolID == trade.SymbolID == 5
        assert trade.Price is not None and abs(trade.Price - 6500) < 50
        assert trade.AtBidOrAsk in (1, 2)
        client.send(MarketDataRequest(RequestAction=1, SymbolID=6, Symbol=es()))
        assert "subscribed already" in client.next(MarketDataReject).RejectText
        client.send(MarketDataRequest(RequestAction=1, SymbolID=7, Symbol="NOPE"))
        assert client.next(MarketDataReject).RejectText == "Symbol NOPE is unknown"


def test_depth_is_a_batch_and_then_changes_that_keep_the_book_whole(client: Client) -> None:
    client.send(MarketDepthRequest(RequestAction=1, SymbolID=1, Symbol=es(), NumLevels=10))
    shown: dict[tuple[int, float | None], float | None] = {}
    for i in range(20):
        row = client.next(MarketDepthSnapshotLevel)
        assert (row.IsFirstMessageInBatch, row.IsLastMessageInBatch) == (int(i == 0), int(i == 19))
        shown[row.Side, row.Price] = row.Quantity
    batches = 0
    while batches < 20:
        change = client.next(MarketDepthUpdateLevel)
        if change.UpdateType == 2:
            del shown[change.Side, change.Price]
        else:
            shown[change.Side, change.Price] = change.Quantity
        batches += change.FinalUpdateInBatch == 1
        if change.FinalUpdateInBatch == 1:
            assert [sum(side == each for side, _ in shown) for each in (1, 2)] == [10, 10]


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_a_market_buy_is_accepted_filled_and_changes_position_and_money(
    server: SimulatorServer, encoding: EncodingEnum
) -> None:
    with Client(server.port, encoding) as client:
        client.send(buy())
        accepted = client.next(OrderUpdate)
        assert (accepted.OrderUpdateReason, accepted.OrderStatus, accepted.ClientOrderID) == (2, 4, "C1")
        assert (accepted.ServerOrderID, accepted.TradeAccount, accepted.RequestID) == ("V-1", "Sim1", 0)
        filled = client.next(OrderUpdate)
        assert (filled.OrderUpdateReason, filled.OrderStatus, filled.FilledQuantity) == (4, 7, 1.0)
        assert filled.LastFillExecutionID == "V-F1"
        assert filled.LastFillPrice == filled.AverageFillPrice is not None
        assert filled.LastFillDateTime > 10**12
        position = client.next(PositionUpdate)
        assert (position.Quantity, position.AveragePrice, position.Unsolicited) == (1.0, filled.LastFillPrice, 1)
        money = client.next(AccountBalanceUpdate)
        assert (money.TradeAccount, money.CashBalance, money.AccountCurrency) == ("Sim1", 99997.75, "USD")


def test_a_flat_position_is_pushed_with_quantity_zero(client: Client) -> None:
    client.send(buy("C1"), buy("C2", BuySell=SELL))
    flat = client.next(PositionUpdate, lambda each: each.Quantity == 0)
    assert (flat.Symbol, flat.NoPositions, flat.Unsolicited) == (es(), 0, 1)


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_a_closed_position_is_listed_with_quantity_zero(server: SimulatorServer, encoding: EncodingEnum) -> None:
    with Client(server.port, encoding) as client:
        client.send(buy("C1"), buy("C2", BuySell=SELL))
        client.next(PositionUpdate, lambda each: each.Quantity == 0)
        (listed,) = client.ask(CurrentPositionsRequest(RequestID=8), PositionUpdate)
        assert (listed.Symbol, listed.Quantity, listed.NoPositions, listed.Unsolicited) == (es(), 0.0, 0, 0)


def test_a_resting_limit_is_listed_cancelled_and_then_its_cancel_is_refused(client: Client) -> None:
    client.send(buy(OrderType=LIMIT, Price1=6000.0, quantity=3))
    assert client.next(OrderUpdate).OrderStatus == 4
    (listed,) = client.ask(OpenOrdersRequest(RequestID=9), OrderUpdate)
    assert (listed.OrderUpdateReason, listed.OrderStatus, listed.Price1, listed.OrderQuantity) == (1, 4, 6000.0, 3)
    client.send(CancelOrder(ServerOrderID=listed.ServerOrderID, ClientOrderID="C1"))
    cancelled = client.next(OrderUpdate)
    assert (cancelled.OrderUpdateReason, cancelled.OrderStatus) == (6, 8)
    client.send(CancelOrder(ServerOrderID=listed.ServerOrderID, ClientOrderID="C1"))
    refused = client.next(OrderUpdate)
    assert (refused.OrderUpdateReason, refused.OrderStatus) == (9, 8)
    assert refused.InfoText == "Order V-1 is already cancelled"
    client.send(CancelOrder(ServerOrderID="V-77", ClientOrderID="C77"))
    unknown = client.next(OrderUpdate)
    assert (unknown.OrderUpdateReason, unknown.OrderStatus, unknown.ServerOrderID) == (9, 9, "")


def test_a_replace_changes_price_and_size(client: Client) -> None:
    client.send(buy(OrderType=LIMIT, Price1=6000.0))
    client.next(OrderUpdate)
    client.send(CancelReplaceOrder(ServerOrderID="V-1", ClientOrderID="C1", Price1=6001.0, Quantity=4))
    changed = client.next(OrderUpdate)
    assert (changed.OrderUpdateReason, changed.Price1, changed.OrderQuantity) == (7, 6001.0, 4.0)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (lambda: buy(Symbol="X"), "Symbol X is unknown"),
        (lambda: buy(account="Live7"), "Trade account Live7 is unknown"),
        (lambda: buy(quantity=0), "Order quantity 0 is not greater than zero"),
        (lambda: buy(quantity=0.5), "Order quantity 0.5 is not a whole number of contracts"),
        (lambda: buy(OrderType=LIMIT, Price1=6000.1), "Price 6000.1 is not a multiple of the tick size 0.25"),
        (lambda: buy(OrderType=9), "Order type 9 is not supported"),
        (lambda: buy(BuySell=0), "BuySell 0 is neither buy nor sell"),
    ],
)
def test_an_order_that_cannot_work_is_refused(
    client: Client, order: Callable[[], SubmitNewSingleOrder], text: str
) -> None:
    client.send(order())
    refused = client.next(OrderUpdate)
    assert (refused.OrderUpdateReason, refused.OrderStatus, refused.ClientOrderID) == (8, 9, "C1")
    assert refused.InfoText == text


def test_a_client_order_id_works_once_and_an_unreadable_pair_is_refused_twice(client: Client) -> None:
    client.send(buy(OrderType=LIMIT, Price1=6000.0), buy(OrderType=LIMIT, Price1=6000.0))
    assert [client.next(OrderUpdate).OrderUpdateReason for _ in range(2)] == [2, 8]
    client.send(SubmitNewOCOOrder(Symbol=es(), ClientOrderID_1="A", ClientOrderID_2="B"))
    assert [client.next(OrderUpdate).ClientOrderID for _ in range(2)] == ["A", "B"]


def test_flatten_closes_what_is_held(client: Client) -> None:
    client.send(buy(quantity=3))
    client.next(PositionUpdate, lambda each: each.Quantity == 3)
    client.send(SubmitFlattenPositionOrder(Symbol=es(), TradeAccount="Sim1", ClientOrderID="C2"))
    client.next(PositionUpdate, lambda each: each.Quantity == 0)


def test_empty_answers_say_that_they_are_empty(client: Client) -> None:
    (orders,) = client.ask(OpenOrdersRequest(RequestID=1), OrderUpdate)
    assert (orders.NoOrders, orders.OrderUpdateReason, orders.Price1) == (1, 1, None)
    (positions,) = client.ask(CurrentPositionsRequest(RequestID=2), PositionUpdate)
    assert positions.NoPositions == 1
    (fills,) = client.ask(HistoricalOrderFillsRequest(RequestID=3, NumberOfDays=5), HistoricalOrderFillResponse)
    assert fills.NoOrderFills == 1


def test_requests_for_an_unknown_account_are_refused(client: Client) -> None:
    client.send(OpenOrdersRequest(RequestID=1, TradeAccount="X"))
    client.send(CurrentPositionsRequest(RequestID=2, TradeAccount="X"))
    client.send(HistoricalOrderFillsRequest(RequestID=3, TradeAccount="X"))
    client.send(AccountBalanceRequest(RequestID=4, TradeAccount="X"))
    text = "Trade account X is unknown"
    assert client.next(OpenOrdersReject) == OpenOrdersReject(RequestID=1, RejectText=text)
    assert client.next(CurrentPositionsReject) == CurrentPositionsReject(RequestID=2, RejectText=text)
    assert client.next(HistoricalOrderFillsReject) == HistoricalOrderFillsReject(RequestID=3, RejectText=text)
    assert client.next(AccountBalanceReject) == AccountBalanceReject(RequestID=4, RejectText=text)


def test_answers_are_numbered_batches(client: Client) -> None:
    client.send(buy("C1"), buy("C2", account="Sim2"), buy("C3", BuySell=SELL, account="Sim2", quantity=2))
    client.next(AccountBalanceUpdate, lambda each: each.TradeAccount == "Sim2" and each.CashBalance != 99997.75)
    positions = client.ask(CurrentPositionsRequest(RequestID=5), PositionUpdate)
    assert [(each.TradeAccount, each.Quantity, each.MessageNumber) for each in positions] == [
        ("Sim1", 1.0, 1),
        ("Sim2", -1.0, 2),
    ]
    fills = client.ask(HistoricalOrderFillsRequest(RequestID=6), HistoricalOrderFillResponse)
    assert [each.MessageNumber for each in fills] == list(range(1, fills[0].TotalNumberMessages + 1))
    assert len({each.UniqueExecutionID for each in fills}) == len(fills)
    balances = client.ask(AccountBalanceRequest(RequestID=7), AccountBalanceUpdate)
    assert [each.TradeAccount for each in balances] == ["Sim1", "Sim2", "Eval50K", "EurSim"]


def test_every_client_hears_of_every_order(server: SimulatorServer, client: Client) -> None:
    with Client(server.port, COMPACT) as other:
        client.send(buy())
        assert other.next(OrderUpdate).ClientOrderID == "C1"


def test_a_price_multiplier_divides_every_price_on_the_wire(start: Start) -> None:
    with Client(start(price_multipliers={"ES": Decimal("0.01")}).port) as client:
        (es_definition,) = client.ask(
            SecurityDefinitionForSymbolRequest(RequestID=1, Symbol=es()), SecurityDefinitionResponse
        )
        assert es_definition.DisplayPriceMultiplier == pytest.approx(0.01)
        client.send(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=es()))
        assert (client.next(MarketDataSnapshot).BidPrice or 0) > 600_000
        client.send(buy(OrderType=LIMIT, Price1=600_025.0))
        accepted = client.next(OrderUpdate)
        assert (accepted.OrderUpdateReason, accepted.Price1) == (2, 600_025.0)
        client.send(buy("C2"))
        filled = client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
        assert (filled.LastFillPrice or 0) > 600_000
        assert (client.next(PositionUpdate).AveragePrice or 0) > 600_000


@pytest.mark.row(91)
@pytest.mark.parametrize("abruptly", [True, False])
def test_the_answers_are_the_same_after_a_restart(start: Start, abruptly: bool) -> None:
    server = start()

    def answers(port: int) -> list[list[object]]:
        with Client(port) as client:
            return [
                list(client.ask(OpenOrdersRequest(RequestID=1), OrderUpdate)),
                [
                    (each.TradeAccount, each.Symbol, each.Quantity, each.AveragePrice)
                    for each in client.ask(CurrentPositionsRequest(RequestID=2), PositionUpdate)
                ],
                list(client.ask(HistoricalOrderFillsRequest(RequestID=3), HistoricalOrderFillResponse)),
                [each.CashBalance for each in client.ask(AccountBalanceRequest(RequestID=4), AccountBalanceUpdate)],
            ]

    with Client(server.port) as client:
        client.send(buy("C1", quantity=2), buy("C2", OrderType=LIMIT, Price1=6000.0))
        client.send(buy("C3", OrderType=STOP, BuySell=SELL, Price1=5900.0, quantity=2))
        client.next(OrderUpdate, lambda each: each.ClientOrderID == "C3")
    before = answers(server.port)
    if abruptly:
        server.stop(abruptly=True)
    assert answers(start().port) == before


def test_what_was_sent_before_the_connection_died_is_done_at_once_whatever_the_latency(start: Start) -> None:
    server = start(latency_ms=60_000)
    with Client(server.port) as client:
        client.send(buy())
        client.until(lambda: len(server.control("state")["orders"]) == 1)
    with Client(server.port) as client:
        client.until(lambda: len(server.control("state")["fills"]) == 1)


def test_an_order_takes_effect_after_the_latency(start: Start) -> None:
    server = start(latency_ms=1_000)
    with Client(server.port) as client:
        client.send(buy())
        client.until(lambda: server.control("state")["orders"] != [])
        (received,) = client.ask(OpenOrdersRequest(RequestID=1), OrderUpdate)
        assert received.OrderStatus == 2
        accepted = client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 2)
        assert accepted.OrderStatus == 4


def test_the_market_stands_still_while_nobody_is_connected(server: SimulatorServer) -> None:
    with Client(server.port) as client:
        client.until(lambda: bool(server.control("state")["running"]))
    with Client(server.port, log_on=False) as stranger:
        stranger.until(lambda: not server.control("state")["running"])


def test_the_market_runs_on_where_it_is_wanted(start: Start) -> None:
    server = start(keep_running=True, speed=1_000.0)
    first = server.control("state")["last"]
    with Client(server.port, log_on=False) as stranger:
        stranger.until(lambda: server.control("state")["last"] != first)


def test_a_busy_port_is_told_by_number(server: SimulatorServer, settings: SimulatorSettings, tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "other.sqlite3")
    second = SimulatorServer(replace(settings, port=server.port), store)
    with pytest.raises(PortBusy, match=str(server.port)):
        second.listen()
    second.close()
    third = SimulatorServer(replace(settings, host="192.0.2.1"), store)
    with pytest.raises(UnlistenableAddress, match=r"192\.0\.2\.1"):
        third.listen()
    third.close()
    store.close()


def test_a_client_that_speaks_something_else_is_closed_and_the_others_are_not(
    server: SimulatorServer, client: Client
) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as stranger:
        stranger.settimeout(10)
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(100) == b""
    assert client.ask(TradeAccountsRequest(RequestID=1), TradeAccountResponse)


def test_a_store_that_fails_ends_the_server_before_anything_is_told(
    settings: SimulatorSettings, tmp_path: Path
) -> None:
    class FailingStore(SqliteSimulatorStore):
        fails = False

        def commit(self, changed: Batch, removed: Batch) -> None:
            if self.fails:
                raise PersistenceError("disk full")
            super().commit(changed, removed)

    store = FailingStore(tmp_path / "f.sqlite3")
    server = SimulatorServer(settings, store)
    server.start()
    with Client(server.port) as client:
        store.fails = True
        client.send(buy())
        client.until_closed()
        assert [each for each in client.received if isinstance(each, OrderUpdate)] == []
    with pytest.raises(PersistenceError, match="disk full"):
        server.stop()
    store.close()
