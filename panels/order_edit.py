"""Changing a working order in its row: a field over the cell, and the line that says what is wrong with it.

The field is the only state here. Enter sends what can be sent and closes it; what cannot be leaves it open with the
reason; Escape, another place or the end of the order put back what the broker confirmed.
"""

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from core.model.order import Order
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.change_asking import NAMES, ChangeAsking
from panels.change_draft import editable, read_change, why_not, written
from panels.parsing import InputRefused
from panels.theme import Theme, font
from panels.widgets.controls import explain
from panels.widgets.labels import TextLabel

HINT = "Enter sends, Esc leaves it as it is."


class CellField(QLineEdit):
    """A field over a cell.

    Signals:
        left: Escape, or the keyboard went elsewhere.
    """

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("orderEdit")
        self.setFont(font("body", number=True))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(24)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape; let no key of the table through."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave when the keyboard goes to another place of the window."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()


class OrderEdit(QWidget):
    """The line under the orders table, and the field over one of its cells.

    Signals:
        intent: ChangeOrder.
        closed: the field is gone; the keyboard belongs to the table.
    """

    intent = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, ids: ActionIds, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._asking = ChangeAsking(theme, ids, self)
        self._asking.intent.connect(self.intent)
        self._order: Order | None = None
        self._column = ""
        self.index = QPersistentModelIndex()
        self.hide()
        self.field = CellField(viewport)
        self.line = TextLabel("orderEditLine", "label", wrap=False)
        self.line.setContentsMargins(8, 2, 8, 2)
        self.line.hide()
        self.field.returnPressed.connect(self._send)
        self.field.left.connect(self.leave)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._asking.set_theme(theme)

    @property
    def is_open(self) -> bool:
        """True while something is being typed."""
        return self._order is not None

    def begin(self, index: QModelIndex, column: str, order: Order) -> None:
        """Put the field over a cell; the column is the order's first where the one pointed at cannot be changed."""
        self.leave()
        refused = why_not(order)
        if refused:
            self._say(refused, "caution")
            return
        self._column = column if column in editable(order) else editable(order)[0]
        self._order, self.index = order, QPersistentModelIndex(index)
        name = f"{NAMES[self._column]} of {order.side.value} {order.quantity:f} {order.key.symbol}"
        self.field.setAccessibleName(name)
        self.field.setText(written(order, self._column, self._asking.instrument(order)))
        self.field.selectAll()
        self._say(f"{name}: {HINT}", "ink2")
        self.field.show()
        self.field.setFocus()

    @property
    def column(self) -> str:
        """The title of the column that is edited."""
        return self._column

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Follow the order; what ended cannot be changed any more."""
        self._asking.refresh(snapshot, now_utc, monotonic_s)
        if self._order is None:
            return
        order = snapshot.orders.get(self._order.client_order_id)
        if order is None or why_not(order):
            self.leave()
            self._say("" if order is None else why_not(order), "caution")
        else:
            self._order = order

    def quiet(self) -> None:
        """Say no more why an order could not be changed: the trader looks at another."""
        if not self.is_open:
            self._say("", "")

    def leave(self) -> None:
        """Take the field away; nothing is sent."""
        self._say("", "")
        if self._order is None:
            return
        self._order, self.index = None, QPersistentModelIndex()
        had_focus = self.field.hasFocus()
        self.field.hide()
        if had_focus:
            self.closed.emit()

    def _send(self) -> None:
        order = self._order
        if order is None:
            return
        try:
            wanted = read_change(order, self._column, self.field.text(), self._asking.instrument(order))
        except InputRefused as refused:
            self._say(str(refused), "danger")
            return
        self.leave()
        self._asking.send(order, wanted)

    def _say(self, text: str, tone: str) -> None:
        self.line.say(text, tone)
        self.line.setVisible(bool(text))
        explain(self.field, text)
