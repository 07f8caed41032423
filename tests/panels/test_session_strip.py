"""Whether the symbol on show trades, and the figures of its day: in words, in its own prices, and never made up."""

from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest
from pytestqt.qtbot import QtBot

from core.model.market import FeedState, SessionFigures, TradingStatus
from panels.session_strip import SessionStrip, market_state, session_details, session_words
from panels.shown import shown_in
from tests.panels.worlds import flat, quote

FIGURES = SessionFigures(
    "ESZ5",
    day=date(2025, 11, 12),
    open=Decimal("5040"),
    high=Decimal("5060.25"),
    low=Decimal("5031.5"),
    settlement=Decimal("5026.50"),
    volume=Decimal(1234567),
    trades=99,
)


def test_a_trading_market_says_nothing() -> None:
    assert market_state(quote(trading=TradingStatus.OPEN)) == ("", "", "")
    assert market_state(None) == ("", "", "")


@pytest.mark.parametrize(
    ("trading", "word", "tone"),
    [
        (TradingStatus.HALTED, "Trading halted", "danger"),
        (TradingStatus.CLOSED, "Market closed", "danger"),
        (TradingStatus.PRE_OPEN, "Pre-open", "caution"),
    ],
)
def test_a_market_that_does_not_trade_is_named_and_explained(trading: TradingStatus, word: str, tone: str) -> None:
    assert market_state(quote(trading=trading))[:2] == (word, tone)
    assert market_state(quote(trading=trading))[2]


def test_a_dead_feed_of_the_venue_comes_before_its_trading_status() -> None:
    assert market_state(quote(feed=FeedState.DOWN, trading=TradingStatus.CLOSED))[0] == "Market data feed down"


def test_the_figures_are_written_in_the_symbols_prices() -> None:
    shown = shown_in(flat())
    words = session_words(FIGURES, shown)
    assert words == "H 5060.25  L 5031.50  Settle 5026.50  +0.50 %  Vol 1 234 567".replace(" 234 ", "\u2009234\u2009")


def test_what_the_venue_did_not_state_is_left_out_of_the_line_and_a_dash_in_the_list() -> None:
    shown = shown_in(flat())
    assert session_words(None, shown) == ""
    assert session_words(SessionFigures("ESZ5", high=Decimal(5060)), shown) == "H 5060.00"
    assert "Low —" in session_details(SessionFigures("ESZ5", high=Decimal(5060)), shown)


def test_the_strip_shows_both(qtbot: QtBot) -> None:
    strip = SessionStrip()
    qtbot.addWidget(strip)
    strip.resize(1300, 30)
    world = flat(
        quotes=MappingProxyType({("sim", "ESZ5"): quote(trading=TradingStatus.HALTED)}),
        session_figures=MappingProxyType({("sim", "ESZ5"): FIGURES}),
    )
    strip.show()
    strip.refresh(world, shown_in(world))
    assert strip.state.isVisible() and strip.state.accessibleName() == "Market: Trading halted"
    assert "H 5060.25" in strip.figures.text()
    assert "Trades 99" in strip.figures.toolTip()
    trading = flat()
    strip.refresh(trading, shown_in(trading))
    assert not strip.state.isVisible()


def test_figures_that_do_not_fit_are_not_there_and_the_halt_always_is(qtbot: QtBot) -> None:
    strip = SessionStrip()
    qtbot.addWidget(strip)
    world = flat(
        quotes=MappingProxyType({("sim", "ESZ5"): quote(trading=TradingStatus.HALTED)}),
        session_figures=MappingProxyType({("sim", "ESZ5"): FIGURES}),
    )
    strip.resize(260, 20)
    strip.show()
    strip.refresh(world, shown_in(world))
    assert strip.state.isVisible()
    assert strip.figures.text() == "" and "H 5060.25" in strip.figures.toolTip()
    assert "H 5060.25" in strip.figures.accessibleName()
