"""What a quote says beside its figures: the venue's clock, and a word when trading is not normal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model.market import FeedState, Quote, TradingStatus

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, timedelta(0), timedelta(minutes=5)])
def test_clocks_that_differ_by_an_hour_at_most_are_the_same(ahead: timedelta) -> None:
    assert Quote("ESZ6", ahead=ahead).venue_time(NOW) == NOW


@pytest.mark.parametrize("ahead", [HOUR + timedelta(seconds=1), timedelta(days=-40)])
def test_a_replayed_market_has_its_own_time(ahead: timedelta) -> None:
    assert Quote("ESZ6", ahead=ahead).venue_time(NOW) == NOW + ahead


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (TradingStatus.UNKNOWN, ""),
        (TradingStatus.PRE_OPEN, "Pre-open"),
        (TradingStatus.CLOSED, "Market closed"),
        (TradingStatus.HALTED, "Trading halted"),
    ],
)
def test_a_feed_that_is_down_goes_before_how_the_venue_trades(status: TradingStatus, word: str) -> None:
    quote = Quote("ESZ6", trading=status)
    assert quote.text == word
    assert replace(quote, feed=FeedState.DOWN).text == "Market data feed down"
