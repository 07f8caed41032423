"""The orders: working ones with a way to cancel and to change, and what became of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from core.commands import CancelOrder
from core.model.instrument import Instrument
from core.model.order import Held, Order, OrderState
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.order_edit import OrderEdit
from panels.table_panel import WAITING, TablePanel, draws_same, is_explicit
from panels.theme import Theme
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, Figure, RowsModel
from panels.widgets.table import RowsView

REFUSED = frozenset({OrderState.REJECTED, OrderState.DENIED})
WAITS_FOR_WORD = frozenset(
    {OrderState.SENT, OrderState.PENDING_CANCEL, OrderState.PENDING_CHANGE, OrderState.UNKNOWN, OrderState.CREATED}
)
# An answer that takes longer than this is late, and then lost until the broker is asked.
LATE_S, LOST_S = 3, 10
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
    """An order and its contract.

    Attributes:
        age: how old it is while it is alive. age_s: the same in whole seconds, None when it is not.
        unread: it was refused in this run and nobody has looked at it yet.
    """

    order: Order
    instrument: Instrument | None
    age: str
    age_s: int | None = None
    unread: bool = False


def state_words(order: Order) -> str:
    """Return the state as words; UNKNOWN is marked, being the one that must not be overlooked."""
    words = order.state.value.replace("_", " ")
    return f"? {words}" if order.state is OrderState.UNKNOWN else words


def can_cancel(order: Order) -> bool:
    """Return whether a cancel means anything: alive, and not being cancelled already."""
    return order.is_alive and order.state not in UNCANCELLABLE


def columns(zone: tzinfo | None) -> tuple[Column[OrderRow], ...]:
    """Return the columns of the orders table: what matters first, so that a narrow window shows it."""
    return (
        Column("Time", lambda row: f.clock(row.order.created_at, zone), 78, True, value=_created, figure=Figure.MOMENT),
        Column("Symbol", lambda row: row.order.key.symbol, 130),
        Column("Side", lambda row: row.order.side.value, 46, tone=lambda row: _side_tone(row.order)),
        _amount("Qty", 46, lambda row: row.order.quantity),
        _amount("Filled", 54, lambda row: row.order.filled_quantity),
        Column("Type", lambda row: row.order.type.value.replace("_", " "), 84),
        _price("Price", lambda row: row.order.price),
        _price("Trigger", lambda row: row.order.trigger_price),
        Column("Action", lambda row: "Cancel" if can_cancel(row.order) else "", 60, action=True, spoken=_cancel_words),
        Column("State", lambda row: state_words(row.order), 136, tone=lambda row: STATE_TONES.get(row.order.state, "")),
        Column("Age", lambda row: row.age, 68, True, tone=_age_tone, value=lambda row: row.age_s),
        Column("Held", lambda row: _held(row.order), 66),
        Column("Intent", lambda row: row.order.intent.value, 72),
        Column("TIF", lambda row: row.order.time_in_force.value, 44),
        Column("Account", lambda row: row.order.key.account, 76),
        Column("Reason", lambda row: row.order.reason, 56),
        Column("Client ID", lambda row: row.order.client_order_id, 230, hidden=True),
        Column("Broker ID", lambda row: row.order.server_order_id, 110, hidden=True),
    )


def _amount(title: str, width: int, value: Callable[[OrderRow], Decimal]) -> Column[OrderRow]:
    return Column(
        title, lambda row: f.quantity(value(row), row.instrument), width, True, value=value, figure=Figure.QUANTITY
    )


def _price(title: str, value: Callable[[OrderRow], Decimal | None]) -> Column[OrderRow]:
    return Column(title, lambda row: f.price(value(row), row.instrument), 76, True, value=value, figure=Figure.PRICE)


def _created(row: OrderRow) -> datetime:
    return row.order.created_at


class OrdersPanel(TablePanel):
    """Newest first; what was refused in this run stays on top until its row was looked at.

    F2 or a double click changes quantity, price or trigger of a working order in its row.

    Signals:
        intent: CancelOrder, ChangeOrder.
    """

    def __init__(self, theme: Theme, ids: ActionIds, zone: tzinfo | None = None):
        model = RowsModel(
            columns(zone),
            key=lambda row: row.order.client_order_id,
            inverted=lambda row: row.order.state is OrderState.UNKNOWN,
            pinned=lambda row: row.unread,
        )
        super().__init__(RowsView("ordersView", "Orders", model, theme), zone)
        self._model = model
        self._drawn: tuple[object, ...] = ()
        self._began: datetime | None = None
        self._read: frozenset[str] = frozenset()
        self._rows: dict[str, OrderRow] = {}
        self.view.pressed_action.connect(self._cancel)
        self.edit = OrderEdit(theme, ids, self.view.viewport())
        self.edit.intent.connect(self.intent)
        self.edit.closed.connect(self.view.setFocus)
        self.view.doubleClicked.connect(self._change)
        self.view.selectionModel().currentChanged.connect(self._look_at)
        key = QShortcut(QKeySequence("F2"), self.view, context=Qt.ShortcutContext.WidgetShortcut)
        key.setAutoRepeat(False)
        key.activated.connect(lambda: self._change(self.view.currentIndex()))
        layout = self.layout()
        assert layout is not None
        self.reason = TextLabel("ordersReason", "label")
        self.reason.setContentsMargins(8, 2, 8, 2)
        self.reason.hide()
        layout.addWidget(self.edit.line)
        layout.addWidget(self.reason)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the orders of all accounts."""
        self._began = self._began or now_utc
        drawn = (snapshot.orders, snapshot.instruments, self._read, int(monotonic_s))
        if not self.puts_off(snapshot, now_utc, monotonic_s) and not draws_same(drawn, self._drawn):
            self._drawn = drawn
            self._fill_in(snapshot, now_utc)
        self.say_when_empty("Nothing working." if is_explicit(snapshot) else WAITING)
        self.show_age(snapshot, now_utc)
        self.edit.refresh(snapshot, now_utc, monotonic_s)
        self._place_edit()

    def _fill_in(self, snapshot: Snapshot, now: datetime) -> None:
        rows = [
            self._row(order, snapshot.instruments.get((order.key.connection, order.key.symbol)), now)
            for order in reversed(tuple(snapshot.orders.values()))
        ]
        self._rows = {row.order.client_order_id: row for row in rows}
        # Stable: orders of one instant keep newest first.
        rows.sort(key=_created, reverse=True)
        self._model.set_rows(rows)

    def _row(self, order: Order, instrument: Instrument | None, now: datetime) -> OrderRow:
        """Return the row of an order; the one there was where nothing differs, for most of many orders are over."""
        known = self._rows.get(order.client_order_id)
        is_same = known is not None and known.order is order and known.instrument is instrument
        if known is not None and is_same and known.age_s is None and not known.unread:
            return known
        age_s = max(0, int((now - order.created_at).total_seconds())) if order.is_alive else None
        if known is not None and is_same and age_s is not None and known.age_s == age_s:
            return known
        is_new = self._began is not None and order.updated_at >= self._began
        unread = age_s is None and order.state in REFUSED and is_new and order.client_order_id not in self._read
        made = OrderRow(order, instrument, "" if age_s is None else f.duration(age_s), age_s, unread)
        self._rows[order.client_order_id] = made
        return made

    def _look_at(self, index: QModelIndex) -> None:
        """Note that the trader has looked at a refusal; it goes to its place with the next frame."""
        self.edit.quiet()
        self._explain(index)
        if index.isValid() and (row := self._model.at(index.row())).unread:
            self._read |= {row.order.client_order_id}

    def _explain(self, index: QModelIndex) -> None:
        """Say under the table why the chosen order is as it is: its column has no room for a sentence."""
        order = self._model.at(index.row()).order if index.isValid() else None
        has_reason = order is not None and bool(order.reason)
        self.reason.setVisible(has_reason)
        if order is not None and has_reason:
            tone = "danger" if order.state in REFUSED else "ink2"
            side = f"{order.side.value} {order.quantity.normalize():f} {order.key.symbol}"
            self.reason.say(f"{state_words(order)} · {side}: {order.reason}", tone)

    def _change(self, index: QModelIndex) -> None:
        """Change the cell, or the first of its row that can be; the action cell is for pressing."""
        if not index.isValid() or self._model.columns[index.column()].action:
            return
        column = self._model.columns[index.column()].title
        self.edit.begin(index, column, self._model.at(index.row()).order)
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


def _age_tone(row: OrderRow) -> str:
    """Return how loud the age of an order is whose broker has not answered."""
    if row.age_s is None or row.order.state not in WAITS_FOR_WORD:
        return ""
    return "danger" if row.age_s >= LOST_S else "caution" if row.age_s >= LATE_S else ""


def _held(order: Order) -> str:
    return order.held.value if order.is_alive or order.held is Held.LOCAL else ""


def _cancel_words(row: OrderRow) -> str:
    order = row.order
    if not can_cancel(order):
        return "nothing to cancel"
    return f"Cancel {order.side.value} {f.quantity(order.remaining, row.instrument)} {order.key.symbol}"
