"""How much of a close is sent, in what parts, and at which limit."""

from decimal import Decimal

import pytest

from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote
from services.close_size import clip_of, marketable, sendable

ES = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD")
COIN = Instrument("BTC", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))
TOO_LARGE = "Order quantity 600 is more than the largest order of 500"


@pytest.mark.parametrize(
    ("quantity", "instrument", "sent"),
    [
        ("2", ES, "2"),
        ("0.5", COIN, "0.5"),
        ("1.0004", COIN, "1.000"),
        ("0.0004", COIN, "0"),
        ("0.0004", None, "0.0004"),
    ],
)
def test_what_is_sent_is_whole_steps_of_the_venue(quantity: str, instrument: Instrument | None, sent: str) -> None:
    assert sendable(Decimal(quantity), instrument) == Decimal(sent)


@pytest.mark.parametrize(
    ("quantity", "text", "instrument", "clip"),
    [
        ("600", TOO_LARGE, ES, "500"),
        ("600", TOO_LARGE, None, "500"),
        ("600", "Margin", ES, "300"),
        ("400", TOO_LARGE, ES, "200"),  # what it names would not be smaller
        ("1200", "Order quantity 1,200 exceeds maximum order size 1,000", ES, "600"),
        ("3", "No", ES, "2"),
        ("1", "No", ES, None),
        ("0.003", "No", COIN, "0.002"),
        ("0.001", "No", COIN, None),
    ],
)
def test_a_clip_is_the_largest_order_the_refusal_names_or_half(
    quantity: str, text: str, instrument: Instrument | None, clip: str | None
) -> None:
    assert clip_of(Decimal(quantity), text, instrument) == (None if clip is None else Decimal(clip))


QUOTED = Quote("ESZ6", last=Decimal("5000.25"), bid=Decimal(5000), ask=Decimal("5000.50"))


def test_a_marketable_limit_goes_four_ticks_through_the_touch() -> None:
    assert marketable(Side.SELL, QUOTED, ES) == Decimal("4999")
    assert marketable(Side.BUY, QUOTED, ES) == Decimal("5001.50")


def test_without_a_touch_the_last_trade_serves_and_is_brought_to_the_grid() -> None:
    off_tick = Quote("ESZ6", last=Decimal("5000.10"))
    assert marketable(Side.SELL, off_tick, ES) == Decimal("4999")
    assert marketable(Side.BUY, off_tick, ES) == Decimal("5001.25")


def test_without_a_price_or_a_grid_there_is_no_limit() -> None:
    assert marketable(Side.SELL, None, ES) is None
    assert marketable(Side.SELL, Quote("ESZ6"), ES) is None
    assert marketable(Side.SELL, QUOTED, None) is None
    assert marketable(Side.SELL, QUOTED, Instrument("ESZ6")) is None
