"""What a change does to the risk, where breakeven is, and what a step is: pure."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.order_change import Effect, Terms, breakeven_of, changed, effect_of, stepped, terms_of
from core.model.position import Position, apply_fill, initial_risk
from core.model.scope import PositionKey
from tests.fakes.clock import START

D = Decimal
KEY = PositionKey("sim", "Sim1", "ESZ6")
ES = Instrument("ESZ6", D("0.25"), D("12.5"), "USD")


def held(quantity: int, price: str = "5000", planned: str | None = "4990") -> Position:
    """Return a position with a plan."""
    side = Side.BUY if quantity > 0 else Side.SELL
    fill = Fill(KEY, "E1", side, D(abs(quantity)), D(price), START, START)
    position = apply_fill(None, fill, ES).after
    assert position is not None
    return position if planned is None else replace(position, initial_risk=initial_risk(position, D(planned), ES))


def order(side: Side, type_: OrderType, intent: Intent, quantity: int = 2, **prices: str) -> Order:
    wanted = {name: D(value) for name, value in prices.items()}
    made = Order(KEY, "ST1", side, intent, type_, D(quantity), START, START, state=OrderState.WORKING)
    return replace(made, **wanted)  # type: ignore[arg-type]


STOP = order(Side.SELL, OrderType.STOP, Intent.PROTECT, trigger_price="4990")
BUY_STOP = order(Side.BUY, OrderType.STOP, Intent.PROTECT, trigger_price="5010")


@pytest.mark.parametrize(
    ("stop", "position", "trigger", "effect"),
    [
        (STOP, held(2), "4995", Effect.EASES),
        (STOP, held(2), "4990", Effect.EASES),
        (STOP, held(2), "4989.75", Effect.WIDENS),
        (replace(STOP, trigger_price=D(4998)), held(2), "4990", Effect.EASES),
        (replace(STOP, trigger_price=D(5020)), held(2), "5001", Effect.EASES),
        (replace(STOP, trigger_price=D(5020)), held(2, planned=None), "5000", Effect.EASES),
        (replace(STOP, trigger_price=D(5020)), held(2, planned=None), "4999.75", Effect.WIDENS),
        (STOP, held(2, planned=None), "4989", Effect.WIDENS),
        (STOP, held(2, planned=None), "4991", Effect.EASES),
        (BUY_STOP, held(-2, planned="5010"), "5009", Effect.EASES),
        (BUY_STOP, held(-2, planned="5010"), "5010.25", Effect.WIDENS),
    ],
)
def test_a_stop_eases_within_the_plan_and_widens_beyond_it(
    stop: Order, position: Position, trigger: str, effect: Effect
) -> None:
    asked = changed(stop, Terms(trigger_price=D(trigger)))
    assert effect_of(stop, asked, position, [stop], ES) is effect


@pytest.mark.parametrize(("others", "effect"), [((), Effect.WIDENS), ((1,), Effect.EASES)])
def test_a_smaller_stop_widens_unless_the_others_cover_the_rest(others: tuple[int, ...], effect: Effect) -> None:
    rest = [replace(STOP, client_order_id=f"O{one}", quantity=D(one)) for one in others]
    assert effect_of(STOP, changed(STOP, Terms(quantity=D(1))), held(2), [STOP, *rest], ES) is effect


def test_a_stop_that_covers_too_little_already_may_be_tightened() -> None:
    small = replace(STOP, quantity=D(1))
    assert effect_of(small, changed(small, Terms(trigger_price=D(4995))), held(2), [small], ES) is Effect.EASES


def test_a_target_goes_anywhere() -> None:
    target = order(Side.SELL, OrderType.LIMIT, Intent.REDUCE, price="5010")
    for price in (5001, 5050):
        assert effect_of(target, changed(target, Terms(price=D(price))), held(2), [], ES) is Effect.EASES


@pytest.mark.parametrize("position", [None, held(-2)])
def test_an_exit_that_exits_nothing_is_measured_as_an_entry(position: Position | None) -> None:
    assert effect_of(STOP, changed(STOP, Terms(trigger_price=D(4995))), position, [], ES) is Effect.ADDS
    assert effect_of(STOP, changed(STOP, Terms(trigger_price=D(4985))), position, [], ES) is Effect.EASES


def test_a_stop_limit_entry_is_likelier_by_either_price() -> None:
    entry = order(Side.BUY, OrderType.STOP_LIMIT, Intent.OPEN, price="5011", trigger_price="5010")
    for terms in (Terms(price=D(5012)), Terms(trigger_price=D(5009)), Terms(quantity=D(3))):
        assert effect_of(entry, changed(entry, terms), None, [], ES) is Effect.ADDS
    for terms in (Terms(price=D("5010.50")), Terms(trigger_price=D("5010.50")), Terms(quantity=D(1))):
        assert effect_of(entry, changed(entry, terms), None, [], ES) is Effect.EASES


@pytest.mark.parametrize(
    ("quantity", "price", "breakeven"),
    [(2, "5000", "5000"), (2, "5000.125", "5000.25"), (-2, "5000.125", "5000"), (2, "5000.0000001", "5000")],
)
def test_breakeven_gives_nothing_away(quantity: int, price: str, breakeven: str) -> None:
    assert breakeven_of(held(quantity, price), ES) == D(breakeven)


def test_without_an_entry_price_or_a_tick_size_there_is_no_breakeven() -> None:
    assert breakeven_of(replace(held(2), entry_price=None), ES) is None
    assert breakeven_of(held(2), Instrument("ESZ6")) is None


@pytest.mark.parametrize(
    ("price", "ticks", "there"),
    [("5000", 1, "5000.25"), ("5000", -2, "4999.50"), ("5000.10", 1, "5000.25"), ("5000.10", -1, "5000")],
)
def test_a_step_from_off_the_grid_goes_onto_it(price: str, ticks: int, there: str) -> None:
    assert stepped(D(price), ticks, ES) == D(there)


def test_terms_over_and_beside_each_other() -> None:
    before = terms_of(STOP)
    assert before == Terms(D(2), None, D(4990))
    wanted = Terms(trigger_price=D(4995)).over(before)
    assert wanted == Terms(D(2), None, D(4995))
    assert wanted.beside(before) == Terms(trigger_price=D(4995))
    assert wanted.beside(wanted).is_empty
    assert changed(STOP, Terms()) == STOP


def test_terms_are_empty_only_when_none_of_the_three_is_asked_for() -> None:
    assert Terms().is_empty
    assert not any(one.is_empty for one in (Terms(D(1)), Terms(price=D(1)), Terms(trigger_price=D(1))))


def test_each_term_is_kept_where_it_is_asked_for_and_dropped_where_it_is_the_same() -> None:
    here, there = Terms(D(1), D(2), D(3)), Terms(D(4), D(5), D(6))
    assert here.over(there) == here
    assert Terms().over(there) == there
    assert here.beside(there) == here
    assert here.beside(here) == Terms()
    assert here.beside(Terms(D(1), D(5), D(3))) == Terms(price=D(2))
    limit = order(Side.BUY, OrderType.STOP_LIMIT, Intent.OPEN, price="5011", trigger_price="5010")
    assert terms_of(limit) == Terms(D(2), D(5011), D(5010))
    assert changed(limit, Terms(D(3))) == replace(limit, quantity=D(3))


def test_a_price_that_was_not_there_before_or_is_gone_moves_nothing() -> None:
    entry = order(Side.BUY, OrderType.STOP_LIMIT, Intent.OPEN, price="5011", trigger_price="5010")
    bare = replace(entry, price=None, trigger_price=None)
    for before, after in ((bare, entry), (entry, bare)):
        assert effect_of(before, after, None, [], ES) is Effect.EASES
        sold, resold = replace(before, side=Side.SELL), replace(after, side=Side.SELL)
        assert effect_of(sold, resold, None, [], ES) is Effect.EASES
    unplaced = replace(STOP, trigger_price=None)
    assert effect_of(unplaced, STOP, held(2, planned=None), [unplaced], ES) is Effect.EASES


def test_a_tick_further_is_further_and_the_same_place_is_not() -> None:
    far = replace(STOP, trigger_price=D(4980))
    for trigger, effect in (("4979.75", Effect.WIDENS), ("4980", Effect.EASES), ("4980.25", Effect.EASES)):
        asked = changed(far, Terms(trigger_price=D(trigger)))
        assert effect_of(far, asked, held(2, planned=None), [far], ES) is effect
        assert effect_of(far, asked, held(2), [far], ES) is effect


def test_a_step_needs_a_tick_size() -> None:
    with pytest.raises(ValueError, match="tick size"):
        stepped(D(5000), 1, Instrument("ESZ6"))
