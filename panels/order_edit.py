"""Changing a working order in its row: a field over the cell, and the line that says what is wrong with it.

The field is the only state here. Enter sends what can be sent and closes it; what cannot be leaves it open with the
reason; Escape, another place or the end of the order put back what the broker confirmed.
"""

from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.order_change import Terms
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.change_draft import as_command, editable, questions, read_change, why_not, written
from panels.confirm_dialog import ConfirmDialog
from panels.parsing import InputRefused
from panels.theme import Theme, font
from panels.widgets.controls import explain
from panels.widgets.labels import TextLabel

NAMES = {"Qty": "Quantity", "Price": "Limit price", "Trigger": "Stop price"}
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
        self._theme, self._ids = theme, ids
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)
        self._order: Order | None = None
        self._column = ""
        self._confirm: ConfirmDialog | None = None
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
        self._theme = theme

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
        self.field.setText(written(order, self._column, self._instrument(order)))
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
        self._snapshot, self._now = snapshot, now_utc
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)
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
            wanted = read_change(order, self._column, self.field.text(), self._instrument(order))
        except InputRefused as refused:
            self._say(str(refused), "danger")
            return
        self.leave()
        if wanted.is_empty:
            return
        asked = questions(order, wanted, self._snapshot, self._now)
        if asked:
            self._ask(order, wanted, asked)
        else:
            self._emit(order, wanted, confirmed=False)

    def _ask(self, order: Order, wanted: Terms, facts: tuple[str, ...]) -> None:
        """Ask first; Enter does not answer it."""
        if self._confirm is not None:
            return
        account = self._snapshot.accounts.get(order.key.account_key)
        mode = "LIVE" if account is None else account.acting_mode.value
        title = f"Change {order.side.value} {order.key.symbol} · {order.key.account} · {mode}"
        body = " ".join([f"{self._words(order, wanted)}.", *facts])
        self._confirm = ConfirmDialog(self._theme, self.window(), title, body, "Change", "Cancel", yes_default=False)
        self._confirm.agreed.connect(lambda: self._emit(order, wanted, confirmed=True))
        self._confirm.finished.connect(self._forget)
        self._confirm.open()

    def _words(self, order: Order, wanted: Terms) -> str:
        """Return what would change: "Stop price 5045.25 → 5040.00"."""
        instrument = self._instrument(order)
        column = "Qty" if wanted.quantity is not None else "Price" if wanted.price is not None else "Trigger"
        value = wanted.quantity or wanted.price or wanted.trigger_price
        after = f.quantity(value, instrument) if column == "Qty" else f.price(value, instrument)
        return f"{NAMES[column]} {written(order, column, instrument)} → {after}"

    def _emit(self, order: Order, wanted: Terms, confirmed: bool) -> None:
        press = self._ids.press(f"change {order.client_order_id} {wanted}")
        self.intent.emit(as_command(press, order, wanted, confirmed))

    def _forget(self) -> None:
        self._confirm = None

    def _say(self, text: str, tone: str) -> None:
        self.line.say(text, tone)
        self.line.setVisible(bool(text))
        explain(self.field, text)

    def _instrument(self, order: Order) -> Instrument:
        place = (order.key.connection, order.key.symbol)
        return self._snapshot.instruments.get(place) or Instrument(order.key.symbol)
