"""Everything that is said on a line after the logon: who asked what, who waits for what, and what it means.

Sans-io: messages go in, events and messages come out. It outlives the connection: what is subscribed and the last
known price scales stay, everything asked or half answered is forgotten when the line falls. The network thread owns
it; after each `on` or `tick` the thread takes `events` and `outgoing`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, Protocol

from core.clock import Clock
from core.events import InstrumentReported, VenueSpoke
from core.messages import Event
from core.model.bracket import Offsets
from core.model.instrument import Instrument
from core.model.market import FeedState, Quote, SessionFigures, Tick, TradingStatus
from core.model.order import Order
from core.model.order_change import Terms
from core.model.scope import AccountKey
from services.dtc import order_wire
from services.dtc.depth_talk import DEPTH, DepthBoard, DepthTalk
from services.dtc.enums import MarketDataFeedStatusEnum
from services.dtc.list_request import ListRequest
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import (
    MarketDataReject,
    MarketDataSnapshot,
    MarketDataUpdateLastTradeSnapshot,
)
from services.dtc.messages.market_depth import MarketDepthReject
from services.dtc.messages.market_status import MarketDataFeedStatus, MarketDataFeedSymbolStatus, TradingSymbolStatus
from services.dtc.messages.order_entry import CancelOrder, CancelReplaceOrder, SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.messages.symbols import (
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
    SecurityDefinitionResponseV2,
)
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused
from services.dtc.snapshot_request import SnapshotRequest
from services.dtc.translate import Translator
from services.dtc.translate_market import QUOTES, TRADES, MarketTranslator
from services.dtc.translate_session import SESSION


class MarketBoard(DepthBoard, Protocol):
    """Where ticks, quotes and books are left for the trading thread and the window; StateManager is one."""

    def put_tick(self, connection: str, tick: Tick) -> bool:
        """Leave a trade; True asks for one TicksWaiting to be posted."""
        ...

    def put_quote(self, connection: str, quote: Quote) -> None:
        """Set the latest of a symbol."""
        ...

    def put_session_figures(self, connection: str, figures: SessionFigures) -> None:
        """Set the latest of a symbol's session."""
        ...


MARKET: tuple[type[Message], ...] = (*TRADES, *QUOTES, *SESSION, MarketDataSnapshot, MarketDataUpdateLastTradeSnapshot)
FEEDS: Mapping[int, FeedState] = {
    MarketDataFeedStatusEnum.MARKET_DATA_FEED_UNAVAILABLE: FeedState.DOWN,
    MarketDataFeedStatusEnum.MARKET_DATA_FEED_AVAILABLE: FeedState.UP,
}


