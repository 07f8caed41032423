"""The shell window: careful about leaving, honest about what would be left."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from core.commands import FlattenAccount
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


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(load_theme("dark"))
    qtbot.addWidget(made)
    made.show()
    return made


def test_with_nothing_open_the_window_closes_at_once(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.leaving):
        window.close()


@pytest.mark.row(132)
def test_with_a_position_open_it_asks_and_staying_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 1.0)
    with qtbot.assertNotEmitted(window.leaving):
        window.close()
        window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 1.0)
        window.refresh(replace(Snapshot(), positions={KEY: held(2)}), NOW, 2.0)
        stay = window.findChild(QPushButton, "quitStay")
        assert stay is not None and stay.isEnabled()
        stay.click()
    assert window.isVisible()


@pytest.mark.row(132)
def test_leaving_anyway_leaves(window: MainWindow, qtbot: QtBot) -> None:
    snapshot = replace(Snapshot(), positions={KEY: held(2)})
    window.refresh(snapshot, NOW, 1.0)
    window.close()
    window.refresh(snapshot, NOW, 1.0)
    window.refresh(snapshot, NOW, 2.0)
    leave = window.findChild(QPushButton, "quitKeep")
    assert leave is not None
    with qtbot.waitSignal(window.leaving):
        leave.click()


@pytest.mark.row(132)
def test_with_an_order_of_unknown_outcome_it_asks_too(window: MainWindow, qtbot: QtBot) -> None:
    lost = Order(KEY, "a", Side.BUY, Intent.OPEN, OrderType.MARKET, Decimal(2), NOW, NOW, state=OrderState.UNKNOWN)
    window.refresh(replace(Snapshot(), orders={"a": lost}), NOW, 1.0)
    with qtbot.assertNotEmitted(window.leaving):
        window.close()
    assert window.findChild(QDialog, "quitDialog") is not None


@pytest.mark.row(132)
def test_a_second_close_asks_no_second_question_and_what_is_chosen_goes_to_the_engine(window: MainWindow) -> None:
    snapshot = replace(Snapshot(), positions={KEY: held(2)})
    wanted: list[object] = []
    window.intent.connect(wanted.append)
    window.refresh(snapshot, NOW, 1.0)
    window.close()
    window.close()
    window.refresh(snapshot, NOW, 1.0)
    window.refresh(snapshot, NOW, 2.0)
    (dialog,) = window.findChildren(QDialog, "quitDialog")
    flatten = dialog.findChild(QPushButton, "quitFlatten")
    assert flatten is not None
    flatten.click()
    assert [type(one) for one in wanted] == [FlattenAccount]


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


@pytest.mark.parametrize("where", [(20_000, 300), (-9_000, -9_000)])
def test_a_screen_that_goes_takes_no_window_with_it(window: MainWindow, where: tuple[int, int]) -> None:
    view = TerminalView(load_theme("dark"))
    window.show_terminal(view)
    dock = view.deck.docks["positions"]
    dock.setFloating(True)
    for one in (window, dock):
        one.move(*where)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.screenRemoved.emit(app.primaryScreen())
    room = app.primaryScreen().availableGeometry()
    assert room.intersects(window.frameGeometry()) and room.intersects(dock.frameGeometry())


def test_a_window_that_cannot_be_drawn_has_a_true_title_and_can_be_left(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("cannot be drawn")

    view = TerminalView(load_theme("dark"))
    window.show_terminal(view)
    monkeypatch.setattr(view.ticket, "refresh", fail)
    snapshot = replace(Snapshot(), positions={KEY: held(2)})
    monkeypatch.setattr(view, "title", lambda: "LONG 2")
    for at in range(3):
        with pytest.raises(ValueError):
            window.refresh(snapshot, NOW, float(at))
        if not at:
            window.close()
    assert window.windowTitle() == "LONG 2"
    leave = window.findChild(QPushButton, "quitKeep")
    assert leave is not None and leave.isEnabled()
    with qtbot.waitSignal(window.leaving):
        leave.click()
