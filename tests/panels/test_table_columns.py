"""What the trader did to the columns of any table comes back at the next start, whatever the zoom."""

from datetime import UTC
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from panels.action_ids import ActionIds
from panels.fills_panel import FillsPanel
from panels.orders_panel import OrdersPanel
from panels.table_columns import TableColumns
from panels.terminal_view import TerminalView
from panels.theme import Theme
from panels.zoomed import PROPERTY
from tests.panels.conftest import HandClock


@pytest.fixture
def make(theme: Theme, ids: ActionIds, bench: Any) -> Any:
    def window(kept: dict[str, Any]) -> tuple[QWidget, TableColumns]:
        made = QWidget()
        bench(made)
        layout = QVBoxLayout(made)
        for panel in (OrdersPanel(theme, ids, UTC), FillsPanel(theme, UTC)):
            layout.addWidget(panel)
        made.resize(1200, 400)
        made.show()
        return made, TableColumns(made, kept)

    return window


def orders(window: QWidget) -> Any:
    """Return the orders table of a window."""
    panel = window.findChild(OrdersPanel)
    assert panel is not None
    return panel.view


def test_widths_hidden_columns_order_and_sorting_come_back(make: Any) -> None:
    window, columns = make({})
    view = orders(window)
    view.setColumnWidth(1, 177)
    view.show_column(16, True)
    view.show_column(12, False)
    view.sortByColumn(3, view.horizontalHeader().sortIndicatorOrder())
    kept = columns.as_now()
    assert list(kept) == ["ordersView"]
    again, _ = make(kept)
    assert orders(again).columns() == view.columns()
    assert orders(again).columnWidth(1) == 177 and not orders(again).isColumnHidden(16)


def test_a_change_is_told_once_it_has_settled(make: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panels.table_columns.SETTLED_MS", 10)
    window, columns = make({})
    told: list[Any] = []
    columns.changed.connect(told.append)
    for width in (150, 160, 170):
        orders(window).setColumnWidth(1, width)
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1 and told[0]["ordersView"]["widths"]["Symbol"] == 170


def test_at_another_zoom_a_chosen_width_is_as_wide_in_proportion(make: Any, qapp: QApplication) -> None:
    window, columns = make({})
    view = orders(window)
    view.setColumnWidth(1, 150)
    qapp.setProperty(PROPERTY, 2.0)
    try:
        view.setColumnWidth(1, 260)  # the zoom sets what it noted at first
        view.rezoom()
        assert view.columnWidth(1) == 300
        assert columns.as_now()["ordersView"]["widths"]["Symbol"] == 150
        view.setColumnWidth(1, 340)
        assert columns.as_now()["ordersView"]["widths"]["Symbol"] == 170
    finally:
        qapp.setProperty(PROPERTY, None)


def test_nonsense_that_was_kept_is_passed_over(make: Any) -> None:
    window, _ = make({"ordersView": 3, "fillsView": {"widths": {"Symbol": "wide"}}, "goneView": {}})
    assert orders(window).columnWidth(1) == 130


def test_every_table_of_the_window_is_watched(theme: Theme, clock: HandClock, ids: ActionIds, bench: Any) -> None:
    view = TerminalView(theme, clock, ids, UTC)
    bench(view)
    columns = TableColumns(view, {})
    for panel in ("fills", "positions", "log", "watchlist"):
        shown: Any = view.deck.panel(panel)
        shown.view.show_column(0, False)
    assert set(columns.as_now()) == {"fillsView", "positionsView", "logView", "watchView"}
