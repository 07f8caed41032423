"""The ladder as it stands: its rows, their place and size, and the painting of them."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from core.model.fill import Side
from panels.dom_model import DomModel, Index, title_font
from panels.dom_painting import DomPainting, Hover, Place
from panels.dom_rows import ASK, BID, MY_SELLS, PRICE, SIDES, TITLES, VOL
from panels.theme import Theme, size
from panels.zoomed import px, sizes_itself

DEAF_S = 0.25
# Shares of the width that the price leaves.
WIDTHS = (52, 44, 0, 44, 52, 40)
HEADER_PAD = 6
Point = tuple[int, Side]


class DomTable(QTableView):
    """Rows of a DomModel, painted by themselves; no row moves unless somebody scrolls or centres.

    Attributes:
        hover: what is under the pointer, or None.
        is_stale: the book is history and drawn so.
    """

    def __init__(self, model: DomModel, theme: Theme, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self.setObjectName("domView")
        self.ladder_model = model
        self.hover: Hover | None = None
        self.is_stale = False
        self._monotonic = monotonic
        self._theme = theme
        self._painting = DomPainting(theme)
        self._deaf_until_s = 0.0
        self._stood = (0, 0)  # height of a row, and which was in the middle
        self.setModel(model)
        self._set_up()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._theme = theme
        self._painting.set_theme(theme)
        self.viewport().update()

    def rezoom(self) -> None:
        """Take the size things are drawn in now."""
        self._painting.set_theme(self._theme)
        self.verticalHeader().setDefaultSectionSize(px(size("rowDom")))
        self.share_width()

    def keep_still(self) -> None:
        """Keep what was in the middle there when rows became higher, and the columns in the width; once a frame."""
        if self.horizontalHeader().length() != self.viewport().width():
            self.share_width()
        height, (before, middle) = self.rowHeight(0), self._stood
        if before and height and before != height:
            self.centre(middle)
        self._stood = (height, self.middle_row)

    # -- where rows are ---------------------------------------------------------------------------------------------

    @property
    def is_under_pointer(self) -> bool:
        """True while the pointer is inside, so that no row may move by itself."""
        return self.viewport().underMouse()

    @property
    def middle_row(self) -> int:
        """The row in the middle of what is on show."""
        return max(0, self.rowAt(self.viewport().height() // 2))

    def centre(self, row: int) -> None:
        """Put a row in the middle; what is pressed in the next quarter of a second does not count."""
        self.deafen()
        self.executeDelayedItemsLayout()  # rows that are new have no place before that
        self.scrollTo(self.ladder_model.index(row, PRICE), QAbstractItemView.ScrollHint.PositionAtCenter)

    def keep_place(self, rows: int, renew: Callable[[], None]) -> None:
        """Have the rows renewed and stand so many rows further in them: every price on show stays where it is."""
        bar, cursor = self.verticalScrollBar(), self.cursor_point
        place = bar.value() + rows * self.rowHeight(0)
        renew()
        self.executeDelayedItemsLayout()
        bar.setValue(place)
        if cursor is not None and 0 <= cursor[0] + rows < self.ladder_model.rowCount():
            self.put_cursor(cursor[0] + rows, cursor[1])

    def is_in_view(self, row: int) -> bool:
        """Say whether a row is on show as a whole."""
        place = self.visualRect(self.ladder_model.index(row, PRICE))
        return self.viewport().rect().contains(place)

    def deafen(self) -> None:
        """Let nothing that is pressed count for a quarter of a second: something moved under the hand."""
        self._deaf_until_s = self._monotonic() + DEAF_S

    @property
    def is_deaf(self) -> bool:
        """True while nothing that is pressed counts."""
        return self._monotonic() < self._deaf_until_s

    @property
    def cursor_point(self) -> Point | None:
        """Row and side the keys act on."""
        index = self.currentIndex()
        return (index.row(), SIDES.get(index.column(), Side.BUY)) if index.isValid() else None

    def put_cursor(self, row: int, side: Side) -> None:
        """Put the keys' cursor on a row and a side, without scrolling."""
        self.setAutoScroll(False)
        self.setCurrentIndex(self.ladder_model.index(row, BID if side is Side.BUY else ASK))
        self.setAutoScroll(True)

    # -- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are asked for."""
        painter = QPainter(self.viewport())
        model, bounds = self.ladder_model, event.region().boundingRect()
        if model.axis is None:
            painter.fillRect(bounds, self._painting.empty())
            return
        place = self._place()
        painter.setClipRect(bounds)
        self._painting.paint(painter, model, place, self._rows(bounds, place), self.is_stale)
        index = self.currentIndex()
        if self.hasFocus() and index.isValid():
            self._painting.paint_cursor(painter, place.cell(index.row(), index.column()))
        if self.hover is not None:
            self._painting.paint_hover(painter, place, self.hover, float(self.viewport().width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle in the middle and share the width."""
        middle = self.rowAt(event.oldSize().height() // 2) if event.oldSize().height() > 0 else -1
        super().resizeEvent(event)
        self.share_width()
        if middle >= 0 and event.size().height() != event.oldSize().height() and not self.is_under_pointer:
            self.centre(middle)

    def show_volume(self, wanted: bool) -> None:
        """Show or hide what was traded at each price."""
        self.setColumnHidden(VOL, not wanted)
        self.share_width()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the last price."""
        held, last = self.cursor_point, self.ladder_model.ladder.marks.last
        self.setAutoScroll(False)  # the base class goes to the first cell, and there
        super().focusInEvent(event)
        self.setAutoScroll(True)
        if held is None and self.ladder_model.axis is not None:
            self.put_cursor(last if last is not None else self.middle_row, Side.BUY)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Move the ring."""
        super().currentChanged(current, previous)
        for index in (current, previous):
            if index.isValid():
                self.update_rows(index.row(), index.row())

    def update_rows(self, first: int, last: int) -> None:
        """Have rows painted anew."""
        top = self.rowViewportPosition(first)
        self.viewport().update(0, top, self.viewport().width(), self.rowHeight(0) * (last - first + 1))

    # -- private ----------------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(False)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(4)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(8)
        header.setHighlightSections(False)
        header.setStyleSheet("QHeaderView::section { padding: 2px 2px; }")
        header.setProperty("cellSpace", 2)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        sizes_itself(self)
        self.rezoom()

    def share_width(self) -> None:
        """Give the price the room it needs, and the rest to the others by their shares."""
        whole = self.viewport().width()
        price = min(self._painting.price_width(self.ladder_model), whole // 2)
        shown = [at for at in range(len(TITLES)) if at != PRICE and not self.isColumnHidden(at)]
        shares, left = sum(WIDTHS[at] for at in shown), whole - price
        self.setColumnWidth(PRICE, price)
        for at in shown[:-1]:
            width = (whole - price) * WIDTHS[at] // shares
            self.setColumnWidth(at, width)
            left -= width
        self.setColumnWidth(shown[-1], max(8, left))
        title = QFontMetrics(title_font()).horizontalAdvance(TITLES[MY_SELLS])
        self.ladder_model.say_short(title > self.columnWidth(MY_SELLS) - px(HEADER_PAD))

    def _place(self) -> Place:
        columns = [(float(self.columnViewportPosition(at)), float(self.columnWidth(at))) for at in range(len(TITLES))]
        return Place(columns, float(self.rowHeight(0)), float(self.verticalHeader().offset()))

    def _rows(self, bounds: QRect, place: Place) -> range:
        first = int((bounds.top() + place.offset) // place.height)
        last = int((bounds.bottom() + place.offset) // place.height)
        return range(max(0, first), min(last + 1, self.ladder_model.rowCount()))
