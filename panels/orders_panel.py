"""The orders: working ones with a way to cancel and to change, and what became of the others."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from core.commands import CancelOrder
from core.model.instrument import Instrument
from core.model.order import Held, Order, OrderState
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.order_edit import OrderEdit
from panels.table_panel import WAITING, TablePanel, is_explicit
from panels.theme import Theme
from panels.widgets.table import Column, RowsModel, RowsView

UNCANCELLABLE = frozenset({OrderState.PENDING_CANCEL, OrderState.CREATED})
STATE_TONES = {
    OrderState.UNKNOWN: "danger",
    OrderState.REJECTED: "danger",
    OrderState.DENIED: "danger",
    OrderState.PENDING_CANCEL: "caution",
    OrderState.PENDING_CHANGE: "caution",
    OrderState.SENT: "caution",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order, its contract, and its age while it is alive."""

    order: Order
    instrument: Instrument | None
    age: str


def state_words(order: Order) -> str:
    """Return the state as words; UNKNOWN is marked, being the one that must not be overlooked."""
    words = order.state.value.replace("_", " ")
    return f"? {words}" if order.state is OrderState.UNKNOWN else words


def can_cancel(order: Order) -> bool:
    """Return whether a cancel means anything: alive, and not being cancelled already."""
    return order.is_alive and order.state not in UNCANCELLABLE


def columns(zone: tzinfo | None) -> tuple[Column[OrderRow], ...]:
    """Return the columns of the orders table."""
    return (
        Column("Time", lambda row: f.clock(row.order.created_at, zone), 92, number=True),
        Column("Symbol", lambda row: row.order.key.symbol, 148),
        Column("Side", lambda row: row.order.side.value, 60, tone=lambda row: _side_tone(row.order)),
        Column("Qty", lambda row: f.quantity(row.order.quantity, row.instrument), 60, number=True),
        Column("Filled", lambda row: f.quantity(row.order.filled_quantity, row.instrument), 68, number=True),
        Column("Type", lambda row: row.order.type.value.replace("_", " "), 84),
        Column("Price", lambda row: f.price(row.order.price, row.instrument), 96, number=True),
        Column("Trigger", lambda row: f.price(row.order.trigger_price, row.instrument), 96, number=True),
        Column("Action", lambda row: "Cancel" if can_cancel(row.order) else "", 72, action=True, spoken=_cancel_words),
        Column("State", lambda row: state_words(row.order), 144, tone=lambda row: STATE_TONES.get(row.order.state, "")),
        Column("Held", lambda row: _held(row.order), 76),
        Column("Intent", lambda row: row.order.intent.value, 84),
        Column("TIF", lambda row: row.order.time_in_force.value, 56),
        Column("Age", lambda row: row.age, 76, number=True),
        Column("Account", lambda row: row.order.key.account, 108),
        Column("Reason", lambda row: row.order.reason, 260),
        Column("Client ID", lambda row: row.order.client_order_id, 270),
        Column("Broker ID", lambda row: row.order.server_order_id, 110),
    )


class OrdersPanel(TablePanel):
    """Newest first. F2 or a double click changes quantity, price or trigger of a working order in its row.

    Signals:
        intent: CancelOrder, ChangeOrder.
    """

    def __init__(self, theme: Theme, ids: ActionIds, zone: tzinfo | None = None):
        model = RowsModel(
            columns(zone),
            key=lambda row: row.order.client_order_id,
            inverted=lambda row: row.order.state is OrderState.UNKNOWN,
        )
        super().__init__(RowsView("ordersView", "Orders", model, theme), zone)
        self._model = model
        self.view.pressed_action.connect(self._cancel)
        self.edit = OrderEdit(theme, ids, self.view.viewport())
        self.edit.intent.connect(self.intent)
        self.edit.closed.connect(self.view.setFocus)
        self.view.doubleClicked.connect(self._change)
        self.view.selectionModel().currentChanged.connect(self.edit.quiet)
        key = QShortcut(QKeySequence("F2"), self.view, context=Qt.ShortcutContext.WidgetShortcut)
        key.setAutoRepeat(False)
        key.activated.connect(lambda: self._change(self.view.currentIndex()))
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.edit.line)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the orders of all accounts."""
        rows = [
            OrderRow(
                order,
                snapshot.instruments.get((order.key.connection, order.key.symbol)),
                f.since(order.created_at, now_utc) if order.is_alive else "",
            )
            for order in reversed(tuple(snapshot.orders.values()))
        ]
        # Stable: orders of one instant keep newest first.
        rows.sort(key=lambda row: row.order.created_at, reverse=True)
        self._model.set_rows(rows)
        self.view.say_when_empty("Nothing working." if is_explicit(snapshot) else WAITING)
        self.show_age(snapshot)
        self.edit.refresh(snapshot, now_utc, monotonic_s)
        self._place_edit()

    def _change(self, index: QModelIndex) -> None:
        """Change the cell, or the first of its row that can be; the action cell is for pressing."""
        if not index.isValid() or self._model.columns[index.column()].action:
            return
        column = self._model.columns[index.column()].title
        self.edit.begin(index, column, self._model.rows[index.row()].order)
        self._place_edit()

    def _place_edit(self) -> None:
        """Keep the field over its cell, wherever rows and scroll bars have moved that."""
        if self.edit.is_open and not self.edit.index.isValid():
            self.edit.leave()
        elif self.edit.is_open:
            titles = [one.title for one in self._model.columns]
            cell = self.edit.index.sibling(self.edit.index.row(), titles.index(self.edit.column))
            self.edit.field.setGeometry(self.view.visualRect(cell))

    def _cancel(self, row: OrderRow) -> None:
        if can_cancel(row.order):
            self.intent.emit(CancelOrder(row.order.client_order_id))


def _side_tone(order: Order) -> str:
    return "up" if order.side.sign > 0 else "down"


def _held(order: Order) -> str:
    return order.held.value if order.is_alive or order.held is Held.LOCAL else ""


def _cancel_words(row: OrderRow) -> str:
    order = row.order
    if not can_cancel(order):
        return "nothing to cancel"
    return f"Cancel {order.side.value} {f.quantity(order.remaining, row.instrument)} {order.key.symbol}"
