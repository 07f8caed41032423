"""Depth on a line, without a socket: who asks for it when, and what is left on the board."""

from decimal import Decimal

import msgspec
import pytest

from core.model.depth import Depth
from core.state_manager import StateManager
from services.dtc.conversation import Conversation
from services.dtc.depth_talk import LEVELS
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_depth import (
    MarketDepthReject,
    MarketDepthRequest,
    MarketDepthSnapshotLevel,
    MarketDepthUpdateLevel,
)
from services.dtc.messages.market_status import MarketDataFeedStatus, MarketDataFeedSymbolStatus
from services.dtc.messages.symbols import SecurityDefinitionForSymbolRequest
from tests.fakes.clock import ManualClock
from tests.fakes.dtc_server import definition

WELCOME = LogonResponse(ServerName="Fake", MarketDepthIsSupported=1, ResubscribeWhenMarketDataFeedAvailable=1)
ASKED = MarketDepthRequest(RequestAction=1, SymbolID=1, Symbol="ES", NumLevels=LEVELS)
BOOK = MarketDepthSnapshotLevel(
    SymbolID=1, Side=1, Price=6500.0, Quantity=5, IsFirstMessageInBatch=1, IsLastMessageInBatch=1
)
LARGER = MarketDepthUpdateLevel(SymbolID=1, Side=1, Price=6500.0, Quantity=8, UpdateType=1, FinalUpdateInBatch=1)

pytestmark = pytest.mark.usefixtures("caplog")


