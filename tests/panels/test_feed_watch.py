"""A slow market is not a broken feed: the judgement follows the symbol's own rhythm."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from core.model.market import TradingStatus
from panels.feed_watch import Feed, FeedWatch, Freshness, is_resting
from panels.shown import Shown, shown_in
from tests.panels.worlds import NOW, flat, quote


def seen(at_s: float, stale: bool = False) -> Shown:
    made = quote(received_at=NOW + timedelta(seconds=at_s), stale=stale)
    return shown_in(flat(quotes=MappingProxyType({("sim", "ESZ5"): made})))


def after(gap_s: float, silence_s: float, updates: int = 40) -> Feed:
    """Return the judgement after updates each gap_s, then silence."""
    watch = FeedWatch()
    for number in range(updates):
        watch.judge(seen(number * gap_s), NOW + timedelta(seconds=number * gap_s))
    latest = (updates - 1) * gap_s
    return watch.judge(seen(latest), NOW + timedelta(seconds=latest + silence_s))


@pytest.mark.row(137)
def test_a_fast_market_is_slow_after_two_seconds_and_silent_after_five() -> None:
    assert [after(0.1, silence).freshness for silence in (1.9, 2.1, 5.1)] == [
        Freshness.FRESH,
        Freshness.SLOW,
        Freshness.SILENT,
    ]


def test_a_slow_market_is_given_its_own_time() -> None:
    assert [after(6.0, silence).freshness for silence in (20, 31, 61)] == [
        Freshness.FRESH,
        Freshness.SLOW,
        Freshness.SILENT,
    ]


def test_a_symbol_whose_rhythm_is_not_known_is_given_minutes_and_not_for_ever() -> None:
    assert [after(0.1, silence, updates=5).freshness for silence in (59, 61, 299, 301)] == [
        Freshness.FRESH,
        Freshness.SLOW,
        Freshness.SLOW,
        Freshness.SILENT,
    ]


def test_the_engine_s_own_word_counts_at_once() -> None:
    assert FeedWatch().judge(seen(0, stale=True), NOW) == Feed(Freshness.SILENT, 0.0)


def test_without_data_nothing_is_judged() -> None:
    assert FeedWatch().judge(shown_in(flat(quotes=MappingProxyType({}))), NOW) == Feed(Freshness.UNKNOWN, None)


def test_another_symbol_starts_its_own_rhythm() -> None:
    watch = FeedWatch()
    for number in range(40):
        watch.judge(seen(number * 0.1), NOW)
    other = flat(
        selected_symbol=MappingProxyType({"sim": "MESZ5"}),
        quotes=MappingProxyType({("sim", "MESZ5"): quote(received_at=NOW)}),
    )
    assert watch.judge(shown_in(other), NOW + timedelta(seconds=30)).freshness is Freshness.FRESH


@pytest.mark.parametrize("trading", [TradingStatus.HALTED, TradingStatus.CLOSED, TradingStatus.PRE_OPEN])
def test_a_market_the_venue_calls_closed_is_never_stale(trading: TradingStatus) -> None:
    watch = FeedWatch()
    for number in range(40):
        watch.judge(seen(number * 0.1), NOW)
    resting = quote(received_at=NOW, trading=trading)
    shown = shown_in(flat(quotes=MappingProxyType({("sim", "ESZ5"): resting})))
    assert watch.judge(shown, NOW + timedelta(hours=1)).freshness is Freshness.RESTING


def test_out_of_its_hours_a_silent_market_rests_unless_the_venue_says_it_is_open() -> None:
    saturday = NOW + timedelta(days=3)
    future = replace(quote(), symbol="ESZ25_FUT_CME")
    assert is_resting(future, saturday)
    assert not is_resting(replace(future, trading=TradingStatus.OPEN), saturday)
    assert not is_resting(replace(future, symbol="XYZ"), saturday)
    assert not is_resting(future, NOW)


def test_a_feed_the_engine_calls_stale_is_stale_in_any_market() -> None:
    resting = quote(received_at=NOW, trading=TradingStatus.CLOSED, stale=True)
    shown = shown_in(flat(quotes=MappingProxyType({("sim", "ESZ5"): resting})))
    assert FeedWatch().judge(shown, NOW).freshness is Freshness.SILENT
