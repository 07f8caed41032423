"""The view of every table: rows are chosen whole; columns are moved, hidden and sorted by, which is remembered."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic

from PySide6.QtCore import QElapsedTimer, QEvent, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from panels.theme import Theme, font, size
from panels.widgets.cell_paint import CellDelegate
from panels.widgets.columns_menu import fill_menu
from panels.widgets.rows import KIND_ROLE, Row, RowsModel
from panels.zoomed import factor, give_font, px

NARROWEST, WIDEST = 30, 2_000
DEAD_MS = 250
RING = 2


class RowsView(QTableView, Generic[Row]):
    """A table of one RowsModel.

    Attributes:
        offer: adds to the menu of a row what can be done with it; None adds nothing.

    Signals:
        pressed_action: an action cell was clicked, or Delete pressed on its row: the row.
        columns_changed: a column was moved, widened, hidden, shown or sorted by.
    """

    pressed_action = Signal(object)
    columns_changed = Signal()

    def __init__(self, object_name: str, name: str, model: RowsModel[Row], theme: Theme):
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.rows_model = model
        self.empty_text = ""
        self.offer: Callable[[QMenu, Row], None] | None = None
        self._current: Hashable = None
        self._restoring = False
        self._zoom = factor()
        self._widths = {at: column.width for at, column in enumerate(model.columns)}
        self._delegate = CellDelegate(theme, model, self)
        self._loses = False
        model.rowsAboutToBeRemoved.connect(self._note_loss)  # before the base class goes on to the next row
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
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_up_header()
        self.clicked.connect(self._clicked)
        self._since_moved = QElapsedTimer()
        for moved in (model.rowsInserted, model.rowsRemoved, model.layoutChanged, model.modelReset):
            moved.connect(self._note_move)
        model.rowsRemoved.connect(self._stay_at_none)
        model.modelAboutToBeReset.connect(self._note_current)
        model.modelReset.connect(self._return_to_current)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._delegate.take(theme)
        self.viewport().update()

    def rezoom(self) -> None:
        """Draw in other sizes; the columns get the widths the trader gave them, times the zoom."""
        self._delegate.take(self._delegate.theme)
        self._zoom = factor()
        was, self._restoring = self._restoring, True
        self._apply_widths()
        self._restoring = was
        self.updateGeometries()

    def say_when_empty(self, text: str) -> None:
        """Set what stands in the table's place while it has no rows."""
        if text != self.empty_text:
            self.empty_text = text
            self.setAccessibleDescription(text)
            self.viewport().update()

    def columns(self) -> dict[str, object]:
        """Return how the columns stand, in plain values: widths (at 100 %), hidden, order, sort."""
        header, titles = self.horizontalHeader(), [column.title for column in self.rows_model.columns]
        by = header.sortIndicatorSection()
        falls = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        order = [header.logicalIndex(at) for at in range(len(titles))]
        # The last takes what room there is: that is no choice of the trader's.
        seen = [at for at in order if not self.isColumnHidden(at)][:-1]
        return {
            "widths": {titles[at]: self._widths[at] for at in sorted(seen)},
            "hidden": [title for at, title in enumerate(titles) if self.isColumnHidden(at)],
            "order": [titles[at] for at in order],
            "sort": [titles[by], "down" if falls else "up"] if 0 <= by < len(titles) else [],
        }

    def restore_columns(self, kept: Mapping[str, Any]) -> None:
        """Put the columns as they stood; what is not understood, or of a column there is no more, stays as it is."""
        header, titles = self.horizontalHeader(), [column.title for column in self.rows_model.columns]
        self._restoring = True
        widths, hidden, order, sort = (kept.get(name) for name in ("widths", "hidden", "order", "sort"))
        for title, width in widths.items() if isinstance(widths, Mapping) else ():
            if title in titles and isinstance(width, int):
                self._widths[titles.index(title)] = max(NARROWEST, min(width, WIDEST))
        if isinstance(hidden, list):
            for at, title in enumerate(titles):
                self.setColumnHidden(at, title in hidden and set(titles) != set(hidden))
        self._apply_widths()
        known = [title for title in order if title in titles] if isinstance(order, list) else []
        for to, title in enumerate(dict.fromkeys(known)):
            header.moveSection(header.visualIndex(titles.index(title)), to)
        if isinstance(sort, list) and len(sort) == 2 and sort[0] in titles:
            falls = sort[1] == "down"
            self.sortByColumn(
                titles.index(sort[0]), Qt.SortOrder.DescendingOrder if falls else Qt.SortOrder.AscendingOrder
            )
        self._restoring = False

    def show_column(self, at: int, is_shown: bool) -> None:
        """Show or hide a column; the last one stays."""
        others = any(not self.isColumnHidden(one) for one in range(self.model().columnCount()) if one != at)
        if is_shown or others:
            self.setColumnHidden(at, not is_shown)
            if is_shown:
                self._restoring = True
                self.setColumnWidth(at, px(self._widths[at]))
                self._restoring = False
            self._columns_moved()

    def is_default(self, at: int) -> bool:
        """Return whether a column is shown at first."""
        return not self.rows_model.columns[at].hidden

    def sizeHint(self) -> QSize:
        """Ask for a few rows."""
        return QSize(px(600), px(160))

    def minimumSizeHint(self) -> QSize:
        """Make do with the header: in a low window the lists give way to the position."""
        return QSize(px(200), self.horizontalHeader().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the row's action on Delete."""
        if event.key() == Qt.Key.Key_Delete and not event.isAutoRepeat():
            self._press(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Keep sorted rows where they are while the pointer is over them: a row must not leave under a click."""
        if event.type() == QEvent.Type.Enter:
            self.rows_model.is_held = True
        elif event.type() == QEvent.Type.Leave:
            self.rows_model.is_held = False
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row and with the columns, also by the menu key."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        self._open_menu(event.globalPos(), self.currentIndex() if by_key else self.indexAt(event.pos()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or the sentence for none; and where the keyboard is while no row shows it."""
        self._delegate.edge = self.viewport().width()
        super().paintEvent(event)
        if self.hasFocus() and not self.currentIndex().isValid():
            ring = QPainter(self.viewport())
            ring.setPen(QPen(self._delegate.theme.colour("focus"), RING))
            ring.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
            ring.end()
        if not self.rows_model.rowCount() and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self._delegate.theme.colour("ink.2"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect(), flags, self.empty_text)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        give_font(header, font("label"))
        header.setHighlightSections(False)
        header.setMinimumSectionSize(NARROWEST)
        header.setStretchLastSection(True)
        header.setSectionsMovable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for at, column in enumerate(self.rows_model.columns):
            self.setColumnWidth(at, column.width)
            self.setColumnHidden(at, column.hidden)
        header.sectionResized.connect(self._note_width)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self._open_menu(header.mapToGlobal(at)))
        for changed in (header.sectionMoved, header.sortIndicatorChanged):
            changed.connect(self._columns_moved)

    def _note_width(self, at: int, before: int, width: int) -> None:
        """Remember a width the trader chose, as it would be at 100 %; the zoom and what is left choose none."""
        by_itself = self._restoring or self._zoom != factor() or self._takes_the_rest(at)
        if by_itself or not width or not before:  # nothing wide is hidden, or was
            return
        self._widths[at] = round(width / self._zoom)
        self._columns_moved()

    def _takes_the_rest(self, at: int) -> bool:
        header = self.horizontalHeader()
        seen = [one for one in map(header.logicalIndex, range(header.count())) if not header.isSectionHidden(one)]
        is_last = header.stretchLastSection() and seen[-1:] == [at]
        return is_last or header.sectionResizeMode(at) is QHeaderView.ResizeMode.Stretch

    def _apply_widths(self) -> None:
        for at, width in self._widths.items():
            if not self.isColumnHidden(at):
                self.setColumnWidth(at, px(width))

    def _columns_moved(self, *_: object) -> None:
        if not self._restoring:
            self.columns_changed.emit()

    def _open_menu(self, at: QPoint, index: QModelIndex | None = None) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.offer is not None and index is not None and index.isValid():
            self.offer(menu, self.rows_model.at(index.row()))
            menu.addSeparator()
        fill_menu(menu, self)
        menu.popup(at)

    def _note_current(self) -> None:
        index = self.currentIndex()
        self._current = self.rows_model.key_at(index.row()) if index.isValid() else None

    def _return_to_current(self) -> None:
        if self._current is not None and (at := self.rows_model.place_of(self._current)) >= 0:
            self.setCurrentIndex(self.rows_model.index(at, 0))

    def _note_loss(self, _parent: QModelIndex, first: int, last: int) -> None:
        acts = any(column.action for column in self.rows_model.columns)
        self._loses = acts and first <= self.currentIndex().row() <= last

    def _stay_at_none(self, *_: object) -> None:
        """Choose no other row in place of one that has gone: Delete was meant for that one."""
        if self._loses:
            self._loses = False
            self.setCurrentIndex(QModelIndex())

    def _note_move(self, *_: object) -> None:
        if self.rows_model.is_held:
            self._since_moved.restart()

    def _clicked(self, index: QModelIndex) -> None:
        """Press an action; not just after rows have moved under the pointer: another one was meant."""
        moved = self._since_moved.isValid() and self._since_moved.elapsed() < DEAD_MS
        if index.data(KIND_ROLE) and not moved:
            self._press(index)

    def _press(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        for at, column in enumerate(self.rows_model.columns):
            if column.action and index.siblingAtColumn(at).data(KIND_ROLE):
                self.pressed_action.emit(self.rows_model.at(index.row()))
