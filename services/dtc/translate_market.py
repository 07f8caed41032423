"""Market data: DTC 104, trades and quotes in our words; every generation of them that servers send.

Updates carry our number for the symbol, not its name. A snapshot (104) and a last-trade snapshot (134) are state and
never trades. A price that an update leaves out means that side of the book is empty now; it is not 0. Messages
without a time (142, 143) take the time of the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.model.market import Aggressor, Quote, Tick
from services.dtc.border import Refusals
from services.dtc.enums import RequestActionEnum, TradeConditionFlags
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


@dataclass(frozen=True, slots=True)
class Moved:
    """What one message did to a symbol's market."""

    quote: Quote | None = None
    tick: Tick | None = None


NOTHING = Moved()


class MarketTranslator:
    """Numbers the symbols of one connection and keeps the latest quote of each (network thread)."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._numbers: dict[str, int] = {}
        self._symbols: dict[int, str] = {}
        self._quotes: dict[str, Quote] = {}
        self._times: dict[str, datetime] = {}
        self._sequence = 0

    def begin(self) -> None:
        """Start on a new connection: nothing is known of the market, the numbers stay."""
        self._quotes.clear()
        self._times.clear()

    def subscription(self, symbol: str) -> MarketDataRequest:
        """Return the request for a symbol's market data; the same symbol always gets the same number."""
        number = self._numbers.setdefault(symbol, len(self._numbers) + 1)
        self._symbols[number] = symbol
        return MarketDataRequest(RequestAction=RequestActionEnum.SUBSCRIBE, SymbolID=number, Symbol=symbol)

    def symbol(self, number: int) -> str:
        """Return the symbol a number stands for; empty when it is not one of ours."""
        return self._symbols.get(number, "")

    def read(self, message: Any, scale: PriceScale, at: datetime) -> Moved:
        """Return what a message of TRADES or QUOTES, a 104 or a 134 says about its symbol."""
        symbol = scale.instrument.symbol
        quote = self._quotes.get(symbol) or Quote(symbol)
        if isinstance(message, TRADES):
            moved = self._trade(message, quote, scale, at)
        elif isinstance(message, MarketDataSnapshot):
            moved = Moved(_with_last(_with_sides(quote, message, scale, at), message, scale))
        elif isinstance(message, MarketDataUpdateLastTradeSnapshot):
            moved = Moved(_with_last(replace(quote, received_at=at), message, scale))
        else:
            moved = Moved(_with_sides(quote, message, scale, at))
        if moved.quote is not None:
            self._quotes[symbol] = moved.quote
        return moved

    def stale(self, symbol: str) -> Quote | None:
        """Return the symbol's quote as history: its feed is gone."""
        quote = self._quotes.get(symbol)
        if quote is None:
            return None
        self._quotes[symbol] = replace(quote, stale=True)
        return self._quotes[symbol]

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
        return Moved(replace(quote, last=price, last_size=volume, received_at=at, stale=False), tick)


def _with_sides(quote: Quote, message: Any, scale: PriceScale, at: datetime) -> Quote:
    bid, ask = message.BidPrice, message.AskPrice
    return replace(
        quote,
        bid=None if bid is None else scale.shown(bid)[0],
        bid_size=None if bid is None else _size(message.BidQuantity),
        ask=None if ask is None else scale.shown(ask)[0],
        ask_size=None if ask is None else _size(message.AskQuantity),
        received_at=at,
        stale=False,
    )


def _with_last(quote: Quote, message: Any, scale: PriceScale) -> Quote:
    if message.LastTradePrice is None:
        return quote
    return replace(quote, last=scale.shown(message.LastTradePrice)[0], last_size=_size(message.LastTradeVolume))


def _size(value: float | None) -> Decimal | None:
    """Return a traded or quoted size; None for none, and for what cannot be one."""
    return tidy(float(value)) if value is not None and 0 < value < ABSURD else None
