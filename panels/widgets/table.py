"""Tables described by their columns: one model, one view, for orders, fills, positions and the log.

A row is an immutable value with a key. Setting new rows touches only what differs, so selection, scroll position and
screen-reader focus stay where they are.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from panels.theme import Theme, font, size

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
TONE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
KIND_ROLE = int(Qt.ItemDataRole.UserRole) + 2
INVERTED_ROLE = int(Qt.ItemDataRole.UserRole) + 3


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        text: what a row shows here.
        number: set in figures and aligned right.
        tone: the tone of a row's text.
        spoken: what a screen reader says where the text is signs or arrows.
        action: the text is something to press.
    """

    title: str
    text: Callable[[Row], str]
    width: int
    number: bool = False
    tone: Callable[[Row], str] | None = None
    spoken: Callable[[Row], str] | None = None
    action: bool = False


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows under columns; an inverted row is drawn in swapped colours, as what must not be overlooked."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        inverted: Callable[[Row], bool] | None = None,
    ):
        super().__init__()
        self._inverted = inverted
        self.columns = tuple(columns)
        self.rows: tuple[Row, ...] = ()
        self._key = key
        self._fonts = {True: font("body", number=True), False: font("body")}

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, in this order."""
        new = tuple(rows)
        if new == self.rows:
            return
        if self.rows:
            self._remove_missing({self._key(row) for row in new})
        if not self.rows or not self._insert_new(new):
            self.beginResetModel()
            self.rows = new
            self.endResetModel()
            return
        before, self.rows = self.rows, new
        changed = [at for at, (old, row) in enumerate(zip(before, new, strict=True)) if old != row]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, aligned as its cells are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(self.columns[section])
        titles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return self.columns[section].title if role in titles else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, in the asked role."""
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            words = (column.spoken or column.text)(row)
            return f"{column.title}: {words}" if role == Qt.ItemDataRole.AccessibleTextRole else words
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            return self._fonts[column.number]
        if role == TONE_ROLE:
            return column.tone(row) if column.tone is not None else ""
        if role == INVERTED_ROLE:
            return self._inverted is not None and self._inverted(row)
        if role == KIND_ROLE:
            return "action" if column.action and column.text(row) else ""
        return None

    @staticmethod
    def _alignment(column: Column[Row]) -> Qt.AlignmentFlag:
        if column.action:
            return Qt.AlignmentFlag.AlignCenter
        side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _remove_missing(self, wanted: set[Hashable]) -> None:
        for at in reversed(range(len(self.rows))):
            if self._key(self.rows[at]) not in wanted:
                self.beginRemoveRows(QModelIndex(), at, at)
                self.rows = self.rows[:at] + self.rows[at + 1 :]
                self.endRemoveRows()

    def _insert_new(self, new: tuple[Row, ...]) -> bool:
        """Insert what is missing at its place; return False when what is left has another order."""
        for at, row in enumerate(new):
            if at < len(self.rows) and self._key(self.rows[at]) == self._key(row):
                continue
            if any(self._key(old) == self._key(row) for old in self.rows[at:]):
                return False
            self.beginInsertRows(QModelIndex(), at, at)
            self.rows = (*self.rows[:at], row, *self.rows[at:])
            self.endInsertRows()
        return len(self.rows) == len(new)


class ToneDelegate(QStyledItemDelegate):
    """Colours a cell by its tone and outlines what can be pressed."""

    def __init__(self, theme: Theme, parent: QWidget):
        super().__init__(parent)
        self.theme = theme

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Give the text its tone."""
        super().initStyleOption(option, index)
        tone = index.data(TONE_ROLE)
        if index.data(INVERTED_ROLE):
            option.state &= ~QStyle.StateFlag.State_Selected
            self._ink(option, "bg.1")
        elif tone:
            self._ink(option, {"ink1": "ink.1", "ink2": "ink.2", "ink3": "ink.2"}.get(tone, tone))

    def _ink(self, option: QStyleOptionViewItem, token: str) -> None:
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
            option.palette.setColor(role, self.theme.colour(token))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell, and the outline of an action."""
        if index.data(INVERTED_ROLE):
            painter.fillRect(option.rect, self.theme.colour("ink.1"))
        super().paint(painter, option, index)
        if index.data(KIND_ROLE):
            painter.save()
            painter.setPen(self.theme.colour("line.strong"))
            painter.drawRoundedRect(option.rect.adjusted(4, 3, -4, -3), 3, 3)
            painter.restore()


class RowsView(QTableView, Generic[Row]):
    """A table of one RowsModel.

    Signals:
        pressed_action: an action cell was clicked, or Delete pressed on its row: the row.
    """

    pressed_action = Signal(object)

    def __init__(self, object_name: str, name: str, model: RowsModel[Row], theme: Theme):
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.rows_model = model
        self.empty_text = ""
        self._delegate = ToneDelegate(theme, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(size("rowTable"))
        header = self.horizontalHeader()
        header.setFont(font("label"))
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setStretchLastSection(True)
        for at, column in enumerate(model.columns):
            self.setColumnWidth(at, column.width)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._clicked)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._delegate.theme = theme
        self.viewport().update()

    def say_when_empty(self, text: str) -> None:
        """Set what stands in the table's place while it has no rows."""
        if text != self.empty_text:
            self.empty_text = text
            self.setAccessibleDescription(text)
            self.viewport().update()

    def sizeHint(self) -> QSize:
        """Ask for a few rows."""
        return QSize(600, 160)

    def minimumSizeHint(self) -> QSize:
        """Make do with the header: in a low window the lists give way to the position."""
        return QSize(200, self.horizontalHeader().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the row's action on Delete."""
        if event.key() == Qt.Key.Key_Delete and not event.isAutoRepeat():
            self._press(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or the sentence for none."""
        super().paintEvent(event)
        if not self.rows_model.rows and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self._delegate.theme.colour("ink.2"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.empty_text)

    def _clicked(self, index: QModelIndex) -> None:
        if index.data(KIND_ROLE):
            self._press(index)

    def _press(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        for at, column in enumerate(self.rows_model.columns):
            if column.action and index.siblingAtColumn(at).data(KIND_ROLE):
                self.pressed_action.emit(self.rows_model.rows[index.row()])
