"""Changing an order in its row: what is typed is sent once, or refused in words, or put back."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import ChangeOrder
from core.model.fill import Side
from core.model.order import Intent, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.orders_panel import OrdersPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import by_id, long_two, order

STOP = order(1)
TARGET = order(2, type=OrderType.LIMIT, intent=Intent.REDUCE, price=Decimal("5055.25"), trigger_price=None)
ENTRY = order(3, type=OrderType.LIMIT, intent=Intent.ADD, side=Side.BUY, price=Decimal(5040), trigger_price=None)


@pytest.fixture
def orders(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(OrdersPanel(theme, ids, UTC))
    made.widget.resize(1400, 300)
    made.widget.show()
    return made


def world(*shown: Any, mode: Mode = Mode.SIM) -> Snapshot:
    made = long_two()
    accounts = {key: replace(one, mode=mode) for key, one in made.accounts.items()}
    return replace(made, orders=by_id(*shown), accounts=MappingProxyType(accounts))


def cell(bench: Bench, title: str, row: int = 0) -> Any:
    model = bench.widget.view.rows_model
    return model.index(row, [one.title for one in model.columns].index(title))


def edit(bench: Bench, title: str, text: str | None = None, key: Qt.Key = Qt.Key.Key_Return) -> None:
    """Press F2 on a cell of the first row and, unless nothing is typed, type and press a key."""
    view = bench.widget.view
    view.setCurrentIndex(cell(bench, title))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F2)
    if text is not None:
        field = bench.find("orderEdit")
        field.setText(text)
        QTest.keyClick(field, key)


def said(bench: Bench) -> str:
    return bench.text("orderEditLine") if bench.is_shown("orderEditLine") else ""


def test_enter_sends_the_new_trigger_once_and_shows_the_old_until_the_broker_says(orders: Bench) -> None:
    orders.show(world(STOP))
    edit(orders, "Trigger")
    field = orders.find("orderEdit")
    assert (field.text(), field.selectedText()) == ("5045.25", "5045.25")
    assert field.accessibleName() == "Stop price of SELL 2 ESZ5"
    field.setText("5046")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (sent,) = orders.intents
    assert (sent.client_order_id, sent.trigger_price, sent.price, sent.quantity) == (
        STOP.client_order_id,
        Decimal(5046),
        None,
        None,
    )
    assert not orders.is_shown("orderEdit") and said(orders) == ""
    assert cell(orders, "Trigger").data() == "5045.25"


@pytest.mark.parametrize(("title", "text", "name"), [("Qty", "1", "quantity"), ("Price", "5056.25", "price")])
def test_quantity_and_price_are_changed_in_their_own_columns(orders: Bench, title: str, text: str, name: str) -> None:
    orders.show(world(TARGET))
    edit(orders, title, text)
    assert [getattr(one, name) for one in orders.intents] == [Decimal(text)]


@pytest.mark.parametrize(("which", "title", "column"), [(STOP, "Price", "Stop"), (TARGET, "Symbol", "Limit")])
def test_on_another_cell_the_price_that_matters_is_edited(orders: Bench, which: Any, title: str, column: str) -> None:
    orders.show(world(which))
    edit(orders, title)
    assert orders.find("orderEdit").accessibleName().startswith(column)


def test_a_double_click_edits_and_one_on_the_action_does_not(orders: Bench) -> None:
    orders.show(world(STOP))
    orders.widget.view.doubleClicked.emit(cell(orders, "Action"))
    assert not orders.is_shown("orderEdit")
    orders.widget.view.doubleClicked.emit(cell(orders, "Qty"))
    assert orders.find("orderEdit").text() == "2"
    assert orders.find("orderEdit").pos() == orders.widget.view.visualRect(cell(orders, "Qty")).topLeft()


def test_escape_and_another_place_put_back_what_was(orders: Bench) -> None:
    orders.show(world(STOP))
    edit(orders, "Trigger", "5046", Qt.Key.Key_Escape)
    assert not orders.is_shown("orderEdit")
    edit(orders, "Trigger")
    orders.find("orderEdit").setText("5047")
    orders.find("orderEdit").left.emit()
    assert orders.intents == [] and not orders.is_shown("orderEdit")


@pytest.mark.parametrize(
    ("title", "text", "why"),
    [
        ("Trigger", "5045.30", "5045.30 is between ticks: 5045.25 or 5045.50?"),
        ("Trigger", "1,000", "write the decimal point as a dot"),
        ("Trigger", "", "Stop price is missing."),
        ("Qty", "0", "Quantity must be more than zero."),
        ("Qty", "1.5", "Quantity goes in steps of 1."),
    ],
)
def test_what_cannot_be_sent_stays_with_the_reason_beside_it(orders: Bench, title: str, text: str, why: str) -> None:
    orders.show(world(STOP))
    edit(orders, title, text)
    assert orders.intents == [] and orders.is_shown("orderEdit")
    assert why in said(orders)
    assert why in orders.find("orderEdit").accessibleDescription()


def test_a_quantity_below_what_is_filled_is_refused(orders: Bench) -> None:
    orders.show(world(replace(ENTRY, filled_quantity=Decimal(1), state=OrderState.PARTIAL)))
    edit(orders, "Qty", "1")
    assert "1 of it is filled already" in said(orders)


def test_what_says_the_same_is_not_sent(orders: Bench) -> None:
    orders.show(world(STOP))
    edit(orders, "Trigger", "5045.25")
    assert orders.intents == [] and not orders.is_shown("orderEdit")


@pytest.mark.parametrize("state", [OrderState.FILLED, OrderState.PENDING_CANCEL, OrderState.UNKNOWN])
def test_an_order_that_cannot_be_changed_says_why(orders: Bench, state: OrderState) -> None:
    orders.show(world(replace(STOP, state=state)))
    edit(orders, "Trigger")
    assert not orders.is_shown("orderEdit")
    assert said(orders)


def test_the_reason_goes_when_another_order_is_looked_at(orders: Bench) -> None:
    orders.show(world(replace(STOP, state=OrderState.FILLED), order(9)))
    orders.widget.view.doubleClicked.emit(cell(orders, "Qty", 1))
    assert said(orders) == "This order is filled."
    orders.widget.view.setCurrentIndex(cell(orders, "Qty"))
    assert said(orders) == ""


def test_an_order_that_ends_while_it_is_edited_takes_the_field_away(orders: Bench) -> None:
    orders.show(world(STOP))
    edit(orders, "Trigger")
    orders.show(world(replace(STOP, state=OrderState.FILLED)), 1)
    assert not orders.is_shown("orderEdit")
    assert said(orders) == "This order is filled."


def test_the_table_may_move_on_while_one_types(orders: Bench) -> None:
    orders.show(world(STOP))
    edit(orders, "Trigger")
    orders.find("orderEdit").setText("5046")
    orders.show(world(order(9), replace(STOP, filled_quantity=Decimal(1), state=OrderState.PARTIAL)), 1)
    field = orders.find("orderEdit")
    at = next(row for row in range(2) if cell(orders, "Client ID", row).data() == STOP.client_order_id)
    place = orders.widget.view.visualRect(cell(orders, "Trigger", at)).topLeft()
    assert (field.text(), field.pos()) == ("5046", place)


def test_a_price_is_typed_in_every_form_its_product_is_quoted_in(orders: Bench) -> None:
    made = world(replace(STOP, trigger_price=Decimal("110.5")))
    place = next(place for place in made.instruments if place[1] == STOP.key.symbol)
    note = replace(made.instruments[place], tick_size=Decimal("0.015625"), price_format=134)
    made = replace(made, instruments=MappingProxyType({**made.instruments, place: note}))
    for number, (text, price) in enumerate(
        (("110'165", "110.515625"), ("110-17", "110.53125"), ("110.5625", "110.5625"))
    ):
        orders.show(made, 1)
        edit(orders, "Trigger", text)
        assert orders.intents[number].trigger_price == Decimal(price)


@pytest.mark.parametrize("mode", [Mode.EVAL, Mode.LIVE])
@pytest.mark.parametrize(
    ("which", "title", "text", "fact"),
    [
        (ENTRY, "Price", "5041", "a larger or likelier entry"),
        (ENTRY, "Qty", "3", "a larger or likelier entry"),
        (STOP, "Trigger", "5000", "more at risk than was planned"),
        (STOP, "Qty", "1", "more at risk than was planned"),
    ],
)
def test_where_the_money_is_real_what_adds_to_the_risk_is_asked_about(
    orders: Bench, which: Any, title: str, text: str, fact: str, mode: Mode
) -> None:
    orders.show(world(which, mode=mode))
    edit(orders, title, text)
    assert orders.intents == []
    dialog = orders.find("confirmDialog")
    assert fact in dialog.accessibleDescription() and f"→ {text}" in dialog.accessibleDescription().replace(".00", "")
    assert not dialog.yes.isDefault()
    orders.show(world(which, mode=mode), 0.1).show(world(which, mode=mode), 1)
    QTest.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    (sent,) = orders.intents
    assert isinstance(sent, ChangeOrder) and sent.confirmed


@pytest.mark.parametrize(
    ("which", "title", "text"), [(STOP, "Trigger", "5047"), (ENTRY, "Price", "5039"), (TARGET, "Price", "5053")]
)
def test_what_eases_the_risk_goes_at_once_everywhere(orders: Bench, which: Any, title: str, text: str) -> None:
    orders.show(world(which, mode=Mode.LIVE))
    edit(orders, title, text)
    assert [one.confirmed for one in orders.intents] == [False]


def test_an_odd_size_is_asked_about_in_sim_too(orders: Bench) -> None:
    orders.show(world(ENTRY))
    edit(orders, "Qty", "11")
    assert "large order" in orders.find("confirmDialog").accessibleDescription()
    QTest.mouseClick(orders.find("confirmDialog").no, Qt.MouseButton.LeftButton)
    assert orders.intents == []
