"""Everything is drawn larger or smaller at once, and at 100 % as it was made."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.preferences import Preferences
from panels.look import Look
from panels.terminal_view import TerminalView
from panels.theme import font, load_theme
from panels.widgets.controls import button, field
from panels.widgets.labels import FitLabel, ValueLabel
from panels.zoom import LEAST, MOST
from panels.zoomed import at_100, factor, px, sizes_itself
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import long_two

PLAIN = Preferences()


class Zoomable:
    """A look, by its zoom."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def __call__(self, percent: int) -> None:
        self.look.apply(replace(PLAIN, zoom_percent=percent))
        QApplication.processEvents()


@pytest.fixture
def zoom(qapp: QApplication) -> Iterator[Zoomable]:
    """Change the zoom; the program is left at 100 %."""
    look = Look(qapp, PLAIN, load_theme())
    look.theme.apply(qapp)
    made = Zoomable(look)
    yield made
    made(100)
    look.deleteLater()


def form() -> QWidget:
    """Return a widget that was given sizes of every kind."""
    made = QWidget()
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addSpacing(20)
    row.addWidget(field("aField", "A field", 100))
    row.addWidget(button("aButton", "Press", "Press"))
    row.addStretch(1)
    grid = QGridLayout()
    grid.setHorizontalSpacing(6)
    grid.setRowMinimumHeight(0, 22)
    label = QLabel("words")
    label.setFont(font("label"))
    grid.addWidget(label, 0, 0)
    outer = QVBoxLayout(made)
    outer.setContentsMargins(12, 4, 12, 4)
    outer.addLayout(row)
    outer.addLayout(grid)
    return made


def sizes(made: QWidget) -> list[int]:
    """Return what it was given, as it stands."""
    outer = made.layout()
    assert outer is not None
    row, grid = made.findChildren(QHBoxLayout)[0], made.findChildren(QGridLayout)[0]
    gap = row.itemAt(0)
    spacer = None if gap is None else gap.spacerItem()
    assert spacer is not None
    edit, pressed, label = (
        made.findChildren(kind)[0] for kind in (type(field("", "", 1)), type(button("", "", "")), QLabel)
    )
    margins = outer.contentsMargins()
    return [
        margins.left(),
        margins.top(),
        row.spacing(),
        spacer.sizeHint().width(),
        edit.width(),
        edit.maximumHeight(),
        pressed.maximumHeight(),
        grid.horizontalSpacing(),
        grid.rowMinimumHeight(0),
        label.font().pixelSize(),
        edit.font().pixelSize(),
    ]


def test_every_size_is_multiplied_and_comes_back_exactly(zoom: Zoomable, qtbot: QtBot) -> None:
    made = form()
    qtbot.addWidget(made)
    made.show()
    QApplication.processEvents()
    before = sizes(made)
    for percent in (150, 200, 80, 133, 200):
        zoom(percent)
        assert sizes(made) == [round(one * percent / 100) for one in before], percent
    zoom(100)
    assert sizes(made) == before


def test_what_is_made_later_is_as_large_as_what_was_there(zoom: Zoomable, qtbot: QtBot) -> None:
    first = form()
    qtbot.addWidget(first)
    first.show()
    zoom(150)
    later = form()
    qtbot.addWidget(later)
    later.show()
    QApplication.processEvents()
    assert sizes(later) == sizes(first)
    zoom(100)
    assert sizes(later) == sizes(first)
    assert sizes(later)[0] == 12


def test_what_the_style_sheet_gives_is_multiplied_once(zoom: Zoomable, qtbot: QtBot) -> None:
    pressed = button("buyButton", "BUY 1", "Buy", "buy")
    qtbot.addWidget(pressed)
    holder = QWidget()
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(pressed)
    holder.show()
    QApplication.processEvents()
    assert pressed.height() == 36
    zoom(200)
    assert pressed.height() == 72 and pressed.minimumSizeHint().width() == 224


def test_a_size_set_while_zoomed_counts_as_it_is_seen(zoom: Zoomable, qtbot: QtBot) -> None:
    holder, made = QWidget(), QWidget()
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(made)
    zoom(200)
    holder.show()
    made.setFixedHeight(px(30))
    zoom(150)
    assert made.maximumHeight() == 45


def test_who_sizes_itself_is_left_alone(zoom: Zoomable, qtbot: QtBot) -> None:
    holder, made = QWidget(), QWidget()
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(made)
    sizes_itself(made)
    made.setFixedHeight(30)
    holder.show()
    zoom(150)
    assert made.height() == 30


