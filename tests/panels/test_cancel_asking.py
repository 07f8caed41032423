"""A cancel that takes the last of a position's protection is asked about where the money is real; no other is."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.commands import CancelOrder
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Certainty, Snapshot
from panels.cancel_asking import bared_by, entries_of
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, MES_KEY, by_id, flat, in_mode, long_two, order, status

D = Decimal
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
STOP = order(1)
TARGET = order(2, type=OrderType.LIMIT, intent=Intent.REDUCE, price=D("5060"), trigger_price=None)
ENTRY = order(
    3, side=Side.BUY, intent=Intent.ADD, type=OrderType.LIMIT, price=D("4900"), trigger_price=None, quantity=D(1)
)
HALF = replace(STOP, quantity=D(1))


def world(*orders: Order, mode: Mode = Mode.LIVE) -> Snapshot:
    return in_mode(mode, long_two(orders=by_id(*orders)))


def press_cancel(view: Bench, at: int) -> None:
    """Press the Cancel of a row of the orders list."""
    panel = view.widget.orders
    panel.view.pressed_action.emit(panel.view.rows_model.rows[at])


@pytest.mark.parametrize(
    ("orders", "cancelled", "bare"),
    [
        ((STOP,), STOP, 2),
        ((STOP, TARGET), TARGET, 0),
        ((STOP, ENTRY), ENTRY, 0),
        ((STOP, replace(order(4), trigger_price=D("5040"))), STOP, 0),
        ((STOP, order(4, state=OrderState.PENDING_CANCEL)), STOP, 2),
        ((STOP, order(4, state=OrderState.UNKNOWN)), STOP, 2),
        ((HALF, order(4, quantity=D(1))), HALF, 1),
        ((HALF,), HALF, 2),
        ((replace(STOP, side=Side.BUY),), replace(STOP, side=Side.BUY), 0),
        ((replace(STOP, type=OrderType.STOP_LIMIT),), replace(STOP, type=OrderType.STOP_LIMIT), 2),
    ],
)
def test_what_a_cancel_leaves_bare(orders: tuple[Order, ...], cancelled: Order, bare: int) -> None:
    assert bared_by(cancelled, world(*orders)) == bare


def test_the_stop_of_an_entry_that_has_not_filled_protects_nothing_yet() -> None:
    waiting = order(4, parent_client_order_id=ENTRY.client_order_id)
    assert bared_by(STOP, world(STOP, ENTRY, waiting)) == 2


def test_a_stop_of_another_program_is_no_entry_while_only_the_broker_knows_the_position() -> None:
    foreign = replace(STOP, intent=Intent.OPEN, external=True)
    now = flat(orders=by_id(foreign), scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "2")}))
    assert list(entries_of(ES_KEY, now)) == []
    assert list(entries_of(ES_KEY, flat(orders=by_id(foreign)))) == [foreign]


def test_of_the_stop_of_an_entry_that_is_half_filled_half_protects() -> None:
    half = replace(ENTRY, state=OrderState.PARTIAL, quantity=D(2), filled_quantity=D(1))
    waiting = order(4, parent_client_order_id=ENTRY.client_order_id)
    assert bared_by(STOP, world(STOP, half, waiting)) == 1
    assert bared_by(STOP, world(STOP, replace(half, state=OrderState.PENDING_CANCEL), waiting)) == 1


def test_without_a_position_nothing_is_left_bare() -> None:
    assert bared_by(STOP, in_mode(Mode.LIVE, flat(orders=by_id(STOP)))) == 0


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_the_last_stop_goes_only_after_a_word(view: Bench, mode: Mode) -> None:
    now = world(STOP, mode=mode)
    view.show(now)
    press_cancel(view, 0)
    view.show(now).show(now, after_s=0.4)
    assert view.intents == []
    assert view.text("confirmTitle") == f"Cancel stop ESZ5 · Sim1 · {mode.value}"
    assert view.text("confirmText").startswith("It leaves 2 unprotected: LONG 2")
    view.press("confirmYes")
    assert view.intents == [CancelOrder(STOP.client_order_id)]


def test_keeping_it_is_the_safe_answer(view: Bench) -> None:
    now = world(STOP)
    view.show(now)
    press_cancel(view, 0)
    view.show(now).show(now, after_s=0.4)
    assert view.find("confirmNo").text() == "Keep stop" and view.find("confirmNo").isDefault()
    QTest.keyClick(view.find("confirmDialog"), Qt.Key.Key_Return)
    assert view.intents == []


def test_in_sim_it_goes_at_once(view: Bench) -> None:
    view.show(world(STOP, mode=Mode.SIM))
    press_cancel(view, 0)
    assert view.intents == [CancelOrder(STOP.client_order_id)]


def test_a_target_or_an_entry_goes_at_once_in_live(view: Bench) -> None:
    view.show(world(STOP, TARGET, ENTRY))
    for at in (0, 1):
        press_cancel(view, at)
    assert {one.client_order_id for one in view.intents} == {TARGET.client_order_id, ENTRY.client_order_id}


# -- the entries of a symbol -------------------------------------------------------------------------------------------


def test_the_key_cancels_the_entries_of_the_symbol_and_no_exit(view: Bench, qtbot: QtBot) -> None:
    elsewhere = replace(ENTRY, key=MES_KEY, client_order_id="other")
    second = replace(ENTRY, client_order_id="second", type=OrderType.STOP, trigger_price=D("5100"))
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(world(STOP, TARGET, ENTRY, second, elsewhere))
    view.find("p2Close").setFocus()
    QTest.keyClick(view.find("p2Close"), Qt.Key.Key_C, BOTH)
    assert view.intents == [CancelOrder(ENTRY.client_order_id), CancelOrder("second")]


def test_without_an_entry_the_key_says_so(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(world(STOP, TARGET))
    view.find("p2Close").setFocus()
    QTest.keyClick(view.find("p2Close"), Qt.Key.Key_C, BOTH)
    view.show(world(STOP, TARGET))
    said = [one.text() for one in view.widget.findChildren(QLabel)]
    assert view.intents == [] and "Ctrl+Shift+C: No entry of ESZ5 works; nothing was cancelled." in said


def test_the_key_does_nothing_while_a_field_is_typed_in(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(world(ENTRY))
    view.find("qtyBox").setFocus()
    QTest.keyClick(view.find("qtyBox"), Qt.Key.Key_C, BOTH)
    assert view.intents == []


@pytest.mark.parametrize(
    ("one", "is_meant"),
    [
        (ENTRY, True),
        (replace(ENTRY, state=OrderState.PENDING_CANCEL), False),
        (replace(ENTRY, state=OrderState.FILLED), False),
        (replace(ENTRY, state=OrderState.UNKNOWN), True),
        (STOP, False),
        # Another program's stop, heard of before its position: it protects, whatever it was called.
        (replace(STOP, intent=Intent.OPEN, external=True), False),
        (replace(TARGET, intent=Intent.REVERSE, quantity=D(4)), True),
    ],
)
def test_what_counts_as_an_entry(one: Order, is_meant: bool) -> None:
    assert bool(list(entries_of(ES_KEY, world(one)))) == is_meant
