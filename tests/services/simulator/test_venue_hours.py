"""Orders and the hours of the exchange: what is refused, what rests until the opening, what ends with the day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.dtc.enums import TradingStatusEnum
from services.dtc.messages.market_data import MarketDataRequest, MarketDataUpdateBidAsk, MarketDataUpdateTrade
from services.dtc.messages.market_status import TradingSymbolStatus
from services.simulator.feed import Feed
from services.simulator.orders import OrderStatus, TimeInForce
from services.simulator.ports import StatusChanged
from services.simulator.requests import OrderName
from services.simulator.session_clock import CLOSED, HALTED, OPEN, PRE_OPEN, us_of
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue
from tests.services.simulator.venue import ES, MemoryStore, new_order

MINUTE_US = 60_000_000
CLOSE_US = us_of(datetime(2026, 11, 23, 22, tzinfo=UTC))
OPEN_US = CLOSE_US + 60 * MINUTE_US


def venue(wall_us: int, store: MemoryStore | None = None) -> Venue:
    return Venue(SimulatorSettings(Path(), hours="exchange"), store or MemoryStore(), wall_us)


def status_of(at: Venue, client_order_id: str) -> tuple[OrderStatus, str]:
    order = at.records.order_named(client_order_id)
    assert order is not None
    return order.status, order.text


def test_an_order_given_before_the_opening_fills_at_it() -> None:
    gathering = venue(OPEN_US - 2 * MINUTE_US)
    assert gathering.tape.symbols[ES].status is PRE_OPEN
    gathering.broker.submit(new_order(), gathering.now_us)
    gathering.pass_time(MINUTE_US)
    assert not list(gathering.records.fills)
    gathering.pass_time(2 * MINUTE_US)
    (fill,) = gathering.records.fills
    assert fill.at_us == OPEN_US
    assert gathering.tape.symbols[ES].status is OPEN


def test_a_closed_market_takes_no_order_and_lets_those_in_it_be_cancelled() -> None:
    busy = venue(CLOSE_US - MINUTE_US)
    busy.broker.submit(new_order("GTC", limit="6400.00", time_in_force=TimeInForce.GTC), busy.now_us)
    busy.pass_time(2 * MINUTE_US)
    busy.broker.submit(new_order("LATE"), busy.now_us)
    busy.broker.submit(new_order("COIN", symbol="BTC-PERP"), busy.now_us)
    busy.broker.cancel(OrderName("", "GTC", "Sim1"), busy.now_us)
    assert status_of(busy, "LATE") == (OrderStatus.REJECTED, f"The market for {ES} is closed")
    assert status_of(busy, "COIN")[0] is OrderStatus.FILLED
    assert status_of(busy, "GTC")[0] is OrderStatus.CANCELLED


def test_orders_of_the_day_end_with_it_and_others_stay() -> None:
    store = MemoryStore()
    busy = venue(CLOSE_US - MINUTE_US, store)
    busy.broker.submit(new_order("DAY", limit="6400.00"), busy.now_us)
    busy.broker.submit(new_order("GTC", limit="6400.00", time_in_force=TimeInForce.GTC), busy.now_us)
    busy.pass_time(2 * MINUTE_US)
    assert [each.client_order_id for each in busy.records.open_orders()] == ["GTC"]
    busy.rest()
    again = venue(OPEN_US + MINUTE_US, store)
    assert [each.client_order_id for each in again.records.open_orders()] == ["GTC"]
    assert again.tape.symbols[ES].status is OPEN


def test_a_client_hears_each_change_in_its_place_between_the_prices() -> None:
    busy = venue(CLOSE_US - MINUTE_US)
    feed = Feed(busy.contracts, busy.tape)
    feed.on_request(MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=ES))
    told = list(feed.messages(busy.pass_time(62 * MINUTE_US).events))
    kinds = [each for each in told if isinstance(each, TradingSymbolStatus)]
    assert [each.Status for each in kinds] == [CLOSED, PRE_OPEN, OPEN]
    first, last = told.index(kinds[0]), told.index(kinds[-1])
    assert not [each for each in told[first:last] if isinstance(each, MarketDataUpdateBidAsk | MarketDataUpdateTrade)]
    assert [each for each in told[last:] if isinstance(each, MarketDataUpdateTrade)]
    assert not [each for each in feed.figures(busy.now_us) if isinstance(each, TradingSymbolStatus)], "told already"


@pytest.mark.parametrize(
    ("lifted_us", "expected"),
    [(CLOSE_US + MINUTE_US, CLOSED), (OPEN_US - MINUTE_US, PRE_OPEN), (OPEN_US + MINUTE_US, OPEN)],
)
def test_a_halt_by_hand_outlasts_the_calendar_and_gives_way_to_what_it_says_then(
    lifted_us: int, expected: TradingStatusEnum
) -> None:
    busy = venue(CLOSE_US - MINUTE_US)
    busy.halt(ES, on=True)
    happened = busy.pass_time(lifted_us - busy.now_us)
    assert not [each for each in happened.events if each.symbol == ES]
    assert [each for each in happened.events if isinstance(each, StatusChanged)], "of the others"
    assert busy.tape.symbols[ES].status is HALTED
    busy.halt(ES, on=False)
    assert busy.tape.symbols[ES].status is expected
    busy.broker.submit(new_order(), busy.now_us)
    busy.pass_time(MINUTE_US // 2)
    assert bool(list(busy.records.fills)) is (expected is OPEN)
