"""Subscriptions, snapshots, lists and a full inbox, on a real loopback socket."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.events import (
    FillReceived,
    GapDetected,
    Link,
    LinkChanged,
    OrderReported,
    OrdersListed,
    PositionsListed,
    SnapshotFailed,
    SnapshotReceived,
    TicksWaiting,
)
from core.messages import Message
from core.model.scope import AccountKey
from services.dtc import client as client_module
from services.dtc.enums import EncodingEnum
from services.dtc.line import READ_BYTES, Line
from services.dtc.messages.market_data import MarketDataRequest, MarketDataSnapshot, MarketDataUpdateTrade
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillsRequest,
    OpenOrdersReject,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.session_settings import SessionSettings
from tests.fakes.clock import START, ManualClock
from tests.fakes.dtc_server import FakeDTC, definition
from tests.fakes.line_bench import KEY, SINCE, Bench, report

pytestmark = pytest.mark.usefixtures("caplog")  # what breaks here on purpose is logged as warnings


def test_subscriptions_come_back_after_a_reconnect_each_once(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.book.definitions["NQ"] = definition("NQ")
    one = bench()
    one.client.subscribe("ES")
    one.client.subscribe("NQ")
    one.client.subscribe("ES")
    one.up()
    first = server.wait_for(MarketDataRequest, 2)
    server.close()
    one.wait_link(Link.OFFLINE)
    one.client.subscribe("NQ")
    one.client.reconnect()
    one.wait_link(Link.SYNCING, 2)
    again = server.wait_for(MarketDataRequest, 4)[2:]
    one.settled()
    assert [(request.Symbol, request.SymbolID) for request in first] == [("ES", 1), ("NQ", 2)]
    assert again == first
    asked = [message for message in server.received if not isinstance(message, MarketDataRequest)]
    assert [request.Symbol for request in asked] == ["ES", "NQ"] * 2  # type: ignore[attr-defined]


def test_trades_go_to_the_board_with_one_wake_up(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench()
    one.client.subscribe("ES")
    one.up()
    server.wait_for(MarketDataRequest)
    server.send(
        MarketDataSnapshot(SymbolID=1, BidPrice=6500.0, BidQuantity=3.0, LastTradePrice=6500.25, LastTradeVolume=1.0),
        *[MarketDataUpdateTrade(SymbolID=1, Price=6500.5, Volume=1.0, AtBidOrAsk=2) for _ in range(50)],
    )
    one.inbox.wait_for(TicksWaiting)
    server.send(report())
    one.inbox.wait_for(OrderReported)
    assert len(one.inbox.of(TicksWaiting)) == 1
    (batch,) = one.state.drain_ticks()
    assert [tick.sequence for tick in batch.ticks] == list(range(1, 51))
    quote = one.state.snapshot().quotes[("x", "ES")]
    assert (quote.last, quote.bid, quote.bid_size, quote.ask) == (Decimal("6500.50"), Decimal(6500), Decimal(3), None)


def test_a_snapshot_is_complete_and_a_live_fill_goes_past_it(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.book.accounts = ["Sim1", "Sim2"]
    server.book.positions = [
        PositionUpdate(Symbol="ES", TradeAccount="Sim1", Quantity=-2.0, AveragePrice=6500.125),
        PositionUpdate(Symbol="NQ", TradeAccount="Sim2", Quantity=0.0),
    ]
    server.book.orders = [report("ST7", reason=1, OrderType=2, Price1=6400.0, OrderQuantity=1.0)]
    one = bench(clock=ManualClock()).up()
    live = report("ST8", reason=4, status=7, LastFillQuantity=1.0, LastFillExecutionID="E9")

    def with_a_fill_in_between(request: CurrentPositionsRequest) -> list[Message]:
        rows = server._from_book(request)
        return [*rows[:-1], live, *rows[-1:]]  # type: ignore[list-item]

    server.answers[CurrentPositionsRequest] = with_a_fill_in_between  # type: ignore[assignment]
    one.client.request_snapshot(SINCE)
    snapshot = one.inbox.wait_for(SnapshotReceived).snapshot
    assert [account.key.account for account in snapshot.accounts] == ["Sim1", "Sim2"]
    assert [account.currency for account in snapshot.accounts] == ["USD", "USD"]
    assert [(key.account, balance.cash) for key, balance in snapshot.balances] == [
        ("Sim1", Decimal(100_000)),
        ("Sim2", Decimal(100_000)),
    ]
    assert snapshot.positions is not None
    assert [(row.key.symbol, row.quantity, row.average_price) for row in snapshot.positions] == [
        ("ES", Decimal(-2), Decimal("6500.125")),
        ("NQ", Decimal(0), None),
    ]
    assert [row.price for row in snapshot.orders] == [Decimal(6400)]
    assert snapshot.fills == ()
    assert (snapshot.asked_at, snapshot.fills_since, snapshot.note) == (START, SINCE, "")
    kinds = [type(message) for message in one.inbox.messages]
    assert kinds.index(FillReceived) < kinds.index(SnapshotReceived)
    assert {request.TradeAccount for request in server.wait_for(HistoricalOrderFillsRequest)} == {"Sim1", "Sim2"}


@pytest.mark.row(86)
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_snapshot_with_a_missing_part_fails_by_its_deadline_and_names_the_step(
    bench: Callable[..., Bench], server: FakeDTC, missing: int
) -> None:
    server.book.positions = [
        PositionUpdate(Symbol=symbol, TradeAccount="Sim1", Quantity=1.0) for symbol in ("ES", "NQ", "CL")
    ]
    server.rules[PositionUpdate] = lambda rows: rows[:missing] + rows[missing + 1 :]
    clock = ManualClock()
    one = bench(clock=clock).up()
    one.client.request_snapshot(SINCE)
    server.wait_for(CurrentPositionsRequest)
    one.advance(9)
    one.settled()
    assert one.inbox.of(SnapshotFailed) == []
    server.heartbeat()
    one.advance(2)
    assert "the positions of" in one.inbox.wait_for(SnapshotFailed).text
    assert one.inbox.of(SnapshotReceived) == []
    server.rules.clear()
    one.client.request_snapshot(SINCE)
    one.inbox.wait_for(SnapshotReceived)


def test_refused_orders_fail_the_snapshot_with_the_brokers_words(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.answers[OpenOrdersRequest] = lambda request: [
        OpenOrdersReject(RequestID=request.RequestID, RejectText="not today")
    ]
    one = bench().up()
    one.client.request_snapshot(SINCE)
    assert "not today" in one.inbox.wait_for(SnapshotFailed).text


def test_a_request_on_a_line_that_is_down_is_forgotten(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench()
    one.client.request_snapshot(SINCE)
    one.client.request_positions(AccountKey("x", "Sim1"))
    one.client.request_orders()
    one.up()
    one.settled()
    assert server.received == []


def test_lists_are_answered_when_complete(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.book.positions = [PositionUpdate(Symbol="ES", TradeAccount="Sim1", Quantity=3.0)]
    one = bench().up()
    one.client.request_positions(AccountKey("x", "Sim1"))
    one.client.request_orders()
    listed = one.inbox.wait_for(PositionsListed)
    assert [(row.key, row.quantity) for row in listed.rows] == [(KEY, Decimal(3))]
    assert one.inbox.wait_for(OrdersListed).rows == ()


def test_a_full_inbox_parks_reports_in_order_and_marks_the_line_as_behind(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench()
    one.client.subscribe("ES")
    one.up()
    server.wait_for(MarketDataRequest)
    one.inbox.full = True
    server.send(*[report(f"ST{number}") for number in range(300)])
    one.inbox.wait_until(lambda: one.inbox.refused > 0)
    server.send(MarketDataUpdateTrade(SymbolID=1, Price=6500.5, Volume=1.0))
    server.send(report("LAST"))
    one.inbox.wait_until(lambda: ("x", "ES") in one.state.snapshot().quotes)
    one.inbox.full = False
    one.inbox.wait_for(OrderReported, lambda told: told.report.client_order_id == "LAST")
    names = [told.report.client_order_id for told in one.inbox.of(OrderReported)]
    assert names == [f"ST{number}" for number in range(300)] + ["LAST"]
    assert one.links()[-1] is Link.SYNCING
    one.inbox.wait_for(TicksWaiting)


def test_a_flood_that_fits_nowhere_is_told_as_a_gap(
    bench: Callable[..., Bench], server: FakeDTC, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dtc.delivery.PARKED_LIMIT", 20)
    one = bench().up()
    one.inbox.full = True
    server.send(*[report(f"ST{number}") for number in range(100)])
    one.inbox.wait_until(lambda: one.client._network.delivery.lost > 0)
    server.close()
    one.inbox.wait_until(lambda: one.client._network.line is None)
    one.inbox.full = False
    one.wait_link(Link.OFFLINE)
    assert "could not take" in one.inbox.wait_for(GapDetected).text
    names = [told.report.client_order_id for told in one.inbox.of(OrderReported)]
    assert names == [f"ST{number}" for number in range(len(names))]
    assert 10 <= len(names) <= 20


@pytest.mark.row(73)
def test_a_burst_of_five_thousand_fills_arrives_whole_and_in_order(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    fills = [
        report(reason=5, status=10, LastFillQuantity=1.0, LastFillExecutionID=f"E{number}") for number in range(5000)
    ]
    server.send(*fills)
    one.inbox.wait_for(FillReceived, lambda told: told.fill.execution_id == "E4999")
    assert [told.fill.execution_id for told in one.inbox.of(FillReceived)] == [f"E{number}" for number in range(5000)]


def test_a_server_fixed_to_json_is_understood() -> None:
    with FakeDTC(SessionSettings(client_name="Fake", encoding=EncodingEnum.JSON_ENCODING, negotiate=False)) as fixed:
        one = Bench(fixed, encoding=EncodingEnum.JSON_ENCODING)
        try:
            one.start()
            one.inbox.wait_for(LinkChanged, lambda told: told.link in (Link.SYNCING, Link.OFFLINE))
        finally:
            one.client.stop()


def test_the_heartbeat_is_one_the_protocol_allows() -> None:
    assert 5 <= client_module.HEARTBEAT_S <= 60


def test_a_flood_is_read_in_slices_and_never_piles_up(
    bench: Callable[..., Bench], server: FakeDTC, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dtc.line.SLICE_S", 0.0)  # one message a turn
    piled: list[int] = []
    read = Line.read

    def weighed(line: Line) -> None:
        read(line)
        piled.append(len(line.session.decoder._buffer))

    monkeypatch.setattr(Line, "read", weighed)
    one = bench().up()
    server.send(*[report(f"ST{number}") for number in range(400)])
    one.inbox.wait_for(OrderReported, count=400)
    names = [told.report.client_order_id for told in one.inbox.of(OrderReported)]
    assert names == [f"ST{number}" for number in range(400)]
    assert max(piled) > 720
    assert max(piled) <= READ_BYTES + OrderUpdate.SIZE
