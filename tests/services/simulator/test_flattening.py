"""Flattening an account: everything that works is cancelled, everything held is closed, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import FlattenPositionsForTradeAccount
from services.dtc.messages.trading import OrderUpdate, PositionUpdate
from services.simulator.broker import SimulatedBroker
from services.simulator.orders import OrderStatus, Side
from services.simulator.reports import OrderReport, Report, UnknownOrderReport, Why
from services.simulator.requests import OrderName
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client
from tests.services.simulator.venue import ES, MES, MemoryStore, book, broker, exits, new_order, trade


@pytest.fixture
def venue() -> SimulatedBroker:
    return broker(MemoryStore())


def told(reports: Sequence[Report]) -> list[tuple[str, Why, OrderStatus]]:
    return [(one.order.client_order_id, one.why, one.order.status) for one in reports if isinstance(one, OrderReport)]


def name(client_order_id: str = "F", account: str = "Sim1") -> OrderName:
    return OrderName("", client_order_id, account)


def held(venue: SimulatedBroker, symbol: str = ES, account: str = "Sim1") -> int:
    return int(venue.records.position(account, symbol).quantity)


def test_positions_of_every_symbol_are_closed_and_orders_cancelled(venue: SimulatedBroker) -> None:
    venue.submit(new_order("A", quantity=2), 1)
    venue.submit(new_order("B", Side.SELL, symbol=MES), 2)
    venue.submit(new_order("C", limit="6490.00"), 3)
    venue.submit(new_order("D", account="Sim2"), 3)
    reports = venue.flatten_account(name(), "enough", 4)
    assert (held(venue), held(venue, MES), held(venue, account="Sim2")) == (0, 0, 1)
    assert venue.records.open_orders() == []
    closing = [each for each in venue.records.orders if each.free_text == "enough"]
    assert [(each.client_order_id, each.symbol) for each in closing] == [("F", ES), ("", MES)]
    assert told(reports)[0] == ("C", Why.CANCELLED, OrderStatus.CANCELLED)


def test_a_waiting_bracket_goes_without_a_trace_and_a_working_one_with_its_position(venue: SimulatedBroker) -> None:
    venue.submit_bracket(new_order("P", quantity=3, limit="6495.00"), exits(quantity=3), 1)
    venue.on_events([trade("6494.00", 1, Side.SELL, at_us=2)])
    venue.submit_bracket(new_order("W", limit="6480.00"), exits(names="XY"), 3)
    reports = venue.flatten_account(name(), "", 4)
    assert [one for one in told(reports) if one[1] is Why.CHANGED] == []
    assert (held(venue), venue.records.open_orders()) == (0, [])
    venue.on_events([trade("6400.00", 99, Side.SELL, at_us=5), trade("6600.00", 99, Side.BUY, at_us=6)])
    assert held(venue) == 0


def test_what_is_on_its_way_is_cancelled_too_and_the_position_is_that_of_the_arrival() -> None:
    venue = broker(MemoryStore(), latency_us=1_000)
    venue.submit(new_order("A"), 1)
    venue.flatten_account(name(), "", 2)
    venue.latency_us = 5_000
    venue.submit(new_order("late"), 3)
    venue.on_events([book(at_us=1_001)])
    assert held(venue) == 1
    venue.on_events([book(at_us=1_002)])
    assert (held(venue), venue.records.open_orders()) == (0, [])


def test_what_closes_a_locked_account_is_left_to_its_end(venue: SimulatedBroker) -> None:
    venue.submit(new_order("A", quantity=5, account="Eval50K"), 1)
    venue.on_events([book(bid="6450.00", ask="6450.25", bids=(2,), last="6450.00", at_us=2)])
    (closing,) = venue.records.open_orders("Eval50K")
    assert int(closing.remaining) == 3
    asked = name(account="Eval50K")
    told = venue.flatten_account(asked, "", 3)
    assert told == [UnknownOrderReport(Why.REFUSED, asked, "There is nothing to flatten in Eval50K")]
    assert venue.records.open_orders("Eval50K") == [closing]


@pytest.mark.parametrize(
    ("account", "text"),
    [
        ("Sim1", "There is nothing to flatten in Sim1"),
        ("Sim9", "Trade account Sim9 is unknown"),
        ("", "Trade account (empty) is unknown"),
    ],
)
def test_it_is_refused_where_there_is_nothing_to_do(venue: SimulatedBroker, account: str, text: str) -> None:
    asked = name(account=account)
    assert venue.flatten_account(asked, "", 1) == [UnknownOrderReport(Why.REFUSED, asked, text)]


@pytest.mark.parametrize("encoding", [EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING])
def test_a_client_flattens_over_the_wire(tmp_path: Path, encoding: EncodingEnum) -> None:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V", control_file=False), store)
    with Client(server.start(), encoding) as client:
        client.send(FlattenPositionsForTradeAccount(TradeAccount="Sim1", ClientOrderID="F1"))
        refused = client.next(OrderUpdate)
        assert (refused.OrderUpdateReason, refused.OrderStatus, refused.ClientOrderID) == (8, 9, "F1")
        listed = next(iter(server.control("state")["last"]))
        server.control("set_position", account="Sim1", symbol=listed, quantity=-2)
        client.send(FlattenPositionsForTradeAccount(TradeAccount="Sim1", ClientOrderID="F2"))
        client.next(PositionUpdate, lambda each: each.Quantity == 0)
        assert server.control("state")["orders"][-1]["client_order_id"] == "F2"
    server.stop()
    store.close()
