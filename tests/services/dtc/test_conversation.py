"""What is said on a line after the logon, without a socket: what waits for what, and what a lost line forgets."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from core.errors import InvalidOrder
from core.events import FillReceived, InstrumentReported, OrderReported, SnapshotFailed, VenueSpoke
from core.model.market import FeedState
from core.model.scope import AccountKey
from core.state_manager import StateManager
from services.dtc.conversation import Conversation
from services.dtc.messages.accounts import TradeAccountsRequest
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import (
    MarketDataReject,
    MarketDataRequest,
    MarketDataUpdateSessionHigh,
    MarketDataUpdateTrade,
)
from services.dtc.messages.market_status import MarketDataFeedStatus, MarketDataFeedSymbolStatus, TradingSymbolStatus
from services.dtc.messages.symbols import SecurityDefinitionForSymbolRequest, SecurityDefinitionReject
from services.dtc.messages.trading import CurrentPositionsRequest, OpenOrdersRequest
from tests.fakes.clock import START, ManualClock
from tests.fakes.dtc_server import definition
from tests.fakes.line_bench import order, report

WELCOME = LogonResponse(ServerName="Fake", ResubscribeWhenMarketDataFeedAvailable=1)

pytestmark = pytest.mark.usefixtures("caplog")


class Talk:
    """A conversation, its clock and its board."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.state = StateManager()
        self.conversation = Conversation("x", self.state, self.clock)

    def sent(self) -> list[Message]:
        """Return what is to be sent since the last call."""
        self.conversation.tick()
        taken = list(self.conversation.outgoing)
        self.conversation.outgoing.clear()
        return taken

    def define(self, symbol: str = "ES", multiplier: float = 1.0) -> None:
        """Answer the open question with a definition."""
        (question,) = self.sent()
        assert isinstance(question, SecurityDefinitionForSymbolRequest)
        assert question.Symbol == symbol
        answer = msgspec.structs.replace(definition(symbol, multiplier), RequestID=question.RequestID)
        self.conversation.on(answer)

    def streaming(self) -> "Talk":
        """Subscribe to ES and get its definition."""
        self.conversation.subscribe("ES")
        self.conversation.begin(WELCOME)
        self.define()
        assert self.sent() == [MarketDataRequest(RequestAction=1, SymbolID=1, Symbol="ES")]
        return self


def fill() -> Message:
    return report(reason=4, status=7, LastFillPrice=6500.0, LastFillQuantity=1.0, LastFillExecutionID="E1")


def test_nothing_is_asked_before_the_logon_and_reports_that_come_early_are_told() -> None:
    talk = Talk()
    talk.conversation.subscribe("ES")
    talk.conversation.on(fill())
    talk.conversation.on(report())
    talk.conversation.request_list(None)
    assert talk.sent() == []
    talk.conversation.begin(WELCOME)
    questions = talk.sent()
    assert [type(one) for one in questions] == [OpenOrdersRequest, SecurityDefinitionForSymbolRequest]
    talk.conversation.on(definition("ES"))
    assert [type(event) for event in talk.conversation.events] == [
        InstrumentReported,
        OrderReported,
        FillReceived,
        OrderReported,
    ]


def test_market_data_is_asked_for_once_the_scale_is_known() -> None:
    talk = Talk().streaming()
    assert talk.sent() == []


def test_no_market_data_is_asked_for_a_symbol_the_venue_refuses() -> None:
    talk = Talk()
    talk.conversation.subscribe("NOPE")
    talk.conversation.begin(WELCOME)
    (question,) = talk.sent()
    assert isinstance(question, SecurityDefinitionForSymbolRequest)
    talk.conversation.on(SecurityDefinitionReject(RequestID=question.RequestID, RejectText="no"))
    assert talk.sent() == []
    (event,) = talk.conversation.events
    assert isinstance(event, InstrumentReported)
    assert (event.instrument.symbol, event.instrument.tick_size) == ("NOPE", None)


def test_a_symbol_a_report_waits_for_is_asked_before_those_merely_subscribed() -> None:
    talk = Talk()
    for symbol in ("A", "B", "C"):
        talk.conversation.subscribe(symbol)
    talk.conversation.begin(WELCOME)
    talk.conversation.on(fill())
    talk.define("A")
    asked = [one.Symbol for one in talk.sent() if isinstance(one, SecurityDefinitionForSymbolRequest)]
    assert asked == ["ES"]


def test_a_lost_line_forgets_what_was_asked_and_tells_what_still_waited() -> None:
    talk = Talk()
    talk.conversation.begin(WELCOME)
    talk.conversation.request_snapshot(START)
    talk.conversation.request_list(None)
    talk.conversation.request_list(AccountKey("x", "Sim1"))
    assert [type(one) for one in talk.sent()] == [TradeAccountsRequest, OpenOrdersRequest, CurrentPositionsRequest]
    talk.conversation.on(fill())
    talk.conversation.end()
    assert [type(event) for event in talk.conversation.events] == [OrderReported, FillReceived]
    talk.conversation.events.clear()
    talk.conversation.begin(WELCOME)
    assert [type(one) for one in talk.sent()] == [SecurityDefinitionForSymbolRequest]
    talk.conversation.request_list(None)
    assert [type(one) for one in talk.sent()] == [OpenOrdersRequest]
    talk.clock.advance(60)
    talk.conversation.tick()
    assert talk.conversation.events == []


def test_a_second_snapshot_replaces_the_first() -> None:
    talk = Talk()
    talk.conversation.begin(WELCOME)
    talk.conversation.request_snapshot(START)
    (first,) = talk.sent()
    talk.conversation.request_snapshot(START - timedelta(days=1))
    (second,) = talk.sent()
    assert isinstance(first, TradeAccountsRequest)
    assert isinstance(second, TradeAccountsRequest)
    assert first.RequestID != second.RequestID
    talk.clock.advance(10)
    assert talk.sent() == []
    assert [type(event) for event in talk.conversation.events] == [SnapshotFailed]


