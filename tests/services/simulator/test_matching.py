"""Our orders against a displayed market: price before time, never better than the touch, never more than there was."""

from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from random import Random

import pytest

from services.simulator.market import SyntheticMarket
from services.simulator.matching import Execution, Lapsed, Outcome, SymbolBook, Triggered
from services.simulator.orders import Order, Side, TimeInForce
from services.simulator.ports import BookChanged, StatusChanged
from tests.services.simulator.venue import ES, D, book, contracts, order, trade


def displayed(**shown: object) -> SymbolBook:
    symbol_book = SymbolBook()
    symbol_book.on_book(book(**shown))  # type: ignore[arg-type]
    return symbol_book


def test_a_market_order_takes_the_displayed_depth_level_by_level() -> None:
    assert displayed(asks=(2, 3, 9)).add(order(quantity=7)) == [
        Execution("1", D(2), D("6500.25")),
        Execution("1", D(3), D("6500.50")),
        Execution("1", D(2), D("6500.75")),
    ]


def test_what_depth_does_not_cover_of_a_market_order_waits_for_the_next_book() -> None:
    symbol_book = displayed(asks=(2,))
    assert symbol_book.add(order(quantity=5)) == [Execution("1", D(2), D("6500.25"))]
    assert symbol_book.on_book(book(ask="6501.00", asks=(9,))) == [Execution("1", D(3), D("6501.00"))]


def test_depth_once_taken_is_gone_until_the_level_shows_another_size() -> None:
    symbol_book = displayed(asks=(5,))
    symbol_book.add(order("1", quantity=5))
    assert symbol_book.add(order("2", quantity=1)) == []
    assert symbol_book.on_book(book(asks=(5,))) == []
    assert symbol_book.on_book(book(asks=(6,))) == [Execution("2", D(1), D("6500.25"))]


def test_a_marketable_limit_never_trades_beyond_its_limit_and_rests_with_the_remainder() -> None:
    symbol_book = displayed(asks=(2, 3))
    assert symbol_book.add(order(quantity=5, limit="6500.25")) == [Execution("1", D(2), D("6500.25"))]
    assert symbol_book.on_trade(trade("6500.00", 9, Side.SELL)) == [Execution("1", D(3), D("6500.25"))]


def test_a_resting_limit_waits_behind_the_displayed_size_and_advances_with_trades_there() -> None:
    symbol_book = displayed(bids=(10,))
    assert symbol_book.add(order(quantity=4, limit="6500.00")) == []
    assert symbol_book.on_trade(trade("6500.00", 7, Side.SELL)) == []
    assert symbol_book.on_trade(trade("6500.00", 5, Side.SELL)) == [Execution("1", D(2), D("6500.00"))]
    assert symbol_book.on_trade(trade("6500.00", 5, Side.SELL)) == [Execution("1", D(2), D("6500.00"))]


def test_prints_of_the_same_side_do_not_fill_a_resting_order() -> None:
    symbol_book = displayed()
    symbol_book.add(order(limit="6500.00"))
    assert symbol_book.on_trade(trade("6500.25", 99, Side.BUY)) == []


def test_orders_ahead_that_cancel_bring_us_forward() -> None:
    symbol_book = displayed(bids=(10,))
    symbol_book.add(order(limit="6500.00"))
    symbol_book.on_book(book(bids=(2,)))
    symbol_book.on_book(book(bids=(50,)))
    assert symbol_book.on_trade(trade("6500.00", 3, Side.SELL)) == [Execution("1", D(1), D("6500.00"))]


def test_a_level_out_of_view_is_joined_when_it_comes_into_view() -> None:
    symbol_book = displayed(bids=(10, 10))
    symbol_book.add(order(limit="6499.00"))
    symbol_book.on_book(book(bid="6499.25", ask="6499.50", bids=(5, 8), last="6499.25"))
    assert symbol_book.on_trade(trade("6499.00", 8, Side.SELL)) == []
    assert symbol_book.on_trade(trade("6499.00", 1, Side.SELL)) == [Execution("1", D(1), D("6499.00"))]


def test_price_goes_before_time_and_time_decides_at_one_price() -> None:
    symbol_book = displayed(bids=(0,), ask="6501.00")
    for name, limit, sequence in (("late", "6500.00", 3), ("early", "6500.00", 1), ("better", "6500.25", 2)):
        symbol_book.add(order(name, quantity=2, limit=limit, sequence=sequence))
    assert symbol_book.on_trade(trade("6500.00", 5, Side.SELL)) == [
        Execution("better", D(2), D("6500.25")),
        Execution("early", D(2), D("6500.00")),
        Execution("late", D(1), D("6500.00")),
    ]


def test_a_book_that_moves_through_a_resting_limit_fills_it_at_the_limit() -> None:
    symbol_book = displayed()
    symbol_book.add(order(quantity=30, limit="6500.00"))
    through = book(bid="6499.50", ask="6499.75", asks=(12, 20), last="6499.75")
    assert symbol_book.on_book(through) == [
        Execution("1", D(12), D("6500.00")),
        Execution("1", D(18), D("6500.00")),
    ]


