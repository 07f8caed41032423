"""Market data: DTC 104, 134, trades, quotes and the state of the feed in our words.

All generations of trades and quotes that servers send are read; session figures are in `translate_session.py`.

Updates carry our number for the symbol, not its name. A snapshot (104) and a last-trade snapshot (134) are state and
never trades. A price that an update leaves out means that side of the book is empty now; it is not 0. Messages
without a time (142, 143) take the time of the one before.

A feed is up until the venue says that it is down. Then the quotes are history, and a snapshot, which a server makes
from what it remembers, is history too. A trade or a quote is proof that the symbol's feed is up again, whatever was
said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.model.depth import Depth
from core.model.market import Aggressor, FeedState, Quote, SessionFigures, Tick, TradingStatus
from services.dtc.border import Refusals
from services.dtc.enums import RequestActionEnum, TradeConditionFlags, TradingStatusEnum
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import (
    MarketDataRequest,
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateBidAskCompact,
    MarketDataUpdateBidAskFloatWithMicroseconds,
    MarketDataUpdateBidAskNoTimeStamp,
    MarketDataUpdateBidAskV2,
    MarketDataUpdateLastTradeSnapshot,
    MarketDataUpdateTrade,
    MarketDataUpdateTradeCompact,
    MarketDataUpdateTradeNoTimestamp,
    MarketDataUpdateTradeV2,
    MarketDataUpdateTradeWithUnbundledIndicator,
    MarketDataUpdateTradeWithUnbundledIndicator2,
)
from services.dtc.price_scale import PriceScale, tidy
from services.dtc.refusal import ABSURD
from services.dtc.translate_session import SESSION, figures_after
from services.dtc.wire_time import from_wire

TRADES: tuple[type[Message], ...] = (
    MarketDataUpdateTrade,
    MarketDataUpdateTradeCompact,
    MarketDataUpdateTradeWithUnbundledIndicator,
    MarketDataUpdateTradeNoTimestamp,
    MarketDataUpdateTradeWithUnbundledIndicator2,
    MarketDataUpdateTradeV2,
)
QUOTES: tuple[type[Message], ...] = (
    MarketDataUpdateBidAsk,
    MarketDataUpdateBidAskCompact,
    MarketDataUpdateBidAskNoTimeStamp,
    MarketDataUpdateBidAskFloatWithMicroseconds,
    MarketDataUpdateBidAskV2,
)
AGGRESSORS: Mapping[int, Aggressor] = {1: Aggressor.SELLER, 2: Aggressor.BUYER}
TRADING: Mapping[int, TradingStatus] = {
    TradingStatusEnum.TRADING_STATUS_PRE_OPEN: TradingStatus.PRE_OPEN,
    TradingStatusEnum.TRADING_STATUS_OPEN: TradingStatus.OPEN,
    TradingStatusEnum.TRADING_STATUS_CLOSE: TradingStatus.CLOSED,
    TradingStatusEnum.TRADING_STATUS_TRADING_HALT: TradingStatus.HALTED,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What one message did to a symbol's market."""

    quote: Quote | None = None
    tick: Tick | None = None
    figures: SessionFigures | None = None


NOTHING = Moved()


