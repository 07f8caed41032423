"""Where the fonts the window is drawn with are not installed, it is drawn in the system's, and stays legible.

The widest that can come in their place stand for all: Segoe UI and Consolas are narrower.
"""

from collections.abc import Callable, Iterator
from datetime import UTC

import pytest
from PySide6.QtGui import QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.preferences import Preferences
from panels import theme
from panels.look import Look
from panels.terminal_view import TerminalView
from panels.theme import sized_font
from panels.widgets.table import RowsView
from tests.panels.bracketed import BOOK
from tests.panels.conftest import Bench, HandClock
from tests.panels.legibility import clipped
from tests.panels.test_legibility import SEEN, SIZES, settled
from tests.panels.test_terminal_view import FREE_TEXT, WORLDS

OTHERS = {"UI_FAMILIES": ("DejaVu Sans",), "NUMBER_FAMILIES": ("DejaVu Sans Mono",)}


@pytest.fixture(autouse=True)
def _others(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Draw in other fonts, and afterwards in the first again."""
    if not {one for families in OTHERS.values() for one in families} <= set(QFontDatabase.families()):
        pytest.skip("DejaVu is not installed")
    look = Look(qapp, Preferences())
    with monkeypatch.context() as held:
        for name, families in OTHERS.items():
            held.setattr(theme, name, families)
        look.theme.apply(qapp)
        yield
        look.apply(Preferences())
    look.theme.apply(qapp)
    look.deleteLater()


def test_they_are_what_is_drawn_with() -> None:
    assert QFontInfo(sized_font(13)).family() == "DejaVu Sans"
    assert QFontInfo(sized_font(13, number=True)).family() == "DejaVu Sans Mono"


@pytest.mark.parametrize("zoom", [100, 200])
def test_every_text_of_the_window_can_be_read_in_the_fonts_of_the_system(
    qapp: QApplication, bench: Callable[[QWidget], Bench], clock: HandClock, zoom: int
) -> None:
    look = Look(qapp, Preferences())
    look.apply(Preferences(zoom_percent=zoom))
    made = bench(TerminalView(look.theme, clock, zone=UTC))
    made.widget.resize(*SIZES[0])
    made.widget.show()
    made.widget.ticket.offer(BOOK)
    found = {}
    for world, snapshot in SEEN.items():
        settled(made, snapshot)
        found[world] = clipped(made.widget)
    look.apply(Preferences())
    look.deleteLater()
    assert {world: faults for world, faults in found.items() if faults} == {}


def test_no_figure_in_a_list_is_elided_in_the_fonts_of_the_system(
    qapp: QApplication, bench: Callable[[QWidget], Bench], clock: HandClock
) -> None:
    made = bench(TerminalView(theme.load_theme(), clock, zone=UTC))
    made.widget.show()
    made.show(WORLDS["busy"])
    cut = [
        f"{table.objectName()} {column.title}: {table.rows_model.index(row, at).data()}"
        for table in made.widget.findChildren(RowsView)
        for at, column in enumerate(table.rows_model.columns)
        if column.title not in FREE_TEXT and not table.isColumnHidden(at)
        for row in range(table.rows_model.rowCount())
        if table.sizeHintForIndex(table.rows_model.index(row, at)).width() > table.columnWidth(at)
    ]
    assert cut == []
