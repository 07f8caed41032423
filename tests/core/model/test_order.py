"""The life of an order: every state against every state, and a fill in each of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import InvalidTransition
from core.model.fill import Side
from core.model.order import ALIVE, FINAL, LIFE, Intent, Order, OrderState, OrderType, advance, with_fill
from core.model.scope import PositionKey

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)
S = OrderState

# Written out, so that no arrow appears or disappears unnoticed: from a state, every other it may become.
AT_BROKER = {S.WORKING, S.PARTIAL, S.PENDING_CHANGE, S.PENDING_CANCEL}
ENDED_BY_BROKER = {S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED}
ARROWS = {
    S.CREATED: {S.SENT, S.DENIED},
    S.SENT: AT_BROKER | ENDED_BY_BROKER | {S.UNKNOWN, S.DENIED},
    S.WORKING: AT_BROKER | ENDED_BY_BROKER | {S.UNKNOWN},
    S.PARTIAL: AT_BROKER | ENDED_BY_BROKER | {S.UNKNOWN},
    S.PENDING_CHANGE: AT_BROKER | ENDED_BY_BROKER | {S.UNKNOWN},
    S.PENDING_CANCEL: AT_BROKER | ENDED_BY_BROKER | {S.UNKNOWN},
    S.UNKNOWN: AT_BROKER | ENDED_BY_BROKER | {S.DENIED},
    **{final: set() for final in (S.FILLED, S.CANCELLED, S.EXPIRED, S.REJECTED, S.DENIED)},
}


def order(state: OrderState = S.WORKING, quantity: str = "3", filled: str = "0") -> Order:
    return Order(
        key=PositionKey("sim", "Sim1", "ESZ6"),
        client_order_id="STAB12X",
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.MARKET,
        quantity=Decimal(quantity),
        created_at=AT,
        updated_at=AT,
        state=state,
        filled_quantity=Decimal(filled),
    )


@pytest.mark.parametrize("before", S)
@pytest.mark.parametrize("after", S)
def test_an_order_moves_along_its_table_and_nowhere_else(before: OrderState, after: OrderState) -> None:
    if after is before or after in ARROWS[before]:
        assert advance(order(before), after, LATER).state is after
    else:
        with pytest.raises(InvalidTransition, match=f"{before.value} cannot become {after.value}"):
            advance(order(before), after, LATER)


def test_every_state_has_its_row_and_is_either_alive_or_final() -> None:
    assert set(LIFE) == set(S)
    assert set(S) == ALIVE | FINAL and not ALIVE & FINAL
    assert {state for state in S if not LIFE[state]} == FINAL


def test_the_same_state_again_changes_nothing_but_a_new_reason() -> None:
    before = order(S.REJECTED)
    assert advance(before, S.REJECTED, LATER) is before
    told = advance(before, S.REJECTED, LATER, "no margin")
    assert (told.reason, told.updated_at) == ("no margin", LATER)
    assert advance(told, S.REJECTED, LATER, "no margin") is told


def test_a_move_keeps_the_reason_unless_it_brings_one() -> None:
    before = replace(order(S.WORKING), reason="EXTERNAL")
    assert advance(before, S.CANCELLED, LATER).reason == "EXTERNAL"
    assert advance(before, S.CANCELLED, LATER, "by the trader").reason == "by the trader"


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize(("quantity", "complete"), [("1", False), ("3", True), ("5", True)])
def test_a_fill_is_accepted_in_every_state(state: OrderState, quantity: str, complete: bool) -> None:
    filled = with_fill(order(state), Decimal(quantity), LATER)
    assert filled.filled_quantity == Decimal(quantity)
    assert filled.over_filled is (quantity == "5")
    assert filled.updated_at == LATER
    if state in FINAL:
        assert filled.state is state
    elif complete:
        assert filled.state is S.FILLED
    elif state in (S.PENDING_CANCEL, S.PENDING_CHANGE):
        assert filled.state is state
    else:
        assert filled.state is S.PARTIAL


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_what_is_filled_never_falls(quantity: str) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        with_fill(order(), Decimal(quantity), LATER)


def test_what_remains_is_never_less_than_nothing() -> None:
    assert order(quantity="3", filled="1").remaining == 2
    assert order(quantity="3", filled="5").remaining == 0


STEPS = st.one_of(st.sampled_from(S), st.decimals("0.001", "4", places=3))


@given(st.sampled_from(S), st.lists(STEPS, max_size=30))
def test_whatever_is_reported_in_whatever_order_a_final_order_stays_and_the_filled_quantity_rises(
    first: OrderState, steps: list[OrderState | Decimal]
) -> None:
    now = order(first)
    total = Decimal(0)
    for step in steps:
        was = now
        if isinstance(step, Decimal):
            total += step
            now = with_fill(now, step, LATER)
        elif step is now.state or step in LIFE[now.state]:
            now = advance(now, step, LATER)
        assert now.filled_quantity == total >= was.filled_quantity
        if was.is_final:
            assert now.state is was.state and now.is_final and not now.is_alive
        if now.state is S.FILLED and was.state is not S.FILLED and isinstance(step, Decimal):
            assert total >= now.quantity


@pytest.mark.parametrize("intent", Intent)
def test_an_entry_is_what_can_increase_exposure(intent: Intent) -> None:
    assert intent.is_entry is (intent in (Intent.OPEN, Intent.ADD, Intent.REVERSE))


@pytest.mark.parametrize("state", S)
def test_an_order_works_when_the_broker_said_that_he_has_it(state: OrderState) -> None:
    assert order(state).is_working is (state in AT_BROKER)


def test_a_step_and_a_fill_are_stamped_with_their_time_and_keep_the_reason() -> None:
    named = replace(order(), reason="held")
    assert advance(named, S.CANCELLED, LATER) == replace(named, state=S.CANCELLED, updated_at=LATER)
    assert advance(named, S.CANCELLED, LATER, "by hand").reason == "by hand"
    assert with_fill(named, Decimal(1), LATER).updated_at == LATER
