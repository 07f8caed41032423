"""Prices and what stands beside them: one row a tick, and only what changed is drawn."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from types import MappingProxyType

import pytest

from core.model.depth import Depth, Level
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from panels.dom_ladder import LadderBuilder
from panels.dom_rows import (
    HALF,
    Axis,
    Ladder,
    Marks,
    axis_around,
    changed,
    full_bar,
    own_orders,
    price_of,
    runs,
)
from tests.panels.worlds import ES_KEY, MES_KEY, by_id, flat, order

NO_ORDERS = by_id()
TICK = Decimal("0.25")
AXIS = Axis(Decimal(5100), TICK)
NO_LADDER = Ladder()


def built(builder: LadderBuilder, book: Depth | None, before: Ladder = NO_LADDER) -> Ladder:
    """Return the ladder of a book."""
    depths = {} if book is None else {("sim", "ESZ5"): book}
    return builder.build(AXIS, flat(depths=MappingProxyType(depths), orders=NO_ORDERS), ES_KEY, Marks(), before)


@pytest.mark.parametrize(
    ("price", "tick"), [("5050.25", "0.25"), ("110.515625", "0.015625"), ("-37.63", "0.01"), ("0.00005", "0.00005")]
)
def test_the_middle_of_an_axis_is_the_price_and_every_row_a_tick(price: str, tick: str) -> None:
    axis = axis_around(Decimal(price), Decimal(tick))
    assert axis.price(HALF) == Decimal(price)
    assert axis.price(0) - axis.price(1) == Decimal(tick)
    for row in (0, 1, HALF, axis.count - 1):
        assert axis.row(axis.price(row)) == row


def test_an_axis_made_around_a_price_between_ticks_stands_on_the_grid() -> None:
    assert axis_around(Decimal("5050.30"), TICK).price(HALF) == Decimal("5050.25")


def test_a_price_has_the_row_nearest_or_none() -> None:
    assert AXIS.row(Decimal("5099.75")) == 1 and AXIS.row(Decimal("5099.80")) == 1
    assert AXIS.row(Decimal("5100.25")) is None and AXIS.row(None) is None
    assert AXIS.row(AXIS.price(AXIS.count - 1) - TICK) is None


def test_near_an_end_is_within_a_hundred_rows_of_it() -> None:
    assert AXIS.is_near_an_end(99) and AXIS.is_near_an_end(AXIS.count - 100)
    assert not AXIS.is_near_an_end(100) and not AXIS.is_near_an_end(AXIS.count - 101)


def test_sizes_stand_at_their_rows_and_those_of_one_row_add_up() -> None:
    bids = ((Decimal(5100), Decimal(3)), (Decimal("5099.80"), Decimal(2)), (Decimal("5099.75"), Decimal(4)))
    ladder = built(LadderBuilder(), Depth("ESZ5", (*bids, (Decimal(1), Decimal(9))), (), True))
    assert ladder.bids == {0: 3, 1: 6} and ladder.asks == {}


def test_what_says_the_same_is_not_built_again() -> None:
    builder, book = LadderBuilder(), Depth("ESZ5", ((Decimal(5099), Decimal(3)),), ((Decimal(5100), Decimal(2)),), True)
    first = built(builder, book)
    assert built(builder, book, first) is first
    moved = built(builder, replace(book, asks=((Decimal(5100), Decimal(5)),)), first)
    assert moved.bids is first.bids and moved.asks == {0: 5} and moved.largest == 8
    builder.begin()
    assert built(builder, book, moved).asks == {0: 2}


def test_a_book_that_is_gone_leaves_no_sizes() -> None:
    builder = LadderBuilder()
    first = built(builder, Depth("ESZ5", ((Decimal(5099), Decimal(3)),), (), True))
    assert built(builder, None, first).bids == {}


def test_our_orders_stand_at_what_triggers_them_or_at_their_limit() -> None:
    stop = order(1, trigger_price=Decimal(5099))
    both = order(2, type=OrderType.STOP_LIMIT, trigger_price=Decimal(5099), price=Decimal(5098))
    limit = order(3, type=OrderType.LIMIT, trigger_price=None, price=Decimal("5099.50"))
    elsewhere = order(4, key=MES_KEY, trigger_price=Decimal(5099))
    ended = order(5, state=OrderState.CANCELLED, trigger_price=Decimal(5099))
    market = order(6, type=OrderType.MARKET, trigger_price=None)
    bought = order(7, side=Side.BUY, trigger_price=Decimal(5099))
    all_of_them = (stop, both, limit, elsewhere, ended, market, bought)
    assert own_orders(AXIS, all_of_them, ES_KEY, Side.SELL) == {4: (stop, both), 2: (limit,)}
    assert own_orders(AXIS, all_of_them, ES_KEY, Side.BUY) == {4: (bought,)}
    assert price_of(market) is None


def test_a_full_bar_rises_in_doublings_so_that_bars_do_not_breathe() -> None:
    assert full_bar({1: Decimal(129)}, {2: Decimal(3)}) == 256 and full_bar({}, {}) == 1


def test_only_rows_that_differ_are_drawn_anew() -> None:
    before = Ladder({1: Decimal(5), 2: Decimal(6)}, marks=Marks(last=1, average=9))
    after = Ladder({1: Decimal(5), 2: Decimal(7), 3: Decimal(1)}, marks=Marks(last=2, average=9))
    assert changed(before, after) == {1, 2, 3, 9}
    assert changed(before, Ladder(before.bids, marks=before.marks)) == set()
    assert changed(before, Ladder(before.bids, marks=before.marks, largest=Decimal(2))) is None


def test_runs_join_rows_that_touch() -> None:
    assert runs({5, 1, 2, 7, 6}) == [(1, 2), (5, 7)] and runs(()) == []


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_the_rows_are_what_the_snapshot_says_and_every_change_is_drawn(seed: int) -> None:
    rng, builder, shown = Random(seed), LadderBuilder(), NO_LADDER
    drawn: dict[int, tuple[object, ...]] = {}
    book = Depth("ESZ5")
    for _ in range(200):
        if rng.random() < 0.7:
            book = random_book(rng, book)
        if rng.random() < 0.05:
            builder.begin()
            shown, drawn = NO_LADDER, {}
        before, shown = shown, built(builder, book, shown)
        rows = changed(before, shown)
        for row in range(AXIS.count) if rows is None else rows:
            drawn[row] = (shown.bids.get(row), shown.asks.get(row))
        for side, at in ((book.bids, 0), (book.asks, 1)):
            expected = {AXIS.row(price): size for price, size in side if AXIS.row(price) is not None}
            assert {one: cells[at] for one, cells in drawn.items() if cells[at] is not None} == expected


def random_book(rng: Random, book: Depth) -> Depth:
    """Return a book one side of which, or both, may be another."""
    prices = [Decimal(5100) - TICK * at for at in range(-3, 40)]

    def side() -> tuple[Level, ...]:
        return tuple((one, Decimal(rng.randrange(1, 300))) for one in rng.sample(prices, rng.randrange(6)))

    bids = side() if rng.random() < 0.5 else book.bids
    return Depth("ESZ5", bids, side() if rng.random() < 0.5 else book.asks, complete=True)
