"""The synthetic market: plausible, and the same bytes for the same seed."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import correlation

from services.simulator.contracts import listed_contracts
from services.simulator.market import DEPTH, SyntheticMarket
from services.simulator.ports import BookChanged, MarketEvent, Traded
from tests.services.simulator.venue import DAY, ES, MES, contracts

MINUTE_US = 60_000_000


def market(seed: int = 1, state: str = "") -> SyntheticMarket:
    return SyntheticMarket(contracts(), seed, 1_000_000, state)


def of(symbol: str, events: Sequence[MarketEvent]) -> list[BookChanged]:
    return [each for each in events if isinstance(each, BookChanged) and each.symbol == symbol]


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
    waiting, going = market(), market()
    waiting.jump(waiting.now_us + MINUTE_US)
    assert [type(each) for each in waiting.step(MINUTE_US)] == [type(each) for each in going.step(MINUTE_US)]
    assert waiting.now_us == going.now_us + MINUTE_US
    waiting.jump(0)
    assert waiting.now_us == going.now_us + MINUTE_US


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
    last: dict[str, BookChanged] = {each.symbol: each for each in source.opening() if isinstance(each, BookChanged)}
    trades = 0
    for event in source.step(MINUTE_US):
        if isinstance(event, Traded):
            side = last[event.symbol].asks if event.aggressor.sign > 0 else last[event.symbol].bids
            assert event.price == side[0][0]
            assert 0 < event.size <= side[0][1]
            trades += 1
        else:
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
        books = of(contract.symbol, events)
        trades = [each for each in events if isinstance(each, Traded) and each.symbol == contract.symbol]
        assert len(books) > 300 and len(trades) > 60
        opened = contract.character.opens_at
        for shown in books:
            assert shown.bids[0][0] < shown.asks[0][0]
            assert abs(shown.bids[0][0] / opened - 1) < Decimal("0.02")
            assert all(price % contract.tick_size == 0 for price, _ in (*shown.bids, *shown.asks))
            assert all(size % contract.quantity_step == 0 for _, size in (*shown.bids, *shown.asks))


def test_what_moves_together_in_the_world_moves_together_here() -> None:
    source = SyntheticMarket(listed_contracts(DAY), 5, 1_000_000)
    prices: dict[str, list[float]] = {}
    for _ in range(240):
        latest = {each.symbol: each for each in source.step(MINUTE_US // 12) if isinstance(each, BookChanged)}
        for symbol, shown in latest.items():
            prices.setdefault(symbol.removesuffix("_FUT_CME"), []).append(float(shown.bids[0][0]))
    moves = {symbol: [b - a for a, b in pairwise(row)] for symbol, row in prices.items() if len(row) == 240}
    assert correlation(moves["ESZ26"], moves["NQZ26"]) > 0.6
    assert correlation(moves["BTC-PERP"], moves["ETH-PERP"]) > 0.5
    assert abs(correlation(moves["ESZ26"], moves["GCZ26"])) < 0.3


def test_a_market_saved_before_a_contract_was_listed_goes_on_where_the_others_were() -> None:
    original = market()
    original.step(MINUTE_US)
    more = SyntheticMarket(listed_contracts(DAY), 1, 1_000_000, original.state())
    opening = [each for each in more.opening() if isinstance(each, BookChanged)]
    assert opening[:2] == original.opening()
    assert len(opening) == 13


def test_a_state_of_the_time_of_one_fair_price_goes_on_where_its_books_stood() -> None:
    original = market()
    original.step(MINUTE_US)
    saved = json.loads(original.state())
    older = {"now_us": saved["now_us"], "fair": [1.0, 1.0, 0.0, 0], "books": saved["books"]}
    restored = market(state=json.dumps(older))
    assert restored.opening() == original.opening()
    bid = of(ES, restored.opening())[0].bids[0][0]
    assert all(abs(each.bids[0][0] - bid) < 10 for each in of(ES, restored.step(MINUTE_US)))


def test_the_pace_is_twenty_to_fifty_events_a_second_and_the_price_stays_near_where_it_opened() -> None:
    events = market().step(10 * MINUTE_US)
    per_second = sum(1 for each in events if each.symbol == ES) / 600
    assert 20 < per_second < 50
    assert all(Decimal(6400) < each.bids[0][0] < Decimal(6600) for each in of(ES, events))
