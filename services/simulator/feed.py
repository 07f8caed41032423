"""One client's market data: which symbols it hears of under which number, and the messages it gets. Pure.

Trades go out as 107, best bid and ask as 108 when they changed, depth as a 122 batch and then 106 changes. The figures
of the session follow when they changed, a few times a second; what a client was told stands in `_told`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from services.dtc.enums import (
    AtBidOrAskEnum,
    FinalUpdateInBatchEnum,
    MarketDepthUpdateTypeEnum,
    RequestActionEnum,
)
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import (
    MarketDataReject,
    MarketDataRequest,
    MarketDataSnapshot,
    MarketDataUpdateBidAsk,
    MarketDataUpdateTrade,
)
from services.dtc.messages.market_depth import (
    MarketDepthReject,
    MarketDepthRequest,
    MarketDepthSnapshotLevel,
    MarketDepthUpdateLevel,
)
from services.simulator import session_messages, wire
from services.simulator.contracts import Contract
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Level, MarketEvent, StatusChanged, Traded, VenueEvent
from services.simulator.tape import SymbolTape, Tape

_Best = tuple[Decimal | None, Decimal]
_FIGURES_EVERY_US: Final = 250_000


@dataclass(slots=True)
class _DepthView:
    """Depth a client follows: the number it gave the symbol, how deep, and what it knows."""

    symbol_id: int
    count: int
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()


@dataclass(slots=True)
class _Told:
    """What a client knows of a symbol's session, when to look again, and the day and its trades at the last look."""

    messages: set[Message] = field(default_factory=set)
    status: int = 0
    due_us: int = 0
    seen: tuple[date, int] | None = None


