"""The keyboard goes through the window in one order, always to be seen, and comes back from every question."""

import pytest
from PySide6.QtCore import QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.model.scope import Mode
from tests.panels.conftest import Bench
from tests.panels.worlds import flat, in_mode, long_two

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
RING = 4


@pytest.fixture
def seen(view: Bench, qtbot: QtBot) -> Bench:
    """The view with a position where the money is real, active."""
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(in_mode(Mode.LIVE, long_two())).show(in_mode(Mode.LIVE, long_two()), after_s=0.4)
    QApplication.processEvents()
    return view


def tabbed(view: Bench) -> list[QWidget]:
    """Walk once round with Tab, from the first control of the window."""
    view.find("armButton").setFocus(Qt.FocusReason.TabFocusReason)
    found: list[QWidget] = []
    for _ in range(150):
        here = view.widget.focusWidget()
        if here in found:
            return found
        found.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not come round: {[one.objectName() for one in found]}")


def part_of(view: Bench, widget: QWidget) -> str:
    """Return in which part of the window a control is."""
    window = view.widget
    parts = {"band": window.band, "toolbar": window.toolbar, "banner": window.banner, "status": window.status}
    parts |= window.deck.docks
    return next((name for name, part in parts.items() if part is widget or part.isAncestorOf(widget)), "")


def test_tab_goes_from_the_band_over_the_panels_to_the_status_bar(seen: Bench) -> None:
    walked = [part_of(seen, one) for one in tabbed(seen)]
    parts = [name for at, name in enumerate(walked) if name and name not in walked[:at]]
    runs = [name for at, name in enumerate(walked) if name and (at == 0 or walked[at - 1] != name)]
    assert runs == parts, "a part is visited twice"
    order = [one for one in ("band", "toolbar", "banner", *seen.widget.deck.docks, "status") if one in parts]
    assert parts == order
    assert {"band", "toolbar", "account", "position", "orders", "status"} <= set(parts)


def around(view: Bench, widget: QWidget) -> QImage:
    """Return the picture of a control and what is close around it."""
    window = view.widget
    corner = widget.mapTo(window, QPoint(-RING, -RING))
    area = QRect(corner, widget.size().grownBy(QMargins(RING, RING, RING, RING)))
    picture: QImage = window.grab(area.intersected(window.rect())).toImage()
    return picture


def test_wherever_the_keyboard_is_can_be_seen(seen: Bench) -> None:
    unseen = []
    for one in tabbed(seen):
        away = seen.find("statusClock") if one.objectName() != "statusClock" else seen.find("statusDb")
        away.setFocus(Qt.FocusReason.TabFocusReason)
        before = around(seen, one)
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if around(seen, one) == before:
            unseen.append(one.objectName() or type(one).__name__)
    assert unseen == []


def test_a_question_keeps_the_keyboard_and_gives_it_back(seen: Bench) -> None:
    world = in_mode(Mode.LIVE, flat())
    seen.show(world)
    seen.find("flattenButton").setFocus()
    QTest.keyClick(seen.find("flattenButton"), Qt.Key.Key_Space)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    seen.show(world, after_s=0.4).show(world, after_s=0.4)
    walked = set()
    for _ in range(8):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        walked.add(dialog.focusWidget().objectName())
    assert walked == {"confirmYes", "confirmNo"}
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert seen.widget.focusWidget().objectName() == "flattenButton"
