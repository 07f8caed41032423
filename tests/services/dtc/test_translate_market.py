"""Trades and quotes of every generation, in our words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from core.model.instrument import Instrument
from core.model.market import Aggressor, FeedState, Quote, TradingStatus
from services.dtc.border import Refusals
from services.dtc.messages import market_data as wire
from services.dtc.messages.base import Message
from services.dtc.price_scale import PriceScale
from services.dtc.translate_market import NOTHING, QUOTES, TRADES, MarketTranslator

AT = datetime(2026, 11, 21, 14, 30, 1, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
SECONDS = 1_795_271_400
TIME = datetime.fromtimestamp(SECONDS, UTC)
MOMENT = {
    wire.MarketDataUpdateTrade: SECONDS + 0.25,
    wire.MarketDataUpdateTradeWithUnbundledIndicator: SECONDS + 0.25,
    wire.MarketDataUpdateTradeCompact: SECONDS,
    wire.MarketDataUpdateTradeWithUnbundledIndicator2: SECONDS * 10**6 + 250_000,
    wire.MarketDataUpdateTradeV2: SECONDS * 10**6 + 250_000,
}

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture
def market() -> MarketTranslator:
    translator = MarketTranslator(Refusals("x"))
    translator.subscription("ES")
    return translator


@pytest.mark.parametrize("kind", TRADES, ids=lambda kind: str(kind.TYPE))
def test_every_kind_of_trade_is_a_tick_and_moves_the_last_price(market: MarketTranslator, kind: type[Message]) -> None:
    moment = {"DateTime": MOMENT[kind]} if kind in MOMENT else {}
    message = kind(SymbolID=1, Price=650025.0, Volume=3, AtBidOrAsk=2, **moment)
    moved = market.read(message, SCALE, AT)
    assert moved.tick is not None
    assert moved.quote is not None
    tick = moved.tick
    assert (tick.symbol, tick.price, tick.volume) == ("ES", Decimal("6500.25"), Decimal(3))
    assert (tick.aggressor, tick.received_at, tick.sequence) == (Aggressor.BUYER, AT, 1)
    assert abs(tick.time - TIME) < timedelta(seconds=1) if moment else tick.time == AT
    assert (moved.quote.last, moved.quote.last_size, moved.quote.received_at) == (tick.price, tick.volume, AT)


@pytest.mark.parametrize("kind", QUOTES, ids=lambda kind: str(kind.TYPE))
def test_every_kind_of_quote_sets_both_sides_and_is_no_trade(market: MarketTranslator, kind: type[Message]) -> None:
    message = kind(SymbolID=1, BidPrice=650000.0, BidQuantity=5, AskPrice=650025.0, AskQuantity=7)
    moved = market.read(message, SCALE, AT)
    assert moved.tick is None
    assert moved.quote is not None
    assert (moved.quote.bid, moved.quote.bid_size) == (Decimal(6500), Decimal(5))
    assert (moved.quote.ask, moved.quote.ask_size) == (Decimal("6500.25"), Decimal(7))


@pytest.mark.parametrize("kind", QUOTES, ids=lambda kind: str(kind.TYPE))
def test_a_side_without_a_price_is_empty_now(market: MarketTranslator, kind: type[Message]) -> None:
    both = kind(SymbolID=1, BidPrice=650000.0, BidQuantity=5, AskPrice=650025.0, AskQuantity=7)
    market.read(both, SCALE, AT)
    moved = market.read(msgspec.structs.replace(both, AskPrice=None), SCALE, AT)
    assert moved.quote is not None
    assert (moved.quote.ask, moved.quote.ask_size, moved.quote.bid) == (None, None, Decimal(6500))


def test_a_snapshot_is_state_and_never_a_trade(market: MarketTranslator) -> None:
    message = wire.MarketDataSnapshot(
        SymbolID=1, BidPrice=650000.0, BidQuantity=5.0, LastTradePrice=650025.0, LastTradeVolume=2.0
    )
    moved = market.read(message, SCALE, AT)
    assert moved.tick is None
    assert moved.quote is not None
    assert (moved.quote.last, moved.quote.last_size) == (Decimal("6500.25"), Decimal(2))
    assert (moved.quote.bid, moved.quote.ask) == (Decimal(6500), None)
    later = market.read(wire.MarketDataSnapshot(SymbolID=1), SCALE, AT)
    assert later.quote is not None
    assert (later.quote.last, later.quote.bid) == (Decimal("6500.25"), None)


def test_a_last_trade_snapshot_is_state_and_leaves_the_sides(market: MarketTranslator) -> None:
    market.read(wire.MarketDataUpdateBidAsk(SymbolID=1, BidPrice=650000.0, BidQuantity=5.0), SCALE, AT)
    moved = market.read(wire.MarketDataUpdateLastTradeSnapshot(LastTradePrice=650050.0), SCALE, AT)
    assert moved.tick is None
    assert moved.quote is not None
    assert (moved.quote.last, moved.quote.bid) == (Decimal("6500.50"), Decimal(6500))


def test_a_trade_without_a_time_has_the_time_of_the_one_before(market: MarketTranslator) -> None:
    market.read(wire.MarketDataUpdateTrade(SymbolID=1, Price=650000.0, Volume=1.0, DateTime=SECONDS), SCALE, AT)
    moved = market.read(wire.MarketDataUpdateTradeNoTimestamp(SymbolID=1, Price=650000.0, Volume=1), SCALE, AT)
    assert moved.tick is not None
    assert (moved.tick.time, moved.tick.sequence) == (TIME, 2)


@pytest.mark.parametrize(("number", "aggressor"), [(0, "UNKNOWN"), (1, "SELLER"), (2, "BUYER"), (9, "UNKNOWN")])
def test_the_aggressor_is_who_crossed_the_spread(market: MarketTranslator, number: int, aggressor: str) -> None:
    message = wire.MarketDataUpdateTrade(SymbolID=1, Price=650000.0, Volume=1.0, AtBidOrAsk=number)
    moved = market.read(message, SCALE, AT)
    assert moved.tick is not None
    assert moved.tick.aggressor is Aggressor[aggressor]


@pytest.mark.parametrize(
    ("price", "volume"), [(None, 1.0), (650000.0, None), (650000.0, 0.0), (650000.0, -1.0), (650000.0, 1e16)]
)
def test_a_trade_without_a_price_or_a_volume_is_none(
    market: MarketTranslator, price: float | None, volume: float | None
) -> None:
    assert market.read(wire.MarketDataUpdateTrade(SymbolID=1, Price=price, Volume=volume), SCALE, AT) == NOTHING


def test_a_trade_that_does_not_form_the_last_price_is_left_out(market: MarketTranslator) -> None:
    message = wire.MarketDataUpdateTradeV2(SymbolID=1, Price=650000.0, Volume=1.0, TradeCondition=1)
    assert market.read(message, SCALE, AT) == NOTHING


def test_a_price_of_zero_or_below_is_a_price(market: MarketTranslator) -> None:
    for price in (0.0, -3750.0):
        moved = market.read(wire.MarketDataUpdateTrade(SymbolID=1, Price=price, Volume=1.0), SCALE, AT)
        assert moved.tick is not None
        assert moved.tick.price == Decimal(str(price)) / 100


def test_a_symbol_keeps_its_number_and_a_foreign_number_is_no_symbol(market: MarketTranslator) -> None:
    assert [market.subscription(symbol).SymbolID for symbol in ("ES", "NQ", "ES")] == [1, 2, 1]
    assert [market.symbol(number) for number in (1, 2, 3, 0)] == ["ES", "NQ", "", ""]


QUOTE = wire.MarketDataUpdateBidAsk(SymbolID=1, BidPrice=650000.0, BidQuantity=5.0)
PRINT = wire.MarketDataUpdateTrade(SymbolID=1, Price=650000.0, Volume=1.0)


def test_a_feed_that_is_down_makes_the_quote_history_once(market: MarketTranslator) -> None:
    market.read(QUOTE, SCALE, AT)
    [quote] = market.feed_of("ES", FeedState.DOWN)
    assert (quote.stale, quote.bid, quote.text) == (True, Decimal(6500), "Market data feed down")
    assert market.feed_of("ES", FeedState.DOWN) == []


def test_a_symbol_of_which_nothing_arrived_yet_can_be_without_a_feed(market: MarketTranslator) -> None:
    assert market.feed_of("ES", FeedState.DOWN) == [Quote("ES", stale=True, feed=FeedState.DOWN)]


def test_a_feed_that_is_up_again_leaves_the_quote_history_until_something_arrives(market: MarketTranslator) -> None:
    market.read(QUOTE, SCALE, AT)
    market.feed_of("ES", FeedState.DOWN)
    [quote] = market.feed_of("ES", FeedState.UP)
    assert (quote.stale, quote.text) == (True, "")
    moved = market.read(wire.MarketDataSnapshot(SymbolID=1, BidPrice=650025.0), SCALE, AT)
    assert moved.quote is not None
    assert not moved.quote.stale


@pytest.mark.parametrize("message", [QUOTE, PRINT], ids=lambda message: type(message).__name__)
def test_a_trade_or_a_quote_proves_that_its_feed_is_up(market: MarketTranslator, message: Message) -> None:
    market.feed_of_all(FeedState.DOWN, ["ES"])
    moved = market.read(message, SCALE, AT)
    assert moved.quote is not None
    assert (moved.quote.stale, moved.quote.feed) == (False, FeedState.UP)


def test_a_snapshot_from_a_server_without_a_feed_is_history(market: MarketTranslator) -> None:
    market.feed_of_all(FeedState.DOWN, [])
    moved = market.read(wire.MarketDataSnapshot(SymbolID=1, BidPrice=650025.0), SCALE, AT)
    assert moved.quote is not None
    assert (moved.quote.stale, moved.quote.bid) == (True, Decimal("6500.25"))


def test_a_halt_is_a_text_on_the_quote_until_trading_opens(market: MarketTranslator) -> None:
    texts = ["Pre-open", "", "Market closed", "Trading halted"]
    for status, text in enumerate(texts, 1):
        [quote] = market.trading("ES", status)
        assert quote.text == text
    assert market.trading("ES", 4) == []
    moved = market.read(QUOTE, SCALE, AT)
    assert moved.quote is not None
    assert moved.quote.text == "Trading halted"
    assert market.trading("ES", 77)[0].trading is TradingStatus.UNKNOWN


def test_a_snapshot_tells_the_trading_status_if_it_knows_it(market: MarketTranslator) -> None:
    for status, expected in ((4, TradingStatus.HALTED), (0, TradingStatus.HALTED), (2, TradingStatus.OPEN)):
        moved = market.read(wire.MarketDataSnapshot(SymbolID=1, TradingStatus=status), SCALE, AT)
        assert moved.quote is not None
        assert moved.quote.trading is expected


def test_session_figures_move_no_quote_and_a_snapshot_moves_both(market: MarketTranslator) -> None:
    moved = market.read(wire.MarketDataUpdateSessionHigh(SymbolID=1, Price=651000.0), SCALE, AT)
    assert (moved.quote, moved.tick) == (None, None)
    assert moved.figures is not None
    assert moved.figures.high == Decimal(6510)
    moved = market.read(wire.MarketDataUpdateSessionLow(SymbolID=1, Price=649000.0), SCALE, AT)
    assert moved.figures is not None
    assert (moved.figures.high, moved.figures.low) == (Decimal(6510), Decimal(6490))
    moved = market.read(wire.MarketDataSnapshot(SymbolID=1, SessionLowPrice=648000.0), SCALE, AT)
    assert moved.quote is not None
    assert moved.figures is not None
    assert (moved.figures.high, moved.figures.low) == (None, Decimal(6480))


def test_a_new_connection_knows_nothing_of_the_market(market: MarketTranslator) -> None:
    market.read(wire.MarketDataUpdateTrade(SymbolID=1, Price=650000.0, Volume=1.0), SCALE, AT)
    market.begin()
    moved = market.read(wire.MarketDataUpdateBidAsk(SymbolID=1, BidPrice=650000.0), SCALE, AT)
    assert moved.quote is not None
    assert moved.quote.last is None
    market.read(wire.MarketDataUpdateSessionHigh(SymbolID=1, Price=651000.0), SCALE, AT)
    market.feed_of_all(FeedState.DOWN, ["ES"])
    market.begin()
    moved = market.read(wire.MarketDataUpdateSessionLow(SymbolID=1, Price=649000.0), SCALE, AT)
    assert moved.figures is not None
    assert moved.figures.high is None
    assert market.feed is FeedState.UP