class Feed:
    """The market data subscriptions of one client."""

    def __init__(self, contracts: Mapping[str, Contract], tape: Tape) -> None:
        self._contracts = contracts
        self._tape = tape
        self._ids: dict[str, int] = {}
        self._touch: dict[str, tuple[_Best, _Best]] = {}
        self._told: dict[str, _Told] = {}
        self._depth: dict[str, _DepthView] = {}

    def on_request(self, request: MarketDataRequest) -> list[Message]:
        """101: subscribe, unsubscribe or one snapshot → 104, or 103."""
        if request.RequestAction == RequestActionEnum.UNSUBSCRIBE:
            self._ids = {symbol: number for symbol, number in self._ids.items() if number != request.SymbolID}
            return []
        if refused := self._refusal(request, self._ids):
            return [MarketDataReject(SymbolID=request.SymbolID, RejectText=refused)]
        tape = self._tape.symbols[request.Symbol]
        if request.RequestAction == RequestActionEnum.SUBSCRIBE:
            self._ids[request.Symbol] = request.SymbolID
            self._touch[request.Symbol] = (_best(tape.book.bids), _best(tape.book.asks))
            known = session_messages.figures(tape, request.SymbolID, self._contracts[request.Symbol])
            self._told[request.Symbol] = _Told(set(known), tape.status, tape.book.at_us)
        return [_snapshot(tape, request.SymbolID, self._contracts[request.Symbol])]

    def on_depth_request(self, request: MarketDepthRequest) -> list[Message]:
        """102: subscribe, unsubscribe or one snapshot of depth → a batch of 122, or 121."""
        if request.RequestAction == RequestActionEnum.UNSUBSCRIBE:
            self._depth = {name: view for name, view in self._depth.items() if view.symbol_id != request.SymbolID}
            return []
        known = {name: view.symbol_id for name, view in self._depth.items()}
        if refused := self._refusal(request, known):
            return [MarketDepthReject(SymbolID=request.SymbolID, RejectText=refused)]
        view = _DepthView(request.SymbolID, request.NumLevels if request.NumLevels > 0 else 1_000)
        if request.RequestAction == RequestActionEnum.SUBSCRIBE:
            self._depth[request.Symbol] = view
        return _depth_snapshot(view, self._tape.symbols[request.Symbol].book, self._contracts[request.Symbol])

    def messages(self, events: Iterable[VenueEvent]) -> Iterator[Message]:
        """Yield what this client is told of market events."""
        for event in events:
            number = self._ids.get(event.symbol)
            contract = self._contracts[event.symbol]
            if isinstance(event, StatusChanged):
                if number is not None:
                    self._told[event.symbol].status = event.status
                    yield from session_messages.status(event.status, self._tape.symbols[event.symbol], number, contract)
                continue
            if number is not None:
                yield from self._quote_or_trade(event, number, contract)
            view = self._depth.get(event.symbol)
            if view is not None and isinstance(event, BookChanged):
                yield from _depth_changes(view, event, contract)

    def figures(self, now_us: int, without: Collection[str] = ()) -> Iterator[Message]:
        """Yield the figures of the sessions that changed since they were told, and the trading status.

        Args:
            without: symbols of which nothing is told.
        """
        for symbol, number in self._ids.items():
            if symbol in without:
                continue
            tape, told, contract = self._tape.symbols[symbol], self._told[symbol], self._contracts[symbol]
            if told.status != tape.status:
                told.status, told.due_us = tape.status, now_us
                yield from session_messages.status(tape.status, tape, number, contract)
            if now_us >= told.due_us:
                told.due_us = now_us + _FIGURES_EVERY_US
                if told.seen == (tape.day, tape.trades):
                    continue
                told.seen = (tape.day, tape.trades)
                present = session_messages.figures(tape, number, contract)
                yield from (message for message in present if message not in told.messages)
                told.messages = set(present)

    def number(self, symbol: str) -> int | None:
        """Return the number the client subscribed to a symbol with; None when it did not."""
        return self._ids.get(symbol)

    def forget(self, symbol: str) -> None:
        """Drop the subscriptions to a symbol, without a word."""
        for kept in (self._ids, self._touch, self._told, self._depth):
            kept.pop(symbol, None)

    def _quote_or_trade(self, event: MarketEvent, number: int, contract: Contract) -> Iterator[Message]:
        if isinstance(event, Traded):
            yield _trade(event, number, contract)
            return
        touch = (_best(event.bids), _best(event.asks))
        if touch != self._touch.get(event.symbol):
            self._touch[event.symbol] = touch
            yield _bid_ask(event, number, contract)

    def _refusal(self, request: MarketDataRequest | MarketDepthRequest, known: Mapping[str, int]) -> str:
        if request.RequestAction not in (RequestActionEnum.SUBSCRIBE, RequestActionEnum.SNAPSHOT):
            return f"Request action {request.RequestAction} is not supported"
        if request.Symbol not in self._tape.symbols:
            return f"Symbol {request.Symbol or '(empty)'} is unknown"
        if known.get(request.Symbol, request.SymbolID) != request.SymbolID:
            return f"Symbol {request.Symbol} is subscribed already, as number {known[request.Symbol]}"
        if any(number == request.SymbolID and name != request.Symbol for name, number in known.items()):
            return f"Number {request.SymbolID} belongs to another symbol"
        return ""


def _best(levels: tuple[Level, ...]) -> _Best:
    """Return the best level; an empty side has no price."""
    return levels[0] if levels else (None, Decimal(0))


def _snapshot(tape: SymbolTape, number: int, contract: Contract) -> MarketDataSnapshot:
    (bid, bid_size), (ask, ask_size) = _best(tape.book.bids), _best(tape.book.asks)
    at_s = tape.book.at_us / 1_000_000
    return MarketDataSnapshot(
        SymbolID=number,
        SessionSettlementPrice=wire.to_wire(tape.settlement, contract),
        SessionOpenPrice=wire.to_wire(tape.opened, contract),
        SessionHighPrice=wire.to_wire(tape.high, contract),
        SessionLowPrice=wire.to_wire(tape.low, contract),
        SessionVolume=float(tape.volume),
        SessionNumTrades=tape.trades,
        OpenInterest=tape.open_interest,
        BidPrice=wire.to_wire(bid, contract),
        AskPrice=wire.to_wire(ask, contract),
        BidQuantity=float(bid_size),
        AskQuantity=float(ask_size),
        LastTradePrice=wire.to_wire(tape.book.last, contract),
        LastTradeVolume=float(tape.last.size) if tape.last else None,
        LastTradeDateTime=tape.last.at_us / 1_000_000 if tape.last else at_s,
        BidAskDateTime=at_s,
        SessionSettlementDateTime=tape.settled_us // 1_000_000,
        TradingSessionDate=session_messages.midnight(tape.day),
        TradingStatus=tape.status,
        MarketDepthUpdateDateTime=at_s,
    )


