"""Every text of the window and its dialogs can be read, in every size and at every zoom; and what cannot is found."""

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTabBar, QTableWidget, QTableWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from core.model.scope import Mode
from core.preferences import Preferences, ThemeChoice
from panels.confirm_dialog import ConfirmDialog
from panels.look import Look
from panels.terminal_view import TerminalView
from panels.widgets.wordings import Wordings
from panels.wishes import OpenReconcile
from tests.panels import mixed_worlds as mixed
from tests.panels.bracketed import BOOK
from tests.panels.conftest import Bench, HandClock
from tests.panels.guarded import breached, guarded, guards_of
from tests.panels.legibility import clipped
from tests.panels.test_terminal_view import WORLDS
from tests.panels.worlds import flat, in_mode, long_two

SIZES = [(1200, 720), (1440, 900), (2560, 1440)]
SEEN = {
    "flat": WORLDS["flat"],
    "down": WORLDS["down"],
    "bracketed": WORLDS["bracketed"],
    "crowded": WORLDS["crowded"],
    "limits": guarded(guards_of(), in_mode(Mode.EVAL, long_two())),
    "breach": breached(in_mode(Mode.EVAL, long_two())),
}


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    """A look that leaves the program as it found it."""
    made = Look(qapp, Preferences())
    made.theme.apply(qapp)
    yield made
    made.apply(Preferences())
    made.deleteLater()


def settled(made: Bench, snapshot: Any) -> None:
    """Show a world until everything lies where it will."""
    for _ in range(3):
        made.show(snapshot, after_s=0.4)
        QApplication.processEvents()


@pytest.mark.parametrize("zoom", [150, 200])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_text_of_the_window_can_be_read(
    look: Look, bench: Callable[[QWidget], Bench], clock: HandClock, size: tuple[int, int], zoom: int
) -> None:
    theme = ThemeChoice.LIGHT if zoom == 200 else ThemeChoice.DARK
    look.apply(Preferences(theme=theme, zoom_percent=zoom))
    made = bench(TerminalView(look.theme, clock, zone=UTC))
    made.widget.resize(*size)
    made.widget.show()
    made.widget.ticket.offer(BOOK)
    made.widget.ticket.fields.exits.bracket.setCurrentText("20t + 1R/2R")
    found = {}
    for world, snapshot in SEEN.items():
        settled(made, snapshot)
        found[world] = clipped(made.widget)
    assert (made.widget.width(), made.widget.height()) == size
    assert {world: faults for world, faults in found.items() if faults} == {}


@pytest.mark.parametrize("zoom", [100, 150, 200])
@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_every_text_of_the_dialogs_can_be_read(
    look: Look, bench: Callable[[QWidget], Bench], clock: HandClock, size: tuple[int, int], zoom: int
) -> None:
    look.apply(Preferences(zoom_percent=zoom))
    made = bench(TerminalView(look.theme, clock, zone=UTC))
    made.widget.resize(*size)
    made.widget.show()
    settled(made, mixed.mixed())
    recovery = made.find("recoveryDialog")
    assert recovery.isVisible() and clipped(recovery) == []
    recovery.close()
    settled(made, in_mode(Mode.LIVE, mixed.differing()))
    made.widget.banner.intent.emit(OpenReconcile())
    settled(made, in_mode(Mode.LIVE, mixed.differing()))
    reconcile = made.find("reconcileDialog")
    assert reconcile.isVisible() and clipped(reconcile) == []


@pytest.mark.parametrize("zoom", [100, 200])
def test_every_text_of_a_question_can_be_read(look: Look, qtbot: QtBot, zoom: int) -> None:
    look.apply(Preferences(zoom_percent=zoom))
    window = QWidget()
    qtbot.addWidget(window)
    asked = ConfirmDialog(
        look.theme,
        window,
        "Flatten EVAL-50K-117",
        "Cancels all orders and closes every position of this account: LONG 2 ESZ5, SHORT 12 MESZ5.",
        "Flatten 2 positions",
        "Cancel",
        yes_default=True,
    )
    asked.refresh(flat(), 0.0)
    asked.show()
    QApplication.processEvents()
    assert clipped(asked) == []


# -- and what cannot be read is found ---------------------------------------------------------------------------------


HELD: list[QWidget] = []


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    """Forget the widgets of a test."""
    yield
    HELD.clear()


def faults_of(qtbot: QtBot, widget: QWidget, width: int, height: int = 40) -> list[str]:
    holder = QWidget()
    qtbot.addWidget(holder)
    widget.setParent(holder)
    HELD.append(holder)
    holder.resize(1000, 400)
    widget.setFixedSize(width, height)
    holder.show()
    QApplication.processEvents()
    return clipped(holder)


def test_a_label_too_narrow_or_too_low_is_found(qtbot: QtBot) -> None:
    assert faults_of(qtbot, QLabel("Everything of this can be read"), 400) == []
    assert "needs" in faults_of(qtbot, QLabel("Everything of this can be read"), 60)[0]
    assert "high" in faults_of(qtbot, QLabel("Everything"), 400, 4)[0]


def test_a_field_whose_text_is_cut_is_found(qtbot: QtBot) -> None:
    assert faults_of(qtbot, QLineEdit("5045.25"), 120) == []
    assert faults_of(qtbot, QLineEdit("5045.25 and more that nobody sees"), 60) != []


def test_a_cut_tab_and_a_cut_cell_are_found(qtbot: QtBot) -> None:
    bar = QTabBar()
    bar.addTab("Orders of the day")
    bar.setExpanding(False)
    assert faults_of(qtbot, bar, 400) == []
    table = QTableWidget(1, 1)
    table.setWordWrap(False)
    table.setItem(0, 0, QTableWidgetItem("a long text of a cell"))
    table.setColumnWidth(0, 300)
    assert faults_of(qtbot, table, 400, 200) == []
    table.setColumnWidth(0, 40)
    assert any("a long text" in one for one in clipped(table.window()))


def test_a_wording_that_is_cut_says_the_rest_in_its_tooltip(qtbot: QtBot) -> None:
    line = Wordings("reason", "Reason")
    line.show_wordings(["The day has lost 1 002.10 USD of 1 000.00 USD."])
    assert faults_of(qtbot, line, 100, 20) == []
    line.setToolTip("")
    assert clipped(line.window()) != []


def test_what_lies_outside_its_parent_is_found(qtbot: QtBot) -> None:
    holder, label = QWidget(), QLabel("words")
    qtbot.addWidget(holder)
    label.setParent(holder)
    holder.resize(200, 100)
    label.setGeometry(180, 10, 80, 20)
    holder.show()
    assert any("outside" in one for one in clipped(holder))
