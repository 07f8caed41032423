"""One client's line without its socket: logon, requests, subscriptions, and what is sent to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from core.errors import ConnectionLost
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import MarketDataRequest
from services.dtc.messages.market_depth import MarketDepthRequest
from services.dtc.messages.order_entry import (
    CancelOrder,
    CancelReplaceOrder,
    FlattenPositionsForTradeAccount,
    SubmitFlattenPositionOrder,
    SubmitNewOCOOrder,
    SubmitNewSingleOrder,
)
from services.dtc.session import Session, State
from services.dtc.session_events import LogonRequested, SessionEvent
from services.dtc.session_settings import Role, SessionSettings
from services.simulator import intake, session_messages, wire
from services.simulator.answers import ANSWERS
from services.simulator.faults import FaultyOutlet, LineFaults
from services.simulator.feed import Feed
from services.simulator.ports import VenueEvent
from services.simulator.reports import Report
from services.simulator.venue import Venue

SERVER_NAME: Final = "Stanchion simulator"

_CAPABILITIES: Final = LogonResponse(
    Result=1,
    ResultText="Welcome to the simulator",
    ServerName=SERVER_NAME,
    TradingIsSupported=1,
    OCOOrdersSupported=1,
    BracketOrdersSupported=1,
    OrderCancelReplaceSupported=1,
    SecurityDefinitionsSupported=1,
    HistoricalPriceDataSupported=0,
    MarketDepthIsSupported=1,
    MarketDataSupported=1,
    ResubscribeWhenMarketDataFeedAvailable=1,
)


class Line:
    """A connected client. Only the server's thread uses it.

    Attributes:
        session: the DTC conversation; the owner of the socket moves its bytes.
        lost: the client no longer reads; the socket is to be closed.
    """

    def __init__(
        self,
        settings: SessionSettings,
        venue: Venue,
        faults: LineFaults,
        on_logon: Callable[[], None],
        tell_all: Callable[[list[Report]], None],
        now: float,
    ) -> None:
        """Begin a conversation.

        Args:
            on_logon: called when the client is let in, before its first request is answered.
            tell_all: takes the reports of this client's orders to all lines, this one included.
            now: monotonic seconds.
        """
        self.session = Session(Role.SERVER, settings, now)
        self.lost = False
        self._venue = venue
        self._faults = faults
        self._feed = Feed(venue.contracts, venue.tape)
        self._on_logon = on_logon
        self._tell_all = tell_all
        self._outlet = FaultyOutlet(faults, self._put)
        self._parent: SubmitNewSingleOrder | None = None
        self._now = now

    @property
    def active(self) -> bool:
        """Whether the client is logged on."""
        return self.session.state is State.ACTIVE

    @property
    def over(self) -> bool:
        """Whether the conversation has ended; what is left to write may still be written."""
        return self.lost or self.session.state is State.CLOSED

    def receive(self, data: bytes, now: float) -> None:
        """Handle everything complete in the received bytes.

        Raises:
            RemoteProtocolError: the client does not keep to the protocol.
        """
        self._now = now
        self.session.receive_data(data, now)
        for item in self.session.messages():
            if self._parent is not None and self._completes(self._parent, item):
                continue
            if isinstance(item, LogonRequested):
                self._decide()
            elif not isinstance(item, SessionEvent):
                self._on_message(item)

    def tick(self, now: float) -> None:
        """Heartbeats, deadlines, and messages held back long enough."""
        self._now = now
        self.session.tick(now)
        for _ in self.session.messages():
            pass  # what the session says about silence shows in its state
        self._outlet.release(now)

    def tell(self, messages: Iterable[Message]) -> None:
        """Send messages, as far as the faults let them through."""
        self._outlet.tell(messages, self._now)

    def tell_market(self, events: list[VenueEvent]) -> None:
        """Send what the client subscribed to, as far as there is a feed."""
        self.tell(self._feed.messages(each for each in events if self._faults.has_feed(each.symbol)))
        self.tell_figures()

    def tell_figures(self) -> None:
        """Send what has changed in the sessions the client subscribed to."""
        if not self._faults.feed_down:
            self.tell(self._feed.figures(self._venue.now_us, self._faults.feeds_down))

    def tell_feed(self, symbols: Iterable[str], is_up: bool, whole: bool) -> None:
        """Tell that market data went or came back; what came back has to be subscribed to again.

        Args:
            whole: it is the whole feed, and the symbols are all there are.
        """
        numbers = [number for symbol in symbols if (number := self._feed.number(symbol)) is not None]
        if is_up:
            for symbol in symbols:
                self._feed.forget(symbol)
        concerned: list[int | None] = [None] if whole else [*numbers]
        self.tell(session_messages.feed_status(is_up, number) for number in concerned)

    def _decide(self) -> None:
        if self._faults.refuse_logons > 0:
            self._faults.refuse_logons -= 1
            self.session.refuse_logon(self._faults.logon_text, self._faults.logon_result)
            return
        self._on_logon()
        has_history = int(self._venue.serves_history)
        self.session.accept_logon(msgspec.structs.replace(_CAPABILITIES, HistoricalPriceDataSupported=has_history))
        if self._faults.feed_down:
            self.tell([session_messages.feed_status(is_up=False)])

    def _on_message(self, message: Message) -> None:
        venue, now_us = self._venue, self._venue.now_us
        broker = venue.broker
        if isinstance(message, SubmitNewSingleOrder):
            self._submit(message)
        elif isinstance(message, CancelOrder):
            self._tell_all(broker.cancel(intake.order_name(message), now_us))
        elif isinstance(message, CancelReplaceOrder):
            name = intake.order_name(message)
            change = intake.change(message, broker.find_order(name), venue.contracts)
            self._tell_all(broker.replace(name, change, now_us))
        elif isinstance(message, SubmitFlattenPositionOrder):
            symbol = intake.identifier(message.Symbol, intake.SYMBOL_LENGTH)
            self._tell_all(broker.flatten(symbol, intake.order_name(message), now_us))
        elif isinstance(message, FlattenPositionsForTradeAccount):
            text = intake.identifier(message.FreeFormText, intake.FREE_TEXT_LENGTH)
            self._tell_all(broker.flatten_account(intake.order_name(message), text, now_us))
        elif isinstance(message, SubmitNewOCOOrder):
            self._submit_pair(message)
        elif isinstance(message, MarketDataRequest):
            self.tell(self._feed.on_request(message))
            if message.Symbol in self._faults.feeds_down and self._feed.number(message.Symbol) is not None:
                self.tell([session_messages.feed_status(is_up=False, number=message.SymbolID)])
        elif isinstance(message, MarketDepthRequest):
            self.tell(self._feed.on_depth_request(message))
        elif type(message) in ANSWERS:
            self.tell(ANSWERS[type(message)](message, venue))

    def _submit(self, message: SubmitNewSingleOrder) -> None:
        """Take an order; a parent waits here for its exits, which are the next message of this client."""
        if message.IsParentOrder:
            self._parent = message
            return
        try:
            new = intake.new_order(message, self._venue.contracts)
        except intake.Unreadable as reason:
            self.tell([wire.unreadable_order(message, str(reason))])
            return
        self._tell_all(self._venue.broker.submit(new, self._venue.now_us))

    def _submit_pair(self, message: SubmitNewOCOOrder) -> None:
        try:
            pair = intake.new_pair(message, self._venue.contracts)
        except intake.Unreadable as reason:
            self.tell(wire.refused_pair(message, str(reason)))
            return
        if pair.parent_trigger:
            self.tell(wire.refused_pair(message, f"Parent order {pair.parent_trigger} does not wait for exits"))
            return
        self._tell_all(self._venue.broker.submit_pair(pair, self._venue.now_us))

    def _completes(self, parent: SubmitNewSingleOrder, item: Message | SessionEvent) -> bool:
        """Return whether the message after a parent order is that of its exits; refuse the parent if it is not."""
        self._parent = None
        if isinstance(item, SubmitNewOCOOrder) and item.ParentTriggerClientOrderID == parent.ClientOrderID != "":
            self._submit_bracket(parent, item)
            return True
        self.tell([wire.unreadable_order(parent, "The exits of a parent order have to follow it directly")])
        return False

    def _submit_bracket(self, parent: SubmitNewSingleOrder, message: SubmitNewOCOOrder) -> None:
        """Take an entry and its exits, or refuse all three."""
        try:
            entry = intake.new_order(parent, self._venue.contracts)
            exits = intake.new_pair(message, self._venue.contracts)
            if (message.Symbol, message.TradeAccount) != (parent.Symbol, parent.TradeAccount):
                raise intake.Unreadable("Exits need the symbol and the account of their parent")
        except intake.Unreadable as reason:
            self.tell([wire.unreadable_order(parent, str(reason)), *wire.refused_pair(message, str(reason))])
            return
        self._tell_all(self._venue.broker.submit_bracket(entry, exits, self._venue.now_us))

    def _put(self, message: Message) -> None:
        try:
            if self.active:
                self.session.send(message)
        except ConnectionLost:
            self.lost = True