class Conversation:
    """The talk on one line (network thread).

    Attributes:
        events: what became known, in order; taken and cleared by the owner.
        outgoing: what is to be sent, in order; taken and cleared by the owner.
        ticks_waiting: the board asked for a wake-up; cleared by the owner.
        serves_history: the server has historical prices; None before the first logon.
    """

    def __init__(self, connection: str, board: MarketBoard, clock: Clock) -> None:
        self.events: list[Event] = []
        self.outgoing: list[Message] = []
        self.ticks_waiting = False
        self._connection = connection
        self.serves_history: bool | None = None
        self._board = board
        self._clock = clock
        self._ids = count(1)
        self._translator = Translator(connection, self._ids)
        self._market = MarketTranslator(self._translator.refusals)
        self._depth = DepthTalk(board, self._market, self._translator)
        self._subscribed: dict[str, None] = {}
        self._streaming: set[str] = set()
        self._resubscribe = False
        self._live = False
        self._snapshot: SnapshotRequest | None = None
        self._lists: list[ListRequest] = []
        self._market_handlers: dict[type[Message], Callable[[Any], None]] = {
            **dict.fromkeys(MARKET, self._on_market),
            **dict.fromkeys(DEPTH, self._on_depth),
            MarketDepthReject: self._depth.on_refused,
            MarketDataReject: self._on_market_refused,
            MarketDataFeedStatus: self._on_feed,
            MarketDataFeedSymbolStatus: self._on_symbol_feed,
            TradingSymbolStatus: self._on_trading,
        }

    # -- the line ---------------------------------------------------------------------------------------------------

    def begin(self, response: LogonResponse) -> None:
        """Start on a new connection: what is subscribed is asked for again."""
        self._live = True
        self.serves_history = response.HistoricalPriceDataSupported != 0
        self._resubscribe = response.ResubscribeWhenMarketDataFeedAvailable != 0
        self._streaming.clear()
        self._market.begin()
        self._translator.definitions.begin()
        for symbol in self._subscribed:
            self._translator.definitions.want(symbol)
        self._depth.begin(response)
        self._advance()

    def end(self) -> None:
        """Forget what was asked; what was reported and still waits for a price scale is told now."""
        self._live = False
        self._snapshot = None
        self._lists.clear()
        self._depth.end()
        self.outgoing.clear()
        self.events.extend(self._translator.flush())

    def on(self, message: Message) -> None:
        """Take one message."""
        market = self._market_handlers.get(type(message))
        if market is not None:
            market(message)
            return
        now = self._clock.now()
        if isinstance(message, SecurityDefinitionResponse | SecurityDefinitionResponseV2):
            self._report(self._translator.definitions.on_definition(message))
        elif isinstance(message, SecurityDefinitionReject):
            self._report(self._translator.definitions.on_refusal(message, self._clock.monotonic()))
        elif not self._is_answer(message, now):
            self.events.extend(self._translator.events_from(message, now, self._clock.monotonic()))
        self._advance()

    def tick(self) -> None:
        """Let time pass: overdue questions, reports that waited long enough."""
        self._advance()

    # -- what is wanted ---------------------------------------------------------------------------------------------

    def subscribe(self, symbol: str) -> None:
        """Want a symbol's definition and market data, now and on every later connection."""
        if symbol and symbol not in self._subscribed:
            self._subscribed[symbol] = None
            self._translator.definitions.want(symbol)

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Want a symbol's depth, now and on every later connection, or no more."""
        if wanted:
            self._depth.want(symbol)
        else:
            self.outgoing.extend(self._depth.drop(symbol, symbol in self._streaming))

    def history_scale(self, symbol: str) -> PriceScale | None:
        """Return a scale for another thread to read a symbol's past with; while none is known, ask and return None."""
        scale = self._translator.definitions.scale(symbol)
        if scale is None:
            self._translator.definitions.want(symbol)
        return None if scale is None else PriceScale(scale.instrument, scale.multiplier)

    def is_unknown(self, symbol: str) -> bool:
        """Say whether the venue has answered that it does not know a symbol."""
        definitions = self._translator.definitions
        return definitions.settled(symbol) and definitions.scale(symbol) is None

    def request_snapshot(self, since: datetime) -> None:
        """Ask for everything; replaces one that runs."""
        self._snapshot = SnapshotRequest(self._translator, self._ids, since, self._clock.now())

    def request_list(self, key: AccountKey | None) -> None:
        """Ask for the positions of an account, or for all open orders; one already asked will do."""
        if all(one.key != key for one in self._lists):
            self._lists.append(ListRequest(self._translator, self._ids, key, self._clock.now()))

    def submission(self, order: Order) -> SubmitNewSingleOrder:
        """Return an order as a message, its prices in the scale confirmed on this connection.

        Raises:
            InvalidOrder: it cannot be sent; the sentence says why.
        """
        return order_wire.submission(order, self._translator.definitions.confirmed(order.key.symbol))

    def pair_submission(self, first: Order, second: Order) -> SubmitNewOCOOrder:
        """Return two linked exits as a message; raises as `submission`."""
        return order_wire.pair_submission(first, second, self._translator.definitions.confirmed(first.key.symbol))

    def bracket_submission(
        self, entry: Order, stop: Order, target: Order, offsets: Offsets | None
    ) -> tuple[SubmitNewSingleOrder, SubmitNewOCOOrder]:
        """Return an entry and its exits as messages that belong directly behind each other; raises as `submission`."""
        scale = self._translator.definitions.confirmed(entry.key.symbol)
        return order_wire.bracket_submission(entry, stop, target, offsets, scale)

    def replacement(self, order: Order, wanted: Terms) -> CancelReplaceOrder:
        """Return a request for other terms as a message, its prices in the scale confirmed on this connection.

        Raises:
            InvalidOrder: it cannot be sent; the sentence says why.
        """
        return order_wire.replacement(order, wanted, self._translator.definitions.confirmed(order.key.symbol))

    def cancellation(self, order: Order) -> CancelOrder:
        """Return a request to cancel as a message."""
        return order_wire.cancellation(order)

    # -- private ----------------------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Do what has become possible or due; one definition at a time, market data only once its scale is known."""
        now, now_s = self._clock.now(), self._clock.monotonic()
        self.events.extend(self._translator.release(now_s))
        if not self._live:  # some servers report before they answer the logon; questions have to wait for it
            return
        if self._snapshot is not None:
            self.outgoing.extend(self._snapshot.advance(now, now_s))
            if self._snapshot.outcome is not None:
                self.events.append(self._snapshot.outcome)
                self._snapshot = None
        for one in self._lists:
            self.outgoing.extend(one.advance(now_s))
            if one.outcome is not None:
                self.events.append(one.outcome)
        self._lists = [one for one in self._lists if not one.over]
        if len(self._streaming) < len(self._subscribed):
            self._stream()
        self.outgoing.extend(self._depth.due())
        question = self._translator.definitions.next_request(now_s)
        if question is not None:
            self.outgoing.append(question)

    def _stream(self) -> None:
        """Ask for the market data of subscribed symbols whose scale is confirmed by now."""
        for symbol in self._subscribed:
            if symbol not in self._streaming and self._translator.definitions.confirmed(symbol) is not None:
                self._streaming.add(symbol)
                self._depth.track(symbol)
                self.outgoing.append(self._market.subscription(symbol))

    def _is_answer(self, message: Message, now: datetime) -> bool:
        if self._snapshot is not None and self._snapshot.take(message, now):
            return True
        return any(one.take(message, now) for one in self._lists)

    def _report(self, instruments: list[Instrument]) -> None:
        self.events.extend(InstrumentReported(self._connection, one) for one in instruments)

    def _on_market(self, message: Any) -> None:
        symbol = self._market.symbol(message.SymbolID)
        scale = self._translator.definitions.scale(symbol)
        if scale is None:
            self._translator.refusals.note(message, "a symbol without a price scale")
            return
        try:
            moved = self._market.read(message, scale, self._clock.now())
        except Refused as refusal:
            self._translator.refusals.note(message, str(refusal))
            return
        if moved.quote is not None:
            self._board.put_quote(self._connection, moved.quote)
        if moved.figures is not None:
            self._board.put_session_figures(self._connection, moved.figures)
        if moved.tick is not None and self._board.put_tick(self._connection, moved.tick):
            self.ticks_waiting = True

    def _on_depth(self, message: Message) -> None:
        quote = self._depth.on(message, self._clock.now())
        if quote is not None:
            self._board.put_quote(self._connection, quote)

    def _on_market_refused(self, message: MarketDataReject) -> None:
        symbol = self._market.symbol(message.SymbolID) or "A symbol"
        words = self._translator.masked(message.RejectText) or "no reason given"
        self.events.append(VenueSpoke(self._connection, f"{symbol}: the venue refused market data: {words}"))

    def _on_feed(self, message: MarketDataFeedStatus) -> None:
        feed = FEEDS.get(message.Status)
        if feed is None:
            return
        if feed is not self._market.feed:
            self._tell(f"The venue's market data feed is {feed.value.lower()}")
        self._put(self._market.feed_of_all(feed, self._streaming))
        self._depth.feed(feed, "", self._resubscribe)
        if feed is FeedState.UP and self._resubscribe:
            self.outgoing.extend(self._market.subscription(symbol) for symbol in self._streaming)

    def _on_symbol_feed(self, message: MarketDataFeedSymbolStatus) -> None:
        symbol, feed = self._market.symbol(message.SymbolID), FEEDS.get(message.Status)
        if feed is None or not symbol:
            return
        if self._put(self._market.feed_of(symbol, feed)):
            self._tell(f"{symbol}: the market data feed is {feed.value.lower()}")
        self._depth.feed(feed, symbol, self._resubscribe)
        if feed is FeedState.UP and self._resubscribe:
            self.outgoing.append(self._market.subscription(symbol))

    def _on_trading(self, message: TradingSymbolStatus) -> None:
        symbol = self._market.symbol(message.SymbolID)
        for quote in self._put(self._market.trading(symbol, message.Status)) if symbol else ():
            if quote.trading is not TradingStatus.UNKNOWN:
                self._tell(f"{symbol}: trading is {quote.trading.value.lower()}")

    def _put(self, quotes: list[Quote]) -> list[Quote]:
        for quote in quotes:
            self._board.put_quote(self._connection, quote)
        return quotes

    def _tell(self, text: str) -> None:
        self.events.append(VenueSpoke(self._connection, text))