def test_a_stop_triggers_on_a_print_through_it_and_takes_the_offer() -> None:
    symbol_book = displayed(ask="6501.25")
    assert symbol_book.add(order(stop="6501.00")) == []
    assert symbol_book.on_trade(trade("6500.75", 1, Side.BUY)) == []
    assert symbol_book.on_trade(trade("6501.25", 1, Side.BUY)) == [
        Triggered("1"),
        Execution("1", D(1), D("6501.25")),
    ]


def test_a_sell_stop_limit_rests_when_the_market_is_below_its_limit() -> None:
    symbol_book = displayed(bid="6499.00", ask="6499.25", last="6500.25")
    symbol_book.add(order(side=Side.SELL, stop="6500.00", limit="6499.75"))
    assert symbol_book.on_trade(trade("6499.00", 1, Side.SELL)) == [Triggered("1")]
    assert symbol_book.on_trade(trade("6500.00", 1, Side.BUY)) == [Execution("1", D(1), D("6499.75"))]


def test_immediate_orders_do_not_rest() -> None:
    symbol_book = displayed(asks=(2,))
    all_or_none = order("1", quantity=3, limit="6500.25", time_in_force=TimeInForce.FOK)
    assert symbol_book.add(all_or_none) == [Lapsed("1")]
    rest_cancelled = order("2", quantity=3, limit="6500.25", time_in_force=TimeInForce.IOC)
    assert symbol_book.add(rest_cancelled) == [Execution("2", D(2), D("6500.25")), Lapsed("2")]


def test_nothing_matches_while_held_and_the_present_market_counts_on_release() -> None:
    symbol_book = displayed()
    symbol_book.held = True
    assert symbol_book.add(order("1")) == []
    assert symbol_book.add(order("2", stop="6503.00")) == []
    assert symbol_book.on_trade(trade("6504.00", 1, Side.BUY)) == []
    assert symbol_book.on_book(book(bid="6501.00", ask="6501.25", last="6501.00")) == []
    assert symbol_book.release() == [Execution("1", D(1), D("6501.25"))]


def test_shrinking_keeps_the_place_and_a_new_price_loses_it() -> None:
    symbol_book = displayed(bids=(10, 40))
    symbol_book.add(order(quantity=5, limit="6500.00"))
    symbol_book.on_trade(trade("6500.00", 10, Side.SELL))
    symbol_book.change(order(quantity=2, limit="6500.00"), keeps_place=True)
    assert symbol_book.on_trade(trade("6500.00", 1, Side.SELL)) == [Execution("1", D(1), D("6500.00"))]
    symbol_book.change(order(quantity=2, limit="6499.75"), keeps_place=False)
    assert symbol_book.on_trade(trade("6499.75", 40, Side.SELL)) == []


@pytest.mark.parametrize("seed", range(12))
def test_no_execution_is_better_than_the_touched_price_nor_larger_than_its_order(seed: int) -> None:
    """Random orders of every kind against the synthetic market, checked execution by execution."""
    random, market, symbol_book = Random(seed), SyntheticMarket(contracts(), seed, 0), SymbolBook()
    orders: dict[str, Order] = {}
    filled: dict[str, Decimal] = {}
    for event in [*market.opening(), *market.step(60_000_000)]:
        if event.symbol != ES or isinstance(event, StatusChanged):
            continue
        if isinstance(event, BookChanged):
            outcomes = symbol_book.on_book(event)
        else:
            outcomes = symbol_book.on_trade(event)
            assert _made_by_print(outcomes) <= event.size
        if random.random() < 0.05:
            made = _random_order(random, symbol_book, len(orders))
            orders[made.server_order_id] = made
            outcomes = outcomes + symbol_book.add(made)
        for execution in (each for each in outcomes if isinstance(each, Execution)):
            made = orders[execution.server_order_id]
            filled[made.server_order_id] = filled.get(made.server_order_id, D(0)) + execution.quantity
            assert execution.quantity > 0
            assert filled[made.server_order_id] <= made.quantity
            touch = (symbol_book.asks if made.side is Side.BUY else symbol_book.bids)[0][0]
            sign, limit = made.side.sign, made.limit_price
            assert sign * execution.price >= min(sign * touch, sign * (touch if limit is None else limit))
            assert limit is None or sign * execution.price <= sign * limit
    assert filled, "the run matched nothing"


def _made_by_print(outcomes: list[Outcome]) -> Decimal:
    """Return what resting orders got of a print; what stops took of the book afterwards does not count."""
    made = takewhile(lambda each: isinstance(each, Execution), outcomes)
    return sum((each.quantity for each in made if isinstance(each, Execution)), D(0))


