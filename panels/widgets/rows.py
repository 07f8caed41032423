"""Rows under columns, filtered and sorted: the model of every table.

A row is an immutable value with a key. Setting new rows touches only what differs, so selection, scroll position and
screen-reader focus stay where they are. What is shown is given rows, less what the filter leaves out, in the order
given or by the value (never the text) of one column.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from panels.theme import font

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
Value = Decimal | datetime | int | str | None
TONE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
KIND_ROLE = int(Qt.ItemDataRole.UserRole) + 2
INVERTED_ROLE = int(Qt.ItemDataRole.UserRole) + 3
# With more rows coming and going than this, drawing all anew is cheaper than telling of each.
MANY_RUNS = 24


class Figure(Enum):
    """What a column holds, for an export: how its values are rounded, and whether its text stands beside them."""

    WORDS = "words"
    QUANTITY = "quantity"
    PRICE = "price"
    MONEY = "money"
    R = "r"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        text: what a row shows here.
        number: set in figures and aligned right.
        tone: the tone of a row's text.
        spoken: what a screen reader says where the text is signs or arrows.
        action: the text is something to press.
        value: what the text was made of: rows are sorted by it, and it is exported. None: the text itself.
        hidden: not shown until the trader asks for it.
    """

    title: str
    text: Callable[[Row], str]
    width: int
    number: bool = False
    tone: Callable[[Row], str] | None = None
    spoken: Callable[[Row], str] | None = None
    action: bool = False
    value: Callable[[Row], Value] | None = None
    figure: Figure = Figure.WORDS
    hidden: bool = False


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows under columns.

    Attributes:
        given: every row, in the order given. words: what is filtered by.
        is_held: rows that are sorted by a value stay where they are: the pointer is over them.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        inverted: Callable[[Row], bool] | None = None,
        pinned: Callable[[Row], bool] | None = None,
    ):
        """Make a model without rows.

        Args:
            inverted: drawn in swapped colours, as what must not be overlooked.
            pinned: stays on top, whatever the order.
        """
        super().__init__()
        self.columns = tuple(columns)
        self.given: tuple[Row, ...] = ()
        self.words = ""
        self.is_held = False
        self._inverted, self._pinned, self._key = inverted, pinned, key
        self._shown: list[Row] = []
        self._shown_keys: list[Hashable] = []
        self._sorted_by, self._descending = -1, False
        self._haystacks: dict[Hashable, tuple[Row, str]] = {}
        self._fonts = {True: font("body", number=True), False: font("body")}

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows shown, top to bottom."""
        return tuple(self._shown)

    def at(self, row: int) -> Row:
        """Return the row shown at a place."""
        return self._shown[row]

    def place_of(self, key: Hashable) -> int:
        """Return where the row of that key is shown, -1 when it is not."""
        return next((at for at, row in enumerate(self._shown) if self._key(row) == key), -1)

    def key_at(self, row: int) -> Hashable:
        """Return the key of the row shown at a place."""
        return self._key(self._shown[row])

    def is_inverted(self, row: Row) -> bool:
        """Return whether a row is drawn in swapped colours."""
        return self._inverted is not None and self._inverted(row)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, in this order unless another was chosen."""
        new = tuple(rows)
        if new != self.given:
            self.given = new
            self._show(self._arranged())

    def filter_by(self, words: str) -> None:
        """Show the rows in which every one of these words occurs; all for none."""
        if words != self.words:
            self.words = words
            self._haystacks.clear()
            self._show(self._arranged())

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show the rows in the order of a column's values, unknown ones last; -1 is the order given."""
        self._sorted_by, self._descending = column, order is Qt.SortOrder.DescendingOrder
        held, self.is_held = self.is_held, False
        self._show(self._arranged())
        self.is_held = held

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, aligned as its cells are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(self.columns[section])
        titles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
        return self.columns[section].title if role in titles else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, in the asked role."""
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            words = (column.spoken or column.text)(row)
            return f"{column.title}: {words}" if role == Qt.ItemDataRole.AccessibleTextRole else words
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            return self._fonts[column.number]
        if role == TONE_ROLE:
            return column.tone(row) if column.tone is not None else ""
        if role == INVERTED_ROLE:
            return self.is_inverted(row)
        if role == KIND_ROLE:
            return "action" if column.action and column.text(row) else ""
        return None

    def _arranged(self) -> list[Row]:
        found = [row for row in self.given if self._matches(row)] if self.words.strip() else list(self.given)
        if self._sorted_by >= 0:
            found = self._as_they_stand(found) if self.is_held else self._sorted(found)
        if self._pinned is not None:
            found.sort(key=lambda row: not self._pinned(row))  # type: ignore[misc]
        return found

    def _sorted(self, found: list[Row]) -> list[Row]:
        value = value_of(self.columns[self._sorted_by])
        valued = [(value(row), row) for row in found]
        known = [one for one in valued if one[0] is not None]
        known.sort(key=lambda one: one[0], reverse=self._descending)  # type: ignore[arg-type, return-value]
        return [row for _, row in known] + [row for what, row in valued if what is None]

    def _as_they_stand(self, found: list[Row]) -> list[Row]:
        places = {self._key(row): at for at, row in enumerate(self._shown)}
        return sorted(found, key=lambda row: places.get(self._key(row), len(places)))

    def _matches(self, row: Row) -> bool:
        key = self._key(row)
        known = self._haystacks.get(key)
        if known is None or (known[0] is not row and known[0] != row):
            text = "\n".join(column.text(row) for column in self.columns if not column.action).casefold()
            known = self._haystacks[key] = (row, text)
        return all(word in known[1] for word in self.words.casefold().split())

    def _keys(self, rows: Sequence[Row]) -> list[Hashable]:
        """Return the keys of rows; those that repeat are numbered."""
        keys: list[Hashable] = [self._key(row) for row in rows]
        if len(set(keys)) == len(keys):
            return keys
        seen: dict[Hashable, int] = {}
        for at, key in enumerate(keys):
            seen[key] = number = seen.get(key, 0) + 1
            if number > 1:
                keys[at] = (key, number)
        return keys

    def _show(self, new: list[Row]) -> None:
        old_keys, new_keys = self._shown_keys, self._keys(new)
        self._shown_keys = new_keys
        if old_keys != new_keys and not self._moved(old_keys, new_keys, new):
            self.beginResetModel()
            self._shown = new
            self.endResetModel()
            return
        before, self._shown = self._shown, new
        changed = [at for at, (old, row) in enumerate(zip(before, new, strict=True)) if old is not row and old != row]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))

    def _moved(self, old_keys: list[Hashable], new_keys: list[Hashable], new: list[Row]) -> bool:
        """Take away, put in order and insert until the rows are the new ones; False where a reset is cheaper."""
        wanted, had = set(new_keys), set(old_keys)
        gone = list(_runs([at for at, key in enumerate(old_keys) if key not in wanted]))
        come = list(_runs([at for at, key in enumerate(new_keys) if key not in had]))
        if not old_keys or len(gone) + len(come) > MANY_RUNS:
            return False
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        self._reorder([key for key in old_keys if key in wanted], [key for key in new_keys if key in had])
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self._shown[first:first] = new[first : last + 1]
            self.endInsertRows()
        return True

    def _reorder(self, before: list[Hashable], after: list[Hashable]) -> None:
        if before == after:
            return
        self.layoutAboutToBeChanged.emit()
        place = {key: at for at, key in enumerate(after)}
        moved = [place[key] for key in before]
        shown = self._shown
        self._shown = [shown[at] for at in sorted(range(len(shown)), key=moved.__getitem__)]
        was = self.persistentIndexList()
        self.changePersistentIndexList(was, [self.index(moved[one.row()], one.column()) for one in was])
        self.layoutChanged.emit()


def alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    """Return how a column's cells are aligned."""
    if column.action:
        return Qt.AlignmentFlag.AlignCenter
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def value_of(column: Column[Row]) -> Callable[[Row], Value]:
    """Return what a column's rows are sorted by."""
    return column.value or (lambda row: column.text(row).casefold() or None)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each stretch without a gap."""
    start = 0
    for at in range(1, len(places) + 1):
        if at == len(places) or places[at] != places[at - 1] + 1:
            yield places[start], places[at - 1]
            start = at
