"""The synthetic market by the calendar: closed, gathering, open, halted, ended; and the same however it is cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from statistics import fmean

import pytest

from services.simulator.contracts import Contract, listed_contracts
from services.simulator.market import SyntheticMarket
from services.simulator.ports import BookChanged, StatusChanged, Traded, VenueEvent
from services.simulator.session_clock import CLOSED, HALTED, OPEN, PRE_OPEN, us_of
from services.simulator.settings import Hours
from tests.services.simulator.venue import DAY, ES, MES, D

MINUTE_US = 60_000_000
BITCOIN = "BTC-PERP"
AFTERNOON_US = us_of(datetime(2026, 11, 23, 21, 59, tzinfo=UTC))
NIGHT_US = us_of(datetime(2026, 11, 24, 0, 5, tzinfo=UTC))


def few(halts_after: float = 0.0) -> list[Contract]:
    """ES, MES and Bitcoin, slowly: the clock is what matters here."""
    listed = [each for each in listed_contracts(DAY) if each.symbol in (ES, MES, BITCOIN)]
    slow = [replace(each, character=replace(each.character, pace=0.5)) for each in listed]
    if not halts_after:
        return slow
    return [replace(each, character=replace(each.character, halts_after=halts_after)) for each in slow]


def market(start_us: int, hours: Hours = "exchange", state: str = "", halts_after: float = 0.0) -> SyntheticMarket:
    return SyntheticMarket(few(halts_after), 6, start_us, state, hours)


def statuses(events: list[VenueEvent], symbol: str = ES) -> list[tuple[int, int]]:
    return [
        (each.status, (each.at_us - AFTERNOON_US) // MINUTE_US)
        for each in events
        if isinstance(each, StatusChanged) and each.symbol == symbol
    ]


def quotes(events: list[VenueEvent], symbol: str = ES) -> list[BookChanged]:
    return [each for each in events if isinstance(each, BookChanged) and each.symbol == symbol]


def test_futures_close_gather_and_open_again_and_nothing_is_quoted_or_traded_in_between() -> None:
    events = market(AFTERNOON_US).step(75 * MINUTE_US)
    for symbol in (ES, MES):
        assert statuses(events, symbol) == [(CLOSED, 1), (PRE_OPEN, 46), (OPEN, 61)]
        minutes = {
            (each.at_us - AFTERNOON_US) / MINUTE_US
            for each in events
            if each.symbol == symbol and not isinstance(each, StatusChanged)
        }
        assert minutes
        assert not [each for each in minutes if 1 < each < 61]


def test_coins_never_close() -> None:
    events = market(AFTERNOON_US).step(75 * MINUTE_US)
    assert statuses(events, BITCOIN) == []
    times = [each.at_us for each in quotes(events, BITCOIN)]
    assert max(after - before for before, after in pairwise(times)) < 3 * MINUTE_US


def test_trading_begins_with_a_new_book_and_a_trade_and_the_price_has_moved_meanwhile() -> None:
    events = market(AFTERNOON_US).step(75 * MINUTE_US)
    of_es = [each for each in events if each.symbol == ES]
    opening = next(i for i, each in enumerate(of_es) if isinstance(each, StatusChanged) and each.status == OPEN)
    closing, book, print_, after = of_es[opening - 3], *of_es[opening + 1 : opening + 4]
    assert isinstance(closing, BookChanged)
    assert isinstance(book, BookChanged)
    assert isinstance(print_, Traded)
    assert isinstance(after, BookChanged)
    assert abs(book.bids[0][0] - closing.bids[0][0]) >= D("0.75"), "a gap"
    assert print_.price in (book.bids[0][0], book.asks[0][0])
    assert after.last == print_.price


def test_a_price_moves_less_while_nobody_trades() -> None:
    def moved(hours: Hours) -> float:
        moves = []
        for seed in range(4):
            events = SyntheticMarket(few()[:1], seed, AFTERNOON_US, "", hours).step(65 * MINUTE_US)
            shown = quotes(events)
            before = max((each for each in shown if each.at_us < AFTERNOON_US + MINUTE_US), key=lambda each: each.at_us)
            after = min(
                (each for each in shown if each.at_us > AFTERNOON_US + 61 * MINUTE_US), key=lambda each: each.at_us
            )
            moves.append(float(abs(after.bids[0][0] - before.bids[0][0])))
        return fmean(moves)

    assert 0.25 < moved("exchange") < moved("always") / 2


def test_a_market_that_never_rests_says_nothing_of_hours() -> None:
    events = market(AFTERNOON_US, hours="always").step(75 * MINUTE_US)
    assert not [each for each in events if isinstance(each, StatusChanged)]
    times = [each.at_us for each in quotes(events)]
    assert max(after - before for before, after in pairwise(times)) < 3 * MINUTE_US


def test_a_market_opened_on_a_closed_day_says_so_with_its_books() -> None:
    saturday = us_of(datetime(2026, 11, 21, 12, tzinfo=UTC))
    opening = market(saturday).opening()
    assert [(each.symbol, each.status) for each in opening if isinstance(each, StatusChanged)] == [
        (ES, CLOSED),
        (MES, CLOSED),
    ]
    assert {each.symbol for each in opening if isinstance(each, BookChanged)} == {ES, MES, BITCOIN}


def test_a_clock_that_stood_still_over_the_opening_opens_at_once() -> None:
    sleeping = market(AFTERNOON_US)
    sleeping.step(5 * MINUTE_US)
    sleeping.jump(AFTERNOON_US + 120 * MINUTE_US)
    first, *rest = (each for each in sleeping.step(MINUTE_US) if each.symbol == ES)
    assert first == StatusChanged(ES, AFTERNOON_US + 120 * MINUTE_US, OPEN)
    assert quotes(rest)


def test_an_extreme_move_halts_every_contract_on_it_for_two_minutes() -> None:
    events = market(NIGHT_US, halts_after=2.0).step(60 * MINUTE_US)
    es, mes = (
        [(each.at_us, each.status) for each in events if isinstance(each, StatusChanged) and each.symbol == name]
        for name in (ES, MES)
    )
    assert es and es == mes
    for (halted_us, halted), (opened_us, opened) in zip(es[::2], es[1::2], strict=False):
        assert (halted, opened) == (HALTED, OPEN)
        assert opened_us - halted_us == 2 * MINUTE_US
        assert not [each for each in events if halted_us < each.at_us < opened_us and each.symbol in (ES, MES)]
    assert statuses(events, BITCOIN) == []


def test_by_default_a_morning_passes_without_a_halt() -> None:
    events = market(us_of(datetime(2026, 11, 23, 14, 25, tzinfo=UTC))).step(4 * 60 * MINUTE_US)
    assert HALTED not in {each.status for each in events if isinstance(each, StatusChanged)}


@pytest.mark.parametrize("start_us", [AFTERNOON_US, NIGHT_US])
def test_hours_and_halts_do_not_depend_on_how_time_is_cut(start_us: int) -> None:
    whole, pieces = market(start_us, halts_after=2.0), market(start_us, halts_after=2.0)
    cut = [event for _ in range(65 * 6) for event in pieces.step(MINUTE_US // 6)]
    assert repr(cut) == repr(whole.step(65 * MINUTE_US))
    assert statuses(cut)


@pytest.mark.parametrize("minutes", [0.5, 10, 50, 62])
def test_a_market_saved_while_open_closed_or_gathering_goes_on_the_same(minutes: float) -> None:
    original = market(AFTERNOON_US)
    original.step(int(minutes * MINUTE_US) + 350_000)
    restored = market(0, state=original.state())
    assert restored.opening() == original.opening()
    assert restored.state() == original.state()
    assert repr(restored.step(12 * MINUTE_US)) == repr(original.step(12 * MINUTE_US))


@pytest.mark.parametrize(("later_us", "then"), [(-MINUTE_US // 2, HALTED), (MINUTE_US // 2, OPEN)])
def test_a_market_saved_in_a_burst_or_in_the_halt_after_it_goes_on_the_same(later_us: int, then: int) -> None:
    original = market(NIGHT_US, halts_after=2.0)
    halted = [each for each in original.step(60 * MINUTE_US) if isinstance(each, StatusChanged)]
    again = market(NIGHT_US, halts_after=2.0)
    again.step(halted[0].at_us - NIGHT_US + later_us)
    restored = market(0, state=again.state(), halts_after=2.0)
    events = restored.step(10 * MINUTE_US)
    assert repr(events) == repr(again.step(10 * MINUTE_US))
    assert [each.status for each in events if isinstance(each, StatusChanged)][:2] == [then, then]


def test_hours_can_be_changed_between_two_runs() -> None:
    restless = market(AFTERNOON_US, hours="always")
    restless.step(10 * MINUTE_US)
    resting = market(0, hours="exchange", state=restless.state())
    assert statuses(resting.opening()) == [(CLOSED, 10)]
    again = market(0, hours="always", state=resting.state())
    assert statuses(again.opening()) == []
    assert quotes(again.step(MINUTE_US))


def test_a_future_ends_at_its_last_moment_even_where_trading_never_rests() -> None:
    last_us = us_of(datetime(2026, 12, 18, 14, 30, tzinfo=UTC))
    listed = [each for each in listed_contracts(date(2026, 12, 18)) if each.root in ("ES", "MES")]
    ending = SyntheticMarket(listed, 5, last_us - MINUTE_US)
    events = ending.step(2 * MINUTE_US)
    of_es = [each for each in events if each.symbol == ES]
    book, status = of_es[-2:]
    price = of_es[-3].last if isinstance(of_es[-3], BookChanged) else None
    assert status == StatusChanged(ES, last_us, CLOSED, settles_at=price)
    assert isinstance(book, BookChanged)
    assert (book.bids, book.asks, book.last) == ((), (), price)
    assert quotes(events, "ESH27_FUT_CME")[-1].at_us > last_us, "the next one goes on"
    told_again = [each for each in SyntheticMarket(listed, 5, 0, ending.state()).opening() if each.symbol == ES]
    assert told_again == [replace(book, at_us=ending.now_us), replace(status, at_us=ending.now_us)]
