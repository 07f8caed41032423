"""How a cell of a table is painted: by hand, since a styled item of Qt costs several times as much."""

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from panels.theme import Theme, sized_font
from panels.widgets.rows import Index, RowsModel
from panels.zoomed import px

PADDING = 6
# Figures repeat and are few; beyond this the texts of long ago are forgotten together.
TEXTS_KEPT = 8_192
_TONES = {"ink1": "ink.1", "ink2": "ink.2", "ink3": "ink.2"}


class CellDelegate(QStyledItemDelegate):
    """Paints a cell's text in its tone, outlines what can be pressed, and rings the cell with the keyboard.

    Attributes:
        edge: how wide the table is. Of a figure that lies across its edge as much is written as is seen, with an
            ellipsis: cut in the middle, 187.50 would be 187.
    """

    def __init__(self, theme: Theme, model: RowsModel[Any], parent: QWidget):
        super().__init__(parent)
        self._model = model
        self.edge = 1 << 20
        self.take(theme)

    def take(self, theme: Theme) -> None:
        """Paint in a theme, with the fonts of now."""
        self.theme = theme
        self._fonts: dict[bool, QFont] = {number: sized_font(px(13), number) for number in (False, True)}
        self._measures = {number: QFontMetrics(one) for number, one in self._fonts.items()}
        self._fitted: dict[tuple[str, bool, int], tuple[str, int]] = {}
        self._pens = {"": QPen(theme.colour("ink.1"))}
        self._swapped = QPen(theme.colour("bg.1"))
        self._edge = QPen(theme.colour("line.strong"))
        self._ring = QPen(theme.colour("focus"), 2)
        self._plate, self._chosen = theme.colour("ink.1"), theme.colour("bg.3")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell."""
        column, row = self._model.columns[index.column()], self._model.at(index.row())
        rect: QRect = option.rect
        state = option.state
        swapped = self._model.is_inverted(row)
        if swapped:
            painter.fillRect(rect, self._plate)
        elif state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._chosen)
        text = column.text(row)
        if text:
            tone = column.tone(row) if column.tone is not None and not swapped else ""
            painter.setPen(self._swapped if swapped else self._pens.get(tone) or self._pen(tone))
            is_cut = column.number and (rect.right() >= self.edge or rect.left() < 0)
            seen = rect & QRect(0, rect.top(), self.edge, rect.height()) if is_cut else rect
            self._write(painter, seen, text, column.number, column.action)
            if column.action:
                painter.setPen(self._edge)
                painter.drawRoundedRect(rect.adjusted(4, 3, -4, -3), 3, 3)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._ring)
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return what a cell needs for its whole text."""
        column = self._model.columns[index.column()]
        measure = self._measures[column.number]
        return QSize(
            measure.horizontalAdvance(column.text(self._model.at(index.row()))) + 2 * PADDING, measure.height()
        )

    def _write(self, painter: QPainter, rect: QRect, text: str, number: bool, centred: bool) -> None:
        room = rect.width() - 2 * PADDING
        fitted = self._fitted.get((text, number, room)) or self._fit(text, number, room)
        measure = self._measures[number]
        left = rect.left() + PADDING
        if centred:
            left += (room - fitted[1]) // 2
        elif number:
            left += room - fitted[1]
        painter.setFont(self._fonts[number])
        painter.drawText(left, rect.top() + (rect.height() + measure.ascent() - measure.descent()) // 2, fitted[0])

    def _fit(self, text: str, number: bool, room: int) -> tuple[str, int]:
        """Return the text as it fits, and its width, and remember both."""
        if len(self._fitted) >= TEXTS_KEPT:
            self._fitted.clear()
        measure = self._measures[number]
        # Asked for exactly the room it takes, Qt would elide a text by the fraction of a pixel it was rounded by.
        if measure.horizontalAdvance(text) > room:
            text_shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, room)
        else:
            text_shown = text
        self._fitted[(text, number, room)] = fitted = (text_shown, measure.horizontalAdvance(text_shown))
        return fitted

    def _pen(self, tone: str) -> QPen:
        self._pens[tone] = made = QPen(self.theme.colour(_TONES.get(tone, tone)))
        return made
