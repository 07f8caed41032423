"""The ladder as a table: what views and screen readers ask of it. Only rows that changed are told."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from core.model.fill import Side
from core.model.instrument import Instrument
from panels import formatting as f
from panels.dom_orders import level_words, own_text, own_words
from panels.dom_rows import MY_BUYS, MY_SELLS, PRICE, SIDES, TITLES, VOL, Axis, Ladder, changed, runs
from panels.theme import sized_font
from panels.zoomed import px

Index = QModelIndex | QPersistentModelIndex


def title_font() -> QFont:
    """Return the font of the titles, in the size things are drawn in now."""
    return sized_font(px(11))


class DomModel(QAbstractTableModel):
    """Rows of an axis; empty before there is one.

    Attributes:
        axis: the price of each row; None before the first.
        ladder: what stands beside the prices.
    """

    def __init__(self) -> None:
        super().__init__()
        self.axis: Axis | None = None
        self.instrument: Instrument | None = None
        self.ladder = Ladder()
        self._prices: dict[int, str] = {}
        self._is_short = False

    def begin(self, axis: Axis | None, instrument: Instrument | None) -> None:
        """Stand on another axis; nothing is beside its prices yet."""
        self.beginResetModel()
        self.axis, self.instrument, self.ladder = axis, instrument, Ladder()
        self._prices.clear()
        self.endResetModel()

    def take(self, ladder: Ladder) -> None:
        """Show this beside the prices."""
        before, self.ladder = self.ladder, ladder
        if before is ladder or self.axis is None:
            return
        rows = changed(before, ladder)
        for first, last in [(0, self.axis.count - 1)] if rows is None else runs(rows):
            self.dataChanged.emit(self.index(first, 0), self.index(last, VOL))

    def say_short(self, short: bool) -> None:
        """Leave the "My" of titles to the screen reader where there is no room for it."""
        if short != self._is_short:
            self._is_short = short
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, VOL)

    def price_text(self, row: int) -> str:
        """Return the price of a row as its product is quoted."""
        text = self._prices.get(row)
        if text is None:
            assert self.axis is not None
            text = self._prices[row] = f.price(self.axis.price(row), self.instrument)
        return text

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows."""
        if column == PRICE:
            return self.price_text(row)
        if column in (MY_BUYS, MY_SELLS):
            own = self.ladder.own(row, SIDES[column])
            return own_text(own, self.instrument) if own else ""
        held = {VOL: self.ladder.volumes}.get(column)
        if held is None:
            held = self.ladder.bids if SIDES[column] is Side.BUY else self.ladder.asks
        size = held.get(row)
        return "" if size is None else f.quantity(size, self.instrument)

    def spoken(self, row: int, column: int) -> str:
        """Return what a screen reader says of a cell."""
        price = self.price_text(row)
        if column == PRICE:
            marks = self.ladder.marks
            said = {"last price": marks.last, "average": marks.average, "day breaks even": marks.even}
            return ", ".join([price, *(words for words, at in said.items() if at == row)])
        if column in (MY_BUYS, MY_SELLS):
            own = self.ladder.own(row, SIDES[column])
            return "; ".join(own_words(one, self.instrument) for one in own) or f"no order at {price}"
        if column == VOL:
            return f"{self.text(row, column) or 'nothing'} traded at {price}"
        held = self.ladder.bids if SIDES[column] is Side.BUY else self.ladder.asks
        return level_words(SIDES[column], held.get(row), price, self.instrument)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if self.axis is None or (parent is not None and parent.isValid()) else self.axis.count

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return title_font()
        if role == Qt.ItemDataRole.DisplayRole and self._is_short:
            return TITLES[section].removeprefix("My ").capitalize()
        return TITLES[section] if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, in the asked role."""
        if not index.isValid() or self.axis is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(index.row(), index.column())
        return None
