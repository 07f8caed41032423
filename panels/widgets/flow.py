"""Controls side by side, on as many lines as the width asks for."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items from left to right; what does not fit begins the next line."""

    def __init__(self, gap: int = 8, line_gap: int = 3) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:
        """Return an item, None beyond the last."""
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:
        """Give an item away, None beyond the last."""
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return none: there is room where the items leave it."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high the lines are together."""
        return self._place(QRect(0, 0, width, 0), is_trial=True)

    def setGeometry(self, rect: QRect) -> None:
        """Put every item in its place."""
        super().setGeometry(rect)
        self._place(rect, is_trial=False)

    def sizeHint(self) -> QSize:
        """Return what one line of all items needs."""
        seen = self._seen()
        width = sum(item.sizeHint().width() for item in seen) + self._gap * max(0, len(seen) - 1)
        return QSize(width, max((item.sizeHint().height() for item in seen), default=0))

    def minimumSize(self) -> QSize:
        """Return what the widest item needs."""
        seen = self._seen()
        sizes = [item.minimumSize() for item in seen]
        return QSize(max((one.width() for one in sizes), default=0), max((one.height() for one in sizes), default=0))

    def _seen(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, is_trial: bool) -> int:
        """Return the height the items take in a width, and put them there unless it is a trial."""
        x, y = rect.x(), rect.y()
        line: list[tuple[QLayoutItem, QRect]] = []
        for item in self._seen():
            size = item.sizeHint().expandedTo(item.minimumSize())
            if line and x + size.width() > rect.right() + 1:
                y, x, line = self._end(line, y, is_trial) + self._line_gap, rect.x(), []
            width = min(size.width(), rect.width())
            line.append((item, QRect(QPoint(x, y), QSize(width, size.height()))))
            x += width + self._gap
        return self._end(line, y, is_trial) - rect.y()

    @staticmethod
    def _end(line: list[tuple[QLayoutItem, QRect]], y: int, is_trial: bool) -> int:
        """Return where a line ends, its items centred on it."""
        height = max((place.height() for _, place in line), default=0)
        for item, place in () if is_trial else line:
            place.moveTop(y + (height - place.height()) // 2)
            item.setGeometry(place)
        return y + height


class FlowRow(QWidget):
    """A widget of such a layout."""

    def __init__(self, *parts: QWidget, gap: int = 8) -> None:
        super().__init__()
        layout = FlowLayout(gap)
        self.setLayout(layout)
        for part in parts:
            layout.addWidget(part)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
