"""Linked orders and brackets over a real loopback socket: what a client writes, and the 301s it reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import CancelOrder, SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import OpenOrdersRequest, OrderUpdate, PositionUpdate
from services.simulator.contracts import listed_contracts
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client

ENCODINGS = (EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING)
BUY, SELL, MARKET, LIMIT, STOP = 1, 2, 1, 2, 3
ES = listed_contracts(datetime.now(UTC).date())[0].symbol
REFUSED, CANCELLED, FILLED = 8, 6, 4


def entry(**more: object) -> SubmitNewSingleOrder:
    terms: dict[str, object] = {
        "Symbol": ES,
        "TradeAccount": "Sim1",
        "ClientOrderID": "P",
        "OrderType": LIMIT,
        "Price1": 6000.0,
        "BuySell": BUY,
        "Quantity": 2.0,
        "IsParentOrder": 1,
        **more,
    }
    return SubmitNewSingleOrder(**terms)  # type: ignore[arg-type]


def exits(parent: str = "P", **more: object) -> SubmitNewOCOOrder:
    terms: dict[str, object] = {
        "Symbol": ES,
        "TradeAccount": "Sim1",
        "ParentTriggerClientOrderID": parent,
        "ClientOrderID_1": "S",
        "OrderType_1": STOP,
        "BuySell_1": SELL,
        "Price1_1": 5990.0,
        "Quantity_1": 2.0,
        "ClientOrderID_2": "T",
        "OrderType_2": LIMIT,
        "BuySell_2": SELL,
        "Price1_2": 6900.0,
        "Quantity_2": 2.0,
        **more,
    }
    return SubmitNewOCOOrder(**terms)  # type: ignore[arg-type]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimulatorServer]:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V", control_file=False), store)
    server.start()
    yield server
    server.stop()
    store.close()


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    with Client(server.port) as client:
        yield client


def updates(client: Client, count: int) -> list[OrderUpdate]:
    return [client.next(OrderUpdate) for _ in range(count)]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_pair_is_two_orders_that_name_each_other(server: SimulatorServer, encoding: EncodingEnum) -> None:
    with Client(server.port, encoding) as client:
        assert client.session.logon is not None
        assert (client.session.logon.OCOOrdersSupported, client.session.logon.BracketOrdersSupported) == (1, 1)
        client.send(exits(parent=""))
        stop, target = updates(client, 2)
        assert (stop.OrderUpdateReason, stop.OrderStatus, stop.Price1) == (2, 4, 5990.0)
        assert (stop.OCOLinkedOrderServerOrderID, target.OCOLinkedOrderServerOrderID) == (
            target.ServerOrderID,
            stop.ServerOrderID,
        )
        server.control("fill_now", client_order_id="T", quantity=1)
        partly, reduced = updates(client, 2)
        assert (partly.ClientOrderID, partly.OrderUpdateReason, partly.OrderStatus) == ("T", 5, 10)
        assert (reduced.ClientOrderID, reduced.OrderUpdateReason, reduced.OrderQuantity) == ("S", 3, 1.0)
        server.control("fill_now", client_order_id="T")
        filled, cancelled = updates(client, 2)
        assert (filled.ClientOrderID, filled.OrderUpdateReason, filled.OrderStatus) == ("T", FILLED, 7)
        assert (cancelled.ClientOrderID, cancelled.OrderUpdateReason, cancelled.OrderStatus) == ("S", CANCELLED, 8)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_bracket_is_three_orders_whose_exits_wait(server: SimulatorServer, encoding: EncodingEnum) -> None:
    with Client(server.port, encoding) as client:
        client.send(entry(), exits())
        parent, stop, target = updates(client, 3)
        assert [(each.OrderUpdateReason, each.OrderStatus) for each in (parent, stop, target)] == [
            (2, 4),
            (2, 3),
            (2, 3),
        ]
        assert {stop.ParentServerOrderID, target.ParentServerOrderID} == {parent.ServerOrderID}
        assert stop.OCOLinkedOrderServerOrderID == target.ServerOrderID
        listed = client.ask(OpenOrdersRequest(RequestID=5), OrderUpdate)
        assert [(each.ClientOrderID, each.OrderStatus) for each in listed] == [("P", 4), ("S", 3), ("T", 3)]
        server.control("fill_now", client_order_id="P", quantity=1)
        grown = updates(client, 3)
        assert [(each.ClientOrderID, each.OrderStatus, each.OrderQuantity) for each in grown] == [
            ("P", 10, 2.0),
            ("S", 4, 1.0),
            ("T", 4, 1.0),
        ]


def test_a_market_entry_with_offsets_is_exited_around_its_fill_and_never_becomes_a_limit(client: Client) -> None:
    client.send(
        entry(OrderType=MARKET, Price1=6000.0),
        exits(UseOffsets=1, OffsetFromParent1=10.0, OffsetFromParent2=20.0, Price1_1=None, Price1_2=None),
    )
    parent, stop, target = updates(client, 3)
    assert (parent.OrderType, parent.Price1) == (MARKET, None)
    assert (stop.Price1, target.Price1) == (5990.0, 6020.0)
    filled = client.next(OrderUpdate, lambda each: each.OrderUpdateReason == FILLED)
    assert filled.AverageFillPrice is not None
    at = round(Decimal(filled.AverageFillPrice) * 4) / 4
    live = [client.next(OrderUpdate, lambda each: each.OrderStatus == 4) for _ in range(2)]
    assert [each.Price1 for each in live] == [at - 10, at + 20]


@pytest.mark.parametrize(
    "between",
    [CancelOrder(ClientOrderID="X"), exits(parent="Q"), entry(ClientOrderID="P2", IsParentOrder=0)],
    ids=["a cancel", "exits of another", "an order"],
)
def test_a_parent_whose_exits_do_not_follow_directly_is_refused_and_nothing_is_left(
    server: SimulatorServer, client: Client, between: CancelOrder | SubmitNewOCOOrder | SubmitNewSingleOrder
) -> None:
    client.send(entry(), between, exits())
    refused = client.next(OrderUpdate)
    assert (refused.ClientOrderID, refused.OrderUpdateReason, refused.OrderStatus) == ("P", REFUSED, 9)
    assert refused.InfoText == "The exits of a parent order have to follow it directly"
    late = [client.next(OrderUpdate, lambda each: each.ClientOrderID in "ST") for _ in range(2)]
    assert [each.OrderUpdateReason for each in late] == [REFUSED, REFUSED]
    assert {order["client_order_id"] for order in server.control("state")["orders"]} <= {"P2"}


def test_a_parent_without_a_name_has_no_exits(client: Client) -> None:
    client.send(entry(ClientOrderID=""), exits(parent=""))
    assert [(each.ClientOrderID, each.OrderUpdateReason) for each in updates(client, 3)] == [
        ("", REFUSED),
        ("S", 2),
        ("T", 2),
    ]


def test_an_exit_that_cannot_be_read_refuses_all_three(client: Client) -> None:
    client.send(entry(), exits(OrderType_2=9))
    assert [(each.ClientOrderID, each.OrderUpdateReason) for each in updates(client, 3)] == [
        ("P", REFUSED),
        ("S", REFUSED),
        ("T", REFUSED),
    ]


def test_a_parent_that_waits_when_its_line_falls_is_forgotten(server: SimulatorServer) -> None:
    with Client(server.port) as client:
        client.send(entry())
    with Client(server.port) as client:
        client.send(exits())
        assert [each.OrderUpdateReason for each in updates(client, 2)] == [REFUSED, REFUSED]
        client.send(entry(OrderType=MARKET, Price1=None, IsParentOrder=0))
        client.next(PositionUpdate, lambda each: each.Quantity == 2)


def test_a_bracket_that_waits_survives_a_kill_of_the_simulator(tmp_path: Path) -> None:
    settings = SimulatorSettings(tmp_path, venue="V", control_file=False)
    for wanted, status in ((1, "PARTIAL"), (1, "FILLED")):
        store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
        server = SimulatorServer(settings, store)
        with Client(server.start()) as client:
            if status == "PARTIAL":
                client.send(entry(), exits())
                updates(client, 3)
            server.control("fill_now", client_order_id="P", quantity=wanted)
            grown = [client.next(OrderUpdate, lambda each: each.ClientOrderID in "ST") for _ in range(2)]
        server.stop(abruptly=True)
        store.close()
    assert [each.OrderQuantity for each in grown] == [2.0, 2.0]
    kept = {
        row["client_order_id"]: row for row in SqliteSimulatorStore(tmp_path / "simulator.sqlite3").load()["orders"]
    }
    assert {name: row["status"] for name, row in kept.items()} == {"P": "FILLED", "S": "WORKING", "T": "WORKING"}
    assert (kept["S"]["parent_id"], kept["S"]["linked_id"]) == ("V-1", "V-3")


def test_prices_and_distances_of_a_bracket_are_on_the_scale_of_the_wire(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    scaled = SimulatorSettings(tmp_path, venue="V", control_file=False, price_multipliers={"ES": Decimal("0.01")})
    server = SimulatorServer(scaled, store)
    with Client(server.start()) as client:
        client.send(
            entry(Price1=600_000.0),
            exits(UseOffsets=1, OffsetFromParent1=1_000.0, OffsetFromParent2=2_000.0, Price1_1=None, Price1_2=None),
        )
        assert [each.Price1 for each in updates(client, 3)] == [600_000.0, 599_000.0, 602_000.0]
    kept = {row["client_order_id"]: row for row in server.control("state")["orders"]}
    assert (Decimal(kept["S"]["stop_price"]), Decimal(kept["T"]["limit_price"])) == (Decimal(5990), Decimal(6020))
    server.stop()
    store.close()


def test_faults_of_the_line_strike_a_bracket_like_anything_else(server: SimulatorServer, client: Client) -> None:
    server.control("mute", types=[301], count=1, skip=1)
    server.control("duplicate", types=[301], count=1, skip=1)
    client.send(entry(), exits())
    assert [each.ClientOrderID for each in updates(client, 3)] == ["P", "T", "T"]
    server.control("drop")
    client.until_closed()
    with Client(server.port) as again:
        listed = again.ask(OpenOrdersRequest(RequestID=5), OrderUpdate)
        assert [(each.ClientOrderID, each.OrderStatus) for each in listed] == [("P", 4), ("S", 3), ("T", 3)]
