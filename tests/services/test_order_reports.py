"""What a report makes of an order, by itself: nothing falls back, and a surprise is said."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.broker_report import OrderReport, ReportKind
from core.model.fill import Side
from core.model.order import FINAL, Intent, Order, OrderState, OrderType
from services.order_reports import adopted, external_id, refusal, reported, surprise
from tests.fakes.clock import START
from tests.fakes.engine import ES, seen

ORDER = Order(
    ES,
    "ST1",
    Side.BUY,
    Intent.OPEN,
    OrderType.LIMIT,
    Decimal(3),
    START,
    START,
    price=Decimal(5000),
    state=OrderState.WORKING,
    server_order_id="S1",
)
REPORT = OrderReport(
    ES,
    "ST1",
    "S1",
    ReportKind.CHANGED,
    OrderState.WORKING,
    START,
    Side.BUY,
    OrderType.LIMIT,
    Decimal(3),
    Decimal(0),
    Decimal(5000),
)


def told(order: Order = ORDER, **changes: object) -> Order:
    return reported(order, replace(REPORT, **changes), START)  # type: ignore[arg-type]


def test_a_report_of_what_is_known_changes_nothing() -> None:
    assert told() == ORDER


@pytest.mark.parametrize("quantity", [None, Decimal(0)])
def test_a_quantity_the_broker_does_not_state_is_kept(quantity: Decimal | None) -> None:
    assert told(quantity=quantity).quantity == 3


def test_a_quantity_the_broker_states_is_taken_unless_more_was_filled_already() -> None:
    assert told(quantity=Decimal(5)).quantity == 5
    partly = replace(ORDER, filled_quantity=Decimal(2), state=OrderState.PARTIAL)
    assert told(partly, quantity=Decimal(2)).quantity == 2
    assert told(partly, quantity=Decimal(1)).quantity == 3


@pytest.mark.parametrize(("filled", "kept"), [(None, 2), (Decimal(1), 2), (Decimal(2), 2), (Decimal(3), 3)])
def test_a_filled_quantity_only_rises(filled: Decimal | None, kept: int) -> None:
    partly = replace(ORDER, filled_quantity=Decimal(2), state=OrderState.PARTIAL)
    assert told(partly, filled_quantity=filled, state=None).filled_quantity == kept


def test_prices_are_taken_from_a_replacement_or_a_list_and_from_nothing_else() -> None:
    new = Decimal(4990)
    assert told(price=new).price == 5000
    for kind in (ReportKind.REPLACED, ReportKind.RESTATED):
        assert told(kind=kind, price=new).price == new
        assert told(kind=kind, price=None).price == 5000


@pytest.mark.row(51, 57)
@pytest.mark.parametrize("final", [one for one in OrderState if one in FINAL])
@pytest.mark.parametrize("state", OrderState)
def test_a_final_state_stays(final: OrderState, state: OrderState) -> None:
    assert told(replace(ORDER, state=final), state=state).state is final


def test_an_order_with_fills_never_looks_untouched_again() -> None:
    assert told(filled_quantity=Decimal(1)).state is OrderState.PARTIAL
    pending = replace(ORDER, state=OrderState.PENDING_CANCEL, filled_quantity=Decimal(1))
    assert told(pending, kind=ReportKind.CANCEL_REFUSED).state is OrderState.PARTIAL


def test_a_status_that_says_nothing_keeps_the_state() -> None:
    assert told(replace(ORDER, state=OrderState.PENDING_CANCEL), state=None).state is OrderState.PENDING_CANCEL


def test_the_words_of_an_end_are_kept_and_others_are_not() -> None:
    assert told(state=OrderState.REJECTED, text="No margin").reason == "No margin"
    assert told(state=OrderState.PENDING_CHANGE, text="Please wait").reason == ""


@pytest.mark.row(65)
def test_an_order_of_somebody_else_is_adopted_as_it_is_stated() -> None:
    order = adopted(REPORT, "EXT-sim-S1", Decimal(-2), START)
    assert order is not None and order.external
    assert seen(order.intent, order.quantity, order.price, order.state) == (
        Intent.REDUCE,
        3,
        5000,
        OrderState.WORKING,
    )
    adding = adopted(REPORT, "EXT-sim-S1", Decimal(2), START)
    assert adding is not None and adding.intent is Intent.ADD
    flat = adopted(replace(REPORT, state=None), "EXT-sim-S1", Decimal(0), START)
    assert flat is not None and seen(flat.intent, flat.state) == (Intent.OPEN, OrderState.UNKNOWN)


@pytest.mark.parametrize("missing", ["side", "type", "quantity"])
def test_an_order_of_which_too_little_is_known_is_not_adopted(missing: str) -> None:
    assert adopted(replace(REPORT, **{missing: None}), "EXT", Decimal(0), START) is None  # type: ignore[arg-type]
    assert adopted(replace(REPORT, server_order_id=""), "EXT", Decimal(0), START) is None


def test_an_order_of_somebody_else_is_named_for_its_connection_and_server_id() -> None:
    assert external_id(REPORT) == "EXT-sim-S1"


def test_a_refusal_is_said_in_the_brokers_words_and_other_reports_say_nothing() -> None:
    assert refusal(ORDER, REPORT) == ""
    rejected = replace(REPORT, kind=ReportKind.REJECTED, text="No margin")
    assert refusal(ORDER, rejected) == "The broker refused BUY 3 ESZ6: No margin"
    assert refusal(ORDER, replace(rejected, text="")) == "The broker refused BUY 3 ESZ6: no reason given"


def test_only_a_fill_that_could_not_be_expected_is_a_surprise() -> None:
    filled = replace(ORDER, filled_quantity=Decimal(3), state=OrderState.FILLED)
    assert surprise(ORDER, filled) == ""
    assert surprise(replace(ORDER, state=OrderState.FILLED), filled) == ""
    assert "more than was ordered" in surprise(ORDER, replace(ORDER, filled_quantity=Decimal(4)))
    cancelled = replace(ORDER, state=OrderState.CANCELLED)
    assert "after it was cancelled" in surprise(cancelled, replace(cancelled, filled_quantity=Decimal(1)))
    assert surprise(cancelled, cancelled) == ""


@pytest.mark.parametrize(
    ("state", "told_of"), [(OrderState.CANCELLED, False), (OrderState.EXPIRED, False), (OrderState.FILLED, True)]
)
def test_a_cancel_of_what_has_ended_unfilled_is_done_and_not_refused(state: OrderState, told_of: bool) -> None:
    late = replace(REPORT, kind=ReportKind.CANCEL_REFUSED, state=state, text="Already gone")
    ended = told(replace(ORDER, state=OrderState.PENDING_CANCEL), kind=ReportKind.CANCEL_REFUSED, state=state)
    assert ended.state is state
    assert bool(refusal(ended, late)) is told_of
