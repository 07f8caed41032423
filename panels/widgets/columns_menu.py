"""The menu of a table: which columns are shown, what the rows are sorted by, and the row as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from panels.widgets.table import RowsView

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def fill_menu(menu: QMenu, view: RowsView[Any]) -> None:
    """Put the entries of a table's menu into it."""
    index = view.currentIndex()
    copy = _entry(menu, "Copy row")
    copy.setEnabled(index.isValid())
    copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(row_text(view, index)))
    sort = menu.addMenu("Sort by")
    by = view.horizontalHeader().sortIndicatorSection()
    given = _entry(sort, "The order given", by < 0)
    given.triggered.connect(lambda: view.sortByColumn(-1, UP))
    for at, column in enumerate(view.rows_model.columns):
        if not column.action:
            entry = _entry(sort, column.title, by == at)
            entry.triggered.connect(lambda _=False, at=at: sort_by(view, at))
    shown = menu.addMenu("Columns")
    for at, column in enumerate(view.rows_model.columns):
        entry = _entry(shown, column.title, not view.isColumnHidden(at))
        entry.toggled.connect(lambda on, at=at: view.show_column(at, on))
    shown.addSeparator()
    _entry(shown, "As at first").triggered.connect(lambda: reset_columns(view))


def sort_by(view: RowsView[Any], at: int) -> None:
    """Sort by a column; the other way round where it is sorted by already."""
    header = view.horizontalHeader()
    again = header.sortIndicatorSection() == at and header.sortIndicatorOrder() is UP
    view.sortByColumn(at, DOWN if again else UP)


def reset_columns(view: RowsView[Any]) -> None:
    """Show the columns as at first: order, widths, what is hidden, and no sorting."""
    titles = [column.title for column in view.rows_model.columns]
    view.restore_columns(
        {
            "widths": {column.title: column.width for column in view.rows_model.columns},
            "hidden": [title for at, title in enumerate(titles) if not view.is_default(at)],
            "order": titles,
        }
    )
    view.sortByColumn(-1, UP)


def row_text(view: RowsView[Any], index: QModelIndex) -> str:
    """Return what a row shows, its cells parted by tabs."""
    model, header = view.rows_model, view.horizontalHeader()
    order = [header.logicalIndex(at) for at in range(header.count())]
    seen = [at for at in order if not view.isColumnHidden(at) and not model.columns[at].action]
    return "\t".join(model.columns[at].text(model.at(index.row())) for at in seen)


def _entry(menu: QMenu, text: str, is_on: bool | None = None) -> QAction:
    entry = menu.addAction(text)
    if is_on is not None:
        entry.setCheckable(True)
        entry.setChecked(is_on)
    return entry
