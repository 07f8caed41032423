"""What is too large for its place scrolls, and what fits looks as if nothing were around it."""

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from panels.widgets.scroller import Scroller, Strip


def content(width: int, height: int) -> QWidget:
    made = QWidget()
    inner = QWidget()
    inner.setMinimumSize(width, height)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(inner)
    return made


def shown(qtbot: QtBot, around: Scroller, width: int, height: int) -> QWidget:
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(around)
    holder.resize(width, height)
    holder.show()
    for _ in range(3):
        QApplication.processEvents()
    return holder


def test_with_room_the_content_fills_the_place(qtbot: QtBot) -> None:
    inner = content(300, 400)
    holder = shown(qtbot, Scroller(inner), 500, 600)
    assert holder.isVisible() and (inner.width(), inner.height()) == (500, 600)


def test_without_it_scrolls_down_and_is_not_squeezed(qtbot: QtBot) -> None:
    inner = content(300, 400)
    around = Scroller(inner)
    holder = shown(qtbot, around, 500, 200)
    assert holder.isVisible() and inner.height() == 400 and around.verticalScrollBar().maximum() > 0
    assert around.minimumSizeHint().width() == 300


def test_a_strip_grows_by_its_bar_where_it_scrolls_sideways(qtbot: QtBot) -> None:
    inner = content(800, 40)
    around = Strip(inner)
    holder = shown(qtbot, around, 900, 300)
    assert (around.height(), inner.height(), around.horizontalScrollBar().maximum()) == (40, 40, 0)
    holder.resize(500, 300)
    for _ in range(3):
        QApplication.processEvents()
    assert inner.width() == 800 and inner.height() == 40
    assert around.height() > 40 and around.horizontalScrollBar().maximum() == 300


def test_a_strip_is_as_high_as_what_it_holds_was_fixed_to(qtbot: QtBot) -> None:
    inner = content(100, 10)
    inner.setFixedHeight(26)
    around = Strip(inner)
    holder = shown(qtbot, around, 300, 300)
    assert holder.isVisible() and (around.height(), inner.height()) == (26, 26)
