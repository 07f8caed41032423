"""The emergency card: what to tell the broker's desk when the line is down and a close cannot be sent."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from core.model.fill import Side
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Held, Order, OrderType
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import Shown, quote_age_s
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel, ValueLabel, name_value

NO_PHONE = "not set: [desk] in settings.toml"


def card_wanted(shown: Shown) -> bool:
    """Return whether a close was refused for want of a line, and the line is still down."""
    operation = shown.operation
    return operation is not None and operation.step is CloseStep.LINK_DOWN and not shown.link_alive


def exit_words(orders: list[Order], held: Held, shown: Shown) -> str:
    """Return the exits one side holds: "SELL 2 STOP 5045.25"; "none" when it holds none."""
    words = []
    for order in orders:
        if order.held is held:
            at = order.price if order.type is OrderType.LIMIT else order.trigger_price
            size = f.quantity(order.remaining, shown.instrument)
            words.append(f"{order.side.value} {size} {order.type.value} {f.price(at, shown.instrument)}")
    return ", ".join(words) or "none"


def exits_of(snapshot: Snapshot, shown: Shown) -> list[Order]:
    """Return the orders that may still close the position on show."""
    if shown.position is None:
        return []
    closing = Side.closing(shown.position.quantity)
    return [
        order
        for order in snapshot.orders.values()
        if order.key == shown.key and order.is_alive and order.side is closing
    ]


class EmergencyCard(QFrame):
    """Facts for the telephone.

    Signals:
        intent: ReconnectNow, AnswerClose.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("emergencyCard")
        self.setProperty("kind", "notice")
        self.setProperty("tone", "danger")
        self._shown: Shown | None = None
        self._title = TextLabel("emergencyTitle", "value", bold=True)
        self._facts = {
            name: ValueLabel(f"emergency{name.replace(' ', '')}", name, "value", bold=True)
            for name in ("Account", "Position", "Last price", "Held by broker", "Held here only", "Desk phone")
        }
        for value in self._facts.values():
            value.setWordWrap(True)  # several exits are a long line
        self.copy_button = button("emergencyCopy", "Copy", "Copy account number")
        self.retry_button = button("emergencyReconnect", "Try reconnect", "Try reconnect", "default")
        self.dismiss_button = button("emergencyDismiss", "Dismiss", "Dismiss emergency card")
        self.copy_button.clicked.connect(self._copy)
        self.retry_button.clicked.connect(self._reconnect)
        self.dismiss_button.clicked.connect(self._dismiss)
        self._lay_out()

    def refresh(self, snapshot: Snapshot, shown: Shown, now: datetime) -> None:
        """Show the facts of the scope on show; to be called only while the card is wanted."""
        self._shown = shown
        assert shown.key is not None and shown.operation is not None
        self._title.say(shown.operation.text or "The line is down: nothing was sent and nothing is queued.")
        self._facts["Account"].show_value(shown.key.account)
        position = shown.position
        held = f.held(position.quantity, shown.instrument) if position is not None else f.UNKNOWN
        entry = f" @ {f.average(position.entry_price, shown.instrument)}" if position is not None else ""
        self._facts["Position"].show_value(f"{shown.key.symbol} {held}{entry}")
        age = quote_age_s(shown, now)
        last = shown.quote.last if shown.quote is not None else None
        old = "" if age is None else f", {f.duration(age)} old"
        self._facts["Last price"].show_value(f"{f.price(last, shown.instrument)}{old}")
        exits = exits_of(snapshot, shown)
        self._facts["Held by broker"].show_value(exit_words(exits, Held.SERVER, shown))
        local = exit_words(exits, Held.LOCAL, shown)
        self._facts["Held here only"].show_value(local, "ink1" if local == "none" else "danger")
        phone = snapshot.desk.get(shown.key.connection, "")
        self._facts["Desk phone"].show_value(phone or NO_PHONE, "ink1" if phone else "ink2")
        self.dismiss_button.setVisible(CloseChoice.DISMISS in shown.operation.choices)
        name_value(self, "Emergency card", f"{shown.key.symbol} {held}, account {shown.key.account}")

    def _copy(self) -> None:
        if self._shown is not None and self._shown.key is not None:
            QGuiApplication.clipboard().setText(self._shown.key.account)

    def _reconnect(self) -> None:
        if self._shown is not None and self._shown.key is not None:
            from core.commands import ReconnectNow

            self.intent.emit(ReconnectNow(self._shown.key.connection))

    def _dismiss(self) -> None:
        if self._shown is not None and self._shown.operation is not None:
            from core.commands import AnswerClose

            self.intent.emit(AnswerClose(self._shown.operation.operation_id, CloseChoice.DISMISS))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for row, (name, label) in enumerate(self._facts.items()):
            title = TextLabel(wrap=False)
            title.say(name, "ink2")
            grid.addWidget(title, row, 0)
            grid.addWidget(label, row, 1)
        grid.addWidget(self.copy_button, 0, 2)
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.retry_button)
        buttons.addWidget(self.dismiss_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addLayout(grid)
        layout.addStretch(1)
        layout.addLayout(buttons)