def test_figures_that_fit_themselves_step_at_every_zoom(zoom: Zoomable, qtbot: QtBot) -> None:
    holder = QWidget()
    label = FitLabel("p2Cell_mfe", "Best excursion")
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(label)
    label.show_value("1 234.00")
    holder.resize(300, 60)
    holder.show()
    zoom(200)
    assert label.font().pixelSize() == 30
    holder.resize(label.fontMetrics().horizontalAdvance(label.text()), 60)
    QApplication.processEvents()
    assert label.font().pixelSize() in (22, 26)
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_the_zoom_stays_within_its_bounds(zoom: Zoomable) -> None:
    for asked, got in ((10, LEAST), (500, MOST)):
        zoom.look.zoom.set_percent(asked)
        assert zoom.look.zoom.percent == got
    assert (px(10), factor(), at_100(QPointF(20, 4))) == (20, 2.0, QPointF(10, 2))
    zoom.look.zoom.set_percent(100)


def test_the_whole_window_is_drawn_at_another_zoom_and_back(zoom: Zoomable, view: Bench) -> None:
    view.widget.resize(1440, 900)
    view.widget.show()
    view.show(long_two())
    QApplication.processEvents()
    heights = {name: view.find(name).height() for name in ("modeBand", "p2RiskBar", "qtyBox", "statusOrders")}
    rows = view.find("ordersView").verticalHeader().defaultSectionSize()
    columns = [view.find("ordersView").columnWidth(at) for at in range(4)]
    zoom(150)
    for name, height in heights.items():
        assert view.find(name).height() == pytest.approx(height * 1.5, abs=1.01), name
    assert view.find("ordersView").verticalHeader().defaultSectionSize() == rows * 1.5
    assert [view.find("ordersView").columnWidth(at) for at in range(4)] == [round(one * 1.5) for one in columns]
    zoom(100)
    assert {name: view.find(name).height() for name in heights} == heights
    assert [view.find("ordersView").columnWidth(at) for at in range(4)] == columns


def test_the_pointer_reaches_what_it_points_at(zoom: Zoomable, view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.resize(1800, 1100)
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    zoom(150)
    preset: Any = view.find("qtyPreset_5")
    QTest.mouseClick(preset, Qt.MouseButton.LeftButton, pos=QPoint(preset.width() - 3, preset.height() - 3))
    assert view.find("qtyBox").text() == "5"


def test_a_change_of_tone_leaves_the_font_as_large_as_it_is(zoom: Zoomable, qtbot: QtBot) -> None:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    qtbot.addWidget(holder)
    there, fitted = ValueLabel("p2Pnl", "Open profit or loss", "hero"), FitLabel("p2Cell_mfe", "Best excursion")
    for label in (there, fitted):
        label.show_value("1 234.00", "up")
        layout.addWidget(label)
    holder.show()
    zoom(200)
    later = ValueLabel("p2R", "R", "subhero")
    later.show_value("+0.25R", "up")
    layout.addWidget(later)
    QApplication.processEvents()
    for tone in ("down", "ink1"):
        for label in (there, fitted, later):
            label.show_value("1 235.00", tone)
        assert [one.font().pixelSize() for one in (there, fitted, later)] == [56, 30, 40]
    load_theme("light").apply(QApplication.instance())  # type: ignore[arg-type]
    assert [one.font().pixelSize() for one in (there, fitted, later)] == [56, 30, 40]


def test_the_line_of_a_drop_down_and_the_titles_of_a_table_are_zoomed_once(zoom: Zoomable, view: Bench) -> None:
    def fonts() -> list[int]:
        box, header = view.find("symbolBox"), view.find("ordersView").horizontalHeader()
        chart = view.find("chartInterval").lineEdit()
        return [one.font().pixelSize() for one in (box, box.lineEdit(), chart, header, header.viewport())]

    view.widget.resize(1440, 900)
    view.widget.show()
    view.show(long_two())
    before = fonts()
    assert before == [13, 13, 13, 11, 11]
    zoom(200)
    view.show(long_two())
    assert fonts() == [26, 26, 26, 22, 22]
    zoom(100)
    assert fonts() == before


def test_a_window_begun_zoomed_has_the_fonts_of_one_zoomed_later(
    zoom: Zoomable, bench: Callable[[QWidget], Bench], clock: HandClock
) -> None:
    zoom(200)
    view = bench(TerminalView(zoom.look.theme, clock, zone=UTC))
    view.widget.resize(1440, 900)
    view.widget.show()
    view.show(long_two())
    QApplication.processEvents()
    chart, header = view.find("chartInterval").lineEdit(), view.find("ordersView").horizontalHeader()
    assert [one.font().pixelSize() for one in (chart, header, header.viewport())] == [26, 22, 22]
    columns = view.find("ordersView").rows_model.columns
    assert [header.sectionSize(at) for at in range(4)] == [2 * column.width for column in columns[:4]]
    zoom(100)
    assert [header.sectionSize(at) for at in range(4)] == [column.width for column in columns[:4]]
