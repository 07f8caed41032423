"""Ctrl+E asks for a name and hands over what the table shows at that moment; Ctrl+F says how many rows are left."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from core.model.order import OrderState
from core.sheet import Paper, Sheet
from panels.action_ids import ActionIds
from panels.exporting.asking import NAMES, ExportFile, Form, form_of
from panels.orders_panel import OrdersPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import by_id, long_two, order


@pytest.fixture
def orders(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(OrdersPanel(theme, ids, UTC))
    made.widget.resize(900, 300)
    made.widget.show()
    states = (OrderState.WORKING, OrderState.FILLED, OrderState.FILLED)
    return made.show(long_two(orders=by_id(*(order(at, state=state) for at, state in enumerate(states, 1)))))


def export(orders: Bench, target: Path) -> ExportFile:
    """Press Ctrl+E, answer the dialog, and return what is asked for."""
    orders.widget.view.setFocus()
    QTest.keyClick(orders.widget.view, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = orders.widget.exports.asking.dialog
    assert isinstance(dialog, QFileDialog) and dialog.isVisible()
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    asked = orders.intents[-1]
    assert isinstance(asked, ExportFile)
    return asked


def test_a_filter_says_how_many_are_left_and_escape_shows_all_again(orders: Bench) -> None:
    orders.widget.view.setFocus()
    QTest.keyClick(orders.widget.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert orders.is_shown("ordersViewFilter")
    QTest.keyClicks(orders.find("ordersViewFilter"), "filled sell")
    assert orders.text("ordersViewFilterCount") == "2 of 3"
    QTest.keyClicks(orders.find("ordersViewFilter"), " zzz")
    assert orders.widget.view.empty_text == "Nothing matches “filled sell zzz”."
    QTest.keyClick(orders.find("ordersViewFilter"), Qt.Key.Key_Escape)
    assert orders.widget.view.rows_model.rowCount() == 3
    assert not orders.is_shown("ordersViewFilter") and orders.widget.view.hasFocus()


def test_an_export_holds_what_the_filter_leaves_and_the_hidden_columns(orders: Bench, tmp_path: Path) -> None:
    orders.widget.filter.field.setText("filled")
    asked = export(orders, tmp_path / "mine.csv")
    assert (asked.title, asked.form, asked.path) == ("Orders", Form.CSV, tmp_path / "mine.csv")
    assert isinstance(asked.content, Sheet)
    assert len(asked.content.rows) == 2
    assert [one.name for one in asked.content.columns][-2:] == ["Client ID", "Broker ID"]


def test_a_report_is_made_of_what_is_on_screen_and_says_what_was_filtered(orders: Bench, tmp_path: Path) -> None:
    orders.widget.filter.field.setText("working")
    asked = export(orders, tmp_path / "mine.PDF")
    assert isinstance(asked.content, Paper) and asked.form is Form.PDF
    assert asked.content.about == ("Filter: working", "2025-11-12 15:41:07 UTC")
    assert "Client ID" not in asked.content.titles


def test_columns_are_exported_in_the_order_they_stand_in(orders: Bench, tmp_path: Path) -> None:
    orders.widget.view.horizontalHeader().moveSection(2, 0)
    asked = export(orders, tmp_path / "mine.xlsx")
    assert isinstance(asked.content, Sheet) and asked.content.columns[0].name == "Side"


def test_another_form_changes_the_suffix_of_the_name(orders: Bench) -> None:
    orders.widget.export()
    dialog = orders.widget.exports.asking.dialog
    assert Path(dialog.selectedFiles()[0]).name == "orders-2025-11-12.csv"
    dialog.filterSelected.emit(NAMES[Form.PDF])
    assert Path(dialog.selectedFiles()[0]).name == "orders-2025-11-12.pdf"
    dialog.reject()
    assert orders.intents == []


def test_a_name_without_a_known_suffix_is_a_csv() -> None:
    assert [form_of(Path(one)) for one in ("a.XLSX", "a.pdf", "a.txt", "a")] == [
        Form.XLSX,
        Form.PDF,
        Form.CSV,
        Form.CSV,
    ]
