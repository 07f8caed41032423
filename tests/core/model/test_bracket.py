"""What a bracket is sent as, which one is refused, and how much of an exit is live while its entry fills."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.bracket import (
    Bracket,
    BracketTarget,
    ExitPoint,
    Leg,
    as_live,
    check_exits,
    legs_of,
    live_quantity,
    waits_for_entry,
)
from core.model.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import PositionKey

D = Decimal
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ES = Instrument("ESZ6", D("0.25"), D("12.5"), "USD")
STOP, GOAL = ExitPoint(distance=D(10)), ExitPoint(distance=D(20))


def order(name: str, quantity: int, filled: int = 0, state: OrderState = OrderState.WORKING, **more: object) -> Order:
    key, side = PositionKey("sim", "Sim1", "ESZ6"), Side.SELL
    made = Order(key, name, side, Intent.PROTECT, OrderType.STOP, D(quantity), AT, AT, state=state)
    return replace(made, filled_quantity=D(filled), **more)  # type: ignore[arg-type]


def scope(*orders: Order) -> dict[str, Order]:
    return {one.client_order_id: one for one in orders}


def child(quantity: int, filled: int = 0, waits: bool = False) -> Order:
    return order("exit", quantity, filled, parent_client_order_id="entry", waits=waits)


@pytest.mark.parametrize(
    ("side", "losing", "entry", "price"),
    [
        (Side.BUY, True, "5000", "4990"),
        (Side.BUY, False, "5000", "5010"),
        (Side.SELL, True, "5000", "5010"),
        (Side.SELL, False, "5000", "4990"),
        # Between two ticks a stop keeps its risk, and a target asks for no more than was wanted.
        (Side.BUY, True, "5000.1", "4990.25"),
        (Side.BUY, False, "5000.1", "5010.00"),
        (Side.SELL, True, "5000.1", "5010.00"),
        (Side.SELL, False, "5000.1", "4990.25"),
    ],
)
def test_a_distance_is_a_price_on_the_grid_beside_the_fill(side: Side, losing: bool, entry: str, price: str) -> None:
    assert STOP.of(D(entry), side, losing, ES) == D(price)


def test_a_price_stays_where_it_was_put_and_a_distance_needs_a_tick_size() -> None:
    unknown = Instrument("ESZ6")
    assert ExitPoint(price=D("4990.1")).of(D(5000), Side.BUY, True, unknown) == D("4990.1")
    with pytest.raises(InvalidOrder, match=r"^the tick size of ESZ6 is not known yet\.$"):
        STOP.of(D(5000), Side.BUY, True, unknown)


def test_each_target_is_an_entry_of_its_own_and_the_rest_has_only_the_stop() -> None:
    bracket = Bracket(STOP, (BracketTarget(D(1), GOAL), BracketTarget(D(2), STOP)))
    two = (Leg(D(1), STOP, GOAL), Leg(D(2), STOP, STOP))
    assert legs_of(bracket, D(3)) == two
    assert legs_of(bracket, D(5)) == (*two, Leg(D(2), STOP, None))
    assert legs_of(Bracket(STOP), D(4)) == (Leg(D(4), STOP, None),)


def test_targets_of_nothing_or_of_more_than_the_entry_are_refused() -> None:
    with pytest.raises(InvalidOrder, match=r"^each target needs a quantity of more than zero\.$"):
        legs_of(Bracket(STOP, (BracketTarget(D(1), GOAL), BracketTarget(D(0), GOAL))), D(3))
    with pytest.raises(InvalidOrder, match=r"^the targets together are 4, more than the order's 3\.$"):
        legs_of(Bracket(STOP, (BracketTarget(D(4), GOAL),)), D(3))
    assert legs_of(Bracket(STOP, (BracketTarget(D("0.5"), GOAL),)), D("0.5")) == (Leg(D("0.5"), STOP, GOAL),)


@pytest.mark.parametrize("side", Side)
def test_exits_on_their_sides_of_the_entry_pass(side: Side) -> None:
    check_exits(Bracket(STOP, (BracketTarget(D(1), GOAL),), D("0.5"), D("0.25")), side, D(5000), ES)
    below, above = ExitPoint(price=D("4999.75")), ExitPoint(price=D("5000.25"))
    stop, goal = (below, above) if side is Side.BUY else (above, below)
    check_exits(Bracket(stop, (BracketTarget(D(1), goal),)), side, D(5000), ES)
    check_exits(Bracket(ExitPoint(distance=D("0.25"))), side, D(5000), ES)


@pytest.mark.parametrize(
    ("side", "bracket", "words"),
    [
        (Side.BUY, Bracket(ExitPoint(price=D(5000))), "the stop 5000.00 must be below the entry at 5000.00."),
        (Side.BUY, Bracket(ExitPoint(price=D(5001))), "the stop 5001.00 must be below the entry at 5000.00."),
        (Side.SELL, Bracket(ExitPoint(price=D(5000))), "the stop 5000.00 must be above the entry at 5000.00."),
        (
            Side.BUY,
            Bracket(STOP, (BracketTarget(D(1), ExitPoint(price=D(5000))),)),
            "the target 5000.00 must be above the entry at 5000.00.",
        ),
        (
            Side.SELL,
            Bracket(STOP, (BracketTarget(D(1), GOAL), BracketTarget(D(1), ExitPoint(price=D(5001))))),
            "the target 5001.00 must be below the entry at 5000.00.",
        ),
        (Side.BUY, Bracket(ExitPoint()), "a stop needs a price or a distance."),
        (Side.BUY, Bracket(ExitPoint(D(4990), D(10))), "a stop needs a price or a distance."),
        (Side.BUY, Bracket(STOP, (BracketTarget(D(1), ExitPoint()),)), "a target needs a price or a distance."),
        (Side.BUY, Bracket(ExitPoint(distance=D(0))), "the distance of a stop must be more than zero."),
        (
            Side.BUY,
            Bracket(STOP, (BracketTarget(D(1), ExitPoint(distance=D(-1))),)),
            "the distance of a target must be more than zero.",
        ),
        (Side.BUY, Bracket(STOP, trail=D(0)), "the distances of breakeven and trail must be more than zero."),
        (Side.BUY, Bracket(STOP, breakeven_after=D(0)), "the distances of breakeven and trail must be more than zero."),
    ],
)
def test_a_bracket_that_cannot_be_is_refused_in_a_sentence(side: Side, bracket: Bracket, words: str) -> None:
    with pytest.raises(InvalidOrder) as refused:
        check_exits(bracket, side, D(5000), ES)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("quantity", "filled", "entry_filled", "live"),
    [(3, 0, 0, 0), (3, 0, 2, 2), (3, 1, 2, 1), (3, 2, 1, 0), (2, 0, 3, 2)],
)
def test_an_exit_is_live_as_far_as_its_entry_filled(quantity: int, filled: int, entry_filled: int, live: int) -> None:
    held, entry = child(quantity, filled), order("entry", 5, entry_filled)
    assert live_quantity(held, scope(held, entry)) == live
    assert as_live(held, scope(held, entry)).remaining == live
    assert as_live(held, scope(held, entry)).filled_quantity == filled
    assert waits_for_entry(held, scope(held, entry)) is (live == 0)


@pytest.mark.parametrize("waits", [False, True])
def test_an_exit_whose_entry_ended_is_live_in_full_unless_the_broker_says_it_waits(waits: bool) -> None:
    held, unfilled = child(3, 1, waits), order("entry", 5, 0, OrderState.CANCELLED)
    assert live_quantity(held, scope(held, unfilled)) == 2
    assert live_quantity(held, scope(held)) == 2
    filled = order("entry", 5, 1, OrderState.CANCELLED)
    assert live_quantity(held, scope(held, filled)) == (0 if waits else 2)


def test_an_exit_the_broker_says_waits_is_not_live_though_its_entry_fills() -> None:
    held, entry = child(3, waits=True), order("entry", 5, 2)
    assert live_quantity(held, scope(held, entry)) == 0
    assert waits_for_entry(held, scope(held, entry))


def test_what_belongs_to_no_entry_is_live_and_nothing_that_is_used_up_waits() -> None:
    alone = order("alone", 3, 1)
    assert live_quantity(alone, scope(alone, order("", 5))) == 2
    assert as_live(alone, scope(alone)) is alone
    assert not waits_for_entry(alone, scope(alone))
    used = order("exit", 3, 3, parent_client_order_id="entry")
    assert not waits_for_entry(used, scope(used, order("entry", 5)))