class MarketTranslator:
    """Numbers the symbols of one connection and keeps the latest of each (network thread).

    Attributes:
        feed: what the venue said of its whole feed.
    """

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._numbers: dict[str, int] = {}
        self._symbols: dict[int, str] = {}
        self._quotes: dict[str, Quote] = {}
        self._figures: dict[str, SessionFigures] = {}
        self.feed = FeedState.UP
        self._times: dict[str, datetime] = {}
        self._sequence = 0

    def begin(self) -> None:
        """Start on a new connection: nothing is known of the market, the numbers stay."""
        self._quotes.clear()
        self._figures.clear()
        self.feed = FeedState.UP
        self._times.clear()

    def subscription(self, symbol: str) -> MarketDataRequest:
        """Return the request for a symbol's market data; the same symbol always gets the same number."""
        action = RequestActionEnum.SUBSCRIBE
        return MarketDataRequest(RequestAction=action, SymbolID=self.number(symbol), Symbol=symbol)

    def number(self, symbol: str) -> int:
        """Return the number of a symbol, the same for everything asked of it."""
        number = self._numbers.setdefault(symbol, len(self._numbers) + 1)
        self._symbols[number] = symbol
        return number

    def symbol(self, number: int) -> str:
        """Return the symbol a number stands for; empty when it is not one of ours."""
        return self._symbols.get(number, "")

    def read(self, message: Any, scale: PriceScale, at: datetime) -> Moved:
        """Return what a message of TRADES, QUOTES or SESSION, a 104 or a 134 says about its symbol.

        Raises:
            Refused: it says something impossible; nothing has changed.
        """
        symbol = scale.instrument.symbol
        quote = self._quote(symbol)
        if isinstance(message, TRADES):
            moved = self._trade(message, quote, scale, at)
        elif isinstance(message, SESSION):
            moved = Moved(figures=figures_after(self._session(symbol), message, scale, at))
        elif isinstance(message, MarketDataSnapshot):
            sides = _with_sides(quote, message, scale, at, quote.feed)
            sides = replace(sides, trading=TRADING.get(message.TradingStatus, quote.trading))
            figures = figures_after(self._session(symbol), message, scale, at)
            moved = Moved(_with_last(sides, message, scale), figures=figures)
        elif isinstance(message, MarketDataUpdateLastTradeSnapshot):
            moved = Moved(_with_last(replace(quote, received_at=at), message, scale))
        else:
            moved = Moved(_with_sides(quote, message, scale, at, FeedState.UP))
        if moved.quote is not None:
            self._quotes[symbol] = moved.quote
        if moved.figures is not None:
            self._figures[symbol] = moved.figures
        return moved

    def best_of(self, depth: Depth, at: datetime) -> Quote:
        """Take the best prices from a book, for a venue that tells them in no other way; return the quote."""
        bid, bid_size = depth.bids[0] if depth.bids else (None, None)
        ask, ask_size = depth.asks[0] if depth.asks else (None, None)
        quote = replace(self._quote(depth.symbol), bid=bid, bid_size=bid_size, ask=ask, ask_size=ask_size)
        quote = replace(quote, received_at=at, stale=False, feed=FeedState.UP)
        self._quotes[depth.symbol] = quote
        return quote

    def feed_of_all(self, feed: FeedState, symbols: Iterable[str]) -> list[Quote]:
        """Take what the venue says of its whole feed; return those quotes of the symbols that changed."""
        self.feed = feed
        return [quote for symbol in symbols for quote in self.feed_of(symbol, feed)]

    def feed_of(self, symbol: str, feed: FeedState) -> list[Quote]:
        """Take what the venue says of a symbol's feed; return its quote if that changed.

        A feed that is up again leaves its quote stale until something arrives.
        """
        quote = self._quote(symbol)
        stale = quote.stale or feed is FeedState.DOWN
        return self._changed(quote, replace(quote, feed=feed, stale=stale))

    def trading(self, symbol: str, status: int) -> list[Quote]:
        """Take what the venue says of trading in a symbol; return its quote if that changed."""
        quote = self._quote(symbol)
        return self._changed(quote, replace(quote, trading=TRADING.get(status, TradingStatus.UNKNOWN)))

    def _quote(self, symbol: str) -> Quote:
        known = self._quotes.get(symbol)
        return known or Quote(symbol, stale=self.feed is FeedState.DOWN, feed=self.feed)

    def _session(self, symbol: str) -> SessionFigures:
        return self._figures.get(symbol) or SessionFigures(symbol)

    def _changed(self, before: Quote, after: Quote) -> list[Quote]:
        if after == before:
            return []
        self._quotes[after.symbol] = after
        return [after]

    def _trade(self, message: Any, quote: Quote, scale: PriceScale, at: datetime) -> Moved:
        if getattr(message, "TradeCondition", 0) & TradeConditionFlags.TRADE_CONDITION_NON_LAST_UPDATE_EQUITY_TRADE:
            return NOTHING
        volume = _size(message.Volume)
        if message.Price is None or volume is None:
            self._refusals.note(message, "a trade without a price or a volume")
            return NOTHING
        price = scale.shown(message.Price)[0]
        time = from_wire(getattr(message, "DateTime", None)) or self._times.get(quote.symbol) or at
        self._times[quote.symbol] = time
        self._sequence += 1
        aggressor = AGGRESSORS.get(message.AtBidOrAsk, Aggressor.UNKNOWN)
        tick = Tick(quote.symbol, price, volume, aggressor, time, at, self._sequence)
        moved = replace(
            quote, last=price, last_size=volume, received_at=at, stale=False, feed=FeedState.UP, ahead=time - at
        )
        return Moved(moved, tick)


def _with_sides(quote: Quote, message: Any, scale: PriceScale, at: datetime, feed: FeedState) -> Quote:
    bid, ask = message.BidPrice, message.AskPrice
    return replace(
        quote,
        bid=None if bid is None else scale.shown(bid)[0],
        bid_size=None if bid is None else _size(message.BidQuantity),
        ask=None if ask is None else scale.shown(ask)[0],
        ask_size=None if ask is None else _size(message.AskQuantity),
        received_at=at,
        stale=feed is FeedState.DOWN,
        feed=feed,
    )


def _with_last(quote: Quote, message: Any, scale: PriceScale) -> Quote:
    if message.LastTradePrice is None:
        return quote
    return replace(quote, last=scale.shown(message.LastTradePrice)[0], last_size=_size(message.LastTradeVolume))


def _size(value: float | None) -> Decimal | None:
    """Return a traded or quoted size; None for none, and for what cannot be one."""
    return tidy(float(value)) if value is not None and 0 < value < ABSURD else None