def _trade(event: Traded, number: int, contract: Contract) -> MarketDataUpdateTrade:
    return MarketDataUpdateTrade(
        SymbolID=number,
        AtBidOrAsk=AtBidOrAskEnum.AT_ASK if event.aggressor is Side.BUY else AtBidOrAskEnum.AT_BID,
        Price=wire.to_wire(event.price, contract),
        Volume=float(event.size),
        DateTime=event.at_us / 1_000_000,
    )


def _bid_ask(event: BookChanged, number: int, contract: Contract) -> MarketDataUpdateBidAsk:
    (bid, bid_size), (ask, ask_size) = _best(event.bids), _best(event.asks)
    return MarketDataUpdateBidAsk(
        SymbolID=number,
        BidPrice=wire.to_wire(bid, contract),
        BidQuantity=float(bid_size),
        AskPrice=wire.to_wire(ask, contract),
        AskQuantity=float(ask_size),
        DateTime=event.at_us // 1_000_000,
    )


def _depth_snapshot(view: _DepthView, book: BookChanged, contract: Contract) -> list[Message]:
    view.bids, view.asks = book.bids[: view.count], book.asks[: view.count]
    rows = [
        (side, place, price, size)
        for side, levels in ((AtBidOrAskEnum.AT_BID, view.bids), (AtBidOrAskEnum.AT_ASK, view.asks))
        for place, (price, size) in enumerate(levels, 1)
    ]
    if not rows:  # an empty book is told too: one message that is the first and the last
        return [MarketDepthSnapshotLevel(SymbolID=view.symbol_id, IsFirstMessageInBatch=1, IsLastMessageInBatch=1)]
    return [
        MarketDepthSnapshotLevel(
            SymbolID=view.symbol_id,
            Side=side,
            Price=wire.to_wire(price, contract),
            Quantity=float(size),
            Level=place,
            IsFirstMessageInBatch=int(i == 0),
            IsLastMessageInBatch=int(i == len(rows) - 1),
            DateTime=book.at_us / 1_000_000,
        )
        for i, (side, place, price, size) in enumerate(rows)
    ]


def _depth_changes(view: _DepthView, book: BookChanged, contract: Contract) -> Iterator[Message]:
    bids, asks = book.bids[: view.count], book.asks[: view.count]
    changes = [(AtBidOrAskEnum.AT_BID, *each) for each in _difference(view.bids, bids)]
    changes += [(AtBidOrAskEnum.AT_ASK, *each) for each in _difference(view.asks, asks)]
    view.bids, view.asks = bids, asks
    for i, (side, place, (price, size)) in enumerate(changes):
        gone = size == 0
        delete, update = (
            MarketDepthUpdateTypeEnum.MARKET_DEPTH_DELETE_LEVEL,
            MarketDepthUpdateTypeEnum.MARKET_DEPTH_INSERT_UPDATE_LEVEL,
        )
        final = i == len(changes) - 1
        yield MarketDepthUpdateLevel(
            SymbolID=view.symbol_id,
            Side=side,
            Price=wire.to_wire(price, contract),
            Quantity=float(size),
            UpdateType=delete if gone else update,
            DateTime=book.at_us / 1_000_000,
            FinalUpdateInBatch=(
                FinalUpdateInBatchEnum.FINAL_UPDATE_TRUE if final else FinalUpdateInBatchEnum.FINAL_UPDATE_FALSE
            ),
            Level=place,
        )


def _difference(before: tuple[Level, ...], after: tuple[Level, ...]) -> list[tuple[int, Level]]:
    """Return place and level of what changed; a level that is gone has size 0."""
    if before == after:
        return []
    old, new = dict(before), dict(after)
    gone = [(0, (price, price * 0)) for price in old if price not in new]
    return gone + [(i, level) for i, level in enumerate(after, 1) if old.get(level[0]) != level[1]]