def test_a_list_that_is_already_asked_for_is_not_asked_again() -> None:
    talk = Talk()
    talk.conversation.begin(WELCOME)
    for _ in range(5):
        talk.conversation.request_list(None)
        talk.conversation.request_list(AccountKey("x", "Sim1"))
        talk.conversation.request_list(AccountKey("x", "Sim2"))
    assert len(talk.sent()) == 3
    talk.clock.advance(10)
    assert talk.sent() == []
    talk.conversation.request_list(None)
    assert len(talk.sent()) == 1


def test_a_price_is_not_sent_in_the_scale_of_an_earlier_connection() -> None:
    talk = Talk().streaming()
    assert talk.conversation.submission(order(price="6500.25")).Price1 == 6500.25
    talk.conversation.end()
    talk.conversation.begin(WELCOME)
    with pytest.raises(InvalidOrder, match="not confirmed the price scale"):
        talk.conversation.submission(order(price="6500.25"))
    talk.define(multiplier=0.01)
    assert talk.conversation.submission(order(price="6500.25")).Price1 == 650025.0


def test_a_feed_that_goes_makes_quotes_history_and_its_return_subscribes_again() -> None:
    talk = Talk().streaming()
    talk.conversation.on(MarketDataUpdateTrade(SymbolID=1, Price=6500.0, Volume=1.0))
    assert talk.conversation.ticks_waiting
    for message in (MarketDataFeedStatus(Status=1), MarketDataFeedSymbolStatus(SymbolID=1, Status=1)):
        talk.conversation.on(MarketDataUpdateTrade(SymbolID=1, Price=6500.0, Volume=1.0))
        assert not talk.state.snapshot().quotes[("x", "ES")].stale
        talk.conversation.on(message)
        quote = talk.state.snapshot().quotes[("x", "ES")]
        assert quote.stale
        assert quote.last == Decimal(6500)
    talk.conversation.on(MarketDataFeedStatus(Status=2))
    assert talk.sent() == [MarketDataRequest(RequestAction=1, SymbolID=1, Symbol="ES")]


def test_the_state_of_feed_and_trading_is_told_when_it_changes() -> None:
    talk = Talk().streaming()
    talk.conversation.events.clear()
    for message in (
        MarketDataFeedStatus(Status=2),
        MarketDataFeedStatus(Status=1),
        MarketDataFeedStatus(Status=1),
        MarketDataFeedSymbolStatus(SymbolID=1, Status=1),
        MarketDataFeedStatus(Status=2),
        MarketDataFeedSymbolStatus(SymbolID=1, Status=1),
        MarketDataFeedSymbolStatus(SymbolID=77, Status=1),
        TradingSymbolStatus(SymbolID=1, Status=4),
        TradingSymbolStatus(SymbolID=1, Status=4),
        TradingSymbolStatus(SymbolID=77, Status=4),
    ):
        talk.conversation.on(message)
    assert [event.text for event in talk.conversation.events if isinstance(event, VenueSpoke)] == [
        "The venue's market data feed is down",
        "The venue's market data feed is up",
        "ES: the market data feed is down",
        "ES: trading is halted",
    ]
    assert set(talk.state.snapshot().quotes) == {("x", "ES")}


def test_a_feed_status_nobody_knows_changes_nothing() -> None:
    talk = Talk().streaming()
    talk.conversation.on(MarketDataUpdateTrade(SymbolID=1, Price=6500.0, Volume=1.0))
    before = talk.state.snapshot()
    for status in (0, 3, -1):
        talk.conversation.on(MarketDataFeedStatus(Status=status))
        talk.conversation.on(MarketDataFeedSymbolStatus(SymbolID=1, Status=status))
    assert talk.state.snapshot() is before
    assert talk.sent() == []


def test_a_symbol_whose_feed_is_back_is_asked_for_again_if_the_server_wants_that() -> None:
    for wanted in (1, 0):
        talk = Talk().streaming()
        talk.conversation.begin(msgspec.structs.replace(WELCOME, ResubscribeWhenMarketDataFeedAvailable=wanted))
        talk.define()
        talk.sent()
        talk.conversation.on(MarketDataFeedSymbolStatus(SymbolID=1, Status=1))
        talk.conversation.on(MarketDataFeedSymbolStatus(SymbolID=1, Status=2))
        assert talk.sent() == [MarketDataRequest(RequestAction=1, SymbolID=1, Symbol="ES")] * wanted
        assert talk.state.snapshot().quotes["x", "ES"].feed is FeedState.UP


def test_session_figures_are_left_on_the_board() -> None:
    talk = Talk().streaming()
    talk.conversation.on(MarketDataUpdateSessionHigh(SymbolID=1, Price=6510.25))
    assert talk.state.snapshot().session_figures["x", "ES"].high == Decimal("6510.25")
    assert talk.state.snapshot().quotes == {}


def test_refused_market_data_is_told_with_the_venues_words() -> None:
    talk = Talk().streaming()
    talk.conversation.events.clear()
    talk.conversation.on(MarketDataReject(SymbolID=1, RejectText="not over DTC"))
    assert talk.conversation.events == [VenueSpoke("x", "ES: the venue refused market data: not over DTC")]


def test_market_data_of_a_number_that_is_not_ours_is_counted_and_left() -> None:
    talk = Talk().streaming()
    talk.conversation.on(MarketDataUpdateTrade(SymbolID=77, Price=6500.0, Volume=1.0))
    assert not talk.conversation.ticks_waiting
    assert talk.state.snapshot().quotes == {}
