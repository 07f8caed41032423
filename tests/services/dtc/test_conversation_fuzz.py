"""Messages with any values at all: a line survives each of them, and no nonsense comes out on our side."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest

from core.events import FillReceived, OrderReported, PositionReported
from core.model.instrument import Instrument
from services.dtc.border import Refusals
from services.dtc.conversation import Conversation
from services.dtc.definitions import LARGEST
from services.dtc.depth_talk import DEPTH
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import MESSAGES
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import MarketDataUpdateTrade
from services.dtc.messages.symbols import SecurityDefinitionResponse
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate, PositionUpdate
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import ABSURD, Refused
from services.dtc.session import SESSION_LEVEL
from services.dtc.translate_market import MarketTranslator
from tests.fakes.clock import ManualClock
from tests.fakes.engine_end import Inbox

LIKELY = (OrderUpdate, PositionUpdate, HistoricalOrderFillResponse, SecurityDefinitionResponse, MarketDataUpdateTrade)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.25, 6500.25, 1e-300, 1e15, 1.1e15, 1e20, -1e29, 1e300, 3.4e38, 5e-324, None)
INTEGERS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 99, -1, 255, 65_535, 2**31 - 1, -(2**31), 2**62)
TEXTS = ("", "ES", "NQ", "Sim1", "S1", "E1", "\x00", "é" * 200, "…")
APPLICATION = [kind for kind in MESSAGES if kind not in SESSION_LEVEL]

pytestmark = pytest.mark.usefixtures("caplog")


class Board:
    """Checks what is put onto it."""

    def put_tick(self, connection: str, tick: Any) -> bool:
        """Take a trade."""
        assert abs(tick.price) <= LARGEST * Decimal(ABSURD)
        assert 0 < tick.volume <= Decimal(ABSURD)
        return True

    def put_quote(self, connection: str, quote: Any) -> None:
        """Take a quote."""
        for price in (quote.last, quote.bid, quote.ask):
            assert price is None or price.is_finite()

    def put_depth(self, connection: str, depth: Any) -> None:
        """Take a book: each side in order, each price once, every size more than nothing."""
        bids, asks = ([price for price, _ in side] for side in (depth.bids, depth.asks))
        assert bids == sorted(set(bids), reverse=True) and asks == sorted(set(asks))
        assert all(0 < size <= Decimal(ABSURD) for side in (depth.bids, depth.asks) for _, size in side)

    def drop_depth(self, connection: str, symbol: str) -> None:
        """Forget a book."""

    def put_session_figures(self, connection: str, figures: Any) -> None:
        """Take a session's figures."""
        for price in (figures.open, figures.high, figures.low, figures.settlement):
            assert price is None or abs(price) <= LARGEST * Decimal(ABSURD)
        for count in (figures.volume, figures.trades, figures.open_interest):
            assert count is None or 0 <= count <= Decimal(ABSURD)


def any_value(field: Any, rng: Random) -> Any:
    kind = field.type
    names = repr(kind)
    sane = rng.random() < 0.95
    if "str" in names:
        return rng.choice(TEXTS[1:6] if sane else TEXTS)
    if "float" in names:
        return rng.choice(FLOATS[2:6] if sane else FLOATS)
    return rng.choice((0, 0, 1, 2, 4) if sane else INTEGERS)


def nonsense(rng: Random) -> Iterator[Message]:
    for _ in range(15_000):
        kind = rng.choice(rng.choice((LIKELY, LIKELY, LIKELY, DEPTH, APPLICATION, APPLICATION)))
        values = {
            field.name: any_value(field, rng)
            for field in msgspec.structs.fields(kind)
            if rng.random() < 0.9 and not field.name.startswith("Reserve")
        }
        yield kind(**values)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_line_survives_fifteen_thousand_messages_of_nonsense(seed: int) -> None:
    rng = Random(seed)
    clock = ManualClock()
    conversation = Conversation("x", Board(), clock)
    conversation.begin(LogonResponse(MarketDepthIsSupported=1))
    inbox = Inbox()
    for symbol in ("ES", "NQ"):
        conversation.subscribe(symbol)
        conversation.follow_depth(symbol, True)
    for number, message in enumerate(nonsense(rng)):
        conversation.on(message)
        if number % 50 == 0:
            conversation.request_snapshot(clock.now())
            clock.advance(rng.choice((0.0, 1.0, 6.0)))
            conversation.tick()
            conversation.on(SecurityDefinitionResponse(Symbol="ES", Description="ES", MinPriceIncrement=0.25))
        for event in conversation.events:
            inbox.post(event)
        conversation.events.clear()
        conversation.outgoing.clear()
    for filled in inbox.of(FillReceived):
        fill = filled.fill
        assert fill.key.account
        assert fill.key.symbol
        assert 0 < fill.quantity <= Decimal(ABSURD)
        assert fill.price is None or abs(fill.price) <= LARGEST * Decimal(ABSURD)
    for placed in inbox.of(PositionReported):
        quantity = placed.report.quantity
        assert quantity is None or abs(quantity) <= Decimal(ABSURD)
    assert len(inbox.of(OrderReported)) > 100
    assert len(inbox.of(FillReceived)) > 2


@pytest.mark.parametrize("price", [price for price in FLOATS if price is not None])
def test_any_number_is_a_price_or_refused_by_the_market(price: float) -> None:
    market = MarketTranslator(Refusals("x"))
    scale = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))
    try:
        moved = market.read(MarketDataUpdateTrade(SymbolID=1, Price=price, Volume=1.0), scale, ManualClock().now())
    except Refused:
        assert abs(price) > ABSURD
    else:
        assert moved.tick is not None
