"""The last day of a contract, through the whole venue."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from services.dtc.messages.market_data import MarketDataRequest, MarketDataUpdateBidAsk
from services.dtc.messages.market_status import TradingSymbolStatus
from services.dtc.messages.trading import CurrentPositionsRequest, OrderUpdate, PositionUpdate
from services.simulator import wire
from services.simulator.answers import ANSWERS
from services.simulator.expiry import SETTLEMENT
from services.simulator.feed import Feed
from services.simulator.orders import OrderStatus, Side
from services.simulator.reports import OrderReport, PositionReport, Why
from services.simulator.session_clock import CLOSED, us_of
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue
from tests.services.simulator.venue import MemoryStore, new_order

ENDING, NEXT = "ESZ26_FUT_CME", "ESH27_FUT_CME"
LAST_US = us_of(datetime(2026, 12, 18, 14, 30, tzinfo=UTC))
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US


def venue(store: MemoryStore, wall_us: int, latency_ms: int = 0) -> Venue:
    return Venue(SimulatorSettings(Path(), latency_ms=latency_ms), store, wall_us)


def held(at: Venue, account: str = "Sim1") -> Decimal:
    return at.records.position(account, ENDING).quantity


def test_what_is_held_is_settled_at_the_last_price_with_a_fill_that_is_told() -> None:
    ending = venue(MemoryStore(), LAST_US - MINUTE_US)
    ending.broker.submit(new_order(symbol=ENDING, quantity=2), ending.now_us)
    assert held(ending) == 2
    reports = ending.pass_time(2 * MINUTE_US).reports
    price = ending.broker.last_prices()[ENDING]
    filled = [each for each in reports if isinstance(each, OrderReport) and each.fill is not None]
    (settlement,) = filled
    assert settlement.fill is not None
    assert (settlement.fill.side, settlement.fill.quantity, settlement.fill.price) == (Side.SELL, Decimal(2), price)
    assert settlement.fill.at_us == LAST_US
    assert settlement.order.free_text == SETTLEMENT
    assert [each.position.quantity for each in reports if isinstance(each, PositionReport)] == [0]
    assert held(ending) == 0


def test_working_orders_are_cancelled_as_expired_also_those_still_on_their_way() -> None:
    ending = venue(MemoryStore(), LAST_US - MINUTE_US, latency_ms=600)
    ending.broker.submit(new_order("C1", symbol=ENDING, limit="6000.00"), ending.now_us)
    ending.pass_time(MINUTE_US - 1_000)
    ending.broker.submit(new_order("C2", symbol=ENDING), ending.now_us)
    ending.broker.submit(new_order("C3", symbol=NEXT, limit="6000.00"), ending.now_us)
    reports = ending.pass_time(MINUTE_US).reports
    ended = [(each.order.client_order_id, each.why, each.text) for each in reports if isinstance(each, OrderReport)]
    assert ended[:2] == [("C1", Why.CANCELLED, "expired"), ("C2", Why.CANCELLED, "expired")]
    told = [wire.report(each, ending.contracts, ending.broker.last_prices()) for each in reports]
    assert [each.InfoText for each in told if isinstance(each, OrderUpdate)][:2] == ["expired", "expired"]
    assert [each.client_order_id for each in ending.records.open_orders()] == ["C3"]
    assert held(ending) == 0


def test_an_order_in_a_contract_that_has_ended_is_refused_with_the_reason() -> None:
    ending = venue(MemoryStore(), LAST_US - MINUTE_US)
    ending.pass_time(2 * MINUTE_US)
    ending.broker.submit(new_order(symbol=ENDING), ending.now_us)
    (order,) = ending.records.orders
    assert (order.status, order.text) == (OrderStatus.REJECTED, f"Contract {ENDING} has expired")


def test_clients_hear_that_it_is_closed_and_see_no_quote_any_more() -> None:
    ending = venue(MemoryStore(), LAST_US - MINUTE_US)
    feed = Feed(ending.contracts, ending.tape)
    feed.on_request(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=ENDING))
    told = list(feed.messages(ending.pass_time(2 * MINUTE_US).events))
    empty, status, *_ = told[-3:]
    assert isinstance(empty, MarketDataUpdateBidAsk)
    assert (empty.BidPrice, empty.AskPrice) == (None, None)
    assert status == TradingSymbolStatus(SymbolID=1, Status=CLOSED)
    assert ending.tape.symbols[ENDING].status is CLOSED
    assert not [each for each in feed.figures(ending.now_us) if isinstance(each, TradingSymbolStatus)], "once is enough"


def test_a_simulator_that_was_off_on_the_last_day_settles_at_its_next_start_and_forgets_the_contract_after_it() -> None:
    store = MemoryStore()
    before = venue(store, LAST_US - DAY_US)
    before.broker.submit(new_order(symbol=ENDING, side=Side.SELL), before.now_us)
    before.broker.submit(new_order("C2", symbol=ENDING, limit="6000.00"), before.now_us)
    before.rest()
    price = before.broker.last_prices()[ENDING]
    after = venue(store, LAST_US + 5 * DAY_US)
    assert held(after) == 0
    assert after.records.fills.get(f"{after.records.value('venue')}-F2").price == price  # type: ignore[union-attr]
    assert not after.records.open_orders()
    assert after.tape.symbols[ENDING].status is CLOSED
    later = venue(store, LAST_US + 6 * DAY_US)
    assert ENDING not in later.contracts
    answer = ANSWERS[CurrentPositionsRequest](CurrentPositionsRequest(RequestID=1, TradeAccount="Sim1"), later)
    assert [each.Symbol for each in answer if isinstance(each, PositionUpdate)] == [""]
    assert list(later.records.fills) == list(after.records.fills)
