"""The question box: an answer counts for what was asked, and not for long."""

from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.commands import ClosePosition, SubmitOrder
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.confirm_dialog import EXPIRES_S, ConfirmDialog
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, flat, in_mode, long_two


def asked(theme: Theme, parent: QWidget) -> tuple[ConfirmDialog, list[str]]:
    dialog, said = ConfirmDialog(theme, parent, "BUY 1", "It opens LONG 1.", "Buy", "Cancel", False), list[str]()
    dialog.agreed.connect(lambda: said.append("yes"))
    dialog.rejected.connect(lambda: said.append("no"))
    dialog.open()
    return dialog, said


@pytest.mark.row(129)
def test_a_question_left_open_is_taken_back_as_a_no(theme: Theme, qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog, said = asked(theme, parent)
    dialog.refresh(flat(), 100.0)
    dialog.refresh(flat(), 100.0 + EXPIRES_S)
    assert dialog.isVisible() and said == []
    dialog.refresh(flat(), 101.0 + EXPIRES_S)
    assert said == ["no"]


@pytest.mark.row(129)
def test_an_order_whose_question_was_left_open_is_not_sent_and_is_asked_about_anew(view: Bench) -> None:
    world = in_mode(Mode.LIVE, flat(armed=MappingProxyType({ACCOUNT: 9999.0})))
    view.widget.show()
    view.show(world).press("buyButton")
    view.show(world)
    view.show(world, after_s=600)
    QTest.qWait(0)
    view.press("buyButton")
    view.show(world)
    assert view.text("confirmTitle").startswith("BUY 1")
    assert not view.find("confirmYes").isEnabled(), "the new question has its own 300 ms"
    assert not [one for one in view.intents if isinstance(one, SubmitOrder)]


@pytest.mark.parametrize(("typed", "field"), [("1", "confirmBox"), ("11", "confirmField")])
def test_the_ways_out_are_heard_over_a_question(view: Bench, qtbot: QtBot, typed: str, field: str) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    world = in_mode(Mode.LIVE, long_two(armed=MappingProxyType({ACCOUNT: 9999.0})))
    view.show(world)
    view.find("qtyBox").setText(typed)
    view.press("buyButton")
    view.show(world).show(world, after_s=1)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    focus = view.find(field)
    focus.setFocus()
    for repeats in (False, True):
        QApplication.sendEvent(focus, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_X, both, "", repeats))
    assert [one.key for one in view.intents] == [ES_KEY] and isinstance(view.intents[0], ClosePosition)
    QTest.keyClick(focus, Qt.Key.Key_F, both)
    asked = [one.windowTitle() for one in view.widget.findChildren(ConfirmDialog) if one.isVisible()]
    assert any(one.startswith("Flatten Sim1") for one in asked)
    QTest.keyClick(focus, Qt.Key.Key_B, both)
    assert len(view.intents) == 1, "and nothing else is"


class Sender(QObject):
    """What is queued to widgets from elsewhere."""

    frame = Signal(object, float)


@pytest.mark.row(139)
def test_a_thousand_dialogs_that_go_with_a_signal_on_its_way_to_them_do_no_harm(theme: Theme, qtbot: Any) -> None:
    parent, sender, world = QWidget(), Sender(), flat()
    qtbot.addWidget(parent)
    received = 0

    def count(snapshot: Snapshot, at_s: float) -> None:
        nonlocal received
        received += 1

    sender.frame.connect(count, Qt.ConnectionType.QueuedConnection)
    for number in range(1000):
        dialog = ConfirmDialog(theme, parent, "BUY 1", "", "Buy", "Cancel", False)
        sender.frame.connect(dialog.refresh, Qt.ConnectionType.QueuedConnection)
        sender.frame.emit(world, float(number))
        dialog.deleteLater()
        del dialog
        # Gone before what is queued for it is delivered.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
    QApplication.processEvents()
    assert received == 1000
