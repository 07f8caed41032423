"""The ladder in its place in the window: sized by the ticket, asked about once, cancelled by the same questions."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import CancelOrder, SubmitOrder
from core.model.depth import Depth
from core.model.fill import Side
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.confirm_dialog import ConfirmDialog
from panels.dom_rows import ASK, BID
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, NOW, by_id, flat, in_mode, long_two, order

BOOK = Depth("ESZ5", ((Decimal("5051.25"), Decimal(12)),), ((Decimal("5051.50"), Decimal(8)),), True, NOW)
LEFT = Qt.MouseButton.LeftButton


def booked(now: Snapshot) -> Snapshot:
    return replace(now, depths=MappingProxyType({("sim", "ESZ5"): BOOK}))


def shown(view: Bench, now: Snapshot) -> Any:
    """Show the window and wait until presses in the ladder count."""
    view.widget.show()
    view.show(now).show(now, after_s=0.5)
    return view.find("domView")


def place(ladder: Any, price: str) -> QPoint:
    model = ladder.ladder_model
    found: QPoint = ladder.visualRect(model.index(model.axis.row(Decimal(price)), BID)).center()
    return found


def test_a_click_in_the_window_is_an_order_in_the_size_of_the_ticket(view: Bench) -> None:
    now = booked(flat())
    ladder = shown(view, now)
    view.find("qtyBox").setText("3")
    QTest.mouseClick(ladder.viewport(), LEFT, pos=place(ladder, "5051.00"))
    (sent,) = view.intents
    assert isinstance(sent, SubmitOrder)
    assert (sent.side, sent.price, sent.quantity) == (Side.BUY, Decimal("5051.00"), Decimal(3))


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_where_the_money_is_real_it_is_asked_once(view: Bench, mode: Mode) -> None:
    now = in_mode(mode, booked(flat(armed=MappingProxyType({ACCOUNT: 9999.0}))))
    ladder = shown(view, now)
    QTest.mouseClick(ladder.viewport(), LEFT, pos=place(ladder, "5051.00"))
    assert view.intents == [] and view.find("confirmDialog").windowTitle().startswith("BUY 1 ESZ5")
    view.show(now).show(now, after_s=0.4).press("confirmYes")
    assert [one.confirmed for one in view.intents] == [True]
    assert not view.widget.findChildren(type(view.widget), "confirmDialog")


ONE_CLICK = booked(flat(armed=MappingProxyType({ACCOUNT: 9999.0}), one_click=frozenset({ACCOUNT})))


def rested(view: Bench, now: Snapshot) -> Bench:
    """Let the hand come to rest after an order."""
    return view.show(now, after_s=0.1).show(now, after_s=0.3).show(now, after_s=0.4)


@pytest.mark.parametrize(("mode", "left"), [(Mode.LIVE, "1"), (Mode.EVAL, "1"), (Mode.SIM, "3")])
def test_after_an_entry_from_the_ladder_the_quantity_is_the_default_again_where_the_money_is_real(
    view: Bench, mode: Mode, left: str
) -> None:
    now = in_mode(mode, ONE_CLICK)
    ladder = shown(view, now)
    view.find("qtyBox").setText("3")
    view.find("stopBox").setText("10t")
    for _ in range(2):  # a hand that shakes
        QTest.mouseClick(ladder.viewport(), LEFT, pos=place(ladder, "5051.00"))
        view.show(now, after_s=0.1)
    assert {(one.action_id, one.quantity) for one in view.intents} == {(view.intents[0].action_id, Decimal(3))}
    rested(view, now)
    assert view.find("qtyBox").text() == left
    assert view.find("stopBox").text() == "10t", "it did not go with that order"


def test_what_reduces_leaves_the_quantity_as_it_is(view: Bench) -> None:
    now = in_mode(Mode.LIVE, booked(long_two()))
    ladder = shown(view, now)
    view.find("qtyBox").setText("2")
    where = ladder.visualRect(ladder.ladder_model.index(ladder.ladder_model.axis.row(Decimal("5052.00")), ASK)).center()
    QTest.mouseClick(ladder.viewport(), LEFT, pos=where)
    assert [one.side for one in view.intents] == [Side.SELL]
    rested(view, now)
    assert view.find("qtyBox").text() == "2"


@pytest.mark.parametrize("choose", ["preset", "ladder", "typed"])
def test_the_size_of_the_next_order_chosen_right_after_one_went_stays(view: Bench, choose: str) -> None:
    now = in_mode(Mode.LIVE, ONE_CLICK)
    ladder = shown(view, now)
    QTest.mouseClick(ladder.viewport(), LEFT, pos=place(ladder, "5051.00"))
    view.show(now, after_s=0.1)
    if choose == "preset":
        view.press("qtyPreset_5")
    elif choose == "ladder":
        QTest.keyClick(ladder, Qt.Key.Key_BracketRight)
    else:
        QTest.keyClicks(view.find("qtyBox"), "2")
    chosen = view.find("qtyBox").text()
    assert chosen != "1"
    rested(view, now)
    assert view.find("qtyBox").text() == chosen


def test_cancelling_the_last_stop_from_the_ladder_is_asked_about(view: Bench) -> None:
    stop = order(1, trigger_price=Decimal("5051.00"))
    now = in_mode(Mode.LIVE, booked(long_two(orders=by_id(stop))))
    ladder = shown(view, now)
    ladder.put_cursor(ladder.ladder_model.axis.row(Decimal("5051.00")), Side.SELL)
    QTest.keyClick(ladder, Qt.Key.Key_Delete)
    assert view.intents == [] and "leaves 2 unprotected" in view.find("confirmDialog").accessibleDescription()
    view.show(now).show(now, after_s=0.4).press("confirmYes")
    assert view.intents == [CancelOrder(stop.client_order_id)]


def test_delete_on_two_stops_of_one_price_asks_about_each(view: Bench) -> None:
    stops = [order(at, quantity=Decimal(1), trigger_price=Decimal("5051.00")) for at in (1, 2)]
    now = in_mode(Mode.LIVE, booked(long_two(orders=by_id(*stops))))
    ladder = shown(view, now)
    ladder.put_cursor(ladder.ladder_model.axis.row(Decimal("5051.00")), Side.SELL)
    QTest.keyClick(ladder, Qt.Key.Key_Delete)
    for bare in ("leaves 1 unprotected", "leaves 2 unprotected"):
        view.show(now).show(now, after_s=0.4)
        (asked,) = (one for one in view.widget.findChildren(ConfirmDialog) if one.isVisible())
        assert bare in asked.accessibleDescription()
        asked.yes.click()
    assert view.intents == [CancelOrder(one.client_order_id) for one in stops]


def test_its_key_brings_the_keyboard_to_it(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    ladder = shown(view, booked(flat()))
    QTest.keyClick(view.widget, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert view.widget.focusWidget() is ladder
    assert ladder.cursor_point == (ladder.ladder_model.ladder.marks.last, Side.BUY)