class Talk:
    """A conversation, its clock and its board."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.state = StateManager()
        self.conversation = Conversation("x", self.state, self.clock)

    def sent(self, kind: type[Message] = MarketDepthRequest) -> list[Message]:
        """Return what is to be sent of a kind since the last call; definitions are answered."""
        self.conversation.tick()
        taken = list(self.conversation.outgoing)
        self.conversation.outgoing.clear()
        for one in taken:
            if isinstance(one, SecurityDefinitionForSymbolRequest):
                self.conversation.on(msgspec.structs.replace(definition(one.Symbol), RequestID=one.RequestID))
                return [*(each for each in taken if isinstance(each, kind)), *self.sent(kind)]
        return [one for one in taken if isinstance(one, kind)]

    @property
    def depth(self) -> Depth | None:
        """The book on the board."""
        return self.state.snapshot().depths.get(("x", "ES"))

    def sizes(self) -> list[int]:
        """Return the sizes of the bids on the board."""
        assert self.depth is not None
        return [int(size) for _, size in self.depth.bids]


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def told(talk: Talk) -> Talk:
    talk.conversation.begin(WELCOME)
    talk.conversation.follow_depth("ES", True)
    assert talk.sent() == [ASKED]
    talk.conversation.on(BOOK)
    assert talk.sizes() == [5]
    return talk


def test_nobody_looks_so_nothing_is_asked(talk: Talk) -> None:
    talk.conversation.subscribe("ES")
    talk.conversation.begin(WELCOME)
    assert talk.sent() == [] and talk.depth is None


def test_it_waits_for_the_price_scale_and_for_the_line(talk: Talk) -> None:
    talk.conversation.follow_depth("ES", True)
    assert talk.sent() == [] and talk.depth == Depth("ES"), "that somebody waits is on the board at once"
    talk.conversation.begin(WELCOME)
    talk.conversation.follow_depth("ES", True)
    assert talk.sent() == [ASKED]
    assert talk.sent() == []


def test_a_change_reaches_the_board(told: Talk) -> None:
    told.conversation.on(LARGER)
    assert told.sizes() == [8]


def test_who_looks_no_more_unsubscribes_and_the_board_forgets(told: Talk) -> None:
    told.conversation.follow_depth("ES", False)
    assert told.sent() == [MarketDepthRequest(RequestAction=2, SymbolID=1)]
    told.conversation.on(LARGER)
    assert told.depth is None
    told.conversation.follow_depth("ES", False)
    assert told.sent() == []


def test_market_data_and_depth_share_the_number_of_a_symbol(told: Talk) -> None:
    told.conversation.subscribe("NQ")
    told.conversation.follow_depth("NQ", True)
    numbers = {getattr(one, "SymbolID", 0) for one in told.sent(Message)} - {0}
    assert numbers == {2}


def test_a_lost_line_keeps_the_book_as_history_and_the_next_one_drops_it(told: Talk) -> None:
    told.conversation.end()
    told.state.mark_quotes_stale("x")
    assert told.depth is not None and told.depth.stale and told.sizes() == [5]
    told.conversation.begin(WELCOME)
    assert told.depth == Depth("ES")
    assert told.sent() == [ASKED]
    told.conversation.on(LARGER)
    assert told.depth == Depth("ES"), "a change of the new book says nothing without its snapshot"
    told.conversation.on(BOOK)
    assert told.sizes() == [5] and told.depth is not None and not told.depth.stale


def test_a_venue_without_depth_is_not_asked_and_that_is_said(talk: Talk) -> None:
    talk.conversation.follow_depth("ES", True)
    talk.conversation.begin(msgspec.structs.replace(WELCOME, MarketDepthIsSupported=0))
    assert talk.sent() == [] and talk.depth == Depth("ES", is_served=False)


def test_who_begins_to_look_where_none_is_told_hears_that_at_once(talk: Talk) -> None:
    talk.conversation.begin(msgspec.structs.replace(WELCOME, MarketDepthIsSupported=0))
    talk.conversation.follow_depth("ES", True)
    assert talk.depth == Depth("ES", is_served=False)


def test_a_refusal_is_told_in_the_venues_words(told: Talk) -> None:
    told.conversation.on(MarketDepthReject(SymbolID=1, RejectText="No permission."))
    assert told.depth == Depth("ES", refused="No permission")
    told.conversation.on(MarketDepthReject(SymbolID=1))
    assert told.depth == Depth("ES", refused="no reason given")
    told.conversation.on(MarketDepthReject(SymbolID=9, RejectText="of another symbol"))
    assert told.depth == Depth("ES", refused="no reason given")


@pytest.mark.parametrize("message", [MarketDataFeedStatus, MarketDataFeedSymbolStatus], ids=["all", "symbol"])
def test_a_feed_that_goes_makes_it_history_and_its_return_asks_again(told: Talk, message: type[Message]) -> None:
    named = {"SymbolID": 1} if message is MarketDataFeedSymbolStatus else {}
    told.conversation.on(message(Status=1, **named))
    assert told.depth is not None and told.depth.stale and told.sizes() == [5]
    assert told.sent() == []
    told.conversation.on(message(Status=2, **named))
    assert told.sent() == [ASKED]
    told.conversation.on(LARGER)
    assert told.sizes() == [8] and not told.depth.stale


def test_nonsense_is_counted_and_leaves_the_book(told: Talk) -> None:
    told.conversation.on(msgspec.structs.replace(LARGER, Side=7))
    told.conversation.on(msgspec.structs.replace(LARGER, SymbolID=9))
    assert told.sizes() == [5]
    counts = told.conversation._translator.refusals.counts
    assert counts["MarketDepthUpdateLevel: a level of neither side"] == 1


def test_a_book_is_shared_with_the_snapshot_before_until_it_moves(told: Talk) -> None:
    before = told.state.snapshot()
    assert told.state.snapshot().depths is before.depths
    told.conversation.on(LARGER)
    assert told.state.snapshot().depths is not before.depths
    assert before.depths["x", "ES"].bids == ((Decimal(6500), Decimal(5)),)


# -- a venue that tells the best prices in its depth only -------------------------------------------------------------

BEST = msgspec.structs.replace(WELCOME, MarketDepthUpdatesBestBidAndAsk=1)


@pytest.fixture
def quoted(talk: Talk) -> Talk:
    talk.conversation.subscribe("ES")
    talk.conversation.begin(BEST)
    assert talk.sent() == [ASKED], "nobody looks, and the quotes need it"
    return talk


def test_quotes_are_made_of_the_best_of_the_book(quoted: Talk) -> None:
    quoted.conversation.on(BOOK)
    quote = quoted.state.snapshot().quotes["x", "ES"]
    assert quote.bid == 6500 and quote.bid_size == 5
    assert quote.ask is None and quote.received_at == quoted.clock.now()
    assert quoted.depth is None, "a book that nobody looks at stays off the board"
    quoted.conversation.on(LARGER)
    assert quoted.state.snapshot().quotes["x", "ES"].bid_size == 8


def test_there_looking_and_looking_away_changes_nothing_that_is_asked(quoted: Talk) -> None:
    quoted.conversation.on(BOOK)
    quoted.conversation.follow_depth("ES", True)
    assert quoted.sent() == [] and quoted.sizes() == [5]
    quoted.conversation.follow_depth("ES", False)
    assert quoted.sent() == [] and quoted.depth is None
    quoted.conversation.on(LARGER)
    assert quoted.depth is None and quoted.state.snapshot().quotes["x", "ES"].bid_size == 8


def test_elsewhere_depth_makes_no_quotes(told: Talk) -> None:
    assert ("x", "ES") not in told.state.snapshot().quotes
