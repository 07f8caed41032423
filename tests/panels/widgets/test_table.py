"""The view of every table: columns that are remembered, a menu for the keyboard, and what is painted."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from panels.theme import Theme, load_theme
from panels.widgets.columns_menu import fill_menu
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView

Row = tuple[int, str]


def model_of(count: int) -> RowsModel[Row]:
    """Return a model of so many rows."""
    columns: tuple[Column[Row], ...] = (
        Column("Number", lambda row: str(row[0]), 80, number=True, value=lambda row: row[0]),
        Column("Word", lambda row: row[1], 120, tone=lambda row: "danger" if row[0] == 3 else ""),
        Column("Secret", lambda row: f"secret {row[0]}", 90, hidden=True),
    )
    made: RowsModel[Row] = RowsModel(columns, key=lambda row: row[0], inverted=lambda row: row[0] == 2)
    made.set_rows([(number, f"word {number}") for number in range(count)])
    return made


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Callable[[], RowsView[Row]]]:
    """Make tables that are gone, and not merely closed, when the test ends."""
    made: list[RowsView[Row]] = []

    def table() -> RowsView[Row]:
        made.append(RowsView("things", "Things", model_of(12), load_theme("dark")))
        return made[-1]

    yield table
    for one in made:
        one.close()
        one.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def view(make: Callable[[], RowsView[Row]]) -> RowsView[Row]:
    made = make()
    made.resize(400, 200)
    made.show()
    return made


def entry(menu: QMenu, *path: str) -> Any:
    """Return an entry of a menu by the words that lead to it."""
    for words in path[:-1]:
        below = next(one.menu() for one in menu.actions() if one.text() == words)
        assert isinstance(below, QMenu)
        menu = below
    return next(one for one in menu.actions() if one.text() == path[-1])


def menu_of(view: RowsView[Row]) -> QMenu:
    """Return the menu of a table."""
    menu = QMenu(view)
    fill_menu(menu, view)
    return menu


def test_columns_are_restored_as_they_stood(view: RowsView[Row], make: Callable[[], RowsView[Row]]) -> None:
    view.show_column(2, True)
    view.setColumnWidth(2, 133)
    view.show_column(1, False)
    view.horizontalHeader().moveSection(2, 0)
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    kept = view.columns()
    other = make()
    other.restore_columns(kept)
    assert other.columns() == kept
    assert other.columnWidth(2) == 133 and other.isColumnHidden(1) and not other.isColumnHidden(2)
    assert other.rows_model.at(0)[0] == 11


@pytest.mark.parametrize(
    "nonsense",
    [{}, {"widths": 3, "hidden": "x", "order": None, "sort": [1]}, {"widths": {"Gone": 4}, "sort": ["Gone", "up"]}],
)
def test_what_was_kept_wrongly_changes_nothing(view: RowsView[Row], nonsense: dict[str, Any]) -> None:
    before = view.columns()
    view.restore_columns(nonsense)
    assert view.columns() == before


def test_a_click_on_a_header_sorts_up_down_and_not_at_all(view: RowsView[Row]) -> None:
    header = view.horizontalHeader()
    seen = []
    for _ in range(3):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().center() / 8)
        seen.append((view.columns()["sort"], view.rows_model.at(0)[0]))
    assert seen == [(["Number", "up"], 0), (["Number", "down"], 11), ([], 0)]


def test_the_menu_shows_and_hides_columns_but_never_the_last(view: RowsView[Row]) -> None:
    told: list[int] = []
    view.columns_changed.connect(lambda: told.append(1))
    entry(menu_of(view), "Columns", "Secret").trigger()
    assert not view.isColumnHidden(2) and told
    for title in ("Number", "Word", "Secret"):
        entry(menu_of(view), "Columns", title).trigger()
    assert [view.isColumnHidden(at) for at in range(3)] == [True, True, False]
    entry(menu_of(view), "Columns", "As at first").trigger()
    assert [view.isColumnHidden(at) for at in range(3)] == [False, False, True]


def test_rows_are_sorted_and_copied_by_keyboard_through_the_menu(view: RowsView[Row]) -> None:
    entry(menu_of(view), "Sort by", "Number").trigger()
    entry(menu_of(view), "Sort by", "Number").trigger()
    assert view.rows_model.at(0)[0] == 11
    view.setCurrentIndex(view.rows_model.index(1, 0))
    entry(menu_of(view), "Copy row").trigger()
    assert QGuiApplication.clipboard().text() == "10\tword 10"
    entry(menu_of(view), "Sort by", "The order given").trigger()
    assert view.rows_model.at(0)[0] == 0


def test_a_chosen_row_is_chosen_still_after_everything_is_drawn_anew(view: RowsView[Row]) -> None:
    view.setCurrentIndex(view.rows_model.index(5, 0))
    view.rows_model.set_rows([(number, f"other {number}") for number in range(5, 400, 5)])
    assert view.rows_model.at(view.currentIndex().row()) == (5, "other 5")


def test_the_pointer_over_a_table_holds_its_sorted_rows(view: RowsView[Row]) -> None:
    spot = QPointF(5, 5)
    QApplication.sendEvent(view.viewport(), QEnterEvent(spot, spot, spot))
    assert view.rows_model.is_held
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert not view.rows_model.is_held


@pytest.mark.parametrize("name", ["dark", "light"])
def test_tones_swapped_rows_and_the_keyboard_are_seen_in_the_picture(view: RowsView[Row], name: str) -> None:
    theme: Theme = load_theme(name)
    view.set_theme(theme)
    view.setFocus()
    view.setCurrentIndex(view.rows_model.index(5, 0))
    picture = view.viewport().grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(250) for y in range(picture.height())}
    assert {theme.colour(token).name() for token in ("danger", "ink.1", "bg.1", "bg.3")} <= colours
    row = view.visualRect(view.rows_model.index(2, 1))
    assert picture.pixelColor(row.right() - 3, row.center().y()) == theme.colour("ink.1")


def test_a_text_too_long_for_its_column_ends_in_dots_and_is_whole_in_the_tooltip(view: RowsView[Row]) -> None:
    view.setColumnWidth(1, 40)
    index = view.rows_model.index(0, 1)
    assert view.sizeHintForIndex(index).width() > 40
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "word 0"
