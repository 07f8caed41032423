"""The shell window: careful about leaving, honest about what would be left."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow, exposure_words
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.terminal_view import TerminalView
from panels.theme import load_theme

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ26_FUT_CME")


def held(quantity: int) -> Position:
    fill = Fill(KEY, "x", Side.BUY, Decimal(quantity), Decimal(6500), NOW, NOW, source=FillSource.OURS)
    after = apply_fill(None, fill, Instrument(KEY.symbol)).after
    assert after is not None
    return after


def working(state: OrderState) -> Order:
    return Order(KEY, "a", Side.SELL, Intent.PROTECT, OrderType.STOP, Decimal(2), NOW, NOW, state=state)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(load_theme("dark"))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (Snapshot(), ""),
        (Snapshot(positions={KEY: held(2)}), "Open: LONG 2 ESZ26_FUT_CME."),
        (Snapshot(orders={"a": working(OrderState.WORKING)}), "Open: 1 working order."),
        (Snapshot(orders={"a": working(OrderState.UNKNOWN)}), "Open: 1 order with an unknown outcome."),
        (Snapshot(orders={"a": working(OrderState.FILLED)}), ""),
    ],
)
def test_what_would_be_left_is_said(snapshot: Snapshot, words: str) -> None:
    assert exposure_words(snapshot) == words


def test_with_nothing_open_the_window_closes_at_once(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.leaving):
        window.close()


def test_with_a_position_open_it_asks_and_staying_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 1.0)
    with qtbot.assertNotEmitted(window.leaving):
        window.close()
        window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 1.0)
        window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 2.0)
        stay = window.findChild(QPushButton, "confirmNo")
        assert stay is not None and stay.isEnabled()
        stay.click()
    assert window.isVisible()


def test_leaving_anyway_leaves(window: MainWindow, qtbot: QtBot) -> None:
    snapshot = replace(Snapshot(), positions={KEY: held(2)})
    window.refresh(snapshot, NOW, 1.0)
    window.close()
    window.refresh(snapshot, NOW, 1.0)
    window.refresh(snapshot, NOW, 2.0)
    leave = window.findChild(QPushButton, "confirmYes")
    assert leave is not None
    with qtbot.waitSignal(window.leaving):
        leave.click()


def test_the_style_sheet_is_laid_over_the_window_with_its_content(window: MainWindow) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyleSheet("")
    try:
        window.theme.begin(app)
        assert app.styleSheet() == ""
        window.show_terminal(TerminalView(window.theme))
        assert app.styleSheet() == window.theme.sheet()
    finally:
        app.setStyleSheet("")
