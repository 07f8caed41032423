"""The synthetic market: plausible, and the same bytes for the same seed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from statistics import correlation, fmean

import pytest

from services.simulator.contracts import listed_contracts
from services.simulator.market import DEPTH, SyntheticMarket
from services.simulator.ports import BookChanged, Traded, VenueEvent
from tests.services.simulator.venue import DAY, ES, MES, D, contracts

MINUTE_US = 60_000_000
SIZES = list(range(9, 19))
RANDOM = [3, [1, 2, 3], None]
OLD = {
    "now_us": 5_000_000,
    "next_walk_us": 5_050_000,
    "random": RANDOM,
    "books": {
        ES: {"touch": [26449, 2, 26451, 5_010_000], "bids": SIZES, "asks": [8, *SIZES[1:]], "random": RANDOM},
        MES: {"touch": [26449, 1, 26449, 5_020_000], "bids": [20] * 10, "asks": [21] * 10, "random": RANDOM},
    },
}
"""What was saved before volatility clustered: touch is bid, spread, last, time of the next event."""


def market(seed: int = 1, state: str = "") -> SyntheticMarket:
    return SyntheticMarket(contracts(), seed, 1_000_000, state)


def books(events: Sequence[VenueEvent], symbol: str = "") -> list[BookChanged]:
    return [each for each in events if isinstance(each, BookChanged) and symbol in ("", each.symbol)]


def test_the_same_seed_gives_the_same_bytes_twice() -> None:
    first, second = (repr(market(7).step(MINUTE_US)).encode() for _ in range(2))
    assert first == second
    assert first != repr(market(8).step(MINUTE_US)).encode()


def test_the_stream_does_not_depend_on_how_time_is_cut() -> None:
    whole, pieces = market(), market()
    cut = [event for _ in range(600) for event in pieces.step(MINUTE_US // 600)]
    assert cut == whole.step(MINUTE_US)


def test_a_saved_market_continues_where_it_was() -> None:
    original = market()
    original.step(MINUTE_US)
    restored = market(seed=99, state=original.state())
    assert restored.now_us == original.now_us
    assert restored.opening() == original.opening()
    assert restored.step(MINUTE_US) == original.step(MINUTE_US)


def test_a_jump_moves_the_clock_and_nothing_else() -> None:
    source = market()
    source.step(MINUTE_US)
    before = books(source.opening())
    source.jump(source.now_us + MINUTE_US)
    assert source.now_us == 1_000_000 + 2 * MINUTE_US
    assert books(source.opening()) == [replace(each, at_us=source.now_us) for each in before]
    first, *_ = source.step(MINUTE_US)
    assert first.at_us > 1_000_000 + 2 * MINUTE_US
    source.jump(0)
    assert source.now_us == 1_000_000 + 3 * MINUTE_US


def test_every_book_has_ten_contiguous_levels_a_side_and_a_spread() -> None:
    for shown in (each for each in market().step(5 * MINUTE_US) if isinstance(each, BookChanged)):
        prices = [price for price, _ in reversed(shown.bids)] + [price for price, _ in shown.asks]
        assert len(shown.bids) == len(shown.asks) == DEPTH
        assert prices == sorted(set(prices))
        assert all(size > 0 for _, size in shown.bids + shown.asks)
        assert shown.bids[0][0] - shown.bids[-1][0] == Decimal("0.25") * (DEPTH - 1)
        assert shown.bids[0][0] % Decimal("0.25") == 0


def test_trades_print_at_the_touch_they_took() -> None:
    source = market()
    last = {each.symbol: each for each in books(source.opening())}
    trades = 0
    for event in source.step(MINUTE_US):
        if isinstance(event, Traded):
            side = last[event.symbol].asks if event.aggressor.sign > 0 else last[event.symbol].bids
            assert event.price == side[0][0]
            assert 0 < event.size <= side[0][1]
            trades += 1
        elif isinstance(event, BookChanged):
            last[event.symbol] = event
    assert trades > 100


def test_mes_follows_es() -> None:
    bids, apart = {ES: Decimal(6500), MES: Decimal(6500)}, []
    for event in market().step(10 * MINUTE_US):
        if isinstance(event, BookChanged):
            bids[event.symbol] = event.bids[0][0]
            apart.append(abs(bids[ES] - bids[MES]))
    assert max(apart) <= Decimal("1.25")
    assert sum(apart) / len(apart) < Decimal("0.25")


def test_every_listed_contract_trades_on_its_grid_in_its_lots_near_where_it_opened() -> None:
    listed = listed_contracts(DAY)
    source = SyntheticMarket(listed, 3, 1_000_000)
    events = source.step(2 * MINUTE_US)
    for contract in listed:
        shown_books = books(events, contract.symbol)
        trades = [each for each in events if isinstance(each, Traded) and each.symbol == contract.symbol]
        assert len(shown_books) > 300 and len(trades) > 60
        opened = contract.character.opens_at
        for shown in shown_books:
            assert shown.bids[0][0] < shown.asks[0][0]
            assert abs(shown.bids[0][0] / opened - 1) < Decimal("0.02")
            assert all(price % contract.tick_size == 0 for price, _ in (*shown.bids, *shown.asks))
            assert all(size % contract.quantity_step == 0 for _, size in (*shown.bids, *shown.asks))


def test_a_large_tick_is_quoted_one_tick_wide_and_a_small_one_wider() -> None:
    source = SyntheticMarket(listed_contracts(DAY), 3, 1_000_000)
    spreads: dict[str, list[Decimal]] = {}
    for shown in books(source.step(2 * MINUTE_US)):
        spreads.setdefault(shown.symbol, []).append(shown.asks[0][0] - shown.bids[0][0])
    wide = {each.root: fmean(spreads[each.symbol]) / float(each.tick_size) for each in listed_contracts(DAY)}
    assert wide["ZN"] < 1.1 and wide["ES"] < 1.3
    assert 1.7 < wide["BTC-PERP"] < 4


def test_what_moves_together_in_the_world_moves_together_here() -> None:
    source = SyntheticMarket(listed_contracts(DAY), 5, 1_000_000)
    prices: dict[str, list[float]] = {}
    latest = {each.symbol: each for each in books(source.opening())}
    for _ in range(120):
        latest.update((each.symbol, each) for each in books(source.step(MINUTE_US // 4)))
        for symbol, shown in latest.items():
            prices.setdefault(symbol.removesuffix("_FUT_CME"), []).append(float(shown.bids[0][0]))
    moves = {symbol: [b - a for a, b in pairwise(row)] for symbol, row in prices.items()}
    assert correlation(moves["ESZ26"], moves["NQZ26"]) > 0.7
    assert correlation(moves["BTC-PERP"], moves["ETH-PERP"]) > 0.5
    assert abs(correlation(moves["ESZ26"], moves["GCZ26"])) < 0.3


def test_a_market_saved_before_a_contract_was_listed_goes_on_where_the_others_were() -> None:
    original = market()
    original.step(MINUTE_US)
    more = SyntheticMarket(listed_contracts(DAY), 1, 1_000_000, original.state())
    opening = books(more.opening())
    assert opening[:2] == original.opening()
    assert len(opening) == 13


@pytest.mark.parametrize("fairs", [{"fair": [1.0, 1.0, 0.0, 0]}, {"fairs": {"ES": {"price": [1.0, 1.0, 0.0]}}}])
def test_what_an_earlier_version_saved_goes_on_where_its_books_stood(fairs: dict[str, object]) -> None:
    text = json.dumps({**OLD, **fairs})
    restored = market(state=text)
    assert restored.now_us == 5_000_000
    es, mes = books(restored.opening())
    assert (es.bids[0], es.asks[0], es.last) == ((D("6612.25"), D(9)), (D("6612.75"), D(8)), D("6612.75"))
    assert (mes.bids[0], mes.asks[0]) == ((D("6612.25"), D(20)), (D("6612.50"), D(21)))
    events = restored.step(MINUTE_US)
    assert all(abs(each.bids[0][0] - D("6612.25")) < 15 for each in books(events))
    assert repr(events) == repr(market(state=text).step(MINUTE_US)), "and it goes on the same way for everybody"


def test_what_a_later_version_saved_is_left_alone() -> None:
    later = json.dumps({"version": 99, "now_us": "tomorrow"})
    assert market(state=later).opening() == market().opening()


def test_the_pace_is_twenty_to_fifty_events_a_second_and_the_price_stays_near_where_it_opened() -> None:
    events = market().step(10 * MINUTE_US)
    per_second = sum(1 for each in events if each.symbol == ES) / 600
    assert 20 < per_second < 50
    assert all(Decimal(6400) < each.bids[0][0] < Decimal(6600) for each in books(events, ES))