def _random_order(random: Random, symbol_book: SymbolBook, number: int) -> Order:
    side = random.choice(list(Side))
    near = symbol_book.bids[0][0] + D("0.25") * random.randint(-6, 6)
    kind = random.choice(("market", "limit", "limit", "stop", "stop-limit"))
    beyond = (symbol_book.last or near) + side.sign * D("0.25") * random.randint(1, 4)
    return order(
        str(number),
        side,
        quantity=random.choice((1, 2, 5, 20, 90)),
        limit=str(near) if "limit" in kind else None,
        stop=str(beyond) if "stop" in kind else None,
        sequence=number,
    )


def tied(one: Order, other: Order, cancels: bool = False) -> tuple[Order, Order]:
    """Link two orders."""
    return (
        replace(one, linked_id=other.server_order_id, cancels_linked=cancels),
        replace(other, linked_id=one.server_order_id, cancels_linked=cancels),
    )


def test_two_linked_orders_one_print_reaches_get_together_what_one_of_them_wants() -> None:
    symbol_book = displayed()
    for each in tied(
        order("low", Side.SELL, quantity=5, limit="6510.00"), order("high", Side.SELL, quantity=5, limit="6510.25")
    ):
        symbol_book.add(each)
    assert symbol_book.on_trade(trade("6511.00", 3, Side.BUY)) == [Execution("low", D(3), D("6510.00"))]
    assert symbol_book.on_trade(trade("6511.00", 99, Side.BUY)) == [Execution("low", D(2), D("6510.00"))]
    assert symbol_book.on_trade(trade("6512.00", 99, Side.BUY)) == []


def test_a_partial_fill_takes_the_other_out_where_that_was_asked_for() -> None:
    symbol_book = displayed()
    stop, target = tied(
        order("S", Side.SELL, quantity=5, stop="6490.00"), order("T", Side.SELL, quantity=5, limit="6510.00"), True
    )
    symbol_book.add(stop)
    symbol_book.add(target)
    assert symbol_book.on_trade(trade("6511.00", 1, Side.BUY)) == [Execution("T", D(1), D("6510.00"))]
    assert symbol_book.on_trade(trade("6489.00", 1, Side.SELL)) == []


def test_two_linked_stops_that_one_print_reaches_trade_once() -> None:
    symbol_book = displayed()
    for each in tied(order("A", quantity=2, stop="6501.00"), order("B", quantity=2, stop="6501.25", sequence=2)):
        symbol_book.add(each)
    assert symbol_book.on_trade(trade("6502.00", 1, Side.BUY)) == [
        Triggered("A"),
        Execution("A", D(2), D("6500.25")),
    ]


def test_a_stop_that_comes_when_the_last_trade_was_there_already_is_triggered_at_once_but_not_in_a_halt() -> None:
    symbol_book = displayed(last="6489.00")
    stop = order(side=Side.SELL, stop="6490.00")
    assert symbol_book.add(stop) == [Triggered("1"), Execution("1", D(1), D("6500.00"))]
    symbol_book.held = True
    assert symbol_book.add(replace(stop, server_order_id="2")) == []
    assert symbol_book.release() == [Triggered("2"), Execution("2", D(1), D("6500.00"))]


def test_an_exit_grows_with_its_entry_goes_to_the_back_of_its_level_and_not_beyond_what_was_wanted() -> None:
    symbol_book = displayed(asks=(10, 20, 30))
    symbol_book.add(order("P", quantity=9, limit="6490.00"))
    target = replace(order("T", Side.SELL, quantity=1, limit="6500.25", sequence=2), parent_id="P", wanted=D(3))
    symbol_book.add(target)
    symbol_book.on_trade(trade("6500.25", 4, Side.BUY))  # six are ahead of it now
    symbol_book.on_trade(trade("6489.00", 5, Side.SELL))
    assert symbol_book.on_trade(trade("6500.25", 8, Side.BUY)) == []
    symbol_book.on_book(book(asks=(10, 20, 30)))
    assert symbol_book.on_trade(trade("6500.25", 12, Side.BUY)) == [Execution("T", D(2), D("6500.25"))]
    assert symbol_book.on_trade(trade("6501.00", 99, Side.BUY)) == [Execution("T", D(1), D("6500.25"))]


def test_the_exit_that_closed_all_its_entry_filled_takes_the_rest_of_the_entry_out_at_once() -> None:
    symbol_book = displayed()
    symbol_book.add(order("P", quantity=9, limit="6490.00"))
    symbol_book.add(replace(order("T", Side.SELL, quantity=1, limit="6510.00", sequence=2), parent_id="P", wanted=D(9)))
    assert symbol_book.on_trade(trade("6511.00", 9, Side.BUY)) == [Execution("T", D(1), D("6510.00"))]
    assert symbol_book.on_trade(trade("6400.00", 99, Side.SELL)) == []


def test_links_can_be_left_unhonoured() -> None:
    symbol_book = displayed()
    symbol_book.honours_links = False
    for each in tied(
        order("low", Side.SELL, quantity=5, limit="6510.00"), order("high", Side.SELL, quantity=5, limit="6510.25")
    ):
        symbol_book.add(each)
    assert [each.server_order_id for each in symbol_book.on_trade(trade("6511.00", 99, Side.BUY))] == ["low", "high"]
