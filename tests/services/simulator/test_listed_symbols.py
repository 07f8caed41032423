"""Every symbol the simulator lists is defined as its product is, and can be traded, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.symbols import (
    ExchangeListRequest,
    ExchangeListResponse,
    SecurityDefinitionForSymbolRequest,
    SecurityDefinitionResponse,
    SymbolsForExchangeRequest,
)
from services.dtc.messages.trading import OrderUpdate, PositionUpdate
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client

BINARY, JSON = EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING
COMPACT = EncodingEnum.JSON_COMPACT_ENCODING


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorServer]:
    folder: Path = tmp_path_factory.mktemp("simulator")
    store = SqliteSimulatorStore(folder / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(folder, venue="V"), store)
    server.start()
    yield server
    server.stop()
    store.close()


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    with Client(server.port) as client:
        yield client


def buy(symbol: str, quantity: float) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(
        Symbol=symbol,
        ClientOrderID=f"C-{symbol}-{quantity}",
        TradeAccount="Sim1",
        OrderType=1,
        BuySell=1,
        Quantity=quantity,
    )


def symbol_of(root: str) -> str:
    return next(each.symbol for each in listed_contracts(datetime.now(UTC).date()) if each.root == root)


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
@pytest.mark.parametrize(
    ("root", "exchange", "increment", "form", "value", "divisor"),
    [
        ("RTY", "CME", 0.1, 1, 5.0, None),
        ("YM", "CBOT", 1.0, 0, 5.0, None),
        ("CL", "NYMEX", 0.01, 2, 10.0, None),
        ("GC", "COMEX", 0.1, 1, 10.0, None),
        ("ZN", "CBOT", 0.015625, 134, 15.625, None),
        ("ZB", "CBOT", 0.03125, 132, 31.25, None),
        ("6E", "CME", 0.00005, 5, 6.25, None),
        ("BTC-PERP", "CRYPTO", 0.5, 1, 0.5, 1000.0),
        ("ETH-PERP", "CRYPTO", 0.05, 2, 0.05, 100.0),
    ],
)
def test_a_definition_tells_grid_form_value_and_smallest_quantity(
    server: SimulatorServer,
    encoding: EncodingEnum,
    root: str,
    exchange: str,
    increment: float,
    form: int,
    value: float,
    divisor: float | None,
) -> None:
    with Client(server.port, encoding) as client:
        request = SecurityDefinitionForSymbolRequest(RequestID=1, Symbol=symbol_of(root))
        (told,) = client.ask(request, SecurityDefinitionResponse)
    assert (told.Exchange, told.PriceDisplayFormat, told.Currency) == (exchange, form, "USD")
    assert told.MinPriceIncrement == pytest.approx(increment, rel=1e-7)
    assert told.CurrencyValuePerIncrement == pytest.approx(value, rel=1e-7)
    assert (told.IntToFloatQuantityDivisor or None) == divisor
    assert (told.SecurityExpirationDate > told.RolloverDate > 0) == (root not in ("BTC-PERP", "ETH-PERP"))


@pytest.mark.parametrize("contract", listed_contracts(datetime.now(UTC).date()), ids=lambda each: each.root)
def test_every_listed_contract_can_be_bought_and_is_held_at_a_price_on_its_grid(
    client: Client, contract: Contract
) -> None:
    quantity = float(contract.quantity_step)
    client.send(buy(contract.symbol, quantity))
    filled = client.next(OrderUpdate, lambda told: told.FilledQuantity == quantity)
    assert filled.LastFillPrice is not None
    assert Decimal(str(filled.LastFillPrice)) % contract.tick_size == 0
    position = client.next(PositionUpdate)
    assert (position.Symbol, position.Quantity) == (contract.symbol, quantity)


def test_a_quantity_below_the_venues_step_is_refused(client: Client) -> None:
    client.send(buy("BTC-PERP", 0.0015))
    assert client.next(OrderUpdate).InfoText == "Order quantity 0.0015 is not a multiple of 0.001"


def test_the_venue_lists_its_contracts_by_exchange(client: Client) -> None:
    client.send(SymbolsForExchangeRequest(RequestID=3, Exchange="CRYPTO"))
    first, last = (client.next(SecurityDefinitionResponse) for _ in range(2))
    assert (first.Symbol, first.IsFinalMessage) == ("BTC-PERP", 0)
    assert (last.Symbol, last.IsFinalMessage) == ("ETH-PERP", 1)
    client.send(SymbolsForExchangeRequest(RequestID=4, Exchange="LME"))
    nothing = client.next(SecurityDefinitionResponse)
    assert (nothing.Symbol, nothing.IsFinalMessage) == ("", 1)
    client.send(ExchangeListRequest(RequestID=5))
    exchanges = [client.next(ExchangeListResponse) for _ in range(5)]
    assert [each.Exchange for each in exchanges] == ["CME", "CBOT", "NYMEX", "COMEX", "CRYPTO"]
    assert [each.IsFinalMessage for each in exchanges] == [0, 0, 0, 0, 1]
